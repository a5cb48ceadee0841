import type { PostgresConnection } from './connection.js';
import { OPEN } from './schema.js';

/**
 * What belongs to the states of a branch, at a cost of what changes between them. A branch's states are numbered (generations); an item is a member from one
 * generation until before another, `OPEN` as long as no later one is without it. So a state is all members with `from_generation <= n < to_generation`, and the next one
 * closes what has gone and adds what is new. Within a transaction that is alone in writing them.
 */
export interface Generations {
  /** With its schema: columns item, owner, from_generation, to_generation. */
  readonly table: string;
  readonly owner: number;
}

/** Makes generation `generation`, greater than all before, from the members that are `open` so far. */
export async function addGeneration(
  connection: PostgresConnection, { table, owner }: Generations,
  { generation, open, items, signal }: { generation: number; open: ReadonlySet<number>; items: readonly number[]; signal: AbortSignal | undefined },
): Promise<void> {
  const wanted = new Set(items);
  const gone = [...open].filter((item) => !wanted.has(item));
  const fresh = [...wanted].filter((item) => !open.has(item));
  if (gone.length > 0) {
    await connection.all(`UPDATE ${table} SET to_generation = $1 WHERE owner = $2 AND to_generation = ${OPEN} AND item = ANY($3::integer[])`, [generation, owner, gone], signal);
  }
  if (fresh.length > 0) await connection.all(`INSERT INTO ${table} SELECT item, $1, $2, ${OPEN} FROM unnest($3::integer[]) item`, [owner, generation, fresh], signal);
}

/** Removes the members of no generation that is `kept`. Gives the items that nobody has any more. */
export async function sweepGenerations(
  connection: PostgresConnection, { table, owner }: Generations, { kept, signal }: { kept: readonly number[]; signal: AbortSignal | undefined },
): Promise<number[]> {
  const gone = await connection.all(
    `DELETE FROM ${table} m WHERE owner = $1 AND NOT EXISTS (SELECT 1 FROM unnest($2::integer[]) g WHERE g >= m.from_generation AND g < m.to_generation) RETURNING item`, [owner, kept], signal);
  const items = [...new Set(gone.map(([item]) => Number(item)))];
  const unused = await connection.all(`SELECT item FROM unnest($1::integer[]) AS gone(item) WHERE NOT EXISTS (SELECT 1 FROM ${table} m WHERE m.item = gone.item)`, [items], signal);
  return unused.map(([item]) => Number(item));
}
