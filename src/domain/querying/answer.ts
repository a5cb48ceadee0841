import type { Certainty, NodeKind, SymbolId } from '../graph-node.js';
import type { SnapshotId } from '../snapshot.js';
import type { Symbol } from '../symbol.js';

/** What every query gives. `R` adds what that query has beyond the common columns. Documented for `--json` in docs/cli.md: stable. */
export interface Answer<R extends AnswerResult = AnswerResult> {
  readonly query: string;
  /** What the question was about; absent for questions about no one symbol. */
  readonly symbol?: Symbol;
  /** Symbols that the name fits too, within something else: a bare name means the one of which it is the whole. Absent when there are none. */
  readonly others?: readonly Symbol[];
  readonly snapshot: AnswerSnapshot;
  readonly completeness: 'exact' | 'lower-bound';
  /** Why it is a lower bound: empty when exact. */
  readonly gaps: readonly Gap[];
  readonly results: readonly R[];
  /** Set when there is more: give it as `cursor` to go on. */
  readonly cursor?: string;
  /** Set when there is nothing to show: why. */
  readonly nothing?: Nothing;
}

export interface AnswerSnapshot {
  readonly id: SnapshotId;
  readonly repository: string;
  readonly branch: string;
  readonly commit?: string;
  readonly dirty: boolean;
}

export interface AnswerResult {
  readonly id: SymbolId;
  readonly kind: NodeKind;
  /** Qualified, as a person types it. */
  readonly name: string;
  readonly path: string;
  /** 1-based; of the definition. 0 for externals. */
  readonly line: number;
  readonly certainty: Certainty;
  /** Where the relation stands in source: in the file of the edge's origin. */
  readonly sites: readonly AnswerSite[];
}

export interface AnswerSite {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** Something that could add to an answer. */
export interface Gap {
  readonly reason: 'unresolved-sites' | 'candidates' | 'depth-limit' | 'breadth-limit' | 'count-limit' | 'skipped-files' | 'unknown-values' | 'source-unread';
  /** In words for people. */
  readonly message: string;
  /** How many sites, symbols or files it is about. */
  readonly count: number;
  /** The first few of them. */
  readonly sites: readonly AnswerSite[];
}

export type Nothing =
  | { readonly reason: 'no-such-symbol' | 'not-indexed' | 'language-not-supported' | 'no-relation' | 'no-path' | 'no-name' | 'not-known' | 'no-site'; readonly message: string; readonly suggestions: readonly string[] };
