import type { LanguageId, Range, Position } from './file-facts.js';

/** Readable and unique in a snapshot: path, `#`, SCIP-like descriptors. See {@link ./symbol.ts}. */
export type SymbolId = string & { readonly brand?: 'SymbolId' };

export type NodeKind =
  | 'file' | 'module' | 'class' | 'interface' | 'type' | 'enum' | 'function' | 'method' | 'constructor' | 'field' | 'variable' | 'parameter' | 'external';

export const NODE_KINDS: readonly NodeKind[] = [
  'file', 'module', 'class', 'interface', 'type', 'enum', 'function', 'method', 'constructor', 'field', 'variable', 'parameter', 'external',
];

export interface GraphNode {
  readonly id: SymbolId;
  readonly kind: NodeKind;
  /** Its own name, without parents: `listen`. A file: its last path component. An external: the symbol, or the package itself. */
  readonly name: string;
  /** Dotted with its parents, as a person types it: `App.listen`. */
  readonly qualifiedName: string;
  /** Relative to the indexed root, with `/`. Empty for an external. */
  readonly path: string;
  /** The whole declaration. Absent for an external. */
  readonly range?: Range;
  /** Where the name stands. */
  readonly at?: Position;
  readonly language?: LanguageId;
  readonly exported?: boolean;
  readonly modifiers?: readonly string[];
  readonly signature?: string;
  readonly doc?: string;
  /** The node that contains it; absent for files and externals. */
  readonly parent?: SymbolId;
  /** Externals: the package or standard-library module. */
  readonly package?: string;
  /** What said it, when it was not found by codeloom but imported: `scip:scip-go`. */
  readonly source?: string;
}

export type EdgeKind = 'CONTAINS' | 'IMPORTS' | 'CALLS' | 'EXTENDS' | 'IMPLEMENTS' | 'OVERRIDES' | 'REFERENCES' | 'USES_TYPE';

export const EDGE_KINDS: readonly EdgeKind[] = ['CONTAINS', 'IMPORTS', 'CALLS', 'EXTENDS', 'IMPLEMENTS', 'OVERRIDES', 'REFERENCES', 'USES_TYPE'];

export type Certainty = 'certain' | 'candidate';

export interface EdgeSite {
  readonly line: number;
  readonly column: number;
  /** How it stands there; absent for a plain call or an edge that is no call. */
  readonly via?: 'new' | 'decorator' | 'jsx' | 'tag' | 'super';
  /** What said it, when it was not found by codeloom but imported: `scip:scip-go`. Letters, digits and `:.+-_` only. */
  readonly source?: string;
}

/** One edge for each (kind, from, to, certainty) of a file, with all its sites in source order. CONTAINS has none. */
export interface GraphEdge {
  readonly kind: EdgeKind;
  readonly from: SymbolId;
  readonly to: SymbolId;
  readonly certainty: Certainty;
  readonly sites: readonly EdgeSite[];
}
