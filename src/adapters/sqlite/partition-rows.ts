import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { sitesToText } from '../../domain/edge-sites.js';
import { CodeloomError } from '../../domain/errors.js';
import { EDGE_KINDS, NODE_KINDS } from '../../domain/graph-node.js';
import { decodePartition, encodePartition, nodeRow } from '../../domain/partition-codec.js';
import { symbolsIn, UNRESOLVED_REASONS, compareText, type Digest, type Partition } from '../../domain/partition.js';
import type { PartitionEntry } from '../../domain/ports/graph-store.js';
import { toStored } from '../../domain/stored-text.js';
import type { SqliteConnection, SqlRow, SqlValue } from './driver.js';

/** Writes partitions as rows, many at a time: rows go in by key order, 50 to a statement. Inside one transaction. */
export interface PartitionWriter {
  /** Takes partitions that the database does not hold, in canonical content; their rows are written by {@link flush} at the latest. */
  add(entries: readonly PartitionEntry[]): void;
  flush(): void;
  /** Row numbers of what was added. */
  readonly added: ReadonlyMap<Digest, number>;
}

type NodeColumns = readonly [sid: number, pid: number, kind: number, name: string, qualifiedName: string, detail: string];
type EdgeColumns = readonly [dst: number, kind: number, src: number, candidate: number, pid: number, sites: string];

const ROWS_PER_STATEMENT = 50;
/** Nodes and edges kept before they are sorted and written: more sorts better, and takes memory. */
const ROWS_PER_FLUSH = 20_000;
/** Symbols whose numbers are remembered. */
const REMEMBERED = 500_000;

const nodeKinds = new Map(NODE_KINDS.map((kind, index) => [kind, index]));
const edgeKinds = new Map(EDGE_KINDS.map((kind, index) => [kind, index]));
const reasons = new Map(UNRESOLVED_REASONS.map((reason, index) => [reason, index]));

export function createPartitionWriter(connection: SqliteConnection): PartitionWriter {
  const added = new Map<Digest, number>();
  const symbols = new Map<string, number>();
  let nextPid = 1 + maximum(connection, 'pid', 'partition');
  let nextSid = 1 + maximum(connection, 'sid', 'symbol');
  let waiting: PartitionEntry[] = [];
  let waitingRows = 0;

  function flush(): void {
    const entries = waiting;
    waiting = [];
    waitingRows = 0;
    if (entries.length === 0) return;
    numberSymbols(entries);
    const sid = (id: string): number => symbols.get(id) ?? 0;

    const rows = { partition: [] as SqlRow[], content: [] as SqlRow[], node: [] as NodeColumns[], edge: [] as EdgeColumns[], unresolved: [] as SqlRow[] };
    for (const { digest, partition } of entries) {
      const pid = nextPid++;
      added.set(digest, pid);
      const { path, language, blob, nodes, edges, unresolved, verdicts, diagnostics } = partition;
      rows.partition.push([
        pid, digestBytes(digest), toStored(path), language, blob, nodes.length, edges.length,
        verdicts.resolved, verdicts.candidates, verdicts.external, verdicts.unresolved, diagnostics.length === 0 ? null : JSON.stringify(diagnostics),
      ]);
      rows.content.push([pid, packPartition(partition)]);
      for (const node of nodes) {
        rows.node.push([sid(node.id), pid, nodeKinds.get(node.kind) ?? -1, toStored(node.name), toStored(node.qualifiedName), JSON.stringify(nodeRow(node).slice(4))]);
      }
      for (const edge of edges) {
        rows.edge.push([sid(edge.to), edgeKinds.get(edge.kind) ?? -1, sid(edge.from), edge.certainty === 'candidate' ? 1 : 0, pid, sitesToText(edge.sites)]);
      }
      unresolved.forEach((site, place) => {
        rows.unresolved.push([toStored(site.name), pid, place, sid(site.from), reasons.get(site.reason) ?? -1, site.line, site.column]);
      });
    }
    insert(connection, 'INSERT INTO partition', rows.partition);
    insert(connection, 'INSERT INTO partition_content', rows.content);
    insert(connection, 'INSERT OR IGNORE INTO node', rows.node.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
    insert(connection, 'INSERT OR IGNORE INTO edge', rows.edge.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3] || a[4] - b[4]));
    insert(connection, 'INSERT INTO unresolved', rows.unresolved);
  }

  /** Finds or makes the number of every symbol that the partitions name. */
  function numberSymbols(entries: readonly PartitionEntry[]): void {
    if (symbols.size > REMEMBERED) symbols.clear();
    const unknown = new Set<string>();
    for (const { partition } of entries) for (const id of symbolsIn(partition)) if (!symbols.has(id)) unknown.add(id);
    for (const [id, sid] of findSymbols(connection, [...unknown])) {
      symbols.set(id, sid);
      unknown.delete(id);
    }
    const fresh = [...unknown].sort(compareText).map((id): SqlValue[] => {
      symbols.set(id, nextSid);
      return [nextSid++, toStored(id)];
    });
    insert(connection, 'INSERT INTO symbol', fresh);
  }

  return {
    added,
    add(entries) {
      for (const entry of entries) {
        waiting.push(entry);
        waitingRows += entry.partition.nodes.length + entry.partition.edges.length + 1;
        if (waitingRows >= ROWS_PER_FLUSH) flush();
      }
    },
    flush,
  };
}

