import { spawn } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPostgresStores } from '../../../src/postgres.js';
import { collect, graphOf, inBatches, partition, type SampleGraph } from '../../../src/testing/contracts/sample-graph.js';
import { serverUrl, sql, temporaryStores, type TemporaryStores } from './server.js';

const url = serverUrl();

describe('few connections', () => {
  let there: TemporaryStores;
  beforeEach(async () => {
    there = await temporaryStores({ maxConnections: 4, lockTimeout: 5000 });
  });
  afterEach(() => there.dispose());

  const publish = (graph: SampleGraph, store = there.stores.graphStore) => store.publish({ ...graph, partitions: inBatches(graph.entries) });
  const graphs = Array.from({ length: 6 }, (_, index) => graphOf([partition('src/same.ts'), partition(`src/${index}.ts`)], { id: `s${index}`, createdAt: new Date(index).toISOString() }));

  it('serve more readers than there are, all at once', async () => {
    for (const graph of graphs) await publish(graph);
    const readers = await Promise.all(graphs.map(({ snapshot }) => there.stores.graphStore.open(snapshot.id)));
    const answers = await Promise.all(readers.map((reader) => collect(reader.partitions())));
    expect(answers.map((partitions) => partitions.map(({ path }) => path))).toEqual(graphs.map((_, index) => [`src/${index}.ts`, 'src/same.ts']));
    // Each is closed by itself.
    for (const [index, reader] of readers.entries()) {
      await reader.close();
      for (const other of readers.slice(index + 1)) expect(await other.manifest()).toHaveLength(2);
    }
    const left = await sql(url, (query) => query("SELECT 1 FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND query LIKE $1", [`%${there.schema}%`]));
    expect(left).toEqual([]);
  });

  it('let publications run whose streams read, while readers are open', async () => {
    await publish(graphs[0] as SampleGraph);
    const held = await there.stores.graphStore.open('s0');
    const results = await Promise.all(graphs.slice(1).map(({ snapshot, manifest, entries }) => there.stores.graphStore.publish({
      snapshot, manifest,
      partitions: (async function* () {
        for (const entry of entries) {
          const reader = await there.stores.graphStore.open('s0');
          expect(await reader.manifest()).toHaveLength(2);
          expect((await there.stores.graphStore.holds([entry.digest])).size).toBeLessThan(2);
          await there.stores.factStore.put([{ key: entry.digest, bytes: new Uint8Array(3) }]);
          yield [entry];
          await reader.close();
        }
      })(),
    })));
    expect(results.map(({ created, written }) => [created, written])).toEqual(graphs.slice(1).map(() => [true, 1]));
    await held.close();
  });

  it('keep a reader on what is retired, also one that shares its connection, and give no new one', async () => {
    for (const graph of graphs) await publish(graph);
    const readers = await Promise.all([there.stores.graphStore.open('s0'), there.stores.graphStore.open('s1'), there.stores.graphStore.open('s0')]);
    const other = await there.another();
    expect(await other.graphStore.retire({ repository: 'github.com/acme/shop', snapshots: ['s0', 's1', 's2'] })).toEqual({ snapshots: 3, partitions: 3, nodes: 3 });
    expect((await Promise.all(readers.map((reader) => collect(reader.partitions())))).map((partitions) => partitions.length)).toEqual([2, 2, 2]);
    await expect(there.stores.graphStore.open('s0')).rejects.toMatchObject({ code: 'unknown-snapshot' });
    for (const reader of readers) await reader.close();
    await expect(there.stores.graphStore.open('s0')).rejects.toMatchObject({ code: 'unknown-snapshot' });
  });

  it('are told to be too few when a newer state is wanted and nobody lets go', async () => {
    const impatient = await there.another({ maxConnections: 4, lockTimeout: 200 });
    await publish(graphs[0] as SampleGraph);
    const held = await impatient.graphStore.open('s0');
    await publish(graphs[1] as SampleGraph);
    await expect(impatient.graphStore.open('s1')).rejects.toMatchObject({ code: 'store-busy', retryable: true });
    await held.close();
    const reader = await impatient.graphStore.open('s1');
    await reader.close();
  });

  it('may not be fewer than four', async () => {
    await expect(createPostgresStores({ url, maxConnections: 3 })).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('that an administrator ends while they are idle are opened anew', async () => {
    await publish(graphs[0] as SampleGraph);
    await sql(url, (query) => query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'codeloom' AND state = 'idle' AND query LIKE $1", [`%${there.schema}%`]));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await there.stores.graphStore.heads()).toHaveLength(1);
  });

  it('do not keep a process alive that has closed its readers', async () => {
    const program = `
      import { createPostgresStores } from './dist/postgres.js';
      const stores = await createPostgresStores({ url: process.env.URL, schema: ${JSON.stringify(there.schema)} });
      await stores.graphStore.heads();
      console.log('done');
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { env: { ...process.env, URL: url }, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
    });
    expect([await new Promise((resolve) => child.on('close', resolve)), output]).toEqual([0, 'done\n']);
  });
});
