import { setTimeout as sleep } from 'node:timers/promises';
import neo4j, { type Driver, type QueryResult, type Session } from 'neo4j-driver';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import { type ServerIdentity, isTransient, storeError } from './store-errors.js';

export interface Neo4jAddress {
  /** `bolt://` or `neo4j://` (`+s` for TLS), host and port; a user and password in it are taken out and shown nowhere. */
  readonly url: string;
  /** Instead of one in the URL. */
  readonly user?: string | undefined;
  /** Instead of one in the URL. */
  readonly password?: string | undefined;
  /** Default: the user's home database, `neo4j` on Community Edition. */
  readonly database?: string | undefined;
}

/** Columns in the order of the query's RETURN. Whole numbers are numbers, bytes are Int8Array. */
export type Row = readonly unknown[];
export type Parameters = Readonly<Record<string, unknown>>;
/** Runs one statement of a transaction. Statements may be sent without waiting for the one before. */
export type RunStatement = (query: string, parameters?: Parameters) => Promise<readonly Row[]>;

/**
 * A database on a server. Every method throws only CodeloomErrors, and stops what the server is doing for it when the signal fires.
 * What fails for a moment is tried again for `patience` milliseconds: reads always, transactions too, which therefore must be harmless to run twice.
 */
export interface Neo4jConnection {
  readonly address: string;
  /** All rows of one reading statement. */
  read(query: string, parameters?: Parameters, options?: CallOptions): Promise<readonly Row[]>;
  /** Calls `row` with each row of one reading statement as they come, about a thousand in memory. When it is tried again, rows come again. */
  each(query: string, parameters: Parameters, row: (row: Row) => void, options?: CallOptions): Promise<void>;
  /** One writing transaction. */
  transaction<T>(work: (run: RunStatement) => Promise<T>, options?: CallOptions): Promise<T>;
  /** One statement that cannot be part of a transaction with others: of the schema. */
  schema(query: string, options?: CallOptions): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Sends nothing yet. Throws `invalid-argument` for what is no address. */
export function connectNeo4j(at: Neo4jAddress, { patience }: { readonly patience: number }): Neo4jConnection {
  const { address, user, password } = parseAddress(at);
  const identity: ServerIdentity = { address, secrets: password === '' ? [] : [password, encodeURIComponent(password)] };
  const driver: Driver = neo4j.driver(address, user === '' ? neo4j.auth.basic('', '') : neo4j.auth.basic(user, password), {
    disableLosslessIntegers: true, connectionTimeout: 10_000, connectionAcquisitionTimeout: 30_000, userAgent: 'codeloom',
    telemetryDisabled: true, maxTransactionRetryTime: 0,
  });
  let closed = false;
  // A server that has never answered is more likely to be none.
  let answered = false;

  /** A session for `work`; a signal that fires closes it, which resets its connection, and so ends on the server what runs there. */
  async function inSession<T>(mode: 'READ' | 'WRITE', work: (session: Session) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    throwIfAborted(signal);
    if (closed) throw new CodeloomError('store-unavailable', 'The graph store is closed.', { retryable: false });
    const session = driver.session({ defaultAccessMode: mode === 'READ' ? neo4j.session.READ : neo4j.session.WRITE, ...(at.database === undefined ? {} : { database: at.database }) });
    let onAbort = (): void => undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(new CodeloomError('aborted', 'The operation was cancelled.', { cause: signal?.reason }));
    });
    aborted.catch(() => undefined);
    signal?.addEventListener('abort', onAbort, { once: true });
    const result = work(session);
    try {
      return await Promise.race([result, aborted]);
    } catch (error) {
      result.catch(() => undefined);
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      const closing = session.close().catch(() => undefined);
      // Nobody who has given up waits for a server that may be slow.
      if (signal?.aborted !== true) await closing;
    }
  }

  /** Tries again what failed for a moment, ever more slowly. */
  async function patiently<T>(work: () => Promise<T>, { signal }: CallOptions = {}): Promise<T> {
    const deadline = Date.now() + patience;
    for (let pause = 50; ; pause = Math.min(pause * 2, 1000)) {
      try {
        const value = await work();
        answered = true;
        return value;
      } catch (error) {
        const mapped = storeError(error, identity);
        if (!answered || !isTransient(mapped) || Date.now() + pause > deadline) throw mapped;
        await sleep(pause * (0.75 + Math.random() / 2), undefined, signal === undefined ? {} : { signal }).catch(() => throwIfAborted(signal));
      }
    }
  }

  return {
    address,

    read: (query, parameters, options) => patiently(() => inSession('READ', async (session) => rowsOf(await session.run(query, parameters)), options?.signal), options),

    each: (query, parameters, row, options) => patiently(() => inSession('READ', async (session) => {
      for await (const record of session.run(query, parameters)) row([...record.values()] as Row); // values() is typed by keys that are not known
    }, options?.signal), options),

    transaction: (work, options) => patiently(() => inSession('WRITE', async (session) => {
      const transaction = session.beginTransaction();
      try {
        const value = await work(async (query, parameters) => rowsOf(await transaction.run(query, parameters)));
        await transaction.commit();
        return value;
      } catch (error) {
        await transaction.rollback().catch(() => undefined);
        throw error;
      }
    }, options?.signal), options),

    schema: (query, options) => patiently(() => inSession('WRITE', async (session) => rowsOf(await session.run(query)), options?.signal), options),

    async close() {
      closed = true;
      await driver.close();
    },
  };
}

/** Numbers as Neo4j's whole numbers; a plain number is sent as a floating-point one. */
export function whole(number: number): unknown {
  return number >= 0 && number < SMALL ? (small[number] ??= neo4j.int(number)) : neo4j.int(number);
}

/** Bytes as a property. */
export function bytes(content: Uint8Array): Int8Array {
  return new Int8Array(content.buffer, content.byteOffset, content.byteLength);
}

const SMALL = 32_768;
const small: unknown[] = [];

function rowsOf(result: QueryResult): readonly Row[] {
  return result.records.map((record) => [...record.values()] as Row); // values() is typed by keys that are not known
}

function parseAddress({ url, user, password }: Neo4jAddress): { readonly address: string; readonly user: string; readonly password: string } {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new CodeloomError('invalid-argument', 'The address of Neo4j is no URL: bolt://host:7687 or neo4j://host:7687.');
  }
  if (!/^(bolt|neo4j)(\+s|\+ssc)?:$/.test(parsed.protocol)) throw new CodeloomError('invalid-argument', `The address of Neo4j begins with bolt:// or neo4j://, not ${parsed.protocol}//.`);
  return {
    address: `${parsed.protocol}//${parsed.host}${parsed.search}`,
    user: user ?? decodeURIComponent(parsed.username), password: password ?? decodeURIComponent(parsed.password),
  };
}
