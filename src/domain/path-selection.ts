import { CodeloomError } from './errors.js';
import { compileGlob, MAX_COST, MAX_PATTERN } from './linking/path-globs.js';

/**
 * Left out unless a request takes them back in (`exclude: ['!vendor/x.min.js']`): installed packages and files that a tool wrote for machines. Output folders
 * such as `dist` stay in: what is committed there may be the source that others import.
 */
export const DEFAULT_EXCLUDES: readonly string[] = [
  '**/node_modules/**', '**/bower_components/**', '**/site-packages/**',
  '**/*.min.js', '**/*.min.mjs', '**/*.min.cjs',
  '**/.yarn/**', '**/.pnp.cjs', '**/.pnp.loader.mjs',
];

export interface PathSelection {
  /** Whether a source path is to be indexed. */
  includes(path: string): boolean;
  /** Whether a path lies in what {@link DEFAULT_EXCLUDES} names and the request does not take back: not even read as configuration. */
  vendored(path: string): boolean;
}

/**
 * Selects paths by globs (`*`, `**`, `?`, `[…]`, `{a,b}`; names that start with a dot match like others; a folder's name stands for all in it). Of the
 * excludes the last that matches decides, and `!` takes a path back in. Matching takes time in proportion to glob times path, whatever the glob. Throws
 * `invalid-argument` for an empty glob, one of more than 1,024 characters, and more than 1,000 of them.
 */
export function selectPaths(request: { readonly include?: readonly string[] | undefined; readonly exclude?: readonly string[] | undefined }): PathSelection {
  const count = (request.include?.length ?? 0) + (request.exclude?.length ?? 0);
  if (count > MAX_GLOBS) throw new CodeloomError('invalid-argument', `At most ${MAX_GLOBS} globs of paths are taken, not ${count}.`);
  const included = (request.include ?? []).map(matcher);
  const defaults = DEFAULT_EXCLUDES.map((glob) => ({ excludes: true, matches: matcher(glob) }));
  const asked = (request.exclude ?? []).map((glob) => (glob.startsWith('!') ? { excludes: false, matches: matcher(glob.slice(1)) } : { excludes: true, matches: matcher(glob) }));
  const all = [...defaults, ...asked];
  return {
    includes: (path) => (included.length === 0 || included.some((matches) => matches(path))) && all.findLast(({ matches }) => matches(path))?.excludes !== true,
    vendored: (path) => defaults.some(({ matches }) => matches(path)) && all.findLast(({ matches }) => matches(path))?.excludes === true,
  };
}

const MAX_GLOBS = 1000;

function matcher(glob: string): (path: string) => boolean {
  const pattern = glob.replace(/^\.?\/+/, '').replace(/\/+$/, '');
  if (pattern === '' || pattern === '.') throw new CodeloomError('invalid-argument', `${JSON.stringify(glob)} is no glob of paths; give one such as "src/**" or "*.test.ts".`, { details: { glob } });
  if (pattern.length > MAX_PATTERN) throw new CodeloomError('invalid-argument', `A glob of paths has at most ${MAX_PATTERN} characters, not ${pattern.length}.`);
  const { matchesWithin, cost } = compileGlob(pattern, { extended: 'braces', hidden: true });
  if (cost > MAX_COST) throw new CodeloomError('invalid-argument', `The glob ${JSON.stringify(pattern.slice(0, 100))} stands for too many others.`, { details: { glob } });
  return matchesWithin;
}
