import { afterAll, describe, expect, it } from 'vitest';
import { loadPostgresDriver } from '../../../src/adapters/postgres/driver.js';
import { migrateSchema } from '../../../src/adapters/postgres/migrate.js';
import { MIGRATIONS } from '../../../src/adapters/postgres/schema.js';
import { postgresSettings } from '../../../src/adapters/postgres/settings.js';
import { createPostgresStores, dropPostgresStores, inspectPostgres } from '../../../src/postgres.js';
import { collect, graphOf, inBatches, partition } from '../../../src/testing/contracts/sample-graph.js';
import { addressWith, dropSchema, freshSchema, serverUrl, sql } from './server.js';

const url = serverUrl();
const schemas: string[] = [];
const schemaOfMine = (): string => {
  const schema = freshSchema();
  schemas.push(schema);
  return schema;
};
const relations = (schema: string) => sql(url, (query) => query("SELECT relname, relkind FROM pg_class WHERE relnamespace = to_regnamespace($1) ORDER BY relname", [schema]));
const versions = (schema: string) => sql(url, async (query) => (await query(`SELECT version FROM "${schema}".migration ORDER BY version`)).map(({ version }) => version));

afterAll(async () => {
  for (const schema of schemas) await dropSchema(schema);
});

describe('migrations', () => {
  it('are done once by four workers that start at the same time', async () => {
    const schema = schemaOfMine();
    const stores = await Promise.all(Array.from({ length: 4 }, () => createPostgresStores({ url, schema })));
    expect(await versions(schema)).toEqual(MIGRATIONS.map((_, index) => index + 1));
    expect(await Promise.all(stores.map(({ graphStore }) => graphStore.heads()))).toEqual([[], [], [], []]);
    await Promise.all(stores.map((one) => one.close()));
  });

  it('go forward from the first version, and keep what is there', async () => {
    const schema = schemaOfMine();
    const settings = postgresSettings({ url, schema });
    const driver = await loadPostgresDriver();
    await migrateSchema({ driver, settings, lockTimeout: 5000, migrate: true, migrations: MIGRATIONS.slice(0, 1) });
    await sql(url, (query) => query(`INSERT INTO "${schema}".repositories VALUES ('r', 'r', '/r', 'bare')`));
    const later = [...MIGRATIONS, { name: 'a later one', sql: 'ALTER TABLE repositories ADD COLUMN seen_at timestamptz; CREATE TABLE later (id integer)' }];
    await Promise.all([1, 2, 3].map(() => migrateSchema({ driver, settings, lockTimeout: 5000, migrate: true, migrations: later })));
    expect(await versions(schema)).toEqual(later.map((_, index) => index + 1));
    expect(await sql(url, (query) => query(`SELECT id, seen_at FROM "${schema}".repositories`))).toEqual([{ id: 'r', seen_at: null }]);
  });

  it('leave nothing of one that fails midway', async () => {
    const schema = schemaOfMine();
    const settings = postgresSettings({ url, schema });
    const failing = [...MIGRATIONS, { name: 'broken', sql: 'CREATE TABLE half (id integer); SELECT no_such_function()' }];
    await expect(migrateSchema({ driver: await loadPostgresDriver(), settings, lockTimeout: 5000, migrate: true, migrations: failing })).rejects.toMatchObject({ name: 'CodeloomError' });
    expect(await sql(url, (query) => query('SELECT to_regnamespace($1)::text AS found', [schema]))).toEqual([{ found: null }]);
  });

  it('refuse a schema of a later codeloom, and leave it untouched', async () => {
    const schema = schemaOfMine();
    const stores = await createPostgresStores({ url, schema });
    await sql(url, (query) => query(`INSERT INTO "${schema}".migration (version, name) VALUES (99, 'from the future')`));
    const before = await relations(schema);
    await expect(createPostgresStores({ url, schema })).rejects.toMatchObject({ code: 'store-too-new', retryable: false, details: { schema, found: 99, known: MIGRATIONS.length } });
    expect(await relations(schema)).toEqual(before);
    // Who had it open before notices too.
    const graph = graphOf([partition('src/a.ts')]);
    await expect(stores.graphStore.publish({ ...graph, partitions: inBatches(graph.entries) })).rejects.toMatchObject({ code: 'store-too-new' });
    await expect(stores.graphStore.open('any')).rejects.toMatchObject({ code: 'store-too-new' });
    await stores.close();
  });

  it('touch no schema that holds something else', async () => {
    const schema = schemaOfMine();
    await sql(url, (query) => query(`CREATE SCHEMA "${schema}"; CREATE TABLE "${schema}".invoices (id integer)`));
    await expect(createPostgresStores({ url, schema })).rejects.toMatchObject({ code: 'store-corrupt' });
    await expect(dropPostgresStores({ url, schema })).rejects.toMatchObject({ code: 'store-corrupt' });
    expect(await inspectPostgres({ url, schema })).toMatchObject({ foreign: true, schemaVersion: 0 });
    expect((await relations(schema)).map(({ relname }) => relname)).toEqual(['invoices']);
  });

  it('are not done where that is not wanted', async () => {
    const schema = schemaOfMine();
    await expect(createPostgresStores({ url, schema, migrate: false })).rejects.toMatchObject({ code: 'store-unavailable', retryable: false });
    expect(await inspectPostgres({ url, schema })).toMatchObject({ schema, schemaVersion: 0, knownVersion: MIGRATIONS.length, canMigrate: true, canWrite: false, readOnly: false });
  });
});

