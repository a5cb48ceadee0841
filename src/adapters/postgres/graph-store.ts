import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import { compareText, type Digest } from '../../domain/partition.js';
import type { GraphReader, GraphStore, Publication, PublishResult, RetireRequest, RetireResult } from '../../domain/ports/graph-store.js';
import { compareSnapshots } from '../../domain/reading-order.js';
import type { Snapshot, SnapshotId } from '../../domain/snapshot.js';
import { fromStored, toStored } from '../../domain/stored-text.js';
import type { PostgresConnection } from './connection.js';
import { checkVersion, type PostgresDatabase } from './database.js';
import { addGeneration, sweepGenerations } from './generations.js';
import { createPostgresGraphReader, type OpenedSnapshot } from './graph-reader.js';
import { createPartitionWriter, digestText, findPartitions, removePartitions } from './partition-rows.js';
import { OPEN } from './schema.js';

/**
 * Graphs in PostgreSQL. A publication is one transaction, alone in its schema from its first partition to its last: its stream may read this store, and must not wait for
 * another publication to it. `release` is called once, when the store closes.
 */
export function createPostgresGraphStore({ database, release }: { database: PostgresDatabase; release: () => Promise<void> }): GraphStore {
  const { schema } = database;
  const readers = new Set<GraphReader>();
  let closed: Promise<void> | undefined;

  function check(signal?: AbortSignal): void {
    throwIfAborted(signal);
    if (closed !== undefined) throw new CodeloomError('store-unavailable', 'The graph store is closed.', { retryable: false });
  }

  async function look(connection: Pick<PostgresConnection, 'all'>, id: SnapshotId, signal: AbortSignal | undefined): Promise<OpenedSnapshot> {
    const [row] = await connection.all(
      `SELECT v.version, s.owner, s.generation, s.data FROM (SELECT max(version) AS version FROM ${schema}.migration) v LEFT JOIN ${schema}.graph_snapshot s ON s.id = $1`, [toStored(id)], signal);
    checkVersion(row?.[0], schema);
    if (typeof row?.[3] !== 'string') throw new CodeloomError('unknown-snapshot', `There is no snapshot ${id}.`, { details: { snapshot: id } });
    return { owner: Number(row[1]), generation: Number(row[2]), snapshot: snapshotFrom(row[3]) };
  }

  return {
    capabilities: { durable: true, shared: true },

    async holds(digests, options) {
      check(options?.signal);
      return new Set((await findPartitions(database, schema, digests, options?.signal)).keys());
    },

    async publish(publication, options) {
      check(options?.signal);
      return database.transaction((connection) => publish(connection, schema, publication, options?.signal), { alone: 'graph', signal: options?.signal });
    },

    async heads(repository, options) {
      check(options?.signal);
      const rows = await database.all(
        `SELECT s.data, b.repository, b.branch FROM ${schema}.graph_branch b JOIN ${schema}.graph_snapshot s ON s.id = b.head WHERE $1::text IS NULL OR b.repository = $1`,
        [repository === undefined ? null : toStored(repository)], options?.signal);
      return rows.map(([data, of, branch]) => ({ snapshot: snapshotFrom(data), repository: fromStored(of), branch: fromStored(branch) }))
        .sort((a, b) => compareText(a.repository, b.repository) || compareText(a.branch, b.branch)).map(({ snapshot }) => snapshot);
    },

    async snapshots(repository, options) {
      check(options?.signal);
      const rows = await database.all(`SELECT data FROM ${schema}.graph_snapshot WHERE repository = $1`, [toStored(repository)], options?.signal);
      return rows.map(([data]) => snapshotFrom(data)).sort(compareSnapshots);
    },

    async open(id, options) {
      check(options?.signal);
      const pin = (signal: AbortSignal | undefined) => database.pin((connection) => look(connection, id, signal), signal);
      const reader = createPostgresGraphReader({ schema, check, pin, pinned: await pin(options?.signal), onClose: () => readers.delete(reader) });
      readers.add(reader);
      return reader;
    },

    async retire(request, options) {
      check(options?.signal);
      return database.transaction((connection) => retire(connection, schema, request, options?.signal), { alone: 'graph', signal: options?.signal });
    },

    close() {
      return closed ??= (async () => {
        await Promise.all([...readers].map((reader) => reader.close()));
        await release();
      })();
    },
  };
}

