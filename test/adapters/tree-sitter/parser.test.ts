import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTreeSitterParser } from '../../../src/adapters/tree-sitter/parser.js';
import { decodeFacts } from '../../../src/domain/facts-codec.js';
import type { Parser, ParserInput, ParserOutput } from '../../../src/domain/ports/parser.js';
import { parserContract, type ParserSample } from '../../../src/testing/contracts/parser.js';
import { buildAdapter, type BuiltAdapter } from './built.js';

const samples: readonly ParserSample[] = [
  {
    path: 'src/shop.ts',
    source: `import { save, type Store } from './store.js';
export class Shop<T extends Store> extends Base implements Open {
  private readonly stock: Map<string, T> = new Map();
  constructor(readonly store: T) { super(); }
  async open(name = 'é😀'): Promise<T | undefined> { await save(this.stock.get(name)); return this.stock.get(name); }
}
export const open = (shop: Shop<Store>) => shop.open();
`,
    damaged: 'export class Shop { open( { return }\n',
  },
  {
    path: 'src/view.tsx',
    source: `import { useState } from 'react';
export function View({ name }: { name: string }) {
  const [count, setCount] = useState(0);
  return <Panel title={name}><button onClick={() => setCount(count + 1)}>{format(count)}</button></Panel>;
}
`,
    damaged: 'export function View( { return <a><b></a> }\n',
  },
  {
    path: 'lib/app.js',
    source: `const http = require('http');
module.exports = function app(options = {}) { return http.createServer((req, res) => handle(req, res, options)); };
function handle(req, res) { res.end(\`\${req.url}\`); }
`,
    damaged: 'function ( { return = }\n',
  },
  {
    path: 'shop/cart.py',
    source: `from .store import save as keep
@dataclass
class Cart(Base):
    """A cart."""
    items: list[str] = field(default_factory=list)
    async def add(self, name: str, *rest) -> None:
        keep([n.strip() for n in (name, *rest)])
def main():
    Cart().add('é😀')
`,
    damaged: 'class Cart(Base:\n    def add(self, = 3\n',
  },
];

parserContract('the tree-sitter parser in this thread', async () => ({
  parser: createTreeSitterParser({ workers: 0 }),
  another: async () => createTreeSitterParser({ workers: 0, timeoutMs: 20_000 }),
  samples,
}));

describe('the tree-sitter parser as built', () => {
  let built: BuiltAdapter;
  beforeAll(async () => {
    built = await buildAdapter();
  });
  afterAll(() => built.remove());

  parserContract('with worker threads', async () => ({
    parser: built.createTreeSitterParser({ workers: 2 }),
    another: async () => built.createTreeSitterParser({ workers: 0 }),
    samples,
  }));

  const collect = async (parser: Parser, sources: Iterable<ParserInput>): Promise<ParserOutput[]> => {
    const all: ParserOutput[] = [];
    for await (const output of parser.extract(sources)) all.push(output);
    return all;
  };

  it('gives the facts of 300 files byte for byte as one thread does', async () => {
    const inputs = samples.flatMap(({ path, source }, s) => Array.from({ length: 75 }, (_, i) => ({
      key: `${s}:${i}`, language: languageOf(path), bytes: new TextEncoder().encode(source.slice(0, source.length - (i % 25)).repeat(1 + (i % 3))),
    })));
    const one = built.createTreeSitterParser({ workers: 0 });
    const three = built.createTreeSitterParser({ workers: 3 });
    const byKey = (outputs: ParserOutput[]): [string, string][] => outputs.map(({ key, facts }): [string, string] => [key, Buffer.from(facts).toString()]).sort();
    expect(byKey(await collect(three, inputs))).toEqual(byKey(await collect(one, inputs)));
    await Promise.all([one.close(), three.close()]);
  });

  it('gives a huge file’s memory back and goes on', { timeout: 60_000 }, async () => {
    const parser = built.createTreeSitterParser({ workers: 1, maxBytes: 16 << 20, timeoutMs: 60_000 });
    const huge = { key: 'huge', language: 'javascript', bytes: new TextEncoder().encode('f(a);\n'.repeat(800_000)) };
    const small = { key: 'small', language: 'javascript', bytes: new TextEncoder().encode('f(a);\n') };
    let workers = 0;
    const count = (): void => void workers++;
    process.on('worker', count);
    const outputs = await collect(parser, [small, huge, small, small]);
    process.off('worker', count);
    expect(outputs.map(({ key, diagnostics }) => [key, diagnostics])).toEqual([['small', []], ['huge', []], ['small', []], ['small', []]]);
    expect(workers).toBe(2);
    await parser.close();
  });

  it('never keeps the process alive: not idle, not left unclosed, not in the middle', async () => {
    const script = (body: string): string => `import { createTreeSitterParser } from ${JSON.stringify(built.url)};
      const parser = createTreeSitterParser({ workers: 2 });
      const file = (text) => ({ key: text, language: 'python', bytes: new TextEncoder().encode(text) });
      ${body}`;
    const run = (body: string): Promise<{ stdout: string; stderr: string }> => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script(body)], { timeout: 20_000 });
    expect(await run(`for await (const { key } of parser.extract(['a()', 'b()'].map(file))) console.log(key);`)).toMatchObject({ stdout: expect.stringMatching(/^[ab]\(\)\n[ab]\(\)\n$/), stderr: '' });
    expect(await run(`for await (const { key } of parser.extract(Array(99).fill('a()').map(file))) { console.log(key); break; }`)).toEqual({ stdout: 'a()\n', stderr: '' });
    expect(await run(`for await (const { key } of parser.extract(Array(99).fill('a()').map(file))) { console.log(key); await parser.close(); break; }`)).toEqual({ stdout: 'a()\n', stderr: '' });
  });
});

