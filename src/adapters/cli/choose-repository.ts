import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { CodeloomError } from '../../domain/errors.js';
import type { Repository } from '../../domain/repository.js';

export interface ChooseRequest {
  readonly repositories: readonly Repository[];
  /** The current folder, absolute. */
  readonly folder: string;
  /** What `--repo` said: an id, a name, a folder or a URL. */
  readonly wanted?: string | undefined;
}

/** The indexed repository that a query is about. Throws `not-indexed` with the command that helps, or `invalid-argument` when several fit. */
export async function chooseRepository(request: ChooseRequest): Promise<Repository> {
  return request.wanted === undefined ? aroundFolder(request) : named(request, request.wanted);
}

function aroundFolder({ repositories, folder }: ChooseRequest): Repository {
  const here = real(folder);
  let found: Repository | undefined;
  for (const repository of repositories) {
    if (repository.kind === 'remote' || !isWithin(here, real(repository.location))) continue;
    // A repository inside another's folder: the innermost is meant.
    if (found === undefined || repository.location.length > found.location.length) found = repository;
  }
  const root = enclosingRepository(folder);
  // An indexed folder around a repository that is not indexed itself does not answer for it.
  if (found !== undefined && (root === undefined || isWithin(real(found.location), real(root)) || found.kind === 'bare')) return found;
  if (root !== undefined) {
    throw new CodeloomError('not-indexed', `${root} has not been indexed.`, { details: { folder: root, hint: 'Run: codeloom index' } });
  }
  if (repositories.length === 0) {
    throw new CodeloomError('not-indexed', 'Nothing has been indexed.', { details: { folder, hint: 'In a Git repository, run: codeloom index' } });
  }
  throw new CodeloomError('not-indexed', `${folder} lies in no indexed repository.`, {
    details: { folder, hint: `Choose one with --repo: ${repositories.slice(0, 8).map((each) => each.id).join(', ')}${repositories.length > 8 ? ' …' : ''}` },
  });
}

async function named({ repositories, folder }: ChooseRequest, wanted: string): Promise<Repository> {
  const path = resolve(folder, wanted);
  const tests: readonly ((repository: Repository) => boolean)[] = [
    (repository) => repository.id === wanted || repository.location === wanted,
    (repository) => repository.kind !== 'remote' && (repository.location === path || real(repository.location) === real(path)),
    (repository) => repository.name === wanted || withoutGit(repository.location) === withoutGit(wanted),
    (repository) => repository.id.endsWith(`/${wanted}`) || repository.name.endsWith(`/${wanted}`),
  ];
  for (const test of tests) {
    const found = repositories.filter(test);
    const [first] = found;
    if (first !== undefined && found.length === 1) return first;
    if (found.length > 1) {
      throw new CodeloomError('invalid-argument', `Several repositories are called ${wanted}.`, {
        details: { candidates: found.map((each) => each.id), hint: `Name one of: ${found.map((each) => each.id).join(', ')}` },
      });
    }
  }
  const known = repositories.map((each) => each.id);
  const nearest = await nearestTo(wanted, repositories);
  throw new CodeloomError('not-indexed', `No indexed repository is called ${wanted}.`, {
    details: { wanted, known, hint: `${nearest === undefined ? '' : `Did you mean ${nearest}? `}To index it, run: codeloom index ${wanted}` },
  });
}

/** The repository whose id or name is nearly what was wanted: one letter in three may differ. */
async function nearestTo(wanted: string, repositories: readonly Repository[]): Promise<string | undefined> {
  const { distance } = await import('fastest-levenshtein');
  const ranked = repositories.map(({ id, name }) => ({ id, letters: Math.min(...[id, name, name.slice(name.lastIndexOf('/') + 1)].map((each) => distance(wanted, each))) })).sort((a, b) => a.letters - b.letters);
  const [first] = ranked;
  return first !== undefined && first.letters <= wanted.length / 3 ? first.id : undefined;
}

/** The folder upwards from here that holds `.git`. */
export function enclosingRepository(folder: string): string | undefined {
  for (let current = resolve(folder); ; current = dirname(current)) {
    if (existsSync(join(current, '.git'))) return current;
    if (dirname(current) === current) return undefined;
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function withoutGit(location: string): string {
  return location.replace(/\/$/, '').replace(/\.git$/, '');
}
