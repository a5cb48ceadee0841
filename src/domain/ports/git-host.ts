import type { Repository } from '../repository.js';
import type { CommitSha } from '../snapshot.js';
import type { CallOptions } from './call-options.js';

/**
 * Where source comes from: resolves a revision and reads its files out of Git's object store (or, for a work tree, from the folder itself), never by checking
 * out. Errors: `not-a-repository`, `repository-not-found`, `empty-repository`, `unborn-branch`, `unknown-ref`, `unsupported-url`, `authentication-failed`,
 * `network`, `git-failed`, `git-not-found`, `corrupt-object`, and of the disk that it keeps copies on `store-full` and `permission-denied`.
 */
export interface GitHost {
  readonly capabilities: GitHostCapabilities;
  /** Finds the repository and the revision that a request means; fetches a remote's objects when needed. Idempotent. */
  resolve(request: RevisionRequest, options?: CallOptions): Promise<Revision>;
  /** Every path of the revision in byte order of paths, in batches. Submodules and symbolic links are listed, not followed. */
  list(revision: Revision, options?: CallOptions): AsyncIterable<readonly SourceEntry[]>;
  /**
   * The content of blobs, in any order, each named once. A blob that cannot be read comes as an error, and does not end the stream. Content larger than
   * `maxBytes` is not read: it comes with the error `too-large`.
   */
  read(revision: Revision, entries: AsyncIterable<SourceEntry>, options?: CallOptions & { readonly maxBytes?: number }): AsyncIterable<SourceBlob>;
  /** Lets go of what `resolve` took (temporary folders, child processes). Idempotent; never fails because there is nothing to release. */
  release(revision: Revision): Promise<void>;
}

export interface GitHostCapabilities {
  /** Takes URLs. */
  readonly remote: boolean;
  /** Sees uncommitted and untracked files. */
  readonly workTree: boolean;
}

export interface RevisionRequest {
  /** A path or a URL. */
  readonly location: string;
  /** A branch, tag, commit or any revision Git understands. Absent: the work tree as it stands, or the default branch where there is none. */
  readonly ref?: string | undefined;
  /** Under which branch name the snapshot is kept; by default the branch that `ref` or HEAD names. */
  readonly branch?: string | undefined;
}

/** A resolved revision: plain data, good on another machine when the location is a URL. */
export interface Revision {
  readonly repository: Repository;
  readonly branch: string;
  /** Absent for the work tree of an unborn branch. */
  readonly commit?: CommitSha;
  /** `objects`: read from the object store at `commit`; `work-tree`: the files as they stand. */
  readonly source: 'objects' | 'work-tree';
  /** Folder inside the repository that is the indexed root, with `/`; empty for the whole. */
  readonly root: string;
  /** Things worth telling: a shallow clone, submodules, LFS pointers … */
  readonly notes: readonly string[];
}

export interface SourceEntry {
  /** Relative to the indexed root, with `/`. Bytes that are not UTF-8 are written as `%XX` escapes and `%` itself as `%25` in such paths only. */
  readonly path: string;
  /** As Git would hash it: 40 or 64 hexadecimal digits. */
  readonly blob: string;
  /** Bytes. -1 where Git does not say (submodules). */
  readonly size: number;
  readonly kind: 'file' | 'executable' | 'symlink' | 'submodule';
}

export type SourceBlob =
  | { readonly entry: SourceEntry; readonly bytes: Uint8Array }
  | { readonly entry: SourceEntry; readonly error: { readonly code: 'unreadable' | 'missing' | 'too-large' | 'corrupt'; readonly message: string } };
