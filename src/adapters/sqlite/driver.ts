import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CodeloomError } from '../../domain/errors.js';
import { mapErrors } from './store-errors.js';

/**
 * The seam between the stores and SQLite. Two drivers stand behind it: `node:sqlite` where the running Node brings an SQLite without the WAL-reset race
 * (3.51.3 or newer, https://sqlite.org/wal.html), else the prebuilt `libsql` package. One process uses one of them throughout: two copies of SQLite in a
 * process would drop each other's POSIX locks on a common file.
 */
export interface SqliteDriver {
  readonly name: 'node:sqlite' | 'libsql';
  readonly sqliteVersion: string;
  /** Throws as {@link mapErrors} says. A file that is not there is made, unless `access` is for reading. */
  open(file: string, access: SqliteAccess): SqliteConnection;
}

/** `immutable`: for reading a file in a folder that nobody can write to, without any locks. */
export type SqliteAccess = 'read-write' | 'read-only' | 'immutable';

export type SqlValue = null | number | string | Uint8Array;

/** A row as the values of its columns, in order. */
export type SqlRow = readonly SqlValue[];

export interface SqliteConnection {
  readonly access: SqliteAccess;
  /** Runs statements without parameters. */
  exec(sql: string): void;
  /** All rows. The statement is prepared once and kept. */
  all(sql: string, parameters?: readonly SqlValue[]): readonly SqlRow[];
  run(sql: string, parameters?: readonly SqlValue[]): void;
  close(): void;
}

const SAFE_SQLITE = [3, 51, 3];
/** Milliseconds that a statement waits for a lock: writers wait elsewhere, so this is for the short moments of recovery and of closing. */
const BUSY_TIMEOUT = 5000;

let loaded: Promise<SqliteDriver> | undefined;

/** The driver of this process. Throws `store-unavailable` when there is none. */
export function loadSqliteDriver(): Promise<SqliteDriver> {
  return loaded ??= loadNodeSqlite().then((driver) => driver ?? loadLibsql());
}

/** The SQLite inside Node; undefined where there is none, or one too old to trust. */
async function loadNodeSqlite(): Promise<SqliteDriver | undefined> {
  const version = process.versions['sqlite'];
  if (version === undefined || !isSafe(version)) return undefined;
  const specifier = 'node:sqlite';
  // Types for Node 20 do not know the module; the version above says that it is there, with row arrays (Node 24.0, 22.16).
  const { DatabaseSync } = await import(specifier) as NodeSqlite;
  return {
    name: 'node:sqlite',
    sqliteVersion: version,
    open: (file, access) => mapErrors(file, () => {
      const database = new DatabaseSync(location(file, access), { readOnly: access !== 'read-write', timeout: BUSY_TIMEOUT });
      return connection(file, access, {
        exec: (sql) => database.exec(sql),
        prepare(sql) {
          const statement = database.prepare(sql);
          statement.setReturnArrays(true);
          return { all: (parameters) => statement.all(...parameters), run: (parameters) => statement.run(...parameters) };
        },
        close: () => database.close(),
      });
    }),
  };
}

async function loadLibsql(): Promise<SqliteDriver> {
  let Database: Libsql;
  try {
    // Required, not imported: for a CommonJS package that takes a fifth less of a short command's start.
    Database = createRequire(import.meta.url)('libsql') as Libsql; // its own types leave out raw() and iterate()
  } catch (error) {
    throw new CodeloomError('store-unavailable', `No SQLite is at hand: this Node (${process.version}) has no node:sqlite of ${SAFE_SQLITE.join('.')} or newer, and the optional `
      + 'package libsql cannot be loaded. Install without --omit=optional, or use a newer Node.', { retryable: false, cause: error });
  }
  const probe = new Database(':memory:');
  const version = String(probe.prepare('SELECT sqlite_version()').raw().all([])[0]?.[0]);
  probe.close();
  return {
    name: 'libsql',
    sqliteVersion: version,
    open: (file, access) => mapErrors(file, () => {
      const database = new Database(location(file, access), { timeout: BUSY_TIMEOUT });
      return connection(file, access, {
        exec: (sql) => database.exec(sql),
        prepare(sql) {
          const statement = database.prepare(sql);
          let raw: LibsqlStatement | undefined;
          // raw() fails on statements that give no rows, so it waits until rows are asked for.
          return { all: (parameters) => (raw ??= statement.raw()).all([...parameters]), run: (parameters) => statement.run([...parameters]) };
        },
        close: () => database.close(),
      });
    }),
  };
}

/** The file to write, or the URI of a file to read. */
function location(file: string, access: SqliteAccess): string {
  if (access !== 'read-write') return `${pathToFileURL(file).href}?mode=ro${access === 'immutable' ? '&immutable=1' : ''}`;
  // What cannot be written SQLite would open for reading, without a word and without the locks of a writer.
  accessSync(existsSync(file) ? file : dirname(file), constants.W_OK);
  return file;
}

interface PlainConnection {
  exec(sql: string): void;
  prepare(sql: string): { all(parameters: readonly SqlValue[]): readonly SqlRow[]; run(parameters: readonly SqlValue[]): void };
  close(): void;
}

/** Keeps prepared statements and speaks codeloom's errors. */
function connection(file: string, access: SqliteAccess, plain: PlainConnection): SqliteConnection {
  const statements = new Map<string, ReturnType<PlainConnection['prepare']>>();
  let open = true;

  function statement(sql: string): ReturnType<PlainConnection['prepare']> {
    let prepared = statements.get(sql);
    if (prepared === undefined) {
      prepared = plain.prepare(sql);
      statements.set(sql, prepared);
    }
    return prepared;
  }

  return {
    access,
    exec: (sql) => mapErrors(file, () => plain.exec(sql)),
    all: (sql, parameters = []) => mapErrors(file, () => statement(sql).all(parameters)),
    run: (sql, parameters = []) => mapErrors(file, () => statement(sql).run(parameters)),
    close() {
      if (!open) return;
      open = false;
      statements.clear();
      mapErrors(file, () => plain.close());
    },
  };
}

function isSafe(version: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, least] of SAFE_SQLITE.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

interface NodeSqlite {
  readonly DatabaseSync: new (file: string, options: { readOnly: boolean; timeout: number }) => {
    exec(sql: string): void;
    prepare(sql: string): { setReturnArrays(enabled: boolean): void; all(...parameters: SqlValue[]): SqlRow[]; run(...parameters: SqlValue[]): void };
    close(): void;
  };
}

type Libsql = new (file: string, options?: { timeout: number }) => {
  exec(sql: string): void;
  prepare(sql: string): LibsqlStatement;
  close(): void;
};

interface LibsqlStatement {
  raw(): LibsqlStatement;
  all(parameters: SqlValue[]): SqlRow[];
  run(parameters: SqlValue[]): void;
}
