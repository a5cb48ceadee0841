import { declare, type Declarations } from './declarations.js';
import type { Binding, ClassIndex, DefinitionIndex, FileFacts, FunctionIndex, ImportIndex, MemberAssignment, ScopeIndex, TypeIndex, TypeParameter } from '../file-facts.js';
import type { BuiltinType } from './builtin-types.js';
import type { LanguageRules } from './language-rules.js';
import type { LinkRequest, LinkSource } from './linker.js';
import type { ModuleResolver, ModuleTarget } from './module-resolver.js';
import { Values, type FileIndex, type ValueSet } from './value.js';

/** A file while its snapshot is linked: its facts, what is derived from them once, and what evaluation has found so far. */
export class LinkFile {
  readonly index: FileIndex;
  readonly source: LinkSource;
  readonly path: string;
  readonly facts: FileFacts;
  readonly rules: LanguageRules;
  readonly #resolver: ModuleResolver;
  #declarations: Declarations | undefined;
  #scopes: (ReadonlyMap<string, Binding> | undefined)[] = [];
  #targets: (ModuleTarget | undefined)[] = [];
  #byClass: ReadonlyMap<ClassIndex, readonly MemberAssignment[]> | undefined;
  #byValue: ReadonlyMap<FunctionIndex, readonly MemberAssignment[]> | undefined;
  #byFunction: ReadonlyMap<FunctionIndex, readonly MemberAssignment[]> | undefined;
  #constraints: Map<string, TypeIndex> | undefined;
  #scopeOfDefinition: ReadonlyMap<DefinitionIndex, Binding> | undefined;

  constructor(index: FileIndex, source: LinkSource, facts: FileFacts, rules: LanguageRules, resolver: ModuleResolver) {
    this.index = index;
    this.source = source;
    this.path = source.path;
    this.facts = facts;
    this.rules = rules;
    this.#resolver = resolver;
  }

  get declarations(): Declarations {
    return (this.#declarations ??= declare(this.path, this.facts));
  }

  /** What a scope itself binds to a name. */
  binding(scope: ScopeIndex, name: string): Binding | undefined {
    let map = this.#scopes[scope];
    if (map === undefined) this.#scopes[scope] = map = new Map(this.facts.scopes[scope]?.bindings.map((binding) => [binding.name, binding]));
    return map.get(name);
  }

  /**
   * The binding that a name read in a scope means, by the language's rules of visibility; undefined when nothing in the file binds it. Where the language
   * keeps types and values apart, a name of the other sort does not shadow.
   */
  lookup(scope: ScopeIndex, name: string, space: 'value' | 'type' = 'value'): { readonly scope: ScopeIndex; readonly binding: Binding } | undefined {
    let entered = false;
    for (let at = scope; at >= 0; ) {
      const facts = this.facts.scopes[at];
      if (facts === undefined) return undefined;
      const visible = facts.kind !== 'class' || this.rules.classScopesVisible || !entered;
      const binding = visible ? this.binding(at, name) : undefined;
      if (binding !== undefined && (!this.rules.separateTypeNames || this.#has(binding, space))) {
        if (binding.kind === 'global') return this.#moduleBinding(name);
        if (binding.kind !== 'nonlocal') return { scope: at, binding };
      }
      if (facts.kind === 'function' || facts.kind === 'comprehension' || facts.kind === 'class') entered = true;
      at = facts.parent;
    }
    return undefined;
  }

  /** What a name is bound to apart from what a block knows of it: its declaration. */
  declaration(scope: ScopeIndex, name: string): { readonly scope: ScopeIndex; readonly binding: Binding } | undefined {
    let found = this.lookup(scope, name);
    while (found?.binding.kind === 'narrowed') found = this.lookup(this.facts.scopes[found.scope]?.parent ?? -1, name);
    return found;
  }

  /** Whether a binding gives something in that space. */
  #has(binding: Binding, space: 'value' | 'type'): boolean {
    if (binding.kind === 'type-parameter') return space === 'type';
    if (binding.imports !== undefined) return true;
    if (space === 'value' && (binding.values !== undefined || binding.definitions === undefined)) return true;
    return binding.definitions?.some((index) => {
      const kind = this.facts.definitions[index]?.kind;
      return kind === 'class' || kind === 'enum' || kind === 'module' || (kind === 'interface' || kind === 'type') === (space === 'type');
    }) === true;
  }

  #moduleBinding(name: string): { readonly scope: ScopeIndex; readonly binding: Binding } | undefined {
    const binding = this.binding(0, name);
    return binding === undefined ? undefined : { scope: 0, binding };
  }

