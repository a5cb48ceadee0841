import { createHash } from 'node:crypto';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { GitHost, Revision, SourceBlob, SourceEntry } from '../../domain/ports/git-host.js';
import { withoutCredentials } from '../../domain/without-credentials.js';

/** A file of a tree: its text or bytes; or with what else there is to say of it. */
export type MemoryFile =
  | string | Uint8Array
  | { readonly content: string | Uint8Array; readonly executable?: boolean; readonly broken?: 'unreadable' | 'missing' | 'corrupt' }
  | { readonly link: string }
  | { readonly submodule: string };

/** A whole tree: path (with `/`) to file. */
export type MemoryTree = Readonly<Record<string, MemoryFile>>;

export interface MemoryRepository {
  /** What requests name it by. Its id is `memory/` and this. */
  readonly location: string;
  /** The commits of each branch, oldest first. Branches that begin alike share those commits. */
  readonly branches: Readonly<Record<string, readonly MemoryTree[]>>;
  /** The branch that HEAD is on; by default `main`. */
  readonly head?: string;
  /** Tag to branch and position in it. */
  readonly tags?: Readonly<Record<string, readonly [branch: string, position: number]>>;
  /** The files as they stand. Absent: a bare repository. */
  readonly workTree?: MemoryTree;
}

export interface MemoryGitHost extends GitHost {
  /** Puts a commit on a branch (by default HEAD's, made when new from nothing) and gives its id. The work tree stays as it is. */
  commit(location: string, tree: MemoryTree, branch?: string): string;
  /** Replaces the work tree; undefined makes the repository bare. */
  setWorkTree(location: string, tree: MemoryTree | undefined): void;
}

/**
 * Repositories that are values, with the blob ids that Git would give. For tests of everything that stands on a GitHost.
 *
 * @example
 * const host = createMemoryGitHost({ repositories: [{ location: 'example', branches: { main: [{ 'a.ts': 'export {}' }] } }] });
 */
export function createMemoryGitHost({ repositories = [] }: { readonly repositories?: readonly MemoryRepository[] } = {}): MemoryGitHost {
  const states = new Map(repositories.map((repository) => [repository.location, open(repository)]));

  function stateOf(location: string): State {
    const state = states.get(location);
    if (state === undefined) {
      const told = withoutCredentials(location);
      throw new CodeloomError('not-a-repository', `There is no repository ${JSON.stringify(told)} in memory.`, { details: { location: told } });
    }
    return state;
  }

  function treeOf(revision: Revision): MemoryTree {
    const state = stateOf(revision.repository.location);
    const tree = revision.source === 'work-tree' ? state.workTree : state.commits.get(revision.commit ?? '')?.tree;
    if (tree === undefined) throw new CodeloomError('unknown-ref', 'The revision is no longer there.');
    return tree;
  }

  return {
    capabilities: { remote: false, workTree: true },

    async resolve({ location, ref, branch }, { signal } = {}) {
      throwIfAborted(signal);
      const state = stateOf(location);
      const bare = state.workTree === undefined;
      const repository = { id: `memory/${location}`, name: location, location, kind: 'memory', defaultBranch: state.head } as const;
      if (ref === undefined && !bare) {
        const commit = state.branches.get(state.head);
        return { repository, branch: branch ?? state.head, ...(commit === undefined ? {} : { commit }), source: 'work-tree', root: '', notes: [] };
      }
      const found = lookUp(state, ref ?? 'HEAD');
      return { repository, branch: branch ?? found.branch, commit: found.commit, source: 'objects', root: '', notes: [] };
    },

    async *list(revision, { signal } = {}) {
      throwIfAborted(signal);
      const entries = Object.entries(treeOf(revision)).map(([path, file]) => describe(path, file));
      entries.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
      for (let at = 0; at < entries.length; at += 1_000) {
        throwIfAborted(signal);
        yield entries.slice(at, at + 1_000);
      }
    },

    async *read(revision, entries, { signal, maxBytes = Number.MAX_SAFE_INTEGER } = {}) {
      throwIfAborted(signal);
      const { repository, source } = revision;
      const contents = contentsOf(source === 'work-tree' ? [treeOf(revision)] : stateOf(repository.location).trees);
      for await (const entry of entries) {
        throwIfAborted(signal);
        yield give(entry, contents.get(entry.blob), maxBytes);
      }
    },

    async release() {},

    commit(location, tree, branch) {
      const state = stateOf(location);
      return addCommit(state, branch ?? state.head, tree);
    },

    setWorkTree(location, tree) {
      stateOf(location).workTree = tree;
    },
  };
}

interface State {
  readonly head: string;
  readonly branches: Map<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  readonly commits: Map<string, { readonly tree: MemoryTree; readonly parent: string | undefined }>;
  readonly trees: MemoryTree[];
  workTree: MemoryTree | undefined;
}

