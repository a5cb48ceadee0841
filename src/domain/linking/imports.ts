import type { ImportFacts, LanguageId } from '../file-facts.js';
import type { LanguageRules } from './language-rules.js';
import type { ImportStyle, ModuleContext, ModuleResolver, ModuleTarget } from './module-resolver.js';

/** A language family and how its modules are found in one snapshot. */
export interface ModuleLanguage {
  readonly rules: LanguageRules;
  readonly resolver: ModuleResolver;
}

/** How the modules of every language family are found in one snapshot. */
export class Modules {
  readonly languages: readonly LanguageRules[];
  readonly all: readonly ModuleLanguage[];
  readonly #byLanguage: ReadonlyMap<LanguageId, ModuleLanguage>;

  constructor(context: ModuleContext, languages: readonly LanguageRules[]) {
    this.languages = languages;
    this.all = languages.map((rules) => ({ rules, resolver: rules.modules.create(context) }));
    this.#byLanguage = new Map(this.all.flatMap((each) => each.rules.languages.map((language) => [language, each] as const)));
  }

  /** Throws a RangeError for a language that no family has. */
  of(language: LanguageId): ModuleLanguage {
    const found = this.#byLanguage.get(language);
    if (found === undefined) throw new RangeError(`no rules for language ${language}`);
    return found;
  }
}

/** What of an import decides where it leads, without the file around it. */
export interface ImportRequest {
  readonly specifier: string;
  readonly style: ImportStyle;
  /** Names that may be submodules of what it leads to (Python's from-imports). */
  readonly names: readonly string[];
}

export function importStyle(facts: ImportFacts): ImportStyle {
  return facts.kind === 'require' || facts.kind === 'equals' ? 'require' : facts.typeOnly === true || facts.kind === 'type' ? 'type' : 'import';
}

export function importRequests(imports: readonly ImportFacts[]): readonly ImportRequest[] {
  return imports.map((facts) => ({ specifier: facts.specifier, style: importStyle(facts), names: facts.kind === 'from' ? facts.names.map((name) => name.imported) : [] }));
}

/** Where the imports of a file lead. */
export interface ImportTargets {
  /** All of it as text: equal for equal targets. */
  readonly text: string;
  /** Paths that import statements lead to, in their order, once each. */
  readonly files: readonly string[];
  /** Paths of submodules that they name. */
  readonly submodules: readonly string[];
}

export function importTargets({ resolver }: ModuleLanguage, path: string, requests: readonly ImportRequest[]): ImportTargets {
  const files = new Set<string>();
  const submodules = new Set<string>();
  const texts: string[] = [];
  for (const { specifier, style, names } of requests) {
    const target = resolver.resolve(path, specifier, style);
    texts.push(targetText(target));
    if (target.kind === 'file') files.add(target.path);
    for (const name of names) {
      const submodule = resolver.submodule(target, name);
      if (submodule?.kind === 'file') submodules.add(submodule.path);
    }
  }
  return { text: texts.join('\n'), files: [...files], submodules: [...submodules] };
}

/** A target as text: equal for equal targets; empty for none. */
export function targetText(target: ModuleTarget | undefined): string {
  switch (target?.kind) {
    case undefined: return '';
    case 'file': return `f ${target.path}`;
    case 'namespace': return `n ${JSON.stringify(target.folders)}`;
    case 'external': return `e ${target.package} ${target.module}`;
    case 'asset': return `a ${target.path}`;
    case 'missing': return 'm';
  }
}

/** What {@link targetText} wrote, for what has submodules. */
export function packageOf(text: string): ModuleTarget | undefined {
  if (text.startsWith('f ')) return { kind: 'file', path: text.slice(2) };
  // written by targetText: an array of strings
  if (text.startsWith('n ')) return { kind: 'namespace', folders: JSON.parse(text.slice(2)) as string[] };
  return undefined;
}
