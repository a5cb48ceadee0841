import { existsSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { CredentialProvider, Credentials } from '../../domain/ports/credential-provider.js';
import type { GitHost, Revision, RevisionRequest } from '../../domain/ports/git-host.js';
import type { Repository } from '../../domain/repository.js';
import { readBlobs } from './blob-reader.js';
import { createGitRunner, type GitCall } from './git-command.js';
import { findLocalRepository, type LocalRepository } from './local-repository.js';
import { DEFAULT_PROTOCOLS, parseLocation, type RemoteLocation } from './location.js';
import { createMirrorCache } from './mirror-cache.js';
import { repositoryNotes } from './repository-notes.js';
import { findHead, findRevision, headBranch } from './revision-lookup.js';
import { listTree } from './tree-listing.js';
import { listWorkTree, type BlobSizes } from './work-tree-listing.js';
import { readWorkTree } from './work-tree-reader.js';

export interface GitHostOptions {
  /** Folder for the mirrors of remotes; made when first needed. */
  readonly cacheFolder: string;
  /** Transports that URLs may use; by default `https`, `ssh` and `git`. */
  readonly allowedProtocols?: readonly string[];
  /** Name or path of Git; by default `git`. */
  readonly gitBinary?: string;
  /** Environment of Git's processes; by default that of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Credentials for remotes over HTTPS whose URL holds none. Asked for each fetch, and once more when the remote refuses what was given; never stored. */
  readonly credentials?: CredentialProvider | undefined;
  /** How long a remote may send nothing before it is given up, in milliseconds; default two minutes. */
  readonly silenceMs?: number | undefined;
}

const HTTP: ReadonlySet<string> = new Set(['https', 'http']);
/** Bytes that can be one piece of memory everywhere. */
const LARGEST = 2 ** 31 - 1;
/** Servers tell of their progress at least every few seconds. */
const SILENCE_MS = 120_000;

/**
 * Git repositories of this machine and of others, through the Git program. Reads objects or a work tree; runs nothing that a repository's configuration
 * names, and writes nothing into it. Remotes are read through mirrors in `cacheFolder`. Needs Git 2.31 or newer.
 *
 * @example
 * const host = createGitHost({ cacheFolder: '/var/cache/codeloom' });
 * const revision = await host.resolve({ location: 'https://github.com/owner/name', ref: 'main' });
 * for await (const entries of host.list(revision)) console.log(entries.length);
 */
export function createGitHost(options: GitHostOptions): GitHost {
  const protocols = options.allowedProtocols ?? DEFAULT_PROTOCOLS;
  const environment = options.environment ?? process.env;
  const git = createGitRunner({ binary: options.gitBinary ?? 'git', environment });
  const blobSizes: BlobSizes = new Map();
  const mirrors = createMirrorCache(git, { folder: resolvePath(options.cacheFolder), protocols, environment, silenceMs: options.silenceMs ?? SILENCE_MS });

  async function resolve(request: RevisionRequest, { signal }: CallOptions = {}): Promise<Revision> {
    throwIfAborted(signal);
    const location = parseLocation(request.location, { allowedProtocols: protocols, exists: existsSync(request.location) });
    if (location.kind === 'remote') return resolveRemote(location, request, signal);
    const local = await findLocalRepository(git, location.path, signal);
    return local.gitDir === undefined && request.ref === undefined ? resolveWorkTree(local, request, signal) : resolveObjects(local, request, signal);
  }

  async function resolveWorkTree(local: LocalRepository, request: RevisionRequest, signal: AbortSignal | undefined): Promise<Revision> {
    const { repository, root, shallow } = local;
    const call: GitCall = { cwd: repository.location, purpose: { kind: 'local' }, signal };
    const [head, notes] = await Promise.all([
      findHead(git, call),
      repositoryNotes(git, { call, from: { folder: repository.location }, shallow }),
    ]);
    return {
      repository: withDefaultBranch(repository, head.branch), branch: request.branch ?? head.branch,
      ...(head.commit === undefined ? {} : { commit: head.commit }), source: 'work-tree', root, notes,
    };
  }

  async function resolveObjects(local: LocalRepository, request: RevisionRequest, signal: AbortSignal | undefined): Promise<Revision> {
    const { repository, root, gitDir, shallow } = local;
    const call: GitCall = { cwd: repository.location, purpose: { kind: 'local', gitDir }, signal };
    const [found, branch] = await Promise.all([findRevision(git, request.ref ?? 'HEAD', call), headBranch(git, call)]);
    if (root !== '' && (await git.ask(['cat-file', '-t', `${found.commit}:${root}`], call))?.trim() !== 'tree') {
      throw new CodeloomError('unknown-ref', `The folder ${root} is not in ${request.ref ?? 'HEAD'}.`, { details: { ref: request.ref, root } });
    }
    const notes = await repositoryNotes(git, { call, from: { commit: found.commit }, shallow });
    return { repository: withDefaultBranch(repository, branch), branch: request.branch ?? found.branch, commit: found.commit, source: 'objects', root, notes };
  }

  async function resolveRemote(location: RemoteLocation, request: RevisionRequest, signal: AbortSignal | undefined): Promise<Revision> {
    const gitDir = await mirrors.fetch({ location, credentials: credentialsFor(location, signal), ref: request.ref, signal });
    const repository: Repository = { id: location.id, name: location.name, location: location.url, kind: 'remote' };
    const call: GitCall = { cwd: gitDir, purpose: { kind: 'local', gitDir }, signal };
    const [found, branch] = await Promise.all([findRevision(git, request.ref ?? 'HEAD', call), headBranch(git, call)]);
    const notes = await repositoryNotes(git, { call, from: { commit: found.commit }, shallow: false });
    return { repository: withDefaultBranch(repository, branch), branch: request.branch ?? found.branch, commit: found.commit, source: 'objects', root: '', notes };
  }

  function credentialsFor({ url, credentials, protocol }: RemoteLocation, signal: AbortSignal | undefined): (refused?: Credentials) => Promise<Credentials | undefined> {
    // Other transports have no use for them, and the programs that these start would see them.
    if (!HTTP.has(protocol)) return async () => credentials;
    return async (refused) => credentials ?? options.credentials?.credentials({ url, refused }, { signal });
  }

  /** Where a revision's commands run. A remote's mirror is made here when the revision was resolved on another machine. */
  async function callFor(revision: Revision, signal: AbortSignal | undefined): Promise<GitCall> {
    const { repository, source, commit } = revision;
    if (source === 'work-tree' || repository.kind === 'work-tree') return { cwd: repository.location, purpose: { kind: 'local' }, signal };
    if (repository.kind !== 'remote') return { cwd: repository.location, purpose: { kind: 'local', gitDir: repository.location }, signal };
    const location = parseLocation(repository.location, { allowedProtocols: protocols, exists: false });
    if (location.kind !== 'remote') throw new CodeloomError('unsupported-url', 'A remote revision needs a URL.', { details: { location: repository.location } });
    const gitDir = await mirrors.fetch({ location, credentials: credentialsFor(location, signal), ref: commit, signal });
    return { cwd: gitDir, purpose: { kind: 'local', gitDir }, signal };
  }

  async function* list(revision: Revision, { signal }: CallOptions = {}): ReturnType<typeof listTree> {
    throwIfAborted(signal);
    const call = await callFor(revision, signal);
    if (revision.source === 'work-tree') yield* listWorkTree(git, { folder: call.cwd, call, known: blobSizes });
    else yield* listTree(git, { commit: commitOf(revision), root: revision.root, call });
  }

  async function* read(
    revision: Revision, entries: Parameters<GitHost['read']>[1], { signal, maxBytes = LARGEST }: NonNullable<Parameters<GitHost['read']>[2]> = {},
  ): ReturnType<typeof readBlobs> {
    throwIfAborted(signal);
    const call = await callFor(revision, signal);
    const request = { entries, call, maxBytes: Math.min(maxBytes, LARGEST), commit: revision.commit };
    if (revision.source === 'work-tree') yield* readWorkTree(git, { ...request, folder: call.cwd });
    else yield* readBlobs(git, request);
  }

  return {
    capabilities: { remote: true, workTree: true },
    resolve, list, read,
    // Processes end with the call that started them, and mirrors are kept for the next.
    async release() {},
  };
}

function withDefaultBranch(repository: Repository, branch: string | undefined): Repository {
  return branch === undefined ? repository : { ...repository, defaultBranch: branch };
}

function commitOf(revision: Revision): string {
  if (revision.commit === undefined) throw new CodeloomError('empty-repository', 'The revision has no commit.');
  return revision.commit;
}