describe('createTreeSitterParser', () => {
  it('takes a path by its ending, whatever its case, and a script by its interpreter', () => {
    expect(['a.ts', 'A.TS', 'a.d.ts', 'a.mts', 'a.cts', 'a.tsx', 'a.js', 'a.jsx', 'a.mjs', 'a.cjs', 'b/a.py', 'a.pyi'].map(languageOf)).toEqual([
      'typescript', 'typescript', 'typescript', 'typescript', 'typescript', 'tsx', 'javascript', 'javascript', 'javascript', 'javascript', 'python', 'python',
    ]);
    expect(['a.tsv', '.ts', 'ts', 'a.json', 'a.py.txt'].map((path) => parser.languageOf(path))).toEqual([undefined, undefined, undefined, undefined, undefined]);
    const scripts = ['#!/usr/bin/env node', '#!/usr/bin/node --harmony', '#!/usr/bin/env -S A=1 python3.12 -u', '#! /usr/bin/python3', '#!/bin/sh', 'node', '#!'];
    expect(scripts.map((line) => parser.languageOf('bin/run', line))).toEqual(['javascript', 'javascript', 'python', 'python', undefined, undefined, undefined]);
  });

  it('reads only the languages asked for', async () => {
    const python = createTreeSitterParser({ workers: 0, languages: ['python'] });
    expect(python.languages).toEqual(['python']);
    expect([python.languageOf('a.py'), python.languageOf('a.ts')]).toEqual(['python', undefined]);
    expect(python.version).toBe(parser.version);
    for await (const { diagnostics } of python.extract([{ key: 'a', language: 'typescript', bytes: new Uint8Array() }])) expect(diagnostics).toMatchObject([{ code: 'parser-failed' }]);
  });

  it('has another version where larger files are read', () => {
    expect(createTreeSitterParser({ maxBytes: 1 << 20 }).version).not.toBe(parser.version);
    expect(createTreeSitterParser({ timeoutMs: 1 }).version).toBe(parser.version);
  });

  it('reads files up to maxBytes', async () => {
    const small = createTreeSitterParser({ workers: 0, maxBytes: 5 });
    const outputs = new Map<string, unknown>();
    for await (const { key, facts } of small.extract(['f()\n\n', 'f()\n\n\n'].map((text) => ({ key: text, language: 'python', bytes: new TextEncoder().encode(text) })))) outputs.set(key, decodeFacts(facts).diagnostics.map(({ code }) => code));
    expect([...outputs]).toEqual([['f()\n\n', []], ['f()\n\n\n', ['too-large']]]);
  });

  it('refuses options out of range', () => {
    for (const options of [{ workers: -1 }, { workers: 1.5 }, { maxBytes: 0 }, { timeoutMs: Number.NaN }, { languages: ['cobol'] }, { workers: 2 }]) {
      expect(() => createTreeSitterParser(options), JSON.stringify(options)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    }
  });

  it('extracts nothing once it is closed', async () => {
    const closed = createTreeSitterParser();
    await closed.close();
    expect(() => closed.extract([])).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  const parser = createTreeSitterParser({ workers: 0 });
});

function languageOf(path: string): string {
  const parser = createTreeSitterParser({ workers: 0 });
  return parser.languageOf(path) ?? 'none';
}
