import {
  FACTS_FORMAT, type Binding, type CallSite, type ClassFacts, type ClassIndex, type Definition, type DefinitionIndex, type ElementStore, type ExportFacts, type Expr, type ExprIndex,
  type FactDiagnostic, type FileFacts, type FunctionFacts, type FunctionIndex, type ImpliedCall, type ImportFacts, type ImportIndex, type ImportedBinding, type LanguageId,
  type MemberAssignment, type Reference, type Scope, type ScopeIndex, type SiteIndex, type TypeExpr, type TypeIndex, type TypeReference,
} from '../../domain/file-facts.js';

/** A fact while it is being gathered. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] extends readonly (infer E)[] | undefined ? E[] | undefined : T[K] };

export interface BindingSource {
  readonly kind: Binding['kind'];
  readonly definition?: DefinitionIndex | undefined;
  readonly import?: ImportedBinding | undefined;
  readonly type?: TypeIndex | undefined;
  readonly value?: ExprIndex | undefined;
  readonly constant?: boolean | undefined;
  readonly exported?: boolean | undefined;
  readonly line: number;
  readonly column: number;
}

type ScopeDraft = { kind: Scope['kind']; parent: ScopeIndex; owner: DefinitionIndex; bindings: Draft<Binding>[]; byName: Map<string, Draft<Binding>> };

/** Gathers the facts of one file: hands out indexes, merges bindings of one name in one scope, shares equal simple expressions. */
export class FactsBuilder {
  readonly scopes: ScopeDraft[] = [];
  readonly definitions: Draft<Definition>[] = [];
  readonly functions: Draft<FunctionFacts>[] = [];
  readonly classes: Draft<ClassFacts>[] = [];
  readonly imports: Draft<ImportFacts>[] = [];
  readonly exports: ExportFacts[] = [];
  readonly exprs: Expr[] = [{ k: 'unknown' }];
  readonly types: TypeExpr[] = [{ k: 'opaque' }];
  readonly sites: CallSite[] = [];
  readonly assignments: MemberAssignment[] = [];
  readonly stores: ElementStore[] = [];
  readonly implied: ImpliedCall[] = [];
  readonly references: Reference[] = [];
  readonly typeReferences: TypeReference[] = [];
  readonly diagnostics: FactDiagnostic[] = [];
  moduleKind: FileFacts['moduleKind'] = 'script';
  all: string[] | undefined;
  readonly #shared = new Map<string, ExprIndex>();
  readonly #names = new Map<string, string>();
  readonly #members = new WeakMap<readonly number[], Set<number>>();

  constructor() {
    this.scope('module', -1, -1);
  }

  /** The same string for equal names, so that facts do not keep the file's text alive and stay small. */
  intern(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    this.#names.set(name, name);
    return name;
  }

  scope(kind: Scope['kind'], parent: ScopeIndex, owner: DefinitionIndex): ScopeIndex {
    this.scopes.push({ kind, parent, owner, bindings: [], byName: new Map() });
    return this.scopes.length - 1;
  }

  /** Adds one source to a name of a scope, keeping what is bound to it already. */
  bind(scope: ScopeIndex, name: string, source: BindingSource): void {
    const target = this.scopes[scope];
    if (target === undefined) throw new RangeError(`scope ${scope}`);
    let binding = target.byName.get(name);
    if (binding === undefined) {
      binding = { name: this.intern(name), kind: source.kind, line: source.line, column: source.column };
      target.byName.set(name, binding);
      target.bindings.push(binding);
    }
    if (source.definition !== undefined) this.#addOnce((binding.definitions ??= []), source.definition);
    if (source.import !== undefined) (binding.imports ??= []).push(source.import);
    if (source.value !== undefined) this.#addOnce((binding.values ??= []), source.value);
    if (source.type !== undefined) binding.type ??= source.type;
    if (source.constant !== undefined) binding.constant = source.constant && binding.constant !== false;
    if (source.exported === true) binding.exported = true;
  }

  bindingOf(scope: ScopeIndex, name: string): Draft<Binding> | undefined {
    return this.scopes[scope]?.byName.get(name);
  }

  /** Long lists (a name assigned to thousands of times) get a set beside them: searching them each time would be quadratic. */
  #addOnce(list: number[], value: number): void {
    let members = this.#members.get(list);
    if (members === undefined && list.length >= 64) this.#members.set(list, (members = new Set(list)));
    if (members === undefined ? list.includes(value) : members.has(value)) return;
    members?.add(value);
    list.push(value);
  }

  /** The nearest binding of a name, going outwards; class scopes count (see the language's own rules for when they must not). */
  lookup(scope: ScopeIndex, name: string): { readonly scope: ScopeIndex; readonly binding: Draft<Binding> } | undefined {
    for (let at = scope; at >= 0; at = this.scopes[at]?.parent ?? -1) {
      const binding = this.scopes[at]?.byName.get(name);
      if (binding !== undefined) return { scope: at, binding };
    }
    return undefined;
  }

  expr(expr: Expr): ExprIndex {
    if (expr.k === 'unknown') return 0;
    if (expr.k === 'name' || expr.k === 'literal' || expr.k === 'this') {
      const key = expr.k === 'name' ? `n${expr.scope} ${expr.name}` : expr.k === 'literal' ? `l${expr.type} ${expr.value ?? ''} ${expr.value === undefined}` : `t${expr.class} ${expr.static} ${expr.function}`;
      const known = this.#shared.get(key);
      if (known !== undefined) return known;
      this.#shared.set(key, this.exprs.length);
    }
    this.exprs.push(expr);
    return this.exprs.length - 1;
  }

  type(type: TypeExpr): TypeIndex {
    if (type.k === 'opaque') return 0;
    this.types.push(type);
    return this.types.length - 1;
  }

  definition(definition: Draft<Definition>): DefinitionIndex {
    this.definitions.push(definition);
    return this.definitions.length - 1;
  }

  function(facts: Draft<FunctionFacts>): FunctionIndex {
    this.functions.push(facts);
    return this.functions.length - 1;
  }

  class(facts: Draft<ClassFacts>): ClassIndex {
    this.classes.push(facts);
    return this.classes.length - 1;
  }

  import(facts: Draft<ImportFacts>): ImportIndex {
    this.imports.push(facts);
    return this.imports.length - 1;
  }

  site(site: CallSite): SiteIndex {
    this.sites.push(site);
    return this.sites.length - 1;
  }

  build(file: { readonly language: LanguageId; readonly lines: number; readonly bytes: number }): FileFacts {
    return {
      format: FACTS_FORMAT, language: file.language, lines: file.lines, bytes: file.bytes, moduleKind: this.moduleKind,
      scopes: this.scopes.map(({ kind, parent, owner, bindings }) => ({ kind, parent, owner, bindings: bindings as Binding[] })),
      definitions: this.definitions as Definition[], functions: this.functions as FunctionFacts[], classes: this.classes as ClassFacts[],
      imports: this.imports as ImportFacts[], exports: this.exports, exprs: this.exprs, types: this.types, sites: this.sites,
      assignments: this.assignments, ...(this.stores.length === 0 ? {} : { stores: this.stores }), ...(this.implied.length === 0 ? {} : { implied: this.implied }), references: this.references, typeReferences: this.typeReferences,
      ...(this.all === undefined ? {} : { all: this.all }), diagnostics: this.diagnostics,
    };
  }
}
