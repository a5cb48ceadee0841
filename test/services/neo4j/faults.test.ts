import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectNeo4j } from '../../../src/adapters/neo4j/connection.js';
import type { PartitionEntry } from '../../../src/domain/ports/graph-store.js';
import { createNeo4jGraphStore, type Neo4jGraphStore, type Neo4jGraphStoreOptions } from '../../../src/neo4j.js';
import { failure, shop } from '../../../src/testing/contracts/graph-store/subject.js';
import { collect, definition, edge, graphOf, inBatches, partition, type SampleGraph } from '../../../src/testing/contracts/sample-graph.js';
import { largeGraph } from './large-graph.js';
import { createProxy, type Proxy } from './proxy.js';
import { clear, freshSpace, openConsole, sizeOf, url } from './server.js';

const console = openConsole();
afterAll(() => console.close());

let space: string;
let proxy: Proxy;
const opened: Neo4jGraphStore[] = [];
beforeEach(async () => {
  space = freshSpace();
  proxy = await createProxy(url);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  await proxy.close();
  await clear(space);
});

async function open(options: Partial<Neo4jGraphStoreOptions> = {}): Promise<Neo4jGraphStore> {
  const store = await createNeo4jGraphStore({ url: proxy.url, space, ...options });
  opened.push(store);
  return store;
}

const publish = (store: Neo4jGraphStore, graph: SampleGraph, options?: { readonly signal: AbortSignal }) => store.publish({ ...graph, partitions: inBatches(graph.entries, 64) }, options);

/** That a snapshot is there as it was published, read by somebody else. */
async function expectWhole(graph: SampleGraph): Promise<void> {
  const store = await createNeo4jGraphStore({ url, space });
  const reader = await store.open(graph.snapshot.id);
  expect(await collect(reader.partitions())).toEqual(graph.entries.map((entry) => entry.partition));
  await reader.close();
  await store.close();
}

/** What the space would hold if these graphs had been published without any fault. */
async function sizeWithout(graphs: readonly SampleGraph[]): Promise<number> {
  const other = freshSpace();
  const store = await createNeo4jGraphStore({ url, space: other });
  for (const graph of graphs) await publish(store, graph);
  await store.close();
  const size = await sizeOf(console, other);
  await clear(other);
  return size;
}

describe('a server that cannot be reached', () => {
  it('is said to be so, and is used again when it can', async () => {
    const store = await open({ patience: 300 });
    const graph = graphOf(shop());
    await publish(store, graph);
    await proxy.refuse();
    await expect(store.heads()).rejects.toMatchObject({ code: 'store-unavailable', retryable: true });
    await expect(publish(store, graphOf(shop().slice(1)))).rejects.toMatchObject({ code: 'store-unavailable', retryable: true });
    await expect(createNeo4jGraphStore({ url: proxy.url, space })).rejects.toMatchObject({ code: 'store-unavailable', retryable: true });
    await proxy.accept();
    expect(await store.heads()).toEqual([graph.snapshot]);
  });

  it('is waited for as long as the store has patience', async () => {
    const store = await open({ patience: 30_000 });
    await proxy.refuse();
    const waiting = publish(store, graphOf(shop()));
    await sleep(2000);
    await proxy.accept();
    expect(await waiting).toEqual({ created: true, written: 3 });
  });

  it('is not waited for when told to stop', async () => {
    const store = await open({ patience: 60_000 });
    await proxy.refuse();
    const stop = new AbortController();
    const waiting = store.heads(undefined, { signal: stop.signal });
    setTimeout(() => stop.abort(), 200);
    const begun = performance.now();
    await expect(waiting).rejects.toEqual(failure('aborted'));
    expect(performance.now() - begun).toBeLessThan(1200);
  });
});

