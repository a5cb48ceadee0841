import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { sitesToText } from '../../domain/edge-sites.js';
import { CodeloomError } from '../../domain/errors.js';
import { EDGE_KINDS } from '../../domain/graph-node.js';
import { decodePartition, encodePartition, nodeRow } from '../../domain/partition-codec.js';
import { symbolsIn, UNRESOLVED_REASONS, type Digest, type Partition } from '../../domain/partition.js';
import type { PartitionEntry } from '../../domain/ports/graph-store.js';
import { toStored } from '../../domain/stored-text.js';
import { createBinaryRows, type BinaryRows } from './binary-rows.js';
import type { PostgresConnection } from './connection.js';

/** Copies partitions into the tables as rows, many at a time. Inside a transaction that is alone in writing graphs: numbers are given here. */
export interface PartitionWriter {
  /** Takes partitions that the database does not hold, in canonical content. Their rows are sent by {@link flush} at the latest. */
  add(entries: readonly PartitionEntry[]): Promise<void>;
  flush(): Promise<void>;
  /** Numbers of what was added. */
  readonly added: ReadonlyMap<Digest, number>;
}

/** Nodes and edges gathered before they are sent: more is fewer round trips, and takes memory. */
const ROWS_PER_FLUSH = 20_000;
/** Symbols whose numbers are remembered. */
const REMEMBERED = 500_000;
const PER_QUERY = 5000;

const edgeKinds = new Map(EDGE_KINDS.map((kind, index) => [kind, index]));
const reasons = new Map(UNRESOLVED_REASONS.map((reason, index) => [reason, index]));

const COLUMNS = {
  graph_symbol: 'sid, id',
  graph_partition: 'pid, digest, path, language, blob, nodes, edges, resolved, candidates, external, unresolved, diagnostics, symbols',
  graph_content: 'pid, content',
  graph_node: 'sid, pid, kind, name, qualified_name, line, exported, signature, doc, detail',
  graph_edge: 'dst, src, pid, kind, candidate, sites',
  graph_unresolved: 'pid, place, src, reason, line, col, name',
} as const;

export async function createPartitionWriter({ connection, schema, signal }: { connection: PostgresConnection; schema: string; signal: AbortSignal | undefined }): Promise<PartitionWriter> {
  const added = new Map<Digest, number>();
  const symbols = new Map<string, number>();
  const [[lastPid, lastSid] = []] = await connection.all(
    `SELECT coalesce((SELECT max(pid) FROM ${schema}.graph_partition), 0), coalesce((SELECT max(sid) FROM ${schema}.graph_symbol), 0)`, [], signal);
  let nextPid = 1 + Number(lastPid);
  let nextSid = 1 + Number(lastSid);
  let waiting: { readonly pid: number; readonly entry: PartitionEntry }[] = [];
  let waitingRows = 0;
  let content = createBinaryRows();
  /** What is on its way: while the server takes one lot, the next is packed here. */
  let sending: Promise<void> = Promise.resolve();

  async function copy(table: keyof typeof COLUMNS, rows: BinaryRows): Promise<void> {
    if (rows.rows > 0) await connection.copy(`COPY ${schema}.${table} (${COLUMNS[table]}) FROM STDIN (FORMAT binary)`, rows.finish(), signal);
  }

  async function flush(): Promise<void> {
    const [lot, packed] = [waiting, content];
    waiting = [];
    waitingRows = 0;
    content = createBinaryRows();
    if (lot.length > 0) await send(lot, packed);
  }

  async function send(lot: typeof waiting, packed: BinaryRows): Promise<void> {
    await sending;
    await numberSymbols(lot);
    const sid = (id: string): number => symbols.get(id) ?? 0;
    const rows = { partition: createBinaryRows(), node: createBinaryRows(), edge: createBinaryRows(), unresolved: createBinaryRows() };
    for (const { pid, entry } of lot) writePartition(rows, pid, entry, sid);
    sending = (async () => {
      await copy('graph_partition', rows.partition);
      await copy('graph_content', packed);
      await copy('graph_node', rows.node);
      await copy('graph_edge', rows.edge);
      await copy('graph_unresolved', rows.unresolved);
    })();
    sending.catch(() => undefined); // told by the next that waits for it
  }

  /** Finds or makes the number of every symbol that the partitions name. */
  async function numberSymbols(lot: typeof waiting): Promise<void> {
    if (symbols.size > REMEMBERED) symbols.clear();
    const unknown = new Set<string>();
    for (const { entry: { partition } } of lot) for (const id of symbolsIn(partition)) if (!symbols.has(id)) unknown.add(id);
    for (const [id, sid] of await findSymbols(connection, schema, [...unknown], signal)) {
      symbols.set(id, sid);
      unknown.delete(id);
    }
    const fresh = createBinaryRows();
    for (const id of unknown) {
      symbols.set(id, nextSid);
      fresh.row(2);
      fresh.int4(nextSid++);
      fresh.text(toStored(id));
    }
    await copy('graph_symbol', fresh);
  }

  return {
    added,
    async add(entries) {
      for (const entry of entries) {
        const pid = nextPid++;
        added.set(entry.digest, pid);
        waiting.push({ pid, entry });
        content.row(2);
        content.int4(pid);
        // Packing is synchronous on purpose: for a partition's few kilobytes, handing it to another thread costs more than the packing does.
        content.bytes(deflateRawSync(encodePartition(entry.partition), { level: 1 }));
        waitingRows += entry.partition.nodes.length + entry.partition.edges.length + 1;
        if (waitingRows >= ROWS_PER_FLUSH) await flush();
      }
    },
    async flush() {
      await flush();
      await sending;
    },
  };
}

