import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadSqliteDriver } from '../../../src/adapters/sqlite/driver.js';
import { createSqliteStores } from '../../../src/adapters/sqlite/stores.js';
import { digestPartition } from '../../../src/domain/partition-codec.js';
import { collect, graphOf, inBatches, partition, sha256 } from '../../../src/testing/contracts/sample-graph.js';
import { otherProcesses, type OtherProcesses } from './child-process.js';
import { removeFolder, temporaryFolder } from './temporary-stores.js';

const IMPORTS = `
  import { createSqliteStores } from './src/adapters/sqlite/stores.js';
  import { graphOf, inBatches, partition } from './src/testing/contracts/sample-graph.js';
  const [folder, branch, rounds = Infinity] = process.argv.slice(1);
  const stores = await createSqliteStores({ folder });
`;
/** Publishes snapshot after snapshot: fifty files, of which each time another one is new. */
const PUBLISHER = `${IMPORTS}
  for (let round = 0; round < rounds; round++) {
    const files = Array.from({ length: 50 }, (_, file) => partition('src/' + file + '.ts', { blob: file === round % 50 ? branch + round : 'same' }));
    const { snapshot, manifest, entries } = graphOf(files, { branch, id: branch + '-' + round, createdAt: new Date(round).toISOString() });
    const held = await stores.graphStore.holds(manifest.map(({ digest }) => digest));
    await stores.graphStore.publish({ snapshot, manifest, partitions: inBatches(entries.filter(({ digest }) => !held.has(digest)), 10) });
    await stores.factStore.put([{ key: 'source/' + branch + round, bytes: new Uint8Array(5000).fill(round) }]);
    console.log('published ' + round);
    if (round % 3 === 2) await stores.graphStore.retire({ repository: snapshot.repository, snapshots: [branch + '-' + (round - 2)] });
  }
  await stores.close();
`;

