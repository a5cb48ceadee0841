import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CodeloomError } from '../../domain/errors.js';
import type { Credentials } from '../../domain/ports/credential-provider.js';
import { namesSsh, type GitSetup, type RemotePurpose } from './git-environment.js';
import type { GitCall, GitRunner } from './git-command.js';
import type { RemoteLocation } from './location.js';
import { folderFailure } from './git-failure.js';
import { withLock } from './mirror-lock.js';
import { FULL_ID, FULL_NAME, LISTED, readRemoteRefs, refspecOf, shortNames, wantedFor, type RemoteRefs } from './remote-refs.js';
import { unknownRevision } from './revision-lookup.js';

export interface MirrorRequest {
  readonly location: RemoteLocation;
  /** Asked when the remote is going to be, and once more when it has refused what was given. */
  readonly credentials?: ((refused?: Credentials) => Promise<Credentials | undefined>) | undefined;
  /** What must be there afterwards, if the remote has it. */
  readonly ref?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Bare copies of remotes, one folder each. Branches and tags only; nothing of the remote's address or credentials is stored in them. A copy begins with what was asked for and no commit before it;
 * a revision that needs more (`HEAD~3`, an abbreviated id) has all the history fetched, which is then followed.
 */
export interface MirrorCache {
  /** Where a repository's mirror lies, whether or not it is there yet. */
  pathOf(id: string): string;
  /**
   * Brings the mirror up to date and gives its path. Asks nobody when `ref` is a full commit id that is there already. Errors: `authentication-failed`,
   * `repository-not-found`, `network`, `unsupported-url`, `git-failed`, `store-full`, `permission-denied`.
   */
  fetch(request: MirrorRequest): Promise<string>;
}

export interface MirrorCacheOptions {
  readonly folder: string;
  /** Transports that may be used. */
  readonly protocols: readonly string[];
  readonly environment: GitSetup['environment'];
  /** How long a remote may send nothing, in milliseconds. */
  readonly silenceMs: number;
}

export function createMirrorCache(git: GitRunner, options: MirrorCacheOptions): MirrorCache {
  const { folder, protocols, environment, silenceMs } = options;

  function pathOf(id: string): string {
    // The hash keeps apart what differs by case or by a replaced character only.
    const readable = id.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[._]+/, '').slice(0, 100);
    return join(folder, `${readable}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}.git`);
  }

  async function fetch(request: MirrorRequest): Promise<string> {
    const { location, ref, signal, credentials } = request;
    const mirror = pathOf(location.id);
    if (ref !== undefined && FULL_ID.test(ref) && (await hasCommit(mirror, ref, signal))) return mirror;
    try {
      await mkdir(folder, { recursive: true });
      await withLock(`${mirror}.lock`, async () => {
        await removeLeftovers(mirror);
        const given = await credentials?.();
        try {
          await bring(mirror, request, given);
        } catch (error) {
          if (given === undefined || !(error instanceof CodeloomError) || error.code !== 'authentication-failed') throw error;
          // It may have expired on the way, or while others were waited for.
          const fresh = await credentials?.(given);
          if (fresh === undefined || (fresh.password === given.password && fresh.username === given.username)) throw error;
          await bring(mirror, request, fresh);
        }
      }, signal);
    } catch (error) {
      throw folderFailure(error, folder);
    }
    return mirror;
  }

  async function bring(mirror: string, request: MirrorRequest, credentials: Credentials | undefined): Promise<void> {
    const purpose = await purposeFor(request, credentials);
    if (!(await bringTips(mirror, request, purpose))) await bringHistory(mirror, request, purpose);
    await git.ask(['gc', '--auto', '--quiet'], { cwd: mirror, purpose: { kind: 'local', gitDir: mirror, tidies: true }, signal: request.signal });
  }

  /** What was asked for, without what is before it. False where all is needed, or is there already. */
  async function bringTips(mirror: string, request: MirrorRequest, purpose: RemotePurpose): Promise<boolean> {
    if (existsSync(mirror) && !isShallow(mirror)) return false;
    const { ref = 'HEAD', location: { url }, signal } = request;
    const named = FULL_NAME.test(ref) ? [ref] : [];
    const refs = readRemoteRefs(await git.run(['ls-remote', '--symref', '--', url, ...LISTED, ...named], { cwd: folder, purpose, signal, silenceMs }));
    const wanted = wantedFor(ref, refs);
    if (wanted === 'history') return false;
    if (wanted === 'nothing') throw unknownRevision(ref, shortNames(refs));
    const fetchInto = (place: string): Promise<void> => fetchTips(place, { request, purpose, refs, wanted });
    try {
      if (existsSync(mirror)) await orAnew(mirror, () => fetchInto(mirror), () => makeTips(mirror, request, { refs, fetchInto }));
      else await makeTips(mirror, request, { refs, fetchInto });
      return true;
    } catch (error) {
      // A server that gives no single commit, or nothing without its history.
      if (error instanceof CodeloomError && (error.code === 'git-failed' || error.code === 'unknown-ref')) return false;
      throw error;
    }
  }

  async function makeTips(mirror: string, { signal }: MirrorRequest, { refs, fetchInto }: { readonly refs: RemoteRefs; readonly fetchInto: (place: string) => Promise<void> }): Promise<void> {
    await underAnotherName(mirror, async (unfinished) => {
      const format = refs.digits === 64 ? ['--object-format=sha256'] : [];
      await git.run(['init', '--bare', '--quiet', '--template=', ...format, '--', unfinished], { cwd: folder, purpose: { kind: 'local' }, signal });
      await fetchInto(unfinished);
    });
  }

