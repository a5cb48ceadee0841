import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSqliteDriver } from '../../../src/adapters/sqlite/driver.js';
import { createSqliteStores, type SqliteStores } from '../../../src/adapters/sqlite/stores.js';

/** Stores in a folder of their own, which goes with them. */
export async function temporaryStores(): Promise<{ stores: SqliteStores; folder: string; dispose: () => Promise<void> }> {
  const folder = await temporaryFolder();
  const stores = await createSqliteStores({ folder });
  return {
    stores, folder,
    async dispose() {
      await stores.close();
      await removeFolder(folder);
    },
  };
}

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'codeloom-sqlite-'));
}

/** Windows keeps the files of a connection until it is collected, so that removing them is tried again and not insisted on. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

/** Rows of all tables of a database. */
export async function rowsOf(file: string): Promise<number> {
  const connection = (await loadSqliteDriver()).open(file, 'read-only');
  const tables = connection.all("SELECT name FROM sqlite_schema WHERE type = 'table'").map(([name]) => String(name));
  const rows = tables.map((table) => Number(connection.all(`SELECT count(*) FROM "${table}"`)[0]?.[0]));
  connection.close();
  return rows.reduce((sum, count) => sum + count, 0);
}
