import type { Scores } from './score.mjs';

/** What bench/accuracy/run.mjs records. */
export interface AccuracyRecord {
  readonly repositories: Readonly<Record<string, Omit<Scores, 'missed' | 'wrong'> & {
    readonly errors: readonly { readonly error: 'missed' | 'wrong'; readonly kind: string; readonly category: string; readonly what: string; readonly amongCandidates?: boolean }[];
  }>>;
}

/** See report.mjs. */
export function markdown(record: AccuracyRecord): string;
export function inDocument(document: string, tables: string): string;
