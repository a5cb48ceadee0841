import type { ImportStyle, ModuleContext, ModuleResolver, ModuleRules, ModuleTarget } from '../../module-resolver.js';
import { ConfigurationLog } from '../../configuration-values.js';
import { childPath, enclosingFolders, folderOf, foldersOf, nameOf, sharedDepth } from '../../snapshot-paths.js';
import { isPythonConfiguration, normalisedName, readProjects, type PythonProject } from './projects.js';
import { isFixedModule, isStandardModule } from './standard-library.js';

/**
 * Modules of Python as its import system finds them (https://docs.python.org/3/reference/import.html), on the paths that the
 * repository's layout and configuration say: a regular package before a module before a namespace package.
 */
export const pythonModules: ModuleRules = {
  isConfiguration: isPythonConfiguration,
  create: (context) => new PythonModules(context),
};

const MISSING: ModuleTarget = { kind: 'missing' };
const MAX_PARTS = 64;
const MAX_ELSEWHERE = 1000;
/** Names that every project has of its own: never those of another project. */
const PRIVATE_NAMES = new Set(['tests', 'test', 'testing', 'docs', 'doc', 'setup', 'conftest', 'examples', 'example', 'scripts', 'benchmarks', 'tools', 'src', 'noxfile', 'tasks', 'versioneer']);

interface Root {
  readonly folder: string;
  readonly mounts: ReadonlyMap<string, string> | undefined;
}

/** What the imports of the files of one folder have in common. */
interface Importer {
  readonly folder: string;
  /** Not in a package: the folder itself is on the path when one of its files runs. */
  readonly script: boolean;
  /** Where the importing file's own package, or the file itself, is found. */
  readonly own: Root;
  /** Of the projects around it, nearest first, and of the repository. */
  readonly declared: readonly Root[];
  readonly stubs: readonly Root[];
  /** Folders around it that nothing declares: some program may have been started there. */
  readonly around: readonly Root[];
  readonly dependencies: readonly ReadonlySet<string>[];
  readonly targets: Map<string, ModuleTarget>;
}

/** A module looked for from one root. */
type Lookup =
  | { readonly kind: 'file' | 'stub' | 'asset'; readonly path: string }
  | { readonly kind: 'namespace'; readonly folder: string }
  /** The first part is a package or module there, the rest is not in it. */
  | { readonly kind: 'partial' }
  | undefined;

class PythonModules implements ModuleResolver {
  readonly #paths: ReadonlySet<string>;
  readonly #log = new ConfigurationLog();
  /** Folders with Python files in or below them. */
  readonly #folders: ReadonlySet<string>;
  readonly #projects: ReadonlyMap<string, PythonProject>;
  readonly #projectNames = new Set<string>();
  /** Roots of projects by the top-level names found in them. */
  readonly #rootsByName = new Map<string, Root[]>();
  readonly #importers = new Map<string, Importer>();