async function publish(connection: PostgresConnection, schema: string, { snapshot, manifest, partitions }: Publication, signal: AbortSignal | undefined): Promise<PublishResult> {
  const branch = [toStored(snapshot.repository), toStored(snapshot.branch)];
  const [known] = await connection.all(`SELECT owner, generation FROM ${schema}.graph_snapshot WHERE id = $1`, [toStored(snapshot.id)], signal);
  const [existing] = await connection.all(`SELECT owner, last_generation FROM ${schema}.graph_branch WHERE repository = $1 AND branch = $2`, branch, signal);
  const owner = existing === undefined ? await nextOwner(connection, schema, signal) : Number(existing[0]);
  const generation = existing === undefined ? 1 : Number(existing[1]) + 1;
  const moveHead = () => connection.all(
    `INSERT INTO ${schema}.graph_branch (owner, repository, branch, head, last_generation) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (repository, branch) DO UPDATE SET head = excluded.head, last_generation = excluded.last_generation`, [owner, ...branch, toStored(snapshot.id), generation], signal);
  if (known !== undefined) {
    await moveHead();
    return { created: false, written: 0 };
  }

  // Most of what the manifest names is in the branch already.
  const open = new Map<Digest, number>();
  for (const [pid, digest] of existing === undefined ? [] : await connection.all(
    `SELECT p.pid, p.digest FROM ${schema}.graph_member m JOIN ${schema}.graph_partition p ON p.pid = m.item WHERE m.owner = $1 AND m.to_generation = ${OPEN}`, [owner], signal)) {
    open.set(digestText(digest), Number(pid));
  }
  const elsewhere = await findPartitions(connection, schema, manifest.map(({ digest }) => digest).filter((digest) => !open.has(digest)), signal);
  const missing = new Set<Digest>(manifest.map(({ digest }) => digest).filter((digest) => !open.has(digest) && !elsewhere.has(digest)));
  const writer = await createPartitionWriter({ connection, schema, signal });
  for await (const batch of partitions) {
    throwIfAborted(signal);
    // What is held, not in the manifest, or brought twice is passed over.
    await writer.add(batch.filter(({ digest }) => missing.delete(digest)));
  }
  throwIfAborted(signal);
  const lost = manifest.find(({ digest }) => missing.has(digest));
  if (lost !== undefined) {
    throw new CodeloomError('conflict', `The partition of ${lost.path} is neither brought nor held; publish again with it.`, { details: { ...lost } });
  }
  await writer.flush();

  const items = manifest.map(({ digest }) => open.get(digest) ?? elsewhere.get(digest) ?? writer.added.get(digest) ?? 0);
  await addGeneration(connection, { table: `${schema}.graph_member`, owner }, { generation, open: new Set(open.values()), items, signal });
  await connection.all(
    `INSERT INTO ${schema}.graph_snapshot (id, owner, generation, repository, branch, commit_sha, created_at, digest, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [toStored(snapshot.id), owner, generation, ...branch, snapshot.commit ?? null, snapshot.createdAt, snapshot.digest, JSON.stringify(snapshot)], signal);
  await moveHead();
  return { created: true, written: writer.added.size };
}

async function nextOwner(connection: PostgresConnection, schema: string, signal: AbortSignal | undefined): Promise<number> {
  const [row] = await connection.all(`SELECT 1 + greatest(0, (SELECT max(owner) FROM ${schema}.graph_branch), (SELECT max(owner) FROM ${schema}.graph_snapshot))`, [], signal);
  return Number(row?.[0]);
}

async function retire(connection: PostgresConnection, schema: string, { repository, snapshots, branches = [] }: RetireRequest, signal: AbortSignal | undefined): Promise<RetireResult> {
  const [of, named] = [toStored(repository), branches.map(toStored)];
  const forgotten = await connection.all(`DELETE FROM ${schema}.graph_branch WHERE repository = $1 AND branch = ANY($2::text[]) RETURNING owner`, [of, named], signal);
  const removed = await connection.all(
    `DELETE FROM ${schema}.graph_snapshot WHERE repository = $1 AND id NOT IN (SELECT head FROM ${schema}.graph_branch) AND (id = ANY($2::text[]) OR branch = ANY($3::text[])) RETURNING owner`,
    [of, snapshots.map(toStored), named], signal);
  const dropped = new Set<number>();
  for (const owner of new Set([...forgotten, ...removed].map((row) => Number(row[0])))) {
    const kept = await connection.all(`SELECT generation FROM ${schema}.graph_snapshot WHERE owner = $1`, [owner], signal);
    for (const pid of await sweepGenerations(connection, { table: `${schema}.graph_member`, owner }, { kept: kept.map(([generation]) => Number(generation)), signal })) dropped.add(pid);
  }
  const nodes = await removePartitions(connection, schema, [...dropped], signal);
  return { snapshots: removed.length, partitions: dropped.size, nodes };
}

function snapshotFrom(data: unknown): Snapshot {
  return JSON.parse(String(data)) as Snapshot; // written by publish
}
