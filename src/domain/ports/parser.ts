import type { FactDiagnostic, LanguageId } from '../file-facts.js';
import type { LineColumn, NamePlace } from '../name-place.js';
import type { CallOptions } from './call-options.js';

/** Turns source bytes into {@link FileFacts}. A file never fails it: what cannot be parsed gives facts with a diagnostic. */
export interface Parser {
  /** Names everything that decides what facts come out (extractor, grammars, reader). Part of every fact key. */
  readonly version: string;
  readonly languages: readonly LanguageId[];
  /** The language of a path, by its ending (or its first line, when given); undefined when no language of this parser. */
  languageOf(path: string, firstLine?: string): LanguageId | undefined;
  /**
   * One result for each source, in any order, as they are ready; at most a bounded number is in flight. Results carry encoded facts
   * (see {@link ../facts-codec.ts}), so that a worker's result crosses threads and machines as bytes.
   */
  extract(sources: AsyncIterable<ParserInput> | Iterable<ParserInput>, options?: CallOptions): AsyncIterable<ParserOutput>;
  /**
   * The name that stands at a place of a source, read anew for this: facts do not keep the places of local names. A parser that leaves this out can still be asked
   * where definitions, calls and references lead.
   */
  locate?(source: ParserInput, place: LineColumn, options?: CallOptions): Promise<Located>;
  close(): Promise<void>;
}

export interface Located {
  /** Encoded facts of the source as it was read now: the indexes in `name` are theirs. */
  readonly facts: Uint8Array;
  /** Absent where no name stands there. */
  readonly name?: NamePlace;
}

export interface ParserInput {
  /** Chosen by the caller, given back with the result. */
  readonly key: string;
  readonly language: LanguageId;
  readonly bytes: Uint8Array;
}

export interface ParserOutput {
  readonly key: string;
  /** Encoded FileFacts. Always present: an unparsable file has facts with no definitions and a diagnostic. */
  readonly facts: Uint8Array;
  readonly diagnostics: readonly FactDiagnostic[];
  /** Set where the machine had its part in the outcome (a time limit, a worker that died): another run may get more out of the same content. */
  readonly provisional?: true;
}