  constructor(context: ModuleContext) {
    this.#paths = context.paths;
    this.#folders = foldersOf([...context.paths].filter((path) => /\.pyi?$|\.pyx$/.test(path)));
    this.#projects = readProjects(context, this.#log);
    for (const project of this.#projects.values()) if (project.name !== undefined) this.#projectNames.add(project.name);
    this.#indexRoots();
  }

  resolve(from: string, specifier: string, _style: ImportStyle): ModuleTarget {
    const importer = this.#importer(folderOf(from));
    let target = importer.targets.get(specifier);
    if (target === undefined) importer.targets.set(specifier, (target = this.#resolve(importer, specifier)));
    // A script named like what it imports means the other one.
    if (importer.script && target.kind === 'file' && target.path === from && !specifier.startsWith('.')) return this.#resolve(importer, specifier, from);
    return target;
  }

  submodule(target: ModuleTarget, name: string): ModuleTarget | undefined {
    if (!isName(name)) return undefined;
    if (target.kind === 'file') return /(?:^|\/)__init__\.pyi?$/.test(target.path) ? targetOf(this.#within(folderOf(target.path), [name])) : undefined;
    return target.kind === 'namespace' ? chosen(target.folders.map((folder) => this.#within(folder, [name])))?.target : undefined;
  }

  diagnostics(): ReturnType<ModuleResolver['diagnostics']> {
    return this.#log.list();
  }

  #resolve(importer: Importer, specifier: string, except?: string): ModuleTarget {
    const dots = /^\.*/.exec(specifier)?.[0].length ?? 0;
    const parts = specifier.length === dots ? [] : specifier.slice(dots).split('.');
    if (parts.length > MAX_PARTS || !parts.every(isName)) return dots > 0 || parts.length > MAX_PARTS ? MISSING : external(specifier);
    if (dots > 0) return this.#relative(importer, dots, parts);
    return parts.length === 0 ? MISSING : this.#absolute(importer, parts, except);
  }

  #relative(importer: Importer, dots: number, parts: readonly string[]): ModuleTarget {
    const folder = enclosingFolders(importer.folder)[dots - 1];
    if (folder === undefined) return MISSING;
    if (parts.length > 0) return targetOf(this.#within(folder, parts)) ?? MISSING;
    const file = this.#packageFile(folder);
    return file !== undefined ? { kind: 'file', path: file } : this.#folders.has(folder) ? { kind: 'namespace', folders: [folder] } : MISSING;
  }

  #absolute(importer: Importer, parts: readonly string[], except: string | undefined): ModuleTarget {
    const [first = ''] = parts;
    const look = (root: Root): Lookup => {
      const found = this.#from(root, parts);
      return found !== undefined && 'path' in found && found.path === except ? undefined : found;
    };
    const specifier = parts.join('.');
    if (isStandardModule(first)) {
      const shadow = isFixedModule(first) ? undefined : look(importer.own);
      return shadow?.kind === 'file' || shadow?.kind === 'stub' ? { kind: 'file', path: shadow.path } : external(specifier);
    }

    const installed = !this.#projectNames.has(normalisedName(first)) && importer.dependencies.some((names) => names.has(normalisedName(first)));
    const declared = [importer.own, ...importer.declared].map(look);
    const best = chosen(declared);
    if (best?.certain === true) return best.target;
    // Whoever depends on a package of this name means that one, unless the repository has it on a declared path.
    const around = installed ? undefined : chosen(importer.around.map(look));
    if (around?.certain === true) return around.target;
    const elsewhere = installed ? undefined : chosen(this.#elsewhere(importer, first).map(look));
    if (elsewhere?.certain === true) return elsewhere.target;

    const stub = best?.stub ?? chosen(importer.stubs.map(look))?.stub;
    if (stub !== undefined) return stub;
    if (declared.some((found) => found?.kind === 'partial')) return MISSING;
    if (installed) return external(specifier);
    return around?.stub ?? elsewhere?.stub ?? best?.target ?? around?.target ?? external(specifier);
  }

  /** The roots of other projects in which there is a module of this name, the nearest first. */
  #elsewhere(importer: Importer, first: string): readonly Root[] {
    if (PRIVATE_NAMES.has(first)) return [];
    const roots = (this.#rootsByName.get(first) ?? []).slice(0, MAX_ELSEWHERE);
    return roots.sort((a, b) => sharedDepth(b.folder, importer.folder) - sharedDepth(a.folder, importer.folder) || (a.folder < b.folder ? -1 : 1));
  }

  #from(root: Root, parts: readonly string[]): Lookup {
    if (root.mounts !== undefined && root.mounts.size > 0) {
      for (let length = parts.length; length > 0; length--) {
        const folder = root.mounts.get(parts.slice(0, length).join('.'));
        if (folder === undefined) continue;
        const rest = parts.slice(length);
        if (rest.length > 0) return this.#within(folder, rest) ?? { kind: 'partial' };
        const file = this.#packageFile(folder);
        if (file !== undefined) return { kind: file.endsWith('i') ? 'stub' : 'file', path: file };
        if (this.#folders.has(folder)) return { kind: 'namespace', folder };
      }
    }
    return this.#within(root.folder, parts);
  }

  /** The module `parts` below a folder that is on the path or a package's. */
  #within(folder: string, parts: readonly string[]): Lookup {
    let at = folder;
    let regular = false;
    for (const [index, name] of parts.entries()) {
      const child = childPath(at, name);
      const last = index === parts.length - 1;
      const file = this.#packageFile(child);
      if (file !== undefined) {
        regular = true;
        if (last) return { kind: file.endsWith('i') ? 'stub' : 'file', path: file };
      } else {
        const module = this.#paths.has(`${child}.py`) ? `${child}.py` : this.#paths.has(`${child}.pyi`) ? `${child}.pyi` : undefined;
        if (module !== undefined) return last ? { kind: module.endsWith('i') ? 'stub' : 'file', path: module } : { kind: 'partial' };
        if (last && this.#paths.has(`${child}.pyx`)) return { kind: 'asset', path: `${child}.pyx` };
        if (!this.#folders.has(child)) return regular ? { kind: 'partial' } : undefined;
        if (last) return { kind: 'namespace', folder: child };
      }
      at = child;
    }
    return undefined;
  }

  /** The file of a regular package. */
  #packageFile(folder: string): string | undefined {
    const file = childPath(folder, '__init__.py');
    return this.#paths.has(file) ? file : this.#paths.has(`${file}i`) ? `${file}i` : undefined;
  }

  #importer(folder: string): Importer {
    const known = this.#importers.get(folder);
    if (known !== undefined) return known;
    let top = folder;
    while (top !== '' && this.#packageFile(top) !== undefined) top = folderOf(top);
    const own: Root = { folder: top, mounts: undefined };
    const declared = new Map<string, Root>();
    const stubs: Root[] = [];
    const around: Root[] = [];
    const dependencies: ReadonlySet<string>[] = [];
    for (const each of enclosingFolders(folder)) {
      const project = this.#projects.get(each);
      if (project !== undefined) {
        dependencies.push(project.dependencies);
        stubs.push(...project.stubRoots.map((root) => ({ folder: root, mounts: undefined })));
      }
      const roots = each === '' || project !== undefined ? this.#rootsOf(each, project) : [];
      for (const root of roots) if (root.mounts !== undefined || !declared.has(root.folder)) declared.set(root.folder, root);
      // Folders inside the importing file's own package are no roots.
      if (roots.length === 0 && each.length < top.length) around.push({ folder: each, mounts: undefined });
    }
    const importer: Importer = {
      folder, own, stubs, around, dependencies, script: top === folder, declared: [...declared.values()], targets: new Map(),
    };
    this.#importers.set(folder, importer);
    return importer;
  }

  /** The roots of a project (or of the repository): what it declares, its `src`, its own folder. */
  #rootsOf(folder: string, project: PythonProject | undefined): readonly Root[] {
    const source = childPath(folder, 'src');
    const folders = [...(project?.roots ?? [])];
    if (this.#folders.has(source) && this.#packageFile(source) === undefined) folders.push(source);
    const roots = [...new Set(folders)].filter((root) => root !== folder).map((root): Root => ({ folder: root, mounts: undefined }));
    return [...roots, { folder, mounts: project?.mounts }];
  }

  #indexRoots(): void {
    const names = new Map<string, Set<string>>();
    for (const path of [...this.#folders, ...[...this.#paths].filter((each) => each.endsWith('.py')).map((each) => each.slice(0, -3))]) {
      const folder = folderOf(path);
      const set = names.get(folder) ?? new Set<string>();
      names.set(folder, set.add(nameOf(path)));
    }
    for (const project of this.#projects.values()) {
      for (const root of this.#rootsOf(project.folder, project)) {
        for (const name of new Set([...(names.get(root.folder) ?? []), ...[...(root.mounts?.keys() ?? [])].map((each) => each.split('.', 1)[0] ?? '')])) {
          const same = this.#rootsByName.get(name);
          if (same === undefined) this.#rootsByName.set(name, [root]);
          else same.push(root);
        }
      }
    }
  }
}

function isName(name: string): boolean {
  return /^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(name);
}

function external(specifier: string): ModuleTarget {
  return { kind: 'external', package: specifier.split('.', 1)[0] ?? specifier, module: specifier };
}

function targetOf(found: Lookup): ModuleTarget | undefined {
  return chosen([found])?.target;
}

/** The first module with code; else one with types only, else the namespace that all portions form together. */
function chosen(found: readonly Lookup[]): { readonly target: ModuleTarget; readonly certain: boolean; readonly stub: ModuleTarget | undefined } | undefined {
  let stub: ModuleTarget | undefined;
  const folders = new Set<string>();
  for (const each of found) {
    if (each?.kind === 'file') return { target: { kind: 'file', path: each.path }, certain: true, stub: undefined };
    if (each?.kind === 'asset') return { target: { kind: 'asset', path: each.path }, certain: true, stub: undefined };
    if (each?.kind === 'stub') stub ??= { kind: 'file', path: each.path };
    else if (each?.kind === 'namespace') folders.add(each.folder);
  }
  if (stub !== undefined) return { target: stub, certain: false, stub };
  return folders.size === 0 ? undefined : { target: { kind: 'namespace', folders: [...folders] }, certain: false, stub: undefined };
}
