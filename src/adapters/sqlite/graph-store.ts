import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import { compareText, type Digest } from '../../domain/partition.js';
import type { GraphStore, Publication, PublishResult, RetireRequest, RetireResult } from '../../domain/ports/graph-store.js';
import { compareSnapshots } from '../../domain/reading-order.js';
import type { RepositoryId } from '../../domain/repository.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { toStored } from '../../domain/stored-text.js';
import { giveBackSpace, type SqliteDatabase } from './database.js';
import type { SqliteConnection, SqlRow, SqlValue } from './driver.js';
import { createSqliteGraphReader } from './graph-reader.js';
import { decodeNumbers, encodeNumbers } from './number-list.js';
import { createPartitionWriter, findPartitions, insert, removePartitions } from './partition-rows.js';

/**
 * Graphs in graph.db. A publication is one transaction that holds the writer's lock from its first partition to its last: its stream may read this
 * database, and must not wait for another write to it. `release` is called once, when the store closes.
 */
export function createSqliteGraphStore({ database, release }: { database: SqliteDatabase; release: () => Promise<void> }): GraphStore {
  let closed: Promise<void> | undefined;

  function check(signal?: AbortSignal): void {
    throwIfAborted(signal);
    if (closed !== undefined) throw new CodeloomError('store-unavailable', 'The graph store is closed.', { retryable: false });
  }

  return {
    capabilities: { durable: true, shared: true },

    async holds(digests, options) {
      check(options?.signal);
      return new Set(database.read((connection) => findPartitions(connection, digests)).keys());
    },

    async publish(publication, options) {
      check(options?.signal);
      return database.write((connection) => publish(connection, publication, options?.signal), options?.signal);
    },

    async heads(repository, options) {
      check(options?.signal);
      const rows = database.read((connection) =>
        connection.all('SELECT s.data, h.repository, h.branch FROM head h JOIN snapshot s ON s.id = h.snapshot WHERE ?1 IS NULL OR h.repository = ?1', [repository === undefined ? null : toStored(repository)]));
      return rows.map(([data, of, branch]) => ({ snapshot: snapshotFrom(data), repository: String(of), branch: String(branch) }))
        .sort((a, b) => compareText(a.repository, b.repository) || compareText(a.branch, b.branch)).map(({ snapshot }) => snapshot);
    },

    async snapshots(repository, options) {
      check(options?.signal);
      return database.read((connection) => connection.all('SELECT data FROM snapshot WHERE repository = ?', [toStored(repository)]))
        .map(([data]) => snapshotFrom(data)).sort(compareSnapshots);
    },

    async open(id, options) {
      check(options?.signal);
      const pinned = database.pin();
      try {
        const [row] = pinned.connection.all('SELECT data, partitions FROM snapshot WHERE id = ?', [toStored(id)]);
        if (row === undefined) throw new CodeloomError('unknown-snapshot', `There is no snapshot ${id}.`, { details: { snapshot: id } });
        return createSqliteGraphReader({ snapshot: snapshotFrom(row[0]), pids: numbersIn(row[1]), pinned, check });
      } catch (error) {
        pinned.release();
        throw error;
      }
    },

    async retire(request, options) {
      check(options?.signal);
      return database.write((connection) => retire(connection, request), options?.signal);
    },

    close() {
      return closed ??= release();
    },
  };
}

async function publish(connection: SqliteConnection, { snapshot, manifest, partitions }: Publication, signal: AbortSignal | undefined): Promise<PublishResult> {
  if (connection.all('SELECT 1 FROM snapshot WHERE id = ?', [toStored(snapshot.id)]).length > 0) {
    moveHead(connection, snapshot);
    return { created: false, written: 0 };
  }
  const pids = findPartitions(connection, manifest.map(({ digest }) => digest));
  const missing = new Set<Digest>(manifest.map(({ digest }) => digest).filter((digest) => !pids.has(digest)));
  const writer = createPartitionWriter(connection);
  for await (const batch of partitions) {
    throwIfAborted(signal);
    // What is held, not in the manifest, or brought twice is passed over.
    writer.add(batch.filter(({ digest }) => missing.delete(digest)));
  }
  throwIfAborted(signal);
  const lost = manifest.find(({ digest }) => missing.has(digest));
  if (lost !== undefined) {
    throw new CodeloomError('conflict', `The partition of ${lost.path} is neither brought nor held; publish again with it.`, { details: { ...lost } });
  }
  writer.flush();
  const members = encodeNumbers(manifest.map(({ digest }) => pids.get(digest) ?? writer.added.get(digest) ?? 0));
  connection.run('INSERT INTO snapshot (id, repository, branch, created_at, data, partitions) VALUES (?, ?, ?, ?, ?, ?)', [
    toStored(snapshot.id), toStored(snapshot.repository), toStored(snapshot.branch), snapshot.createdAt, JSON.stringify(snapshot), members,
  ]);
  moveHead(connection, snapshot);
  return { created: true, written: writer.added.size };
}

