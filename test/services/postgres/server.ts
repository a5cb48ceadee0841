import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll } from 'vitest';
import { createPostgresStores, type PostgresStores, type PostgresStoresRequest } from '../../../src/postgres.js';

/** The server that scripts/test-services.mjs has started, or that somebody already has. */
export function serverUrl(): string {
  const url = process.env['CODELOOM_TEST_POSTGRES_URL'];
  if (url === undefined) throw new Error('CODELOOM_TEST_POSTGRES_URL names no server: run npm run test:services -- postgres');
  return url;
}

/** A schema that nobody else has. */
export function freshSchema(): string {
  return `test_${randomBytes(6).toString('hex')}`;
}

export interface TemporaryStores {
  readonly stores: PostgresStores;
  readonly schema: string;
  /** The same data a second time, as another process would have them. */
  another(request?: PostgresStoresRequest): Promise<PostgresStores>;
  /** Rows of all tables. */
  size(): Promise<number>;
  dispose(): Promise<void>;
}

/** Schemas that are empty again: making one takes the server longer than most tests. */
const idle = new Map<string, Set<string>>();

afterAll(async () => {
  for (const [url, schemas] of idle) for (const schema of schemas) await dropSchema(schema, url);
  idle.clear();
});

/** Stores in a schema that is theirs alone, and empty. */
export async function temporaryStores({ url = serverUrl(), ...request }: PostgresStoresRequest = {}): Promise<TemporaryStores> {
  const empty = idle.get(url) ?? new Set();
  idle.set(url, empty);
  const [schema = freshSchema()] = empty;
  empty.delete(schema);
  const opened: PostgresStores[] = [];
  const open = async (more: PostgresStoresRequest = {}): Promise<PostgresStores> => {
    const stores = await createPostgresStores({ url, schema, ...request, ...more });
    opened.push(stores);
    return stores;
  };
  const tables = (query: Query) => query(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = $1 AND tablename NOT IN ('migration', 'graph_node_kind', 'graph_edge_kind', 'graph_reason')`, [schema]);
  return {
    stores: await open(), schema, another: open,
    size: () => sql(url, async (query) => {
      let rows = 0;
      for (const { name } of await tables(query)) rows += Number((await query(`SELECT count(*) AS rows FROM ${String(name)}`))[0]?.['rows']);
      return rows;
    }),
    async dispose() {
      await Promise.all(opened.map((stores) => stores.close()));
      await sql(url, async (query) => query((await tables(query)).map(({ name }) => `DELETE FROM ${String(name)}`).join(';')));
      empty.add(schema);
    },
  };
}

export async function dropSchema(schema: string, url = serverUrl()): Promise<void> {
  await sql(url, (query) => query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`));
}

export type Query = (text: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;

/** Runs statements as anybody with a client would. */
export async function sql<T>(url: string, work: (query: Query) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(async (text, values) => (await client.query<Record<string, unknown>>(text, values === undefined ? undefined : [...values])).rows);
  } finally {
    await client.end();
  }
}

/** The address with another user, database or port. */
export function addressWith(url: string, changes: { readonly user?: string; readonly password?: string; readonly port?: number; readonly database?: string }): string {
  const address = new URL(url);
  if (changes.user !== undefined) address.username = changes.user;
  if (changes.password !== undefined) address.password = changes.password;
  if (changes.port !== undefined) address.port = String(changes.port);
  if (changes.database !== undefined) address.pathname = `/${changes.database}`;
  return address.href;
}
