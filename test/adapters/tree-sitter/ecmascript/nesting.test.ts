import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAdapter, type BuiltAdapter } from '../built.js';

/** Prints which sources, each nested `deep` times, did not give facts. */
const SCRIPT = `
const [, adapter, deep] = process.argv;
const { SyntaxReader } = await import(new URL('syntax-reader.js', adapter));
const { compiledCore, compiledGrammar } = await import(new URL('grammars.js', adapter));
const { ParsedSource } = await import(new URL('syntax-nodes.js', adapter));
const { ecmascriptExtractors } = await import(new URL('languages/ecmascript/index.js', adapter));
const reader = await SyntaxReader.start(compiledCore());
const cases = [
  ['(', '1', ')'], ['[', '1', ']'], ['({a:', '1', '})'], ['f(', '1', ')'], ['', 'f', '(x)'], ['() => ', '1', ''], ['x => { return ', '1', '}'], ['{', ';', '}'], ['function f() {', '', '}'],
  ['if (x instanceof A) {', '', '}'], ['', 'a', '.b'], ['', 'a', '.b()'], ['!', 'a', ''], ['\`\${', '1', '}\`'], ['a ? b : ', 'c', ''], ['a = ', 'b', ''], ['a.b = ', '1', ''], ['new ', 'A', ''],
  ['class A { m() {', '', '}}'], ['({ m() { return ', '1', '} })'], ['a && (', 'b', ')'], ['<div>{', '1', '}</div>'], ['switch (a) { case 1: ', '', '}'], ['try {', '', '} catch {}'],
  ['var [a = ', '1', '] = b'], ['type A = Array<', 'B', '>'], ['f(function g() { return ', '1', '})'],
];
for (const { language, grammar, extract } of ecmascriptExtractors) {
  reader.add(grammar, compiledGrammar(grammar));
  for (const [open, inner, close] of cases) {
    const bytes = Buffer.from(open.repeat(deep) + inner + close.repeat(deep) + ';');
    const reading = reader.read(grammar, bytes, 60_000);
    try { extract(new ParsedSource(reading.grammar, reading.nodes, bytes)); } catch (error) { console.log(language, open, String(error)); }
  }
}
`;

let built: BuiltAdapter;
beforeAll(async () => {
  built = await buildAdapter();
});
afterAll(() => built.remove());

describe('nesting', () => {
  it.each([120, 1_500, 4_000])('of %d levels, of anything, fits in two thirds of the main thread\'s stack', (deep) => {
    const printed = execFileSync(process.execPath, ['--stack-size=660', '--input-type=module', '-e', SCRIPT, built.url, String(deep)], { encoding: 'utf8' });
    expect(printed).toBe('');
  }, 60_000);
});
