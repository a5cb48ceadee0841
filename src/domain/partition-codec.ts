import { CodeloomError } from './errors.js';
import type { Position, Range } from './file-facts.js';
import { EDGE_KINDS, NODE_KINDS, type EdgeSite, type GraphEdge, type GraphNode } from './graph-node.js';
import { UNRESOLVED_REASONS, type Diagnostic, type Digest, type Manifest, type Partition, type Sha256, type UnresolvedSite } from './partition.js';

/**
 * The canonical text of a partition: JSON of nested arrays in a fixed order, so that equal partitions have equal bytes whatever made them. Its SHA-256
 * is the partition's digest. Kinds and reasons are numbers (their place in the closed lists); what is absent is null; ids of the partition's own nodes
 * and of targets are strings.
 */
export function encodePartition(partition: Partition): string {
  return JSON.stringify([
    1, partition.path, partition.language, partition.blob,
    partition.nodes.map(nodeRow), partition.edges.map(edgeRow), partition.unresolved.map(unresolvedRow),
    [partition.verdicts.resolved, partition.verdicts.candidates, partition.verdicts.external, partition.verdicts.unresolved],
    partition.diagnostics.map((diagnostic) => [diagnostic.code, diagnostic.message, diagnostic.line ?? null]),
  ]);
}

/** Reads what {@link encodePartition} wrote. Throws `store-corrupt` when it is not that. */
export function decodePartition(text: string): Partition {
  try {
    const [version, path, language, blob, nodes, edges, unresolved, verdicts, diagnostics] = JSON.parse(text) as PartitionRow;
    if (version !== 1) throw new Error(`version ${version}`);
    return {
      path, language, blob,
      nodes: nodes.map((row) => nodeFrom(row, path, language)),
      edges: edges.map(edgeFrom),
      unresolved: unresolved.map(unresolvedFrom),
      verdicts: { resolved: verdicts[0], candidates: verdicts[1], external: verdicts[2], unresolved: verdicts[3] },
      diagnostics: diagnostics.map(([code, message, line]): Diagnostic => ({ code, message, path, ...(line === null ? {} : { line }) })),
    };
  } catch (error) {
    throw new CodeloomError('store-corrupt', 'A stored partition cannot be read.', { cause: error });
  }
}

/** Digest of a partition's canonical content. */
export function digestPartition(partition: Partition, sha256: Sha256): Digest {
  return sha256(encodePartition(partition));
}

export function encodeManifest(manifest: Manifest): string {
  return JSON.stringify(manifest.map((entry) => [entry.path, entry.digest]));
}

export function decodeManifest(text: string): Manifest {
  return (JSON.parse(text) as [string, string][]).map(([path, digest]) => ({ path, digest }));
}

type PositionRow = [line: number, column: number, offset: number];
export type NodeRow = [
  id: string, kind: number, name: string, qualifiedName: string, start: PositionRow | null, end: PositionRow | null, at: PositionRow | null,
  exported: 0 | 1 | null, modifiers: readonly string[] | null, signature: string | null, doc: string | null, parent: string | null, packageName: string | null, source?: string,
];
type EdgeRow = [kind: number, from: string, to: string, candidate: 0 | 1, sites: (number | string)[]];
type UnresolvedRow = [from: string, name: string, reason: number, line: number, column: number];
type PartitionRow = [
  version: number, path: string, language: string, blob: string, nodes: NodeRow[], edges: EdgeRow[], unresolved: UnresolvedRow[],
  verdicts: [number, number, number, number], diagnostics: [string, string, number | null][],
];

const nodeKindNumber = new Map(NODE_KINDS.map((kind, index) => [kind, index]));
const edgeKindNumber = new Map(EDGE_KINDS.map((kind, index) => [kind, index]));
const reasonNumber = new Map(UNRESOLVED_REASONS.map((reason, index) => [reason, index]));

function positionRow(position: Position | undefined): PositionRow | null {
  return position === undefined ? null : [position.line, position.column, position.offset];
}

function positionFrom(row: PositionRow): Position {
  return { line: row[0], column: row[1], offset: row[2] };
}

/** A node as {@link encodePartition} writes it. */
export function nodeRow(node: GraphNode): NodeRow {
  const row: NodeRow = [
    node.id, nodeKindNumber.get(node.kind) ?? -1, node.name, node.qualifiedName, positionRow(node.range?.start), positionRow(node.range?.end), positionRow(node.at),
    node.exported === undefined ? null : node.exported ? 1 : 0, node.modifiers ?? null, node.signature ?? null, node.doc ?? null, node.parent ?? null, node.package ?? null,
  ];
  if (node.source !== undefined) row[13] = node.source;
  return row;
}

/** A node from its row and what its partition says. */
export function nodeFrom(row: NodeRow, path: string, language: string): GraphNode {
  const [id, kind, name, qualifiedName, start, end, at, exported, modifiers, signature, doc, parent, packageName, source] = row;
  const kindName = NODE_KINDS[kind];
  if (kindName === undefined) throw new Error(`node kind ${kind}`);
  const range: Range | undefined = start === null || end === null ? undefined : { start: positionFrom(start), end: positionFrom(end) };
  const external = kindName === 'external';
  return {
    id, kind: kindName, name, qualifiedName, path: external ? '' : path,
    ...(range === undefined ? {} : { range }),
    ...(at === null ? {} : { at: positionFrom(at) }),
    ...(external ? {} : { language }),
    ...(exported === null ? {} : { exported: exported === 1 }),
    ...(modifiers === null ? {} : { modifiers }),
    ...(signature === null ? {} : { signature }),
    ...(doc === null ? {} : { doc }),
    ...(parent === null ? {} : { parent }),
    ...(packageName === null ? {} : { package: packageName }),
    ...(source === undefined ? {} : { source }),
  };
}

/** Sites are a flat run of line, column, via ('' for a plain one), with `@` and its source behind it for an imported one. */
function edgeRow(edge: GraphEdge): EdgeRow {
  const sites: (number | string)[] = [];
  for (const site of edge.sites) sites.push(site.line, site.column, `${site.via ?? ''}${site.source === undefined ? '' : `@${site.source}`}`);
  return [edgeKindNumber.get(edge.kind) ?? -1, edge.from, edge.to, edge.certainty === 'candidate' ? 1 : 0, sites];
}

function edgeFrom(row: EdgeRow): GraphEdge {
  const [kind, from, to, candidate, flat] = row;
  const kindName = EDGE_KINDS[kind];
  if (kindName === undefined) throw new Error(`edge kind ${kind}`);
  const sites: EdgeSite[] = [];
  for (let i = 0; i + 2 < flat.length; i += 3) {
    const [via = '', source] = String(flat[i + 2]).split('@') as [NonNullable<EdgeSite['via']> | '', string?]; // written by edgeRow
    sites.push({ line: Number(flat[i]), column: Number(flat[i + 1]), ...(via === '' ? {} : { via }), ...(source === undefined ? {} : { source }) });
  }
  return { kind: kindName, from, to, certainty: candidate === 1 ? 'candidate' : 'certain', sites };
}

function unresolvedRow(site: UnresolvedSite): UnresolvedRow {
  return [site.from, site.name, reasonNumber.get(site.reason) ?? -1, site.line, site.column];
}

function unresolvedFrom(row: UnresolvedRow): UnresolvedSite {
  const reason = UNRESOLVED_REASONS[row[2]];
  if (reason === undefined) throw new Error(`reason ${row[2]}`);
  return { from: row[0], name: row[1], reason, line: row[3], column: row[4] };
}
