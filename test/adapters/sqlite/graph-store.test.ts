import { createSqliteStores } from '../../../src/adapters/sqlite/stores.js';
import { graphStoreContract } from '../../../src/testing/contracts/graph-store.js';
import { graphStoreLaw } from '../../laws/graph-store.js';
import { rowsOf, temporaryStores } from './temporary-stores.js';

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
