import { recordOf, stringAt, stringsOf, valueAt } from '../../configuration-values.js';
import { childPath, isWithin, joinPath } from '../../snapshot-paths.js';
import { endingOf, findFile, isCodePath, type FileRules } from './code-files.js';
import type { ExportsMap } from './package-exports.js';
import type { Packages, RepositoryPackage } from './packages.js';
import { compilePathPatterns, type PathPatterns } from './path-patterns.js';
import { declaredSource, usualEntry, usualSource } from './source-of-output.js';
import type { TsConfigs } from './tsconfig.js';
import { contradicts } from './versions.js';

/** How a package is entered. */
export interface EntryRules extends FileRules {
  /** Conditions that hold for this import, `default` aside. */
  readonly conditions: ReadonlySet<string>;
  /** Declarations count before code, as for TypeScript. */
  readonly types: boolean;
}

/** Files, folders and packages as things to import. Each method gives a path of the snapshot, or undefined. */
export interface PackageEntries {
  /** A file of that path with or without ending, or a folder's entry. */
  load(path: string, rules: EntryRules): string | undefined;
  /** A folder's entry: its package.json's, or its index. */
  folder(path: string, rules: EntryRules): string | undefined;
  /** The entry of a package (subpath `''`) or a module in it, traced back to source where it is built. */
  package(found: RepositoryPackage, subpath: string, rules: EntryRules): string | undefined;
  /** What `#name` of a package leads to: a path, or a bare specifier to resolve further. */
  imports(found: RepositoryPackage, name: string, rules: EntryRules): { readonly path: string } | { readonly specifier: string } | undefined;
  /** The source of a file of that path, which may be built and absent; `usual` also tries the customary folders. */
  source(path: string, usual: boolean): string | undefined;
}

/** The TypeScript version that `typesVersions` is read for. */
const TYPESCRIPT_VERSION = '5.9.0';

