import { afterEach, describe, expect, it } from 'vitest';
import type { Step } from '../../../src/domain/explaining/step.js';
import { UNRESOLVED_REASONS, type Partition } from '../../../src/domain/partition.js';
import { explain } from '../../../src/use-cases/queries/explain.js';
import { withReader } from '../../../src/use-cases/queries/pinned-snapshot.js';
import { places, type Places } from './places.js';

const TYPESCRIPT = {
  'src/store.ts': `export interface Store { save(item: string): void }
export class Base { close(): void {} }
export class Memory extends Base implements Store { save(item: string): void {} }
export class Disk extends Base implements Store { save(item: string): void {} override close(): void {} }
export function openStore(): Store { return new Memory(); }
export const build = () => new Memory();
`,
  'src/index.ts': "export { openStore, build, Memory } from './store.js';\n",
  'src/main.ts': `import { openStore as open, build, Memory } from './index.js';
import { join } from 'node:path';
import { lost } from './gone.js';
const store = open();
store.save('a');
const memory = build();
memory.close();
join('a', 'b');
lost();
export function run(given, flag: boolean, callback: () => void) {
  given.save('x');
  given.unheard();
  const choice = flag ? open : build;
  choice();
  [1].map((each) => each);
  memory.nothing();
  callback();
  (() => 1)();
}
class Many extends Memory { twice() { super.save('b'); this.close(); } }
`,
};

const PYTHON = {
  'shop.py': `class Base:
    def close(self): pass
class Shop(Base):
    def __init__(self, name): self.name = name
    def greet(self): return self.name.upper()
def make(): return Shop("a")
shop = make()
shop.close()
shop.greet()
print(shop)
`,
};

let opened: Places | undefined;
afterEach(async () => opened?.bench.ports.parser.close());

async function open(...args: Parameters<typeof places>): Promise<Places> {
  return (opened = await places(...args));
}

/** Steps in the order in which a person reads them: `rule text @path:line`. */
function lines(steps: readonly Step[], depth = 0): string[] {
  return steps.flatMap(({ rule, text, path, line, steps: inner = [] }) => [`${'  '.repeat(depth)}${rule}: ${text}${path === undefined ? '' : ` @${path}:${line ?? 0}`}`, ...lines(inner, depth + 1)]);
}

