import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { IndexRun, RunEvent } from '../../domain/index-run.js';
import { compareText } from '../../domain/partition.js';
import type { IndexedFile, MetadataStore } from '../../domain/ports/metadata-store.js';
import type { Repository } from '../../domain/repository.js';
import type { Snapshot, SnapshotId } from '../../domain/snapshot.js';
import { fromStored, toStored } from '../../domain/stored-text.js';
import { giveBackSpace, type SqliteDatabase } from './database.js';
import type { SqliteConnection, SqlRow, SqlValue } from './driver.js';
import { moveMembers, numbersIn } from './graph-store.js';
import { encodeNumbers } from './number-list.js';
import { insert } from './partition-rows.js';

const FILES_PER_BATCH = 500;

/**
 * What is known about repositories, snapshots and runs, in graph.db beside the graphs. A file's row is shared by all snapshots that have it unchanged.
 * `release` is called once, when the store closes.
 */
export function createSqliteMetadataStore({ database, release }: { database: SqliteDatabase; release: () => Promise<void> }): MetadataStore {
  let closed: Promise<void> | undefined;

  function check(signal: AbortSignal | undefined): void {
    throwIfAborted(signal);
    if (closed !== undefined) throw new CodeloomError('store-unavailable', 'The metadata store is closed.', { retryable: false });
  }

  return {
    async saveRepository(repository, options) {
      check(options?.signal);
      await database.write((connection) => {
        connection.run('INSERT INTO repository (id, data) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data', [toStored(repository.id), JSON.stringify(repository)]);
      }, options?.signal);
    },

    async repositories(ids, options) {
      check(options?.signal);
      const wanted = ids === undefined ? null : JSON.stringify(ids.map(toStored));
      return database.read((connection) => connection.all('SELECT data FROM repository WHERE ?1 IS NULL OR id IN (SELECT value FROM json_each(?1))', [wanted]))
        .map(([data]) => JSON.parse(String(data)) as Repository) // written by saveRepository
        .sort((a, b) => compareText(a.id, b.id));
    },

    async saveSnapshot({ snapshot, files }, options) {
      check(options?.signal);
      // Gathered before the lock is taken: what gives the files may be slow.
      const byPath = new Map<string, IndexedFile>();
      for await (const batch of files) {
        check(options?.signal);
        for (const file of batch) byPath.set(file.path, file);
      }
      const sorted = [...byPath.values()].sort((a, b) => compareText(a.path, b.path));
      await database.write((connection) => saveSnapshot(connection, snapshot, sorted), options?.signal);
    },

    async *files(snapshot, options) {
      check(options?.signal);
      const pinned = database.pin();
      try {
        const [row] = pinned.connection.all('SELECT files FROM record WHERE snapshot = ?', [toStored(snapshot)]);
        const fids = numbersIn(row?.[0]);
        for (let start = 0; start < fids.length; start += FILES_PER_BATCH) {
          check(options?.signal);
          yield pinned.connection.all(`SELECT ${FILE_COLUMNS} FROM json_each(?) j CROSS JOIN file f ON f.fid = j.value ORDER BY j.key`, [JSON.stringify(fids.slice(start, start + FILES_PER_BATCH))]).map(fileFrom);
        }
      } finally {
        pinned.release();
      }
    },

    async removeSnapshots(ids, options) {
      check(options?.signal);
      await database.write((connection) => removeSnapshots(connection, ids), options?.signal);
    },

    async saveRun(run, options) {
      check(options?.signal);
      await database.write((connection) => {
        connection.run(`INSERT INTO run (id, repository, started_at, data) VALUES (?, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET repository = excluded.repository, started_at = excluded.started_at, data = excluded.data`,
        [toStored(run.id), toStored(run.repository), run.startedAt, JSON.stringify(run)]);
      }, options?.signal);
    },

    async runs(repository, options) {
      check(options?.signal);
      return database.read((connection) => connection.all('SELECT data FROM run WHERE repository = ? ORDER BY started_at DESC, id LIMIT ?', [toStored(repository), options?.limit ?? -1]))
        .map(([data]) => JSON.parse(String(data)) as IndexRun); // written by saveRun
    },

    async appendEvents(run, events, options) {
      check(options?.signal);
      if (events.length === 0) return;
      await database.write((connection) => {
        insert(connection, 'INSERT OR IGNORE INTO run_event', events.map((event): SqlRow => [toStored(run), event.sequence, JSON.stringify(event)]));
      }, options?.signal);
    },

    async events(run, options) {
      check(options?.signal);
      return database.read((connection) => connection.all('SELECT data FROM run_event WHERE run = ? ORDER BY sequence', [toStored(run)]))
        .map(([data]) => JSON.parse(String(data)) as RunEvent); // written by appendEvents
    },

    close() {
      return closed ??= release();
    },
  };
}

