import { parse as parseToml } from 'smol-toml';
import type { ModuleContext } from '../../module-resolver.js';
import { quoted, readGuarded, readJsonRecord, recordOf, stringAt, stringsOf, valueAt, type ConfigurationLog } from '../../configuration-values.js';
import { childPath, folderOf, joinPath, nameOf } from '../../snapshot-paths.js';
import { iniList, parseIni } from './ini.js';

/** A folder that holds a Python project's configuration, and where it says that its modules are. */
export interface PythonProject {
  readonly folder: string;
  /** The distribution's name, normalised; undefined when it has none. */
  readonly name: string | undefined;
  /** Folders that are on the module path, declared ones first. Does not hold the project's own folder. */
  readonly roots: readonly string[];
  /** Folders with stubs only, searched last. */
  readonly stubRoots: readonly string[];
  /** Packages that lie in a folder of another name: dotted name -> folder. */
  readonly mounts: ReadonlyMap<string, string>;
  /** Distributions it depends on, normalised. */
  readonly dependencies: ReadonlySet<string>;
}

const CONFIGURATIONS = new Set(['pyproject.toml', 'setup.py', 'setup.cfg', 'pyrightconfig.json', 'mypy.ini', '.mypy.ini', 'tox.ini', 'pytest.ini', '.pytest.ini']);

/** True for files that say where Python modules are, or what a project depends on. */
export function isPythonConfiguration(path: string): boolean {
  const name = nameOf(path);
  return CONFIGURATIONS.has(name) || (name.endsWith('.txt') && (/^requirements[\w.-]*\.txt$/.test(name) || nameOf(folderOf(path)) === 'requirements'));
}

/** `Foo.Bar-baz` as `foo_bar_baz`: how distributions are compared, and most often the module's name too. */
export function normalisedName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '_');
}

/** Every project of a snapshot by its folder. */
export function readProjects(context: ModuleContext, log: ConfigurationLog): ReadonlyMap<string, PythonProject> {
  const drafts = new Map<string, Draft>();
  for (const path of context.paths) {
    if (!isPythonConfiguration(path)) continue;
    const name = nameOf(path);
    const requirements = name.endsWith('.txt');
    const folder = requirements && nameOf(folderOf(path)) === 'requirements' ? folderOf(folderOf(path)) : folderOf(path);
    const text = context.configuration(path);
    if (text === undefined) continue;
    const draft: Draft = drafts.get(folder) ?? { folder, name: undefined, roots: new Set(), stubRoots: new Set(), mounts: new Map(), dependencies: new Set(), isProject: false, log };
    drafts.set(folder, draft);
    if (!requirements) draft.isProject = true;
    if (requirements) readRequirements(draft, path, text);
    else if (name === 'pyproject.toml') readPyproject(draft, path, text);
    else if (name === 'setup.py') readSetupPy(draft, path, text);
    else if (name === 'pyrightconfig.json') readPyright(draft, path, readJsonRecord(path, text, log));
    else readIniFile(draft, path, text);
  }
  const projects = new Map<string, PythonProject>();
  for (const [folder, { name, roots, stubRoots, mounts, dependencies, isProject }] of drafts) {
    if (isProject || dependencies.size > 0) projects.set(folder, { folder, name, roots: [...roots].filter((root) => root !== folder), stubRoots: [...stubRoots], mounts, dependencies });
  }
  return projects;
}

const MAX_ENTRIES = 1000;
const MAX_TOML = 1_000_000;

interface Draft {
  readonly folder: string;
  name: string | undefined;
  readonly roots: Set<string>;
  readonly stubRoots: Set<string>;
  readonly mounts: Map<string, string>;
  readonly dependencies: Set<string>;
  isProject: boolean;
  readonly log: ConfigurationLog;
}

/** A folder as a configuration writes it; undefined, with a diagnostic, when it lies elsewhere. */
function place(draft: Draft, path: string, written: string): string | undefined {
  const plain = written.trim().replaceAll('\\', '/').replace(/^\$\{?MYPY_CONFIG_FILE_DIR\}?\/?/, './');
  if (/^[~$%]|[*?]/.test(plain)) return undefined;
  const folder = joinPath(draft.folder, plain);
  if (folder === undefined) draft.log.add(path, 'configuration-outside', `${quoted(written)} lies outside the repository.`);
  return folder;
}

function addRoots(draft: Draft, path: string, written: readonly string[] | undefined, into: Set<string> = draft.roots): void {
  for (const each of (written ?? []).slice(0, MAX_ENTRIES)) {
    const folder = place(draft, path, each);
    if (folder !== undefined && into.size < MAX_ENTRIES) into.add(folder);
  }
}