describe('the least privilege', () => {
  it('is enough: the owner migrates, one role indexes without making tables, another only reads', async () => {
    const schema = schemaOfMine();
    const roles = [`${schema}_indexer`, `${schema}_reader`] as const;
    const [indexerUrl, readerUrl] = [addressWith(url, { user: roles[0], password: 'x-indexer' }), addressWith(url, { user: roles[1], password: 'x-reader' })];
    try {
      await sql(url, (query) => query(`CREATE ROLE ${roles[0]} LOGIN PASSWORD 'x-indexer'; CREATE ROLE ${roles[1]} LOGIN PASSWORD 'x-reader'`));
      await expect(createPostgresStores({ url: indexerUrl, schema })).rejects.toMatchObject({ code: 'store-read-only', retryable: false });

      await (await createPostgresStores({ url, schema })).close();
      // As docs/postgres-schema.md has it.
      await sql(url, (query) => query(`
        GRANT USAGE ON SCHEMA "${schema}" TO ${roles[0]}, ${roles[1]};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${schema}" TO ${roles[0]};
        GRANT SELECT ON ALL TABLES IN SCHEMA "${schema}" TO ${roles[1]};
        ALTER DEFAULT PRIVILEGES IN SCHEMA "${schema}" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${roles[0]};
        ALTER DEFAULT PRIVILEGES IN SCHEMA "${schema}" GRANT SELECT ON TABLES TO ${roles[1]};`));

      const graph = graphOf([partition('src/a.ts'), partition('src/b.ts')]);
      const next = graphOf([partition('src/a.ts')]);
      const indexer = await createPostgresStores({ url: indexerUrl, schema });
      for (const one of [graph, next]) {
        await indexer.graphStore.publish({ ...one, partitions: inBatches(one.entries) });
        await indexer.metadataStore.saveSnapshot({ snapshot: one.snapshot, files: inBatches([{ path: 'src/a.ts', blob: 'a', size: 1, language: 'typescript', status: 'indexed', symbols: 1 }]) });
      }
      await indexer.metadataStore.saveRun({ id: 'run', repository: 'r', branch: 'main', status: 'running', startedAt: '2025-01-01T00:00:00.000Z' });
      await indexer.metadataStore.appendEvents('run', [{ sequence: 1, at: '2025-01-01T00:00:00.000Z', type: 'run-started' }]);
      await indexer.factStore.put([{ key: 'source/a', bytes: new Uint8Array(9) }]);
      expect(await indexer.factStore.prune({ prefixes: ['source/'], keep: new Set(), olderThan: new Date(Date.now() + 60_000) })).toBe(1);
      expect((await indexer.graphStore.retire({ repository: graph.snapshot.repository, snapshots: [graph.snapshot.id] })).snapshots).toBe(1);
      await indexer.metadataStore.removeSnapshots([graph.snapshot.id]);
      expect(await inspectPostgres({ url: indexerUrl, schema })).toMatchObject({ canMigrate: false, canWrite: true });
      await indexer.close();

      const reader = await createPostgresStores({ url: readerUrl, schema });
      const opened = await reader.graphStore.open(next.snapshot.id);
      expect(await collect(opened.partitions())).toHaveLength(1);
      expect(await collect(reader.metadataStore.files(next.snapshot.id))).toHaveLength(1);
      await opened.close();
      await expect(reader.graphStore.publish({ ...graph, partitions: inBatches(graph.entries) })).rejects.toMatchObject({ code: 'store-read-only', retryable: false });
      await expect(reader.factStore.put([{ key: 'source/a', bytes: new Uint8Array(9) }])).rejects.toMatchObject({ code: 'store-read-only' });
      expect(await inspectPostgres({ url: readerUrl, schema })).toMatchObject({ canMigrate: false, canWrite: false, schemaVersion: MIGRATIONS.length });
      await reader.close();
    } finally {
      await dropSchema(schema);
      await sql(url, (query) => query(`DROP ROLE IF EXISTS ${roles[0]}; DROP ROLE IF EXISTS ${roles[1]}`));
    }
  });
});
