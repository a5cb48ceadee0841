import { throwIfAborted } from '../errors.js';
import type { EdgeKind, GraphEdge, GraphNode, NodeKind, SymbolId } from '../graph-node.js';
import { compareText, type Partition } from '../partition.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';

/** What became of a symbol between two snapshots. */
export type NodeChange =
  | { readonly change: 'added'; readonly node: GraphNode }
  | { readonly change: 'removed'; readonly node: GraphNode }
  /** The same symbol, and what of it differs. */
  | { readonly change: 'changed'; readonly node: GraphNode; readonly before: GraphNode; readonly what: readonly ChangedPart[] }
  /** The same in all but its place: other lines, or a file that was renamed. */
  | { readonly change: 'moved'; readonly node: GraphNode; readonly before: GraphNode };

/** `body`: its text has another length; an edit that keeps the length is not seen. */
export type ChangedPart = 'kind' | 'signature' | 'doc' | 'modifiers' | 'exported' | 'body';

export interface EdgeChange {
  /** `changed`: its certainty. */
  readonly change: 'added' | 'removed' | 'changed';
  readonly edge: GraphEdge;
  /** The file in which it starts. */
  readonly path: string;
}

export interface GraphChanges {
  readonly files: { readonly added: readonly string[]; readonly removed: readonly string[]; readonly changed: readonly string[]; readonly renamed: readonly { readonly from: string; readonly to: string }[] };
  /** By path, line and id. */
  readonly nodes: readonly NodeChange[];
  /** By path, kind, ends. CONTAINS is left out: nodes tell it. */
  readonly edges: readonly EdgeChange[];
}

/** Paths whose partitions are compared at once. */
const BATCH = 64;
/** Kinds whose own text is told apart from that of what they contain. */
const WITH_BODY: ReadonlySet<NodeKind> = new Set(['function', 'method', 'constructor', 'field', 'variable', 'type', 'enum']);

/**
 * What changed from one snapshot to another. Manifests are compared first; only partitions that differ are read. A file that is gone while another of the
 * same content came is a rename: its symbols moved. Externals are left out.
 */
export async function diffGraphs(before: GraphReader, after: GraphReader, options?: CallOptions): Promise<GraphChanges> {
  const old = new Map((await before.manifest(options)).map((entry) => [entry.path, entry.digest]));
  const now = new Map((await after.manifest(options)).map((entry) => [entry.path, entry.digest]));
  const changed = [...now.keys()].filter((path) => old.has(path) && old.get(path) !== now.get(path));
  const gone = [...old.keys()].filter((path) => !now.has(path));
  const come = [...now.keys()].filter((path) => !old.has(path));
  const renamed = await findRenames(before, after, { gone, come }, options);
  const newPath = new Map(renamed.map(({ from, to }) => [from, to]));
  const cameFrom = new Map(renamed.map(({ from, to }) => [to, from]));

  const nodes: NodeChange[] = [];
  const edges: EdgeChange[] = [];
  /** Each pair of paths is compared; one side may be absent. */
  const pairs: { from: string | undefined; to: string | undefined }[] = [
    ...changed.map((path) => ({ from: path, to: path })),
    ...renamed,
    ...gone.filter((path) => !newPath.has(path)).map((path) => ({ from: path, to: undefined })),
    ...come.filter((path) => !cameFrom.has(path)).map((path) => ({ from: undefined, to: path })),
  ];
  for (let start = 0; start < pairs.length; start += BATCH) {
    throwIfAborted(options?.signal);
    const batch = pairs.slice(start, start + BATCH);
    const left = await partitionsOf(before, batch.flatMap(({ from }) => from ?? []), options);
    const right = await partitionsOf(after, batch.flatMap(({ to }) => to ?? []), options);
    for (const { from, to } of batch) comparePartitions({ before: left.get(from ?? ''), after: right.get(to ?? ''), newPath }, nodes, edges);
  }
  const place = ({ node }: NodeChange): readonly [string, number] => [node.path, node.range?.start.offset ?? 0];
  nodes.sort((a, b) => compareText(place(a)[0], place(b)[0]) || place(a)[1] - place(b)[1] || compareText(a.node.id, b.node.id) || compareText(a.change, b.change));
  edges.sort((a, b) => compareText(a.path, b.path) || compareText(a.edge.kind, b.edge.kind) || compareText(a.edge.from, b.edge.from) || compareText(a.edge.to, b.edge.to) || compareText(a.change, b.change));
  return {
    files: { added: come.filter((path) => !cameFrom.has(path)), removed: gone.filter((path) => !newPath.has(path)), changed, renamed },
    nodes, edges,
  };
}