describe('a connection that is cut', () => {
  it('between batches costs a publication nothing', async () => {
    const store = await open();
    const graph = largeGraph(260);
    async function* cutting(): AsyncGenerator<readonly PartitionEntry[]> {
      for await (const batch of inBatches(graph.entries, 65)) {
        yield batch;
        proxy.cut();
      }
    }
    expect(await store.publish({ ...graph, partitions: cutting() })).toEqual({ created: true, written: 260 });
    await expectWhole(graph);
    expect(await sizeOf(console, space)).toBe(await sizeWithout([graph]));
  });

  it('before the acknowledgement of a transaction does not have it done twice', async () => {
    const store = await open();
    const graph = largeGraph(260);
    proxy.swallow(2);
    expect(await publish(store, graph)).toEqual({ created: true, written: 260 });
    proxy.swallow(0);
    expect(proxy.swallowed).toBeGreaterThan(2);
    await expectWhole(graph);
    expect(await sizeOf(console, space)).toBe(await sizeWithout([graph]));
    expect(await console.ask('MATCH (h:Head {space: $space})-[at:AT]->() RETURN count(at) AS heads', { space })).toEqual([{ heads: 1 }]);
  });

  it('in the middle of a stream is made up for', async () => {
    const store = await open();
    const graph = largeGraph(260);
    await publish(store, graph);
    const reader = await store.open(graph.snapshot.id);
    let batches = 0;
    const paths: string[] = [];
    for await (const batch of reader.partitions()) {
      paths.push(...batch.map(({ path }) => path));
      if (++batches === 2) proxy.cut();
    }
    expect(paths).toEqual(graph.manifest.map(({ path }) => path));
    await reader.close();
  });
});

describe('a slow server', () => {
  it('is left within a second when told to stop', async () => {
    const store = await open();
    const graph = graphOf(shop());
    await publish(store, graph);
    const reader = await store.open(graph.snapshot.id);
    proxy.stall(true);
    for (const ask of [
      (signal: AbortSignal) => reader.nodes(['src/app.ts'], { signal }), (signal: AbortSignal) => reader.find({ text: 'a', match: 'substring' }, { signal }),
      (signal: AbortSignal) => store.heads(undefined, { signal }), (signal: AbortSignal) => publish(store, graphOf(shop().slice(1)), { signal }),
    ]) {
      const begun = performance.now();
      await expect(ask(AbortSignal.timeout(200))).rejects.toEqual(failure('aborted'));
      expect(performance.now() - begun).toBeLessThan(1200);
    }
    proxy.stall(false);
    proxy.cut();
    expect(await store.heads()).toEqual([graph.snapshot]);
  });

  it('goes on with nothing that nobody waits for', async () => {
    const connection = connectNeo4j({ url }, { patience: 1000 });
    const mark = `mark-${space}`;
    const stop = new AbortController();
    const running = connection.read('UNWIND range(1, 4000000000) AS i WITH i WHERE i % 1000 = $mark RETURN count(i)', { mark }, { signal: stop.signal });
    running.catch(() => undefined);
    const seen = async () => (await console.ask("SHOW TRANSACTIONS YIELD currentQuery, parameters WHERE currentQuery STARTS WITH 'UNWIND range(1, 4000000000)' RETURN parameters.mark AS mark")).filter((row) => row.mark === mark).length;
    await expect.poll(seen, { timeout: 20_000 }).toBe(1);
    stop.abort();
    await expect(running).rejects.toEqual(failure('aborted'));
    await expect.poll(seen, { timeout: 1000, interval: 50 }).toBe(0);
    await connection.close();
  });
});