export function createPackageEntries(request: {
  readonly paths: ReadonlySet<string>; readonly folders: ReadonlySet<string>; readonly packages: Packages; readonly configs: TsConfigs;
}): PackageEntries {
  const { paths, folders, packages, configs } = request;

  const file = (path: string, rules: FileRules): string | undefined => findFile(path, paths, rules);

  const load = (path: string, rules: EntryRules): string | undefined => (path === '' ? undefined : file(path, rules)) ?? folder(path, rules);

  const folder = (path: string, rules: EntryRules): string | undefined => {
    if (!folders.has(path)) return undefined;
    const found = packages.at(path);
    return (found === undefined ? undefined : fields(found, rules)) ?? file(childPath(path, 'index'), rules);
  };

  /** A path of a package.json's field: a file, or a folder with an index. */
  const fieldTarget = (found: RepositoryPackage, written: string, rules: EntryRules): string | undefined => {
    const target = joinPath(found.folder, written.replaceAll('\\', '/').replace(/^\/+/, ''));
    if (target === undefined || !isWithin(target, found.folder)) return undefined;
    return (target === '' ? undefined : file(target, rules)) ?? (folders.has(target) ? file(childPath(target, 'index'), rules) : undefined);
  };

  const fieldValues = (found: RepositoryPackage, rules: EntryRules): string[] => {
    const values = (rules.types ? ['types', 'typings', 'main', 'module'] : rules.conditions.has('import') ? ['main', 'module', 'types', 'typings'] : ['main', 'module'])
      .flatMap((name) => stringAt(found.manifest, name) ?? []);
    const versions = rules.types ? typesVersions(found) : undefined;
    return versions === undefined ? values : [...values.flatMap((value) => versions.match(value.replace(/^\.\//, ''))?.targets ?? []), ...(versions.match('index')?.targets ?? []), ...values];
  };

  /** The first field whose file is in the snapshot, or built from one that is. */
  const fields = (found: RepositoryPackage, rules: EntryRules): string | undefined => {
    for (const value of fieldValues(found, rules)) {
      const exact = fieldTarget(found, value, rules);
      if (exact !== undefined) return exact;
      if (found.vendored) continue;
      for (const written of stringsOf(valueAt(found.manifest, 'source')) ?? []) {
        const declared = fieldTarget(found, written, rules);
        if (declared !== undefined) return declared;
      }
      const target = joinPath(found.folder, value.replaceAll('\\', '/').replace(/^\/+/, ''));
      const built = target === undefined || target === found.folder ? undefined : sourceIn(found, target, true);
      if (built !== undefined) return built;
    }
    return undefined;
  };

  const sourceIn = (found: RepositoryPackage, target: string, usual: boolean): string | undefined =>
    found.vendored ? undefined : declaredSource(target, configs.builds(found.folder), paths) ?? (usual ? usualSource(target, found.folder, paths) : undefined);

  const source = (path: string, usual: boolean): string | undefined => {
    const found = packages.enclosing(path);
    if (found !== undefined) return sourceIn(found, path, usual);
    return declaredSource(path, configs.builds(''), paths) ?? (usual ? usualSource(path, '', paths) : undefined);
  };

  /** A target of exports or imports, which names a file exactly. */
  const exactTarget = (found: RepositoryPackage, target: string, rules: EntryRules): string | undefined => {
    const path = inPackage(found, target);
    if (path === undefined) return undefined;
    return paths.has(path) && !rules.typescript ? path : endingOf(path) === '' ? (paths.has(path) ? path : undefined) : file(path, rules);
  };

  const fromMap = (found: RepositoryPackage, map: RepositoryPackage['exports'], entry: string, rules: EntryRules): string | undefined => {
    if (map === undefined) return undefined;
    const chosen = map.targets(entry, rules.conditions);
    for (const target of chosen ?? []) {
      const path = exactTarget(found, target, rules);
      if (path !== undefined) return path;
    }
    if (found.vendored || chosen?.length === 0) return undefined;
    const development = developmentTargets(map, entry, rules);
    for (const target of development) {
      const path = exactTarget(found, target, rules);
      if (path !== undefined) return path;
    }
    const built = firstSource(found, [...(chosen ?? []), ...development]);
    if (built !== undefined) return built;
    // What other conditions lead to: better the same module in another form than none.
    const every = map.everyTarget(entry);
    for (const target of every) {
      const path = exactTarget(found, target, rules);
      if (path !== undefined && isCodePath(path) && !endingOf(path).startsWith('.d')) return path;
    }
    return firstSource(found, every);
  };

  const firstSource = (found: RepositoryPackage, targets: readonly string[]): string | undefined => {
    for (const target of targets) {
      const path = inPackage(found, target);
      const built = path === undefined ? undefined : sourceIn(found, path, true);
      if (built !== undefined) return built;
    }
    return undefined;
  };

  /** Source instead of the built file where the package's own configuration says which. */
  const traced = (found: RepositoryPackage, path: string | undefined): string | undefined =>
    path === undefined ? undefined : sourceIn(found, path, false) ?? path;

  return {
    load,
    folder,
    source,
    package: (found, subpath, rules) => {
      const entry = subpath === '' ? '.' : `./${subpath}`;
      const exported = traced(found, fromMap(found, found.exports, entry, rules));
      if (exported !== undefined) return exported;
      // What a map does not name cannot be imported from an installed package; in the repository only what it closes.
      const named = found.exports?.targets(entry, rules.conditions);
      if (found.exports !== undefined && (found.vendored || named?.length === 0)) return undefined;
      if (subpath === '') {
        return traced(found, fields(found, rules) ?? file(childPath(found.folder, 'index'), rules)) ?? (found.vendored ? undefined : usualEntry(found.folder, found.name, paths));
      }
      const written = [...(rules.types ? (typesVersions(found)?.match(subpath)?.targets ?? []) : []), subpath];
      const targets = written.flatMap((each) => joinPath(found.folder, each) ?? []).filter((target) => target !== found.folder && isWithin(target, found.folder));
      for (const target of targets) {
        const path = load(target, rules);
        if (path !== undefined) return traced(found, path);
      }
      for (const target of found.vendored ? [] : targets) {
        const built = sourceIn(found, target, true);
        if (built !== undefined) return built;
      }
      return undefined;
    },
    imports: (found, name, rules) => {
      const path = traced(found, fromMap(found, found.imports, name, rules));
      if (path !== undefined) return { path };
      const specifier = found.imports?.targets(name, rules.conditions)?.find((target) => !target.startsWith('.') && !target.startsWith('/') && !target.startsWith('#'));
      return specifier === undefined ? undefined : { specifier };
    },
  };
}

/** What only the conditions `source` and `development` lead to; seen without `types`, which stands first and names what is built. */
function developmentTargets(map: ExportsMap, entry: string, rules: EntryRules): readonly string[] {
  const plain = new Set([...rules.conditions].filter((condition) => condition !== 'types'));
  const usual = map.targets(entry, plain) ?? [];
  return (map.targets(entry, new Set([...plain, 'source', 'development'])) ?? []).filter((target) => !usual.includes(target));
}

/** A target `./…` as a path; undefined when it is none, leaves the package or enters its node_modules. */
function inPackage(found: RepositoryPackage, target: string): string | undefined {
  if (!target.startsWith('./') || /(^|\/)(\.\.|node_modules)(\/|$)/.test(target)) return undefined;
  return joinPath(found.folder, target);
}

const versionMaps = new WeakMap<RepositoryPackage, PathPatterns | null>();

/** `typesVersions` for {@link TYPESCRIPT_VERSION}: the first range that it lies in. */
function typesVersions(found: RepositoryPackage): PathPatterns | undefined {
  const known = versionMaps.get(found);
  if (known !== undefined) return known ?? undefined;
  const ranges = Object.entries(recordOf(valueAt(found.manifest, 'typesVersions')) ?? {}).slice(0, 64);
  const chosen = recordOf(ranges.find(([range]) => !contradicts(range, TYPESCRIPT_VERSION))?.[1]);
  const map = chosen === undefined ? null : compilePathPatterns(Object.entries(chosen).map(([pattern, targets]) => [pattern, stringsOf(targets) ?? []] as const));
  versionMaps.set(found, map);
  return map ?? undefined;
}