/** Removes partitions with all their rows, and the symbols that nothing names any more. Gives the number of their nodes. */
export function removePartitions(connection: SqliteConnection, pids: readonly number[]): number {
  let nodes = 0;
  for (let start = 0; start < pids.length; start += 64) {
    const chunk = pids.slice(start, start + 64);
    const stored = connection.all('SELECT pid, content FROM partition_content WHERE pid IN (SELECT value FROM json_each(?))', [JSON.stringify(chunk)]);
    const partitions = stored.map(([pid, content]) => ({ pid: Number(pid), partition: unpackPartition(content) }));
    const symbols = findSymbols(connection, partitions.flatMap(({ partition }) => [...symbolsIn(partition)]));
    const sid = (id: string): number => symbols.get(id) ?? 0;
    for (const { pid, partition } of partitions) {
      nodes += partition.nodes.length;
      for (const { id } of partition.nodes) connection.run('DELETE FROM node WHERE sid = ? AND pid = ?', [sid(id), pid]);
      for (const { kind, from, to, certainty } of partition.edges) {
        const key = [sid(to), edgeKinds.get(kind) ?? -1, sid(from), certainty === 'candidate' ? 1 : 0, pid];
        connection.run('DELETE FROM edge WHERE dst = ? AND kind = ? AND src = ? AND candidate = ? AND pid = ?', key);
      }
      for (const name of new Set(partition.unresolved.map((site) => site.name))) connection.run('DELETE FROM unresolved WHERE name = ? AND pid = ?', [toStored(name), pid]);
      connection.run('DELETE FROM partition_content WHERE pid = ?', [pid]);
      connection.run('DELETE FROM partition WHERE pid = ?', [pid]);
    }
    // The owner of an unresolved site is a node of the same partition, so the nodes tell of those too.
    connection.run(`DELETE FROM symbol WHERE sid IN (SELECT value FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM node WHERE node.sid = symbol.sid)
      AND NOT EXISTS (SELECT 1 FROM edge WHERE edge.dst = symbol.sid) AND NOT EXISTS (SELECT 1 FROM edge WHERE edge.src = symbol.sid)`, [JSON.stringify([...symbols.values()])]);
  }
  return nodes;
}

// Packing is synchronous on purpose: for a partition's few kilobytes, handing it to another thread costs three times what the packing does.

function packPartition(partition: Partition): Uint8Array {
  return deflateRawSync(encodePartition(partition), { level: 1 });
}

/** The partition in a `content` column. Throws `store-corrupt`. */
export function unpackPartition(content: SqlValue | undefined): Partition {
  if (!(content instanceof Uint8Array)) throw new CodeloomError('store-corrupt', 'A stored partition has no content.');
  let text: string;
  try {
    text = inflateRawSync(content).toString('utf8');
  } catch (error) {
    throw new CodeloomError('store-corrupt', 'A stored partition cannot be unpacked.', { cause: error });
  }
  return decodePartition(text);
}

/** Row numbers of the partitions that the database holds. */
export function findPartitions(connection: SqliteConnection, digests: readonly Digest[]): Map<Digest, number> {
  const found = new Map<Digest, number>();
  for (let start = 0; start < digests.length; start += 2000) {
    const chunk = digests.slice(start, start + 2000);
    for (const digest of chunk) digestBytes(digest);
    // As one value, of the digests' places and the numbers: rows of their own cost more than finding them.
    const [row] = connection.all('SELECT json_group_array(json_array(j.key, p.pid)) FROM json_each(?) j CROSS JOIN partition p ON p.digest = unhex(j.value)', [JSON.stringify(chunk)]);
    for (const [place, pid] of JSON.parse(String(row?.[0])) as [number, number][]) found.set(chunk[place] ?? '', pid); // as the statement makes it
  }
  return found;
}

/** Numbers of the symbols that the database knows. */
export function findSymbols(connection: SqliteConnection, ids: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (let start = 0; start < ids.length; start += 2000) {
    const chunk = ids.slice(start, start + 2000);
    const [row] = connection.all('SELECT json_group_array(json_array(j.key, s.sid)) FROM json_each(?) j CROSS JOIN symbol s ON s.id = j.value', [JSON.stringify(chunk.map(toStored))]);
    for (const [place, sid] of JSON.parse(String(row?.[0])) as [number, number][]) found.set(chunk[place] ?? '', sid); // as the statement makes it
  }
  return found;
}

/** Throws `invalid-argument` for what is no lower-case SHA-256. */
export function digestBytes(digest: Digest): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new CodeloomError('invalid-argument', `${JSON.stringify(digest)} is not the digest of a partition.`);
  return Buffer.from(digest, 'hex');
}

export function digestText(stored: SqlValue | undefined): Digest {
  return stored instanceof Uint8Array ? Buffer.from(stored).toString('hex') : '';
}

/** Inserts rows of equal length, 50 to a statement. */
export function insert(connection: SqliteConnection, into: string, rows: readonly SqlRow[]): void {
  const row = `(${(rows[0] ?? []).map(() => '?').join(',')})`;
  const whole = `${into} VALUES ${Array(ROWS_PER_STATEMENT).fill(row).join(',')}`;
  for (let start = 0; start < rows.length;) {
    const left = rows.length - start;
    // The rest goes in by powers of two, so that few statements have to be prepared.
    const size = left >= ROWS_PER_STATEMENT ? ROWS_PER_STATEMENT : 2 ** Math.floor(Math.log2(left));
    const values: SqlValue[] = [];
    for (let i = start; i < start + size; i++) for (const value of rows[i] ?? []) values.push(value);
    connection.run(size === ROWS_PER_STATEMENT ? whole : `${into} VALUES ${Array(size).fill(row).join(',')}`, values);
    start += size;
  }
}

function maximum(connection: SqliteConnection, column: string, table: string): number {
  return Number(connection.all(`SELECT coalesce(max(${column}), 0) FROM ${table}`)[0]?.[0]);
}
