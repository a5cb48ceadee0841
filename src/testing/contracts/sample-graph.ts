import { createHash } from 'node:crypto';
import { EDGE_KINDS, type EdgeKind, type EdgeSite, type GraphEdge, type GraphNode, type NodeKind } from '../../domain/graph-node.js';
import { digestPartition } from '../../domain/partition-codec.js';
import { compareText, digestManifest, type Manifest, type Partition, type Sha256, type UnresolvedSite } from '../../domain/partition.js';
import type { PartitionEntry } from '../../domain/ports/graph-store.js';
import type { Snapshot, SnapshotStats } from '../../domain/snapshot.js';
import { externalId, symbolId } from '../../domain/symbol.js';

/** Small graphs in few words, for the suites that stores must pass. */

export const sha256: Sha256 = (content) => createHash('sha256').update(content).digest('hex');

/** The node of a file. */
export function fileNode(path: string): GraphNode {
  return {
    id: path, kind: 'file', name: path.slice(path.lastIndexOf('/') + 1), qualifiedName: path, path, language: 'typescript',
    range: { start: { line: 1, column: 1, offset: 0 }, end: { line: 100, column: 1, offset: 4000 } }, at: { line: 1, column: 1, offset: 0 },
  };
}

/** A definition, with everything that a node may say. `parents` are the names around it. */
export function definition(request: { path: string; name: string; kind?: NodeKind; parents?: readonly string[]; line?: number }): GraphNode {
  const { path, name, kind = 'function', parents = [], line = 1 } = request;
  const start = { line, column: 1, offset: line * 40 };
  return {
    id: symbolId({ path, parents, name, kind, duplicate: 0 }), kind, name, qualifiedName: [...parents, name].join('.'), path, language: 'typescript',
    range: { start, end: { line: line + 2, column: 2, offset: line * 40 + 70 } }, at: { ...start, column: 10, offset: start.offset + 9 },
    exported: true, modifiers: ['async'], signature: `async function ${name}(): Promise<void>`, doc: `Does ${name}.`, parent: path,
  };
}

/** A member of a package outside the repository, or the package itself. */
export function external(packageName: string, member?: string): GraphNode {
  return {
    id: externalId(packageName, member === undefined ? [] : [member]), kind: 'external', name: member ?? packageName,
    qualifiedName: member === undefined ? packageName : `${packageName}.${member}`, path: '', package: packageName,
  };
}

/** A certain call with one site, unless told otherwise. */
export function edge(from: GraphNode | string, to: GraphNode | string, more: Partial<GraphEdge> & { readonly line?: number } = {}): GraphEdge {
  const sites: readonly EdgeSite[] = [{ line: more.line ?? 3, column: 5 }];
  return {
    kind: more.kind ?? 'CALLS', from: typeof from === 'string' ? from : from.id, to: typeof to === 'string' ? to : to.id,
    certainty: more.certainty ?? 'certain', sites: more.sites ?? (more.kind === 'CONTAINS' ? [] : sites),
  };
}

/** A partition in canonical order: the file's node is added in front, CONTAINS edges are not. */
export function partition(path: string, content: {
  readonly nodes?: readonly GraphNode[]; readonly edges?: readonly GraphEdge[]; readonly unresolved?: readonly UnresolvedSite[];
  readonly diagnostics?: readonly string[]; readonly blob?: string;
} = {}): Partition {
  const nodes = content.nodes ?? [];
  const byKind = new Map(EDGE_KINDS.map((kind: EdgeKind, index) => [kind, index]));
  return {
    path, language: 'typescript', blob: content.blob ?? sha256(`blob of ${path}`).slice(0, 40),
    nodes: [
      fileNode(path), ...nodes.filter(({ kind }) => kind !== 'external'),
      ...nodes.filter(({ kind }) => kind === 'external').sort((a, b) => compareText(a.id, b.id)),
    ],
    edges: [...(content.edges ?? [])].sort((a, b) => (byKind.get(a.kind) ?? 0) - (byKind.get(b.kind) ?? 0)
      || compareText(a.from, b.from) || compareText(a.to, b.to) || compareText(b.certainty, a.certainty)),
    unresolved: content.unresolved ?? [],
    verdicts: { resolved: content.edges?.length ?? 0, candidates: 0, external: 0, unresolved: content.unresolved?.length ?? 0 },
    diagnostics: (content.diagnostics ?? []).map((message, index) => ({ code: 'syntax-error', message, path, ...(index === 0 ? { line: 7 } : {}) })),
  };
}

/** A snapshot of these partitions, ready to publish. Unless told otherwise its id is made of the branch and the content. */
export function graphOf(partitions: readonly Partition[], more: Partial<Snapshot> = {}): SampleGraph {
  const entries = partitions.map((content): PartitionEntry => ({ digest: digestPartition(content, sha256), partition: content }))
    .sort((a, b) => compareText(a.partition.path, b.partition.path));
  const manifest = entries.map(({ digest, partition: { path } }) => ({ path, digest }));
  const digest = digestManifest(manifest, sha256);
  const repository = more.repository ?? 'github.com/acme/shop';
  const branch = more.branch ?? 'main';
  const snapshot: Snapshot = {
    id: sha256(`${repository} ${branch} ${digest}`).slice(0, 24), repository, branch, commit: digest.slice(0, 40), dirty: false,
    source: sha256(`source of ${digest}`), digest, createdAt: '2025-03-01T12:00:00.000Z', indexerVersion: '1', configuration: sha256('{}'),
    stats: { ...NO_STATS, files: entries.length, nodes: { file: entries.length, constructor: 0 }, bytes: entries.length * 1000, languages: { typescript: entries.length } },
    ...more,
  };
  return { snapshot, manifest, entries };
}

const NO_STATS: SnapshotStats = {
  files: 0, bytes: 0, symbols: 0, nodes: { constructor: 0 }, edges: {}, languages: {}, verdicts: { resolved: 0, candidates: 0, external: 0, unresolved: 0 },
  unresolvedByReason: {}, diagnostics: 0, skipped: {},
};

export interface SampleGraph {
  readonly snapshot: Snapshot;
  readonly manifest: Manifest;
  /** By path. */
  readonly entries: readonly PartitionEntry[];
}

/** `items` as a stream of batches. */
export async function* inBatches<T>(items: readonly T[], size = 2): AsyncGenerator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** All that a stream of batches gives. */
export async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}
