import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type pg from 'pg';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { PostgresDriver } from './driver.js';
import { endsConnection, storeError, type Redact } from './store-errors.js';

export type SqlValue = null | boolean | number | string | Uint8Array | Date;

/** A row as the values of its columns, in order. */
export type SqlRow = readonly unknown[];

/** What a statement takes: an array is an array of PostgreSQL's. */
export type SqlParameter = SqlValue | readonly (SqlValue)[];

/** One connection, in use by one piece of work: its statements run one after the other, in the order in which they were asked for. */
export interface PostgresConnection {
  /** Runs statements without parameters. */
  exec(sql: string, signal?: AbortSignal): Promise<void>;
  /** All rows. The statement is prepared once for each connection. Values have the types that pg gives them. */
  all(sql: string, parameters?: readonly SqlParameter[], signal?: AbortSignal): Promise<readonly SqlRow[]>;
  /** Sends what `COPY … FROM STDIN` reads. */
  copy(sql: string, data: readonly Uint8Array[], signal?: AbortSignal): Promise<void>;
  /** A statement failed or was stopped, or the connection is gone: a transaction on it cannot go on. */
  readonly broken: boolean;
}

/** A connection of a pool. */
export interface PooledConnection extends PostgresConnection {
  /** Nothing can be asked of it any more, not even to roll back. */
  readonly unusable: boolean;
  /** Gives it back, or away when it is unusable. Once. */
  release(): void;
}

/** What a signal sets off on the server; see {@link createPostgresConnection}. */
export type Cancel = (processId: number) => void;

/**
 * Wraps a client for one piece of work. A signal that fires while a statement runs fails the call with `aborted` at once; `cancel` stops the statement on the server.
 * The connection is not used again then: a request to cancel may arrive late, and would hit the next statement.
 */
export function createPostgresConnection(
  { client, driver, cancel, redact }: { client: pg.PoolClient & { readonly processID?: number | null }; driver: PostgresDriver; cancel: Cancel; redact: Redact },
): PooledConnection {
  let last: Promise<unknown> = Promise.resolve();
  let broken = false;
  let unusable = false;

  // A connection that dies between two statements says so here; without a listener, Node would end the process.
  const onError = (): void => {
    broken = unusable = true;
  };
  client.on('error', onError);

  /** Runs one statement, alone. */
  function inTurn<T>(signal: AbortSignal | undefined, statement: () => Promise<T>): Promise<T> {
    let runs = false;
    const turn = last.then(async () => {
      throwIfAborted(signal);
      if (unusable) throw new CodeloomError('store-unavailable', 'The connection to PostgreSQL was lost.');
      runs = true;
      try {
        return await statement();
      } catch (error) {
        broken = true;
        if (endsConnection(error)) unusable = true;
        throwIfAborted(signal);
        throw storeError(error, redact);
      } finally {
        runs = false;
      }
    });
    last = turn.catch(() => undefined);
    return unlessAborted(turn, signal, () => {
      if (!runs) return;
      broken = unusable = true;
      if (typeof client.processID === 'number') cancel(client.processID);
    });
  }

  return {
    exec: (sql, signal) => inTurn(signal, async () => void await client.query(sql)),

    all: (sql, parameters = [], signal) => inTurn(signal, async () => {
      const { rows } = await client.query<unknown[]>({ name: nameOf(sql), text: sql, values: parameters.map(sent), rowMode: 'array' });
      return rows;
    }),

    copy: (sql, data, signal) => inTurn(signal, async () => {
      const stream = client.query(driver.copyFrom(sql));
      const finished = once(stream, 'finish');
      finished.catch(() => undefined); // told below
      stream.on('error', () => undefined); // a connection may fail twice
      // Each chunk is handed over before the next, the first when the server is ready: the stream would trip over chunks that wait while the server refuses.
      for (const chunk of data) await Promise.race([new Promise((resolve) => stream.write(chunk, resolve)), finished]);
      stream.end();
      await finished;
    }),

    get broken() {
      return broken;
    },
    get unusable() {
      return unusable;
    },
    release() {
      // The pool's own listener first: between the two an error would be nobody's.
      client.release(unusable);
      client.off('error', onError);
    },
  };
}

/** What the promise gives, unless the signal fires first: then `aborted`, and `stop` is called. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined, stop: () => void = () => undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      stop();
      reject(new CodeloomError('aborted', 'The operation was cancelled.', { cause: signal.reason }));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

const names = new Map<string, string>();

/** The same statement has the same name in every process, as poolers between ask for. */
function nameOf(sql: string): string {
  let name = names.get(sql);
  if (name === undefined) {
    name = `codeloom_${createHash('sha256').update(sql).digest('hex').slice(0, 24)}`;
    names.set(sql, name);
  }
  return name;
}

/** pg takes bytes as Buffers alone. */
function sent(value: SqlParameter): unknown {
  return value instanceof Uint8Array && !Buffer.isBuffer(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
