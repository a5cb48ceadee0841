import type { FileFacts, LanguageId } from '../../domain/file-facts.js';
import type { ParsedSource } from './syntax-nodes.js';

/** A language's room in this adapter: which grammar reads it and how its facts are taken from a syntax tree. */
export interface LanguageExtractor {
  readonly language: LanguageId;
  /** File name of the grammar in the package's `grammars` folder. */
  readonly grammar: string;
  /** Raised with every change to the facts this extractor gives. */
  readonly version: number;
  /** Path endings, with their dot, in lower case. */
  readonly extensions: readonly string[];
  /** Interpreter names of a `#!` line. */
  readonly interpreters: readonly string[];
  /** Pure and total: any tree, damaged ones too, gives facts. `source` is valid during the call only. */
  extract(source: ParsedSource): FileFacts;
}
