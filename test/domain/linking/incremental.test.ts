import { afterAll, describe, expect, it } from 'vitest';
import { createTreeSitterParser } from '../../../src/adapters/tree-sitter/parser.js';
import { decodeFacts } from '../../../src/domain/facts-codec.js';
import type { FileFacts } from '../../../src/domain/file-facts.js';
import { linkIncrementally } from '../../../src/domain/linking/incremental.js';
import { isConfiguration } from '../../../src/domain/linking/languages/index.js';
import type { Linkage } from '../../../src/domain/linking/linkage.js';
import type { LinkSource } from '../../../src/domain/linking/linker.js';
import { encodePartition } from '../../../src/domain/partition-codec.js';
import { compareText, type Partition } from '../../../src/domain/partition.js';

const parser = createTreeSitterParser({ workers: 0 });
afterAll(() => parser.close());

type Files = Readonly<Record<string, string>>;

interface Linked {
  readonly partitions: ReadonlyMap<string, Partition>;
  /** Files that were linked, the others having stayed. */
  readonly linked: readonly string[];
  /** Files whose facts were asked for. */
  readonly read: readonly string[];
  readonly linkage: Linkage;
}

const known = new Map<string, FileFacts>();

/** Links as a run does: facts are at hand only once they were asked for. */
async function link(files: Files, before?: Linked, sessionBytes?: number): Promise<Linked> {
  const sources: (LinkSource & { hold: (facts: FileFacts) => void })[] = [];
  for (const [path, text] of Object.entries(files).sort(([a], [b]) => compareText(a, b))) {
    const language = parser.languageOf(path);
    if (language === undefined) continue;
    const version = `${language} ${text}`;
    if (!known.has(version)) for await (const { facts } of parser.extract([{ key: path, language, bytes: new TextEncoder().encode(text) }])) if (facts !== undefined) known.set(version, decodeFacts(facts));
    let held: FileFacts | undefined;
    sources.push({ path, blob: version, language, version, facts: () => held, hold: (facts) => { held = facts; } });
  }
  const partitions = new Map<string, Partition>();
  const linked: string[] = [];
  const read = new Set<string>();
  let linkage: Linkage | undefined;
  const context = { paths: new Set(Object.keys(files)), configuration: (path: string) => (isConfiguration(path) ? files[path] : undefined) };
  const contextVersion = JSON.stringify(Object.entries(files).map(([path, text]) => [path, isConfiguration(path) ? text : '']));
  for (const step of linkIncrementally({ sources, context, contextVersion, previous: before?.linkage, earlier: (version) => known.get(version) }, sessionBytes === undefined ? {} : { sessionBytes })) {
    if (step.kind === 'needs') {
      for (const { path, version } of step.sources) {
        const facts = known.get(version);
        if (facts !== undefined) sources.find((source) => source.path === path)?.hold(facts);
        read.add(path);
      }
    } else if (step.kind === 'linked') {
      partitions.set(step.partition.path, step.partition);
      linked.push(step.partition.path);
    } else if (step.kind === 'unchanged') {
      const stayed = before?.partitions.get(step.path);
      if (stayed !== undefined) partitions.set(step.path, stayed);
    } else linkage = step.linkage;
  }
  if (linkage === undefined) throw new Error('linking remembered nothing');
  // what is remembered goes through a store
  return { partitions, linked: [...new Set(linked)], read: [...read], linkage: JSON.parse(JSON.stringify(linkage)) as Linkage };
}

/** Links `before`, then `after` on top of it; the outcome must be that of linking `after` alone. */
async function change(before: Files, after: Files): Promise<Linked> {
  const incremental = await link(after, await link(before));
  const clean = await link(after);
  const texts = ({ partitions }: Linked): readonly string[] => [...partitions].sort(([a], [b]) => compareText(a, b)).map(([, partition]) => encodePartition(partition));
  expect(texts(incremental)).toEqual(texts(clean));
  // nor does it matter how often the linker's memory is emptied on the way
  expect(texts(await link(after, undefined, 1))).toEqual(texts(clean));
  return incremental;
}

function calls({ partitions }: Linked, path: string): readonly string[] {
  return (partitions.get(path)?.edges ?? []).filter((edge) => edge.kind === 'CALLS').map((edge) => `${edge.to} ${edge.certainty}`);
}

