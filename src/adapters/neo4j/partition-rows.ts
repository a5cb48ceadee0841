import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { sitesToText } from '../../domain/edge-sites.js';
import { CodeloomError } from '../../domain/errors.js';
import { EDGE_KINDS, NODE_KINDS, type GraphNode, type NodeKind } from '../../domain/graph-node.js';
import { decodePartition, encodePartition } from '../../domain/partition-codec.js';
import { symbolsIn, UNRESOLVED_REASONS, type Digest, type Partition } from '../../domain/partition.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { PartitionEntry } from '../../domain/ports/graph-store.js';
import { fromStored } from '../../domain/stored-text.js';
import { type Neo4jConnection, bytes, whole } from './connection.js';
import { declarationRow, type SymbolNames } from './declarations.js';
import { isLong, toKey, toStored } from './stored-text.js';
import type { WriterTurn } from './writer.js';

/** Writes partitions as nodes and relationships, many at a time: each transaction holds whole partitions with all that is theirs. */
export interface PartitionWriter {
  /** Takes partitions that the space does not hold; they are written by {@link flush} at the latest, which also throws what failed on the way. */
  add(entries: readonly PartitionEntry[], options?: CallOptions): Promise<void>;
  flush(options?: CallOptions): Promise<void>;
  /** Numbers of what was added. */
  readonly added: ReadonlyMap<Digest, number>;
}

/** Nodes and relationships to a transaction: below, the overhead of statements shows; above, only memory grows. */
const ROWS_PER_TRANSACTION = 10_000;
/** Symbols of which it is remembered that they are there. */
const REMEMBERED = 300_000;

/** The label of each kind: what a person writes in Cypher. */
export const LABELS: Readonly<Record<NodeKind, string>> = {
  file: 'File', module: 'Module', class: 'Class', interface: 'Interface', type: 'Type', enum: 'Enum', function: 'Function', method: 'Method', constructor: 'Constructor',
  field: 'Field', variable: 'Variable', parameter: 'Parameter', external: 'External',
};

/** What is known of a Symbol node: that it is there, and what it says once it was declared. */
type Known = Declared | 'mentioned';
interface Declared {
  readonly kind: NodeKind;
  /** As keys: see {@link toKey}. They are those of its first declaration, and stay. */
  readonly name: string;
  readonly qualifiedName: string;
  /** Some declaration has other names. */
  readonly variant: boolean;
}

/** Statements are the same for every transaction, so that the server plans them once: each kind has its list, most of them empty. */
const CREATE_PARTITIONS = `UNWIND $partitions AS row
  CREATE (p:Partition {space: $space, number: row[0], digest: row[1], path: row[2], language: row[3], blob: row[4], nodes: row[5], edges: row[6], rows: row[7], diagnostics: row[8], content: row[9], fullPath: row[10]})`;
const CREATE_SYMBOLS = `WITH 1 AS one ${NODE_KINDS.map((kind) =>
  `FOREACH (row IN $${kind} | CREATE (:Symbol:${LABELS[kind]} {space: $space, id: row[0], fullId: row[1], kind: '${kind}', name: row[2], qualifiedName: row[3], path: row[4], package: row[5]}))`).join(' ')}
  FOREACH (row IN $mentioned | CREATE (:Symbol {space: $space, id: row[0], fullId: row[1]}))
  FOREACH (name IN $names | MERGE (:Name {space: $space, name: name}))`;
const DECLARE_SYMBOLS = `UNWIND $rows AS row MATCH (s:Symbol {space: $space, id: row[0]})
  SET s.kind = row[1], s.name = coalesce(s.name, row[2]), s.qualifiedName = coalesce(s.qualifiedName, row[3]), s.path = row[4], s.package = row[5]
  REMOVE ${NODE_KINDS.map((kind) => `s:${LABELS[kind]}`).join(', ')}
  ${NODE_KINDS.map((kind) => `FOREACH (_ IN CASE WHEN row[1] = '${kind}' THEN [1] ELSE [] END | SET s:${LABELS[kind]})`).join(' ')}
  FOREACH (_ IN CASE WHEN row[6] THEN [1] ELSE [] END | SET s:Variant)`;
