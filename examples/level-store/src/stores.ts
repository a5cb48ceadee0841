import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FactStore, GraphStore, MetadataStore } from 'codeloom';
import { openLevelFactStore } from './fact-store.js';
import { openLevelGraphStore } from './graph-store.js';
import { openLevelMetadataStore } from './metadata-store.js';

export interface LevelStores {
  readonly graphStore: GraphStore;
  readonly metadataStore: MetadataStore;
  readonly factStore: FactStore;
  close(): Promise<void>;
}

/** All three stores in one folder, a LevelDB each: `facts` may be deleted without loss. One process at a time. */
export async function openLevelStores(folder: string): Promise<LevelStores> {
  await mkdir(folder, { recursive: true });
  const graphStore = await openLevelGraphStore(join(folder, 'graph'));
  const metadataStore = await openLevelMetadataStore(join(folder, 'metadata'));
  const factStore = await openLevelFactStore(join(folder, 'facts'));
  return {
    graphStore, metadataStore, factStore,
    async close() {
      await Promise.all([graphStore.close(), metadataStore.close(), factStore.close()]);
    },
  };
}
