import { declare, type Declarations } from './declarations.js';
import type { Binding, ClassIndex, DefinitionIndex, FileFacts, FunctionIndex, ImportIndex, MemberAssignment, ScopeIndex, TypeIndex, TypeParameter } from '../file-facts.js';
import type { BuiltinType } from './builtin-types.js';
import type { LanguageRules } from './language-rules.js';
import type { LinkSource } from './linker.js';
import type { ModuleResolver, ModuleTarget } from './module-resolver.js';
import type { Kept } from './evaluator.js';
import type { Inquiry } from './inquiry.js';
import { importStyle, targetText, type Modules } from './imports.js';
import { Tracer } from './tracer.js';
import { Values, type FileIndex, type ValueSet } from './value.js';

/** A file while its snapshot is linked: its facts, what is derived from them once, and what evaluation has found so far. */
export class LinkFile {
  readonly index: FileIndex;
  readonly source: LinkSource;
  readonly path: string;
  readonly rules: LanguageRules;
  readonly #resolver: ModuleResolver;
  readonly #tracer: Tracer;
  readonly #onTake: (facts: FileFacts) => void;
  #facts: FileFacts | undefined;
  #declarations: Declarations | undefined;
  #scopes: (ReadonlyMap<string, Binding> | undefined)[] = [];
  #targets: (ModuleTarget | undefined)[] = [];
  #byClass: ReadonlyMap<ClassIndex, readonly MemberAssignment[]> | undefined;
  #byValue: ReadonlyMap<FunctionIndex, readonly MemberAssignment[]> | undefined;
  #byFunction: ReadonlyMap<FunctionIndex, readonly MemberAssignment[]> | undefined;
  #constraints: Map<string, TypeIndex> | undefined;
  #scopeOfDefinition: ReadonlyMap<DefinitionIndex, Binding> | undefined;
  #signatures: ReadonlyMap<FunctionIndex, readonly FunctionIndex[]> | undefined;

  constructor(index: FileIndex, source: LinkSource, language: { readonly rules: LanguageRules; readonly resolver: ModuleResolver }, program: { readonly tracer: Tracer; readonly onTake: (facts: FileFacts) => void }) {
    this.index = index;
    this.source = source;
    this.path = source.path;
    this.rules = language.rules;
    this.#resolver = language.resolver;
    this.#tracer = program.tracer;
    this.#onTake = program.onTake;
  }

  /** Throws {@link FactsNeeded} when they are not at hand. */
  get facts(): FileFacts {
    return (this.#facts ??= this.#take());
  }

  #take(): FileFacts {
    const facts = this.source.facts();
    if (facts === undefined) throw new FactsNeeded(this.index);
    this.#onTake(facts);
    return facts;
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
    const target: ModuleTarget = facts === undefined ? { kind: 'missing' } : this.#resolver.resolve(this.path, facts.specifier, importStyle(facts));
    this.#targets[index] = target;
    return target;
  }

  /** Resolves a specifier that no import statement wrote. */
  resolve(specifier: string): ModuleTarget {
    const target = this.#resolver.resolve(this.path, specifier, 'import');
    this.#tracer.ask('resolve', [this.path, specifier], targetText(target));
    return target;
  }