/** Ends are looked up once each and then taken by their place: that is twice as fast as two lookups for each relationship. */
const CREATE_RELATIONSHIPS = `UNWIND range(0, size($ids) - 1) AS i MATCH (x:Symbol {space: $space, id: $ids[i]})
  WITH i, x ORDER BY i WITH collect(x) AS s
  UNWIND range(0, size($numbers)) AS i OPTIONAL MATCH (x:Partition {number: $numbers[i]})
  WITH s, i, x ORDER BY i WITH s, collect(x) AS p
  UNWIND range(0, size($names)) AS i OPTIONAL MATCH (x:Name {space: $space, name: $names[i]})
  WITH s, p, i, x ORDER BY i WITH s, p, collect(x) AS n
  WHERE size(s) = size($ids) AND size(p) = size($numbers) AND size(n) = size($names)
  FOREACH (row IN $declared | FOREACH (p IN [p[row[0]]] | FOREACH (s IN [s[row[1]]] |
    CREATE (p)-[:DECLARES {partition: row[2], line: row[3], exported: row[4], signature: row[5], doc: row[6], detail: row[7]}]->(s))))
  FOREACH (row IN $mentions | FOREACH (p IN [p[row[0]]] | FOREACH (s IN [s[row[1]]] | CREATE (p)-[:MENTIONS {partition: row[2]}]->(s))))
  FOREACH (row IN $unresolved | FOREACH (a IN [s[row[0]]] | FOREACH (b IN [n[row[1]]] | CREATE (a)-[:UNRESOLVED {partition: row[2], sites: row[3]}]->(b))))
  ${EDGE_KINDS.map((kind) => `FOREACH (row IN $${kind} | FOREACH (a IN [s[row[0]]] | FOREACH (b IN [s[row[1]]] |
    CREATE (a)-[:${kind} {partition: row[2], certainty: row[3], sites: row[4]}]->(b))))`).join(' ')}
  RETURN size(s)`;

