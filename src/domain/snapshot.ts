import type { Diagnostic, Digest, UnresolvedReason, VerdictCounts } from './partition.js';
import type { EdgeKind, NodeKind } from './graph-node.js';
import type { RepositoryId } from './repository.js';

export type SnapshotId = string & { readonly brand?: 'SnapshotId' };
/** 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits. */
export type CommitSha = string & { readonly brand?: 'CommitSha' };

/** An index made elsewhere that was merged into a snapshot's graph. */
export interface SnapshotOverlay {
  /** As it marks nodes and sites: `scip:` and the tool's name. */
  readonly source: string;
  /** The tool's version, as the index says. */
  readonly version: string;
  /** Folder of the repository that the index's paths are relative to; empty for the whole. */
  readonly root: string;
  /** Where its content lies in the FactStore, under its digest. */
  readonly key: string;
}

/** One published state of a repository's graph. Immutable. */
export interface Snapshot {
  readonly id: SnapshotId;
  readonly repository: RepositoryId;
  readonly branch: string;
  /** The commit it was read from; for a dirty work tree the commit below it; absent in an unborn branch. */
  readonly commit?: CommitSha;
  /** The work tree differed from `commit`: such snapshots of a branch replace one another. */
  readonly dirty: boolean;
  /** Digest of the listing (paths, modes, blob SHAs) it was made from. */
  readonly source: Digest;
  /** Digest of the manifest: equal for equal graphs. */
  readonly digest: Digest;
  /** The snapshot it was published on top of. */
  readonly base?: SnapshotId;
  readonly stats: SnapshotStats;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly indexerVersion: string;
  /** Digest of the configuration that shapes the graph (languages, include, exclude). */
  readonly configuration: Digest;
  /** Imported indexes, in the order of their sources; absent when there are none. */
  readonly overlays?: readonly SnapshotOverlay[];
}

export interface SnapshotStats {
  /** Files with a partition. */
  readonly files: number;
  /** Bytes of their source. */
  readonly bytes: number;
  /** Nodes that are neither files nor externals. */
  readonly symbols: number;
  readonly nodes: Readonly<Partial<Record<NodeKind, number>>>;
  /** Edges by kind, certain and candidate together. */
  readonly edges: Readonly<Partial<Record<EdgeKind, number>>>;
  readonly languages: Readonly<Record<string, number>>;
  readonly verdicts: VerdictCounts;
  readonly unresolvedByReason: Readonly<Partial<Record<UnresolvedReason, number>>>;
  readonly diagnostics: number;
  /** What was wrong with configuration files (they have no partition of their own), by path; absent when nothing, at most 100. */
  readonly configuration?: readonly Diagnostic[];
  /** Files that the machine did not read in time, or over which workers died: another run may get more out of them. Absent when none. */
  readonly provisional?: number;
  /** Paths that were listed and not indexed, by why. */
  readonly skipped: Readonly<Record<string, number>>;
}