function open(repository: MemoryRepository): State {
  const state: State = { head: repository.head ?? 'main', branches: new Map(), tags: new Map(), commits: new Map(), trees: [], workTree: repository.workTree };
  const ids = new Map<string, readonly string[]>();
  for (const [branch, trees] of Object.entries(repository.branches)) ids.set(branch, trees.map((tree) => addCommit(state, branch, tree)));
  const tags = new Map<string, string>();
  for (const [tag, [branch, position]] of Object.entries(repository.tags ?? {})) {
    const commit = ids.get(branch)?.[position];
    if (commit === undefined) throw new CodeloomError('invalid-argument', `The tag ${tag} names no commit.`);
    tags.set(tag, commit);
  }
  return { ...state, tags };
}

/** The id is the hash of what was committed and on what: alike for alike histories. */
function addCommit(state: State, branch: string, tree: MemoryTree): string {
  const parent = state.branches.get(branch);
  const listing = Object.entries(tree).map(([path, file]) => describe(path, file)).sort((a, b) => (a.path < b.path ? -1 : 1));
  const commit = hash(`commit ${parent ?? ''} ${JSON.stringify(listing)}`);
  state.commits.set(commit, { tree, parent });
  state.branches.set(branch, commit);
  state.trees.push(tree);
  return commit;
}

/** A branch, a tag, HEAD, or a commit's id or its beginning; with `~n` and `^` for ancestors. */
function lookUp(state: State, ref: string): { readonly commit: string; readonly branch: string } {
  if (state.branches.size === 0) throw new CodeloomError('empty-repository', 'The repository has no commits yet.', { details: { ref } });
  const [, name = '', steps = ''] = /^(.*?)((?:~\d*|\^)*)$/s.exec(ref) ?? [];
  const branch = name === 'HEAD' ? state.head : name.replace(/^refs\/heads\//, '');
  if (branch === state.head && !state.branches.has(branch)) throw new CodeloomError('unborn-branch', `The branch ${branch} has no commits yet.`, { details: { ref } });
  const tag = name.replace(/^refs\/tags\//, '');
  let commit = state.tags.get(tag) ?? state.branches.get(branch) ?? (/^[0-9a-f]{4,40}$/.test(name) ? [...state.commits.keys()].find((id) => id.startsWith(name)) : undefined);
  for (const [step, count = '1'] of steps.matchAll(/~(\d*)|\^/g)) {
    for (let left = step === '^' ? 1 : Number(count || '1'); left > 0 && commit !== undefined; left--) commit = state.commits.get(commit)?.parent;
  }
  if (commit === undefined) throw new CodeloomError('unknown-ref', `There is no revision ${JSON.stringify(ref)}.`, { details: { ref, known: [...state.branches.keys()] } });
  if (steps !== '') return { commit, branch: commit.slice(0, 12) };
  return { commit, branch: state.tags.has(tag) ? tag : state.branches.has(branch) ? branch : commit.slice(0, 12) };
}

function describe(path: string, file: MemoryFile): SourceEntry {
  if (isText(file)) return { path, ...measure(file), kind: 'file' };
  if ('submodule' in file) return { path, blob: file.submodule, size: -1, kind: 'submodule' };
  if ('link' in file) return { path, ...measure(file.link), kind: 'symlink' };
  return { path, ...measure(file.content), kind: file.executable === true ? 'executable' : 'file' };
}

function measure(content: string | Uint8Array): { readonly blob: string; readonly size: number } {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return { blob: hash(`blob ${bytes.length}\0`, bytes), size: bytes.length };
}

interface Stored {
  readonly content: string | Uint8Array;
  readonly broken: 'unreadable' | 'missing' | 'corrupt' | undefined;
}

function contentsOf(trees: readonly MemoryTree[]): ReadonlyMap<string, Stored> {
  const contents = new Map<string, Stored>();
  for (const tree of trees) {
    for (const file of Object.values(tree)) {
      if (!isText(file) && 'submodule' in file) continue;
      const content = isText(file) ? file : 'link' in file ? file.link : file.content;
      contents.set(measure(content).blob, { content, broken: isText(file) || 'link' in file ? undefined : file.broken });
    }
  }
  return contents;
}

function give(entry: SourceEntry, stored: Stored | undefined, maxBytes: number): SourceBlob {
  if (entry.kind === 'submodule') return { entry, error: { code: 'unreadable', message: 'A submodule has no content here.' } };
  if (stored === undefined) return { entry, error: { code: 'missing', message: 'The repository lacks this object.' } };
  if (stored.broken !== undefined) return { entry, error: { code: stored.broken, message: `The content is ${stored.broken}.` } };
  // A copy: what a reader does to its bytes is its own affair.
  const bytes = typeof stored.content === 'string' ? new TextEncoder().encode(stored.content) : stored.content.slice();
  if (bytes.length > maxBytes) return { entry, error: { code: 'too-large', message: `${bytes.length} bytes, and at most ${maxBytes} are read.` } };
  return { entry, bytes };
}

function isText(file: MemoryFile): file is string | Uint8Array {
  return typeof file === 'string' || file instanceof Uint8Array;
}

function hash(...parts: readonly (string | Uint8Array)[]): string {
  const sha1 = createHash('sha1');
  for (const part of parts) sha1.update(part);
  return sha1.digest('hex');
}
