import { CodeloomError } from '../../domain/errors.js';
import { EXPORT_FORMATS, textChunks, type ExportChunk, type ExportFormat, type Exporter } from '../../domain/exporting/export-format.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import { exportRows, type ExportedRow } from '../../domain/querying/export-graph.js';
import { chooseSnapshot, type QueryPorts, type Target } from './pinned-snapshot.js';

/** A snapshot's graph as rows of the interchange format, a file's at a time. */
export async function* exportSnapshot(ports: QueryPorts, request: Target = {}, options: CallOptions = {}): AsyncIterable<readonly ExportedRow[]> {
  const snapshot = await chooseSnapshot(ports, request, options);
  const reader = await ports.graphStore.open(snapshot.id, options);
  try {
    yield* exportRows(reader, options);
  } finally {
    await reader.close();
  }
}

/** Rows as JSON, one a line, each line ended. */
export function jsonLines(rows: readonly ExportedRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

export interface ExportFilesRequest extends Target {
  readonly format: ExportFormat;
}

/**
 * A snapshot's graph in a format for other tools, as the bytes of its files in bounded chunks. The same snapshot gives the same bytes. Throws
 * `invalid-argument` for a format that is none, and what {@link exportSnapshot} throws.
 */
export async function* exportFiles(ports: QueryPorts, request: ExportFilesRequest, options: CallOptions = {}): AsyncIterable<ExportChunk> {
  const exporter = await exporterOf(request.format);
  const snapshot = await chooseSnapshot(ports, request, options);
  const reader = await ports.graphStore.open(snapshot.id, options);
  try {
    yield* exporter(reader, options);
  } finally {
    await reader.close();
  }
}

/** Each format is loaded when it is wanted: no question needs one. */
async function exporterOf(format: ExportFormat): Promise<Exporter> {
  switch (format) {
    case 'jsonl': return (reader, options) => textChunks('graph.jsonl', jsonTexts(exportRows(reader, options)));
    case 'csv': return (await import('../../domain/exporting/csv.js')).csvExport;
    case 'neo4j-csv': return (await import('../../domain/exporting/csv.js')).neo4jCsvExport;
    case 'graphml': return (await import('../../domain/exporting/graphml.js')).graphmlExport;
    case 'dot': return (await import('../../domain/exporting/dot.js')).dotExport;
    case 'cypher': return (await import('../../domain/exporting/cypher.js')).cypherExport;
    default: throw new CodeloomError('invalid-argument', `${JSON.stringify(format)} is no format to export; these are: ${EXPORT_FORMATS.join(', ')}.`, { details: { format, formats: EXPORT_FORMATS } });
  }
}

async function* jsonTexts(batches: AsyncIterable<readonly ExportedRow[]>): AsyncIterable<string> {
  for await (const rows of batches) yield jsonLines(rows);
}