const SHOP: Files = {
  'src/cart.ts': `import { price } from './price.js';\nexport class Cart { total() { return price(this); } }\n`,
  'src/price.ts': `export function price(of: unknown) { return round(1); }\nfunction round(n: number) { return n; }\n`,
  'src/main.ts': `import { Cart } from './cart.js';\nnew Cart().total();\n`,
  'src/other.ts': `export function alone() { return 1; }\nalone();\n`,
};

describe('what a change reaches', () => {
  it('is the file alone when no other can tell the difference', async () => {
    const { linked, read } = await change(SHOP, { ...SHOP, 'src/price.ts': `// moved down\n${SHOP['src/price.ts'] ?? ''}` });
    expect(linked).toEqual(['src/price.ts']);
    expect(read).toEqual(['src/price.ts']);
  });

  it('is whoever looked at what changed, through other files too', async () => {
    const before = { ...SHOP, 'src/cart.ts': `export { Cart } from './basket.js';\n`, 'src/basket.ts': `export class Cart { total() {} }\n` };
    const after = await change(before, { ...before, 'src/basket.ts': `export class Cart { sum() {} }\n` });
    expect(after.linked).toEqual(['src/basket.ts', 'src/main.ts']);
    expect(calls(after, 'src/main.ts')).toEqual(['src/basket.ts#Cart# certain']);
  });

  it('is an import that led nowhere, once there is a file of that name, and again when it goes', async () => {
    const { 'src/price.ts': price = '', ...without } = SHOP;
    const added = await change(without, SHOP);
    expect(added.linked).toContain('src/cart.ts');
    expect(calls(added, 'src/cart.ts')).toEqual(['src/price.ts#price(). certain']);
    const removed = await change({ ...without, 'src/price.ts': price }, without);
    expect(removed.linked).toEqual(['src/cart.ts', 'src/main.ts']);
  });

  it('is what configuration leads elsewhere', async () => {
    const before = { ...SHOP, 'src/main.ts': `import { alone } from '@/other';\nalone();\n`, 'tsconfig.json': '{}' };
    const after = await change(before, { ...before, 'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }' });
    expect(after.linked).toEqual(['src/main.ts']);
    expect(calls(after, 'src/main.ts')).toEqual(['src/other.ts#alone(). certain']);
  });

  it('is a call on an unknown receiver, once another method has the name', async () => {
    const before = { ...SHOP, 'src/main.ts': `import './cart.js';\nimport './other.js';\nexport function run(x) { x.total(); }\n` };
    const after = await change(before, { ...before, 'src/other.ts': 'export class Bill { total() {} }\n' });
    expect(after.linked).toEqual(['src/main.ts', 'src/other.ts']);
    expect(calls(after, 'src/main.ts')).toEqual(['src/cart.ts#Cart.total(). candidate', 'src/other.ts#Bill.total(). candidate']);
  });

  it('is a call that a new override may answer', async () => {
    const before = { ...SHOP, 'src/main.ts': `import { Cart } from './cart.js';\nexport function run(cart: Cart) { cart.total(); }\n` };
    const after = await change(before, { ...before, 'src/gift.ts': `import { Cart } from './cart.js';\nexport class Gift extends Cart { total() { return 0; } }\n` });
    expect(calls(after, 'src/main.ts')).toContain('src/gift.ts#Gift.total(). candidate');
    expect(after.linked).not.toContain('src/price.ts');
  });

  it('is what `super` reaches in the line of a new class (Python)', async () => {
    const before = {
      'base.py': 'class Base:\n    def run(self):\n        pass\n',
      'left.py': 'from base import Base\n\nclass Left(Base):\n    def run(self):\n        super().run()\n',
      'right.py': 'from base import Base\n\nclass Right(Base):\n    def run(self):\n        pass\n',
    };
    const after = await change(before, { ...before, 'both.py': 'from left import Left\nfrom right import Right\n\nclass Both(Left, Right):\n    pass\n' });
    expect(calls(after, 'left.py')).toContain('right.py#Right.run(). candidate');
    expect(after.linked).not.toContain('right.py');
  });

  it('is a name that a script gives to all', async () => {
    const before = { 'a.js': 'function shared() {}\n', 'b.js': 'shared();\n', 'c.js': 'other();\n' };
    const after = await change(before, { ...before, 'a.js': 'function other() {}\n' });
    expect(after.linked).toEqual(['a.js', 'b.js', 'c.js']);
  });

  it('is nothing when nothing changed', async () => {
    expect(await change(SHOP, SHOP)).toMatchObject({ linked: [], read: [] });
  });
});
