import { childPath } from '../../snapshot-paths.js';

/** How a file looks for the files it names. */
export interface FileRules {
  /** TypeScript's endings before JavaScript's, and `.js` may stand for `.ts`; else Node's: what is written, then endings. */
  readonly typescript: boolean;
  /** tsconfig's `moduleSuffixes`: `['']` by default. */
  readonly suffixes: readonly string[];
}

/** True for files with facts: JavaScript and TypeScript in all their endings. */
export function isCodePath(path: string): boolean {
  return /\.(?:[cm]?[jt]s|[jt]sx)$/.test(path);
}

/** The file that `path`, with or without its ending, stands for; undefined when there is none. */
export function findFile(path: string, paths: ReadonlySet<string>, rules: FileRules): string | undefined {
  const ending = endingOf(path);
  const stem = path.slice(0, path.length - ending.length);
  const replacements = REPLACEMENTS[ending] ?? [];
  if (stem === '' || stem.endsWith('/')) return paths.has(path) && path !== '' && !path.endsWith('/') ? path : undefined;
  if (rules.typescript) {
    return findStem(stem, replacements, paths, rules.suffixes)
      ?? findStem(path, TYPESCRIPT_ENDINGS, paths, rules.suffixes)
      ?? (paths.has(path) ? path : undefined);
  }
  if (paths.has(path)) return path;
  return findStem(path, JAVASCRIPT_ENDINGS, paths, PLAIN) ?? findStem(stem, replacements, paths, PLAIN);
}

/** The source that a built file of this path was made from, were it at the same place: other endings, a folder's index. */
export function findSource(path: string, paths: ReadonlySet<string>): string | undefined {
  const ending = endingOf(path);
  const endings = SOURCES[ending];
  // A stylesheet or data file is copied as it is.
  if (endings === undefined) return paths.has(path) ? path : findStem(path, SCRIPT_SOURCES, paths, PLAIN) ?? findStem(childPath(path, 'index'), SCRIPT_SOURCES, paths, PLAIN);
  const stem = path.slice(0, path.length - ending.length);
  if (stem === '' || stem.endsWith('/')) return undefined;
  const bare = stem.replace(/(?:\.(?:cjs|esm?|umd|mjs|min|module|modern|legacy|common|global|bundler?|browser|node|prod|dev|production|development))+$/, '');
  return findStem(stem, endings, paths, PLAIN)
    ?? (bare === stem ? undefined : findStem(bare, endings, paths, PLAIN))
    ?? findStem(childPath(stem, 'index'), endings, paths, PLAIN);
}

/** `.d.ts`, `.mjs`, `.json` …; empty when the path has no ending of a module. */
export function endingOf(path: string): string {
  return /(?:\.d\.[cm]?ts|\.[cm]?[jt]s|\.[jt]sx|\.json)$/.exec(path)?.[0] ?? '';
}

const PLAIN = [''];
const TYPESCRIPT_ENDINGS = ['.ts', '.tsx', '.d.ts', '.js', '.jsx', '.mts', '.cts', '.d.mts', '.d.cts', '.mjs', '.cjs', '.json'];
const JAVASCRIPT_ENDINGS = ['.js', '.json', '.jsx', '.mjs', '.cjs', '.ts', '.tsx', '.mts', '.cts', '.d.ts', '.d.mts', '.d.cts'];

const REPLACEMENTS: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx', '.d.ts', '.js', '.jsx'],
  '.jsx': ['.tsx', '.ts', '.d.ts', '.jsx', '.js'],
  '.mjs': ['.mts', '.d.mts', '.mjs'],
  '.cjs': ['.cts', '.d.cts', '.cjs'],
  '.ts': ['.ts', '.tsx', '.d.ts'],
  '.tsx': ['.tsx', '.ts', '.d.ts'],
  '.mts': ['.mts', '.d.mts'],
  '.cts': ['.cts', '.d.cts'],
  '.d.ts': ['.d.ts', '.ts', '.tsx'],
  '.d.mts': ['.d.mts', '.mts'],
  '.d.cts': ['.d.cts', '.cts'],
  '.json': ['.json'],
};

const SCRIPT_SOURCES = ['.ts', '.tsx', '.js', '.jsx', '.mts', '.cts', '.mjs', '.cjs', '.d.ts'];
const MODULE_SOURCES = ['.mts', '.ts', '.tsx', '.mjs', '.js', '.jsx', '.d.mts', '.d.ts'];
const COMMONJS_SOURCES = ['.cts', '.ts', '.tsx', '.cjs', '.js', '.jsx', '.d.cts', '.d.ts'];
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  '.js': SCRIPT_SOURCES, '.jsx': SCRIPT_SOURCES, '.ts': SCRIPT_SOURCES, '.tsx': SCRIPT_SOURCES, '.d.ts': SCRIPT_SOURCES,
  '.mjs': MODULE_SOURCES, '.mts': MODULE_SOURCES, '.d.mts': MODULE_SOURCES,
  '.cjs': COMMONJS_SOURCES, '.cts': COMMONJS_SOURCES, '.d.cts': COMMONJS_SOURCES,
};

function findStem(stem: string, endings: readonly string[], paths: ReadonlySet<string>, suffixes: readonly string[]): string | undefined {
  for (const ending of endings) {
    for (const suffix of suffixes) {
      const path = stem + suffix + ending;
      if (paths.has(path)) return path;
    }
  }
  return undefined;
}
