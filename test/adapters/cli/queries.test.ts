import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandLine, type CommandLine } from './command-line.js';

const FILES = {
  'src/store.ts': `/** Keeps things. */
export interface Store { get(key: string): string | undefined }
export class MemoryStore implements Store {
  private readonly entries = new Map<string, string>();
  get(key: string): string | undefined { return this.entries.get(key); }
  set(key: string, value: string): void { this.entries.set(key, value); }
}
`,
  'src/main.ts': `import { MemoryStore, type Store } from './store.js';
export function main(): void {
  const store = new MemoryStore();
  store.set('a', 'b');
  show(store);
}
function show(store: Store): void { console.log(store.get('a')); }
main();
`,
  'tool.py': `def main():
    return helper()

def helper():
    return 1
`,
};

/** Keys of a value, nested, without the values: what programs rely on. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
}

describe('questions on the command line', () => {
  let cli: CommandLine;
  beforeAll(async () => {
    cli = createCommandLine(FILES);
    expect(await cli.run('index')).toMatchObject({ code: 0 });
  });
  afterAll(() => cli.remove());

  it('callers: a table with path:line, and how complete it is', async () => {
    const { code, stdout } = await cli.run('callers', 'MemoryStore.set');
    expect(code).toBe(0);
    expect(stdout).toBe(`NAME  KIND      CALLED AT      DEFINED AT
main  function  src/main.ts:4  src/main.ts:2

1 caller of MemoryStore.set (method, src/store.ts:6): exact.
`);
  });

  it('writes paths relative to the current folder, so that a terminal opens them', async () => {
    const { stdout } = await cli.runWith({ folder: join(cli.folder, 'src') }, 'callers', 'MemoryStore.set');
    expect(stdout).toContain('main  function  main.ts:4  main.ts:2');
  });

  it('callees: what it calls, externals too', async () => {
    const { code, stdout } = await cli.run('callees', 'src/main.ts#main');
    expect(code).toBe(0);
    expect(stdout).toMatch(/MemoryStore\s+class\s+src\/main\.ts:3\s+src\/store\.ts:3/);
    expect(stdout).toMatch(/show\s+function\s+src\/main\.ts:5/);
  });

  it('references: uses of every kind', async () => {
    const { code, stdout } = await cli.run('references', 'Store');
    expect(code).toBe(0);
    expect(stdout).toMatch(/MemoryStore\s+class/);
    expect(stdout).toMatch(/show\s+function/);
  });

  it('symbols: by a part of their name, and of a kind', async () => {
    const all = await cli.run('symbols', 'store');
    expect(all.stdout).toMatch(/MemoryStore\.get\s+method\s+src\/store\.ts:5/);
    const classes = await cli.run('symbols', 'store', '--kind', 'class');
    expect(classes.stdout).toMatch(/^NAME[^\n]*\nMemoryStore [^\n]*\n\n1 symbol: exact\.\n$/);
  });

  it('show: the symbol itself above its relations', async () => {
    const { code, stdout } = await cli.run('show', 'Store');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Store {2}exported interface\n/);
    expect(stdout).toContain('Keeps things.');
    expect(stdout).toMatch(/<- IMPLEMENTS\s+MemoryStore/);
  });

  it('show: what stands at no place of its own is at its definition', async () => {
    expect((await cli.run('show', 'MemoryStore')).stdout).toMatch(/-> CONTAINS +MemoryStore\.set +method +src\/store\.ts:6 +src\/store\.ts:6\n/);
  });

  it('a snapshot that is not kept: says what names one, and how one is made', async () => {
    expect(await cli.run('diff', 'HEAD~1')).toMatchObject({ code: 2, stderr: expect.stringMatching(/no snapshot HEAD~1 of .*none kept has this id, this commit or this branch[^]*codeloom index --ref/) });
  });

  it('impact: nearest first, within a depth', async () => {
    const { code, stdout } = await cli.run('impact', 'MemoryStore.set');
    expect(code).toBe(0);
    expect(stdout).toMatch(/ 1 {2}CALLS\s+main\s+function\s+src\/main\.ts:4/);
    expect(stdout).toMatch(/ 2 {2}CALLS\s+src\/main\.ts\s+file/);
    const near = await cli.run('impact', 'MemoryStore.set', '--depth', '1');
    expect(near.stdout).not.toMatch(/ 2 {2}CALLS/);
    expect(near.stdout).toContain('a lower bound');
  });

  it('path: step by step; 1 when there is none', async () => {
    const found = await cli.run('path', 'src/main.ts#main', 'MemoryStore.set');
    expect(found).toMatchObject({ code: 0, stdout: 'main  src/main.ts:2\n└ calls MemoryStore.set  src/main.ts:4\n\n1 step: certain.\n' });
    const none = await cli.run('path', 'src/main.ts#main', 'helper');
    expect(none).toMatchObject({ code: 1, stdout: '', stderr: 'error: main reaches helper on no path that is known.\n' });
  });

  it('definition: where the name at a place is declared, and by which statements', async () => {
    const found = await cli.run('definition', 'src/main.ts:4:9', '--steps');
    expect(found).toMatchObject({ code: 0, stderr: '' });
    expect(found.stdout).toBe(`MemoryStore.set  method  src/store.ts:6:3

  · set is taken of: instance of MemoryStore

1 declaration of set (src/main.ts:4:9): exact.
`);
    expect((await cli.runWith({ folder: join(cli.folder, 'src') }, 'definition', 'main.ts:5:8')).stdout).toMatch(/^store {2}variable {2}main\.ts:3:9\n/);
    expect(await cli.run('definition', 'src/main.ts:4:1')).toMatchObject({ code: 1, stdout: '', stderr: 'error: No name stands at src/main.ts:4:1.\n' });
    expect(await cli.run('definition', 'src/main.ts:4')).toMatchObject({ code: 2, stderr: expect.stringContaining('path:line:column') });
  });

  it('explain: verdict and targets of each call of a line, and step by step why', async () => {
    const { code, stdout } = await cli.run('explain', 'src/main.ts:7');
    expect(code).toBe(0);
    expect(stdout).toBe(`console.log  src/main.ts:7:45  external
  -> external:global#console.log
  · console.log → global.console.log
    · console → global.console
      · console is the language's own
    · log of global.console is global.console.log, outside the repository
  · what is called lies outside the repository, and nothing else can be meant

store.get  src/main.ts:7:55  resolved
  -> src/store.ts#Store.get().  src/store.ts:2
  ?  src/store.ts#MemoryStore.get().  src/store.ts:5  override
  · store.get → function Store.get
    · store → something of type Store
      · the parameter store is declared with the type Store → something of type Store  src/main.ts:7:15
        · the type is the interface Store  src/store.ts:2:18
    · get of something of type Store is the method Store.get  src/store.ts:2:26
  · one definition, and no other value is possible
  · the receiver may be of a derived class: one member overrides it and is a candidate
`);
    expect(await cli.run('explain', 'src/store.ts:2')).toMatchObject({ code: 1, stdout: '', stderr: 'error: Nothing is called at src/store.ts:2.\n' });
  });

  it('definition and explain as JSON: the keys that programs rely on', async () => {
    expect(shape(JSON.parse((await cli.run('definition', 'src/main.ts:4:9', '--json')).stdout))).toEqual({
      query: 'string', snapshot: { id: 'string', repository: 'string', branch: 'string', commit: 'string', dirty: 'boolean' },
      name: { text: 'string', path: 'string', line: 'number', column: 'number' }, completeness: 'string', gaps: [],
      results: [{ id: 'string', kind: 'string', name: 'string', path: 'string', line: 'number', column: 'number', certainty: 'string' }], steps: [{ rule: 'string', text: 'string' }],
    });
    expect(shape(JSON.parse((await cli.run('explain', 'src/main.ts:4:9', '--json')).stdout))).toMatchObject({
      query: 'string', results: [{
        path: 'string', line: 'number', column: 'number', via: 'string', name: 'string', callee: 'string', verdict: 'string', rule: 'string',
        targets: [{ id: 'string', certainty: 'string', rule: 'string', path: 'string', line: 'number' }], steps: [{ rule: 'string', text: 'string' }],
      }],
    });
  });

  it('implementations: of an interface', async () => {
    const { code, stdout } = await cli.run('implementations', 'Store');
    expect(code).toBe(0);
    expect(stdout).toMatch(/MemoryStore\s+class\s+src\/store\.ts:3/);
  });

  it('an ambiguous name lists the candidates by id and exits 1', async () => {
    const { code, stdout, stderr } = await cli.run('callers', 'main');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: main may mean 2 symbols/);
    expect(stderr).toContain('src/main.ts#main().  function  src/main.ts:2\ntool.py#main().      function  tool.py:1\n');
    const json = await cli.run('callers', 'main', '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'ambiguous-symbol', details: { candidates: [{ id: 'src/main.ts#main().' }, { id: 'tool.py#main().' }] } } });
  });

  it('a name that nothing has exits 1 and suggests what comes near', async () => {
    const { code, stderr } = await cli.run('callers', 'MemoryStor');
    expect(code).toBe(1);
    expect(stderr).toContain('error: Nothing is called MemoryStor.');
    expect(stderr).toContain('Did you mean: MemoryStore');
  });

  it('a symbol that nothing calls is an answer', async () => {
    const { code, stdout } = await cli.run('callers', 'src/main.ts');
    expect(code).toBe(0);
    expect(stdout).toContain('0 callers of src/main.ts');
  });

  it('pages with a limit and a cursor', async () => {
    const first = JSON.parse((await cli.run('symbols', 'store', '--limit', '2', '--json')).stdout);
    expect(first.results).toHaveLength(2);
    const second = JSON.parse((await cli.run('symbols', 'store', '--limit', '2', '--cursor', first.cursor, '--json')).stdout);
    expect(second.results[0].id).not.toBe(first.results[0].id);
    expect(await cli.run('symbols', 'other', '--cursor', first.cursor)).toMatchObject({ code: 2, stderr: expect.stringContaining('hint:') });
  });

  it('finds the repository that --repo names, from anywhere', async () => {
    const elsewhere = { folder: join(cli.folder, '..') };
    expect(await cli.runWith(elsewhere, 'symbols', 'helper')).toMatchObject({ code: 2, stderr: expect.stringMatching(/in no indexed repository[^]*--repo/) });
    const { code, stdout } = await cli.runWith(elsewhere, 'symbols', 'helper', '--repo', 'repository');
    expect(code).toBe(0);
    expect(stdout).toContain(`${relative(elsewhere.folder, cli.folder)}/tool.py:4`);
  });

  it.each([
    ['callers', 'MemoryStore.set'], ['callees', 'src/main.ts#main'], ['references', 'Store'], ['symbols', 'store'], ['show', 'Store'], ['impact', 'Store'],
    ['path', 'src/main.ts#main', 'MemoryStore.set'], ['implementations', 'Store'], ['history'], ['status'],
  ])('%s --json keeps its shape', async (...argv) => {
    const { code, stdout } = await cli.run(...argv, '--json');
    expect(code).toBe(0);
    expect(shape(JSON.parse(stdout))).toMatchSnapshot();
  });

  it('prints no colour codes into a pipe, and does when told to', async () => {
    expect((await cli.run('callers', 'MemoryStore.set')).stdout).not.toContain('\u001b');
    expect((await cli.runWith({ environment: { FORCE_COLOR: '1' } }, 'callers', 'MemoryStore.set')).stdout).toContain('\u001b[');
    expect((await cli.runWith({ environment: { FORCE_COLOR: '1', NO_COLOR: '1' } }, 'callers', 'MemoryStore.set')).stdout).not.toContain('\u001b');
    expect((await cli.runWith({ environment: { FORCE_COLOR: '1' } }, 'callers', 'MemoryStore.set', '--no-color')).stdout).not.toContain('\u001b');
  });
});
