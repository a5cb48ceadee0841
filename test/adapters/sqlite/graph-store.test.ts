import { loadSqliteDriver } from '../../../src/adapters/sqlite/driver.js';
import { createSqliteStores } from '../../../src/adapters/sqlite/stores.js';
import { graphStoreContract } from '../../../src/testing/contracts/graph-store.js';
import { graphStoreLaw } from '../../laws/graph-store.js';
import { temporaryStores } from './temporary-stores.js';

const factory = async () => {
  const { stores, folder, dispose } = await temporaryStores();
  return { store: stores.graphStore, another: () => anotherHandle(folder), size: () => rowsOf(stores.info.graphFile), dispose };
};

graphStoreContract('SQLite', factory);
graphStoreLaw('SQLite', factory);

/** As another process would open it; closing it closes all that was opened. */
async function anotherHandle(folder: string) {
  const stores = await createSqliteStores({ folder });
  return { ...stores.graphStore, close: stores.close };
}

/** Rows of all tables. */
async function rowsOf(file: string): Promise<number> {
  const connection = (await loadSqliteDriver()).open(file, 'read-only');
  const tables = connection.all("SELECT name FROM sqlite_schema WHERE type = 'table'").map(([name]) => String(name));
  const rows = tables.map((table) => Number(connection.all(`SELECT count(*) FROM "${table}"`)[0]?.[0]));
  connection.close();
  return rows.reduce((sum, count) => sum + count, 0);
}
