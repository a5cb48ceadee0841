import { createMemoryGraphStore } from '../../../src/adapters/memory/graph-store.js';
import { graphStoreContract } from '../../../src/testing/contracts/graph-store.js';
import { graphStoreLaw } from '../../laws/graph-store.js';

const factory = async () => ({ store: createMemoryGraphStore() });

graphStoreContract('memory', factory);
graphStoreLaw('memory', factory);
