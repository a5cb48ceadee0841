import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryFactStore } from '../adapters/memory/fact-store.js';
import { CodeloomError } from '../domain/errors.js';
import { Codeloom } from '../use-cases/codeloom.js';
import { openStores } from './adapters.js';
import { createCodeloom } from './create-codeloom.js';
import { indexerVersion } from './version.js';

interface OpenRequest {
  /** Absolute path of the data folder. */
  readonly store: string;
  readonly workers?: number | undefined;
}

/** Codeloom for a command that indexes: everything through the container. */
export function openForIndexing(request: OpenRequest): Promise<Codeloom> {
  return createCodeloom(request);
}

/**
 * Codeloom for a command that asks: the stores by hand, and the container, whose start takes longer than most answers, only when a question turns out to need
 * Git or the parser. Throws `not-indexed` where there is no store, and makes none.
 */
export async function openForQueries(request: OpenRequest): Promise<Codeloom> {
  if (!existsSync(join(request.store, 'graph.db'))) {
    throw new CodeloomError('not-indexed', 'Nothing has been indexed.', { details: { store: request.store, hint: `In a Git repository, run: codeloom index (data folder: ${request.store})` } });
  }
  const stores = await openStores(request);
  const { graphStore, metadataStore, factStore } = stores;
  let closeRest = async (): Promise<void> => undefined;
  return new Codeloom({
    graphStore, metadataStore, indexerVersion: indexerVersion(), scratch: createMemoryFactStore,
    async indexing() {
      const { createContainer, TOKENS } = await import('./container.js');
      const container = createContainer({ ...request, graphStore, metadataStore, factStore });
      closeRest = () => container.unbindAllAsync();
      return container.getAsync(TOKENS.indexingPorts);
    },
    async close() {
      await closeRest();
      await stores.close();
    },
  });
}
