import { randomUUID } from 'node:crypto';
import neo4j, { type Driver } from 'neo4j-driver';
import { createNeo4jGraphStore, type Neo4jGraphStore, type Neo4jGraphStoreOptions } from '../../../src/neo4j.js';
import type { GraphStoreFixture } from '../../../src/testing/contracts/graph-store.js';

/** The server that tests are given: see scripts/test-services.mjs. */
export const url = process.env.CODELOOM_TEST_NEO4J_URL ?? '';
if (url === '') throw new Error('CODELOOM_TEST_NEO4J_URL names no server: run these tests by npm run test:services -- neo4j.');

/** Asks a server directly, as a person would. Whole numbers come as numbers. */
export interface Console {
  ask(query: string, parameters?: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>[]>;
  readonly driver: Driver;
  close(): Promise<void>;
}

export function openConsole(at: string = url): Console {
  const { protocol, host, username, password } = new URL(at);
  const driver = neo4j.driver(`${protocol}//${host}`, neo4j.auth.basic(username, password), { disableLosslessIntegers: true });
  return {
    driver,
    async ask(query, parameters) {
      const session = driver.session();
      try {
        return (await session.run(query, parameters)).records.map((record) => record.toObject());
      } finally {
        await session.close();
      }
    },
    close: () => driver.close(),
  };
}

export function freshSpace(): string {
  return `test-${randomUUID()}`;
}

/** Nodes and relationships of a space, save what its writers and readers lock. */
export async function sizeOf(console: Console, space: string): Promise<number> {
  const [row] = await console.ask('MATCH (n) WHERE n.space = $space AND NOT n:Reader OPTIONAL MATCH (n)-[r]->() RETURN count(DISTINCT n) + count(r) AS size', { space });
  return Number(row?.size);
}

/** Removes all that a test made. */
export async function clear(space: string, at: string = url): Promise<void> {
  const store = await createNeo4jGraphStore({ url: at, space, writerLease: 1000 });
  await store.removeSpace();
  await store.close();
}

/** Empty stores, each in a space of its own that goes with it. */
export function fixtures(options: Partial<Neo4jGraphStoreOptions> = {}): () => Promise<GraphStoreFixture & { readonly store: Neo4jGraphStore; readonly space: string }> {
  return async () => {
    const space = freshSpace();
    const open = (): Promise<Neo4jGraphStore> => createNeo4jGraphStore({ url, space, grace: 0, ...options });
    return {
      store: await open(), space, another: open,
      async size() {
        const console = openConsole();
        try {
          return await sizeOf(console, space);
        } finally {
          await console.close();
        }
      },
      dispose: () => clear(space),
    };
  };
}
