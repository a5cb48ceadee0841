import { folderOf, isWithin, joinPath, pathBelow } from '../../snapshot-paths.js';
import { findSource } from './code-files.js';
import type { TsConfig } from './tsconfig.js';

/** The source of a file that a configuration's `outDir` or `declarationDir` says is built; exact, so it holds for built files that are in the snapshot too. */
export function declaredSource(output: string, configs: readonly TsConfig[], paths: ReadonlySet<string>): string | undefined {
  const present = paths.has(output);
  if (present && !/(?:\.d\.[cm]?ts|\.[cm]?jsx?)$/.test(output)) return undefined;
  for (const config of configs) {
    for (const folder of config.outputs) {
      if (!isWithin(output, folder) || output === folder) continue;
      for (const root of config.sourceRoots) {
        // Sources below their own output folder: what is there may be either.
        if (present && isWithin(root, folder)) continue;
        const candidate = joinPath(root, pathBelow(output, folder));
        const source = candidate === undefined || candidate === output ? undefined : findSource(candidate, paths);
        if (source !== undefined && source !== output) return source;
      }
    }
  }
  return undefined;
}

/** The source of a built file that is not in the snapshot, where packages usually have it: `dist/esm/a.js` from `src/a.ts`, `lib/a.d.ts` from `a.ts`, … */
export function usualSource(output: string, packageFolder: string, paths: ReadonlySet<string>): string | undefined {
  if (!isWithin(output, packageFolder)) return undefined;
  const beside = findSource(output, paths);
  if (beside !== undefined && beside !== output) return beside;
  const names = pathBelow(output, packageFolder).split('/');
  const built = names.slice(0, MAX_BUILD_DEPTH).findIndex((name, at) => at < names.length && BUILD.test(name));
  const before = built < 0 ? [] : names.slice(0, built);
  // Behind `dist` may come the format (`esm`, `types`), which sources do not have; try with it first.
  for (let from = built < 0 ? 0 : built + 1; ; from++) {
    const rest = names.slice(from);
    for (const source of built < 0 ? SOURCE_FOLDERS : [...SOURCE_FOLDERS, '']) {
      const candidate = joinPath(packageFolder, [...before, source, ...rest].join('/'));
      const found = candidate === undefined || candidate === output || candidate === packageFolder ? undefined : findSource(candidate, paths);
      if (found !== undefined) return found;
    }
    // A whole repository built into one folder keeps the package's path.
    const whole = rest.length > 1 ? findSource(rest.join('/'), paths) : undefined;
    if (whole !== undefined && isWithin(whole, packageFolder)) return whole;
    if (built < 0 || !FORMAT.test(names[from] ?? '')) return undefined;
  }
}

/** Where a package without a usable entry starts. */
export function usualEntry(packageFolder: string, name: string | undefined, paths: ReadonlySet<string>): string | undefined {
  const own = name?.slice(name.lastIndexOf('/') + 1);
  for (const folder of ['src', 'source', 'lib', '']) {
    for (const stem of ['index', 'main', 'mod', 'public-api', 'public_api', ...(own === undefined ? [] : [own])]) {
      // `main` and the package's own name are entries of source folders; at the top of a package they are as likely scripts.
      if (folder === '' && stem === 'main') continue;
      const candidate = joinPath(packageFolder, folder === '' ? `${stem}.js` : `${folder}/${stem}.js`);
      const found = candidate === undefined ? undefined : findSource(candidate, paths);
      // A folder's index is no answer to `main` or to a name: `src/main/index.ts` is another thing.
      if (found !== undefined && candidate !== undefined && folderOf(found) === folderOf(candidate)) return found;
    }
  }
  return undefined;
}

const MAX_BUILD_DEPTH = 3;
const BUILD = /^(?:dist(?:[-_.][\w-]+)?|lib(?:[-_][\w-]+)?|build|out|output|_build|compiled|es|esm|cjs|umd|types|typings|bundles?|release|pkg|target|module|commonjs|\.build|\.output)$/;
const FORMAT = /^(?:esm?\d*|cjs|umd|mjs|iife|amd|types?|typings|dts|d|node|browser|commonjs|module|modern|legacy|js|src|source|dist|lib|production|development|prod|dev|fesm\d*|web|main|default)$/;
const SOURCE_FOLDERS = ['src', 'source', 'lib', 'ts'];
