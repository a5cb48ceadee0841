import { resolve } from 'node:path';
import type { FactStore } from '../domain/ports/fact-store.js';
import type { GraphStore } from '../domain/ports/graph-store.js';
import type { MetadataStore } from '../domain/ports/metadata-store.js';
import type { Codeloom } from '../use-cases/codeloom.js';
import type { Container } from 'inversify';
import type { CompositionOptions, TOKENS as Tokens } from './container.js';
import type { StoreText } from './store-choice.js';

/** What {@link createCodeloom} takes; everything is optional. */
export interface CodeloomOptions extends Partial<Omit<CompositionOptions, 'stores' | 'graphStore' | 'metadataStore' | 'factStore'>> {
  /** The data folder, or `memory` to keep everything in this process. Default: the platform's data folder. */
  readonly store?: string;
  /**
   * A store, which stays its giver's to close; or where it lies, in a text as `--graph-store` takes it (`postgres`, `neo4j://host`, `sqlite:folder` …, never with a password): then
   * it is opened and closed here. Metadata and facts that are not named go where a named graph goes if that holds them, else into the data folder.
   */
  readonly graphStore?: GraphStore | string | undefined;
  readonly metadataStore?: MetadataStore | string | undefined;
  readonly factStore?: FactStore | string | undefined;
  /** A Redis in front of a fact store that is opened here: `redis`, or its address without a password. */
  readonly factCache?: string | undefined;
}

/**
 * Codeloom with the embedded default (Git on this machine, tree-sitter, SQLite in a folder), or with the ports that are given. Close it, or declare it with
 * `await using`. Throws `invalid-configuration`, `store-unavailable`, `store-read-only`, `store-too-new`, `store-corrupt`.
 *
 * ```ts
 * const codeloom = await createCodeloom({ store: 'memory' });
 * const { snapshot } = await codeloom.index({ location: '.' });
 * ```
 */
export async function createCodeloom(options: CodeloomOptions = {}): Promise<Codeloom> {
  const { container, TOKENS } = await compose(options);
  try {
    return await container.getAsync(TOKENS.codeloom);
  } catch (error) {
    await container.unbindAllAsync();
    throw error;
  }
}

/** @internal The container that options ask for; nothing in it is made yet. */
export async function compose(options: CodeloomOptions): Promise<{ readonly container: Container; readonly TOKENS: typeof Tokens }> {
  const [{ createContainer, TOKENS }, { chooseStores }] = await Promise.all([import('./container.js'), import('./store-choice.js')]);
  const store = options.store === undefined ? (await import('./store-folder.js')).defaultStoreFolder() : options.store === 'memory' ? options.store : resolve(options.store);
  const { graphStore, metadataStore, factStore, factCache, ...rest } = options;
  const stores = chooseStores({ graph: written('graphStore', graphStore), metadata: written('metadataStore', metadataStore), facts: written('factStore', factStore), cache: written('factCache', factCache) }, store);
  return { container: createContainer({ ...rest, store, stores, graphStore: given(graphStore), metadataStore: given(metadataStore), factStore: given(factStore) }), TOKENS };
}

function written(origin: string, value: unknown): StoreText | undefined {
  return typeof value === 'string' ? { text: value, origin, base: process.cwd() } : undefined;
}

function given<Store extends object>(value: Store | string | undefined): Store | undefined {
  return typeof value === 'string' ? undefined : value;
}
