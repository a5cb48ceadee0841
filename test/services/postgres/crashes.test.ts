import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresStores, type PostgresStores } from '../../../src/postgres.js';
import { collect, definition, edge, graphOf, inBatches, partition, type SampleGraph } from '../../../src/testing/contracts/sample-graph.js';
import { ownServer, serverScript, type OwnServer } from './own-server.js';
import { sql } from './server.js';

describe.skipIf(serverScript === undefined)('a server that is killed', () => {
  let server: OwnServer;
  let stores: PostgresStores;

  beforeAll(async () => {
    server = await ownServer(serverScript ?? '');
    stores = await createPostgresStores({ url: server.url, connectTimeout: 2000 });
  });
  afterAll(async () => {
    await stores.close();
    await server.remove();
  });

  const publish = (graph: SampleGraph) => stores.graphStore.publish({ ...graph, partitions: inBatches(graph.entries, 64) });
  const rows = () => sql(server.url, async (query) => {
    const counts: Record<string, unknown> = {};
    for (const table of ['graph_partition', 'graph_content', 'graph_node', 'graph_edge', 'graph_symbol', 'graph_member', 'graph_snapshot']) {
      counts[table] = (await query(`SELECT count(*)::integer AS rows FROM codeloom.${table}`))[0]?.['rows'];
    }
    return counts;
  });

  it('in the middle of a publication shows the last snapshot, whole, and takes the next', async () => {
    const before = graphOf([partition('src/kept.ts', { nodes: [definition({ path: 'src/kept.ts', name: 'kept' })] })]);
    await publish(before);
    const counted = await rows();
    const big = graphOf(Array.from({ length: 1200 }, (_, file) => {
      const own = Array.from({ length: 20 }, (__, index) => definition({ path: `src/${file}.ts`, name: `f${index}` }));
      return partition(`src/${file}.ts`, { nodes: own, edges: own.map((node) => edge(node, 'src/kept.ts')) });
    }));
    let copied = 0;
    async function* interrupted() {
      for await (const batch of inBatches(big.entries, 100)) {
        yield batch;
        copied += batch.length;
        // Rows are on the server by then, and more are on their way.
        if (copied === 900) await server.crash();
      }
    }
    await expect(stores.graphStore.publish({ ...big, partitions: interrupted() })).rejects.toMatchObject({ code: 'store-unavailable', retryable: true });
    await expect(stores.graphStore.heads()).rejects.toMatchObject({ code: 'store-unavailable', retryable: true });

    await server.start();
    // The same stores go on: a pool notices that its connections are gone.
    expect(await stores.graphStore.heads()).toEqual([before.snapshot]);
    expect(await stores.graphStore.snapshots(before.snapshot.repository)).toEqual([before.snapshot]);
    expect(await rows()).toEqual(counted);
    const reader = await stores.graphStore.open(before.snapshot.id);
    expect(await collect(reader.partitions())).toEqual(before.entries.map((entry) => entry.partition));
    await reader.close();
    expect(await publish(big)).toEqual({ created: true, written: 1200 });
    expect(await stores.graphStore.heads()).toEqual([big.snapshot]);
  });

  it('beneath a reader fails the question, and the reader goes on when the server does', async () => {
    const graph = graphOf([partition('src/a.ts'), partition('src/b.ts')], { branch: 'reading' });
    await publish(graph);
    const reader = await stores.graphStore.open(graph.snapshot.id);
    expect(await collect(reader.partitions())).toHaveLength(2);
    await server.crash();
    await expect(reader.manifest()).rejects.toMatchObject({ code: 'store-unavailable', retryable: true });
    await expect(reader.manifest()).rejects.toMatchObject({ code: 'store-unavailable', retryable: true });
    await server.start();
    expect(await collect(reader.partitions())).toEqual(graph.entries.map((entry) => entry.partition));
    await reader.close();
  });

  it('refuses connections for a while, each time with an error that is worth a retry', async () => {
    await server.stop();
    const graph = graphOf([partition('src/later.ts')], { branch: 'later' });
    const codes: unknown[] = [];
    const coming = new Promise((resolve) => setTimeout(resolve, 3000)).then(() => server.start());
    // As a run's retry policy does.
    for (;;) {
      try {
        expect((await publish(graph)).created).toBe(true);
        break;
      } catch (error) {
        codes.push([(error as { code: unknown }).code, (error as { retryable: unknown }).retryable]);
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
    await coming;
    expect(codes.length).toBeGreaterThan(1);
    expect(new Set(codes.map((code) => JSON.stringify(code)))).toEqual(new Set(['["store-unavailable",true]']));
    await server.stop();
    await expect(createPostgresStores({ url: server.url })).rejects.toMatchObject({ code: 'store-unavailable', retryable: true });
    await server.start();
  });
});
