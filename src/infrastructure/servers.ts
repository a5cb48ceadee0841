import { hostname } from 'node:os';
import type { Check } from '../domain/check.js';
import type { FactStore } from '../domain/ports/fact-store.js';
import type { GraphStore } from '../domain/ports/graph-store.js';
import type { MetadataStore } from '../domain/ports/metadata-store.js';
import type { SecretProvider } from '../domain/ports/secret-provider.js';
import { CodeloomError } from '../domain/errors.js';
import { withDriver } from './peer-package.js';
import { neo4jAddress, postgresAddress, redisAddress } from './server-address.js';
import { sha256 } from './sha256.js';
import { storeText, type StoreChoice } from './store-choice.js';

export type ServerChoice = Exclude<StoreChoice, { readonly kind: 'memory' | 'sqlite' }>;

/** The stores that a server holds. */
export interface ServerStores {
  readonly graphStore?: GraphStore;
  readonly metadataStore?: MetadataStore;
  readonly factStore?: FactStore;
  close(): Promise<void>;
}

/** Connects to a server. Throws `invalid-configuration` when its address, or the package that speaks with it, is missing; else as its stores do. */
export async function openServer(choice: ServerChoice, secrets: SecretProvider): Promise<ServerStores> {
  switch (choice.kind) {
    case 'postgres': {
      const address = await postgresAddress(choice, secrets);
      return withDriver('PostgreSQL', async () => (await import('../adapters/postgres/stores.js')).createPostgresStores(address));
    }
    case 'neo4j': {
      const address = await neo4jAddress(choice, secrets);
      return withDriver('Neo4j', async () => {
        const graphStore = await (await import('../adapters/neo4j/graph-store.js')).createNeo4jGraphStore(address);
        return { graphStore, close: () => graphStore.close() };
      });
    }
    case 's3': {
      const { kind: _, ...where } = choice;
      return withDriver('S3', async () => {
        const factStore = await (await import('../adapters/s3/fact-store.js')).createS3FactStore(where);
        return { factStore, close: () => factStore.close() };
      });
    }
  }
}

export interface CacheRequest {
  /** The cache's address without a password; empty: it is a secret as a whole. */
  readonly cache: string;
  readonly inner: FactStore;
  /** What `inner` is. */
  readonly choice: StoreChoice;
}

/** Puts Redis in front of a fact store, under a prefix of that store's own. The cache closes the store with itself. */
export async function openRedisCache({ cache, inner, choice }: CacheRequest, secrets: SecretProvider): Promise<FactStore> {
  const url = await redisAddress(cache, secrets);
  const prefix = `codeloom:${sha256(await identityOf(choice, secrets)).slice(0, 16)}`;
  return withDriver('Redis', async () => (await import('../adapters/redis/fact-cache.js')).createRedisFactCache({ url, inner, prefix }));
}

/** Tells stores apart that share a cache: the same place has the same text on every machine, another place another. */
async function identityOf(choice: StoreChoice, secrets: SecretProvider): Promise<string> {
  if (choice.kind === 'postgres') {
    const { url, schema = '', tenant = '' } = await postgresAddress(choice, secrets);
    const { host, pathname } = new URL(url);
    return JSON.stringify(['postgres', host, pathname, schema, tenant]);
  }
  return choice.kind === 's3' ? storeText(choice) : `${hostname()} ${storeText(choice)}`;
}

/** Looks at a server that is configured, one thing after another; what is wrong with it is a finding. */
export async function* diagnoseServer(choice: ServerChoice, secrets: SecretProvider, signal?: AbortSignal): AsyncGenerator<Check> {
  switch (choice.kind) {
    case 'postgres':
      return yield* diagnosed('PostgreSQL', async () => {
        const address = await postgresAddress(choice, secrets);
        return (await import('../adapters/postgres/diagnose.js')).diagnosePostgres(address, { signal });
      });
    case 'neo4j':
      return yield* diagnosed('Neo4j', async () => {
        const address = await neo4jAddress(choice, secrets);
        return (await import('../adapters/neo4j/diagnose.js')).diagnoseNeo4j(address, { signal });
      });
    case 's3': {
      const { kind: _, ...where } = choice;
      return yield* diagnosed('S3', async () => (await import('../adapters/s3/diagnose.js')).diagnoseS3(where, { signal }));
    }
  }
}

/** The same for a cache. */
export async function* diagnoseCache(cache: string, secrets: SecretProvider, signal?: AbortSignal): AsyncGenerator<Check> {
  yield* diagnosed('Redis', async () => {
    const url = await redisAddress(cache, secrets);
    return (await import('../adapters/redis/diagnose.js')).diagnoseRedis({ url }, { signal });
  });
}

async function* diagnosed(server: 'PostgreSQL' | 'Neo4j' | 'S3' | 'Redis', look: () => Promise<AsyncIterable<Check>>): AsyncGenerator<Check> {
  try {
    const checks = await withDriver(server, look);
    for await (const check of checks) yield check;
  } catch (thrown) {
    const error = await withDriver(server, () => Promise.reject(thrown)).catch((caught: unknown) => CodeloomError.from(caught));
    if (error.code === 'aborted') throw error;
    const hint = error.details['hint'];
    yield { name: server, status: 'fail', found: error.message, ...(typeof hint === 'string' ? { advice: hint } : {}) };
  }
}
