import { EDGE_KINDS, NODE_KINDS, type EdgeKind, type GraphEdge, type GraphNode, type NodeKind } from '../graph-node.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import { allNodes } from '../querying/all-nodes.js';
import type { Snapshot } from '../snapshot.js';
import { LONE_SURROGATE, textChunks, withoutUnwritable, type ExportChunk } from './export-format.js';
import { ALL_LABELS, EDGE_PROPERTIES, edgesOf, edgeValues, labelOf, NODE_PROPERTIES, nodeValues, type PropertyValue } from './graph-properties.js';

/** Rows of one statement: few enough to be parsed at ease, many enough to be worth a transaction. */
const BATCH = 500;

/**
 * Statements for Neo4j's shell: a constraint, nodes, edges, and the removal of what an earlier snapshot of the repository left. Nodes have the label
 * `CodeloomNode` and one for their kind, and are one for each repository and id; running the statements twice changes nothing.
 */
export function cypherExport(reader: GraphReader, options: CallOptions): AsyncIterable<ExportChunk> {
  return textChunks('graph.cypher', cypher(reader, options));
}

async function* cypher(reader: GraphReader, options: CallOptions): AsyncIterable<string> {
  const scope = scopeOf(reader.snapshot);
  yield 'CREATE CONSTRAINT codeloom_node IF NOT EXISTS FOR (n:CodeloomNode) REQUIRE (n.repository, n.id) IS UNIQUE;\n';
  yield 'CALL db.awaitIndexes();\n';
  yield* batched(allNodes(reader, options), NODE_KINDS, (kind, nodes) => nodeStatement(kind, nodes, scope));
  yield* batched(edgesOf(reader, options), EDGE_KINDS, (kind, edges) => edgeStatement(kind, edges, scope));
  yield `MATCH (:CodeloomNode {repository: ${scope.repository}})-[e]->(:CodeloomNode) WHERE e.snapshot <> ${scope.snapshot} DELETE e;\n`;
  yield `MATCH (n:CodeloomNode {repository: ${scope.repository}}) WHERE n.snapshot <> ${scope.snapshot} DETACH DELETE n;\n`;
}

/** What stands in every statement, as literals. The digest is that of the graph: another snapshot with the same graph is the same to the database. */
interface Scope {
  readonly repository: string;
  readonly snapshot: string;
}

function scopeOf({ repository, digest }: Snapshot): Scope {
  return { repository: literal(repository), snapshot: literal(digest) };
}

/** Labels and types cannot be parameters: each kind has statements of its own. */
async function* batched<K, T extends { readonly kind: K }>(items: AsyncIterable<T>, kinds: readonly K[], statement: (kind: K, items: readonly T[]) => string): AsyncIterable<string> {
  const waiting = new Map(kinds.map((kind): [K, T[]] => [kind, []]));
  for await (const item of items) {
    const batch = waiting.get(item.kind);
    batch?.push(item);
    if (batch === undefined || batch.length < BATCH) continue;
    waiting.set(item.kind, []);
    yield statement(item.kind, batch);
  }
  for (const [kind, batch] of waiting) if (batch.length > 0) yield statement(kind, batch);
}

function nodeStatement(kind: NodeKind, nodes: readonly GraphNode[], { repository, snapshot }: Scope): string {
  const label = labelOf(kind);
  const others = ALL_LABELS.filter((each) => each !== label).join(':');
  const rows = nodes.map((node) => {
    const values = nodeValues(node);
    return map(NODE_PROPERTIES.map(({ name }) => [name, values[name]]));
  });
  return `UNWIND [\n${rows.join(',\n')}\n] AS row\nMERGE (n:CodeloomNode {repository: ${repository}, id: row.id})\n`
    + `SET n = row, n.repository = ${repository}, n.snapshot = ${snapshot}, n:${label} REMOVE n:${others};\n`;
}

function edgeStatement(kind: EdgeKind, edges: readonly GraphEdge[], { repository, snapshot }: Scope): string {
  const rows = edges.map((edge) => {
    const values = edgeValues(edge);
    return `{from: ${literal(edge.from)}, to: ${literal(edge.to)}, set: ${map(EDGE_PROPERTIES.slice(3).map(({ name }) => [name, values[name]]))}}`;
  });
  return `UNWIND [\n${rows.join(',\n')}\n] AS row\nMATCH (a:CodeloomNode {repository: ${repository}, id: row.from}) MATCH (b:CodeloomNode {repository: ${repository}, id: row.to})\n`
    + `MERGE (a)-[e:${kind} {certainty: row.set.certainty}]->(b) SET e = row.set, e.snapshot = ${snapshot};\n`;
}

function map(entries: readonly (readonly [string, PropertyValue | undefined])[]): string {
  return `{${entries.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${literal(value)}`])).join(', ')}}`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', "'": "\\'", '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A value in Cypher. A backslash and a `u` behind it are parts of two texts, because some versions of Neo4j read `\u0027` before they look at what stands
 * around it, and would see a quote.
 */
function literal(value: PropertyValue): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'object') return `[${value.map(literal).join(', ')}]`;
  const text = withoutUnwritable(value, LONE_SURROGATE).split(/(?<=\\)(?=u)/).map((part) => `'${part.replace(/[\\'\n\r\t]/g, (each) => ESCAPES[each] ?? each).replace(/[\u0000-\u001f\u007f]/g, control)}'`);
  return text.join(' + ');
}

function control(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
