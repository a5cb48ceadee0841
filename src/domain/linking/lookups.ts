import type { ClassIndex, DefinitionIndex, FunctionIndex } from '../file-facts.js';
import type { SymbolId } from '../graph-node.js';
import type { Contribution, EvaluatedContribution, Method, SaidContribution } from './contribution.js';
import { packageOf, targetText, type ImportTargets, type Modules } from './imports.js';
import type { LanguageRules } from './language-rules.js';
import type { ModuleTarget } from './module-resolver.js';
import type { Question } from './tracer.js';
import type { FileIndex } from './value.js';

/** More candidates than this say nothing: the site stays unresolved. */
const MAX_CANDIDATES = 5;
/** An override beyond this many is not listed at a call: the hierarchy tells them. */
const MAX_OVERRIDES = 24;

const EVERY_NAME = { has: () => true };

/** A file of the snapshot as lookups see it: its facts are not needed. */
export interface LookupFile {
  readonly path: string;
  readonly rules: LanguageRules;
  readonly targets: ImportTargets;
  readonly said: SaidContribution;
  readonly evaluated: Pick<EvaluatedContribution, 'overrides' | 'lines'>;
  readonly providers: Contribution['providers'];
}

export interface ClassProvider {
  readonly file: FileIndex;
  readonly class: ClassIndex;
  readonly function: FunctionIndex;
  readonly definition: DefinitionIndex;
}

/** What is looked up over the whole snapshot, from what its files contribute. Every answer can be asked for again as text, to see whether it still stands. */
export class Lookups {
  readonly #files: readonly LookupFile[];
  readonly #modules: Modules;
  readonly #byPath: ReadonlyMap<string, FileIndex>;
  #shared: ReadonlyMap<string, readonly FileIndex[]> | undefined;
  readonly #exports: (Pick<ReadonlySet<string>, 'has'> | undefined)[] = [];
  #methods: ReadonlyMap<string, readonly { readonly file: FileIndex; readonly method: Method }[]> | undefined;
  #mentions: ReadonlyMap<string, readonly FileIndex[]> | undefined;
  #imported: ReadonlySet<string> | undefined;
  #overriders: ReadonlyMap<SymbolId, readonly SymbolId[]> | undefined;
  #derived: ReadonlyMap<string, readonly { readonly behind: Contribution['lines'][number]['behind'] }[]> | undefined;
  #members: ReadonlyMap<string, readonly [id: SymbolId, method: 0 | 1]> | undefined;
  #providers: ReadonlyMap<string, readonly ClassProvider[]> | undefined;
  #registrars: ReadonlyMap<string, readonly FileIndex[]> | undefined;
  #plugins: readonly FileIndex[] | undefined;
  #visible: { readonly from: FileIndex; readonly files: Uint8Array } | undefined;

  constructor(files: readonly LookupFile[], modules: Modules) {
    this.#files = files;
    this.#modules = modules;
    this.#byPath = new Map(files.map((file, index) => [file.path, index]));
  }

  /** Files that give all others a name, in the order of their paths. */
  shared(name: string): readonly FileIndex[] {
    return (this.#shared ??= gathered(this.#files, ({ said }) => said.shared.map((each) => [each, undefined] as const), (_, file) => file)).get(name) ?? [];
  }

  /** Paths of the modules whose exports a file exports as a whole and that may give a name: their own exports say so, or do not say all. */
  givers(file: FileIndex, name: string): readonly string[] {
    const { said, targets } = this.#files[file] ?? {};
    if (said === undefined || targets === undefined || said.stars.length === 0) return [];
    const lines = targets.text.split('\n');
    return said.stars.flatMap((at): string[] => {
      const target = packageOf(lines[at] ?? '');
      if (target?.kind !== 'file') return [];
      const other = this.#byPath.get(target.path);
      return other !== undefined && this.#mayGive(other, name) ? [target.path] : [];
    });
  }

  #mayGive(file: FileIndex, name: string): boolean {
    let names = this.#exports[file];
    if (names === undefined) {
      const said = this.#files[file]?.said;
      this.#exports[file] = names = said?.exports === undefined ? EVERY_NAME : new Set(said.exports);
    }
    return names.has(name);
  }

  /** Whether any method of the repository has this name. */
  known(name: string): boolean {
    return this.#methodsOf().has(name);
  }

