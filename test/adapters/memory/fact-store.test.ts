import { createMemoryFactStore } from '../../../src/adapters/memory/fact-store.js';
import { factStoreContract } from '../../../src/testing/contracts/fact-store.js';

factStoreContract('memory', async () => ({ store: createMemoryFactStore() }));
