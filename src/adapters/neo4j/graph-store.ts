import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import { compareText, type Digest } from '../../domain/partition.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { GraphStore, Publication, PublishResult, RetireRequest, RetireResult } from '../../domain/ports/graph-store.js';
import { compareSnapshots } from '../../domain/reading-order.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { connectNeo4j, type Neo4jAddress, type Neo4jConnection, type RunStatement, whole } from './connection.js';
import { createNeo4jGraphReader } from './graph-reader.js';
import { leaseSnapshot } from './lease.js';
import { createPartitionWriter } from './partition-rows.js';
import { removeRetired, removeSpace, removeUnfinished } from './removal.js';
import { migrate, TAKE_NUMBERS } from './schema.js';
import { toKey } from './stored-text.js';
import { createSpaceWriter, type WriterTurn } from './writer.js';

export interface Neo4jGraphStoreOptions extends Neo4jAddress {
  /** Keeps apart what has nothing to do with each other: tenants, stages. Nothing of one space is seen, shared or removed from another. Default `default`. */
  readonly space?: string | undefined;
  /** Milliseconds for which retired rows stay at least, for readers that are open and have not said so yet. Default 60,000. */
  readonly grace?: number | undefined;
  /** Milliseconds after which a publishing process that is not heard of any more is taken for dead. Default 30,000. */
  readonly writerLease?: number | undefined;
  /** Milliseconds to wait for another publishing process before `store-busy`. Default 120,000. */
  readonly writerTimeout?: number | undefined;
  /** Milliseconds for which an operation is tried again when the server does not answer, has a deadlock, or is busy. Default 20,000. Opening is tried once. */
  readonly patience?: number | undefined;
}

export interface Neo4jGraphStore extends GraphStore {
  /** Removes now what a later `retire` would: rows that were retired at least `grace` milliseconds ago (default: the store's) and that no open reader has. Gives how many partitions went. */
  sweep(options?: CallOptions & { readonly grace?: number }): Promise<number>;
  /** Removes the space with all that is in it, in batches; other spaces are left untouched. */
  removeSpace(options?: CallOptions): Promise<void>;
}

const LONGEST_SPACE = 100;

/**
 * Graphs in a Neo4j database, 5 or newer, Community Edition included, as docs/neo4j-schema.md describes them. Brings the schema up to date first. Throws
 * `invalid-argument`, `store-unavailable`, `authentication-failed`, `permission-denied`, `store-too-new`.
 */
