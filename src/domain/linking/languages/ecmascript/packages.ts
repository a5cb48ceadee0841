import type { ModuleContext } from '../../module-resolver.js';
import { readJsonRecord, stringAt, valueAt, type ConfigurationLog, type ConfigurationRecord } from '../../configuration-values.js';
import { childPath, enclosingFolders, folderOf, isWithin, joinPath, sharedDepth } from '../../snapshot-paths.js';
import { compileExports, type ExportsMap } from './package-exports.js';
import { contradicts } from './versions.js';
import { readWorkspaces } from './workspaces.js';

/** A folder with a package.json. */
export interface RepositoryPackage {
  readonly folder: string;
  readonly name: string | undefined;
  readonly version: string | undefined;
  /** What Node takes `.js` files of it for. */
  readonly type: 'module' | 'commonjs';
  readonly manifest: ConfigurationRecord;
  readonly exports: ExportsMap | undefined;
  readonly imports: ExportsMap | undefined;
  /** Lies under a `node_modules` of the snapshot: used as it is, not traced back to source. */
  readonly vendored: boolean;
}

/** The packages of a snapshot. */
export interface Packages {
  at(folder: string): RepositoryPackage | undefined;
  /** The package that a folder belongs to: the nearest package.json, as Node looks for it. */
  enclosing(folder: string): RepositoryPackage | undefined;
  /**
   * The package of this name that a file in `from` gets: of a `node_modules` in the snapshot, or of the repository itself as its
   * dependency says and its workspaces declare. Undefined when it comes from elsewhere.
   */
  named(name: string, from: string): RepositoryPackage | undefined;
  /** The dependency on `name` of the nearest package.json around `from` that has one: its range or protocol as written. */
  dependency(name: string, from: string): { readonly range: string; readonly folder: string } | undefined;
  /** The `node_modules` folders of the snapshot that a file in `from` sees, nearest first. */
  installed(from: string): readonly string[];
}

