import type { ImportStyle, ModuleContext, ModuleResolver, ModuleRules, ModuleTarget } from '../../module-resolver.js';
import { ConfigurationLog } from '../../configuration-values.js';
import { folderOf, foldersOf, isWithin, joinPath, nameOf, pathBelow } from '../../snapshot-paths.js';
import { builtinModule } from './builtin-modules.js';
import { isCodePath } from './code-files.js';
import { createPackageEntries, type EntryRules, type PackageEntries } from './package-entries.js';
import { readPackages, splitSpecifier, type Packages } from './packages.js';
import { createTsConfigs, isTsConfigPath, type TsConfig, type TsConfigs } from './tsconfig.js';

/**
 * Modules of JavaScript and TypeScript, as Node and TypeScript find them (https://nodejs.org/api/modules.html, https://nodejs.org/api/esm.html,
 * https://www.typescriptlang.org/docs/handbook/modules/reference.html), save that built files lead to their sources.
 */
export const ecmascriptModules: ModuleRules = {
  isConfiguration: (path) => {
    const name = nameOf(path);
    return name === 'package.json' || name === 'pnpm-workspace.yaml' || name === 'lerna.json' || isTsConfigPath(path);
  },
  create: (context) => new EcmascriptModules(context),
};

const MISSING: ModuleTarget = { kind: 'missing' };
const MAX_SPECIFIER = 2048;
const MAX_IMPORT_STEPS = 8;

/** What the imports of a file have in common with those of its neighbours. */
interface Importer {
  readonly folder: string;
  readonly configs: readonly TsConfig[];
  readonly typescript: boolean;
  /** An `import` of it runs as `require`. */
  readonly commonjs: boolean;
  readonly targets: Readonly<Record<ImportStyle, Map<string, ModuleTarget>>>;
}

class EcmascriptModules implements ModuleResolver {
  readonly #log = new ConfigurationLog();
  readonly #packages: Packages;
  readonly #configs: TsConfigs;
  readonly #entries: PackageEntries;
  readonly #importers = new Map<string, Importer>();
  readonly #importersByFile = new Map<string, Importer>();

  constructor(context: ModuleContext) {
    this.#packages = readPackages(context, this.#log);
    this.#configs = createTsConfigs({ context, packages: this.#packages, log: this.#log });
    this.#entries = createPackageEntries({ paths: context.paths, folders: foldersOf(context.paths), packages: this.#packages, configs: this.#configs });
  }

