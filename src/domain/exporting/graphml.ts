import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import { allNodes } from '../querying/all-nodes.js';
import type { Snapshot } from '../snapshot.js';
import { textChunks, withoutUnwritable, type ExportChunk } from './export-format.js';
import { EDGE_PROPERTIES, edgesOf, edgeValues, NODE_PROPERTIES, nodeValues, type Property, type PropertyValue } from './graph-properties.js';

/** GraphML (http://graphml.graphdrawing.org/specification.html): all nodes, then all edges; properties are declared keys with types. */
export function graphmlExport(reader: GraphReader, options: CallOptions): AsyncIterable<ExportChunk> {
  return textChunks('graph.graphml', graphml(reader, options));
}

const NODE_KEYS = NODE_PROPERTIES.slice(1);
const EDGE_KEYS = EDGE_PROPERTIES.slice(2);
const GRAPH_KEYS = ['repository', 'branch', 'commit', 'snapshot', 'digest'] as const;

async function* graphml(reader: GraphReader, options: CallOptions): AsyncIterable<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    + ' xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n';
  for (const name of GRAPH_KEYS) yield key('graph', { name, type: 'string' });
  for (const property of NODE_KEYS) yield key('node', property);
  for (const property of EDGE_KEYS) yield key('edge', property);
  yield '  <graph id="codeloom" edgedefault="directed">\n';
  const said = describe(reader.snapshot);
  for (const name of GRAPH_KEYS) yield data('graph', name, said[name]);
  for await (const node of allNodes(reader, options)) {
    const values = nodeValues(node);
    yield `    <node id="${escaped(node.id)}">\n${NODE_KEYS.map(({ name }) => data('node', name, values[name])).join('')}    </node>\n`;
  }
  for await (const edge of edgesOf(reader, options)) {
    const values = edgeValues(edge);
    yield `    <edge source="${escaped(edge.from)}" target="${escaped(edge.to)}">\n${EDGE_KEYS.map(({ name }) => data('edge', name, values[name])).join('')}    </edge>\n`;
  }
  yield '  </graph>\n</graphml>\n';
}

function describe({ repository, branch, commit, id, digest }: Snapshot): Readonly<Record<(typeof GRAPH_KEYS)[number], string | undefined>> {
  return { repository, branch, commit, snapshot: id, digest };
}

type Owner = 'graph' | 'node' | 'edge';

function key(owner: Owner, { name, type }: Property): string {
  return `  <key id="${owner}-${name}" for="${owner}" attr.name="${name}" attr.type="${type === 'strings' ? 'string' : type}"/>\n`;
}

/** Lists are joined by spaces: none of their words has one. */
function data(owner: Owner, name: string, value: PropertyValue | undefined): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : typeof value === 'object' ? value.join(' ') : String(value);
  return `      <data key="${owner}-${name}">${escaped(text)}</data>\n`;
}

/** What XML 1.0 has no way to write, not even as a reference (https://www.w3.org/TR/xml/#charsets). */
const NO_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Cs}]/u;
const REFERENCES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\t': '&#9;', '\n': '&#10;', '\r': '&#13;' };

/** Line ends and tabs are references, which no reader makes into spaces. */
function escaped(text: string): string {
  return withoutUnwritable(text, NO_XML).replace(/[&<>"\t\n\r]/g, (character) => REFERENCES[character] ?? character);
}
