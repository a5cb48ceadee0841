import type { EdgeSite, GraphEdge, GraphNode, NodeKind } from '../graph-node.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';

/** What nodes and edges say in the formats for graph tools: the same properties under the same names in each. */

export type PropertyType = 'string' | 'int' | 'boolean' | 'strings';
export type PropertyValue = string | number | boolean | readonly string[];
export interface Property {
  readonly name: string;
  readonly type: PropertyType;
}

export const NODE_PROPERTIES = [
  { name: 'id', type: 'string' }, { name: 'kind', type: 'string' }, { name: 'name', type: 'string' }, { name: 'qualifiedName', type: 'string' },
  { name: 'path', type: 'string' }, { name: 'language', type: 'string' }, { name: 'line', type: 'int' }, { name: 'column', type: 'int' },
  { name: 'startLine', type: 'int' }, { name: 'startColumn', type: 'int' }, { name: 'endLine', type: 'int' }, { name: 'endColumn', type: 'int' },
  { name: 'exported', type: 'boolean' }, { name: 'modifiers', type: 'strings' }, { name: 'signature', type: 'string' }, { name: 'doc', type: 'string' },
  { name: 'parent', type: 'string' }, { name: 'package', type: 'string' },
] as const satisfies readonly Property[];

export const EDGE_PROPERTIES = [
  { name: 'from', type: 'string' }, { name: 'to', type: 'string' }, { name: 'kind', type: 'string' }, { name: 'certainty', type: 'string' },
  { name: 'line', type: 'int' }, { name: 'column', type: 'int' }, { name: 'via', type: 'strings' }, { name: 'sites', type: 'strings' },
] as const satisfies readonly Property[];

export type NodeValues = { readonly [name in (typeof NODE_PROPERTIES)[number]['name']]: PropertyValue | undefined };
export type EdgeValues = { readonly [name in (typeof EDGE_PROPERTIES)[number]['name']]: PropertyValue | undefined };

/** `line` and `column` are where the name stands, `startLine` to `endColumn` the whole declaration; undefined is what a node does not have. */
export function nodeValues(node: GraphNode): NodeValues {
  const { id, kind, name, qualifiedName, language, exported, modifiers, signature, doc, parent } = node;
  const at = node.at ?? node.range?.start;
  return {
    id, kind, name, qualifiedName, path: kind === 'external' ? undefined : node.path, language, line: at?.line, column: at?.column,
    startLine: node.range?.start.line, startColumn: node.range?.start.column, endLine: node.range?.end.line, endColumn: node.range?.end.column,
    exported, modifiers, signature, doc, parent, package: node.package,
  };
}

/** `line` and `column` are the first site's, `via` what is said of any site, `sites` all of them as `line:column` or `line:column:via`. */
export function edgeValues(edge: GraphEdge): EdgeValues {
  const { from, to, kind, certainty, sites } = edge;
  const via = [...new Set(sites.flatMap((site) => site.via ?? []))];
  return {
    from, to, kind, certainty, line: sites[0]?.line, column: sites[0]?.column,
    via: via.length === 0 ? undefined : via, sites: sites.length === 0 ? undefined : sites.map(siteText),
  };
}

function siteText({ line, column, via }: EdgeSite): string {
  return `${line}:${column}${via === undefined ? '' : `:${via}`}`;
}

const LABELS: Readonly<Record<NodeKind, string>> = {
  file: 'File', module: 'Module', class: 'Class', interface: 'Interface', type: 'Type', enum: 'Enum', function: 'Function', method: 'Method',
  constructor: 'Constructor', field: 'Field', variable: 'Variable', parameter: 'Parameter', external: 'External',
};

/** The label of a kind where nodes have labels. */
export function labelOf(kind: NodeKind): string {
  return LABELS[kind];
}

/** Every label of {@link labelOf}. */
export const ALL_LABELS: readonly string[] = Object.values(LABELS);

/** Every edge, file by file. */
export async function* edgesOf(reader: GraphReader, options: CallOptions): AsyncIterable<GraphEdge> {
  for await (const partitions of reader.partitions(undefined, options)) for (const { edges } of partitions) yield* edges;
}
