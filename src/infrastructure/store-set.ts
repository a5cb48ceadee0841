import type { FactStore } from '../domain/ports/fact-store.js';
import type { GraphStore } from '../domain/ports/graph-store.js';
import type { MetadataStore } from '../domain/ports/metadata-store.js';
import type { SecretProvider } from '../domain/ports/secret-provider.js';
import { storeText, type StoreChoice, type StoreChoices } from './store-choice.js';

/** Opens stores when they are first wanted. Choices that are the same place share what is opened for it. */
export interface StorePool {
  graphStore(choice: StoreChoice): Promise<GraphStore>;
  metadataStore(choice: StoreChoice): Promise<MetadataStore>;
  /** `cache`: see {@link StoreChoices}. */
  factStore(choice: StoreChoice, cache?: string): Promise<FactStore>;
  /** Closes all that was opened, also when some of it cannot be closed; then throws the first failure. */
  close(): Promise<void>;
}

/** The stores of one place. */
export interface StoreSet {
  graphStore(): Promise<GraphStore>;
  metadataStore(): Promise<MetadataStore>;
  factStore(): Promise<FactStore>;
  close(): Promise<void>;
}

/** What is opened at once: a folder of SQLite files, a server's connections. */
interface Place {
  readonly graphStore?: GraphStore;
  readonly metadataStore?: MetadataStore;
  readonly factStore?: FactStore;
  close(): Promise<void>;
}

export function createStorePool({ secrets }: { readonly secrets: () => Promise<SecretProvider> }): StorePool {
  const places = new Map<string, Promise<Place>>();

  function open(key: string, how: () => Promise<Place>): Promise<Place> {
    const known = places.get(key);
    if (known !== undefined) return known;
    const place = how();
    places.set(key, place);
    // What could not be opened may be tried again, and needs no closing.
    place.catch(() => places.delete(key));
    return place;
  }

  const placeOf = (choice: StoreChoice): Promise<Place> => open(storeText(choice), () => openPlace(choice, secrets));

  return {
    graphStore: async (choice) => present((await placeOf(choice)).graphStore, choice),
    metadataStore: async (choice) => present((await placeOf(choice)).metadataStore, choice),
    async factStore(choice, cache) {
      const inner = present((await placeOf(choice)).factStore, choice);
      if (cache === undefined) return inner;
      return present((await open(`cache ${cache} ${storeText(choice)}`, () => openCache({ cache, inner, choice, secrets }))).factStore, choice);
    },
    async close() {
      const opened = [...places.values()].reverse(); // a cache before what it stands in front of
      places.clear();
      const failures: unknown[] = [];
      for (const place of opened) await place.then((each) => each.close(), () => undefined).catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    },
  };
}

export function createStoreSet(choices: StoreChoices, pool: StorePool): StoreSet {
  return {
    graphStore: () => pool.graphStore(choices.graph),
    metadataStore: () => pool.metadataStore(choices.metadata),
    factStore: () => pool.factStore(choices.facts, choices.cache),
    close: () => pool.close(),
  };
}

// Each adapter is imported when it is first wanted: a query must not wait for what it does not use.

async function openPlace(choice: StoreChoice, secrets: () => Promise<SecretProvider>): Promise<Place> {
  switch (choice.kind) {
    case 'memory': {
      const [{ createMemoryGraphStore }, { createMemoryMetadataStore }, { createMemoryFactStore }] = await Promise.all([
        import('../adapters/memory/graph-store.js'), import('../adapters/memory/metadata-store.js'), import('../adapters/memory/fact-store.js'),
      ]);
      const stores = { graphStore: createMemoryGraphStore(), metadataStore: createMemoryMetadataStore(), factStore: createMemoryFactStore() };
      return { ...stores, close: async () => void await Promise.all([stores.graphStore.close(), stores.metadataStore.close(), stores.factStore.close()]) };
    }
    case 'sqlite': {
      const { createSqliteStores } = await import('../adapters/sqlite/stores.js');
      return createSqliteStores({ folder: choice.folder });
    }
    default: {
      const { openServer } = await import('./servers.js');
      return openServer(choice, await secrets());
    }
  }
}

async function openCache({ cache, inner, choice, secrets }: { readonly cache: string; readonly inner: FactStore; readonly choice: StoreChoice; readonly secrets: () => Promise<SecretProvider> }): Promise<Place> {
  const { openRedisCache } = await import('./servers.js');
  const factStore = await openRedisCache({ cache, inner, choice }, await secrets());
  return { factStore, close: () => factStore.close() };
}

/** Which kind holds what was decided when the choice was read. */
function present<T>(store: T | undefined, choice: StoreChoice): T {
  if (store === undefined) throw new TypeError(`${choice.kind} was chosen for what it does not hold`);
  return store;
}
