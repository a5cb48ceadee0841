import type { ModuleContext } from '../../module-resolver.js';
import { quoted, readJsonRecord, recordOf, stringAt, stringsOf, valueAt, type ConfigurationLog, type ConfigurationRecord } from '../../configuration-values.js';
import { compileGlob, MAX_COST, type GlobOptions, type PathGlob } from '../../path-globs.js';
import { childPath, enclosingFolders, folderOf, isWithin, joinPath, nameOf, pathBelow } from '../../snapshot-paths.js';
import { splitSpecifier, type Packages } from './packages.js';
import { compilePathPatterns, type PathPatterns } from './path-patterns.js';

/** A tsconfig.json or jsconfig.json with what it extends, as far as it shapes module resolution. Paths are the snapshot's. */
export interface TsConfig {
  readonly path: string;
  readonly folder: string;
  readonly baseUrl: string | undefined;
  /** `paths`, the targets resolved: exact file names or stems. */
  readonly paths: PathPatterns | undefined;
  readonly rootDirs: readonly string[];
  readonly moduleSuffixes: readonly string[];
  readonly customConditions: readonly string[];
  /** `module` or `moduleResolution` is of Node's kind: a file's own format decides between `import` and `require`. */
  readonly nodeFormats: boolean;
  /** `outDir` and `declarationDir`. */
  readonly outputs: readonly string[];
  /** Where the sources of `outputs` start: `rootDir`, or else what the included folders and the configuration's own folder suggest. */
  readonly sourceRoots: readonly string[];
  /** Paths of the referenced configurations. */
  readonly references: readonly string[];
  /** True when the configuration's `files`, `include` and `exclude` take in a path. */
  includes(path: string): boolean;
}

export interface TsConfigs {
  /** The configurations that a file is resolved with, the first one first; the later ones where it finds nothing. */
  of(file: string): readonly TsConfig[];
  /** All configurations directly in a folder and those that they refer to: whose output its sources may become. */
  builds(folder: string): readonly TsConfig[];
  /** Reads every configuration there is, for the sake of its diagnostics. */
  readAll(): void;
}

/** True for names under which a project configuration, or one that others extend, is looked for. */
export function isTsConfigPath(path: string): boolean {
  if (!path.endsWith('.json')) return false;
  const name = nameOf(path);
  if (/^(?:[tj]sconfig[\w.@-]*|[\w.@-]+\.[tj]sconfig)\.json$/.test(name)) return true;
  const folder = nameOf(folderOf(path));
  return /tsconfig|ts-config|typescript-config|config-typescript/i.test(folder)
    || (/^(?:configs?|typescript|tooling)$/i.test(folder) && /^(?:base|common|default|shared|root|strict(?:est)?|library|lib|app|web|react[\w-]*|next(?:js)?|node[\w-]*|ts[\w.-]*|es[\w.-]*)\.json$/i.test(name));
}

