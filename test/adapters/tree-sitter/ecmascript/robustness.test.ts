import { describe, expect, it } from 'vitest';
import { definitions, factsOf, js, ts, tsx, type Language } from './ecmascript-facts.js';

const SAMPLE = `
import a, { b as c } from 'd';
@dec() export class E<T> extends F(g)<T> implements H { #i = (j) => this.k?.[l]; get m() { return super.n; } constructor(private o: P = q) { super(...r); } static { s(); } }
export const { t, u: [v = w], ...x } = await import('y');
for (const [z] of aa) if (z instanceof BB) continue; else label: while (cc) { break label; }
namespace DD.EE { export type FF<G> = { [K in keyof G]: G[K] } | typeof import('hh') | (a: A) => a is B; enum II { A = 1 } }
module.exports = { jj() {}, get kk() { return \`a\${ll}\`; }, ...mm }; exports.nn = function oo() {}; switch (pp) { case 1: default: } try {} catch ({ qq }) {} finally {}
/** @param {A<B} a @typedef {C */
function rr(this: S, tt?: U): asserts tt is V;
`;

describe('damaged ECMAScript', () => {
  it('keeps what is sound and names the first bad line once', () => {
    const facts = ts('function a() {}\nconst x = = 1;\nclass B { m() {} }\n}}}\n');
    expect(definitions(facts)).toEqual(expect.arrayContaining(['function a', 'class B', 'method B.m']));
    expect(facts.diagnostics).toMatchObject([{ code: 'syntax-error', line: 2 }]);
  });

  it('never throws: every prefix and every file with a piece cut out gives well-formed facts', () => {
    for (const language of ['typescript', 'tsx', 'javascript'] satisfies Language[]) {
      for (let at = 0; at < SAMPLE.length; at += 7) {
        expect(() => factsOf(language, SAMPLE.slice(0, at)), `${language} up to ${at}`).not.toThrow(/TypeError|RangeError|Maximum/);
        expect(() => factsOf(language, SAMPLE.slice(0, at) + SAMPLE.slice(at + 7)), `${language} without ${at}`).not.toThrow(/TypeError|RangeError|Maximum/);
      }
    }
  }, 60_000);

  it.each([
    ['parentheses', '(', '1', ')'], ['arrays', '[', '1', ']'], ['objects', '({a:', '1', '})'], ['calls', 'f(', '1', ')'], ['arrows', '() => ', '1', ''], ['blocks', '{', ';', '}'],
    ['functions', 'function f() {', '', '}'], ['conditions', 'if (a) ', ';', ''], ['members', '', 'a', '.b'], ['call chains', '', 'a', '.b()'], ['negations', '!', 'a', ''], ['templates', '`${', '1', '}`'],
    ['choices', 'a ? b : ', 'c', ''], ['assignments', 'a = ', 'b', ''], ['news', 'new ', 'A', ''], ['classes', 'class A { m() {', '', '}}'],
  ])('says where %s nest too deeply instead of failing', (_, open, inner, close) => {
    const deep = open.repeat(4_000) + inner + close.repeat(4_000);
    for (const read of [js, ts]) {
      const facts = read(`${deep};\nfunction last() {}\n`);
      expect(facts.diagnostics.filter(({ code }) => code === 'too-deep').length).toBeLessThanOrEqual(1);
    }
    expect(js(`${open.repeat(2_000)}${inner}${close.repeat(2_000)};\n`).diagnostics.map(({ code }) => code)).toContain('too-deep');
  });

  it('says where types nest too deeply', () => {
    expect(ts(`type A = ${'Array<'.repeat(3_000)}B${'>'.repeat(3_000)};\n`).diagnostics.map(({ code }) => code)).toContain('too-deep');
    expect(ts(`type A = ${'{ a: '.repeat(3_000)}B${' }'.repeat(3_000)};\n`).diagnostics.map(({ code }) => code)).toContain('too-deep');
  });

  it('reads empty files, comments only, a byte order mark and a script line', () => {
    for (const source of ['', '\n', '// a', '/** a', '\uFEFFconst a = 1;', '#!/usr/bin/env node\nf();\n']) expect(() => js(source)).not.toThrow();
    expect(js('').moduleKind).toBe('script');
    expect(tsx('const A = <div>{</div>;\n').diagnostics).toMatchObject([{ code: 'syntax-error' }]);
  });
});
