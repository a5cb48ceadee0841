import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryFactStore } from '../adapters/memory/fact-store.js';
import { CodeloomError } from '../domain/errors.js';
import type { GraphStore } from '../domain/ports/graph-store.js';
import type { MetadataStore } from '../domain/ports/metadata-store.js';
import { Codeloom } from '../use-cases/codeloom.js';
import { createCodeloom, type CodeloomOptions } from './create-codeloom.js';
import { chooseStores, type StoreChoice, type StoreTexts } from './store-choice.js';
import { createStorePool, createStoreSet } from './store-set.js';
import { indexerVersion } from './version.js';

/** Where the stores lie, as settings have it: texts without passwords. */
export interface StoreNames {
  readonly graph: string;
  readonly metadata: string;
  readonly facts: string;
  readonly cache?: string | undefined;
}

interface OpenRequest {
  /** Absolute path of the data folder. */
  readonly store: string;
  /** Absent: all in the data folder. */
  readonly stores?: StoreNames | undefined;
  readonly workers?: number | undefined;
}

/** Codeloom for a command that indexes: everything through the container. */
export function openForIndexing(request: OpenRequest): Promise<Codeloom> {
  return createCodeloom(codeloomOptions(request));
}

/** What settings mean to the library. */
export function codeloomOptions({ store, stores, workers }: OpenRequest): CodeloomOptions {
  return { store, ...(workers === undefined ? {} : { workers }), graphStore: stores?.graph, metadataStore: stores?.metadata, factStore: stores?.facts, factCache: stores?.cache };
}

/**
 * Codeloom for a command that asks: the stores by hand, each opened when a question comes to it, and the container, whose start takes longer than most answers, only when
 * a question turns out to need Git or the parser. Throws `not-indexed` where there is no store, and makes none.
 */
export async function openForQueries(request: OpenRequest): Promise<Codeloom> {
  const choices = chooseStores(textsOf(request.stores), request.store);
  if (!mayBeThere(choices.graph)) {
    const where = choices.graph.kind === 'sqlite' ? choices.graph.folder : 'memory, which ends with each command';
    throw new CodeloomError('not-indexed', 'Nothing has been indexed.', { details: { store: where, hint: `In a Git repository, run: codeloom index (data folder: ${where})` } });
  }
  const secrets = async () => (await import('./secrets.js')).usualSecrets(process.env);
  const set = createStoreSet(choices, createStorePool({ secrets }));
  const graphStore = await set.graphStore().catch(async (error: unknown) => {
    await set.close();
    throw error;
  });
  const metadataStore = mayBeThere(choices.metadata) ? openedWhenAsked(() => set.metadataStore()) : await knownByHeads(graphStore);
  let closeRest = async (): Promise<void> => undefined;
  return new Codeloom({
    graphStore, metadataStore, indexerVersion: indexerVersion(), scratch: createMemoryFactStore,
    async indexing() {
      const { createContainer, TOKENS } = await import('./container.js');
      const container = createContainer({ ...request, stores: choices, graphStore, metadataStore, factStore: await set.factStore() });
      closeRest = () => container.unbindAllAsync();
      return container.getAsync(TOKENS.indexingPorts);
    },
    async close() {
      await closeRest();
      await set.close();
    },
  });
}

export function textsOf(names: StoreNames | undefined): StoreTexts {
  const text = (of: string | undefined, origin: string) => (of === undefined ? undefined : { text: of, origin, base: process.cwd() });
  return names === undefined ? {} : { graph: text(names.graph, '--graph-store'), metadata: text(names.metadata, '--metadata-store'), facts: text(names.facts, '--fact-store'), cache: text(names.cache, '--fact-cache') };
}

/** A server may hold anything; a folder, when the database is in it. */
export function mayBeThere(choice: StoreChoice): boolean {
  return choice.kind === 'sqlite' ? existsSync(join(choice.folder, 'graph.db')) : choice.kind !== 'memory';
}

/** Most questions that name their repository and branch never ask for metadata: no connection is made for them. */
function openedWhenAsked(open: () => Promise<MetadataStore>): MetadataStore {
  return {
    saveRepository: async (...request) => (await open()).saveRepository(...request),
    repositories: async (...request) => (await open()).repositories(...request),
    saveSnapshot: async (...request) => (await open()).saveSnapshot(...request),
    async *files(...request) {
      yield* (await open()).files(...request);
    },
    removeSnapshots: async (...request) => (await open()).removeSnapshots(...request),
    saveRun: async (...request) => (await open()).saveRun(...request),
    runs: async (...request) => (await open()).runs(...request),
    appendEvents: async (...request) => (await open()).appendEvents(...request),
    events: async (...request) => (await open()).events(...request),
    close: async () => undefined, // the set closes what it opened
  };
}

/** Another machine indexed into this graph and kept its records to itself: of its repositories, only what the heads say is known here. */
async function knownByHeads(graphStore: GraphStore): Promise<MetadataStore> {
  const { createMemoryMetadataStore } = await import('../adapters/memory/metadata-store.js');
  const known = createMemoryMetadataStore();
  for (const id of new Set((await graphStore.heads()).map((head) => head.repository))) {
    await known.saveRepository({ id, name: id.split('/').slice(-2).join('/'), location: id, kind: 'remote' });
  }
  return known;
}
