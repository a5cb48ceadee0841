import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, mkdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectNeo4j } from '../../../src/adapters/neo4j/connection.js';
import { migrate, MIGRATIONS } from '../../../src/adapters/neo4j/schema.js';
import type { PartitionEntry } from '../../../src/domain/ports/graph-store.js';
import { createNeo4jGraphStore } from '../../../src/neo4j.js';
import { failure, shop } from '../../../src/testing/contracts/graph-store/subject.js';
import { collect, graphOf, inBatches, type SampleGraph } from '../../../src/testing/contracts/sample-graph.js';
import { largeGraph } from './large-graph.js';
import { openConsole, sizeOf } from './server.js';

const script = process.env.CODELOOM_TEST_NEO4J_SCRIPT;

/** A server of these tests alone, small, which they may kill and configure. */
interface OwnServer {
  run(command: 'start' | 'stop' | 'crash' | 'reset', setting?: string): Promise<string>;
  remove(): Promise<void>;
}

async function createOwnServer(path: string): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), 'codeloom-neo4j-'));
  const installed = join(process.env.SERVICES_DIR ?? join(homedir(), '.cache/codeloom-services'), 'neo4j');
  mkdirSync(join(folder, 'neo4j'));
  for (const name of readdirSync(installed).filter((each) => each.startsWith('lib-'))) symlinkSync(join(installed, name), join(folder, 'neo4j', name));
  const port = await new Promise<number>((resolve) => {
    const free = createServer().listen(0, '127.0.0.1', () => {
      const { port: found } = free.address() as AddressInfo; // it listens on TCP
      free.close(() => resolve(found));
    });
  });
  const run: OwnServer['run'] = async (command, setting = '') => (await promisify(execFile)('bash', [path, command], {
    env: { ...process.env, SERVICES_DIR: folder, NEO4J_PORT: String(port), NEO4J_HEAP: '400m', NEO4J_PAGECACHE: '64m', NEO4J_SETTING: setting },
  })).stdout.trim().split('\n').at(-1) ?? '';
  return {
    run,
    async remove() {
      await run('reset');
      rmSync(folder, { recursive: true });
    },
  };
}

