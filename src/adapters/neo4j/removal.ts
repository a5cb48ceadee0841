import type { CallOptions } from '../../domain/ports/call-options.js';
import { type Neo4jConnection, whole } from './connection.js';
import type { WriterTurn } from './writer.js';

/** Nodes and relationships to a transaction. */
const ROWS_PER_TRANSACTION = 5_000;

interface Removal {
  readonly connection: Neo4jConnection;
  readonly turn: WriterTurn;
  readonly space: string;
}

/** Removes what a publication that was not finished has left, if there is one: it was never visible. */
export async function removeUnfinished({ connection, turn, space }: Removal, options?: CallOptions): Promise<void> {
  // A transaction that was given up may still be on its way in: it has the lock that this one waits for.
  await turn.write(async () => undefined, options);
  // If that was the last one, which makes all visible, nothing is unfinished any more.
  const rows = await connection.read(
    'MATCH (w:Space {name: $space}) WHERE w.unfinished IS NOT NULL MATCH (p:Partition) WHERE p.number >= w.unfinished AND p.number > w.visible AND p.space = $space RETURN p.number, p.rows', { space }, options);
  await removePartitions({ connection, turn, space }, rows.map(([number, size]) => ({ number: Number(number), rows: Number(size) })), options);
  await turn.write((run) => run('MATCH (w:Space {name: $space}) REMOVE w.unfinished', { space }), options);
}

/**
 * Removes the rows of snapshots that were retired at least `grace` milliseconds ago and that no open reader has, in batches. Gives how many partitions went.
 * Stopped or killed in between, what is left goes the next time.
 */
export async function removeRetired({ connection, turn, space }: Removal, grace: number, options?: CallOptions): Promise<number> {
  const rows = await connection.read(
    `MATCH (v:Snapshot) WHERE v.space = $space AND v.retired <= timestamp() - $grace
      AND NOT EXISTS { MATCH (r:Reader) WHERE r.snapshot = v.number AND r.expires > timestamp() }
    RETURN v.number, v.partitions`, { space, grace: whole(grace) }, options);
  if (rows.length === 0) return 0;
  const snapshots = rows.map(([number]) => whole(Number(number)));
  const gone = new Set(rows.flatMap(([, partitions]) => partitions as number[])); // as publish writes it
  const kept = await connection.read(
    'MATCH (v:Snapshot) WHERE v.space = $space AND NOT v.number IN $snapshots UNWIND v.partitions AS number WITH DISTINCT number WHERE number IN $gone RETURN number',
    { space, snapshots, gone: [...gone].map(whole) }, options);
  for (const [number] of kept) gone.delete(Number(number));
  const sizes = await connection.read('UNWIND $gone AS number MATCH (p:Partition {number: number}) RETURN p.number, p.rows', { gone: [...gone].map(whole) }, options);
  await removePartitions({ connection, turn, space }, sizes.map(([number, size]) => ({ number: Number(number), rows: Number(size) })), options);
  await turn.write((run) => Promise.all([
    run('MATCH (v:Snapshot) WHERE v.number IN $snapshots DETACH DELETE v', { snapshots }), run('MATCH (r:Reader) WHERE r.space = $space AND r.expires <= timestamp() DELETE r', { space }),
  ]), options);
  return gone.size;
}

/** Removes everything of a space but the node that its writers lock. */
export async function removeSpace({ connection, turn, space }: Removal, options?: CallOptions): Promise<void> {
  await turn.write((run) => Promise.all(['Head', 'Snapshot', 'Reader'].map((label) => run(`MATCH (n:${label}) WHERE n.space = $space DETACH DELETE n`, { space }))), options);
  const rows = await connection.read('MATCH (p:Partition) WHERE p.space = $space RETURN p.number, p.rows', { space }, options);
  await removePartitions({ connection, turn, space }, rows.map(([number, size]) => ({ number: Number(number), rows: Number(size) })), options);
}

/** Partitions with all their relationships, and the symbols and names that nothing is left of. */
async function removePartitions({ turn }: Removal, partitions: readonly { readonly number: number; readonly rows: number }[], options: CallOptions | undefined): Promise<void> {
  for (let start = 0; start < partitions.length;) {
    const numbers: unknown[] = [];
    for (let rows = 0; start < partitions.length && (rows < ROWS_PER_TRANSACTION || numbers.length === 0); start++) {
      numbers.push(whole(partitions[start]?.number ?? 0));
      rows += partitions[start]?.rows ?? 0;
    }
    await turn.write((run) => Promise.all([
      run(`UNWIND $numbers AS number MATCH (:Partition {number: number})-[:DECLARES|MENTIONS]->(s)-[r]->(t) WHERE r.partition = number
        WITH collect(DISTINCT r) AS relationships, collect(DISTINCT t) AS ends FOREACH (r IN relationships | DELETE r)
        WITH ends UNWIND ends AS t WITH t WHERE NOT EXISTS { (t)--() } DELETE t`, { numbers }),
      run(`UNWIND $numbers AS number MATCH (p:Partition {number: number}) OPTIONAL MATCH (p)-[:DECLARES|MENTIONS]->(s)
        WITH collect(DISTINCT p) AS partitions, collect(DISTINCT s) AS symbols FOREACH (p IN partitions | DETACH DELETE p)
        WITH symbols UNWIND symbols AS s WITH s WHERE NOT EXISTS { (s)--() } DELETE s`, { numbers }),
    ]), options);
  }
}
