import { factStoreContract } from '../../../src/testing.js';
import { freshBucket } from './bucket.js';

factStoreContract('S3', async () => {
  const bucket = await freshBucket();
  return {
    store: bucket.open(),
    another: async () => bucket.open(),
    // Of each kind the log stays, which says that there is nothing.
    size: async () => (await bucket.names()).filter((name) => name.includes('/data/')).length,
    dispose: () => bucket.dispose(),
  };
});