/** Moves a branch's head, and the rows by which the views know what is in it. */
function moveHead(connection: SqliteConnection, { id, repository, branch }: Snapshot): void {
  const key = [toStored(repository), toStored(branch)];
  const [before] = connection.all('SELECT h.hid, s.partitions FROM head h JOIN snapshot s ON s.id = h.snapshot WHERE h.repository = ? AND h.branch = ?', key);
  connection.run('INSERT INTO head (repository, branch, snapshot) VALUES (?, ?, ?) ON CONFLICT (repository, branch) DO UPDATE SET snapshot = excluded.snapshot', [...key, toStored(id)]);
  const hid = before?.[0] ?? connection.all('SELECT hid FROM head WHERE repository = ? AND branch = ?', key)[0]?.[0] ?? null;
  const [after] = connection.all('SELECT partitions FROM snapshot WHERE id = ?', [toStored(id)]);
  moveMembers(connection, { table: 'head_partition', owner: hid, before: numbersIn(before?.[1]), after: numbersIn(after?.[0]) });
}

/** Turns the members of an owner from one list into another, touching only what differs. `table` has the member's number and its owner's as its two columns. */
export function moveMembers(
  connection: SqliteConnection,
  { table, owner, before, after }: { table: 'head_partition' | 'current_file'; owner: SqlValue; before: readonly number[]; after: readonly number[] },
): void {
  const [member, of] = table === 'head_partition' ? ['pid', 'hid'] : ['fid', 'rid'];
  const kept = new Set(after);
  const gone = before.filter((number) => !kept.has(number));
  connection.run(`DELETE FROM ${table} WHERE ${member} IN (SELECT value FROM json_each(?)) AND ${of} = ?`, [JSON.stringify(gone), owner]);
  const there = new Set(before);
  insert(connection, `INSERT INTO ${table}`, [...kept].filter((number) => !there.has(number)).sort((a, b) => a - b).map((number): SqlRow => [number, owner]));
}

function retire(connection: SqliteConnection, { repository, snapshots, branches = [] }: RetireRequest): RetireResult {
  forgetBranches(connection, repository, branches);
  const rows = connection.all(
    `SELECT id, partitions FROM snapshot WHERE repository = ? AND id NOT IN (SELECT snapshot FROM head)
      AND (id IN (SELECT value FROM json_each(?)) OR branch IN (SELECT value FROM json_each(?)))`,
    [toStored(repository), JSON.stringify(snapshots.map(toStored)), JSON.stringify(branches.map(toStored))],
  );
  for (const [id] of rows) connection.run('DELETE FROM snapshot WHERE id = ?', [id ?? null]);
  const dropped = new Set(rows.flatMap(([, partitions]) => numbersIn(partitions)));
  for (const [partitions] of connection.all('SELECT partitions FROM snapshot')) for (const pid of numbersIn(partitions)) dropped.delete(pid);
  const nodes = removePartitions(connection, [...dropped]);
  if (dropped.size > 0) giveBackSpace(connection);
  return { snapshots: rows.length, partitions: dropped.size, nodes };
}

function forgetBranches(connection: SqliteConnection, repository: RepositoryId, branches: readonly string[]): void {
  for (const branch of branches) {
    const [head] = connection.all('SELECT h.hid, s.partitions FROM head h JOIN snapshot s ON s.id = h.snapshot WHERE h.repository = ? AND h.branch = ?', [toStored(repository), toStored(branch)]);
    if (head === undefined) continue;
    moveMembers(connection, { table: 'head_partition', owner: head[0] ?? null, before: numbersIn(head[1]), after: [] });
    connection.run('DELETE FROM head WHERE hid = ?', [head[0] ?? null]);
  }
}

export function numbersIn(stored: SqlValue | undefined): number[] {
  return stored instanceof Uint8Array ? decodeNumbers(stored) : [];
}

function snapshotFrom(data: SqlValue | undefined): Snapshot {
  return JSON.parse(String(data)) as Snapshot; // written by publish
}

