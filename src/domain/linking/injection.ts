import type { ClassIndex, DefinitionIndex, FileFacts, FunctionIndex } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import type { Kept } from './evaluator.js';
import type { InjectionRules } from './language-rules.js';
import type { LinkFile } from './program.js';
import { flatMap, only, open, withOpen, type Value, type ValueSet } from './value.js';

/** A function whose result is handed to whatever names it as a parameter. */
interface Provider {
  readonly file: LinkFile;
  readonly function: FunctionIndex;
  readonly definition: DefinitionIndex;
  /** Class it is a member of; -1 for none. */
  readonly class: ClassIndex;
}

interface FileProviders {
  readonly module: ReadonlyMap<string, Provider>;
  readonly members: ReadonlyMap<ClassIndex, ReadonlyMap<string, Provider>>;
  readonly functions: ReadonlySet<FunctionIndex>;
}

/**
 * Parameters that a framework fills by their names (pytest's fixtures, https://docs.pytest.org/en/stable/how-to/fixtures.html): the nearest provider of that
 * name counts, from the class outwards over the module and the shared files of the folders above to the plugins.
 */
export class Injections {
  readonly #ev: Evaluation;
  readonly #files: (Kept<FileProviders> | undefined)[] = [];

  constructor(ev: Evaluation) {
    this.#ev = ev;
  }

