import { createMemoryMetadataStore } from '../../../src/adapters/memory/metadata-store.js';
import { metadataStoreContract } from '../../../src/testing/contracts/metadata-store.js';

metadataStoreContract('memory', async () => ({ store: createMemoryMetadataStore() }));
