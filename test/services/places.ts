import { randomUUID } from 'node:crypto';
import { dropPostgresStores } from '../../src/adapters/postgres/stores.js';
import { createNeo4jGraphStore } from '../../src/adapters/neo4j/graph-store.js';
import type { SecretProvider } from '../../src/domain/ports/secret-provider.js';

/** Addresses of the servers that are there, with credentials. */
export const servers = {
  neo4j: process.env['CODELOOM_TEST_NEO4J_URL'] ?? '',
  postgres: process.env['CODELOOM_TEST_POSTGRES_URL'] ?? '',
  s3: process.env['CODELOOM_TEST_S3_URL'] ?? '',
  redis: process.env['CODELOOM_TEST_REDIS_URL'] ?? '',
};

/** As a program's environment would have them. */
export const secrets: SecretProvider = {
  secret: async (name) => ({ POSTGRES_URL: servers.postgres, NEO4J_URL: servers.neo4j, REDIS_URL: servers.redis })[name],
};

/** The same, for a command. */
export const environment = { CODELOOM_POSTGRES_URL: servers.postgres, CODELOOM_NEO4J_URL: servers.neo4j, CODELOOM_REDIS_URL: servers.redis };

/** A place of a test's own on a server, as `--graph-store` names it. */
export interface Place {
  readonly text: string;
  remove(): Promise<void>;
}

export function postgresPlace(tenant?: string, schema = `test_${randomUUID().replaceAll('-', '')}`): Place {
  const own = { schema, ...(tenant === undefined ? {} : { tenant }) };
  return { text: `postgres?${new URLSearchParams(own).toString()}`, remove: async () => void await dropPostgresStores({ url: servers.postgres, ...own }) };
}

export function neo4jPlace(space = `test-${randomUUID()}`): Place {
  return {
    text: `neo4j?space=${space}`,
    async remove() {
      const store = await createNeo4jGraphStore({ url: servers.neo4j, space });
      await store.removeSpace().finally(() => store.close());
    },
  };
}
