import type { GraphEdge, GraphNode, SymbolId } from './graph-node.js';
import type { LanguageId } from './file-facts.js';

/** Why a call site could not be resolved: a closed list. */
export type UnresolvedReason =
  | 'dynamic-receiver' | 'computed-member' | 'untyped-parameter' | 'missing-import' | 'unknown-name' | 'unknown-member' | 'dynamic-callee'
  | 'untyped-value' | 'opaque-type' | 'too-complex' | 'external-value';

export const UNRESOLVED_REASONS: readonly UnresolvedReason[] = [
  'dynamic-receiver', 'computed-member', 'untyped-parameter', 'missing-import', 'unknown-name', 'unknown-member', 'dynamic-callee',
  'untyped-value', 'opaque-type', 'too-complex', 'external-value',
];

/** A call site that no edge stands for. */
export interface UnresolvedSite {
  readonly from: SymbolId;
  /** The last name of the callee as written; empty where it has none. */
  readonly name: string;
  readonly reason: UnresolvedReason;
  readonly line: number;
  readonly column: number;
}

/** How many call sites got which verdict. The four add up to the number of call sites. */
export interface VerdictCounts {
  readonly resolved: number;
  readonly candidates: number;
  readonly external: number;
  readonly unresolved: number;
}

export interface Diagnostic {
  readonly code: string;
  readonly message: string;
  readonly path: string;
  readonly line?: number;
}

/** All that one file gives to a snapshot's graph: the nodes it declares, the edges that start in it, its unresolved sites. */
export interface Partition {
  readonly path: string;
  readonly language: LanguageId;
  /** SHA of the blob it was made from. */
  readonly blob: string;
  /** The file's node first, then its definitions in source order, then the externals it points at, by id. */
  readonly nodes: readonly GraphNode[];
  /** By kind, from, to, certainty. */
  readonly edges: readonly GraphEdge[];
  readonly unresolved: readonly UnresolvedSite[];
  readonly verdicts: VerdictCounts;
  readonly diagnostics: readonly Diagnostic[];
}

/** Ids of all symbols that a partition speaks of, as often as it does. */
export function* symbolsIn(partition: Partition): Generator<SymbolId> {
  for (const { id } of partition.nodes) yield id;
  for (const { from, to } of partition.edges) {
    yield from;
    yield to;
  }
  for (const { from } of partition.unresolved) yield from;
}

/** Lower-case hexadecimal SHA-256 of canonical content. */
export type Digest = string & { readonly brand?: 'Digest' };

/** Hashes bytes or text (as UTF-8) to a lower-case hexadecimal SHA-256. */
export type Sha256 = (content: string | Uint8Array) => Digest;

/** A snapshot's content, as a Git tree is of blobs: sorted by path (by UTF-16 code units). */
export type Manifest = readonly ManifestEntry[];

export interface ManifestEntry {
  readonly path: string;
  readonly digest: Digest;
}

/** Digest of a manifest: the snapshot's digest. Independent of store, order of work, workers and machine. */
export function digestManifest(manifest: Manifest, sha256: Sha256): Digest {
  return sha256(manifest.map((entry) => `${entry.digest} ${JSON.stringify(entry.path)}\n`).join(''));
}

/** Order of text by UTF-16 code units, the same on every machine and locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
