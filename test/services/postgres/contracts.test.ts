import { factStoreContract } from '../../../src/testing/contracts/fact-store.js';
import { graphStoreContract } from '../../../src/testing/contracts/graph-store.js';
import { metadataStoreContract } from '../../../src/testing/contracts/metadata-store.js';
import { graphStoreLaw } from '../../laws/graph-store.js';
import { temporaryStores } from './server.js';

graphStoreContract('PostgreSQL', graphs);
graphStoreLaw('PostgreSQL', graphs);

metadataStoreContract('PostgreSQL', async () => {
  const { stores, another, size, dispose } = await temporaryStores();
  return { store: stores.metadataStore, another: async () => (await another()).metadataStore, size, dispose };
});

factStoreContract('PostgreSQL', async () => {
  const { stores, another, size, dispose } = await temporaryStores();
  return { store: stores.factStore, another: async () => (await another()).factStore, size, dispose };
});

async function graphs() {
  const { stores, another, size, dispose } = await temporaryStores();
  return { store: stores.graphStore, another: async () => (await another()).graphStore, size, dispose };
}
