import { createSqliteStores } from '../../../src/adapters/sqlite/stores.js';
import { metadataStoreContract } from '../../../src/testing/contracts/metadata-store.js';
import { rowsOf, temporaryStores } from './temporary-stores.js';

metadataStoreContract('SQLite', async () => {
  const { stores, folder, dispose } = await temporaryStores();
  return { store: stores.metadataStore, another: () => anotherHandle(folder), size: () => rowsOf(stores.info.graphFile), dispose };
});

/** As another process would open it; closing it closes all that was opened. */
async function anotherHandle(folder: string) {
  const stores = await createSqliteStores({ folder });
  return { ...stores.metadataStore, close: stores.close };
}
