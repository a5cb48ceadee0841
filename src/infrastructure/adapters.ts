import { join } from 'node:path';
import type { FactStore } from '../domain/ports/fact-store.js';
import type { GitHost } from '../domain/ports/git-host.js';
import type { GraphStore } from '../domain/ports/graph-store.js';
import type { MetadataStore } from '../domain/ports/metadata-store.js';
import type { Parser } from '../domain/ports/parser.js';

/** The three stores of one place. */
export interface Stores {
  readonly graphStore: GraphStore;
  readonly metadataStore: MetadataStore;
  readonly factStore: FactStore;
  close(): Promise<void>;
}

interface Place {
  /** Absolute path of the data folder, or `memory`. */
  readonly store: string;
}

// Each adapter is imported when it is first wanted: a query must not wait for Git or a parser that it does not use.

/** The embedded stores of a folder, or stores in this process's memory. */
export async function openStores({ store }: Place): Promise<Stores> {
  if (store === 'memory') {
    const [{ createMemoryGraphStore }, { createMemoryMetadataStore }, { createMemoryFactStore }] = await Promise.all([
      import('../adapters/memory/graph-store.js'), import('../adapters/memory/metadata-store.js'), import('../adapters/memory/fact-store.js'),
    ]);
    return closedTogether({ graphStore: createMemoryGraphStore(), metadataStore: createMemoryMetadataStore(), factStore: createMemoryFactStore() });
  }
  const { createSqliteStores } = await import('../adapters/sqlite/stores.js');
  return closedTogether(await createSqliteStores({ folder: store }));
}

/** Git on this machine, with mirrors of remote repositories below the data folder. */
export async function createGitHost({ store }: Place): Promise<GitHost> {
  const git = await import('../adapters/git/git-host.js');
  return git.createGitHost({ cacheFolder: await mirrorFolder(store) });
}

/** web-tree-sitter in worker threads. */
export async function createParser({ workers }: { readonly workers?: number | undefined }): Promise<Parser> {
  const { createTreeSitterParser } = await import('../adapters/tree-sitter/parser.js');
  return createTreeSitterParser(workers === undefined ? {} : { workers });
}

async function mirrorFolder(store: string): Promise<string> {
  if (store !== 'memory') return join(store, 'mirrors');
  const { defaultStoreFolder } = await import('./store-folder.js');
  return join(defaultStoreFolder(), 'mirrors');
}

function closedTogether(stores: Omit<Stores, 'close'>): Stores {
  return {
    ...stores,
    async close() {
      await Promise.all([stores.graphStore.close(), stores.metadataStore.close(), stores.factStore.close()]);
    },
  };
}
