import type { LanguageId } from '../file-facts.js';
import type { Diagnostic } from '../partition.js';
import type { Contribution } from './contribution.js';
import type { ImportRequest, ImportTargets } from './imports.js';
import type { Question } from './tracer.js';

export type { Contribution, EvaluatedContribution, Line, Method, SaidContribution } from './contribution.js';
export type { ImportRequest, ImportTargets } from './imports.js';
export type { ImportStyle } from './module-resolver.js';
export type { Question, QuestionKind } from './tracer.js';

/** What linking remembers of a snapshot for the next one: plain data. */
export interface Linkage {
  /** Sorted by path. */
  readonly files: readonly FileLinkage[];
  readonly contextVersion: string;
  /** What was wrong with configuration files. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface FileLinkage {
  readonly path: string;
  readonly language: LanguageId;
  readonly version: string;
  readonly imports: readonly ImportRequest[];
  readonly targets: ImportTargets;
  readonly contribution: Contribution;
  readonly dependencies: PathDependencies;
}

/** What the link of a file rests on, besides its own facts. */
export interface PathDependencies {
  /** Files whose surface it looked at. */
  readonly files: readonly string[];
  readonly questions: readonly Question[];
  /** See {@link Dependencies} of the tracer. */
  readonly unsettled: boolean;
  readonly everything: boolean;
}