function saveSnapshot(connection: SqliteConnection, snapshot: Snapshot, files: readonly IndexedFile[]): void {
  const fids = numberFiles(connection, files);
  const branch = [toStored(snapshot.repository), toStored(snapshot.branch)];
  const [before] = connection.all('SELECT rid, files FROM record WHERE snapshot = ?', [toStored(snapshot.id)]);
  const [shown] = connection.all('SELECT c.rid, r.files FROM current_record c JOIN record r ON r.rid = c.rid WHERE c.repository = ? AND c.branch = ?', branch);
  // A branch's newest record has the number by which views know its files, so that only those are touched that changed. What had it before gets another.
  const rid = Number(shown?.[0] ?? before?.[0] ?? nextRecord(connection));
  if (before !== undefined && before[0] !== rid) hideFiles(connection, Number(before[0]), numbersIn(before[1]));
  if (before !== undefined) connection.run('DELETE FROM record WHERE rid = ?', [before[0] ?? null]);
  if (shown !== undefined && shown[0] !== before?.[0]) connection.run('UPDATE record SET rid = ? WHERE rid = ?', [nextRecord(connection), rid]);
  connection.run('INSERT INTO record (rid, snapshot, repository, branch, data, files) VALUES (?, ?, ?, ?, ?, ?)',
    [rid, toStored(snapshot.id), ...branch, JSON.stringify(snapshot), encodeNumbers(fids)]);
  moveMembers(connection, { table: 'current_file', owner: rid, before: numbersIn(shown?.[1]), after: fids });
  connection.run('INSERT INTO current_record VALUES (?, ?, ?) ON CONFLICT (repository, branch) DO UPDATE SET rid = excluded.rid', [...branch, rid]);
  if (before !== undefined) removeUnused(connection, numbersIn(before[1]));
}

function nextRecord(connection: SqliteConnection): number {
  return 1 + Number(connection.all('SELECT coalesce(max(rid), 0) FROM record')[0]?.[0]);
}

/** The row of each file, made where there is none like it. */
function numberFiles(connection: SqliteConnection, files: readonly IndexedFile[]): number[] {
  const known = new Map<string, number>();
  for (let start = 0; start < files.length; start += FILES_PER_BATCH) {
    const paths = JSON.stringify(files.slice(start, start + FILES_PER_BATCH).map(({ path }) => toStored(path)));
    // As one value: a row of its own for each costs more than all the rest.
    const [row] = connection.all(`SELECT json_group_array(json_array(${FILE_COLUMNS}, f.fid)) FROM json_each(?) j CROSS JOIN file f ON f.path = j.value`, [paths]);
    for (const columns of JSON.parse(String(row?.[0])) as SqlRow[]) known.set(identity(fileFrom(columns)), Number(columns[7])); // as the statement makes it
  }
  let next = 1 + Number(connection.all('SELECT coalesce(max(fid), 0) FROM file')[0]?.[0]);
  const fresh: SqlRow[] = [];
  const fids = files.map((file) => {
    const there = known.get(identity(file));
    if (there !== undefined) return there;
    fresh.push([next, toStored(file.path), file.blob, file.size, file.language, file.status, file.reason ?? null, file.symbols]);
    return next++;
  });
  insert(connection, 'INSERT INTO file', fresh);
  return fids;
}

function removeSnapshots(connection: SqliteConnection, ids: readonly SnapshotId[]): void {
  const dropped: number[] = [];
  for (const id of new Set(ids)) {
    const [row] = connection.all('SELECT rid, files FROM record WHERE snapshot = ?', [toStored(id)]);
    if (row === undefined) continue;
    const fids = numbersIn(row[1]);
    hideFiles(connection, Number(row[0]), fids);
    connection.run('DELETE FROM current_record WHERE rid = ?', [row[0] ?? null]);
    connection.run('DELETE FROM record WHERE rid = ?', [row[0] ?? null]);
    for (const fid of fids) dropped.push(fid);
  }
  removeUnused(connection, dropped);
}

/** Takes a record's files out of the view. */
function hideFiles(connection: SqliteConnection, rid: number, fids: readonly number[]): void {
  moveMembers(connection, { table: 'current_file', owner: rid, before: fids, after: [] });
}

/** Removes those of the files that no record has any more. */
function removeUnused(connection: SqliteConnection, fids: readonly number[]): void {
  if (fids.length === 0) return;
  const unused = new Set(fids);
  for (const [files] of connection.all('SELECT files FROM record')) for (const fid of numbersIn(files)) unused.delete(fid);
  connection.run('DELETE FROM file WHERE fid IN (SELECT value FROM json_each(?))', [JSON.stringify([...unused])]);
  giveBackSpace(connection);
}

const FILE_COLUMNS = 'f.path, f.blob, f.size, f.language, f.status, f.reason, f.symbols';

function fileFrom([path, blob, size, language, status, reason, symbols]: readonly SqlValue[]): IndexedFile {
  return {
    path: fromStored(path), blob: String(blob), size: Number(size), language: String(language), status: status === 'indexed' ? 'indexed' : 'skipped',
    ...(reason === null || reason === undefined ? {} : { reason: String(reason) }), symbols: Number(symbols),
  };
}

function identity(file: IndexedFile): string {
  const { path, blob, size, language, status, reason, symbols } = file;
  return `${blob} ${size} ${symbols} ${status} ${JSON.stringify(language)} ${reason === undefined ? '' : JSON.stringify(reason)} ${path}`;
}