/** `first` is the number of the first partition. `fresh`: the space has no symbols yet, so that none has to be looked for. */
export function createPartitionWriter(
  { connection, turn, space, first, fresh }: { connection: Neo4jConnection; turn: WriterTurn; space: string; first: number; fresh: boolean },
): PartitionWriter {
  const added = new Map<Digest, number>();
  const symbols = new Map<string, Known>();
  let forgotten = !fresh;
  let next = first;
  let waiting: PartitionEntry[] = [];
  let waitingRows = 0;

  /** The transaction that is on its way: while the server works on it, the next is made ready. */
  let writing: Promise<unknown> = Promise.resolve();

  async function send(options: CallOptions | undefined): Promise<void> {
    const entries = waiting;
    waiting = [];
    waitingRows = 0;
    if (entries.length === 0) return;
    const ids = new Map<string, string>();
    for (const { partition } of entries) for (const id of symbolsIn(partition)) ids.set(toKey(id), id);
    await recall([...ids.keys()], options);

    const created = createdSymbols(ids, entries);
    const changed = changedSymbols(entries);
    const rows = rowsOf(entries, [...ids.keys()]);
    for (const [index, { digest }] of entries.entries()) added.set(digest, next + index);
    next += entries.length;
    await writing;
    writing = turn.write(async (run) => {
      const results = await Promise.all([
        run(CREATE_PARTITIONS, { space, partitions: rows.partitions }), run(CREATE_SYMBOLS, { space, ...created, names: rows.names }),
        ...(changed.length === 0 ? [] : [run(DECLARE_SYMBOLS, { space, rows: changed })]),
        run(CREATE_RELATIONSHIPS, { space, ...rows.relationships, names: rows.names }),
      ]);
      if (results.at(-1)?.length !== 1) throw new CodeloomError('store-corrupt', 'A symbol of this publication has gone meanwhile: something else writes to the space.', { details: { space } });
    }, options);
    // Whoever awaits it next is told; until then a failure is nobody's.
    writing.catch(() => undefined);
  }

  /** Learns of each symbol whether it is there. */
  async function recall(keys: readonly string[], options: CallOptions | undefined): Promise<void> {
    if (symbols.size > REMEMBERED) {
      await writing;
      symbols.clear();
      forgotten = true;
    }
    // In a fresh space only what was written by this publication is there, and that is remembered.
    if (!forgotten) return;
    const unknown = keys.filter((key) => !symbols.has(key));
    const rows = unknown.length === 0 ? [] : await connection.read('UNWIND $ids AS id MATCH (s:Symbol {space: $space, id: id}) RETURN s.id, s.kind, s.name, s.qualifiedName, s:Variant', { space, ids: unknown }, options);
    for (const [key, kind, name, qualifiedName, variant] of rows) {
      symbols.set(String(key), typeof kind === 'string' ? { kind: kind as NodeKind, name: String(name), qualifiedName: String(qualifiedName), variant: variant === true } : 'mentioned'); // written by createdSymbols and changedSymbols
    }
  }

  /** By kind, the symbols that are not there. */
  function createdSymbols(ids: ReadonlyMap<string, string>, entries: readonly PartitionEntry[]): Readonly<Record<string, unknown[]>> {
    const created: Record<string, unknown[]> = { mentioned: [], ...Object.fromEntries(NODE_KINDS.map((kind) => [kind, []])) };
    for (const { partition } of entries) {
      for (const node of partition.nodes) {
        const key = toKey(node.id);
        if (symbols.has(key)) continue;
        const known = knownFrom(node);
        symbols.set(key, known);
        created[node.kind]?.push([key, fullIdOf(key, node.id), known.name, known.qualifiedName, ...placeOf(node)]);
      }
    }
    for (const [key, id] of ids) {
      if (symbols.has(key)) continue;
      symbols.set(key, 'mentioned');
      created.mentioned?.push([key, fullIdOf(key, id)]);
    }
    return created;
  }

  /** Symbols that were only mentioned before, have become of another kind, or are declared under another name elsewhere. */
  function changedSymbols(entries: readonly PartitionEntry[]): readonly unknown[] {
    const changed = new Map<string, unknown>();
    for (const { partition } of entries) {
      for (const node of partition.nodes) {
        const key = toKey(node.id);
        const known = symbols.get(key);
        const now = knownFrom(node);
        if (known === undefined || known === 'mentioned') {
          symbols.set(key, now);
          changed.set(key, [key, node.kind, now.name, now.qualifiedName, ...placeOf(node), false]);
          continue;
        }
        const variant = known.variant || known.name !== now.name || known.qualifiedName !== now.qualifiedName;
        if (known.kind === node.kind && variant === known.variant) continue;
        symbols.set(key, { ...known, kind: node.kind, variant });
        changed.set(key, [key, node.kind, known.name, known.qualifiedName, ...placeOf(node), variant]);
      }
    }
    return [...changed.values()];
  }

  function rowsOf(entries: readonly PartitionEntry[], keys: readonly string[]) {
    const places = new Map(keys.map((key, place) => [key, whole(place)]));
    const at = (id: string): unknown => places.get(toKey(id));
    const names = new Map<string, unknown>();
    const partitions: unknown[] = [];
    const numbers: unknown[] = [];
    const relationships: Record<string, unknown[]> = { declared: [], mentions: [], unresolved: [], ...Object.fromEntries(EDGE_KINDS.map((kind) => [kind, []])) };
    for (const [index, { digest, partition }] of entries.entries()) {
      const number = whole(next + index);
      const place = whole(index);
      numbers.push(number);
      partitions.push([
        number, digest, toKey(partition.path), partition.language, partition.blob, whole(partition.nodes.length), whole(partition.edges.length), whole(rowsIn(partition)),
        partition.diagnostics.length === 0 ? null : JSON.stringify(partition.diagnostics), bytes(packPartition(partition)), fullIdOf(toKey(partition.path), partition.path),
      ]);
      const own = new Set<string>();
      for (const node of partition.nodes) {
        if (own.has(node.id)) continue;
        own.add(node.id);
        const [line, ...rest] = declarationRow(node, namesFrom(symbols.get(toKey(node.id))));
        relationships.declared?.push([place, at(node.id), number, line === null ? null : whole(line), ...rest]);
      }
      // By these the relationships of a partition that start elsewhere than at its own symbols are found again.
      const mention = (id: string): void => {
        if (own.has(id)) return;
        own.add(id);
        relationships.mentions?.push([place, at(id), number]);
      };
      for (const { kind, from, to, certainty, sites } of partition.edges) {
        mention(from);
        relationships[kind]?.push([at(from), at(to), number, certainty, sitesToText(sites)]);
      }
      for (const { from, name, sites } of unresolvedOf(partition)) {
        mention(from);
        if (!names.has(name)) names.set(name, whole(names.size));
        relationships.unresolved?.push([at(from), names.get(name), number, sites]);
      }
    }
    return { partitions, names: [...names.keys()], relationships: { ids: keys, numbers, ...relationships } };
  }

  return {
    added,
    async add(entries, options) {
      for (const entry of entries) {
        waiting.push(entry);
        waitingRows += rowsIn(entry.partition);
        if (waitingRows >= ROWS_PER_TRANSACTION) await send(options);
      }
    },
    async flush(options) {
      await send(options);
      await writing;
    },
  };
}

