import { createMemoryFactStore } from '../../../src/adapters/memory/fact-store.js';
import { factStoreContract } from '../../contracts/fact-store.js';

factStoreContract('memory', async () => ({ store: createMemoryFactStore() }));
