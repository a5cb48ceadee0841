import type { RetireResult } from '../domain/ports/graph-store.js';
import type { Revision } from '../domain/ports/git-host.js';
import type { FactKey } from '../domain/ports/fact-store.js';
import type { Digest } from '../domain/partition.js';
import type { RunId, Stage } from '../domain/index-run.js';
import type { RepositoryId } from '../domain/repository.js';
import type { Snapshot, SnapshotId } from '../domain/snapshot.js';

/** What a caller asks to have indexed. */
export interface IndexRequest {
  /** A folder inside a repository, a bare repository, or a URL. */
  readonly location: string;
  /** A revision; absent: the work tree as it stands (or the default branch where there is none). */
  readonly ref?: string | undefined;
  /** The branch name under which the snapshot is kept. */
  readonly branch?: string | undefined;
  /** Only these languages; default all that the parser knows. */
  readonly languages?: readonly string[] | undefined;
  /** Globs of paths to index; default all. */
  readonly include?: readonly string[] | undefined;
  /** Globs of paths to leave out. */
  readonly exclude?: readonly string[] | undefined;
  /** Files above this many bytes are listed and not parsed. Default 4 MiB. */
  readonly maxFileBytes?: number | undefined;
  readonly retention?: Retention | undefined;
}

/** Snapshots that are no head and older than this go; `snapshots` keeps at least so many of each branch whatever their age. */
export interface Retention {
  /** Default 7. */
  readonly days: number;
  /** Default 1 (the head). */
  readonly snapshots: number;
}

/**
 * The stages of indexing, as the orchestration sees them. What goes in and out is plain, small data (references, counts), never a graph, so that a step may
 * run in another process; every step is idempotent and finds what it needs by the references it is given. A step that fails throws a CodeloomError.
 */
export interface Steps {
  acquire(input: AcquireInput, context: StepContext): Promise<Acquired>;
  extract(input: ExtractInput, context: StepContext): Promise<Extracted>;
  link(input: LinkInput, context: StepContext): Promise<Linked>;
  publish(input: PublishInput, context: StepContext): Promise<Published>;
  record(input: RecordInput, context: StepContext): Promise<Recorded>;
  retire(input: RetireInput, context: StepContext): Promise<RetireResult>;
  /** Always runs, also after failure and cancellation. */
  release(input: ReleaseInput, context: StepContext): Promise<void>;
}

export interface StepContext {
  readonly signal?: AbortSignal | undefined;
  /** Called as work goes on; never more than about ten times a second. */
  readonly onProgress?: ((progress: StageProgress) => void) | undefined;
}

export interface StageProgress {
  readonly stage: Stage;
  readonly done: number;
  /** Absent while unknown. */
  readonly total?: number;
  readonly bytes?: number;
}

export interface AcquireInput {
  readonly request: IndexRequest;
  readonly indexerVersion: string;
}

export interface Acquired {
  readonly revision: Revision;
  /** Key of the encoded listing (see source-listing.ts) in the FactStore. */
  readonly listing: FactKey;
  /** Digest of paths, modes and blobs of all that was listed. */
  readonly source: Digest;
  /** Digest of what of the request and the configuration shapes the graph. */
  readonly configuration: Digest;
  readonly dirty: boolean;
  readonly counts: { readonly listed: number; readonly selected: number; readonly skipped: number };
  /** The branch's head before. */
  readonly base?: SnapshotId;
  /** Set when the branch's head is this very state already: nothing is left to do. */
  readonly unchanged?: SnapshotId;
}

export interface ExtractInput {
  readonly revision: Revision;
  readonly listing: FactKey;
  readonly maxFileBytes: number;
}

export interface Extracted {
  /** Key of the facts listing: for each selected path its facts' key. */
  readonly facts: FactKey;
  readonly counts: { readonly parsed: number; readonly reused: number; readonly bytes: number; readonly diagnostics: number };
}

export interface LinkInput {
  readonly repository: RepositoryId;
  readonly facts: FactKey;
  readonly base?: SnapshotId | undefined;
}

export interface Linked {
  /** Key of the manifest in the FactStore; partitions not in the base lie there too, under their digests. */
  readonly manifest: FactKey;
  readonly digest: Digest;
  readonly stats: Snapshot['stats'];
  readonly counts: { readonly files: number; readonly added: number; readonly replaced: number; readonly removed: number };
}

export interface PublishInput {
  readonly acquired: Acquired;
  readonly linked: Linked;
  readonly snapshot: SnapshotId;
  /** ISO 8601; the same for every attempt. */
  readonly createdAt: string;
  readonly indexerVersion: string;
}

export interface Published {
  readonly snapshot: SnapshotId;
  readonly created: boolean;
  readonly written: number;
}

export interface RecordInput {
  readonly acquired: Acquired;
  readonly extracted: Extracted;
  readonly snapshot: SnapshotId;
}

export interface Recorded {
  readonly files: number;
}

export interface RetireInput {
  readonly repository: RepositoryId;
  readonly retention: Retention;
  readonly now: string;
}

export interface ReleaseInput {
  readonly run: RunId;
  /** Absent when acquiring failed. */
  readonly acquired?: Acquired | undefined;
}