  /** What is handed to a parameter; undefined where nothing fills it by name. */
  parameter(file: LinkFile, index: FunctionIndex, at: number): ValueSet | undefined {
    const rules = file.rules.injection;
    const facts = file.facts.functions[index];
    const parameter = facts?.parameters[at];
    const definition = file.facts.definitions[facts?.definition ?? -1];
    if (rules === undefined || facts === undefined || definition === undefined || parameter?.name === undefined) return undefined;
    if (parameter.default !== undefined || parameter.form === 'rest' || parameter.form === 'keywords') return undefined;
    const outer = file.facts.definitions[definition.parent];
    const consumes = this.#of(file, rules).functions.has(index) || (rules.consumer.test(definition.name) && (outer === undefined || outer.class !== undefined));
    if (!consumes) return undefined;
    const { name } = parameter;
    if ([...(definition.decorators ?? []), ...(outer?.decorators ?? [])].some((decorator) => this.#isGivenBy(file, decorator, name, rules))) return undefined;
    const own: Provider = { file, function: index, definition: facts.definition, class: facts.member?.class ?? -1 };
    const provider = this.#nearest(own, name, rules);
    if (provider === undefined) {
      const known = rules.known.get(name);
      return known === undefined ? undefined : only(this.#ev.values.external(known[0], known.slice(1), rules.mediators.has(name) ? { derived: true, entangled: true } : { derived: true }));
    }
    const set = this.#result(provider, own);
    return this.#isReplaced(own, provider, name, rules) ? withOpen(set.values, 'untyped-parameter') : set;
  }

  #nearest(own: Provider, name: string, rules: InjectionRules): Provider | undefined {
    const other = (provider: Provider | undefined): Provider | undefined => (provider?.file === own.file && provider.function === own.function ? undefined : provider);
    if (own.class >= 0) {
      for (const entry of this.#ev.lineage(own.file.index, own.class).entries) {
        const found = other(this.#of(entry.file, rules).members.get(entry.class)?.get(name));
        if (found !== undefined) return found;
      }
    }
    const inModule = other(this.#inModule(own.file, name, rules));
    if (inModule !== undefined) return inModule;
    const parts = own.file.path.split('/').slice(0, -1);
    for (; ; parts.pop()) {
      const shared = this.#ev.program.at([...parts, rules.sharedFile].join('/'));
      const found = shared === undefined ? undefined : other(this.#inModule(shared, name, rules));
      if (found !== undefined) return found;
      if (parts.length === 0) break;
    }
    const { program } = this.#ev;
    const inPlugins = program.inquiry.plugins().map((index) => program.file(index)).filter((file) => file.rules === own.file.rules).flatMap((file) => other(this.#inModule(file, name, rules)) ?? []);
    return inPlugins.length === 1 ? inPlugins[0] : undefined;
  }

  /** A provider that a module declares or imports. */
  #inModule(file: LinkFile, name: string, rules: InjectionRules): Provider | undefined {
    const own = this.#of(file, rules).module.get(name);
    if (own !== undefined) return own;
    if (file.binding(0, name)?.imports === undefined && !file.facts.imports.some((facts) => facts.star === true && facts.scope === 0)) return undefined;
    const values = this.#ev.apart(() => this.#ev.exported(file, name)).values;
    const [value] = values;
    if (values.length !== 1 || value?.v !== 'function') return undefined;
    const source = this.#ev.program.file(value.file);
    return this.#of(source, rules).functions.has(value.function) ? { file: source, function: value.function, definition: value.definition, class: -1 } : undefined;
  }

  /** What a provider hands out: what it returns, or what it yields once. */
  #result(provider: Provider, consumer: Provider): ValueSet {
    const { file } = provider;
    const receiver: Value | undefined = provider.class < 0 ? undefined : this.#ev.values.instance(consumer.file.index, consumer.class < 0 ? provider.class : consumer.class);
    const set = this.#ev.awaited(this.#ev.call(only(this.#ev.values.function(file.index, provider.function, provider.definition, receiver))));
    if (file.facts.functions[provider.function]?.generator !== true) return set;
    // a generator that is declared to return what it yields means just that
    return flatMap(set, (value) => (value.v === 'builtin' && value.arguments.length > 0 ? (value.arguments[0] ?? open('untyped-value')) : only(value)));
  }

  /** Whether a class that derives from the consumer's own puts another provider in the place of the one found. */
  #isReplaced(consumer: Provider, provider: Provider, name: string, rules: InjectionRules): boolean {
    if (consumer.class < 0) return false;
    return this.#ev.program.inquiry.classProviders(name).some((candidate) => {
      if (this.#ev.program.file(candidate.file).rules.injection !== rules) return false;
      if (candidate.function === provider.function && candidate.file === provider.file.index) return false;
      if (candidate.function === consumer.function && candidate.file === consumer.file.index) return false;
      return this.#ev.lineage(candidate.file, candidate.class).entries.slice(1).some((entry) => entry.file === consumer.file && entry.class === consumer.class);
    });
  }

  /** The providers that the classes of a file declare. */
  classProviders(file: LinkFile): readonly (readonly [name: string, ofClass: ClassIndex, index: FunctionIndex, definition: DefinitionIndex])[] {
    const { injection } = file.rules;
    if (injection === undefined) return [];
    return [...this.#of(file, injection).members].flatMap(([ofClass, members]) => [...members].map(([name, provider]) => [name, ofClass, provider.function, provider.definition] as const));
  }

  #of(file: LinkFile, rules: InjectionRules): FileProviders {
    const { tracer } = this.#ev;
    tracer.read(file.index);
    const known = this.#files[file.index];
    if (known !== undefined) {
      tracer.add(known.trace);
      return known.result;
    }
    const outer = tracer.begin();
    let result: FileProviders | undefined;
    try {
      result = this.#find(file, rules);
    } finally {
      const trace = tracer.end(outer);
      if (result !== undefined) this.#files[file.index] = { result, trace };
    }
    return result;
  }

  #find(file: LinkFile, rules: InjectionRules): FileProviders {
    const module = new Map<string, Provider>();
    const members = new Map<ClassIndex, Map<string, Provider>>();
    const functions = new Set<FunctionIndex>();
    file.facts.definitions.forEach((definition, index) => {
      if (definition.function === undefined || definition.decorators === undefined || file.rules.injection !== rules) return;
      const outer = file.facts.definitions[definition.parent];
      if (outer !== undefined && outer.class === undefined) return;
      for (const decorator of definition.decorators) {
        const facts = file.facts.exprs[decorator];
        if (!this.#isExternal(file, facts?.k === 'call' ? facts.callee : decorator, rules.providers)) continue;
        const given = facts?.k === 'call' ? file.facts.exprs[facts.keywords?.find((keyword) => keyword.name === 'name')?.value ?? 0] : undefined;
        const name = given?.k === 'literal' && given.value !== undefined ? given.value : definition.name;
        const provider: Provider = { file, function: definition.function, definition: index, class: outer?.class ?? -1 };
        functions.add(definition.function);
        if (outer?.class === undefined) module.set(name, provider);
        else {
          const ofClass = members.get(outer.class) ?? new Map<string, Provider>();
          members.set(outer.class, ofClass.set(name, provider));
        }
        break;
      }
    });
    return { module, members, functions };
  }

  /** Whether a decorator itself gives the parameter its values, by a list of names that holds it or cannot be read. */
  #isGivenBy(file: LinkFile, decorator: number, name: string, rules: InjectionRules): boolean {
    const facts = file.facts.exprs[decorator];
    if (facts?.k !== 'call' || !this.#isExternal(file, facts.callee, rules.parametrizers)) return false;
    if (facts.keywords?.some((keyword) => keyword.name === 'indirect') === true) return false;
    const names = strings(file.facts, facts.arguments[0] ?? facts.keywords?.find((keyword) => keyword.name === 'argnames')?.value);
    return names === undefined || names.some((entry) => entry.split(',').some((part) => part.trim() === name));
  }

  #isExternal(file: LinkFile, index: number, names: ReadonlySet<string>): boolean {
    const facts = file.facts.exprs[index];
    if (facts?.k !== 'name' && facts?.k !== 'member') return false;
    return this.#ev.apart(() => this.#ev.expr(file, index)).values.some((value) => value.v === 'external' && names.has([value.package, ...value.members].join('.')));
  }
}

/** Modules that a file has loaded for every test, as it names them: in a variable of a module, or as an entry point of a distribution. */
export function pluginSpecifiers(path: string, facts: FileFacts, injection: InjectionRules): readonly string[] {
  const variable = facts.scopes[0]?.bindings.find((binding) => binding.name === injection.pluginsVariable);
  const found = (variable?.values ?? []).flatMap((value) => strings(facts, value) ?? []);
  if (path !== 'setup.py' && !path.endsWith('/setup.py')) return found;
  for (const expr of facts.exprs) {
    if (expr.k !== 'object') continue;
    for (const property of expr.properties) {
      if (property.name !== injection.entryPoint) continue;
      for (const entry of strings(facts, property.value) ?? []) found.push((entry.split('=')[1] ?? '').split(/[:[]/)[0]?.trim() ?? '');
    }
  }
  return found;
}

/** Constant strings, alone or in a list; undefined for anything else. */
function strings(facts: FileFacts, index: number | undefined): readonly string[] | undefined {
  const expr = facts.exprs[index ?? 0];
  if (expr?.k === 'literal' && expr.type === 'string' && expr.value !== undefined) return [expr.value];
  if (expr?.k !== 'array') return undefined;
  const out: string[] = [];
  for (const element of expr.elements) {
    const literal = facts.exprs[element];
    if (literal?.k !== 'literal' || literal.value === undefined) return undefined;
    out.push(literal.value);
  }
  return out;
}
