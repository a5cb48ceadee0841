import { createSqliteStores } from '../../../src/adapters/sqlite/stores.js';
import { factStoreContract } from '../../../src/testing/contracts/fact-store.js';
import { temporaryStores } from './temporary-stores.js';

factStoreContract('SQLite', async () => {
  const { stores, folder, dispose } = await temporaryStores();
  return { store: stores.factStore, another: () => anotherHandle(folder), dispose };
});

/** As another process would open it; closing it closes all that was opened. */
async function anotherHandle(folder: string) {
  const stores = await createSqliteStores({ folder });
  return { ...stores.factStore, close: stores.close };
}
