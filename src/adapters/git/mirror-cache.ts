import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CodeloomError } from '../../domain/errors.js';
import type { GitCredentials, GitPurpose } from './git-environment.js';
import type { GitCall, GitRunner } from './git-command.js';
import type { RemoteLocation } from './location.js';
import { withLock } from './mirror-lock.js';

export interface MirrorRequest {
  readonly location: RemoteLocation;
  readonly credentials?: GitCredentials | undefined;
  /** What must be there afterwards, if the remote has it. */
  readonly ref?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Bare copies of remotes, one folder each. Branches and tags only; nothing of the remote's address or credentials is stored in them. */
export interface MirrorCache {
  /** Where a repository's mirror lies, whether or not it is there yet. */
  pathOf(id: string): string;
  /**
   * Brings the mirror up to date and gives its path. Asks nobody when `ref` is a full commit id that is there already. Errors: `authentication-failed`,
   * `repository-not-found`, `network`, `unsupported-url`, `git-failed`.
   */
  fetch(request: MirrorRequest): Promise<string>;
}

const FULL_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

export function createMirrorCache(git: GitRunner, options: { readonly folder: string; readonly protocols: readonly string[] }): MirrorCache {
  const { folder, protocols } = options;

  function pathOf(id: string): string {
    // The hash keeps apart what differs by case or by a replaced character only.
    const readable = id.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[._]+/, '').slice(0, 100);
    return join(folder, `${readable}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}.git`);
  }

  async function fetch(request: MirrorRequest): Promise<string> {
    const { location, ref, signal } = request;
    const mirror = pathOf(location.id);
    if (ref !== undefined && FULL_ID.test(ref) && (await hasCommit(mirror, ref, signal))) return mirror;
    await mkdir(folder, { recursive: true });
    await withLock(`${mirror}.lock`, async () => {
      await removeLeftovers(mirror);
      if (!existsSync(mirror)) await clone(mirror, request);
      else await updateOrReplace(mirror, request);
      await fetchUnlisted(mirror, request);
    }, signal);
    return mirror;
  }

  /** Under another name until it is complete. */
  async function clone(mirror: string, request: MirrorRequest): Promise<void> {
    const unfinished = `${mirror}.${randomUUID()}${UNFINISHED}`;
    try {
      await git.run(['clone', '--bare', '--quiet', '--no-local', '--', request.location.url, unfinished], remoteCall(folder, undefined, request));
      await git.run(['config', '--remove-section', 'remote.origin'], localCall(unfinished, request.signal));
      await rename(unfinished, mirror);
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      throw error;
    }
  }

  async function updateOrReplace(mirror: string, request: MirrorRequest): Promise<void> {
    try {
      await update(mirror, request);
    } catch (error) {
      if (!(error instanceof CodeloomError) || !isBroken(error)) throw error;
      // It is a cache: what a crash has damaged is copied anew.
      await rename(mirror, `${mirror}.${randomUUID()}${UNFINISHED}`);
      await removeLeftovers(mirror);
      await clone(mirror, request);
    }
  }

  async function update(mirror: string, request: MirrorRequest): Promise<void> {
    const call = remoteCall(mirror, mirror, request);
    const { url } = request.location;
    const head = /^ref: (refs\/heads\/\S+)\tHEAD$/m.exec(await git.run(['ls-remote', '--symref', '--', url, 'HEAD'], call))?.[1];
    await git.run([...FETCH, '--prune', '--', url, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'], call);
    if (head !== undefined) await git.run(['symbolic-ref', 'HEAD', head], localCall(mirror, request.signal));
  }

  /** A commit that no branch holds, or a ref outside branches and tags: many hosts give it when asked by name. */
  async function fetchUnlisted(mirror: string, request: MirrorRequest): Promise<void> {
    const { ref, location, signal } = request;
    if (ref === undefined || !(FULL_ID.test(ref) || /^refs\/[\w./+@-]+$/.test(ref)) || (await hasCommit(mirror, ref, signal))) return;
    const wanted = FULL_ID.test(ref) ? ref : `+${ref}:${ref}`;
    try {
      await git.run([...FETCH, '--', location.url, wanted], remoteCall(mirror, mirror, request));
    } catch (error) {
      if (!(error instanceof CodeloomError) || (error.code !== 'unknown-ref' && error.code !== 'git-failed')) throw error;
    }
  }

  async function hasCommit(mirror: string, ref: string, signal: AbortSignal | undefined): Promise<boolean> {
    return existsSync(mirror) && (await git.ask(['cat-file', '-e', '--end-of-options', `${ref}^{commit}`], localCall(mirror, signal))) !== undefined;
  }

  function remoteCall(cwd: string, gitDir: string | undefined, request: MirrorRequest): GitCall {
    const { location, credentials, signal } = request;
    const purpose: GitPurpose = { kind: 'remote', gitDir, protocols, secrets: credentials, origin: location.origin };
    return { cwd, purpose, signal };
  }

  return { pathOf, fetch };
}

const FETCH = ['fetch', '--quiet', '--force', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
const UNFINISHED = '.unfinished';

function localCall(mirror: string, signal: AbortSignal | undefined): GitCall {
  return { cwd: mirror, purpose: { kind: 'local', gitDir: mirror }, signal };
}

/** Copies that a crash has left behind. Only under the lock: then nobody is making one. */
async function removeLeftovers(mirror: string): Promise<void> {
  const folder = join(mirror, '..');
  const name = basename(mirror);
  for (const entry of await readdir(folder)) {
    if (entry.startsWith(`${name}.`) && entry.endsWith(UNFINISHED)) await rm(join(folder, entry), { recursive: true, force: true });
  }
}

function isBroken(error: CodeloomError): boolean {
  return error.code === 'not-a-repository' || error.code === 'corrupt-object' || /Unable to create '.*\.lock': File exists/.test(String(error.details['output']));
}
