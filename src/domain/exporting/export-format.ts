import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';

/** In what a whole graph can be written. See docs/export.md for what each holds. */
export type ExportFormat = 'jsonl' | 'csv' | 'neo4j-csv' | 'graphml' | 'dot' | 'cypher' | 'scip';

export const EXPORT_FORMATS: readonly ExportFormat[] = ['jsonl', 'csv', 'neo4j-csv', 'graphml', 'dot', 'cypher', 'scip'];

/** The files that a format consists of, by the names they have in a folder. */
export const EXPORT_FILES: Readonly<Record<ExportFormat, readonly string[]>> = {
  jsonl: ['graph.jsonl'], csv: ['nodes.csv', 'edges.csv'], 'neo4j-csv': ['nodes.csv', 'edges.csv'],
  graphml: ['graph.graphml'], dot: ['graph.dot'], cypher: ['graph.cypher'], scip: ['index.scip'],
};

/** The next bytes of one of the format's files. Chunks of a file come in order. */
export interface ExportChunk {
  /** One of {@link EXPORT_FILES}. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Writes the graph of a pinned snapshot. What it gives depends on nothing but the snapshot. */
export type Exporter = (reader: GraphReader, options: CallOptions) => AsyncIterable<ExportChunk>;

/** So many characters are gathered before they are handed on. */
const CHUNK = 64 * 1024;

/** Cuts a stream of small texts into chunks of UTF-8. */
export async function* textChunks(file: string, texts: AsyncIterable<string> | Iterable<string>): AsyncIterable<ExportChunk> {
  const encoder = new TextEncoder();
  let gathered = '';
  for await (const text of texts) {
    gathered += text;
    if (gathered.length < CHUNK) continue;
    yield { file, bytes: encoder.encode(gathered) };
    gathered = '';
  }
  if (gathered !== '') yield { file, bytes: encoder.encode(gathered) };
}

/** A half of a surrogate pair, which no UTF-8 can hold. */
export const LONE_SURROGATE = /\p{Cs}/u;

const LOOKS_ESCAPED = /\\u[0-9a-f]{4}/;

/**
 * A text without what a format cannot hold: such characters are written `\u0000`, and then (or where the text would read like that anyway) each backslash twice.
 * Different texts stay different, so that ids stay ids. Nearly every text is given back as it is.
 */
export function withoutUnwritable(text: string, unwritable: RegExp): string {
  if (!unwritable.test(text) && !LOOKS_ESCAPED.test(text)) return text;
  const each = new RegExp(`\\\\|${unwritable.source}`, 'gu');
  return text.replace(each, (found) => (found === '\\' ? '\\\\' : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`));
}