  resolve(from: string, specifier: string, style: ImportStyle): ModuleTarget {
    if (specifier.length > MAX_SPECIFIER && !specifier.startsWith('data:')) return MISSING;
    const importer = this.#importer(from);
    const known = importer.targets[style];
    let target = known.get(specifier);
    if (target === undefined) known.set(specifier, (target = this.#resolve(importer, specifier, style)));
    return target;
  }

  submodule(): undefined {
    return undefined;
  }

  diagnostics(): ReturnType<ModuleResolver['diagnostics']> {
    this.#configs.readAll();
    return this.#log.list();
  }

  #importer(from: string): Importer {
    const known = this.#importersByFile.get(from);
    if (known !== undefined) return known;
    const folder = folderOf(from);
    const configs = this.#configs.of(from);
    const typescript = !/\.[cm]?jsx?$/.test(from);
    const commonjs = configs[0]?.nodeFormats === true && !/\.m[jt]s$/.test(from)
      && (/\.c[jt]s$/.test(from) || this.#packages.enclosing(folder)?.type !== 'module');
    const key = [folder, typescript, commonjs, ...configs.map((config) => config.path)].join('\0');
    const importer = this.#importers.get(key) ?? { folder, configs, typescript, commonjs, targets: { import: new Map(), require: new Map(), type: new Map() } };
    this.#importers.set(key, importer);
    this.#importersByFile.set(from, importer);
    return importer;
  }

  #resolve(importer: Importer, specifier: string, style: ImportStyle): ModuleTarget {
    // Loaders of a bundler stand before the module that they load.
    const loaders = specifier.lastIndexOf('!');
    const plain = specifier.slice(loaders + 1);
    const written = this.#find(importer, plain, style);
    const target = written !== undefined && written.kind !== 'missing' ? written : this.#withoutQuery(importer, plain, style) ?? written ?? unresolved(plain);
    return loaders >= 0 && target.kind === 'file' ? { kind: 'asset', path: target.path } : target;
  }

  /** `./a.svg?raw`: what a bundler is asked to do with the file is no part of its name. */
  #withoutQuery(importer: Importer, specifier: string, style: ImportStyle): ModuleTarget | undefined {
    const end = specifier.slice(1).search(/[?#]/) + 1;
    if (end === 0) return undefined;
    const target = this.#find(importer, specifier.slice(0, end), style);
    const asText = /[?&](?:raw|url|inline|base64|arraybuffer|react|component)(?:[&=#]|$)/.test(specifier.slice(end));
    return asText && target?.kind === 'file' ? { kind: 'asset', path: target.path } : target;
  }

  #find(importer: Importer, specifier: string, style: ImportStyle): ModuleTarget | undefined {
    const rules = entryRules(importer, style);
    if (/^\.{1,2}(?:\/|$)/.test(specifier)) return targetOf(this.#relative(importer, specifier, rules));
    if (specifier.startsWith('/')) return targetOf(this.#absolute(importer, specifier, rules));
    return scheme(specifier) ?? this.#bare(importer, specifier, rules, 0);
  }

  #relative(importer: Importer, specifier: string, rules: EntryRules): string | undefined {
    const path = joinPath(importer.folder, specifier);
    if (path === undefined) return undefined;
    const folderOnly = /(?:^|\/)\.{0,2}$/.test(specifier);
    const load = (at: string): string | undefined => (folderOnly ? this.#entries.folder(at, rules) : this.#entries.load(at, rules));
    return load(path) ?? this.#inOtherRoots(importer, path, load) ?? (folderOnly ? undefined : this.#entries.source(path, false));
  }

  /** `rootDirs`: folders that are one at run time. */
  #inOtherRoots(importer: Importer, path: string, load: (path: string) => string | undefined): string | undefined {
    for (const config of importer.configs) {
      const own = config.rootDirs.filter((root) => isWithin(path, root)).sort((a, b) => b.length - a.length)[0];
      if (own === undefined) continue;
      for (const root of config.rootDirs) {
        const candidate = root === own ? undefined : joinPath(root, pathBelow(path, own));
        const found = candidate === undefined ? undefined : load(candidate);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  /** `/src/a.ts`: development servers start at the package's folder or its public one. */
  #absolute(importer: Importer, specifier: string, rules: EntryRules): string | undefined {
    const relative = specifier.replace(/^\/+/, '');
    const root = this.#packages.enclosing(importer.folder)?.folder ?? '';
    for (const start of [root, root === '' ? 'public' : `${root}/public`]) {
      const path = joinPath(start, relative);
      const found = path === undefined || path === '' ? undefined : this.#entries.load(path, rules);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #bare(importer: Importer, specifier: string, rules: EntryRules, step: number): ModuleTarget | undefined {
    const builtin = builtinModule(specifier);
    const mapped = step > 0 ? undefined : this.#mapped(importer, specifier, rules, builtin !== undefined);
    if (mapped?.path !== undefined) return targetOf(mapped.path);
    if (builtin !== undefined) return { kind: 'external', package: builtin.split('/', 1)[0] ?? builtin, module: builtin };
    if (specifier.startsWith('#')) return this.#imported(importer, specifier, rules, step);
    const parts = splitSpecifier(specifier);
    if (parts === undefined) return mapped?.missing === true ? MISSING : undefined;
    const own = this.#packages.enclosing(importer.folder);
    const found = own?.name === parts.name && own.exports !== undefined ? own : this.#packages.named(parts.name, importer.folder);
    if (found !== undefined) return targetOf(this.#entries.package(found, parts.subpath, rules)) ?? MISSING;
    for (const folder of this.#packages.installed(importer.folder)) {
      const path = joinPath(folder, specifier);
      const target = path === undefined ? undefined : targetOf(this.#entries.load(path, rules));
      if (target !== undefined) return target;
    }
    return mapped?.missing === true && this.#packages.dependency(parts.name, importer.folder) === undefined ? MISSING : undefined;
  }

  /** By `paths` and `baseUrl`; `missing` when a pattern of the repository's own matched and nothing is there. */
  #mapped(importer: Importer, specifier: string, rules: EntryRules, exactOnly: boolean): { readonly path?: string; readonly missing: boolean } {
    let missing = false;
    for (const config of importer.configs) {
      const match = config.paths?.match(specifier);
      if (match !== undefined && (!exactOnly || match.pattern === specifier)) {
        for (const target of match.targets) {
          const path = joinPath('', target);
          const found = path === undefined ? undefined : this.#entries.load(path, rules);
          if (found !== undefined) return { path: this.#entries.source(found, false) ?? found, missing };
        }
        const own = match.targets.filter((target) => !/(^|\/)node_modules(\/|$)/.test(target));
        for (const target of own) {
          const path = joinPath('', target);
          const found = path === undefined ? undefined : this.#entries.source(path, true);
          if (found !== undefined) return { path: found, missing };
        }
        if (match.pattern !== '*' && own.length > 0) missing = true;
      }
      const path = config.baseUrl === undefined || exactOnly || specifier.startsWith('#') ? undefined : joinPath(config.baseUrl, specifier);
      const found = path === undefined ? undefined : this.#entries.load(path, rules);
      if (found !== undefined) return { path: found, missing };
    }
    return { missing };
  }

  /** `#name`: by the `imports` of the package that the importing file belongs to. */
  #imported(importer: Importer, specifier: string, rules: EntryRules, step: number): ModuleTarget {
    const own = this.#packages.enclosing(importer.folder);
    const found = own === undefined ? undefined : this.#entries.imports(own, specifier, rules);
    if (found === undefined || step >= MAX_IMPORT_STEPS) return MISSING;
    if ('path' in found) return targetOf(found.path) ?? MISSING;
    return scheme(found.specifier) ?? this.#bare(importer, found.specifier, rules, step + 1) ?? unresolved(found.specifier);
  }
}

function entryRules(importer: Importer, style: ImportStyle): EntryRules {
  const types = importer.typescript || style === 'type';
  const conditions = new Set([style === 'require' || importer.commonjs ? 'require' : 'import', 'node', ...(importer.configs[0]?.customConditions ?? [])]);
  if (types) conditions.add('types');
  return { typescript: types, types, conditions, suffixes: importer.configs[0]?.moduleSuffixes ?? PLAIN };
}

const PLAIN = [''];

function targetOf(path: string | undefined): ModuleTarget | undefined {
  return path === undefined ? undefined : isCodePath(path) ? { kind: 'file', path } : { kind: 'asset', path };
}

/** Specifiers that are URLs, and what package managers and runtimes write like one; undefined for all others. */
function scheme(specifier: string): ModuleTarget | undefined {
  const match = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(specifier);
  if (match === null) return undefined;
  const name = (match[1] ?? '').toLowerCase();
  const rest = match[2] ?? '';
  if (name === 'node') return undefined;
  if (name === 'npm' || name === 'jsr') {
    const versioned = /^\/?((?:@[^/@]+\/)?[^/@]+)(?:@[^/]*)?(\/.*)?$/.exec(rest);
    const installed = versioned?.[1] ?? specifier;
    return { kind: 'external', package: installed, module: installed + (versioned?.[2] ?? '') };
  }
  if (name === 'data' || name === 'blob' || name === 'file') return { kind: 'external', package: `${name}:`, module: `${name}:` };
  if (!rest.startsWith('//')) return external(specifier);
  // Without user name, password and query, which may hold secrets.
  const [, host = '', path = ''] = /^\/\/(?:[^/?#]*@)?([^/?#]*)([^?#]*)/.exec(rest) ?? [];
  return { kind: 'external', package: `${name}://${host}`, module: `${name}://${host}${path}` };
}

function external(specifier: string): ModuleTarget {
  return { kind: 'external', package: specifier, module: specifier };
}

/** What nothing was found for: a relative path or an alias that can be no package is missing, the rest is installed from elsewhere. */
function unresolved(specifier: string): ModuleTarget {
  if (specifier === '' || /^(?:\.{1,2}(?:\/|$)|#|@\/|~\/)/.test(specifier)) return MISSING;
  const parts = splitSpecifier(specifier.replace(/[?#].*$/s, ''));
  if (parts === undefined) return external(specifier);
  return { kind: 'external', package: parts.name, module: parts.subpath === '' ? parts.name : `${parts.name}/${parts.subpath}` };
}
