import { CodeloomError } from '../../domain/errors.js';
import { checkVersion, lockKey } from './database.js';
import type { PostgresDriver } from './driver.js';
import { MIGRATIONS } from './schema.js';
import type { PostgresSettings } from './settings.js';
import { storeError } from './store-errors.js';

/** Something that statements can be sent to, alone. */
interface Session {
  query(sql: string, values?: readonly unknown[]): Promise<{ readonly rows: readonly Record<string, unknown>[] }>;
}

/** What a schema is found to be: its version, and 0 where there is none. `foreign` when it holds other things and nothing of codeloom. */
export interface FoundSchema {
  readonly version: number;
  readonly foreign: boolean;
}

/**
 * Brings the schema to this codeloom's version, making it where there is none. All in one transaction, under the lock of the schema's writers: several processes that start at once wait for
 * each other, and one that dies leaves nothing. Where nothing is to be done, no privilege to make tables is needed. Throws `store-too-new` (and leaves the schema
 * untouched), `store-corrupt` for one that holds other things, `store-read-only` when the role may not make what is missing, `store-unavailable` when
 * `migrate` is false and something is missing.
 */
export async function migrateSchema(
  { driver, settings, lockTimeout, migrate, migrations = MIGRATIONS }:
  { driver: PostgresDriver; settings: PostgresSettings; lockTimeout: number; migrate: boolean; migrations?: typeof MIGRATIONS },
): Promise<void> {
  const { schema } = settings;
  await withSession(driver, settings, async (session) => {
    const before = await findSchema(session, schema);
    checkVersion(before.version, schema, migrations.length);
    if (before.version === migrations.length) return;
    if (!migrate) {
      throw new CodeloomError('store-unavailable', `The schema ${schema} is at version ${before.version} and this codeloom needs ${migrations.length}: let its owner migrate it first.`, {
        retryable: false, details: { schema, found: before.version, known: migrations.length },
      });
    }
    await session.query(`BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = ${lockTimeout}; SET LOCAL statement_timeout = 0`);
    await session.query('SELECT pg_advisory_xact_lock($1::bigint)', [lockKey(schema, 'graph')]);
    // Somebody else may have been here while this waited.
    const { version, foreign } = await findSchema(session, schema);
    checkVersion(version, schema, migrations.length);
    if (foreign) throw new CodeloomError('store-corrupt', `The schema ${schema} holds tables of something else; choose another.`, { details: { schema } });
    if (version === 0) {
      // Not "if not exists" alone: that asks for the privilege to make one even where it is there.
      const { rows: [there] } = await session.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
      if (there === undefined) await session.query(`CREATE SCHEMA "${schema}"`);
      await session.query(`CREATE TABLE "${schema}".migration (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
    }
    await session.query(`SET LOCAL search_path TO "${schema}"`);
    for (const [index, { name, sql }] of migrations.entries()) {
      if (index < version) continue;
      await session.query(sql);
      await session.query('INSERT INTO migration (version, name) VALUES ($1, $2)', [index + 1, name]);
    }
    await session.query('COMMIT');
  });
}

/** What is in the schema. */
export async function findSchema(session: Session, schema: string): Promise<FoundSchema> {
  const { rows: [found] } = await session.query(
    `SELECT count(*) FILTER (WHERE c.relname = 'migration') AS ours, count(*) AS all
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('r', 'v', 'm', 'p', 'f', 'S')`, [schema]);
  if (Number(found?.['ours']) === 0) return { version: 0, foreign: Number(found?.['all']) > 0 };
  const { rows: [last] } = await session.query(`SELECT coalesce(max(version), 0) AS version FROM "${schema}".migration`);
  return { version: Number(last?.['version']), foreign: false };
}

/** A connection for a short while. What it throws comes out as a CodeloomError. */
export async function withSession<T>(driver: PostgresDriver, settings: PostgresSettings, work: (session: Session) => Promise<T>): Promise<T> {
  const client = new driver.Client(settings.client);
  client.on('error', () => undefined); // told by the statement that it hits
  try {
    await client.connect();
    return await work({ query: (sql, values) => client.query<Record<string, unknown>>(sql, values === undefined ? undefined : [...values]) });
  } catch (error) {
    throw storeError(error, settings.redact);
  } finally {
    // Ends a transaction that was not committed, too.
    await client.end().catch(() => undefined);
  }
}
