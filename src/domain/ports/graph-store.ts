import type { Certainty, EdgeKind, GraphEdge, GraphNode, NodeKind, SymbolId } from '../graph-node.js';
import type { Diagnostic, Digest, Manifest, Partition, UnresolvedSite } from '../partition.js';
import type { RepositoryId } from '../repository.js';
import type { Snapshot, SnapshotId } from '../snapshot.js';
import type { CallOptions } from './call-options.js';

/**
 * Keeps snapshots of graphs. Partitions are kept once and shared between snapshots. A snapshot becomes visible in one step, whole, or not at all; a reader
 * is pinned to one. Errors: `store-unavailable`, `store-busy`, `store-full`, `store-read-only`, `store-corrupt`, `store-too-new`, `authentication-failed`, `permission-denied`, `conflict`,
 * `unknown-snapshot`.
 */
export interface GraphStore {
  readonly capabilities: GraphStoreCapabilities;
  /** Those of `digests` that the store holds already. */
  holds(digests: readonly Digest[], options?: CallOptions): Promise<ReadonlySet<Digest>>;
  /**
   * Makes a snapshot visible and moves its branch's head to it, in one step. `partitions` brings those of the manifest that the store does not hold (bringing
   * one it holds is harmless). Publishing a snapshot whose id is there already only moves the head. Throws `conflict` when a partition of the
   * manifest is neither brought nor held.
   */
  publish(publication: Publication, options?: CallOptions): Promise<PublishResult>;
  /** The snapshot at the head of each branch of a repository (of all repositories when absent), by repository and branch. */
  heads(repository?: RepositoryId, options?: CallOptions): Promise<readonly Snapshot[]>;
  /** All snapshots of a repository, newest first. */
  snapshots(repository: RepositoryId, options?: CallOptions): Promise<readonly Snapshot[]>;
  /** A reader pinned to one snapshot. Throws `unknown-snapshot`. Close it. */
  open(snapshot: SnapshotId, options?: CallOptions): Promise<GraphReader>;
  /** Removes snapshots (never a head, unless its whole branch is named in `branches`) and every partition that no snapshot holds any more. */
  retire(request: RetireRequest, options?: CallOptions): Promise<RetireResult>;
  close(): Promise<void>;
}

export interface GraphStoreCapabilities {
  readonly durable: boolean;
  /** Several processes may use it at once. */
  readonly shared: boolean;
  /** Its readers have {@link GraphReader.surroundings}; absent means no. */
  readonly traversal?: boolean;
}

export interface Publication {
  readonly snapshot: Snapshot;
  readonly manifest: Manifest;
  readonly partitions: AsyncIterable<readonly PartitionEntry[]>;
}

export interface PartitionEntry {
  readonly digest: Digest;
  readonly partition: Partition;
}

export interface PublishResult {
  /** False when the snapshot was there already. */
  readonly created: boolean;
  /** Partitions written, not counting those the store held. */
  readonly written: number;
}

export interface RetireRequest {
  readonly repository: RepositoryId;
  readonly snapshots: readonly SnapshotId[];
  /** Branches to forget altogether, heads included. */
  readonly branches?: readonly string[];
}

export interface RetireResult {
  readonly snapshots: number;
  readonly partitions: number;
  /** Nodes of the partitions removed. */
  readonly nodes: number;
}

/**
 * Reads one snapshot. Answers are in the order of the request; streams are in order of path, and inside a partition in its own order. Externals, which many
 * partitions declare, come once. Traversals are not here: they are domain code over batched neighbours, or over {@link GraphReader.surroundings} where a store
 * finds many steps' neighbours at once.
 */
export interface GraphReader {
  readonly snapshot: Snapshot;
  /** Nodes by id; unknown ids are left out. */
  nodes(ids: readonly SymbolId[], options?: CallOptions): Promise<ReadonlyMap<SymbolId, GraphNode>>;
  /** Nodes by name, ordered by how well they match (exact, prefix, substring), what the repository declares before externals, then id; at most `limit`, after skipping `offset`. */
  find(request: FindRequest, options?: CallOptions): Promise<readonly GraphNode[]>;
  /** Edges that touch any of `ids` in the given direction, ordered by the id asked for (in request order), then kind, other end, certainty. */
  neighbours(request: NeighboursRequest, options?: CallOptions): Promise<readonly GraphEdge[]>;
  /**
   * What `neighbours` would give for `ids`, for what they lead to, and so on for `depth` steps, in one request: for stores that get there faster than by a request
   * for each step. How much of it is given beyond the edges of `ids` is the store's choice, and so has a bound: who walks asks again from where it ends. See
   * {@link GraphStoreCapabilities.traversal}.
   */
  surroundings?(request: SurroundingsRequest, options?: CallOptions): Promise<Surroundings>;
  /** Unresolved call sites whose callee is written with one of these names ('' asks for the nameless), ordered by owner's path, line, column. */
  unresolved(names: readonly string[], options?: CallOptions): Promise<readonly UnresolvedSite[]>;
  manifest(options?: CallOptions): Promise<Manifest>;
  /** Partitions whole, in the order of their paths (all of them when `paths` is absent), in bounded batches. Paths unknown to the snapshot are left out. */
  partitions(paths?: readonly string[], options?: CallOptions): AsyncIterable<readonly Partition[]>;
  diagnostics(options?: CallOptions): Promise<readonly Diagnostic[]>;
  close(): Promise<void>;
}

export interface FindRequest {
  /** Compared with the node's name and qualified name; without regard to case for prefix and substring. */
  readonly text: string;
  readonly match: 'exact' | 'prefix' | 'substring';
  readonly kinds?: readonly NodeKind[] | undefined;
  /** At most this many, default 100. */
  readonly limit?: number | undefined;
  /** Skip this many first. */
  readonly offset?: number | undefined;
}

export interface NeighboursRequest {
  readonly ids: readonly SymbolId[];
  /** `out`: edges from the ids; `in`: edges to them. */
  readonly direction: 'out' | 'in';
  readonly kinds: readonly EdgeKind[];
  readonly certainty?: Certainty | undefined;
}

export interface SurroundingsRequest {
  readonly ids: readonly SymbolId[];
  /** `out`: along the edges; `in`: against them. */
  readonly direction: 'out' | 'in';
  readonly kinds: readonly EdgeKind[];
  /** Steps from the ids, at least 1: with 1 it is their own edges. */
  readonly depth: number;
}

export interface Surroundings {
  /** Symbols of which all edges (of the kinds, in the direction) are in `edges`: all of `ids`, and some or all within `depth` - 1 steps of them. */
  readonly expanded: ReadonlySet<SymbolId>;
  /** Those of one symbol together, and in the order in which `neighbours` gives them. */
  readonly edges: readonly GraphEdge[];
  /** The nodes at the other ends of `edges`; of what no partition of the snapshot declares there is none. */
  readonly nodes: ReadonlyMap<SymbolId, GraphNode>;
}
