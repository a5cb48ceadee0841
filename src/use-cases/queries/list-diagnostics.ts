import { compareText, type Diagnostic } from '../../domain/partition.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { AnswerSnapshot } from '../../domain/querying/answer.js';
import { answerSnapshot, withReader, type QueryPorts, type Target } from './pinned-snapshot.js';

export interface DiagnosticsAnswer {
  readonly query: 'diagnostics';
  readonly snapshot: AnswerSnapshot;
  /** By path, then line. */
  readonly results: readonly Diagnostic[];
}

/** What could not be read in full: syntax errors, imports that lead nowhere, configuration files that are wrong. Errors as for every query of a snapshot. */
export async function listDiagnostics(ports: QueryPorts, target: Target = {}, options: CallOptions = {}): Promise<DiagnosticsAnswer> {
  return withReader(ports, target, options, async (reader) => {
    const all = [...(reader.snapshot.stats.configuration ?? []), ...(await reader.diagnostics(options))];
    return {
      query: 'diagnostics',
      snapshot: answerSnapshot(reader.snapshot),
      results: all.sort((a, b) => compareText(a.path, b.path) || (a.line ?? 0) - (b.line ?? 0) || compareText(a.code, b.code)),
    };
  });
}
