import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteDatabase } from '../../../src/adapters/sqlite/database.js';
import { loadSqliteDriver } from '../../../src/adapters/sqlite/driver.js';
import { createSqliteStores } from '../../../src/adapters/sqlite/stores.js';
import { collect, definition, edge, external, graphOf, inBatches, partition, sha256 } from '../../../src/testing/contracts/sample-graph.js';
import { removeFolder, temporaryFolder } from './temporary-stores.js';

describe('SQLite stores in a folder', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => removeFolder(folder));

  const shop = () => {
    const total = definition({ path: 'src/cart.ts', name: 'total', line: 2 });
    const main = definition({ path: 'src/app.ts', name: 'main', line: 3 });
    return graphOf([
      partition('src/app.ts', { nodes: [main], edges: [edge(main, total, { line: 4 })], unresolved: [{ from: main.id, name: 'render', reason: 'dynamic-receiver', line: 5, column: 3 }] }),
      partition('src/cart.ts', { nodes: [total, external('lodash', 'sum')], edges: [edge(total, external('lodash', 'sum'), { certainty: 'candidate' })] }),
    ]);
  };

  it('keep what was written, for whoever opens the folder next', async () => {
    const graph = shop();
    const before = await createSqliteStores({ folder: join(folder, 'new/deep') });
    await before.graphStore.publish({ ...graph, partitions: inBatches(graph.entries) });
    await before.factStore.put([{ key: 'source/a', bytes: Uint8Array.of(1, 2, 3) }]);
    await before.metadataStore.saveRepository({ id: 'r', name: 'r', location: '/r', kind: 'bare' });
    await before.close();
    await before.close();

    const after = await createSqliteStores({ folder: join(folder, 'new/deep') });
    expect(await after.graphStore.heads()).toEqual([graph.snapshot]);
    expect((await collect(after.factStore.get(['source/a']))).map(({ bytes }) => [...bytes])).toEqual([[1, 2, 3]]);
    expect(await after.metadataStore.repositories()).toHaveLength(1);
    expect(after.info.sqliteVersion).toMatch(/^3\.\d+\.\d+/);
    await after.close();
  });

  it('take folders of any name', async () => {
    const odd = join(folder, 'a #?%20 \'"\u{1F600}');
    const stores = await createSqliteStores({ folder: odd });
    await stores.factStore.put([{ key: 'a', bytes: Uint8Array.of(1) }]);
    expect(await stores.factStore.has(['a'])).toEqual(new Set(['a']));
    await stores.close();
  });

  it('can be opened by several callers at once while they are made', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => createSqliteStores({ folder })));
    for (const stores of all) expect(await stores.graphStore.heads()).toEqual([]);
    for (const stores of all) await stores.close();
  });

  it('that a later codeloom wrote are refused, and left untouched', async () => {
    const stores = await createSqliteStores({ folder });
    await stores.close();
    const file = stores.info.graphFile;
    const connection = (await loadSqliteDriver()).open(file, 'read-write');
    connection.exec('PRAGMA user_version = 999; PRAGMA wal_checkpoint(TRUNCATE)');
    connection.close();
    const bytes = await readFile(file);
    await expect(createSqliteStores({ folder })).rejects.toMatchObject({ code: 'store-too-new', details: { found: 999 } });
    expect(Buffer.compare(await readFile(file), bytes)).toBe(0);
  });

  it('that a later codeloom migrates while they are open are not written to any more', async () => {
    const stores = await createSqliteStores({ folder });
    const connection = (await loadSqliteDriver()).open(stores.info.graphFile, 'read-write');
    connection.exec('PRAGMA user_version = 999');
    connection.close();
    await expect(stores.graphStore.heads()).rejects.toMatchObject({ code: 'store-too-new' });
    await expect(stores.graphStore.retire({ repository: 'r', snapshots: [] })).rejects.toMatchObject({ code: 'store-too-new' });
    await stores.close();
  });

  it('that are no database are refused', async () => {
    await writeFile(join(folder, 'graph.db'), 'x'.repeat(5000));
    await expect(createSqliteStores({ folder })).rejects.toMatchObject({ code: 'store-corrupt' });
  });

  it('that are the database of another program are refused, and left as they are', async () => {
    const connection = (await loadSqliteDriver()).open(join(folder, 'graph.db'), 'read-write');
    connection.exec('CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)');
    connection.close();
    await expect(createSqliteStores({ folder })).rejects.toMatchObject({ code: 'store-corrupt' });
    const again = (await loadSqliteDriver()).open(join(folder, 'graph.db'), 'read-only');
    expect(again.all('SELECT name FROM sqlite_master')).toEqual([['theirs']]);
    again.close();
  });

  it('that are damaged say so', async () => {
    const graph = graphOf(Array.from({ length: 200 }, (_, index) => partition(`src/${index}.ts`)));
    const stores = await createSqliteStores({ folder });
    await stores.graphStore.publish({ ...graph, partitions: inBatches(graph.entries, 50) });
    await stores.close();
    const damaged = join(folder, 'damaged');
    const file = join(damaged, 'graph.db');
    await (await createSqliteStores({ folder: damaged })).close();
    const connection = (await loadSqliteDriver()).open(stores.info.graphFile, 'read-write');
    connection.all('PRAGMA wal_checkpoint(TRUNCATE)');
    connection.close();
    await copyFile(stores.info.graphFile, file);
    const bytes = await readFile(file);
    await writeFile(file, bytes.fill(0xa5, 8192));
    await writeFile(`${file}-wal`, '');
    const reading = createSqliteStores({ folder: damaged }).then(async (opened) => {
      const reader = await opened.graphStore.open(graph.snapshot.id);
      return collect(reader.partitions());
    });
    await expect(reading).rejects.toMatchObject({ code: 'store-corrupt' });
  });

  it('where there is no folder to be had say so', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(createSqliteStores({ folder: join(folder, 'file/below') })).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  it('that are full say so, and keep what they had', async () => {
    const driver = await loadSqliteDriver();
    const database = await openSqliteDatabase({ driver, file: join(folder, 'small.db'), lockFile: join(folder, 'small.lock'), lockTimeout: 100, migrations: ['CREATE TABLE kept (a)'] });
    await database.write((connection) => connection.exec('INSERT INTO kept VALUES (1)'));
    const filling = database.write((connection) => {
      connection.exec('PRAGMA max_page_count = 20');
      connection.run('INSERT INTO kept VALUES (zeroblob(1000000))');
    });
    await expect(filling).rejects.toMatchObject({ code: 'store-full' });
    expect(database.read((connection) => connection.all('SELECT count(*) FROM kept'))).toEqual([[1]]);
    await database.close();
  });

  it('are migrated forward, once, from where they stand', async () => {
    const driver = await loadSqliteDriver();
    const place = { driver, file: join(folder, 'm.db'), lockFile: join(folder, 'm.lock'), lockTimeout: 100 };
    const first = await openSqliteDatabase({ ...place, migrations: ['CREATE TABLE a (x); INSERT INTO a VALUES (1)'] });
    await first.close();
    const migrations = ['CREATE TABLE a (x); INSERT INTO a VALUES (1)', 'ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1'];
    for (let time = 0; time < 2; time++) {
      const second = await openSqliteDatabase({ ...place, migrations });
      expect(second.read((connection) => connection.all('SELECT x, y FROM a'))).toEqual([[1, 2]]);
      await second.close();
    }
    await expect(openSqliteDatabase({ ...place, migrations: migrations.slice(0, 1) })).rejects.toMatchObject({ code: 'store-too-new' });
    const broken = openSqliteDatabase({ ...place, migrations: [...migrations, 'CREATE TABLE b (x)', 'CREATE TABLE nonsense ('] });
    await expect(broken).rejects.toThrow();
    const unharmed = await openSqliteDatabase({ ...place, migrations });
    expect(unharmed.read((connection) => connection.all("SELECT name FROM sqlite_master WHERE name = 'b'"))).toEqual([]);
    await unharmed.close();
  });

  it('take facts while a graph is published, and what is told about the run after it', async () => {
    const graph = shop();
    const stores = await createSqliteStores({ folder });
    // A write to the same file takes its turn behind the publication, whose stream must not wait for it.
    let event: Promise<void> | undefined;
    async function* telling() {
      event = stores.metadataStore.appendEvents('run', [{ sequence: 1, at: '2025-01-01T00:00:00.000Z', type: 'run-started' }]);
      await stores.factStore.put([{ key: 'meanwhile', bytes: Uint8Array.of(1) }]);
      yield* inBatches(graph.entries);
    }
    await stores.graphStore.publish({ ...graph, partitions: telling() });
    await event;
    expect(await stores.metadataStore.events('run')).toHaveLength(1);
    await stores.close();
  });

  it('show people the head snapshots in views', async () => {
    const graph = shop();
    const stores = await createSqliteStores({ folder });
    const old = graphOf([partition('src/gone.ts', { nodes: [definition({ path: 'src/gone.ts', name: 'gone' })] })]);
    for (const one of [old, graph]) {
      await stores.graphStore.publish({ ...one, partitions: inBatches(one.entries) });
      const files = one.manifest.map(({ path }) => ({ path, blob: sha256(path).slice(0, 40), size: 10, language: 'typescript', status: 'indexed' as const, symbols: 1 }));
      await stores.metadataStore.saveSnapshot({ snapshot: one.snapshot, files: inBatches(files) });
    }
    await stores.metadataStore.saveRun({ id: 'run', repository: 'r', branch: 'main', status: 'succeeded', startedAt: '2025-01-01T00:00:00.000Z' });
    const ask = async (sql: string) => {
      const connection = (await loadSqliteDriver()).open(stores.info.graphFile, 'read-only');
      const rows = connection.all(sql);
      connection.close();
      return rows;
    };
    expect(await ask('SELECT branch, id, kind, qualified_name, path, line, exported, doc FROM symbols_view ORDER BY id')).toEqual([
      ['main', 'src/app.ts', 'file', 'src/app.ts', 'src/app.ts', 1, null, null], ['main', 'src/app.ts#main().', 'function', 'main', 'src/app.ts', 3, 1, 'Does main.'],
      ['main', 'src/cart.ts', 'file', 'src/cart.ts', 'src/cart.ts', 1, null, null], ['main', 'src/cart.ts#total().', 'function', 'total', 'src/cart.ts', 2, 1, 'Does total.'],
    ]);
    expect(await ask('SELECT caller, callee, certainty, path, sites FROM calls_view ORDER BY caller')).toEqual([
      ['src/app.ts#main().', 'src/cart.ts#total().', 'certain', 'src/app.ts', '4:5'], ['src/cart.ts#total().', 'external:lodash#sum', 'candidate', 'src/cart.ts', '3:5'],
    ]);
    expect(await ask('SELECT caller, name, reason, path, line, "column" FROM unresolved_view')).toEqual([['src/app.ts#main().', 'render', 'dynamic-receiver', 'src/app.ts', 5, 3]]);
    expect(await ask('SELECT path, status FROM files_view ORDER BY path')).toEqual([['src/app.ts', 'indexed'], ['src/cart.ts', 'indexed']]);
    expect(await ask('SELECT id, is_head, files FROM snapshots_view ORDER BY is_head')).toEqual([[old.snapshot.id, 0, 1], [graph.snapshot.id, 1, 2]]);
    expect(await ask('SELECT id, status FROM runs_view')).toEqual([['run', 'succeeded']]);
    await stores.close();
  });
});
