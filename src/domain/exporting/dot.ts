import type { GraphEdge, GraphNode, NodeKind } from '../graph-node.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import { allNodes } from '../querying/all-nodes.js';
import { textChunks, withoutUnwritable, type ExportChunk } from './export-format.js';
import { EDGE_PROPERTIES, edgesOf, edgeValues, NODE_PROPERTIES, nodeValues, type PropertyValue } from './graph-properties.js';

/** Graphviz's language (https://graphviz.org/doc/info/lang.html): nodes are drawn by their qualified names, candidates dashed. */
export function dotExport(reader: GraphReader, options: CallOptions): AsyncIterable<ExportChunk> {
  return textChunks('graph.dot', dot(reader, options));
}

async function* dot(reader: GraphReader, options: CallOptions): AsyncIterable<string> {
  const { repository, branch, commit, id } = reader.snapshot;
  yield 'digraph codeloom {\n';
  yield `  graph [rankdir="LR", repository=${quoted(repository)}, branch=${quoted(branch)}${commit === undefined ? '' : `, commit=${quoted(commit)}`}, snapshot=${quoted(id)}];\n`;
  yield '  node [fontname="sans-serif"];\n';
  for await (const node of allNodes(reader, options)) yield nodeLine(node);
  for await (const edge of edgesOf(reader, options)) yield edgeLine(edge);
  yield '}\n';
}

const SHAPES: Readonly<Record<NodeKind, string>> = {
  file: 'note', module: 'tab', class: 'component', interface: 'component', type: 'component', enum: 'component', function: 'box', method: 'box', constructor: 'box',
  field: 'plaintext', variable: 'plaintext', parameter: 'plaintext', external: 'ellipse',
};

function nodeLine(node: GraphNode): string {
  const values = nodeValues(node);
  const attributes = NODE_PROPERTIES.slice(1).flatMap(({ name }) => attribute(name, values[name]));
  return `  ${quoted(node.id)} [label=${label(node.qualifiedName)}, shape="${SHAPES[node.kind]}", ${attributes.join(', ')}];\n`;
}

function edgeLine(edge: GraphEdge): string {
  const values = edgeValues(edge);
  const attributes = EDGE_PROPERTIES.slice(2).flatMap(({ name }) => attribute(name, values[name]));
  const style = edge.certainty === 'candidate' ? ', style="dashed"' : edge.kind === 'CONTAINS' ? ', style="dotted"' : '';
  return `  ${quoted(edge.from)} -> ${quoted(edge.to)} [label="${edge.kind}"${style}, ${attributes.join(', ')}];\n`;
}

function attribute(name: string, value: PropertyValue | undefined): string[] {
  if (value === undefined) return [];
  const text = typeof value === 'string' ? value : typeof value === 'object' ? value.join(' ') : String(value);
  return [`${name}=${quoted(text)}`];
}

const NO_DOT = /[\u0000\p{Cs}]/u;

/**
 * A quoted text: within it only `\"` means anything but itself, so that a backslash before a quote or at the end could not be written. All are doubled, and
 * stay doubled for who reads the text.
 */
function quoted(text: string): string {
  return `"${withoutUnwritable(text, NO_DOT).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A text that Graphviz draws: there backslashes are escapes, and `&…;` is a character. */
function label(text: string): string {
  return quoted(text.replaceAll('&', '&amp;')).replaceAll('\r', '').replaceAll('\n', '\\n');
}
