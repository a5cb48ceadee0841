import { statSync } from 'node:fs';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { SqliteConnection, SqliteDriver } from './driver.js';
import { createWriterLock } from './writer-lock.js';

/** One database file: many readers that never wait, one writer at a time, forward-only migrations. */
export interface SqliteDatabase {
  readonly file: string;
  /** Runs `work` alone in one transaction: all of it stays or nothing does. Throws `store-busy`, `store-read-only`, `store-full`, `aborted`. */
  write<T>(work: (connection: SqliteConnection) => T | Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Runs `work` on one state of the data. */
  read<T>(work: (connection: SqliteConnection) => T): T;
  /** A connection that goes on seeing the data as they are now, until it is released. */
  pin(): PinnedConnection;
  close(): Promise<void>;
}

export interface PinnedConnection {
  readonly connection: SqliteConnection;
  /** May be called more than once. */
  release(): void;
}

export interface SqliteDatabaseRequest {
  readonly driver: SqliteDriver;
  readonly file: string;
  /** The lock's file: see {@link createWriterLock}. */
  readonly lockFile: string;
  readonly lockTimeout: number;
  /** Number n brings the schema from version n-1 to n. What is released is never changed, only added to. */
  readonly migrations: readonly string[];
}

/** Marks the file as codeloom's: "clom". */
const APPLICATION_ID = 0x636c6f6d;
const IDLE_READERS = 4;
/** Bytes of WAL from which a commit is followed by a checkpoint, and from which the WAL is cut when no reader is in the way. */
const CHECKPOINT_FROM = 4 << 20;
const TRUNCATE_FROM = 64 << 20;

/**
 * Opens a database, making or migrating it where needed. Throws `store-too-new` for one that a later codeloom wrote (and leaves it untouched),
 * `store-corrupt`, `store-read-only` for one that would have to be made or migrated and cannot be, `store-unavailable`.
 */
export async function openSqliteDatabase({ driver, file, lockFile, lockTimeout, migrations }: SqliteDatabaseRequest): Promise<SqliteDatabase> {
  const lock = createWriterLock({ driver, file: lockFile, timeout: lockTimeout });
  const idle: SqliteConnection[] = [];
  const busy = new Set<SqliteConnection>();
  let writer: SqliteConnection | undefined;
  let closed: Promise<void> | undefined;
  let pending: Promise<unknown> = Promise.resolve();

  function checkOpen(): void {
    if (closed !== undefined) throw new CodeloomError('store-unavailable', 'The store is closed.', { retryable: false });
  }

  /** Reads the version, and refuses a later codeloom's. */
  function checkedVersion(connection: SqliteConnection): number {
    const version = pragma(connection, 'user_version');
    if (version > migrations.length) {
      throw new CodeloomError('store-too-new', `The store ${file} was written by a later codeloom (schema ${version}, this one knows ${migrations.length}); use that one, or another folder.`, {
        details: { file, found: version, known: migrations.length },
      });
    }
    return version;
  }

  function openReader(): SqliteConnection {
    const connection = openToRead(driver, file);
    connection.exec('PRAGMA cache_size = -16384');
    return connection;
  }

  function openWriter(): SqliteConnection {
    const connection = driver.open(file, 'read-write');
    // No checkpoint but those below, under the lock; NORMAL keeps every commit whole and in order, whatever crashes.
    connection.exec('PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY');
    return connection;
  }

  async function migrate(): Promise<void> {
    if (sizeOf(file) > 0) {
      const reader = openReader();
      try {
        if (checkedVersion(reader) === migrations.length) return;
      } finally {
        reader.close();
      }
    }
    await lock.run(async () => {
      const connection = openWriter();
      try {
        if (pragma(connection, 'user_version') === 0) {
          refuseForeign(connection, file);
          connection.exec('PRAGMA auto_vacuum = INCREMENTAL');
          connection.all('PRAGMA journal_mode = WAL');
        }
        inTransaction(connection, () => {
          for (const migration of migrations.slice(checkedVersion(connection))) connection.exec(migration);
          connection.exec(`PRAGMA user_version = ${migrations.length}; PRAGMA application_id = ${APPLICATION_ID}`);
        });
      } finally {
        connection.close();
      }
    });
  }

  function pin(): PinnedConnection {
    checkOpen();
    const connection = idle.pop() ?? openReader();
    let released = false;
    busy.add(connection);
    const release = (): void => {
      if (released) return;
      released = true;
      if (!busy.delete(connection)) return; // closed with the database
      connection.exec('COMMIT');
      // One without locks would not notice when somebody writes after all.
      if (idle.length < IDLE_READERS && connection.access === 'read-only') idle.push(connection);
      else connection.close();
    };
    try {
      connection.exec('BEGIN');
      checkedVersion(connection);
    } catch (error) {
      busy.delete(connection);
      connection.close();
      throw error;
    }
    return { connection, release };
  }

  /** Moves the WAL into the database as far as readers let it, without waiting for them. Under the lock. */
  function checkpoint(connection: SqliteConnection): void {
    const size = sizeOf(`${file}-wal`);
    if (size < CHECKPOINT_FROM) return;
    connection.exec('PRAGMA busy_timeout = 0');
    try {
      connection.all(`PRAGMA wal_checkpoint(${size < TRUNCATE_FROM ? 'PASSIVE' : 'TRUNCATE'})`);
    } catch {
      // What could not be moved now stays safe in the WAL; the next commit tries again.
    } finally {
      connection.exec('PRAGMA busy_timeout = 5000');
    }
  }

  await migrate().catch((error: unknown) => {
    lock.close();
    throw error;
  });

  return {
    file,

    write(work, signal) {
      const written = (async () => {
        throwIfAborted(signal);
        checkOpen();
        return lock.run(async () => {
          const connection = writer ??= openWriter();
          const result = await inTransactionAsync(connection, async () => {
            checkedVersion(connection);
            return work(connection);
          });
          checkpoint(connection);
          return result;
        }, signal);
      })();
      pending = Promise.allSettled([pending, written]);
      return written;
    },

    read(work) {
      const { connection, release } = pin();
      try {
        return work(connection);
      } finally {
        release();
      }
    },

    pin,

    close() {
      return closed ??= (async () => {
        await pending; // set before this began; what comes later is refused
        for (const connection of [...idle, ...busy]) connection.close();
        idle.length = 0;
        busy.clear();
        writer?.close();
        lock.close();
      })();
    },
  };
}

/** Frees the pages of what was removed, once they are many. Inside a write. */
export function giveBackSpace(connection: SqliteConnection): void {
  const free = pragma(connection, 'freelist_count');
  if (free > 1000 && free * 4 > pragma(connection, 'page_count')) connection.exec('PRAGMA incremental_vacuum'); // gives no columns, which libsql does not let be read as rows
}

function openToRead(driver: SqliteDriver, file: string): SqliteConnection {
  const connection = driver.open(file, 'read-only');
  try {
    pragma(connection, 'user_version');
    return connection;
  } catch (error) {
    connection.close();
    // In a folder that cannot be written to, SQLite cannot make the files that readers and writers meet in. With no WAL there, there is nobody to meet.
    const barred = error instanceof CodeloomError && (error.code === 'store-unavailable' || error.code === 'store-read-only');
    if (barred && sizeOf(`${file}-wal`) === 0) return driver.open(file, 'immutable');
    throw error;
  }
}

function refuseForeign(connection: SqliteConnection, file: string): void {
  const foreign = pragma(connection, 'application_id') !== APPLICATION_ID && connection.all('SELECT 1 FROM sqlite_master LIMIT 1').length > 0;
  if (foreign) throw new CodeloomError('store-corrupt', `${file} is a database of another program.`, { details: { file } });
}

function pragma(connection: SqliteConnection, name: string): number {
  return Number(connection.all(`PRAGMA ${name}`)[0]?.[0]);
}

function inTransaction(connection: SqliteConnection, work: () => void): void {
  connection.exec('BEGIN IMMEDIATE');
  try {
    work();
    connection.exec('COMMIT');
  } catch (error) {
    rollback(connection);
    throw error;
  }
}

async function inTransactionAsync<T>(connection: SqliteConnection, work: () => Promise<T>): Promise<T> {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = await work();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    rollback(connection);
    throw error;
  }
}

function rollback(connection: SqliteConnection): void {
  try {
    connection.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back by itself, as it does when the disk is full.
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