/** setuptools' `package_dir`: the empty name is the root, others are packages. */
function addPackageFolders(draft: Draft, path: string, entries: Iterable<readonly [string, unknown]>): void {
  for (const [name, written] of entries) {
    const folder = typeof written === 'string' ? place(draft, path, written) : undefined;
    if (folder === undefined || draft.mounts.size >= MAX_ENTRIES) continue;
    if (name === '' || name === '*') draft.roots.add(folder);
    // A package in a folder of its own name is found through the folder around it.
    else if (!name.includes('.') && nameOf(folder) === name) draft.roots.add(folderOf(folder));
    else draft.mounts.set(name, folder);
  }
}

function addDependencies(draft: Draft, requirements: readonly string[] | undefined): void {
  for (const requirement of (requirements ?? []).slice(0, 10 * MAX_ENTRIES)) {
    const name = /^\s*([A-Za-z0-9][A-Za-z0-9._-]{0,200})/.exec(requirement)?.[1];
    if (name !== undefined) draft.dependencies.add(normalisedName(name));
  }
}

function readRequirements(draft: Draft, path: string, text: string): void {
  const lines = readGuarded(path, text, draft.log, () => text.split('\n'));
  addDependencies(draft, stringsOf(lines));
}

function readPyproject(draft: Draft, path: string, text: string): void {
  if (text.length > MAX_TOML) {
    draft.log.add(path, 'configuration-too-large', `It is larger than ${MAX_TOML} characters and was not read.`);
    return;
  }
  const file = readGuarded(path, text, draft.log, () => parseToml(text));
  const name = stringAt(file, 'project', 'name') ?? stringAt(file, 'tool', 'poetry', 'name');
  if (name !== undefined) draft.name = normalisedName(name);
  addDependencies(draft, stringsOf(valueAt(file, 'project', 'dependencies')));
  for (const groups of [valueAt(file, 'project', 'optional-dependencies'), valueAt(file, 'dependency-groups')]) {
    for (const group of Object.values(recordOf(groups) ?? {})) addDependencies(draft, stringsOf(group));
  }
  const poetry = valueAt(file, 'tool', 'poetry');
  for (const table of [poetry, ...Object.values(recordOf(valueAt(poetry, 'group')) ?? {})]) {
    for (const key of ['dependencies', 'dev-dependencies']) addDependencies(draft, Object.keys(recordOf(valueAt(table, key)) ?? {}));
  }

  const setuptools = valueAt(file, 'tool', 'setuptools');
  addPackageFolders(draft, path, Object.entries(recordOf(valueAt(setuptools, 'package-dir')) ?? {}));
  addRoots(draft, path, stringsOf(valueAt(setuptools, 'packages', 'find', 'where')));
  readPoetryPackages(draft, path, valueAt(poetry, 'packages'));
  for (const build of [valueAt(file, 'tool', 'hatch', 'build'), valueAt(file, 'tool', 'hatch', 'build', 'targets', 'wheel')]) readHatch(draft, path, build);
  for (const each of stringsOf(valueAt(file, 'tool', 'scikit-build', 'wheel', 'packages')) ?? []) addPackageFolder(draft, path, each);
  addRoots(draft, path, stringsOf(valueAt(file, 'tool', 'pdm', 'build', 'package-dir')) ?? stringsOf(valueAt(file, 'tool', 'pdm', 'package-dir')));
  addRoots(draft, path, stringsOf(valueAt(file, 'tool', 'uv', 'build-backend', 'module-root')));
  addRoots(draft, path, stringsOf(valueAt(file, 'tool', 'maturin', 'python-source')));

  addRoots(draft, path, wordsOf(valueAt(file, 'tool', 'pytest', 'ini_options', 'pythonpath')) ?? wordsOf(valueAt(file, 'tool', 'pytest', 'pythonpath')));
  addRoots(draft, path, mypyPath(stringsOf(valueAt(file, 'tool', 'mypy', 'mypy_path'))));
  readPyright(draft, path, valueAt(file, 'tool', 'pyright') ?? valueAt(file, 'tool', 'basedpyright'));
}

function readPoetryPackages(draft: Draft, path: string, packages: unknown): void {
  for (const each of Array.isArray(packages) ? packages.slice(0, MAX_ENTRIES) : []) {
    const include = stringAt(each, 'include');
    if (include === undefined) continue;
    const from = stringAt(each, 'from') ?? '';
    const to = stringAt(each, 'to');
    addRoots(draft, path, [from]);
    if (to === undefined || to === '') continue;
    const folder = place(draft, path, childPath(from, include));
    if (folder !== undefined) draft.mounts.set([...to.split('/'), nameOf(folder)].filter((name) => name !== '').join('.'), folder);
  }
}

function readHatch(draft: Draft, path: string, build: unknown): void {
  for (const key of ['packages', 'only-include']) for (const each of (stringsOf(valueAt(build, key)) ?? []).slice(0, MAX_ENTRIES)) addPackageFolder(draft, path, each);
  addRoots(draft, path, stringsOf(valueAt(build, 'dev-mode-dirs')));
  const sources = valueAt(build, 'sources');
  addRoots(draft, path, stringsOf(sources));
  addPackageFolders(draft, path, Object.entries(recordOf(sources) ?? {}).flatMap(([folder, name]) => (typeof name === 'string' ? [[name.split('/').filter((part) => part !== '').join('.'), folder] as const] : [])));
}

