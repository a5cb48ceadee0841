// The memory store: what the others are compared with in questions.
import { createMemoryFactStore, createMemoryGraphStore, createMemoryMetadataStore } from '../../dist/testing.js';

export async function openMemory() {
  const stores = { graphStore: createMemoryGraphStore(), metadataStore: createMemoryMetadataStore(), factStore: createMemoryFactStore() };
  return {
    version: 'memory',
    stores,
    async close() {
      for (const store of Object.values(stores)) await store.close();
    },
  };
}
