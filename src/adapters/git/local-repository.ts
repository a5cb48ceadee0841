import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, resolve, sep } from 'node:path';
import { CodeloomError } from '../../domain/errors.js';
import type { Repository } from '../../domain/repository.js';
import type { GitCall, GitRunner } from './git-command.js';

/** A repository of this machine, and the part of it that a path means. */
export interface LocalRepository {
  readonly repository: Repository;
  /** The indexed folder below the repository's top, with `/`; empty for the whole. */
  readonly root: string;
  /** Set where the repository is read without a work tree. */
  readonly gitDir?: string;
  readonly shallow: boolean;
}

/**
 * The repository that a path lies in: a folder of a work tree, a bare repository, or a `.git` folder (which means its work tree where it has one). Errors:
 * `not-a-repository`, `permission-denied`, `git-not-found`.
 */
export async function findLocalRepository(git: GitRunner, path: string, signal?: AbortSignal): Promise<LocalRepository> {
  const folder = await realFolder(path);
  const facts = await discover(git, folder, signal);
  if (facts.top !== undefined) return inWorkTree(folder, facts, facts.top);
  const parent = dirname(facts.gitDir);
  if (!facts.bare && basename(facts.gitDir) === '.git') {
    const above = await discover(git, parent, signal).catch(() => undefined);
    if (above?.top !== undefined && above.gitDir === facts.gitDir) return inWorkTree(parent, above, above.top);
  }
  if (!facts.bare && folder !== facts.gitDir && !folder.startsWith(facts.gitDir + sep)) throw elsewhere(folder);
  return {
    repository: { ...identity(facts.commonDir), location: facts.gitDir, kind: 'bare' },
    root: '', gitDir: facts.gitDir, shallow: facts.shallow,
  };
}

interface Facts {
  readonly bare: boolean;
  /** The work tree's top folder, inside one. */
  readonly top?: string;
  readonly shallow: boolean;
  readonly gitDir: string;
  /** That of the main repository, where this is one of several work trees. */
  readonly commonDir: string;
}

async function discover(git: GitRunner, folder: string, signal: AbortSignal | undefined): Promise<Facts> {
  let answer: string;
  try {
    const flags = ['--is-bare-repository', '--is-inside-work-tree', '--is-shallow-repository', '--absolute-git-dir', '--git-common-dir'];
    const call: GitCall = { cwd: folder, purpose: { kind: 'local' }, signal };
    // Where there is no work tree, asking for its top fails the whole command; mostly there is one, and each command takes its time to start.
    answer = await git.run(['rev-parse', ...flags, '--show-toplevel'], call).catch(() => git.run(['rev-parse', ...flags], call));
  } catch (error) {
    if (!(error instanceof CodeloomError) || error.code !== 'not-a-repository') throw error;
    const advice = /dubious ownership/i.test(String(error.details['output'])) ? error.message
      : `${folder} is not in a Git repository. Name a folder of one, a bare repository or a URL; or make one with: git init.`;
    throw new CodeloomError('not-a-repository', advice, { cause: error, details: { path: folder } });
  }
  const [bare, insideWorkTree, shallow, gitDir = '', commonDir = '', ...rest] = answer.split('\n');
  const top = rest.join('\n').replace(/\n$/, '');
  return {
    bare: bare === 'true', shallow: shallow === 'true',
    gitDir: await realpath(gitDir), commonDir: await realpath(resolve(folder, commonDir)),
    ...(insideWorkTree === 'true' && top !== '' ? { top: await realpath(top) } : {}),
  };
}

function inWorkTree(folder: string, facts: Facts, top: string): LocalRepository {
  if (folder !== top && !folder.startsWith(top.endsWith(sep) ? top : top + sep)) throw elsewhere(folder);
  const root = folder === top ? '' : folder.slice(top.length).split(sep).filter((part) => part !== '').join('/');
  const { id, name } = identity(facts.commonDir);
  // A part is kept as a repository of its own: its snapshots must not take the place of the whole's.
  const part = root === '' ? '' : `/${root}`;
  return { repository: { id: id + part, name: name + part, location: folder, kind: 'work-tree' }, root, shallow: facts.shallow };
}

/** `core.worktree` may point anywhere; what is read is never outside the folder that was named. */
function elsewhere(folder: string): CodeloomError {
  return new CodeloomError('not-a-repository', `The repository at ${folder} says that its work tree is elsewhere. Name that folder instead.`, { details: { path: folder } });
}

/** The same for every work tree of one repository: branches, which they share, keep their snapshots apart. */
function identity(commonDir: string): Pick<Repository, 'id' | 'name'> {
  const top = basename(commonDir) === '.git' ? dirname(commonDir) : commonDir;
  const name = basename(top).replace(/\.git$/, '') || 'repository';
  const hash = createHash('sha256').update(top.split(sep).join('/')).digest('hex').slice(0, 8);
  return { id: `local/${name.replace(/[^\p{L}\p{N}._-]+/gu, '-')}-${hash}`, name };
}

async function realFolder(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    const real = await realpath(absolute);
    if ((await stat(real)).isDirectory()) return real;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EACCES' || code === 'EPERM') throw new CodeloomError('permission-denied', `${absolute} may not be read by this user.`, { cause: error, details: { path: absolute } });
    // `github.com/owner/name` is what people copy from an address bar.
    const hint = /^[\w-]+(?:\.[\w-]+)+\/[^/]+\/[^/]+/.test(path) ? ` For a remote repository write https://${path}` : '';
    throw new CodeloomError('not-a-repository', `There is no folder ${absolute}.${hint}`, { cause: error, details: { path: absolute } });
  }
  throw new CodeloomError('not-a-repository', `${absolute} is a file. Name the folder of a repository.`, { details: { path: absolute } });
}
