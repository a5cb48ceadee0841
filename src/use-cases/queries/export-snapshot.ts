import { CodeloomError } from '../../domain/errors.js';
import { EXPORT_FORMATS, textChunks, type ExportChunk, type ExportFormat, type Exporter } from '../../domain/exporting/export-format.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { GraphReader } from '../../domain/ports/graph-store.js';
import { exportRows, type ExportedRow } from '../../domain/querying/export-graph.js';
import { chooseSnapshot, type QueryPorts, type Target } from './pinned-snapshot.js';
import { openSnapshotTexts } from './snapshot-texts.js';

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
  const exporter = await exporterOf(request.format, ports);
  const snapshot = await chooseSnapshot(ports, request, options);
  const reader = await ports.graphStore.open(snapshot.id, options);
  try {
    yield* exporter(reader, options);
  } finally {
    await reader.close();
  }
}

/** Each format is loaded when it is wanted: no question needs one. */
async function exporterOf(format: ExportFormat, ports: QueryPorts): Promise<Exporter> {
  switch (format) {
    case 'jsonl': return (reader, options) => textChunks('graph.jsonl', jsonTexts(exportRows(reader, options)));
    case 'csv': return (await import('../../domain/exporting/csv.js')).csvExport;
    case 'neo4j-csv': return (await import('../../domain/exporting/csv.js')).neo4jCsvExport;
    case 'graphml': return (await import('../../domain/exporting/graphml.js')).graphmlExport;
    case 'dot': return (await import('../../domain/exporting/dot.js')).dotExport;
    case 'cypher': return (await import('../../domain/exporting/cypher.js')).cypherExport;
    case 'scip': {
      const { scipExport } = await import('../../domain/exporting/scip.js');
      return (reader, options) => exportScip(ports, scipExport, reader, options);
    }
    default: throw new CodeloomError('invalid-argument', `${JSON.stringify(format)} is no format to export; these are: ${EXPORT_FORMATS.join(', ')}.`, { details: { format, formats: EXPORT_FORMATS } });
  }
}

async function* jsonTexts(batches: AsyncIterable<readonly ExportedRow[]>): AsyncIterable<string> {
  for await (const rows of batches) yield jsonLines(rows);
}

/** Where names end is read from the source, where there is a Git to ask and the source is still there. */
async function* exportScip(ports: QueryPorts, scipExport: typeof import('../../domain/exporting/scip.js').scipExport, reader: GraphReader, options: CallOptions): AsyncIterable<ExportChunk> {
  const { revisions, metadataStore } = ports;
  const { snapshot } = reader;
  const [repository] = await metadataStore.repositories([snapshot.repository], options);
  const sources = revisions === undefined || repository === undefined ? undefined : openSnapshotTexts(revisions, { repository, snapshot }, options);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  try {
    yield* scipExport({
      reader, projectRoot: rootUri(repository?.location ?? ''),
      texts: async (files) => new Map([...await sources?.read(files) ?? []].map(([blob, bytes]) => [blob, decoder.decode(bytes)])),
    }, options);
  } finally {
    await sources?.close();
  }
}

/** A folder as SCIP has it: `file:///shop`; a URL stays one. */
function rootUri(location: string): string {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(location)) return location;
  const path = location.replaceAll('\\', '/');
  return `file://${path.startsWith('/') ? '' : '/'}${path.split('/').map((part) => encodeURIComponent(part).replaceAll('%3A', ':')).join('/')}`;
}
