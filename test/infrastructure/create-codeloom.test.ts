import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCodeloom, jsonLines, type Codeloom, type GraphStore, type RunEvent, type StageProgress } from '../../src/index.js';
import { createMemoryGitHost, createMemoryGraphStore } from '../../src/testing.js';

const TREE = {
  'io.ts': 'export function save(): void {}\n',
  'shop.ts': "import { save } from './io.js';\nexport function open(): void { save() }\nexport function close(): void { save() }\n",
};

describe('codeloom as a library', () => {
  const git = createMemoryGitHost({ repositories: [{ location: 'shop', branches: { main: [TREE] } }] });
  let codeloom: Codeloom;

  beforeEach(async () => {
    codeloom = await createCodeloom({ store: 'memory', gitHost: git, workers: 0 });
  });
  afterEach(() => codeloom.close());

  it('indexes, telling progress and numbered events', async () => {
    const progress: StageProgress[] = [];
    const events: RunEvent[] = [];
    const outcome = await codeloom.index({ location: 'shop' }, { onProgress: (update) => progress.push(update), onEvent: (event) => events.push(event) });
    expect(outcome).toMatchObject({ status: 'indexed', repository: { id: 'memory/shop' }, snapshot: { branch: 'main', stats: { files: 2 } } });
    expect(progress.map(({ stage }) => stage)).toEqual(expect.arrayContaining(['extract', 'link', 'publish']));
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)).toMatchObject({ type: 'run-finished', status: 'succeeded' });
  });

  it('says which repositories there are, and answers about one', async () => {
    await expect(codeloom.symbols({ text: 'save' })).rejects.toMatchObject({ code: 'not-indexed' });
    await codeloom.index({ location: 'shop' });
    expect(await codeloom.repositories()).toMatchObject([{ id: 'memory/shop' }]);
    expect(await codeloom.symbols({ text: 'open' })).toMatchObject({ results: [{ id: 'shop.ts#open().' }] });
    expect(await codeloom.snapshot()).toMatchObject({ branch: 'main' });
    expect(await codeloom.read({}, async (reader) => (await reader.manifest()).map(({ path }) => path))).toEqual(['io.ts', 'shop.ts']);
  });

  it('streams what has no bound', async () => {
    await codeloom.index({ location: 'shop' });
    const names: string[] = [];
    for await (const { name } of codeloom.symbolsStream({ text: 's', limit: 1 })) names.push(name);
    expect(names.length).toBeGreaterThan(1);
    expect(new Set(names).size).toBe(names.length);
    const ids: string[] = [];
    for await (const node of codeloom.nodes()) ids.push(node.id);
    expect(ids).toEqual(expect.arrayContaining(['io.ts', 'io.ts#save().', 'shop.ts#close().']));
    expect(new Set(ids).size).toBe(ids.length);
    let text = '';
    for await (const rows of codeloom.export()) text += jsonLines(rows);
    expect(text).toContain('{"type":"node","id":"io.ts","kind":"file"');
  });

  it('tells whether the source is still as it was indexed', async () => {
    const changing = createMemoryGitHost({ repositories: [{ location: 'shop', branches: { main: [TREE] }, workTree: TREE }] });
    await using own = await createCodeloom({ store: 'memory', gitHost: changing, workers: 0 });
    await own.index({ location: 'shop' });
    expect(await own.sourceState()).toMatchObject({ state: 'current', added: [], changed: [], removed: [] });
    changing.setWorkTree('shop', { 'shop.ts': 'export function open(): void {}\n', 'new.ts': 'export const fresh = 1;\n' });
    expect(await own.sourceState()).toMatchObject({ state: 'changed', added: ['new.ts'], changed: ['shop.ts'], removed: ['io.ts'] });
    await own.index({ location: 'shop' });
    expect(await own.sourceState()).toMatchObject({ state: 'current' });
  });

  it('stops when the signal fires, and keeps what was published', async () => {
    await codeloom.index({ location: 'shop' });
    git.commit('shop', { ...TREE, 'more.ts': 'export const more = 1;\n' });
    const abort = new AbortController();
    const run = codeloom.index({ location: 'shop' }, { signal: abort.signal, onEvent: (event) => event.type === 'stage-started' && event.stage === 'link' && abort.abort() });
    await expect(run).rejects.toMatchObject({ code: 'aborted' });
    expect((await codeloom.history()).results).toHaveLength(1);
  });

  it('uses the ports it is given, and leaves them open', async () => {
    let closed = 0;
    const inner = createMemoryGraphStore();
    const graphStore: GraphStore = { ...inner, close: async () => void (closed += 1) };
    const other = await createCodeloom({ store: 'memory', gitHost: git, workers: 0, graphStore });
    const { snapshot } = await other.index({ location: 'shop' });
    await other.close();
    await other.close();
    expect(closed).toBe(0);
    expect((await inner.heads()).map(({ id }) => id)).toEqual([snapshot.id]);
  });

  it('refuses to work once it is closed', async () => {
    await codeloom.close();
    await expect(codeloom.index({ location: 'shop' })).rejects.toMatchObject({ code: 'store-unavailable' });
  });
});

describe('the built package', () => {
  it('does the main job with its defaults, imported by name', () => {
    const root = mkdtempSync(join(tmpdir(), 'codeloom-library-'));
    const script = `
      import { createCodeloom } from 'codeloom';
      import { execFileSync } from 'node:child_process';
      import { mkdirSync, writeFileSync } from 'node:fs';
      mkdirSync(process.env.ROOT + '/repository');
      process.chdir(process.env.ROOT + '/repository');
      execFileSync('git', ['init', '--quiet']);
      writeFileSync('a.py', 'def load():\\n    pass\\n\\ndef main():\\n    load()\\n');
      const codeloom = await createCodeloom({ store: process.env.ROOT + '/store', workers: 1 });
      const { status } = await codeloom.index({ location: '.' });
      const answer = await codeloom.callers({ symbol: 'load' });
      await codeloom.close();
      console.log(JSON.stringify([status, answer.completeness, answer.results.map((result) => result.id)]));
    `;
    try {
      const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
        cwd: fileURLToPath(new URL('../../', import.meta.url)), env: { ...process.env, ROOT: root }, encoding: 'utf8',
      });
      expect(JSON.parse(output)).toEqual(['indexed', 'exact', ['a.py#main().']]);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
