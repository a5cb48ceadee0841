import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createSqliteStores } from '../../../src/adapters/sqlite/stores.js';
import { factStoreContract } from '../../../src/testing/contracts/fact-store.js';
import { rowsOf, temporaryStores } from './temporary-stores.js';

factStoreContract('SQLite', async () => {
  const { stores, folder, dispose } = await temporaryStores();
  return { store: stores.factStore, another: () => anotherHandle(folder), size: () => rowsOf(stores.info.factFile), dispose };
});

it('gives the space of much that was pruned back to the system', async () => {
  const { stores, dispose } = await temporaryStores();
  await stores.factStore.put(Array.from({ length: 120 }, (_, index) => ({ key: `partition/${index}`, bytes: randomBytes(100_000) })));
  await stores.factStore.put([{ key: 'facts/kept', bytes: randomBytes(100_000) }]);
  expect(await stores.factStore.prune({ prefixes: ['partition/'], keep: new Set(), olderThan: new Date(Date.now() + 60_000) })).toBe(120);
  await stores.factStore.close(); // the last to close moves everything into the file
  expect(statSync(stores.info.factFile).size).toBeLessThan(1_000_000);
  await dispose();
});

/** As another process would open it; closing it closes all that was opened. */
async function anotherHandle(folder: string) {
  const stores = await createSqliteStores({ folder });
  return { ...stores.factStore, close: stores.close };
}
