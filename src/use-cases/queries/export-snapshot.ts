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