function writePartition(
  rows: { readonly partition: BinaryRows; readonly node: BinaryRows; readonly edge: BinaryRows; readonly unresolved: BinaryRows },
  pid: number, { digest, partition }: PartitionEntry, sid: (id: string) => number,
): void {
  const { path, language, blob, nodes, edges, unresolved, verdicts, diagnostics } = partition;
  rows.partition.row(13);
  rows.partition.int4(pid);
  rows.partition.bytes(digestBytes(digest));
  rows.partition.text(toStored(path));
  rows.partition.text(toStored(language));
  rows.partition.text(toStored(blob));
  for (const count of [nodes.length, edges.length, verdicts.resolved, verdicts.candidates, verdicts.external, verdicts.unresolved]) rows.partition.int4(count);
  rows.partition.text(diagnostics.length === 0 ? null : JSON.stringify(diagnostics));
  rows.partition.int4Array([...new Set(Array.from(symbolsIn(partition), sid))]);

  const written = new Set<number>();
  for (const node of nodes) {
    const number = sid(node.id);
    if (written.has(number)) continue;
    written.add(number);
    const [id, kind, name, qualifiedName, start, end, at, exported, modifiers, signature, doc, ...rest] = nodeRow(node);
    rows.node.row(10);
    rows.node.int4(sid(id));
    rows.node.int4(pid);
    rows.node.int2(kind);
    rows.node.text(toStored(name));
    rows.node.text(qualifiedName === name ? null : toStored(qualifiedName));
    rows.node.int4(at?.[0] ?? null);
    rows.node.boolean(exported === null ? null : exported === 1);
    rows.node.text(signature === null ? null : toStored(signature));
    rows.node.text(doc === null ? null : toStored(doc));
    // JSON writes halves of surrogate pairs and NUL as ASCII.
    rows.node.text(JSON.stringify([start, end, at, modifiers, ...rest]));
  }
  for (const edge of edges) {
    rows.edge.row(6);
    rows.edge.int4(sid(edge.to));
    rows.edge.int4(sid(edge.from));
    rows.edge.int4(pid);
    rows.edge.int2(edgeKinds.get(edge.kind) ?? -1);
    rows.edge.boolean(edge.certainty === 'candidate');
    rows.edge.text(sitesToText(edge.sites));
  }
  unresolved.forEach((site, place) => {
    rows.unresolved.row(7);
    rows.unresolved.int4(pid);
    rows.unresolved.int4(place);
    rows.unresolved.int4(sid(site.from));
    rows.unresolved.int2(reasons.get(site.reason) ?? -1);
    rows.unresolved.int4(site.line);
    rows.unresolved.int4(site.column);
    rows.unresolved.text(toStored(site.name));
  });
}