describe('SQLite stores and several processes', () => {
  let processes: OtherProcesses;
  let folder: string;

  beforeAll(async () => {
    processes = await otherProcesses();
  });
  afterAll(() => processes.dispose());
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => removeFolder(folder));

  /** Every head reads back whole, and SQLite finds nothing wrong with the files. */
  async function expectSound(): Promise<ReadonlyMap<string, string>> {
    const stores = await createSqliteStores({ folder });
    const heads = await stores.graphStore.heads();
    for (const { id } of heads) {
      const reader = await stores.graphStore.open(id);
      const digests = (await collect(reader.partitions())).map((one) => digestPartition(one, sha256));
      expect(digests).toEqual((await reader.manifest()).map(({ digest }) => digest));
      await reader.close();
    }
    const connection = (await loadSqliteDriver()).open(stores.info.graphFile, 'read-only');
    expect(connection.all('PRAGMA integrity_check')).toEqual([['ok']]);
    // The rows that the views go by agree with the heads.
    expect(connection.all('SELECT count(*) FROM head_partition')).toEqual([[heads.length * 50]]);
    connection.close();
    await stores.close();
    return new Map(heads.map(({ branch, id }) => [branch, id]));
  }

  it('takes what two processes publish, put and retire at once', async () => {
    const both = ['one', 'two'].map((branch) => processes.start(PUBLISHER, { arguments: [folder, branch, '25'] }));
    for (const { ended, errors } of both) expect([await ended, errors()]).toEqual([0, '']);
    expect(await expectSound()).toEqual(new Map([['one', 'one-24'], ['two', 'two-24']]));
    const stores = await createSqliteStores({ folder });
    expect((await stores.factStore.has(Array.from({ length: 25 }, (_, round) => [`source/one${round}`, `source/two${round}`]).flat())).size).toBe(50);
    await stores.close();
  }, 120_000);

  it('shows the last snapshot, whole, after a process was killed in the middle of publishing', async () => {
    const before = graphOf([partition('src/kept.ts')]);
    const stores = await createSqliteStores({ folder });
    await stores.graphStore.publish({ ...before, partitions: inBatches(before.entries) });

    const victim = processes.start(`${IMPORTS}
      const graph = graphOf(Array.from({ length: 3000 }, (_, file) => partition('src/' + file + '.ts')));
      async function* stalling() {
        yield graph.entries.slice(0, 2900);
        console.log('midway');
        await new Promise((resolve) => setTimeout(resolve, 1e9));
      }
      await stores.graphStore.publish({ ...graph, partitions: stalling() });
    `, { arguments: [folder, 'main'] });
    await victim.printed('midway');
    // A reader is not kept waiting by the writer that stalls.
    expect(await stores.graphStore.heads()).toEqual([before.snapshot]);
    victim.child.kill('SIGKILL');
    await victim.ended;

    const after = graphOf([partition('src/kept.ts'), partition('src/1.ts')]);
    expect(await stores.graphStore.holds(after.manifest.map(({ digest }) => digest))).toEqual(new Set(before.manifest.map(({ digest }) => digest)));
    expect(await stores.graphStore.publish({ ...after, partitions: inBatches(after.entries) })).toEqual({ created: true, written: 1 });
    expect(await stores.graphStore.heads()).toEqual([after.snapshot]);
    await stores.close();
  }, 120_000);

  it('stays sound when processes are killed at any moment', async () => {
    for (const pause of [0, 7, 23, 61, 120]) {
      const both = ['one', 'two'].map((branch) => processes.start(PUBLISHER, { arguments: [folder, branch] }));
      await Promise.all(both.map(({ printed }) => printed('published 3')));
      await new Promise((resolve) => setTimeout(resolve, pause));
      for (const { child } of both) child.kill('SIGKILL');
      await Promise.all(both.map(({ ended }) => ended));
      const heads = await expectSound();
      for (const [index, branch] of ['one', 'two'].entries()) {
        const said = both[index]?.lines().length ?? 0;
        // What was said to be published is there; at most one more was, unsaid.
        expect([said - 1, said]).toContain(Number(heads.get(branch)?.split('-')[1]));
      }
    }
  }, 240_000);

  it('tells that another process keeps the store busy, and goes on when that is gone', async () => {
    const holder = processes.start(`${IMPORTS}
      const graph = graphOf([partition('src/a.ts')]);
      async function* stalling() {
        console.log('holding');
        await new Promise((resolve) => setTimeout(resolve, 1e9));
      }
      await stores.graphStore.publish({ ...graph, partitions: stalling() });
    `, { arguments: [folder, 'main'] });
    await holder.printed('holding');
    const stores = await createSqliteStores({ folder, lockTimeout: 200 });
    const graph = graphOf([partition('src/b.ts')]);
    await expect(stores.graphStore.publish({ ...graph, partitions: inBatches(graph.entries) })).rejects.toMatchObject({ code: 'store-busy', retryable: true });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    await expect(stores.metadataStore.removeSnapshots(['x'], { signal: stop.signal })).rejects.toMatchObject({ code: 'aborted' });
    holder.child.kill('SIGKILL');
    await holder.ended;
    expect((await stores.graphStore.publish({ ...graph, partitions: inBatches(graph.entries) })).created).toBe(true);
    await stores.close();
  }, 60_000);

  it('does not keep a process alive', async () => {
    const forgetful = processes.start(`${IMPORTS}
      const graph = graphOf([partition('src/a.ts')]);
      await stores.graphStore.publish({ ...graph, partitions: inBatches(graph.entries) });
      await stores.graphStore.open(graph.snapshot.id);
      console.log('done');
    `, { arguments: [folder, 'main'] });
    expect([await forgetful.ended, forgetful.lines()]).toEqual([0, ['done']]);
  }, 60_000);

  it('reads a folder that cannot be written to', async ({ skip }) => {
    if (process.getuid?.() !== 0) return skip('needs a second user');
    const { chmod, readdir } = await import('node:fs/promises');
    const stores = await createSqliteStores({ folder });
    const graph = graphOf([partition('src/a.ts')]);
    await stores.graphStore.publish({ ...graph, partitions: inBatches(graph.entries) });
    const program = `${IMPORTS}
      const tried = (work) => work().then(() => 'worked', (error) => error.code);
      console.log((await stores.graphStore.heads()).length);
      console.log(await tried(() => stores.graphStore.retire({ repository: 'x', snapshots: [] })));
      console.log(await tried(() => stores.factStore.put([{ key: 'a', bytes: new Uint8Array(3) }])));
    `;
    for (const name of await readdir(folder)) await chmod(`${folder}/${name}`, 0o444);
    await chmod(folder, 0o555);
    // While the owner has it open, and when nobody has.
    const meanwhile = processes.start(program, { uid: 65534, arguments: [folder, 'main'] });
    expect([await meanwhile.ended, meanwhile.errors(), meanwhile.lines()]).toEqual([0, '', ['1', 'store-read-only', 'store-read-only']]);
    await stores.close();
    const alone = processes.start(program, { uid: 65534, arguments: [folder, 'main'] });
    expect([await alone.ended, alone.errors(), alone.lines()]).toEqual([0, '', ['1', 'store-read-only', 'store-read-only']]);
    await chmod(folder, 0o755);
  }, 60_000);
});