// In order: each goes on from where the one before has left the server.
describe.skipIf(script === undefined)('a server of its own', { timeout: 240_000 }, () => {
  const space = 'default';
  let server: OwnServer;
  let url: string;
  beforeAll(async () => {
    server = await createOwnServer(script ?? '');
    url = await server.run('start');
  });
  afterAll(() => server?.remove());

  const asking = async <T>(work: (console: ReturnType<typeof openConsole>) => Promise<T>): Promise<T> => {
    const console = openConsole(url);
    try {
      return await work(console);
    } finally {
      await console.close();
    }
  };
  const publish = async (graph: SampleGraph) => {
    const store = await createNeo4jGraphStore({ url });
    try {
      return await store.publish({ ...graph, partitions: inBatches(graph.entries, 64) });
    } finally {
      await store.close();
    }
  };
  const before = graphOf(shop());
  const large = largeGraph(300, { branch: 'large' });

  it('gets the schema from several that start at once', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => createNeo4jGraphStore({ url })));
    await Promise.all(stores.map((store) => store.close()));
    expect(await asking((console) => console.ask('MATCH (n:CodeloomSchema) RETURN n.version AS version'))).toEqual([{ version: MIGRATIONS.length }]);
    const constraints = await asking((console) => console.ask("SHOW CONSTRAINTS YIELD name WHERE name STARTS WITH 'codeloom_' RETURN name"));
    expect(constraints.length).toBeGreaterThan(7);
    expect(await asking((console) => console.ask("SHOW INDEXES YIELD name, state WHERE name STARTS WITH 'codeloom_' AND state <> 'ONLINE' RETURN name"))).toEqual([]);
  });

  it('gets what a newer version adds, once', async () => {
    const connection = connectNeo4j({ url }, { patience: 5000 });
    const newer = [...MIGRATIONS, ['CREATE INDEX codeloom_of_tomorrow IF NOT EXISTS FOR (n:Tomorrow) ON (n.day)']];
    await Promise.all([migrate(connection, newer), migrate(connection, newer)]);
    await migrate(connection, newer);
    expect(await connection.read('MATCH (n:CodeloomSchema) RETURN n.version')).toEqual([[newer.length]]);
    await connection.close();
  });

  it('is refused, and left as it is, when a newer version has been there', async () => {
    const seen = () => asking(async (console) => [await console.ask('MATCH (n) RETURN properties(n) AS all'), await console.ask('SHOW INDEXES YIELD name RETURN name ORDER BY name')]);
    const was = await seen();
    await expect(createNeo4jGraphStore({ url })).rejects.toMatchObject({ code: 'store-too-new', retryable: false });
    expect(await seen()).toEqual(was);
    await asking(async (console) => {
      await console.ask('DROP INDEX codeloom_of_tomorrow');
      await console.ask('MATCH (n:CodeloomSchema) SET n.version = $version', { version: MIGRATIONS.length });
    });
  });

  it('that is killed while a snapshot is published has the one before, whole, and nothing unfinished in the end', async () => {
    await publish(before);
    const sizeBefore = await asking((console) => sizeOf(console, space));
    const dying = await createNeo4jGraphStore({ url, writerLease: 2000, patience: 500 });
    async function* killing(): AsyncGenerator<readonly PartitionEntry[]> {
      yield large.entries.slice(0, 280);
      await expect.poll(() => asking((console) => sizeOf(console, space)), { timeout: 60_000, interval: 500 }).toBeGreaterThan(sizeBefore + 5000);
      await server.run('crash');
      yield large.entries.slice(280);
    }
    await expect(dying.publish({ ...large, partitions: killing() })).rejects.toMatchObject({ code: 'store-unavailable', retryable: true });
    await dying.close();

    url = await server.run('start');
    expect(await asking((console) => sizeOf(console, space)), 'something was written before the kill').toBeGreaterThan(sizeBefore + 5000);
    const store = await createNeo4jGraphStore({ url });
    expect(await store.heads()).toEqual([before.snapshot]);
    expect(await store.snapshots(before.snapshot.repository)).toEqual([before.snapshot]);
    expect(await store.holds(large.manifest.map(({ digest }) => digest))).toEqual(new Set());
    await expect(store.open(large.snapshot.id)).rejects.toEqual(failure('unknown-snapshot'));
    const reader = await store.open(before.snapshot.id);
    expect(await collect(reader.partitions())).toEqual(before.entries.map((entry) => entry.partition));
    expect(await reader.find({ text: 'f1n1', match: 'exact' })).toEqual([]);
    await reader.close();

    // A publication of nothing new clears what is left.
    await publish(before);
    expect(await asking((console) => sizeOf(console, space))).toBe(sizeBefore);
    expect(await publish(large)).toEqual({ created: true, written: 300 });
    const after = await store.open(large.snapshot.id);
    expect(await collect(after.partitions())).toEqual(large.entries.map((entry) => entry.partition));
    await store.close();
  });

  it('that is read-only is read, and says what cannot be done', async () => {
    await server.run('stop');
    url = await server.run('start', 'server.databases.default_to_read_only=true');
    const store = await createNeo4jGraphStore({ url, patience: 1000, grace: 0 });
    const reader = await store.open(before.snapshot.id);
    expect(await collect(reader.partitions())).toHaveLength(3);
    await reader.close();
    await expect(publish(graphOf([]))).rejects.toMatchObject({ code: 'store-read-only', retryable: false });
    await expect(store.retire({ repository: before.snapshot.repository, snapshots: [before.snapshot.id] })).rejects.toMatchObject({ code: 'store-read-only' });
    await store.close();
  });
});
