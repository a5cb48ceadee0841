import { CodeloomError } from './errors.js';
import { compileGlob, MAX_COST, MAX_PATTERN, type PathGlob } from './linking/path-globs.js';

export interface RepositorySelectionRequest {
  /** Globs of `host/owner/name`; absent: none may. */
  readonly repositories?: readonly string[] | undefined;
  /** Globs of branches; absent: the default branch of each. */
  readonly branches?: readonly string[] | undefined;
}

export interface RepositorySelection {
  includes(request: { readonly host: string; readonly repository: { readonly name: string; readonly defaultBranch: string }; readonly branch: string }): boolean;
}

/**
 * An allow-list of repositories (`github.com/acme/*`, `**` for all) and branches (`release/*`). Names of hosts and repositories are compared without case, as hosts do.
 * Throws `invalid-argument` for a glob that is empty or too long.
 */
export function selectRepositories({ repositories = [], branches }: RepositorySelectionRequest): RepositorySelection {
  const allowed = repositories.map((glob) => compiled(glob.toLowerCase()));
  const wanted = branches?.map(compiled);
  return {
    includes({ host, repository, branch }) {
      const name = `${host}/${repository.name}`.toLowerCase();
      return allowed.some((glob) => glob.matches(name)) && (wanted === undefined ? branch === repository.defaultBranch : wanted.some((glob) => glob.matches(branch)));
    },
  };
}

function compiled(glob: string): PathGlob {
  if (glob === '' || glob.length > MAX_PATTERN) throw new CodeloomError('invalid-argument', `A glob of repositories or branches has 1 to ${MAX_PATTERN} characters.`, { details: { glob: glob.slice(0, 100) } });
  const pattern = compileGlob(glob, { extended: 'braces', hidden: true });
  if (pattern.cost > MAX_COST) throw new CodeloomError('invalid-argument', `The glob ${JSON.stringify(glob.slice(0, 100))} stands for too many others.`);
  return pattern;
}