export async function createNeo4jGraphStore(options: Neo4jGraphStoreOptions): Promise<Neo4jGraphStore> {
  const { space = 'default', grace = 60_000, writerLease = 30_000, writerTimeout = 120_000, patience = 20_000 } = options;
  if (space === '' || space.length > LONGEST_SPACE || space !== toKey(space)) throw new CodeloomError('invalid-argument', `The name of a space has 1 to ${LONGEST_SPACE} characters.`);
  const connection = connectNeo4j(options, { patience });
  try {
    await migrate(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
  const writer = createSpaceWriter(connection, { space, lease: writerLease, timeout: writerTimeout });
  const closing = new Set<() => Promise<void>>();
  let closed: Promise<void> | undefined;

  function check(signal?: AbortSignal): void {
    throwIfAborted(signal);
    if (closed !== undefined) throw new CodeloomError('store-unavailable', 'The graph store is closed.', { retryable: false });
  }

  /** A turn as the space's writer, which begins by removing what an earlier one left unfinished. */
  function write<T>(work: (turn: WriterTurn) => Promise<T>, calling?: CallOptions): Promise<T> {
    return writer.run(async (turn) => {
      if (turn.unfinished) await removeUnfinished({ connection, turn, space }, calling);
      return work(turn);
    }, calling);
  }

  return {
    capabilities: { durable: true, shared: true, traversal: true },

    async holds(digests, calling) {
      check(calling?.signal);
      return new Set((await findPartitions({ connection, space }, digests, calling)).keys());
    },

    async publish(publication, calling) {
      check(calling?.signal);
      return write((turn) => publish({ connection, turn, space }, publication, calling), calling);
    },

    async heads(repository, calling) {
      check(calling?.signal);
      // By the number in the head itself, which changes in one step; the relationship is for people.
      const rows = await connection.read(
        `MATCH (h:Head) WHERE h.space = $space AND h.repository IS NOT NULL AND h.branch IS NOT NULL AND ($repository IS NULL OR h.repository = $repository)
        MATCH (v:Snapshot {number: h.at}) RETURN v.data`, { space, repository: repository === undefined ? null : toKey(repository) }, calling);
      return rows.map(([data]) => snapshotFrom(data)).sort((a, b) => compareText(a.repository, b.repository) || compareText(a.branch, b.branch));
    },

    async snapshots(repository, calling) {
      check(calling?.signal);
      const rows = await connection.read('MATCH (v:Snapshot {space: $space, repository: $repository}) WHERE v.retired IS NULL RETURN v.data', { space, repository: toKey(repository) }, calling);
      return rows.map(([data]) => snapshotFrom(data)).sort(compareSnapshots);
    },

    async open(id, calling) {
      check(calling?.signal);
      const [row] = await connection.read('MATCH (v:Snapshot {space: $space, id: $id}) RETURN v.number, v.data, v.partitions', { space, id: toKey(id) }, calling);
      const lease = row === undefined ? undefined : await leaseSnapshot(connection, { space, snapshot: Number(row[0]), grace }, calling);
      if (row === undefined || lease === undefined) throw new CodeloomError('unknown-snapshot', `There is no snapshot ${id}.`, { details: { snapshot: id } });
      const release = async (): Promise<void> => {
        closing.delete(release);
        await lease.release();
      };
      closing.add(release);
      return createNeo4jGraphReader({
        connection, space, snapshot: snapshotFrom(row[1]), number: Number(row[0]), partitions: row[2] as number[], lease: { check: (checking) => lease.check(checking), release }, check, // written by publish
      });
    },

    async retire(request, calling) {
      check(calling?.signal);
      return write(async (turn) => {
        const result = await retire({ connection, turn, space }, request, calling);
        await removeRetired({ connection, turn, space }, grace, calling);
        return result;
      }, calling);
    },

    async sweep(calling) {
      check(calling?.signal);
      return write((turn) => removeRetired({ connection, turn, space }, calling?.grace ?? grace, calling), calling);
    },

    async removeSpace(calling) {
      check(calling?.signal);
      await write((turn) => removeSpace({ connection, turn, space }, calling), calling);
      await connection.transaction((run) => run('MATCH (w:Space {name: $space}) WHERE w.owner IS NULL DELETE w', { space }), calling);
    },

    close() {
      return closed ??= (async () => {
        await Promise.all([...closing].map((release) => release()));
        await connection.close();
      })();
    },
  };
}

interface Place {
  readonly connection: Neo4jConnection;
  readonly turn: WriterTurn;
  readonly space: string;
}

const DIGESTS_PER_QUERY = 5000;

/** Numbers of the partitions that published snapshots of the space have. */
async function findPartitions({ connection, space }: Pick<Place, 'connection' | 'space'>, digests: readonly Digest[], options: CallOptions | undefined): Promise<Map<Digest, number>> {
  const found = new Map<Digest, number>();
  for (let start = 0; start < digests.length; start += DIGESTS_PER_QUERY) {
    const rows = await connection.read(
      // What is greater is of a publication that goes on, or that never ended.
      `MATCH (w:Space {name: $space}) WITH w.visible AS visible
      UNWIND $digests AS digest MATCH (p:Partition {space: $space, digest: digest}) WHERE p.number <= visible RETURN digest, p.number`,
      { space, digests: digests.slice(start, start + DIGESTS_PER_QUERY) }, options);
    for (const [digest, number] of rows) found.set(String(digest), Number(number));
  }
  return found;
}

async function publish({ connection, turn, space }: Place, { snapshot, manifest, partitions }: Publication, options: CallOptions | undefined): Promise<PublishResult> {
  const [[there], held, [known]] = await Promise.all([
    connection.read('MATCH (v:Snapshot {space: $space, id: $id}) RETURN v.number', { space, id: toKey(snapshot.id) }, options),
    findPartitions({ connection, space }, [...new Set(manifest.map(({ digest }) => digest))], options),
    connection.read('MATCH (s:Symbol) WHERE s.space = $space AND s.id IS NOT NULL RETURN 1 LIMIT 1', { space }, options),
  ]);
  if (there !== undefined) {
    await turn.finish((run) => moveHead(run, space, snapshot, Number(there[0])), options);
    return { created: false, written: 0 };
  }
  const missing = new Set<Digest>(manifest.map(({ digest }) => digest).filter((digest) => !held.has(digest)));
  const first = await begin({ turn, space }, missing.size + 1, options);
  try {
    const rows = createPartitionWriter({ connection, turn, space, first, fresh: known === undefined });
    for await (const batch of partitions) {
      throwIfAborted(options?.signal);
      // What is held, not in the manifest, or brought twice is passed over.
      await rows.add(batch.filter(({ digest }) => missing.delete(digest)), options);
    }
    throwIfAborted(options?.signal);
    const lost = manifest.find(({ digest }) => missing.has(digest));
    if (lost !== undefined) {
      throw new CodeloomError('conflict', `The partition of ${lost.path} is neither brought nor held; publish again with it.`, { details: { ...lost } });
    }
    await rows.flush(options);
    const number = first + rows.added.size;
    const members = manifest.map(({ digest }) => whole(held.get(digest) ?? rows.added.get(digest) ?? 0));
    await turn.finish(async (run) => {
      await Promise.all([
        run(
          `CREATE (v:Snapshot {space: $space, number: $number, id: $id, repository: $repository, branch: $branch, commit: $commit, dirty: $dirty, createdAt: $createdAt, digest: $digest,
            files: $files, symbols: $symbols, data: $data, partitions: $members})`,
          {
            space, number: whole(number), id: toKey(snapshot.id), repository: toKey(snapshot.repository), branch: toKey(snapshot.branch), commit: snapshot.commit ?? null, dirty: snapshot.dirty,
            createdAt: snapshot.createdAt, digest: snapshot.digest, files: whole(snapshot.stats.files), symbols: whole(snapshot.stats.symbols), data: JSON.stringify(snapshot), members,
          }),
        moveHead(run, space, snapshot, number),
        // This is what makes the new partitions those of a published snapshot.
        run('MATCH (w:Space {name: $space}) SET w.visible = $number REMOVE w.unfinished', { space, number: whole(number) }),
      ]);
    }, options);
    return { created: true, written: rows.added.size };
  } catch (error) {
    // If this fails too, the next turn does it.
    await removeUnfinished({ connection, turn, space }).catch(() => undefined);
    throw error;
  }
}

/** Marks that a publication has begun, and gives the first of `count` numbers for it. Done twice, some numbers stay unused. */
async function begin({ turn, space }: Pick<Place, 'turn' | 'space'>, count: number, options: CallOptions | undefined): Promise<number> {
  const rows = await turn.write((run) => run(
    `${TAKE_NUMBERS} MATCH (w:Space {name: $space}) SET w.unfinished = first RETURN first`, { space, count: whole(count) }), options);
  const [first] = rows?.[0] ?? [];
  if (typeof first === 'number') return first;
  // The acknowledgement was lost: the numbers are taken anew.
  if (rows === undefined) return begin({ turn, space }, count, options);
  throw new CodeloomError('store-corrupt', 'The database has lost its CodeloomSchema node.', { details: { space } });
}

/** Points a branch at a snapshot: one property for readers, one relationship for people. */
async function moveHead(run: RunStatement, space: string, { repository, branch }: Snapshot, number: number): Promise<void> {
  await run(
    `MERGE (h:Head {space: $space, repository: $repository, branch: $branch}) SET h.at = $number
    WITH h OPTIONAL MATCH (h)-[at:AT]->() DELETE at
    WITH DISTINCT h MATCH (v:Snapshot {number: $number}) CREATE (h)-[:AT]->(v)`,
    { space, repository: toKey(repository), branch: toKey(branch), number: whole(number) });
}

/** Takes snapshots out of sight: their rows stay until {@link removeRetired}. */
async function retire({ connection, turn, space }: Place, { repository, snapshots, branches = [] }: RetireRequest, options: CallOptions | undefined): Promise<RetireResult> {
  const parameters = { space, repository: toKey(repository), ids: snapshots.map(toKey), branches: branches.map(toKey) };
  const found = await connection.read(
    `MATCH (v:Snapshot {space: $space, repository: $repository}) WHERE v.retired IS NULL AND (v.branch IN $branches OR v.id IN $ids)
      AND NOT EXISTS { MATCH (h:Head) WHERE h.space = $space AND h.repository IS NOT NULL AND h.branch IS NOT NULL AND h.at = v.number AND NOT (h.repository = $repository AND h.branch IN $branches) }
    RETURN v.number, v.partitions`, parameters, options);
  const numbers = found.map(([number]) => whole(Number(number)));
  const dropped = new Set(found.flatMap(([, partitions]) => partitions as number[])); // written by publish
  const kept = dropped.size === 0 ? [] : await connection.read(
    'MATCH (v:Snapshot) WHERE v.space = $space AND v.retired IS NULL AND NOT v.number IN $numbers UNWIND v.partitions AS number WITH DISTINCT number WHERE number IN $dropped RETURN number',
    { space, numbers, dropped: [...dropped].map(whole) }, options);
  for (const [number] of kept) dropped.delete(Number(number));
  const gone = [...dropped].map(whole);
  const counted = gone.length === 0 ? [] : await connection.read('UNWIND $gone AS number MATCH (p:Partition {number: number}) RETURN sum(p.nodes)', { gone }, options);
  await turn.write((run) => Promise.all([
    run('MATCH (h:Head {space: $space, repository: $repository}) WHERE h.branch IN $branches DETACH DELETE h', parameters),
    run('UNWIND $numbers AS number MATCH (v:Snapshot {number: number}) SET v.retired = timestamp() REMOVE v.id', { numbers }),
    // Without its digest a partition is not held any more: the same content is written anew.
    run('UNWIND $gone AS number MATCH (p:Partition {number: number}) SET p.retired = timestamp(), p.retiredDigest = p.digest REMOVE p.digest', { gone }),
  ]), options);
  return { snapshots: found.length, partitions: dropped.size, nodes: Number(counted[0]?.[0] ?? 0) };
}

function snapshotFrom(data: unknown): Snapshot {
  return JSON.parse(String(data)) as Snapshot; // written by publish
}
