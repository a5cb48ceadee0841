import { resolve } from 'node:path';
import type { Codeloom } from '../use-cases/codeloom.js';
import type { CompositionOptions } from './container.js';

/** What {@link createCodeloom} takes; everything is optional. */
export interface CodeloomOptions extends Partial<CompositionOptions> {
  /** The data folder, or `memory` to keep everything in this process. Default: the platform's data folder. */
  readonly store?: string;
}

/**
 * Codeloom with the embedded default (Git on this machine, tree-sitter, SQLite in a folder), or with the ports that are given. Close it, or declare it with
 * `await using`. Throws `store-unavailable`, `store-read-only`, `store-too-new`, `store-corrupt`.
 *
 * ```ts
 * const codeloom = await createCodeloom({ store: 'memory' });
 * const { snapshot } = await codeloom.index({ location: '.' });
 * ```
 */
export async function createCodeloom(options: CodeloomOptions = {}): Promise<Codeloom> {
  const { createContainer, TOKENS } = await import('./container.js');
  const store = options.store === undefined ? (await import('./store-folder.js')).defaultStoreFolder() : options.store === 'memory' ? options.store : resolve(options.store);
  const container = createContainer({ ...options, store });
  try {
    return await container.getAsync(TOKENS.codeloom);
  } catch (error) {
    await container.unbindAllAsync();
    throw error;
  }
}
