import type { LanguageId, Range } from '../file-facts.js';
import type { NodeKind, SymbolId } from '../graph-node.js';

/** What an index made elsewhere says of one file, in codeloom's own places (lines and columns from 1, columns in UTF-16 units, byte offsets). Plain JSON. */
export interface OverlayFile {
  readonly path: string;
  /** The content that it is about: of another one it says nothing. */
  readonly blob: string;
  readonly language: LanguageId;
  /** All of the file. */
  readonly range: Range;
  readonly definitions: readonly OverlayDefinition[];
  readonly references: readonly OverlayReference[];
}

export interface OverlayDefinition {
  /** As the index names it: the same in all its files, save for those that begin with `local `. */
  readonly symbol: string;
  /** The name. */
  readonly name: Range;
  /** All of it, where the index says. */
  readonly range?: Range;
  /** The kind of the node it becomes where codeloom has none at its place; absent when it becomes none (a parameter, a local variable). `file` is the file itself. */
  readonly kind?: NodeKind;
  readonly displayName: string;
  /** Names of the definitions around it. */
  readonly parents: readonly string[];
  /** Symbol of the definition around it; empty where it is the file or not said. */
  readonly parent: string;
  readonly doc?: string;
  readonly signature?: string;
  /** Symbols that it implements, extends or overrides. */
  readonly implements: readonly string[];
}

export interface OverlayReference {
  readonly symbol: string;
  readonly line: number;
  readonly column: number;
  /** It is imported there. */
  readonly import?: true;
  /** What follows in the text makes it a call, or a construction. */
  readonly call?: 'call' | 'new';
}

/** Where the definitions of an overlay are in the graph. */
export type OverlaySymbols = ReadonlyMap<string, OverlayTarget>;

export interface OverlayTarget {
  readonly id: SymbolId;
  readonly kind: NodeKind;
  readonly name: string;
  /** Of a constructor: its class, of which construction is a call. */
  readonly class?: SymbolId;
}