  /** Where an import leads. */
  target(index: ImportIndex): ModuleTarget {
    const known = this.#targets[index];
    if (known !== undefined) return known;
    const facts = this.facts.imports[index];
    const style = facts?.kind === 'require' || facts?.kind === 'equals' ? 'require' : facts?.typeOnly === true || facts?.kind === 'type' ? 'type' : 'import';
    const target: ModuleTarget = facts === undefined ? { kind: 'missing' } : this.#resolver.resolve(this.path, facts.specifier, style);
    this.#targets[index] = target;
    return target;
  }

  /** Resolves a specifier that no import statement wrote. */
  resolve(specifier: string): ModuleTarget {
    return this.#resolver.resolve(this.path, specifier, 'import');
  }

  submodule(target: ModuleTarget, name: string): ModuleTarget | undefined {
    return this.#resolver.submodule(target, name);
  }

  /** `this.x = …` and the like in the members of a class. */
  assignmentsIn(index: ClassIndex): readonly MemberAssignment[] {
    this.#byClass ??= grouped(this.facts.assignments, (assignment) => assignment.class);
    return this.#byClass.get(index) ?? [];
  }

  /** `this.x = …` in a plain function. */
  assignmentsInFunction(index: FunctionIndex): readonly MemberAssignment[] {
    this.#byFunction ??= grouped(this.facts.assignments, (assignment) => {
      const target = this.facts.exprs[assignment.target];
      return target?.k === 'this' && target.class === undefined ? target.function : undefined;
    });
    return this.#byFunction.get(index) ?? [];
  }

  /** `x.f = function …`: the assignments of which a function is the value. */
  assignmentsOf(index: FunctionIndex): readonly MemberAssignment[] {
    this.#byValue ??= grouped(this.facts.assignments, (assignment) => {
      const value = assignment.value === undefined ? undefined : this.facts.exprs[assignment.value];
      return value?.k === 'function' ? value.function : undefined;
    });
    return this.#byValue.get(index) ?? [];
  }

  /** The binding through which a definition is named, unless it is a member. */
  bindingOfDefinition(index: DefinitionIndex): Binding | undefined {
    if (this.#scopeOfDefinition === undefined) {
      const map = new Map<DefinitionIndex, Binding>();
      for (const scope of this.facts.scopes) for (const binding of scope.bindings) for (const definition of binding.definitions ?? []) map.set(definition, binding);
      this.#scopeOfDefinition = map;
    }
    return this.#scopeOfDefinition.get(index);
  }

  /** The constraint of a type parameter by the scope that binds it. */
  constraint(scope: ScopeIndex, name: string): TypeIndex | undefined {
    if (this.#constraints === undefined) {
      this.#constraints = new Map();
      const declare = (parameters: readonly TypeParameter[] | undefined, from: ScopeIndex): void => {
        for (const parameter of parameters ?? []) {
          if (parameter.constraint === undefined) continue;
          const at = this.lookup(from, parameter.name, 'type')?.scope ?? from;
          this.#constraints?.set(`${at} ${parameter.name}`, parameter.constraint);
        }
      };
      for (const facts of this.facts.functions) declare(facts.typeParameters, facts.scope);
      for (const facts of this.facts.classes) declare(facts.typeParameters, facts.scope);
    }
    return this.#constraints.get(`${scope} ${name}`);
  }

  /** Evaluation's memory; see evaluator.ts. */
  readonly exprValues: (ValueSet | undefined)[] = [];
  readonly typeValues: (ValueSet | undefined)[] = [];
  readonly bindingValues = new Map<Binding, ValueSet>();
}