describe('how a call was resolved', () => {
  it('a member of what a function returns: import, re-export, declared result, member, override', async () => {
    const { results } = await (await open(TYPESCRIPT)).explain('src/main.ts', 'store.^save');
    expect(results).toHaveLength(1);
    const [site] = results;
    expect(site).toMatchObject({ callee: 'store.save', name: 'save', verdict: 'resolved', rule: 'certain', line: 5, column: 7 });
    expect(site?.targets.map(({ id, certainty, rule, path, line }) => [id, certainty, rule, path, line])).toEqual([
      ['src/store.ts#Store.save().', 'certain', 'certain', 'src/store.ts', 1],
      ['src/store.ts#Disk.save().', 'candidate', 'override', 'src/store.ts', 4],
      ['src/store.ts#Memory.save().', 'candidate', 'override', 'src/store.ts', 3],
    ]);
    expect(lines(site?.steps ?? [])).toEqual([
      'own-member: store.save → function Store.save',
      '  assigned-value: store → something of type Store',
      '    assigned-value: store is given open() @src/main.ts:4',
      '      call: open() → something of type Store @src/main.ts:4',
      '        import: open → function openStore',
      '          import: open is openStore, imported from "./index.js": src/index.ts @src/main.ts:1',
      '          re-export: openStore, exported again from "./store.js": src/store.ts @src/index.ts:1',
      '          declaration: it is the function openStore @src/store.ts:5',
      '        declared-return: openStore is declared to return Store → something of type Store @src/store.ts:5',
      '          declaration: the type is the interface Store @src/store.ts:1',
      '  own-member: save of something of type Store is the method Store.save @src/store.ts:1',
      'certain: one definition, and no other value is possible',
      'override: the receiver may be of a derived class: 2 members override it and are candidates',
    ]);
  });

  it('an inherited member of what an undeclared result is found to be', async () => {
    const [site] = (await (await open(TYPESCRIPT)).explain('src/main.ts', 'memory.^close')).results;
    const told = lines(site?.steps ?? []);
    expect(told).toContainEqual(expect.stringMatching(/inferred-return: build has no declared result; it returns @src\/store\.ts:6$/));
    expect(told).toContainEqual(expect.stringMatching(/inherited-member: close of instance of Memory is the method Base\.close @src\/store\.ts:2$/));
  });

  it.each([
    ['an untyped parameter: candidates by name, and why nothing better is known', 'given.^save', 'candidates', 'name-match', 'untyped-parameter'],
    ['an untyped parameter without candidates', 'given.^unheard', 'unresolved', 'unresolved', 'untyped-parameter'],
    ['one of two values', '^choice()', 'candidates', 'several-values', undefined],
    ['a missing module', '^lost()', 'unresolved', 'unresolved', 'missing-import'],
    ['a member that the receiver has not', 'memory.^nothing', 'unresolved', 'unresolved', 'unknown-member'],
    ['a library', '^join(', 'external', 'outside', undefined],
    ['a member of the language\'s own types', '.^map((', 'external', 'outside', undefined],
    ['super', 'super.^save', 'resolved', 'certain', undefined],
    ['a parameter of a function type', '^callback()', 'unresolved', 'unresolved', 'dynamic-callee'],
  ])('%s', async (_, marked, verdict, rule, reason) => {
    const [site] = (await (await open(TYPESCRIPT)).explain('src/main.ts', marked)).results;
    expect(site).toMatchObject({ verdict, rule });
    expect(site?.reason).toBe(reason);
  });

  it('an untyped parameter is told where it is declared', async () => {
    const [site] = (await (await open(TYPESCRIPT)).explain('src/main.ts', 'given.^unheard')).results;
    expect(lines(site?.steps ?? [])).toContainEqual(expect.stringMatching(/untyped-parameter: the parameter given has no type: .* @src\/main\.ts:10$/));
  });

  it('Python: constructors, methods along the line of bases, builtin tables', async () => {
    const { ports } = await open(PYTHON);
    const [close] = (await explain(ports, { at: 'shop.py:8' })).results;
    expect(close?.targets).toMatchObject([{ id: 'shop.py#Base.close().', certainty: 'certain' }]);
    expect(lines(close?.steps ?? [])).toContainEqual(expect.stringMatching(/construction: calling class Shop makes an instance of it$/));
    expect((await explain(ports, { at: 'shop.py:10' })).results).toMatchObject([{ callee: 'print', verdict: 'external', targets: [{ id: 'external:builtins#print' }] }]);
  });

  it('without a column: every call of the line; where there is none, says what there is', async () => {
    const { ports } = await open(TYPESCRIPT);
    expect((await explain(ports, { at: 'src/main.ts:20' })).results.map((site) => site.callee)).toEqual(['super.save', 'this.close']);
    expect(await explain(ports, { at: 'src/main.ts:5:1' })).toMatchObject({ results: [], nothing: { reason: 'no-site', message: 'Nothing is called at src/main.ts:5:1; calls of the line: src/main.ts:5:7 (save).' } });
    expect(await explain(ports, { at: 'src/main.ts:3' })).toMatchObject({ nothing: { message: 'Nothing is called at src/main.ts:3.' } });
  });

  it.each([['TypeScript', TYPESCRIPT], ['Python', PYTHON]])('says of every site what the index says of it: %s', async (_, tree) => {
    const { ports } = await open(tree);
    const partitions = await withReader(ports, {}, {}, async (reader) => {
      const all: Partition[] = [];
      for await (const batch of reader.partitions()) all.push(...batch);
      return all;
    });
    let told = 0;
    for (const { path, edges, unresolved, nodes } of partitions) {
      const last = nodes[0]?.range?.end.line ?? 0;
      const counts = { resolved: 0, candidates: 0, external: 0, unresolved: 0 };
      for (let line = 1; line <= last; line++) {
        for (const site of (await explain(ports, { at: `${path}:${line}` })).results) {
          told++;
          counts[site.verdict]++;
          const here = ({ line: row, column }: { readonly line: number; readonly column: number }): boolean => row === site.line && column === site.column;
          const expected = edges.filter((edge) => edge.kind === 'CALLS' && edge.sites.some(here)).map((edge) => `${edge.certainty} ${edge.to}`);
          expect(site.targets.map((target) => `${target.certainty} ${target.id}`).sort()).toEqual(expected.sort());
          if (site.verdict === 'unresolved') expect(unresolved.filter(here)).toMatchObject([{ reason: site.reason }]);
          if (site.reason !== undefined) expect(UNRESOLVED_REASONS).toContain(site.reason);
        }
      }
      expect(counts).toEqual(partitions.find((partition) => partition.path === path)?.verdicts);
    }
    expect(told).toBeGreaterThan(5);
  });
});
