import type { Parser } from 'web-tree-sitter';
import { byteOffsets, walkCursor } from './cursor-walk.js';
import type { GrammarTables, KindNames } from './grammar-tables.js';
import { walkMemory } from './memory-walk.js';
import { SyntaxNodes } from './syntax-nodes.js';
import { addressOf, type WasmCore } from './wasm-core.js';

/** What there must be in a sample for the comparison to mean something: alias, field, hidden list, comment, wide characters, a token of over 255 bytes, zero-width tokens. */
const LONG = 'x'.repeat(300);
const SAMPLES: Readonly<Record<string, string>> = {
  'tree-sitter-javascript.wasm': `/* ${LONG} */\nimport d, { a as b } from 'm';\nexport class A extends B { static #p = 1; async *m(x = \`é\${b}😀\`) { return this.#p?.[x] } }
const { q, ...r } = { s: [1, , 2], 't': /re/g };   // ß 漢字
for await (const x of y) if (x) break; else label: continue\nvar z = async (v) => v && <B k="v" {...r}>t {q}</B>\nf\`x\`; new.target\n`,
  'tree-sitter-typescript.wasm': `/* ${LONG} */\nimport type { T } from 'm';\nexport abstract class A<U extends T = T> implements I { private readonly p?: string = 'é😀'; constructor(public q: number) { super() } get m(): this is A { return true } }
interface I extends J { (x: number): void; readonly [k: string]: unknown; m?(): void }   // ß 漢字
enum E { A = 1, 'B' }\ndeclare module 'x' { export default function f(a: typeof b, ...c: T[]): asserts a is U }\nconst v = <const>{ s: [1, 2] as T[], ['t']: x! }\ntype C = A extends infer X ? X['k'] : keyof E\n@dec() class D {}\n`,
  'tree-sitter-tsx.wasm': `/* ${LONG} */\nimport React, { type T } from 'm';\nexport const C = <P,>({ a, ...b }: P): JSX.Element => <><A.B k="é😀" {...b}>t {a as T}</A.B></>   // ß 漢字
class D<P> extends R.Component<P> { static s?: number; override render() { return <D key={1} /> } }\ninterface I { m?(): void }\n`,
  'tree-sitter-python.wasm': `# ${LONG}\nfrom .m import a as b, c\n@dec(1)\nasync def f(x: int = 1, /, *args, k='é', **kw) -> list[str]:\n    """ß 漢字 😀"""\n    async with a as y, b:\n        return [z for z in x if not z]
class A(B, metaclass=M):\n    x: int\n    def m(self):\n        if self.x: pass\n        elif (n := 1) in x: raise E from e\n        else:\n            try: print(f"{n!r:>{x}}", *a)\n            except* E as e: ...\n\n        # end\nmatch x:\n    case {'a': [1, *_]} if y: del x\nlambda: 0\n`,
};

/** Reads a grammar's sample through both readers and compares every array: '' when they agree, else what differs. Under 50 ms. */
export function compareReaders(core: WasmCore, grammar: { readonly file: string; readonly parser: Parser; readonly names: KindNames; readonly tables: GrammarTables }): string {
  const sample = SAMPLES[grammar.file];
  if (sample === undefined) return 'no sample for this grammar';
  const { parser, names, tables } = grammar;
  const memory = new SyntaxNodes(256);
  const cursor = new SyntaxNodes(256);

  const text = sample + '\n'.repeat(300) + sample;
  const whole = parser.parse(text);
  if (whole === null) return 'no tree';
  walkCursor(whole, names, cursor, byteOffsets(text));
  whole.delete();
  const bytes = Buffer.from(text);
  const tree = core.parse(parser, bytes);
  try {
    walkMemory(core.exports, tree, bytes.length, tables, memory);
  } finally {
    core.free(tree);
  }
  const difference = firstDifference(memory, cursor, 1);
  if (difference !== '') return difference;

  // Recovery depends on the encoding, so damaged text is compared over one tree, whose memory counts two bytes a UTF-16 unit.
  for (const damaged of [`${sample.slice(0, sample.length * 0.6)} ) = ; ( class {\n`, `${sample}(a`, sample.replaceAll(')', '')]) {
    const shared = parser.parse(damaged);
    if (shared === null) return 'no tree';
    try {
      walkCursor(shared, names, cursor, null);
      walkMemory(core.exports, addressOf(shared), damaged.length * 2, tables, memory);
    } finally {
      shared.delete();
    }
    const damage = firstDifference(memory, cursor, 2);
    if (damage !== '') return `damaged: ${damage}`;
  }
  return '';
}

function firstDifference(memory: SyntaxNodes, cursor: SyntaxNodes, unit: 1 | 2): string {
  if (memory.count !== cursor.count || memory.depth !== cursor.depth) return `${memory.count} nodes, expected ${cursor.count}`;
  for (const column of ['kind', 'field', 'flags', 'start', 'end', 'row', 'column', 'parent', 'next'] as const) {
    const scale = column === 'start' || column === 'end' || column === 'column' ? unit : 1;
    for (let i = 0; i < memory.count; i++) {
      const is = memory[column][i];
      const expected = (cursor[column][i] ?? 0) * scale;
      if (is !== expected) return `${column} of node ${i} is ${is}, expected ${expected}`;
    }
  }
  return '';
}
