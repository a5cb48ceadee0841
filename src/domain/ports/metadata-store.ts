import type { IndexRun, RunEvent, RunId } from '../index-run.js';
import type { Repository, RepositoryId } from '../repository.js';
import type { Snapshot, SnapshotId } from '../snapshot.js';
import type { CallOptions } from './call-options.js';

/** What is known about repositories, snapshots, indexed files and runs: what people report on. Every write is idempotent. Errors as for GraphStore. */
export interface MetadataStore {
  saveRepository(repository: Repository, options?: CallOptions): Promise<void>;
  /** All repositories by id, or those named. */
  repositories(ids?: readonly RepositoryId[], options?: CallOptions): Promise<readonly Repository[]>;
  /** Records a snapshot with the files it was made from, replacing what was recorded under its id. */
  saveSnapshot(record: SnapshotRecord, options?: CallOptions): Promise<void>;
  /** The files of a snapshot by path, in batches. */
  files(snapshot: SnapshotId, options?: CallOptions): AsyncIterable<readonly IndexedFile[]>;
  /** Forgets snapshots and their files. */
  removeSnapshots(ids: readonly SnapshotId[], options?: CallOptions): Promise<void>;
  saveRun(run: IndexRun, options?: CallOptions): Promise<void>;
  /** Runs of a repository, newest first. */
  runs(repository: RepositoryId, options?: CallOptions & { readonly limit?: number }): Promise<readonly IndexRun[]>;
  /** Appends events; one with a sequence number that is there already is ignored. */
  appendEvents(run: RunId, events: readonly RunEvent[], options?: CallOptions): Promise<void>;
  events(run: RunId, options?: CallOptions): Promise<readonly RunEvent[]>;
  close(): Promise<void>;
}

export interface SnapshotRecord {
  readonly snapshot: Snapshot;
  readonly files: AsyncIterable<readonly IndexedFile[]>;
}

export interface IndexedFile {
  readonly path: string;
  readonly blob: string;
  /** Bytes. */
  readonly size: number;
  /** Empty for a file that was listed and not indexed. */
  readonly language: string;
  /** `indexed`, or why not. */
  readonly status: 'indexed' | 'skipped';
  /** For `skipped`: `submodule`, `symlink`, `lfs-pointer`, `too-large`, `unreadable`, `language`, `excluded` … */
  readonly reason?: string;
  readonly symbols: number;
}