/** Configurations are read when first asked for. */
export function createTsConfigs(request: { readonly context: ModuleContext; readonly packages: Packages; readonly log: ConfigurationLog }): TsConfigs {
  const { context, packages, log } = request;
  const layers = new Map<string, Layer | undefined>();
  const loaded = new Map<string, TsConfig | undefined>();
  /** Configurations that others extend. */
  const extended = new Set<string>();

  /** A configuration merged with what it extends; cycles and missing ones are left out. */
  const layer = (path: string, stack: readonly string[]): Layer | undefined => {
    if (layers.has(path)) return layers.get(path);
    const text = context.paths.has(path) ? context.configuration(path) : undefined;
    const record = text === undefined ? undefined : readJsonRecord(path, text, log);
    if (record === undefined) {
      layers.set(path, undefined);
      return undefined;
    }
    const merged: Layer = { options: new Map(), files: undefined, include: undefined, exclude: undefined };
    const bases = stringsOf(valueAt(record, 'extends')) ?? [];
    if (bases.length > MAX_EXTENDS) log.add(path, 'configuration-limit', `Only the first ${MAX_EXTENDS} bases are used.`);
    for (const base of bases.slice(0, MAX_EXTENDS)) {
      const basePath = extendsPath(base, path, context, packages);
      if (basePath === undefined) {
        if (base.startsWith('.') && !base.includes('node_modules')) log.add(path, 'configuration-missing', `It extends ${quoted(base)}, which is not in the repository.`);
        continue;
      }
      if (basePath === path || stack.includes(basePath)) {
        log.add(path, 'configuration-cycle', `It extends ${quoted(base)}, which extends it in turn.`);
        continue;
      }
      if (stack.length >= MAX_DEPTH) {
        log.add(path, 'configuration-limit', `Only ${MAX_DEPTH} steps of extends are followed.`);
        continue;
      }
      extended.add(basePath);
      const found = layer(basePath, [...stack, path]);
      if (found !== undefined) overlay(merged, found);
      else if (context.configuration(basePath) === undefined) log.add(path, 'configuration-missing', `It extends ${quoted(base)}, which is not read as a configuration.`);
    }
    overlay(merged, readLayer(record, path, log));
    layers.set(path, merged);
    return merged;
  };

  const load = (path: string): TsConfig | undefined => {
    if (loaded.has(path)) return loaded.get(path);
    const found = layer(path, []);
    const config = found === undefined ? undefined : compileConfig({ path, layer: found, text: context.configuration(path) ?? '', context, log });
    loaded.set(path, config);
    return config;
  };

  const closures = new Map<string, readonly TsConfig[]>();
  /** A configuration and all that it refers to, nearest first. */
  const closure = (config: TsConfig): readonly TsConfig[] => {
    const known = closures.get(config.path);
    if (known !== undefined) return known;
    const all = [config];
    const seen = new Set([config.path]);
    for (let at = 0; at < all.length && all.length < MAX_REFERENCES; at++) {
      for (const reference of all[at]?.references ?? []) {
        if (seen.has(reference)) continue;
        seen.add(reference);
        const next = load(reference);
        if (next !== undefined) all.push(next);
      }
    }
    closures.set(config.path, all);
    return all;
  };

  const byFolder = new Map<string, string[]>();
  for (const path of context.paths) {
    if (!path.endsWith('.json') || !/^[tj]sconfig[\w.@-]*\.json$/.test(nameOf(path))) continue;
    const folder = folderOf(path);
    const same = byFolder.get(folder);
    if (same === undefined) byFolder.set(folder, [path]);
    else same.push(path);
  }
  const siblings = new Map<string, readonly TsConfig[]>();
  /** Those of a folder: tsconfig.json, jsconfig.json, then others by name. */
  const inFolder = (folder: string): readonly TsConfig[] => {
    const known = siblings.get(folder);
    if (known !== undefined) return known;
    const paths = (byFolder.get(folder) ?? []).sort((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
    const found = paths.flatMap((path) => load(path) ?? []);
    siblings.set(folder, found);
    return found;
  };

  /** The configuration of a folder that takes the file in, else its main one with `taken` false. */
  const owner = (folder: string, file: string): { readonly config: TsConfig; readonly taken: boolean } | undefined => {
    const all = inFolder(folder);
    const main = all.find((config) => rankOf(config.path) < 2);
    if (main === undefined) return undefined;
    for (const config of closure(main)) if (config.includes(file)) return { config, taken: true };
    const taking = all.filter((config) => config.includes(file));
    // one that others extend is no project of its own, though it takes in everything for want of an `include`
    const config = taking.find((each) => !extended.has(each.path)) ?? taking[0];
    return config === undefined ? { config: main, taken: false } : { config, taken: true };
  };

  const builds = new Map<string, readonly TsConfig[]>();
  const owners = new Map<string, readonly TsConfig[]>();
  return {
    of: (file) => {
      const known = owners.get(file);
      if (known !== undefined) return known;
      const found: TsConfig[] = [];
      // An installed package is nobody's source.
      for (const folder of /(?:^|\/)node_modules\//.test(file) ? [] : enclosingFolders(folderOf(file))) {
        const next = byFolder.has(folder) ? owner(folder, file) : undefined;
        // The nearest one is the file's, whether it takes it in or not; those around it only where they do.
        if (next === undefined || (found.length > 0 && !next.taken)) continue;
        found.push(next.config);
        if (next.taken) break;
      }
      owners.set(file, found);
      return found;
    },
    builds: (folder) => {
      const known = builds.get(folder);
      if (known !== undefined) return known;
      const all = inFolder(folder);
      const main = all[0];
      const found = main === undefined ? all : [...new Set([...closure(main).filter((config) => isWithin(config.folder, folder)), ...all])];
      builds.set(folder, found);
      return found;
    },
    readAll: () => {
      for (const paths of byFolder.values()) for (const path of paths) load(path);
    },
  };
}

const MAX_EXTENDS = 64;
const MAX_DEPTH = 64;
const MAX_REFERENCES = 2000;
const MAX_PATTERNS = 2000;

/** Options as written, each with the folder of the configuration that says so: relative paths are meant from there. */
interface Layer {
  options: Map<string, { readonly value: unknown; readonly folder: string }>;
  files: Patterns | undefined;
  include: Patterns | undefined;
  exclude: Patterns | undefined;
}

interface Patterns {
  readonly patterns: readonly string[];
  readonly folder: string;
}

const OPTIONS = ['baseUrl', 'paths', 'rootDirs', 'rootDir', 'outDir', 'declarationDir', 'moduleSuffixes', 'customConditions', 'module', 'moduleResolution'] as const;

function readLayer(record: ConfigurationRecord, path: string, log: ConfigurationLog): Layer {
  const folder = folderOf(path);
  const options = new Map<string, { readonly value: unknown; readonly folder: string }>();
  const compilerOptions = valueAt(record, 'compilerOptions');
  if (compilerOptions !== undefined && recordOf(compilerOptions) === undefined) log.add(path, 'configuration-type', 'compilerOptions is not an object.');
  for (const name of OPTIONS) {
    const value = valueAt(compilerOptions, name);
    if (value !== undefined) options.set(name, { value, folder });
  }
  const patterns = (name: string): Patterns | undefined => {
    const value = valueAt(record, name);
    if (value === undefined) return undefined;
    const strings = Array.isArray(value) ? stringsOf(value) : undefined;
    if (strings === undefined) {
      log.add(path, 'configuration-type', `${name} is not a list.`);
      return undefined;
    }
    if (strings.length > MAX_PATTERNS && name !== 'files') log.add(path, 'configuration-limit', `Only the first ${MAX_PATTERNS} patterns of ${name} are used.`);
    return { patterns: name === 'files' ? strings : strings.slice(0, MAX_PATTERNS), folder };
  };
  return { options, files: patterns('files'), include: patterns('include'), exclude: patterns('exclude') };
}

function overlay(under: Layer, over: Layer): void {
  for (const [name, option] of over.options) under.options.set(name, option);
  under.files = over.files ?? under.files;
  under.include = over.include ?? under.include;
  under.exclude = over.exclude ?? under.exclude;
}

/** Where `extends` leads: a relative path, or a module of a package of the repository. */
function extendsPath(base: string, path: string, context: ModuleContext, packages: Packages): string | undefined {
  const written = base.replaceAll('\\', '/');
  const folder = folderOf(path);
  const existing = (...candidates: (string | undefined)[]): string | undefined => candidates.find((each) => each !== undefined && context.paths.has(each));
  if (written.startsWith('/')) return undefined;
  if (written === '..' || written.startsWith('./') || written.startsWith('../')) {
    const target = joinPath(folder, written);
    return target === undefined ? undefined : existing(target, `${target}.json`, childPath(target, 'tsconfig.json'));
  }
  const specifier = splitSpecifier(written);
  const found = specifier === undefined ? undefined : packages.named(specifier.name, folder);
  if (specifier === undefined || found === undefined) return undefined;
  const inPackage = (relative: string): string | undefined => joinPath(found.folder, relative);
  if (specifier.subpath === '') return existing(inPackage(stringAt(found.manifest, 'tsconfig') ?? 'tsconfig.json'), inPackage('tsconfig.json'));
  const exported = found.exports?.targets(`./${specifier.subpath}`, new Set(['node', 'require', 'import'])) ?? [];
  const direct = inPackage(specifier.subpath);
  return existing(...exported.map(inPackage), direct, `${direct ?? ''}.json`, direct === undefined ? undefined : childPath(direct, 'tsconfig.json'));
}

function compileConfig(request: {
  readonly path: string; readonly layer: Layer; readonly text: string; readonly context: ModuleContext; readonly log: ConfigurationLog;
}): TsConfig {
  const { path, layer, context, log } = request;
  const folder = folderOf(path);

  /** A path as written in `declared`; `${configDir}` is the folder of this configuration, whichever one it was inherited from. */
  const place = (written: string, declared: string): string | undefined => {
    const plain = written.replaceAll('\\', '/');
    const rest = /^\$\{configDir\}(.*)$/s.exec(plain)?.[1];
    const target = rest === undefined ? joinPath(declared, plain) : joinPath(folder, rest.replace(/^\/+/, ''));
    if (target === undefined) log.add(path, 'configuration-outside', `${quoted(written)} lies outside the repository.`);
    return target;
  };
  const folders = (name: string): string[] => {
    const option = layer.options.get(name);
    if (option === undefined) return [];
    const strings = stringsOf(option.value);
    if (strings === undefined) log.add(path, 'configuration-type', `${name} has the wrong type.`);
    return (strings ?? []).slice(0, 256).flatMap((each) => place(each, option.folder) ?? []);
  };
  const words = (name: string): readonly string[] => (stringsOf(layer.options.get(name)?.value) ?? []).slice(0, 64);

  const baseUrl = folders('baseUrl')[0];
  const rootDir = folders('rootDir')[0];
  const outputs = [...folders('outDir'), ...folders('declarationDir')];
  const selection = compileSelection({ path, layer, folder, outputs, place, log });
  const record = readJsonRecord(path, request.text, log);
  return {
    path, folder, baseUrl, outputs,
    paths: compilePaths({ path, layer, baseUrl, place, log }),
    rootDirs: folders('rootDirs'),
    moduleSuffixes: layer.options.has('moduleSuffixes') && words('moduleSuffixes').length > 0 ? words('moduleSuffixes') : [''],
    customConditions: words('customConditions'),
    nodeFormats: [...words('module'), ...words('moduleResolution')].some((word) => /^node(1[68]|20|next)$/i.test(word)) && !/^bundler$/i.test(words('moduleResolution')[0] ?? ''),
    sourceRoots: rootDir !== undefined ? [rootDir] : [...new Set([...selection.prefixes, folder, childPath(folder, 'src')])].slice(0, 32),
    references: readReferences({ record, path, context, place, log }),
    includes: selection.includes,
  };
}

function compilePaths(request: {
  readonly path: string; readonly layer: Layer; readonly baseUrl: string | undefined;
  readonly place: (written: string, declared: string) => string | undefined; readonly log: ConfigurationLog;
}): PathPatterns | undefined {
  const { path, layer, baseUrl, place, log } = request;
  const option = layer.options.get('paths');
  if (option === undefined || option.value === null) return undefined;
  const record = recordOf(option.value);
  if (record === undefined) {
    log.add(path, 'configuration-type', 'paths is not an object.');
    return undefined;
  }
  const entries: [string, string[]][] = [];
  for (const [pattern, value] of Object.entries(record)) {
    const targets = Array.isArray(value) ? stringsOf(value) : undefined;
    if (targets === undefined) log.add(path, 'configuration-type', `paths: ${quoted(pattern)} is not a list.`);
    else entries.push([pattern, targets.slice(0, 64).flatMap((target) => place(target, baseUrl ?? option.folder) ?? [])]);
  }
  const compiled = compilePathPatterns(entries);
  if (compiled.truncated) log.add(path, 'configuration-limit', 'Only the first wildcard patterns of paths are used.');
  return compiled;
}

function compileSelection(request: {
  readonly path: string; readonly layer: Layer; readonly folder: string; readonly outputs: readonly string[];
  readonly place: (written: string, declared: string) => string | undefined; readonly log: ConfigurationLog;
}): { readonly includes: (path: string) => boolean; readonly prefixes: readonly string[] } {
  const { layer, folder, outputs, place } = request;
  let cost = 0;
  /** Nothing once the patterns together would take too long. */
  const glob = (pattern: string, options?: GlobOptions): readonly PathGlob[] => {
    const compiled = compileGlob(pattern, options);
    if (cost + compiled.cost <= MAX_COST) {
      cost += compiled.cost;
      return [compiled];
    }
    request.log.add(request.path, 'configuration-limit', 'Not all patterns of include and exclude are used: they have too many wildcards.');
    return [];
  };
  const files = new Set((layer.files?.patterns ?? []).flatMap((each) => place(each, layer.files?.folder ?? folder) ?? []));
  const listed = layer.include ?? (layer.files === undefined ? { patterns: ['**/*'], folder } : undefined);
  const included = (listed?.patterns ?? []).flatMap((each) => {
    const target = place(each, listed?.folder ?? folder);
    if (target === undefined) return [];
    // A folder stands for all that is in it.
    const last = nameOf(target);
    return glob(target === '' ? '**/*' : /[*?]|\.[^.]+$/.test(last) ? target : `${target}/**/*`, { closed: isClosed });
  });
  const excluded = layer.exclude === undefined
    ? outputs.filter((output) => output !== folder && isWithin(output, folder)).flatMap((output) => glob(output))
    : layer.exclude.patterns.flatMap((each) => {
      const target = place(each.replace(/\/\*\*\/?\*?$/, ''), layer.exclude?.folder ?? folder);
      return target === undefined || target === '' ? [] : glob(target);
    });
  const byDefault = layer.exclude === undefined;
  return {
    prefixes: [...new Set(included.map((glob) => glob.prefix).filter((prefix) => prefix !== '' && !/\.\w+$/.test(prefix)))].slice(0, 16),
    includes: (path) => {
      if (files.has(path)) return true;
      if (!included.some((glob) => isWithin(path, glob.prefix) && glob.matches(path))) return false;
      if (byDefault && /(^|\/)(node_modules|bower_components|jspm_packages)\//.test(isWithin(path, folder) ? pathBelow(path, folder) : path)) return false;
      return !excluded.some((glob) => glob.matchesWithin(path));
    },
  };
}

function isClosed(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules' || name === 'bower_components' || name === 'jspm_packages';
}

function readReferences(request: {
  readonly record: ConfigurationRecord | undefined; readonly path: string; readonly context: ModuleContext;
  readonly place: (written: string, declared: string) => string | undefined; readonly log: ConfigurationLog;
}): readonly string[] {
  const { record, path, context, place, log } = request;
  const value = valueAt(record, 'references');
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    log.add(path, 'configuration-type', 'references is not a list.');
    return [];
  }
  const references: string[] = [];
  for (const each of value.slice(0, MAX_REFERENCES)) {
    const written = stringAt(each, 'path');
    const target = written === undefined ? undefined : place(written, folderOf(path));
    if (written === undefined || target === undefined) continue;
    const found = [target, childPath(target, 'tsconfig.json')].find((candidate) => context.paths.has(candidate));
    if (found === undefined) log.add(path, 'configuration-missing', `It refers to ${quoted(written)}, which is not in the repository.`);
    else references.push(found);
  }
  return references;
}

function rankOf(path: string): number {
  const name = nameOf(path);
  return name === 'tsconfig.json' ? 0 : name === 'jsconfig.json' ? 1 : 2;
}
