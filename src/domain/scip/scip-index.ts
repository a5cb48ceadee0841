/**
 * A SCIP index (https://github.com/scip-code/scip) as far as codeloom writes and reads it: a stream of parts, the metadata first, so that no index is ever whole
 * in memory.
 */
export type ScipPart =
  | { readonly part: 'metadata'; readonly metadata: ScipMetadata }
  | { readonly part: 'document'; readonly document: ScipDocument }
  | { readonly part: 'external'; readonly symbol: ScipSymbol };

export interface ScipMetadata {
  readonly tool: string;
  readonly toolVersion: string;
  /** URI of the folder that paths are relative to. */
  readonly projectRoot: string;
}

export interface ScipDocument {
  /** Relative to the project's root, with `/`. */
  readonly path: string;
  readonly language: string;
  readonly occurrences: readonly ScipOccurrence[];
  readonly symbols: readonly ScipSymbol[];
  /** What columns count. */
  readonly encoding: ScipEncoding;
  /** The text that was indexed, where the index brings it. */
  readonly text?: string;
}

export type ScipEncoding = 'unspecified' | 'utf-8' | 'utf-16' | 'utf-32';

/** The values of `PositionEncoding`. */
export const SCIP_ENCODINGS: readonly ScipEncoding[] = ['unspecified', 'utf-8', 'utf-16', 'utf-32'];

/** Lines and columns from 0; the end is behind the last character. */
export type ScipRange = readonly [startLine: number, startColumn: number, endLine: number, endColumn: number];

export interface ScipOccurrence {
  readonly range: ScipRange;
  /** Empty where the occurrence is there for its colour only. */
  readonly symbol: string;
  /** Bits: {@link ROLE}. */
  readonly roles: number;
  readonly syntax: number;
  /** Of a definition: all of it. */
  readonly enclosing?: ScipRange;
}

export const ROLE = { definition: 0x1, import: 0x2, forwardDefinition: 0x40 } as const;
/** Of `SyntaxKind`. */
export const SYNTAX = { none: 0, call: 15, type: 19 } as const;

export interface ScipSymbol {
  readonly symbol: string;
  readonly documentation: readonly string[];
  readonly relationships: readonly ScipRelationship[];
  /** Of `SymbolInformation.Kind`; 0 where it is not said. */
  readonly kind: number;
  readonly displayName: string;
  readonly signature?: { readonly language: string; readonly text: string };
}

export interface ScipRelationship {
  readonly symbol: string;
  readonly reference: boolean;
  readonly implementation: boolean;
}
