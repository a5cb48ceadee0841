import { createHash } from 'node:crypto';
import type pg from 'pg';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import { createPostgresConnection, unlessAborted, type PooledConnection, type PostgresConnection, type SqlParameter, type SqlRow } from './connection.js';
import type { PostgresDriver } from './driver.js';
import { createPins, type PinnedConnection } from './pins.js';
import { MIGRATIONS } from './schema.js';
import type { PostgresSettings } from './settings.js';
import { storeError } from './store-errors.js';
import { createTurns } from './turns.js';

/** One schema of a database: short statements, transactions of one writer at a time, and connections that go on seeing one state. */
export interface PostgresDatabase {
  /** The schema in double quotes, as statements name it. */
  readonly schema: string;
  /** One statement by itself. */
  all(sql: string, parameters?: readonly SqlParameter[], signal?: AbortSignal): Promise<readonly SqlRow[]>;
  /**
   * Runs `work` in one transaction: all of it stays or nothing does. With `alone`, no two processes are in one for the same thing at once; waiting is `store-busy` after
   * the lock timeout. Throws `store-too-new` when a later codeloom has migrated the schema meanwhile.
   */
  transaction<T>(work: (connection: PostgresConnection) => Promise<T>, options: { readonly alone?: 'graph' | 'files'; readonly signal?: AbortSignal | undefined }): Promise<T>;
  /**
   * A connection that goes on seeing one state of the data until it is released, and what `look` found there. Where all connections for this are in use, one of them is
   * shared that finds the same.
   */
  pin<T>(look: (connection: Pick<PostgresConnection, 'all'>) => Promise<T>, signal?: AbortSignal): Promise<PinnedConnection & { readonly found: T }>;
  /** May be called more than once. */
  close(): Promise<void>;
}

export interface PostgresDatabaseRequest {
  readonly driver: PostgresDriver;
  readonly settings: PostgresSettings;
  /** Connections at most, 4 or more. */
  readonly maxConnections: number;
  /** Milliseconds that a writer waits for others, and a reader for a connection. */
  readonly lockTimeout: number;
}

/** Everything asked here has an index; a table that has just been filled and not been counted yet looks as if reading all of it were as good. */
const PLANNING = 'SET LOCAL enable_seqscan = off; SET LOCAL jit = off';
/** Milliseconds that a request to stop a statement may take. */
const CANCEL_TIMEOUT = 800;