/** `@scope/name/sub` as package name and subpath (`''` for none); undefined when it cannot name a package. */
export function splitSpecifier(specifier: string): { readonly name: string; readonly subpath: string } | undefined {
  const first = specifier.indexOf('/');
  const end = specifier.startsWith('@') && first >= 0 ? specifier.indexOf('/', first + 1) : first;
  const name = end < 0 ? specifier : specifier.slice(0, end);
  if (name === '' || name.length > 214 || /^[.~#]|^@(\/|$)|[\\%\s]|\/$/.test(name) || (name.startsWith('@') && first < 0)) return undefined;
  return { name, subpath: end < 0 ? '' : specifier.slice(end + 1) };
}

/** Reads every package.json outside `node_modules`, and those within when they are asked for. */
export function readPackages(context: ModuleContext, log: ConfigurationLog): Packages {
  const read = new Map<string, RepositoryPackage | undefined>();
  const at = (folder: string): RepositoryPackage | undefined => {
    if (read.has(folder)) return read.get(folder);
    const found = readPackage(folder, context, log);
    read.set(folder, found);
    return found;
  };

  const manifests = new Map<string, unknown>();
  const byName = new Map<string, RepositoryPackage[]>();
  const nodeModules = new Set<string>();
  for (const path of context.paths) {
    const inside = path.startsWith('node_modules/') ? 0 : path.indexOf('/node_modules/') + 1;
    if (inside > 0 || path.startsWith('node_modules/')) {
      nodeModules.add(path.slice(0, inside + 'node_modules'.length));
      continue;
    }
    if (path !== 'package.json' && !path.endsWith('/package.json')) continue;
    const found = at(folderOf(path));
    if (found === undefined) continue;
    manifests.set(found.folder, found.manifest);
    if (found.name === undefined) continue;
    const same = byName.get(found.name);
    if (same === undefined) byName.set(found.name, [found]);
    else same.push(found);
  }
  const members = readWorkspaces({ context, manifests, log });

  const enclosingCache = new Map<string, RepositoryPackage | undefined>();
  const enclosing = (folder: string): RepositoryPackage | undefined => {
    if (enclosingCache.has(folder)) return enclosingCache.get(folder);
    const found = at(folder) ?? (folder === '' ? undefined : enclosing(folderOf(folder)));
    enclosingCache.set(folder, found);
    return found;
  };

  const dependency = (name: string, from: string): { readonly range: string; readonly folder: string } | undefined => {
    for (let around = enclosing(from); around !== undefined; around = around.folder === '' ? undefined : enclosing(folderOf(around.folder))) {
      for (const group of ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']) {
        const range = stringAt(around.manifest, group, name);
        if (range !== undefined) return { range: range.trim(), folder: around.folder };
      }
    }
    return undefined;
  };

  const installed = (from: string): readonly string[] => (nodeModules.size === 0 ? [] : enclosingFolders(from)
    .map((around) => childPath(around, 'node_modules')).filter((folder) => nodeModules.has(folder) || folder.includes('node_modules/')));

  const vendored = (name: string, from: string): RepositoryPackage | undefined => {
    for (const folder of installed(from)) {
      const found = at(childPath(folder, name));
      if (found !== undefined) return found;
    }
    return undefined;
  };

  const ownPackage = (name: string, from: string): RepositoryPackage | undefined => {
    const declared = dependency(name, from);
    const linked = declared === undefined ? undefined : /^(file|link|portal|workspace):(.*)$/.exec(declared.range);
    const place = linked?.[2] ?? '';
    if (declared !== undefined && linked !== null && linked !== undefined && (linked[1] !== 'workspace' || /^\.{1,2}(\/|$)/.test(place))) {
      const folder = joinPath(declared.folder, place.replace(/^\/\//, ''));
      const found = folder === undefined ? undefined : at(folder);
      if (found !== undefined || linked[1] !== 'workspace') return found;
    }
    // `npm:other@^1` installs another package under this name too: the workspace's own where that may be meant, as pnpm links it.
    const renamed = declared === undefined ? undefined : /^npm:((?:@[^/@]+\/)?[a-z_][^/@]*)(?:@([\d^~<>=*x].*))?$/i.exec(declared.range);
    // `workspace:other@*` installs another package under this name.
    const alias = linked?.[1] === 'workspace' ? /^((?:@[^/@]+\/)?[^/@]+)@/.exec(place)?.[1] : renamed?.[1];
    const range = renamed ? renamed[2] : declared === undefined || linked?.[1] === 'workspace' || /^(catalog:|$)/.test(declared.range) ? undefined : declared.range;
    // Another protocol (npm: with a tag, git+ssh:, https:, owner/repository): comes from there.
    if (range !== undefined && /[:/]/.test(range)) return undefined;
    const scope = enclosing(from)?.folder ?? '';
    const usable = (byName.get(alias ?? name) ?? []).filter((each) => {
      if (range !== undefined && contradicts(range, each.version)) return false;
      if (members.has(each.folder)) return true;
      if (renamed) return false;
      // No workspace declares it: a namesake without a version is not what a range asks for, and a fixture is there for its own tests only.
      if (range !== undefined && each.version === undefined && each.folder !== scope) return false;
      const fixtures = fixtureFolder(each.folder);
      return fixtures === undefined || isWithin(from, fixtures);
    });
    const root = members.get(scope);
    const rank = (each: RepositoryPackage): number => (members.has(each.folder) ? (root !== undefined && members.get(each.folder) === root ? 0 : 1) : 2);
    usable.sort((a, b) => rank(a) - rank(b) || sharedDepth(b.folder, from) - sharedDepth(a.folder, from)
      || a.folder.length - b.folder.length || (a.folder < b.folder ? -1 : 1));
    return usable[0];
  };

  const namedCache = new Map<string, RepositoryPackage | undefined>();
  return {
    at,
    enclosing,
    dependency,
    installed,
    named: (name, from) => {
      if (nodeModules.size === 0 && !byName.has(name) && dependency(name, from) === undefined) return undefined;
      const key = `${from}\0${name}`;
      if (namedCache.has(key)) return namedCache.get(key);
      const found = vendored(name, from) ?? ownPackage(name, from);
      namedCache.set(key, found);
      return found;
    },
  };
}

const FIXTURES = /^(?:.*?\/)?(__fixtures__|__mocks__|__testfixtures__|fixtures?|testdata|test-data)(?=\/|$)/;

/** The outermost folder of test data around a folder. */
function fixtureFolder(folder: string): string | undefined {
  return FIXTURES.exec(folder)?.[0];
}

function readPackage(folder: string, context: ModuleContext, log: ConfigurationLog): RepositoryPackage | undefined {
  const path = childPath(folder, 'package.json');
  if (!context.paths.has(path)) return undefined;
  const text = context.configuration(path);
  const manifest = text === undefined ? undefined : readJsonRecord(path, text, log);
  if (manifest === undefined) return undefined;
  const name = stringAt(manifest, 'name');
  if (valueAt(manifest, 'name') !== undefined && name === undefined) log.add(path, 'configuration-type', 'The name is not a string.');
  const exports = compileExports(valueAt(manifest, 'exports'), '.');
  const imports = compileExports(valueAt(manifest, 'imports'), '#');
  if (exports?.truncated === true || imports?.truncated === true) log.add(path, 'configuration-limit', 'Only the first entries of exports or imports are used.');
  return {
    folder,
    name: name === undefined || splitSpecifier(name)?.subpath !== '' ? undefined : name,
    version: stringAt(manifest, 'version'),
    type: valueAt(manifest, 'type') === 'module' ? 'module' : 'commonjs',
    manifest,
    exports,
    imports,
    vendored: folder.startsWith('node_modules/') || folder.includes('/node_modules/'),
  };
}
