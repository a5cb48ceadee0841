import { afterAll, describe, expect, it } from 'vitest';
import { createPostgresStores, dropPostgresStores, type PostgresStores } from '../../../src/postgres.js';
import { collect, graphOf, inBatches, partition } from '../../../src/testing/contracts/sample-graph.js';
import { addressWith, dropSchema, freshSchema, serverUrl, sql } from './server.js';

const url = serverUrl();
const schema = freshSchema();

afterAll(async () => {
  for (const tenant of ['', '__acme', '__globex']) await dropSchema(`${schema}${tenant}`);
});

const graph = graphOf([partition('src/secret.ts'), partition('src/b.ts')]);
const digests = graph.manifest.map(({ digest }) => digest);

async function fill(stores: PostgresStores): Promise<void> {
  await stores.graphStore.publish({ ...graph, partitions: inBatches(graph.entries) });
  await stores.metadataStore.saveRepository({ id: graph.snapshot.repository, name: 'shop', location: '/shop', kind: 'bare' });
  await stores.metadataStore.saveSnapshot({ snapshot: graph.snapshot, files: inBatches([{ path: 'src/secret.ts', blob: 'a', size: 1, language: 'typescript', status: 'indexed', symbols: 1 }]) });
  await stores.metadataStore.saveRun({ id: 'run', repository: graph.snapshot.repository, branch: 'main', status: 'running', startedAt: '2025-01-01T00:00:00.000Z' });
  await stores.factStore.put([{ key: 'source/a', bytes: new Uint8Array(3) }]);
}

describe('tenants of one database', () => {
  it('cannot reach across, whatever they ask for, and go without a trace of the others', async () => {
    const acme = await createPostgresStores({ url, schema, tenant: 'acme' });
    const globex = await createPostgresStores({ url, schema, tenant: 'globex' });
    const nobody = await createPostgresStores({ url, schema });
    expect([acme.info.schema, globex.info.schema, nobody.info.schema]).toEqual([`${schema}__acme`, `${schema}__globex`, schema]);
    await fill(acme);

    for (const other of [globex, nobody]) {
      expect(await other.graphStore.heads()).toEqual([]);
      expect(await other.graphStore.snapshots(graph.snapshot.repository)).toEqual([]);
      await expect(other.graphStore.open(graph.snapshot.id)).rejects.toMatchObject({ code: 'unknown-snapshot' });
      // Not even whether somebody else has a file with this content.
      expect(await other.graphStore.holds(digests)).toEqual(new Set());
      await expect(other.graphStore.publish({ ...graph, partitions: inBatches([]) })).rejects.toMatchObject({ code: 'conflict' });
      expect(await other.graphStore.retire({ repository: graph.snapshot.repository, snapshots: [graph.snapshot.id], branches: ['main'] })).toEqual({ snapshots: 0, partitions: 0, nodes: 0 });
      expect(await other.metadataStore.repositories()).toEqual([]);
      expect(await collect(other.metadataStore.files(graph.snapshot.id))).toEqual([]);
      expect(await other.metadataStore.runs(graph.snapshot.repository)).toEqual([]);
      await other.metadataStore.removeSnapshots([graph.snapshot.id]);
      expect(await other.factStore.has(['source/a'])).toEqual(new Set());
      expect(await other.factStore.prune({ prefixes: ['source/'], keep: new Set(), olderThan: new Date(Date.now() + 60_000) })).toBe(0);
    }

    await fill(globex);
    await acme.close();
    expect(await dropPostgresStores({ url, schema, tenant: 'acme' })).toBe(true);
    expect(await dropPostgresStores({ url, schema, tenant: 'acme' })).toBe(false);
    const reader = await globex.graphStore.open(graph.snapshot.id);
    expect(await collect(reader.partitions())).toEqual(graph.entries.map((entry) => entry.partition));
    expect(await collect(globex.metadataStore.files(graph.snapshot.id))).toHaveLength(1);
    expect(await globex.factStore.has(['source/a'])).toEqual(new Set(['source/a']));
    await reader.close();
    await Promise.all([globex.close(), nobody.close()]);
  });

  it('can have roles that the server keeps apart', async () => {
    const globex = `${schema}__globex`;
    const role = `${schema}_role`;
    await (await createPostgresStores({ url, schema, tenant: 'globex' })).close();
    try {
      await sql(url, (query) => query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA "${globex}" TO ${role}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${globex}" TO ${role}`));
      const theirs = addressWith(url, { user: role, password: 'x' });
      const stores = await createPostgresStores({ url: theirs, schema, tenant: 'globex' });
      expect(await stores.metadataStore.repositories()).toBeInstanceOf(Array);
      await stores.close();
      await expect(createPostgresStores({ url: theirs, schema })).rejects.toMatchObject({ code: 'store-read-only' });
      await expect(sql(theirs, (query) => query(`SELECT * FROM "${schema}".repositories`))).rejects.toMatchObject({ code: '42501' });
    } finally {
      await sql(url, (query) => query(`DROP OWNED BY ${role}; DROP ROLE ${role}`));
    }
  });

  it.each(['Acme', 'a__b', '_a', 'a-', 'a b', '', 'a"; DROP SCHEMA public; --', 'x'.repeat(64)])('refuses the tenant %j', async (tenant) => {
    await expect(createPostgresStores({ url, schema, tenant })).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it.each(['Codeloom', 'a__b', 'pg_catalog', '1a', 'a"b', 'a_'])('refuses the schema %j', async (name) => {
    await expect(createPostgresStores({ url, schema: name })).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});