  submodule(target: ModuleTarget, name: string): ModuleTarget | undefined {
    if (target.kind !== 'file' && target.kind !== 'namespace') return undefined;
    const found = this.#resolver.submodule(target, name);
    this.#tracer.ask('submodule', [this.rules.family, targetText(target), name], targetText(found));
    return found;
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

  /** The call signatures (or construct signatures) of the type that a nameless one of them belongs to. */
  signaturesOf(index: FunctionIndex): readonly FunctionIndex[] | undefined {
    if (this.#signatures === undefined) {
      const map = new Map<FunctionIndex, readonly FunctionIndex[]>();
      for (const { members } of this.facts.classes) {
        for (const kind of ['call', 'construct'] as const) {
          const functions = members.flatMap((member) => (member.kind === kind ? (member.functions ?? []) : []));
          if (functions.length > 1) for (const each of functions) map.set(each, functions);
        }
      }
      this.#signatures = map;
    }
    return this.#signatures.get(index);
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
  readonly exprValues: (Kept<ValueSet> | undefined)[] = [];
  readonly typeValues: (Kept<ValueSet> | undefined)[] = [];
  readonly bindingValues = new Map<Binding, Kept<ValueSet>>();
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

/** Thrown when linking comes upon a file whose facts are not at hand: whoever links gets them and tries again. */
export class FactsNeeded {
  readonly file: FileIndex;

  constructor(file: FileIndex) {
    this.file = file;
  }
}

/** All files of a snapshot while it is linked. */
export class Program {
  readonly values = new Values();
  readonly tracer = new Tracer();
  readonly files: readonly LinkFile[];
  readonly languages: readonly LanguageRules[];
  readonly #byPath: ReadonlyMap<string, LinkFile>;
  readonly #modules: Modules;
  #inquiry: Inquiry | undefined;
  #taken = 0;

  constructor(sources: readonly LinkSource[], modules: Modules) {
    const onTake = (facts: FileFacts): void => {
      this.#taken += facts.bytes;
    };
    this.files = sources.map((source, index) => new LinkFile(index, source, modules.of(source.language), { tracer: this.tracer, onTake }));
    this.languages = modules.languages;
    this.#modules = modules;
    this.#byPath = new Map(this.files.map((file) => [file.path, file]));
  }

  /** Source bytes of the files whose facts have been taken. */
  get taken(): number {
    return this.#taken;
  }

  file(index: FileIndex): LinkFile {
    const file = this.files[index];
    if (file === undefined) throw new RangeError(`file ${index}`);
    this.tracer.read(index);
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

  /** Where the snapshot as a whole is asked; set once its files have said what they contribute. */
  get inquiry(): Inquiry {
    if (this.#inquiry === undefined) throw new RangeError('nothing can be looked up yet');
    return this.#inquiry;
  }

  set inquiry(inquiry: Inquiry) {
    this.#inquiry = inquiry;
  }

  /** What scripts (files that are no modules) and ambient declarations give to every file under a name. */
  shared(name: string): readonly SharedName[] | undefined {
    const found = this.inquiry.shared(name).flatMap((file) => sharedIn(this.file(file), name));
    return found.length === 0 ? undefined : found;
  }

  /** A name in a package, by the rules of whichever language knows it. */
  submodule(target: ModuleTarget, name: string): ModuleTarget | undefined {
    for (const { rules, resolver } of this.#modules.all) {
      const found = resolver.submodule(target, name);
      this.tracer.ask('submodule', [rules.family, targetText(target), name], targetText(found));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  at(path: string): LinkFile | undefined {
    const file = this.#byPath.get(path);
    if (file === undefined) this.tracer.ask('file', [path], '');
    else this.tracer.read(file.index);
    return file;
  }
}

/** What a file gives to all others under a name, as a script or by an ambient declaration. */
function sharedIn(file: LinkFile, name: string): readonly SharedName[] {
  const ambient = file.path.endsWith('.d.ts');
  const found: SharedName[] = [];
  for (const { scope, global } of sharedScopes(file.facts)) {
    const binding = file.binding(scope, name);
    if (binding !== undefined) found.push({ file, scope, binding, ambient: global || ambient });
  }
  return found;
}

/** The scopes of a file whose names every file sees: a script's own, and those of `declare global`. */
export function sharedScopes(facts: FileFacts): readonly { readonly scope: ScopeIndex; readonly global: boolean }[] {
  const scopes = facts.moduleKind === 'script' ? [{ scope: 0, global: false }] : [];
  for (const definition of facts.definitions) {
    if (definition.kind === 'module' && definition.name === 'global' && definition.body !== undefined) scopes.push({ scope: definition.body, global: true });
  }
  return scopes;
}
