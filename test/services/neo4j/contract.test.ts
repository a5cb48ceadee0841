import { graphStoreContract } from '../../../src/testing/contracts/graph-store.js';
import { graphStoreLaw } from '../../laws/graph-store.js';
import { fixtures } from './server.js';

graphStoreContract('Neo4j', fixtures());
graphStoreLaw('Neo4j', fixtures(), { runs: 8 });