/** A package given by its folder: what is around it is the root. */
function addPackageFolder(draft: Draft, path: string, written: string): void {
  const folder = place(draft, path, written);
  if (folder !== undefined && folder !== draft.folder && draft.roots.size < MAX_ENTRIES) draft.roots.add(folderOf(folder));
}

/** Reads the constants of a setup script; what it computes stays unknown. */
function readSetupPy(draft: Draft, path: string, text: string): void {
  const source = readGuarded(path, text, draft.log, () => text);
  if (typeof source !== 'string') return;
  const [folders = ''] = behind(source, /\bpackage_dir\s{0,20}=\s{0,20}\{/g, '}');
  addPackageFolders(draft, path, [...folders.matchAll(/["']([^"'\n]{0,200})["']\s{0,20}:\s{0,20}["']([^"'\n]{0,400})["']/g)].map((match) => [match[1] ?? '', match[2] ?? ''] as const));
  for (const call of behind(source, /\bfind_(?:namespace_)?packages\(/g, ')')) {
    const where = /^\s{0,80}(?:where\s{0,20}=\s{0,20})?["']([^"'\n]{1,400})["']/.exec(call)?.[1];
    if (where !== undefined) addRoots(draft, path, [where]);
  }
  const name = /\bname\s{0,20}=\s{0,20}["']([\w.-]{1,200})["']/.exec(source)?.[1];
  if (name !== undefined) draft.name ??= normalisedName(name);
  const [requires = ''] = behind(source, /\binstall_requires\s{0,20}=\s{0,20}\[/g, ']');
  addDependencies(draft, [...requires.matchAll(/["']([^"'\n]{1,300})["']/g)].map((match) => match[1] ?? ''));
}

/** What follows the first few matches of `opening`, up to `closing`. */
function behind(source: string, opening: RegExp, closing: string): readonly string[] {
  const found: string[] = [];
  for (const match of source.matchAll(opening)) {
    if (found.length >= 16) break;
    const rest = source.slice(match.index + match[0].length, match.index + match[0].length + 8000);
    const end = rest.indexOf(closing);
    if (end >= 0) found.push(rest.slice(0, end));
    else break;
  }
  return found;
}

function readIniFile(draft: Draft, path: string, text: string): void {
  const file = readGuarded(path, text, draft.log, () => parseIni(text));
  if (!(file instanceof Map)) return;
  // parseIni gives exactly this; the guard has lost the type.
  const ini = file as ReturnType<typeof parseIni>;
  if (nameOf(path) === 'setup.cfg') {
    const options = ini.get('options');
    const name = ini.get('metadata')?.get('name');
    if (name !== undefined && name !== '') draft.name ??= normalisedName(name);
    addPackageFolders(draft, path, iniList(options?.get('package_dir')).map((line) => {
      const separator = line.indexOf('=');
      return [line.slice(0, Math.max(0, separator)).trim(), line.slice(separator + 1).trim()] as const;
    }));
    addRoots(draft, path, iniList(ini.get('options.packages.find')?.get('where')));
    addDependencies(draft, (options?.get('install_requires') ?? '').split(/[\n;]/));
  }
  addRoots(draft, path, wordsOf(ini.get('tool:pytest')?.get('pythonpath') ?? ini.get('pytest')?.get('pythonpath')));
  addRoots(draft, path, mypyPath(stringsOf(ini.get('mypy')?.get('mypy_path'))));
}

function readPyright(draft: Draft, path: string, pyright: unknown): void {
  if (pyright === undefined) return;
  addRoots(draft, path, stringsOf(valueAt(pyright, 'extraPaths')));
  addRoots(draft, path, [stringAt(pyright, 'stubPath') ?? 'typings'], draft.stubRoots);
  const environments = valueAt(pyright, 'executionEnvironments');
  for (const each of Array.isArray(environments) ? environments.slice(0, MAX_ENTRIES) : []) {
    addRoots(draft, path, stringsOf(valueAt(each, 'root')));
    addRoots(draft, path, stringsOf(valueAt(each, 'extraPaths')));
  }
}

/** pytest's lists: separated by white space where they are one string. */
function wordsOf(value: unknown): readonly string[] | undefined {
  return typeof value === 'string' ? value.split(/\s+/).filter((word) => word !== '') : stringsOf(value);
}

/** mypy's: separated by colons, commas or lines. */
function mypyPath(value: readonly string[] | undefined): readonly string[] | undefined {
  return value?.flatMap((each) => each.split(/[:,\n]/)).map((each) => each.trim()).filter((each) => each !== '');
}