/** Files of equal content, one gone and one come; of several, in the order of their paths. */
async function findRenames(before: GraphReader, after: GraphReader, { gone, come }: { gone: readonly string[]; come: readonly string[] }, options?: CallOptions): Promise<{ from: string; to: string }[]> {
  if (gone.length === 0 || come.length === 0) return [];
  const byBlob = new Map<string, string[]>();
  for await (const partitions of before.partitions(gone, options)) {
    for (const { blob, language, path } of partitions) byBlob.set(`${language} ${blob}`, [...(byBlob.get(`${language} ${blob}`) ?? []), path]);
  }
  const renames: { from: string; to: string }[] = [];
  for await (const partitions of after.partitions(come, options)) {
    for (const { blob, language, path } of partitions) {
      const from = byBlob.get(`${language} ${blob}`)?.shift();
      if (from !== undefined) renames.push({ from, to: path });
    }
  }
  return renames;
}

async function partitionsOf(reader: GraphReader, paths: readonly string[], options?: CallOptions): Promise<Map<string, Partition>> {
  const found = new Map<string, Partition>();
  if (paths.length === 0) return found;
  for await (const partitions of reader.partitions(paths, options)) for (const partition of partitions) found.set(partition.path, partition);
  return found;
}

function comparePartitions(
  { before, after, newPath }: { before: Partition | undefined; after: Partition | undefined; newPath: ReadonlyMap<string, string> }, nodes: NodeChange[], edges: EdgeChange[],
): void {
  const renamed = (id: SymbolId): SymbolId => renamedId(id, newPath);
  const old = new Map((before?.nodes ?? []).filter(isOwn).map((node) => [renamed(node.id), node]));
  for (const node of (after?.nodes ?? []).filter(isOwn)) {
    const was = old.get(node.id);
    old.delete(node.id);
    if (was === undefined) nodes.push({ change: 'added', node });
    else {
      const what = changedParts(was, node);
      if (what.length > 0) nodes.push({ change: 'changed', node, before: was, what });
      else if (was.path !== node.path || (node.kind !== 'file' && was.at?.line !== node.at?.line)) nodes.push({ change: 'moved', node, before: was });
    }
  }
  for (const node of old.values()) nodes.push({ change: 'removed', node });

  const oldEdges = new Map((before?.edges ?? []).filter(isTold).map((edge) => [edgeKey(edge, renamed), edge]));
  const newEdges = new Map((after?.edges ?? []).filter(isTold).map((edge) => [edgeKey(edge, (id) => id), edge]));
  const path = after?.path ?? before?.path ?? '';
  for (const [key, edge] of newEdges) {
    if (oldEdges.delete(key)) continue;
    const other = key.endsWith('?') ? key.slice(0, -1) : `${key}?`;
    // The same edge with the other certainty, and not only one of the two that there were.
    if (oldEdges.has(other) && !newEdges.has(other)) {
      oldEdges.delete(other);
      edges.push({ change: 'changed', edge, path });
    } else {
      edges.push({ change: 'added', edge, path });
    }
  }
  for (const edge of oldEdges.values()) edges.push({ change: 'removed', edge, path: before?.path ?? path });
}

function isOwn(node: GraphNode): boolean {
  return node.kind !== 'external';
}

function isTold(edge: GraphEdge): boolean {
  return edge.kind !== ('CONTAINS' satisfies EdgeKind);
}

function edgeKey(edge: GraphEdge, id: (id: SymbolId) => SymbolId): string {
  return `${edge.kind} ${id(edge.from)} ${id(edge.to)} ${edge.certainty === 'candidate' ? '?' : ''}`;
}

/** An id as it would be had its file's new path been the old one. */
function renamedId(id: SymbolId, newPath: ReadonlyMap<string, string>): SymbolId {
  if (newPath.size === 0) return id;
  const whole = newPath.get(id);
  if (whole !== undefined) return whole;
  // A path may itself hold `#`: the first one behind which the path is known decides.
  for (let hash = id.indexOf('#'); hash >= 0; hash = id.indexOf('#', hash + 1)) {
    const path = newPath.get(id.slice(0, hash));
    if (path !== undefined) return path + id.slice(hash);
  }
  return id;
}

function changedParts(before: GraphNode, after: GraphNode): ChangedPart[] {
  const parts: ChangedPart[] = [];
  if (before.kind !== after.kind) parts.push('kind');
  if (before.signature !== after.signature) parts.push('signature');
  if (before.doc !== after.doc) parts.push('doc');
  if ((before.modifiers ?? []).join(' ') !== (after.modifiers ?? []).join(' ')) parts.push('modifiers');
  if (before.exported !== after.exported) parts.push('exported');
  if (WITH_BODY.has(after.kind) && lengthOf(before) !== lengthOf(after)) parts.push('body');
  return parts;
}

function lengthOf({ range }: GraphNode): number {
  return range === undefined ? 0 : range.end.offset - range.start.offset;
}
