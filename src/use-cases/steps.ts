import type { RetireResult } from '../domain/ports/graph-store.js';
import type { Revision } from '../domain/ports/git-host.js';
import type { FactKey } from '../domain/ports/fact-store.js';
import type { Digest } from '../domain/partition.js';
import type { RunId, Stage } from '../domain/index-run.js';
import type { RepositoryId } from '../domain/repository.js';
import type { Snapshot, SnapshotId, SnapshotOverlay } from '../domain/snapshot.js';
import type { OverlayUse } from './overlays.js';

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
  /** Globs of paths to leave out; the last one that matches decides, and one that starts with `!` takes a path back in. See domain/path-selection.ts for those always left out. */
  readonly exclude?: readonly string[] | undefined;
  /** Files above this many bytes are listed and not parsed. Default 4 MiB. */
  readonly maxFileBytes?: number | undefined;
  readonly retention?: Retention | undefined;
  /** Imported indexes to merge, in place of those of the branch's head, which a run takes along by itself. */
  readonly overlays?: readonly SnapshotOverlay[] | undefined;
}

export const DEFAULT_MAX_FILE_BYTES = 4 * 1024 * 1024;

export const DEFAULT_RETENTION: Retention = { days: 7, snapshots: 1 };

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
  /** Undoes what a step did, as its result asks for, when a later one fails; the last done is undone first, out of reach of a cancellation. */
  undo(input: Undo, context: StepContext): Promise<void>;
  /** Always runs, also after failure and cancellation. */
  release(input: ReleaseInput, context: StepContext): Promise<void>;
}

/** What a step did and a failed run is not to leave behind: plain data, so that another process can undo it. */
export interface Undo {
  readonly kind: 'forget-links';
  readonly repository: RepositoryId;
  readonly snapshot: SnapshotId;
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
  /** The id that a snapshot of this state has: the same state has the same id, whoever asks and however often. */
  readonly snapshot: SnapshotId;
  readonly counts: { readonly listed: number; readonly selected: number; readonly skipped: number };
  /** How many paths were left out, by why. */
  readonly skipped: Readonly<Record<string, number>>;
  /** The branch's head before. */
  readonly base?: SnapshotId;
  /** The branch's head, when that is this very state already and recorded: nothing is left to do. */
  readonly unchanged?: Snapshot;
  /** The branch's head, when that is this very state but holds files that were not read in time, longer ago than they are left at that. */
  readonly again?: Snapshot;
  /** Imported indexes that are merged in; absent when there are none. */
  readonly overlays?: readonly SnapshotOverlay[];
}

export interface ExtractInput {
  readonly revision: Revision;
  readonly listing: FactKey;
  readonly maxFileBytes: number;
  /** Only these of the listing's contents, counted from 0 in the order in which it names them first; absent: all. */
  readonly part?: ContentRange | undefined;
}

/** From one position up to, and without, another. */
export interface ContentRange {
  readonly from: number;
  readonly to: number;
}

export interface Extracted {
  /** Key of the facts listing: the listing again, with the facts' key of each selected path, or why it has none. */
  readonly facts: FactKey;
  /** `parsed` and `reused` count distinct contents, not paths; `bytes` are those read; `diagnostics` those met on the way. */
  readonly counts: { readonly parsed: number; readonly reused: number; readonly bytes: number; readonly diagnostics: number };
}

export interface LinkInput {
  readonly repository: RepositoryId;
  readonly facts: FactKey;
  readonly base?: SnapshotId | undefined;
  /** The snapshot that is being made: what linking remembers is kept under its id. */
  readonly snapshot: SnapshotId;
  readonly indexerVersion: string;
  readonly overlays?: readonly SnapshotOverlay[] | undefined;
}

export interface Linked {
  /** Key of the manifest in the FactStore; partitions not in the base lie there too, under their digests. */
  readonly manifest: FactKey;
  readonly digest: Digest;
  readonly stats: Snapshot['stats'];
  /** Key of the listing of indexed files, as the metadata store keeps them. */
  readonly files: FactKey;
  /** Key of the listing of partitions that were put into the FactStore. */
  readonly written: FactKey;
  /** `linked`: files that were linked, the others having stayed as they were; the rest counts partitions against the base. */
  /** How imported indexes fared; absent when there are none. */
  readonly overlays?: readonly OverlayUse[];
  readonly counts: { readonly files: number; readonly linked: number; readonly added: number; readonly replaced: number; readonly removed: number };
  /** What is to be undone when a later step fails. */
  readonly undo?: readonly Undo[];
}

export interface PublishInput {
  readonly acquired: Acquired;
  readonly linked: Linked;
  /** ISO 8601; the same for every attempt. */
  readonly createdAt: string;
  readonly indexerVersion: string;
}

export interface Published {
  /** As it stands in the store: of a state that was published before, the earlier one. */
  readonly snapshot: Snapshot;
  readonly created: boolean;
  readonly written: number;
}

export interface RecordInput {
  readonly acquired: Acquired;
  readonly linked: Linked;
  readonly snapshot: SnapshotId;
}

export interface Recorded {
  readonly files: number;
}

export interface RetireInput {
  readonly repository: RepositoryId;
  readonly retention: Retention;
  /** ISO 8601; the same for every attempt. */
  readonly now: string;
  /** Key of the facts listing of this run: its facts stay, however old. */
  readonly facts?: FactKey | undefined;
}

export interface ReleaseInput {
  readonly run: RunId;
  /** Whether the run reached its end. What lies in the FactStore only for the run goes then at once; after a failure it stays for the next attempt, and ages out. */
  readonly succeeded: boolean;
  /** What the run got to; absent when acquiring failed. */
  readonly acquired?: Acquired | undefined;
  readonly extracted?: Extracted | undefined;
  readonly linked?: Linked | undefined;
}