describe('a wrong password', () => {
  it('is not tried again, and stands nowhere in the error', async () => {
    const begun = performance.now();
    const address = new URL(url);
    address.username = 'nobody';
    address.password = 'sesame-open-42';
    const error: unknown = await createNeo4jGraphStore({ url: address.href, space, patience: 60_000 }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'authentication-failed', retryable: false });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('sesame');
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});

describe('a deadlock', () => {
  it('is got over', async () => {
    const connections = [connectNeo4j({ url }, { patience: 20_000 }), connectNeo4j({ url }, { patience: 20_000 })];
    for (const connection of connections) await connection.read('RETURN 1');
    await console.ask('UNWIND [0, 1] AS i CREATE (:Partition {space: $space, number: -1 - i - toInteger(rand() * 1000000000), path: toString(i), n: 0})', { space });
    const both = connections.map((connection, index) => connection.transaction(async (run) => {
      for (const path of index === 0 ? ['0', '1'] : ['1', '0']) {
        await run('MATCH (p:Partition {space: $space, path: $path}) SET p.n = p.n + 1', { space, path });
        await sleep(200);
      }
    }));
    await Promise.all(both);
    expect(await console.ask('MATCH (p:Partition {space: $space}) RETURN p.n AS n', { space })).toEqual([{ n: 2 }, { n: 2 }]);
    await console.ask('MATCH (p:Partition {space: $space}) DELETE p', { space });
    for (const connection of connections) await connection.close();
  });
});

describe('a writer that is not heard of any more', () => {
  /** A publication that has written something, and then waits. */
  function suspended(store: Neo4jGraphStore, graph: SampleGraph) {
    let wake = (): void => undefined;
    const woken = new Promise<void>((resolve) => (wake = resolve));
    async function* entries(): AsyncGenerator<readonly PartitionEntry[]> {
      yield graph.entries.slice(0, 250);
      await woken;
      yield graph.entries.slice(250);
    }
    const outcome = store.publish({ ...graph, partitions: entries() });
    outcome.catch(() => undefined);
    const written = expect.poll(async () => (await console.ask('MATCH (p:Partition) WHERE p.space = $space AND p.path STARTS WITH "src/f" RETURN count(p) AS written', { space }))[0]?.written, { timeout: 60_000 }).toBeGreaterThan(100);
    return { written: Promise.resolve(written), wake, outcome };
  }

  it('is taken over, and what it left is removed', async () => {
    const before = graphOf(shop(), { branch: 'before' });
    const graph = largeGraph(260);
    const dying = await open({ writerLease: 1500, patience: 0 });
    await publish(dying, before);
    const { written, wake, outcome } = suspended(dying, graph);
    await written;
    await proxy.refuse(); // nothing it does arrives any more
    const heir = await createNeo4jGraphStore({ url, space, writerLease: 1500 });
    opened.push(heir);
    expect(await heir.heads()).toEqual([before.snapshot]);
    const after = graphOf([...shop(), partition('src/after.ts')], { branch: 'after' });
    expect((await publish(heir, after)).written).toBe(1);
    expect(await sizeOf(console, space)).toBe(await sizeWithout([before, after]));
    wake();
    await expect(outcome).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  it('changes nothing when it comes back', async () => {
    const graph = largeGraph(260);
    const slow = await open({ writerLease: 600_000 });
    const { written, wake, outcome } = suspended(slow, graph);
    await written;
    // As if its process had stood still for longer than its lease.
    await console.ask('MATCH (w:Space {name: $space}) SET w.expires = 0', { space });
    const heir = await open();
    const after = graphOf(shop(), { branch: 'after' });
    await publish(heir, after);
    wake();
    await expect(outcome).rejects.toMatchObject({ code: 'conflict', retryable: true });
    expect(await heir.heads()).toEqual([after.snapshot]);
    expect(await sizeOf(console, space)).toBe(await sizeWithout([after]));
    expect((await publish(slow, graph)).created).toBe(true);
    await expectWhole(graph);
  });

  it('is waited for, for a time', async () => {
    const holding = await open();
    const { written, wake, outcome } = suspended(holding, largeGraph(260));
    await written;
    const waiting = await open({ writerTimeout: 300 });
    await expect(publish(waiting, graphOf(shop()))).rejects.toMatchObject({ code: 'store-busy', retryable: true });
    wake();
    expect((await outcome).created).toBe(true);
  });
});

describe('a reader of a snapshot that is retired', () => {
  it('keeps its rows, and only while it is open', async () => {
    const store = await open({ grace: 0 });
    const before = graphOf(shop());
    await publish(store, before);
    await publish(store, graphOf([]));
    const empty = await sizeOf(console, space);
    const reader = await store.open(before.snapshot.id);
    await store.retire({ repository: before.snapshot.repository, snapshots: [before.snapshot.id] });
    expect(await store.sweep()).toBe(0);
    expect(await collect(reader.partitions())).toHaveLength(3);
    expect(await reader.manifest()).toEqual(before.manifest);
    await reader.close();
    expect(await store.sweep()).toBe(3);
    expect(await sizeOf(console, space)).toBeLessThan(empty);
  });

  it('keeps them without a lease for the time of grace', async () => {
    const store = await open({ grace: 60_000 });
    const before = graphOf(shop());
    await publish(store, before);
    await publish(store, graphOf([]));
    const reader = await store.open(before.snapshot.id);
    expect((await store.retire({ repository: before.snapshot.repository, snapshots: [before.snapshot.id] })).partitions).toBe(3);
    expect(await console.ask('MATCH (r:Reader {space: $space}) RETURN r', { space })).toEqual([]);
    expect(await collect(reader.partitions())).toHaveLength(3);
    await reader.close();
    expect(await store.sweep({ grace: 0 })).toBe(3);
  });
});

describe('spaces', () => {
  it('see, share and remove nothing of one another', async () => {
    const [mine, yours] = [freshSpace(), `${freshSpace()}' OR true //`];
    const graph = graphOf(shop());
    const stores = [await open({ space: mine }), await open({ space: yours })] as const;
    for (const store of stores) expect(await publish(store, graph)).toEqual({ created: true, written: 3 });
    const other = graphOf([partition('src/secret.ts')]);
    await publish(stores[0], other);
    expect(await stores[1].heads()).toEqual([graph.snapshot]);
    expect(await stores[1].snapshots(graph.snapshot.repository)).toEqual([graph.snapshot]);
    expect(await stores[1].holds(other.manifest.map(({ digest }) => digest))).toEqual(new Set());
    await expect(stores[1].open(other.snapshot.id)).rejects.toEqual(failure('unknown-snapshot'));
    expect(await stores[1].retire({ repository: graph.snapshot.repository, snapshots: [other.snapshot.id] })).toEqual({ snapshots: 0, partitions: 0, nodes: 0 });
    // No relationship leads from one to the other.
    expect(await console.ask('MATCH (a)--(b) WHERE a.space = $mine AND b.space <> $mine RETURN count(*) AS ways', { mine })).toEqual([{ ways: 0 }]);

    const size = await sizeOf(console, yours);
    await stores[0].removeSpace();
    expect(await sizeOf(console, mine)).toBe(0);
    expect(await sizeOf(console, yours)).toBe(size);
    const reader = await stores[1].open(graph.snapshot.id);
    expect(await collect(reader.partitions())).toEqual(graph.entries.map((entry) => entry.partition));
    await clear(mine);
    await stores[1].removeSpace();
  });

  it('have names of 1 to 100 characters', async () => {
    for (const wrong of ['', 'x'.repeat(101), '\u0001', '\uD800']) await expect(open({ space: wrong })).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

describe('an address', () => {
  it('that is none is said to be so without being repeated', async () => {
    for (const wrong of ['localhost', 'http://neo4j:sesame-open-42@localhost:7687', '']) {
      const error: unknown = await createNeo4jGraphStore({ url: wrong }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'invalid-argument' });
      expect(inspect(error)).not.toContain('sesame');
    }
  });
});

describe('text longer than an index takes', () => {
  it('is kept and found', async () => {
    const store = await open();
    const long = 'n'.repeat(9000);
    const path = `${'d/'.repeat(2000)}long.ts`;
    const node = definition({ path, name: long });
    const twin = definition({ path, name: `${long}x` });
    const graph = graphOf([partition(path, { nodes: [node, twin], edges: [edge(node, twin)], unresolved: [{ from: node.id, name: long, reason: 'unknown-name', line: 1, column: 1 }] })]);
    await publish(store, graph);
    const reader = await store.open(graph.snapshot.id);
    expect(await collect(reader.partitions([path]))).toEqual(graph.entries.map((entry) => entry.partition));
    expect(await reader.manifest()).toEqual(graph.manifest);
    expect(await reader.find({ text: long, match: 'exact' })).toEqual([node]);
    expect(await reader.find({ text: long.toUpperCase(), match: 'prefix' })).toEqual([node, twin]);
    expect(await reader.find({ text: 'nnx', match: 'substring' })).toEqual([twin]);
    expect(await reader.neighbours({ ids: [twin.id], direction: 'in', kinds: ['CALLS'] })).toEqual([edge(node, twin)]);
    expect(await reader.unresolved([long])).toHaveLength(1);
    await reader.close();
  });
});