export function openPostgresDatabase({ driver, settings, maxConnections, lockTimeout }: PostgresDatabaseRequest): PostgresDatabase {
  const { redact, client: config, statementTimeout } = settings;
  const schema = `"${settings.schema}"`;
  const pool = new driver.Pool({ ...config, max: maxConnections, allowExitOnIdle: true });
  // A server that goes away takes the idle connections with it; the next statement opens another.
  pool.on('error', () => undefined);
  const turns = { graph: createTurns(), files: createTurns() };
  const cancelling = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;

  function checkOpen(): void {
    if (closed !== undefined) throw new CodeloomError('store-unavailable', 'The store is closed.', { retryable: false });
  }

  /** Stops what a connection's server process is doing, from a connection of its own: the pool may have none left. */
  function cancel(processId: number): void {
    const stopping = (async () => {
      const { statement_timeout: _, ...rest } = config;
      const other = new driver.Client({ ...rest, connectionTimeoutMillis: CANCEL_TIMEOUT, query_timeout: CANCEL_TIMEOUT });
      other.on('error', () => undefined);
      try {
        await other.connect();
        await other.query('SELECT pg_cancel_backend($1)', [processId]);
      } finally {
        await other.end();
      }
    })().catch(() => undefined); // the connection is cut besides
    cancelling.add(stopping);
    void stopping.then(() => cancelling.delete(stopping));
  }

  async function take(signal: AbortSignal | undefined): Promise<PooledConnection> {
    throwIfAborted(signal);
    checkOpen();
    const connecting = pool.connect();
    let client: pg.PoolClient;
    try {
      client = await unlessAborted(connecting, signal, () => void connecting.then((late) => late.release(), () => undefined));
    } catch (error) {
      throwIfAborted(signal);
      throw storeError(error, redact);
    }
    return createPostgresConnection({ client, driver, cancel, redact });
  }

  async function rollback(connection: PooledConnection): Promise<void> {
    if (!connection.unusable) await connection.exec('ROLLBACK').catch(() => undefined);
  }

  async function transaction<T>(work: (connection: PostgresConnection) => Promise<T>, alone: 'graph' | 'files' | undefined, signal: AbortSignal | undefined): Promise<T> {
    const connection = await take(signal);
    try {
      await connection.exec(`BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = ${lockTimeout}; ${PLANNING}`, signal);
      if (alone !== undefined) {
        // The wait is limited by the lock timeout alone.
        await connection.exec('SET LOCAL statement_timeout = 0', signal);
        await connection.all('SELECT pg_advisory_xact_lock($1::bigint)', [lockKey(settings.schema, alone)], signal);
        await connection.exec(`SET LOCAL statement_timeout = ${statementTimeout}`, signal);
      }
      checkVersion((await connection.all(`SELECT max(version) FROM ${schema}.migration`, [], signal))[0]?.[0], settings.schema);
      const result = await work(connection);
      throwIfAborted(signal);
      // From here on it is the server's to say: told to stop now, nobody would know what became of it.
      await connection.exec('COMMIT');
      return result;
    } catch (error) {
      await rollback(connection);
      throw error;
    } finally {
      connection.release();
    }
  }

  const pins = createPins({
    // One connection is kept for each kind of writer, and one at least for short statements.
    most: Math.max(1, Math.floor((maxConnections - 2) / 2)),
    patience: lockTimeout,
    async begin(signal) {
      const connection = await take(signal);
      try {
        await connection.exec(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${PLANNING}`, signal);
        return { connection, end: async () => {
          if (!connection.unusable) await connection.exec('COMMIT').catch(() => undefined);
          connection.release();
        } };
      } catch (error) {
        connection.release();
        throw error;
      }
    },
  });

  async function all(sql: string, parameters: readonly SqlParameter[] = [], signal?: AbortSignal): Promise<readonly SqlRow[]> {
    const connection = await take(signal);
    try {
      return await connection.all(sql, parameters, signal);
    } finally {
      connection.release();
    }
  }

  return {
    schema, all,

    async transaction(work, { alone, signal }) {
      throwIfAborted(signal);
      checkOpen();
      // Waiters of this process wait here, without a connection: what they would write may need one.
      if (alone === undefined) return transaction(work, undefined, signal);
      return turns[alone](() => transaction(work, alone, signal), signal);
    },

    async pin(look, signal) {
      throwIfAborted(signal);
      checkOpen();
      return pins.pin(look, { all: (sql, parameters) => all(sql, parameters, signal) }, signal);
    },

    close() {
      return closed ??= (async () => {
        await pins.close();
        await pool.end();
        await Promise.all(cancelling);
      })();
    },
  };
}

/** Throws `store-too-new` for a schema that a later codeloom has written. */
export function checkVersion(found: unknown, schema: string, known = MIGRATIONS.length): void {
  if (Number(found) <= known) return;
  const name = schema.replaceAll('"', '');
  throw new CodeloomError('store-too-new', `The schema ${name} was written by a later codeloom (version ${String(found)}, this one knows ${known}); use that one, or another schema.`, {
    details: { schema: name, found: Number(found), known },
  });
}

/** The advisory lock of a schema's writers, as the server counts them: 64 bits, decimal. */
export function lockKey(schema: string, what: 'graph' | 'files'): string {
  return createHash('sha256').update(`codeloom ${what} ${schema}`).digest().readBigInt64BE().toString();
}
