import { CodeloomError } from '../../domain/errors.js';
import type { FactStore } from '../../domain/ports/fact-store.js';
import type { GraphStore } from '../../domain/ports/graph-store.js';
import type { MetadataStore } from '../../domain/ports/metadata-store.js';
import type { PostgresAddress } from './address.js';
import { openPostgresDatabase } from './database.js';
import { loadPostgresDriver } from './driver.js';
import { createPostgresFactStore } from './fact-store.js';
import { createPostgresGraphStore } from './graph-store.js';
import { createPostgresMetadataStore } from './metadata-store.js';
import { findSchema, migrateSchema, withSession } from './migrate.js';
import { MIGRATIONS } from './schema.js';
import { postgresSettings } from './settings.js';

/** The stores of one schema. */
export interface PostgresStores {
  readonly graphStore: GraphStore;
  readonly metadataStore: MetadataStore;
  readonly factStore: FactStore;
  /** Where it is, for people. */
  readonly info: PostgresInfo;
  /** Closes all three; each may also be closed by itself, and more than once. */
  close(): Promise<void>;
}

export interface PostgresInfo {
  readonly serverVersion: string;
  readonly database: string;
  /** The role in whose name it is used. */
  readonly role: string;
  /** With the tenant in it, where there is one. */
  readonly schema: string;
  /** Migrations that it has had. */
  readonly schemaVersion: number;
}

export interface PostgresStoresRequest extends PostgresAddress {
  /** Connections at most, 4 or more; default 10. Nearly half of them serve readers, the others writing and short questions. */
  readonly maxConnections?: number;
  /** Milliseconds that a write waits for other writers, and a reader for a connection, before it fails with `store-busy`; default two minutes. */
  readonly lockTimeout?: number;
  /** Whether to make or migrate the schema where needed, which takes the privilege to make tables; default true. */
  readonly migrate?: boolean;
  /** Decides when a fact was put; default the system's time. */
  readonly now?: () => Date;
}

/**
 * Graphs, metadata and facts in a schema of a PostgreSQL database (14 or newer), made or migrated where needed. Any number of processes may use one schema at once. Needs the
 * packages pg and pg-copy-streams. Throws `store-unavailable`, `authentication-failed`, `store-too-new`, `store-corrupt`, `store-read-only`, `store-full`,
 * `store-busy`, `invalid-argument`.
 */
export async function createPostgresStores(request: PostgresStoresRequest = {}): Promise<PostgresStores> {
  const { maxConnections = 10, lockTimeout = 120_000, migrate = true, now = () => new Date() } = request;
  if (!Number.isInteger(maxConnections) || maxConnections < 4) throw new CodeloomError('invalid-argument', 'PostgreSQL needs 4 connections or more (maxConnections).');
  const settings = postgresSettings(request);
  const driver = await loadPostgresDriver();
  await migrateSchema({ driver, settings, lockTimeout, migrate });
  const database = openPostgresDatabase({ driver, settings, maxConnections, lockTimeout });
  let users = 3;
  const release = async (): Promise<void> => {
    if (--users === 0) await database.close();
  };
  const graphStore = createPostgresGraphStore({ database, release });
  const metadataStore = createPostgresMetadataStore({ database, release });
  const factStore = createPostgresFactStore({ database, now, release });
  const close = async (): Promise<void> => {
    await Promise.all([graphStore.close(), metadataStore.close(), factStore.close()]);
  };
  try {
    const [row] = await database.all("SELECT current_setting('server_version'), current_database(), current_user");
    return { graphStore, metadataStore, factStore, close, info: { serverVersion: String(row?.[0]), database: String(row?.[1]), role: String(row?.[2]), schema: settings.schema, schemaVersion: MIGRATIONS.length } };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What {@link inspectPostgres} finds. */
export interface PostgresInspection {
  readonly serverVersion: string;
  readonly database: string;
  readonly role: string;
  readonly schema: string;
  /** Migrations that the schema has had; 0 where there is none. */
  readonly schemaVersion: number;
  /** Migrations that this codeloom knows. */
  readonly knownVersion: number;
  /** Tables of something else are in the way. */
  readonly foreign: boolean;
  /** The role may make or migrate the schema. */
  readonly canMigrate: boolean;
  /** The role may write every table of the schema; false where there is none. */
  readonly canWrite: boolean;
  /** A standby, or a database that is read-only by its settings. */
  readonly readOnly: boolean;
  /** Bytes of the whole database, and of this schema. */
  readonly databaseBytes: number;
  readonly schemaBytes: number;
}

/** Looks at a server and a schema, and changes nothing. Throws as {@link createPostgresStores} does where it cannot even look. */
export async function inspectPostgres(address: PostgresAddress): Promise<PostgresInspection> {
  const settings = postgresSettings(address);
  const { schema } = settings;
  return withSession(await loadPostgresDriver(), settings, async (session) => {
    const { rows: [row = {}] } = await session.query(
      `SELECT current_setting('server_version') AS server, current_database() AS database, current_user AS role, n.oid IS NOT NULL AS there,
        CASE WHEN n.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE') ELSE has_schema_privilege(n.oid, 'CREATE') END AS makes,
        coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS uses,
        pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean AS read_only, pg_database_size(current_database()) AS bytes
        FROM (SELECT $1::text AS name) wanted LEFT JOIN pg_namespace n ON n.nspname = wanted.name`, [schema]);
    const { rows: [tables = {}] } = await session.query(
      `SELECT count(*) AS tables, coalesce(bool_and(has_table_privilege(c.oid, 'SELECT') AND (c.relname = 'migration' OR has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))), false) AS writes,
        coalesce(sum(pg_total_relation_size(c.oid)), 0) AS bytes
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'`, [schema]);
    const found = row['there'] === true && row['uses'] === true ? await findSchema(session, schema) : { version: 0, foreign: false };
    return {
      serverVersion: String(row['server']), database: String(row['database']), role: String(row['role']), schema,
      schemaVersion: found.version, knownVersion: MIGRATIONS.length, foreign: found.foreign, canMigrate: row['makes'] === true,
      canWrite: row['uses'] === true && tables['writes'] === true && Number(tables['tables']) > 0, readOnly: row['read_only'] === true,
      databaseBytes: Number(row['bytes']), schemaBytes: Number(tables['bytes']),
    };
  });
}

/**
 * Removes a schema with everything in it: one tenant, or all that has none. Others are untouched. Gives false where there is none. Throws `store-corrupt` for one that is not
 * codeloom's, and as {@link createPostgresStores}.
 */
export async function dropPostgresStores(address: PostgresAddress): Promise<boolean> {
  const settings = postgresSettings(address);
  const { schema } = settings;
  return withSession(await loadPostgresDriver(), settings, async (session) => {
    const { version, foreign } = await findSchema(session, schema);
    if (foreign) throw new CodeloomError('store-corrupt', `The schema ${schema} holds tables of something else; it is left as it is.`, { details: { schema } });
    if (version === 0) return false;
    await session.query(`DROP SCHEMA "${schema}" CASCADE`);
    return true;
  });
}