/** Removes partitions with all their rows, and the symbols that nothing names any more. Gives the number of their nodes. */
export async function removePartitions(connection: PostgresConnection, schema: string, pids: readonly number[], signal: AbortSignal | undefined): Promise<number> {
  let nodes = 0;
  for (let start = 0; start < pids.length; start += 500) {
    const chunk = pids.slice(start, start + 500);
    const rows = await connection.all(`DELETE FROM ${schema}.graph_partition WHERE pid = ANY($1::integer[]) RETURNING nodes, symbols`, [chunk], signal);
    const symbols = new Set<number>();
    for (const [count, sids] of rows) {
      nodes += Number(count);
      for (const sid of sids as number[]) symbols.add(sid); // as pg reads an integer[]
    }
    const both = [[...symbols], chunk] as const;
    await connection.all(`DELETE FROM ${schema}.graph_content WHERE pid = ANY($1::integer[])`, [chunk], signal);
    // By their symbols, so that nodes and edges need no index by partition.
    await connection.all(`DELETE FROM ${schema}.graph_node WHERE sid = ANY($1::integer[]) AND pid = ANY($2::integer[])`, both, signal);
    await connection.all(`DELETE FROM ${schema}.graph_edge WHERE src = ANY($1::integer[]) AND pid = ANY($2::integer[])`, both, signal);
    await connection.all(`DELETE FROM ${schema}.graph_unresolved WHERE pid = ANY($1::integer[])`, [chunk], signal);
    // Who has an unresolved site is a node of the same partition, so the nodes tell of those too.
    await connection.all(`DELETE FROM ${schema}.graph_symbol s WHERE sid = ANY($1::integer[]) AND NOT EXISTS (SELECT 1 FROM ${schema}.graph_node n WHERE n.sid = s.sid)
      AND NOT EXISTS (SELECT 1 FROM ${schema}.graph_edge e WHERE e.dst = s.sid) AND NOT EXISTS (SELECT 1 FROM ${schema}.graph_edge e WHERE e.src = s.sid)`, [[...symbols]], signal);
  }
  return nodes;
}

/** The partition in a `content` column. Throws `store-corrupt`. */
export function unpackPartition(content: unknown): Partition {
  if (!(content instanceof Uint8Array)) throw new CodeloomError('store-corrupt', 'A stored partition has no content.');
  let text: string;
  try {
    text = inflateRawSync(content).toString('utf8');
  } catch (error) {
    throw new CodeloomError('store-corrupt', 'A stored partition cannot be unpacked.', { cause: error });
  }
  return decodePartition(text);
}

/** Numbers of the partitions that the database holds. */
export async function findPartitions(connection: Pick<PostgresConnection, 'all'>, schema: string, digests: readonly Digest[], signal: AbortSignal | undefined): Promise<Map<Digest, number>> {
  const found = new Map<Digest, number>();
  for (let start = 0; start < digests.length; start += PER_QUERY) {
    const chunk = digests.slice(start, start + PER_QUERY);
    const rows = await connection.all(
      `SELECT u.place, p.pid FROM unnest($1::bytea[]) WITH ORDINALITY u(digest, place) JOIN ${schema}.graph_partition p ON p.digest = u.digest`, [chunk.map(digestBytes)], signal);
    for (const [place, pid] of rows) found.set(chunk[Number(place) - 1] ?? '', Number(pid));
  }
  return found;
}

/** Numbers of the symbols that the database knows. */
export async function findSymbols(connection: Pick<PostgresConnection, 'all'>, schema: string, ids: readonly string[], signal: AbortSignal | undefined): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (let start = 0; start < ids.length; start += PER_QUERY) {
    const chunk = ids.slice(start, start + PER_QUERY);
    const rows = await connection.all(`SELECT u.place, s.sid FROM unnest($1::text[]) WITH ORDINALITY u(id, place) JOIN ${schema}.graph_symbol s ON s.id = u.id`, [chunk.map(toStored)], signal);
    for (const [place, sid] of rows) found.set(chunk[Number(place) - 1] ?? '', Number(sid));
  }
  return found;
}

/** Throws `invalid-argument` for what is no lower-case SHA-256. */
export function digestBytes(digest: Digest): Buffer {
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new CodeloomError('invalid-argument', `${JSON.stringify(digest)} is not the digest of a partition.`);
  return Buffer.from(digest, 'hex');
}

export function digestText(stored: unknown): Digest {
  return Buffer.isBuffer(stored) ? stored.toString('hex') : '';
}