  /** Whether anything that may be called has this name, a function or method, a field or a member of a type, in a file or what it imports, directly or through others. */
  mentioned(from: FileIndex, name: string): boolean {
    this.#mentions ??= gathered(this.#files, ({ said }) => said.mentions.map((each) => [each, undefined] as const), (_, file) => file);
    const [named, methods] = [this.#mentions.get(name), this.#methodsOf().get(name)];
    if (named === undefined && methods === undefined) return false;
    const visible = this.#visibleFrom(from);
    return named?.some((file) => visible[file] === 1) === true || methods?.some(({ file }) => visible[file] === 1) === true;
  }

  /**
   * Candidates for a call of a member whose receiver is not known, with `count` arguments (-1: any number): methods of that name, in files of the same
   * language family that the calling file can see through its imports (or, where there are none, in all that some file imports), that take so many.
   */
  candidates(from: FileIndex, name: string, count: number): readonly SymbolId[] {
    const rules = this.#files[from]?.rules;
    const all = (this.#methodsOf().get(name) ?? []).filter(({ file, method }) => this.#files[file]?.rules === rules && takes(method, count));
    if (all.length === 0) return [];
    const visible = this.#visibleFrom(from);
    const near = all.filter(({ file }) => visible[file] === 1);
    // what no file imports (a test, a script) is not where an unknown object comes from; a name that values of the language's own types have too says little on its own
    const chosen = near.length > 0 ? near : rules?.builtins.hasMethod(name) === true ? [] : all.filter(({ file }) => this.#isImported(file));
    return chosen.length <= MAX_CANDIDATES ? chosen.map(({ method }) => method[1]) : [];
  }

  /** All that override a member, directly or further down, by id. */
  overriders(member: SymbolId): readonly SymbolId[] {
    const index = (this.#overriders ??= gathered(this.#files, ({ evaluated }) => evaluated.overrides.map(([by, overridden]) => [overridden, by] as const), (by) => by));
    const seen = new Set<SymbolId>();
    const queue = [...(index.get(member) ?? [])];
    for (let at = queue.shift(); at !== undefined && seen.size < MAX_OVERRIDES; at = queue.shift()) {
      if (seen.has(at)) continue;
      seen.add(at);
      queue.push(...(index.get(at) ?? []));
    }
    return [...seen].sort();
  }

  /**
   * What `super().name` in a method of a class may mean besides the class's own next in line: where classes derive from several (C3), the next in the line of
   * each class that derives from it.
   */
  nextInLines(path: string, index: ClassIndex, name: string): readonly SymbolId[] {
    const derived = (this.#derived ??= this.#derivations()).get(classKey(path, index)) ?? [];
    const found = new Set<SymbolId>();
    for (const { behind } of derived) {
      const at = behind.findIndex(([file, ofClass]) => file === path && ofClass === index);
      for (const [file, ofClass] of behind.slice(at + 1)) {
        const member = this.#membersOf().get(memberKey(file, ofClass, name));
        if (member === undefined) continue;
        const [id, method] = member;
        if (method === 1) found.add(id);
        break;
      }
      if (found.size >= MAX_OVERRIDES) break;
    }
    return [...found].sort();
  }

  /** Functions of classes whose results a framework hands out under a name. */
  classProviders(name: string): readonly ClassProvider[] {
    this.#providers ??= gathered(
      this.#files, ({ providers }) => providers.map(([provided, ...rest]) => [provided, rest] as const),
      ([ofClass, index, definition], file): ClassProvider => ({ file, class: ofClass, function: index, definition }),
    );
    return this.#providers.get(name) ?? [];
  }

  /** Files that make something known under a key, in the order of their paths. */
  registrars(key: string): readonly FileIndex[] {
    return (this.#registrars ??= gathered(this.#files, ({ said }) => (said.registers ?? []).map((each) => [each, undefined] as const), (_, file) => file)).get(key) ?? [];
  }

  /** Modules of the repository that are loaded for every test. */
  plugins(): readonly FileIndex[] {
    if (this.#plugins === undefined) {
      const found = new Set<FileIndex>();
      for (const { path, said, rules } of this.#files) {
        for (const specifier of said.plugins) {
          const target = this.#modules.all.find((language) => language.rules === rules)?.resolver.resolve(path, specifier, 'import');
          const file = target?.kind === 'file' ? this.#byPath.get(target.path) : undefined;
          if (file !== undefined) found.add(file);
        }
      }
      this.#plugins = [...found];
    }
    return this.#plugins;
  }

  /** A question's answer as it is now. */
  answer({ kind, about: [first = '', second = '', third = ''] }: Question): string {
    switch (kind) {
      case 'file': return this.#byPath.has(first) ? first : '';
      case 'resolve': return targetText(this.#languageOf(first)?.resolver.resolve(first, second, 'import'));
      case 'submodule': return targetText(this.#submodule(first, packageOf(second), third));
      case 'shared': return this.pathsText(this.shared(first));
      case 'givers': return this.givers(this.#byPath.get(first) ?? -1, second).join('\n');
      case 'known': return String(this.known(first));
      case 'mentioned': return String(this.mentioned(this.#byPath.get(first) ?? -1, second));
      case 'candidates': return this.candidates(this.#byPath.get(first) ?? -1, second, Number(third)).join('\n');
      case 'overriders': return this.overriders(first).join('\n');
      case 'lines': return this.nextInLines(first, Number(second), third).join('\n');
      case 'providers': return this.providersText(this.classProviders(first));
      case 'registrars': return this.pathsText(this.registrars(first));
      case 'plugins': return this.pathsText(this.plugins());
    }
  }

  pathsText(files: readonly FileIndex[]): string {
    return files.map((file) => this.#files[file]?.path ?? '').join('\n');
  }

  providersText(providers: readonly ClassProvider[]): string {
    return providers.map(({ file, class: ofClass, function: index }) => `${this.#files[file]?.path ?? ''} ${ofClass} ${index}`).join('\n');
  }

  #languageOf(path: string): Modules['all'][number] | undefined {
    const rules = this.#files[this.#byPath.get(path) ?? -1]?.rules;
    return this.#modules.all.find((language) => language.rules === rules);
  }

  #submodule(family: string, target: ModuleTarget | undefined, name: string): ModuleTarget | undefined {
    return target === undefined ? undefined : this.#modules.all.find(({ rules }) => rules.family === family)?.resolver.submodule(target, name);
  }

  #methodsOf(): ReadonlyMap<string, readonly { readonly file: FileIndex; readonly method: Method }[]> {
    return (this.#methods ??= gathered(this.#files, ({ said }) => said.methods.map((method) => [method[0], method] as const), (method, file) => ({ file, method })));
  }

  #isImported(file: FileIndex): boolean {
    if (this.#imported === undefined) {
      const imported = new Set<string>();
      for (const { path, targets } of this.#files) {
        for (const target of targets.files) if (target !== path) imported.add(target);
        for (const target of targets.submodules) imported.add(target);
      }
      this.#imported = imported;
    }
    return this.#imported.has(this.#files[file]?.path ?? '');
  }

  /** The file and all that it imports, directly or through others. Files are linked one after the other: only the last one's are kept. */
  #visibleFrom(from: FileIndex): Uint8Array {
    if (this.#visible?.from === from) return this.#visible.files;
    const seen = new Uint8Array(this.#files.length);
    seen[from] = 1;
    const queue = [from];
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      for (const target of this.#files[at]?.targets.files ?? []) {
        const next = this.#byPath.get(target);
        if (next === undefined || seen[next] === 1) continue;
        seen[next] = 1;
        queue.push(next);
      }
    }
    this.#visible = { from, files: seen };
    return seen;
  }

  /** The lines of classes by each class that is in them. */
  #derivations(): ReadonlyMap<string, readonly { readonly behind: Contribution['lines'][number]['behind'] }[]> {
    return gathered(this.#files, ({ evaluated }) => evaluated.lines.flatMap(({ behind }) => behind.map(([path, index]) => [classKey(path, index), { behind }] as const)), (line) => line);
  }

  #membersOf(): ReadonlyMap<string, readonly [id: SymbolId, method: 0 | 1]> {
    if (this.#members === undefined) {
      const members = new Map<string, readonly [id: SymbolId, method: 0 | 1]>();
      for (const { path, said } of this.#files) for (const [ofClass, name, id, method] of said.members) members.set(memberKey(path, ofClass, name), [id, method]);
      this.#members = members;
    }
    return this.#members;
  }
}

function takes([, , least, most]: Method, count: number): boolean {
  return count < 0 || least < 0 || (count >= least && (most < 0 || count <= most));
}

function classKey(path: string, index: ClassIndex): string {
  return `${index} ${path}`;
}

function memberKey(path: string, ofClass: ClassIndex, name: string): string {
  return `${name} ${ofClass} ${path}`;
}

/** All entries of all files by their keys, in the order of the files. */
function gathered<E, V>(files: readonly LookupFile[], entries: (file: LookupFile) => readonly (readonly [string, E])[], value: (entry: E, file: FileIndex) => V): ReadonlyMap<string, readonly V[]> {
  const map = new Map<string, V[]>();
  files.forEach((file, index) => {
    for (const [key, entry] of entries(file)) {
      const list = map.get(key);
      if (list === undefined) map.set(key, [value(entry, index)]);
      else list.push(value(entry, index));
    }
  });
  return map;
}