/** The names of a Symbol node for what is declared; a name too long for a key counts as none, so that the declaration has it. */
export function namesFrom(keys: { readonly name: string; readonly qualifiedName: string } | 'mentioned' | undefined): SymbolNames {
  if (keys === undefined || keys === 'mentioned') return { name: '', qualifiedName: '' };
  return { name: isLong(keys.name) ? '' : fromStored(keys.name), qualifiedName: isLong(keys.qualifiedName) ? '' : fromStored(keys.qualifiedName) };
}

function knownFrom(node: GraphNode): Declared {
  return { kind: node.kind, name: toKey(node.name), qualifiedName: toKey(node.qualifiedName), variant: false };
}

function placeOf(node: GraphNode): readonly [path: string | null, packageName: string | null] {
  return [node.path === '' ? null : toStored(node.path), node.package === undefined ? null : toStored(node.package)];
}

function fullIdOf(key: string, id: string): string | null {
  return isLong(key) ? toStored(id) : null;
}

/** Nodes and relationships that a partition makes. */
function rowsIn(partition: Partition): number {
  return partition.nodes.length + partition.edges.length + partition.unresolved.length + 1;
}

const reasons = new Map(UNRESOLVED_REASONS.map((reason, index) => [reason, index]));

/**
 * The unresolved sites of a partition by owner and name. A site is `line:column:reason:place`, where `reason` is its place in UNRESOLVED_REASONS and `place` its
 * own among the partition's sites.
 */
function unresolvedOf(partition: Partition): Iterable<{ readonly from: string; readonly name: string; sites: string }> {
  const groups = new Map<string, { readonly from: string; readonly name: string; sites: string }>();
  for (const [place, { from, name, reason, line, column }] of partition.unresolved.entries()) {
    const site = `${line}:${column}:${reasons.get(reason) ?? -1}:${place}`;
    const key = `${from}\n${name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { from, name: toKey(name), sites: site });
    else group.sites += `,${site}`;
  }
  return groups.values();
}

// Packing is synchronous on purpose: for a partition's few kilobytes, handing it to another thread costs three times what the packing does.

function packPartition(partition: Partition): Uint8Array {
  return deflateRawSync(encodePartition(partition), { level: 1 });
}

/** The partition in a `content` property. Throws `store-corrupt`. */
export function unpackPartition(content: unknown): Partition {
  if (!(content instanceof Int8Array)) throw new CodeloomError('store-corrupt', 'A stored partition has no content.');
  let text: string;
  try {
    text = inflateRawSync(new Uint8Array(content.buffer, content.byteOffset, content.byteLength)).toString('utf8');
  } catch (error) {
    throw new CodeloomError('store-corrupt', 'A stored partition cannot be unpacked.', { cause: error });
  }
  return decodePartition(text);
}