  async function fetchTips(place: string, { request, purpose, refs, wanted }: Tips): Promise<void> {
    const call = localCall(place, request.signal);
    const kept = (await git.run(['for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/tags'], call)).split('\n').filter((name) => name !== '');
    const there = new Set(refs.names);
    // A branch that is gone may be in the way of one below its name.
    for (const name of kept) if (!there.has(name)) await git.run(['update-ref', '-d', name], call);
    await git.run([...FETCH, '--depth=1', '--', request.location.url, ...wanted.map(refspecOf)], remoteCall(place, request, purpose, silenceMs));
    if (refs.head !== undefined) await git.run(['symbolic-ref', 'HEAD', refs.head], call);
  }

  async function bringHistory(mirror: string, request: MirrorRequest, purpose: RemotePurpose): Promise<void> {
    if (existsSync(mirror)) await orAnew(mirror, () => update(mirror, request, purpose), () => clone(mirror, request, purpose));
    else await clone(mirror, request, purpose);
    await fetchUnlisted(mirror, request, purpose);
  }

  async function clone(mirror: string, { location, signal }: MirrorRequest, purpose: RemotePurpose): Promise<void> {
    await underAnotherName(mirror, async (unfinished) => {
      await git.run(['clone', '--bare', '--progress', '--no-local', '--', location.url, unfinished], { cwd: folder, purpose, signal, silenceMs });
      await git.run(['config', '--remove-section', 'remote.origin'], localCall(unfinished, signal));
    });
  }

  /** Until it is complete. */
  async function underAnotherName(mirror: string, make: (unfinished: string) => Promise<void>): Promise<void> {
    const unfinished = `${mirror}.${randomUUID()}${UNFINISHED}`;
    try {
      await make(unfinished);
      await rename(unfinished, mirror);
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      throw error;
    }
  }

  /** It is a cache: what a crash has damaged is copied anew. */
  async function orAnew(mirror: string, follow: () => Promise<void>, make: () => Promise<void>): Promise<void> {
    try {
      await follow();
    } catch (error) {
      if (!(error instanceof CodeloomError) || !isBroken(error)) throw error;
      await rename(mirror, `${mirror}.${randomUUID()}${UNFINISHED}`);
      await removeLeftovers(mirror);
      await make();
    }
  }

  async function update(mirror: string, request: MirrorRequest, purpose: RemotePurpose): Promise<void> {
    const call = remoteCall(mirror, request, purpose, silenceMs);
    const { url } = request.location;
    const head = /^ref: (refs\/heads\/\S+)\tHEAD$/m.exec(await git.run(['ls-remote', '--symref', '--', url, 'HEAD'], call))?.[1];
    await git.run([...FETCH, ...(isShallow(mirror) ? ['--unshallow'] : []), '--prune', '--', url, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'], call);
    if (head !== undefined) await git.run(['symbolic-ref', 'HEAD', head], localCall(mirror, request.signal));
  }

  /** A commit that no branch holds, or a ref outside branches and tags: many hosts give it when asked by name. */
  async function fetchUnlisted(mirror: string, request: MirrorRequest, purpose: RemotePurpose): Promise<void> {
    const { ref, location, signal } = request;
    if (ref === undefined || !(FULL_ID.test(ref) || FULL_NAME.test(ref)) || (await hasCommit(mirror, ref, signal))) return;
    try {
      await git.run([...FETCH, '--', location.url, refspecOf(ref)], remoteCall(mirror, request, purpose, silenceMs));
    } catch (error) {
      if (!(error instanceof CodeloomError) || (error.code !== 'unknown-ref' && error.code !== 'git-failed')) throw error;
    }
  }

  async function hasCommit(mirror: string, ref: string, signal: AbortSignal | undefined): Promise<boolean> {
    return existsSync(mirror) && (await git.ask(['cat-file', '-e', '--end-of-options', `${ref}^{commit}`], localCall(mirror, signal))) !== undefined;
  }

  async function purposeFor({ location, signal }: MirrorRequest, credentials: Credentials | undefined): Promise<RemotePurpose> {
    const purpose: RemotePurpose = { kind: 'remote', protocols, secrets: credentials, origin: location.origin };
    if (location.protocol !== 'ssh' || namesSsh(environment)) return purpose;
    // What a user has set up for SSH is used as it is; plain ssh is kept from asking a terminal that nobody may be watching.
    const own = await git.ask(['config', '--get', 'core.sshCommand'], { cwd: folder, purpose, signal });
    return own === undefined ? { ...purpose, quietSsh: true } : purpose;
  }

  return { pathOf, fetch };
}

/** With progress, which is how a remote that works is told from one that stalls. */
const FETCH = ['fetch', '--progress', '--force', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
const UNFINISHED = '.unfinished';

interface Tips {
  readonly request: MirrorRequest;
  readonly purpose: RemotePurpose;
  readonly refs: RemoteRefs;
  /** Names and ids. */
  readonly wanted: readonly string[];
}

/** Whether commits are missing in it that are before those it has. */
function isShallow(mirror: string): boolean {
  return existsSync(join(mirror, 'shallow'));
}

function remoteCall(mirror: string, { signal }: MirrorRequest, purpose: RemotePurpose, silenceMs: number): GitCall {
  return { cwd: mirror, purpose: { ...purpose, gitDir: mirror }, signal, silenceMs };
}

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
