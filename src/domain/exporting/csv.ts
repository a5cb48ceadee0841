import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import { allNodes } from '../querying/all-nodes.js';
import { LONE_SURROGATE, textChunks, withoutUnwritable, type ExportChunk } from './export-format.js';
import { EDGE_PROPERTIES, edgesOf, edgeValues, labelOf, NODE_PROPERTIES, nodeValues, type Property, type PropertyType, type PropertyValue } from './graph-properties.js';

/**
 * Two tables, `nodes.csv` and `edges.csv`, as in RFC 4180: a header, lines ended by CR LF, texts in quotes that are doubled inside. What is absent is an empty
 * field without quotes. Lists are joined by `;`.
 */
export async function* csvExport(reader: GraphReader, options: CallOptions): AsyncIterable<ExportChunk> {
  yield* textChunks('nodes.csv', table(NODE_PROPERTIES.map(({ name }) => name), nodeRows(reader, options)));
  yield* textChunks('edges.csv', table(EDGE_PROPERTIES.map(({ name }) => name), edgeRows(reader, options)));
}

/**
 * The same two tables with headers as `neo4j-admin database import` reads them; nodes have the label `CodeloomNode` and one for their kind
 * (https://neo4j.com/docs/operations-manual/current/import/).
 */
export async function* neo4jCsvExport(reader: GraphReader, options: CallOptions): AsyncIterable<ExportChunk> {
  const nodeHeader = ['id:ID', ...NODE_PROPERTIES.slice(1).map(typed), ':LABEL'];
  const edgeHeader = [':START_ID', ':END_ID', ':TYPE', ...EDGE_PROPERTIES.slice(3).map(typed)];
  yield* textChunks('nodes.csv', table(nodeHeader, labelled(reader, options)));
  yield* textChunks('edges.csv', table(edgeHeader, edgeRows(reader, options)));
}

type Row = readonly (PropertyValue | undefined)[];

async function* nodeRows(reader: GraphReader, options: CallOptions): AsyncIterable<Row> {
  for await (const node of allNodes(reader, options)) {
    const values = nodeValues(node);
    yield NODE_PROPERTIES.map(({ name }) => values[name]);
  }
}

async function* labelled(reader: GraphReader, options: CallOptions): AsyncIterable<Row> {
  for await (const node of allNodes(reader, options)) {
    const values = nodeValues(node);
    yield [...NODE_PROPERTIES.map(({ name }) => values[name]), ['CodeloomNode', labelOf(node.kind)]];
  }
}

async function* edgeRows(reader: GraphReader, options: CallOptions): AsyncIterable<Row> {
  for await (const edge of edgesOf(reader, options)) {
    const values = edgeValues(edge);
    yield EDGE_PROPERTIES.map(({ name }) => values[name]);
  }
}

async function* table(header: readonly string[], rows: AsyncIterable<Row>): AsyncIterable<string> {
  yield `${header.join(',')}\r\n`;
  for await (const row of rows) yield `${row.map(field).join(',')}\r\n`;
}

function field(value: PropertyValue | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : value.join(';');
  return `"${withoutUnwritable(text, LONE_SURROGATE).replaceAll('"', '""')}"`;
}

const TYPES: Readonly<Record<PropertyType, string>> = { string: '', int: ':int', boolean: ':boolean', strings: ':string[]' };

function typed({ name, type }: Property): string {
  return name + TYPES[type];
}