function grouped<K>(assignments: readonly MemberAssignment[], key: (assignment: MemberAssignment) => K | undefined): ReadonlyMap<K, readonly MemberAssignment[]> {
  const groups = new Map<K, MemberAssignment[]>();
  for (const assignment of assignments) {
    const at = key(assignment);
    if (at === undefined) continue;
    const group = groups.get(at);
    if (group === undefined) groups.set(at, [assignment]);
    else group.push(assignment);
  }
  return groups;
}

/** A name that every file sees without importing it. */
export interface SharedName {
  readonly file: LinkFile;
  readonly scope: ScopeIndex;
  readonly binding: Binding;
  /** Declared for all, not just put there by a script. */
  readonly ambient: boolean;
}

/** All files of a snapshot while it is linked. */
export class Program {
  readonly values = new Values();
  readonly files: readonly LinkFile[];
  readonly resolvers: readonly ModuleResolver[];
  readonly languages: readonly LanguageRules[];
  readonly #byPath: ReadonlyMap<string, LinkFile>;
  #shared: ReadonlyMap<string, readonly SharedName[]> | undefined;

  constructor(request: LinkRequest, languages: readonly LanguageRules[]) {
    const resolvers = new Map(languages.map((rules) => [rules, rules.modules.create(request.context)] as const));
    const rulesOf = new Map(languages.flatMap((rules) => rules.languages.map((language) => [language, rules] as const)));
    const files: LinkFile[] = [];
    for (const source of request.sources) {
      const facts = source.facts();
      const rules = rulesOf.get(facts.language);
      const resolver = rules === undefined ? undefined : resolvers.get(rules);
      if (rules === undefined || resolver === undefined) throw new RangeError(`no rules for language ${facts.language}`);
      files.push(new LinkFile(files.length, source, facts, rules, resolver));
    }
    this.files = files;
    this.resolvers = [...resolvers.values()];
    this.languages = languages;
    this.#byPath = new Map(files.map((file) => [file.path, file]));
  }

  file(index: FileIndex): LinkFile {
    const file = this.files[index];
    if (file === undefined) throw new RangeError(`file ${index}`);
    return file;
  }

  /** What a builtin type is, in whichever language has it. */
  builtinType(name: string): BuiltinType | undefined {
    for (const rules of this.languages) {
      const found = rules.builtins.type(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** What scripts (files that are no modules) and ambient declarations give to every file under a name. */
  shared(name: string): readonly SharedName[] | undefined {
    if (this.#shared === undefined) {
      const map = new Map<string, SharedName[]>();
      const add = (entry: SharedName): void => {
        const list = map.get(entry.binding.name);
        if (list === undefined) map.set(entry.binding.name, [entry]);
        else list.push(entry);
      };
      for (const file of this.files) {
        if (!file.rules.sharedScripts) continue;
        const ambient = file.path.endsWith('.d.ts');
        if (file.facts.moduleKind === 'script') for (const binding of file.facts.scopes[0]?.bindings ?? []) add({ file, scope: 0, binding, ambient });
        for (const definition of file.facts.definitions) {
          if (definition.kind !== 'module' || definition.name !== 'global' || definition.body === undefined) continue;
          for (const binding of file.facts.scopes[definition.body]?.bindings ?? []) add({ file, scope: definition.body, binding, ambient: true });
        }
      }
      this.#shared = map;
    }
    return this.#shared.get(name);
  }

  at(path: string): LinkFile | undefined {
    return this.#byPath.get(path);
  }
}
