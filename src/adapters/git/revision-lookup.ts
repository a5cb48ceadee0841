import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { GitCall, GitRunner } from './git-command.js';

/** What HEAD or a ref stands for. */
export interface FoundRevision {
  /** Absent only for HEAD of an unborn branch. */
  readonly commit?: string;
  /** The branch (or tag) that it names; the first digits of the commit where it names none. */
  readonly branch: string;
}

/** Digits of a commit that stand for a branch where there is none. Fixed: Git's own abbreviation grows with the repository. */
const SHORT = 12;

/** HEAD as it is; the commit is absent before the first one. Errors: `corrupt-object`. */
export async function findHead(git: GitRunner, call: GitCall): Promise<FoundRevision> {
  const [branch, there] = await Promise.all([headBranch(git, call), presentCommit(git, 'HEAD', call)]);
  if (there !== undefined) return { commit: there, branch: branch ?? there.slice(0, SHORT) };
  const commit = await objectOf(git, 'HEAD', call);
  if (commit === undefined) return { branch: branch ?? 'HEAD' };
  const peeled = await peel(git, commit, 'HEAD', call);
  return { commit: peeled, branch: branch ?? peeled.slice(0, SHORT) };
}

/** The branch that HEAD is on, also when it is unborn; undefined when detached. */
export async function headBranch(git: GitRunner, call: GitCall): Promise<string | undefined> {
  const name = await git.ask(['symbolic-ref', '-q', 'HEAD'], call);
  return name === undefined ? undefined : shortName(name.trim());
}

/**
 * The commit that a revision expression means. Errors: `unknown-ref`, `empty-repository` (no commit at all), `unborn-branch` (HEAD's branch has none),
 * `corrupt-object`.
 */
export async function findRevision(git: GitRunner, ref: string, call: GitCall): Promise<Required<FoundRevision>> {
  const object = ref === '' || ref.startsWith('-') || /[\0\n]/.test(ref) ? undefined : await objectOf(git, ref, call);
  if (object === undefined) throw await absence(git, ref, call);
  const [commit, fullName] = await Promise.all([
    peel(git, object, ref, call),
    git.ask(['rev-parse', '--symbolic-full-name', '--verify', '--end-of-options', ref], call),
  ]);
  return { commit, branch: shortName(fullName?.trim() ?? '') ?? commit.slice(0, SHORT) };
}

/** The commit of a revision, in one question; undefined for all that needs a closer look. */
async function presentCommit(git: GitRunner, ref: string, call: GitCall): Promise<string | undefined> {
  const answer = await git.bytes(['cat-file', '--batch-check'], call, `${ref}\n`).catch(() => undefined);
  throwIfAborted(call.signal);
  return /^([0-9a-f]{40}|[0-9a-f]{64}) commit \d+\n$/.exec(answer ?? '')?.[1];
}

async function objectOf(git: GitRunner, ref: string, call: GitCall): Promise<string | undefined> {
  const object = (await git.ask(['rev-parse', '--verify', '--quiet', '--end-of-options', ref], call))?.trim();
  return object !== undefined && /^[0-9a-f]{40,64}$/.test(object) ? object : undefined;
}

async function peel(git: GitRunner, object: string, ref: string, call: GitCall): Promise<string> {
  const commit = (await git.ask(['rev-parse', '--verify', '--quiet', '--end-of-options', `${object}^{commit}`], call))?.trim();
  // An object may be named by its id and lack: only its type shows that it is there.
  const type = (await git.ask(['cat-file', '-t', commit === undefined || commit === '' ? object : commit], call))?.trim();
  if (commit !== undefined && commit !== '' && type === 'commit') return commit;
  if (type !== undefined) throw new CodeloomError('unknown-ref', `${show(ref)} names a ${type}, not a commit.`, { details: { ref } });
  if (/^[0-9a-f]{40,64}$/i.test(ref)) throw new CodeloomError('unknown-ref', `There is no commit ${show(ref)}.`, { details: { ref } });
  throw new CodeloomError('corrupt-object', `The commit of ${show(ref)} is missing or damaged. Check the repository with: git fsck.`, { details: { ref, object } });
}

async function absence(git: GitRunner, ref: string, call: GitCall): Promise<CodeloomError> {
  const [names, unborn] = await Promise.all([
    git.ask(['for-each-ref', '--count=20', '--format=%(refname:short)', 'refs/heads', 'refs/tags', 'refs/remotes'], call),
    headBranch(git, call),
  ]);
  const known = (names ?? '').split('\n').filter((name) => name !== '');
  if (known.length === 0 && (await objectOf(git, 'HEAD', call)) === undefined) {
    return new CodeloomError('empty-repository', 'The repository has no commits yet.', { details: { ref } });
  }
  if ((ref === 'HEAD' || ref === unborn || ref === `refs/heads/${unborn}`) && (await objectOf(git, 'HEAD', call)) === undefined) {
    return new CodeloomError('unborn-branch', `The branch ${show(unborn ?? 'HEAD')} has no commits yet. Name another with --ref: ${known.slice(0, 5).join(', ')}.`, { details: { ref, known } });
  }
  return unknownRevision(ref, known);
}

/** For a revision that a repository does not have; `known`: some that it has. */
export function unknownRevision(ref: string, known: readonly string[]): CodeloomError {
  return new CodeloomError('unknown-ref', `There is no revision ${show(ref)}.`, { details: { ref, known } });
}

/** `refs/heads/a/b` → `a/b`; likewise tags and remote branches. */
function shortName(fullName: string): string | undefined {
  const match = /^refs\/(?:heads|tags|remotes)\/(.+)$/.exec(fullName);
  return match?.[1] ?? (fullName.startsWith('refs/') ? fullName.slice('refs/'.length) : undefined);
}

function show(ref: string): string {
  return JSON.stringify(ref.slice(0, 200));
}
