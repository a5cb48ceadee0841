import type { CallSite, ClassIndex, DefinitionIndex, ExprIndex, FunctionIndex, MemberAssignment, Position, Range, ScopeIndex, SiteIndex, TypeIndex } from '../../../../domain/file-facts.js';
import { FactsBuilder, type BindingSource } from '../../facts-builder.js';
import { EXTRA, NAMED, type ParsedSource, type SyntaxNodes } from '../../syntax-nodes.js';
import type { DeclarationRule, Vocabulary } from './vocabulary.js';

/**
 * Levels beyond which syntax is left out. A function, class or call counts for several, by the stack it takes: the limit is reached at two thirds of the smallest
 * stack that this runs on (984 KiB, Node's main thread), whatever is nested in what.
 */
const DEEPEST = 1000;
const ERROR = 65535;

/** Where the walk stands. Replaced as a whole on the way in, put back on the way out. */
export interface Place {
  /** Scope in which names are read. */
  readonly scope: ScopeIndex;
  /** Scope that takes `let`, `const`, `class` and functions: the same, unless a condition narrowed names in between. */
  readonly block: ScopeIndex;
  /** Scope that takes `var`. */
  readonly variables: ScopeIndex;
  readonly owner: DefinitionIndex;
  /** Innermost function, arrows too; -1 for none. */
  readonly function: FunctionIndex;
  /** What `this` is: a class's instance (or, when static, the class), or that of a function that is no arrow. */
  readonly thisClass: ClassIndex;
  readonly thisStatic: boolean;
  readonly thisFunction: FunctionIndex;
  /** Within a function body. */
  readonly local: boolean;
  /** Within a namespace: its definition, for names that `export` makes visible. */
  readonly namespace: DefinitionIndex;
  /** Everything declared here is visible outside (ambient modules). */
  readonly ambient: boolean;
}

/** What is known of a function before it is read, from where it stands. */
export interface FunctionNote {
  readonly definition?: DefinitionIndex;
  /** The definition is what a call makes of this function: its code belongs there, its value does not. */
  readonly wrapped?: boolean;
  readonly contextType?: TypeIndex | undefined;
  readonly member?: { readonly class: ClassIndex; readonly static: boolean };
  /** Comment that documents it; -1 for none. */
  readonly doc?: number;
}

/** The rules that others call across subjects; wired in index.ts so that the files do not import one another in circles. */
export interface Rules {
  type(walk: Walk, node: number): TypeIndex;
  /** The statements of a block, in the walk's scope. */
  block(walk: Walk, node: number): void;
  /** The type of a JSDoc cast, `/** @type {T} *\/ (value)`. */
  castBefore(walk: Walk, node: number): TypeIndex | undefined;
}

interface PendingReference { readonly expr: ExprIndex; readonly scope: ScopeIndex; readonly owner: DefinitionIndex; readonly node: number; readonly name: string | undefined; readonly chain: boolean }
interface PendingAssignment { readonly scope: ScopeIndex; readonly name: string; readonly value: ExprIndex | undefined }

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** One file being read: the tree, where the walk stands in it, and what is gathered. */
export class Walk {
  readonly source: ParsedSource;
  readonly nodes: SyntaxNodes;
  readonly build = new FactsBuilder();
  readonly k: Vocabulary['kinds'];
  readonly t: Vocabulary['tokens'];
  readonly f: Vocabulary['fields'];
  readonly rules: Rules;
  /** JavaScript: JSDoc comments carry types. */
  readonly javascript: boolean;
  /** Functions in blocks are visible in the whole function: scripts and CommonJS without strict mode. */
  sloppy = false;
  at: Place = {
    scope: 0, block: 0, variables: 0, owner: -1, function: -1, thisClass: -1, thisStatic: false, thisFunction: -1, local: false, namespace: -1, ambient: false,
  };
  /** By the function's node. */
  readonly functionNotes = new Map<number, FunctionNote>();
  /** Definition that holds an object literal or class expression, by its node. */
  readonly holders = new Map<number, DefinitionIndex>();
  /** Values assigned to plain names, by the assignment's node. */
  readonly assigned = new Map<number, ExprIndex>();
  /** Bindings that say what a name holds behind an assignment: what is assigned to it later has a place of its own. */
  readonly settled = new Set<unknown>();
  /** Scopes of functions that are there to be called once, around the code of a module. */
  readonly wrappers = new Set<ScopeIndex>();
  /** Members that a class declares or has been given, by class. */
  readonly knownMembers = new Map<ClassIndex, Set<string>>();
  readonly pendingReferences: PendingReference[] = [];
  readonly pendingAssignments: PendingAssignment[] = [];
  /** Has `import` or `export` statements. */
  module = false;
  /** Exported declarations so far: overloads and merged declarations are one export. */
  readonly exportedNames = new Set<string>();
  /** Names that `export { a }` makes visible outside a namespace. */
  readonly visibleInNamespace: { readonly scope: ScopeIndex; readonly name: string }[] = [];
  /** Calls `require`, or writes to CommonJS's export object. */
  requires = false;
  /** Nodes in which a name that CommonJS gives meaning to is an ordinary variable. */
  readonly shadowed = new Map<string, Set<number>>();
  readonly #vocabulary: Vocabulary;
  readonly #predefined = new Map<string, TypeIndex>();
  /** Equal reads share an expression: by scope and name, by object and name. */
  readonly #names: Map<string, ExprIndex>[] = [];
  readonly #members: Map<string, ExprIndex>[] = [];
  readonly #sites: Writable<CallSite>[] = [];
  #depth = 0;
  #tooDeep = false;

  constructor(source: ParsedSource, vocabulary: Vocabulary, rules: Rules, javascript: boolean) {
    this.source = source;
    this.nodes = source.nodes;
    this.#vocabulary = vocabulary;
    this.k = vocabulary.kinds;
    this.t = vocabulary.tokens;
    this.f = vocabulary.fields;
    this.rules = rules;
    this.javascript = javascript;
  }

  kind(node: number): number {
    return this.nodes.kind[node] ?? -1;
  }

  field(node: number): number {
    return this.nodes.field[node] ?? 0;
  }

  /** The index behind a node's last descendant. */
  end(node: number): number {
    return this.nodes.next[node] ?? node + 1;
  }

  /** Named and not a comment. */
  counts(node: number): boolean {
    return ((this.nodes.flags[node] ?? 0) & (NAMED | EXTRA)) === NAMED;
  }

  child(node: number, field: number): number {
    return this.source.childByField(node, field);
  }

  /** The first named child, or -1. */
  inner(node: number): number {
    const end = this.end(node);
    for (let child = node + 1; child < end; child = this.end(child)) if (this.counts(child)) return child;
    return -1;
  }

  has(node: number, kind: number): boolean {
    return this.source.childOfKind(node, kind) >= 0;
  }

  /** The text of a node, interned. */
  text(node: number): string {
    return this.build.intern(this.source.text(node));
  }

  is(node: number, word: string): boolean {
    const start = this.nodes.start[node] ?? 0;
    return (this.nodes.end[node] ?? 0) - start === word.length && this.source.latin1.startsWith(word, start);
  }

  position(node: number): Position {
    return this.source.startOf(node);
  }

  range(node: number): Range {
    return { start: this.source.startOf(node), end: this.source.endOf(node) };
  }

  // ---- the way down

  /** An expression whose value is used. */
  read(node: number): ExprIndex {
    if (node < 0) return 0;
    const kind = this.kind(node);
    if (kind === this.k.identifier) return this.nameRead(node, false);
    const rule = this.#vocabulary.expressions[kind];
    if (this.#depth >= DEEPEST) return this.deeper(node);
    this.#depth++;
    let expr: ExprIndex = 0;
    if (rule !== undefined) {
      expr = rule(this, node);
      if (kind === this.k.member_expression || kind === this.k.subscript_expression) if (this.build.exprs[expr]?.k === 'member') this.reference(node, expr, undefined, false);
    } else {
      this.anything(node);
    }
    this.#depth--;
    this.source.readings?.expr(node, this.at.scope, expr);
    return expr;
  }

  /** An expression that is called or assigned to: no reference by itself. */
  quiet(node: number): ExprIndex {
    if (node < 0) return 0;
    const kind = this.kind(node);
    if (kind === this.k.identifier) return this.name(node);
    const { parenthesized_expression, non_null_expression, instantiation_expression, member_expression, subscript_expression } = this.k;
    if (this.#depth >= DEEPEST) return this.deeper(node);
    if (kind === member_expression || kind === subscript_expression) {
      const rule = this.#vocabulary.expressions[kind];
      this.#depth++;
      const expr = rule === undefined ? 0 : rule(this, node);
      this.#depth--;
      this.source.readings?.expr(node, this.at.scope, expr);
      return expr;
    }
    if (kind === parenthesized_expression || kind === non_null_expression || kind === instantiation_expression) {
      const inner = this.inner(node);
      if (inner >= 0 && this.kind(inner) !== this.k.sequence_expression) {
        this.#depth++;
        const expr = this.quiet(inner);
        if (kind === instantiation_expression) this.typeArguments(node);
        this.#depth--;
        return expr;
      }
    }
    return this.read(node);
  }

  /** The object of a member chain: a reference where the name is a definition or an import. */
  object(node: number): ExprIndex {
    if (node >= 0 && this.kind(node) === this.k.identifier) return this.nameRead(node, true);
    return this.read(node);
  }

  type(node: number): TypeIndex {
    if (node < 0) return 0;
    if (this.#depth >= DEEPEST) return this.deeper(node);
    this.#depth++;
    const type = this.rules.type(this, node);
    this.#depth--;
    this.source.readings?.type(node, this.at.scope, type);
    return type;
  }

  /** The type behind the `:` of an annotation, undefined when there is none. */
  annotation(node: number): TypeIndex | undefined {
    return node < 0 ? undefined : this.type(node);
  }

  typeArguments(node: number): TypeIndex[] | undefined {
    const list = this.source.childOfKind(node, this.k.type_arguments);
    if (list < 0) return undefined;
    const types: TypeIndex[] = [];
    const end = this.end(list);
    for (let child = list + 1; child < end; child = this.end(child)) if (this.counts(child)) types.push(this.type(child));
    return types;
  }

  statement(node: number): void {
    if (this.#depth >= DEEPEST) {
      this.deeper(node);
      return;
    }
    this.#depth++;
    this.source.readings?.expr(node, this.at.scope, 0);
    const rule = this.#vocabulary.statements[this.kind(node)];
    if (rule !== undefined) rule(this, node);
    else if (this.#vocabulary.expressions[this.kind(node)] !== undefined) this.read(node);
    else this.anything(node);
    this.#depth--;
  }

  declarationRule(node: number): DeclarationRule | undefined {
    return this.#vocabulary.declarations[this.kind(node)];
  }

  /** What is sound inside damaged or unknown syntax. */
  anything(node: number): void {
    const end = this.end(node);
    for (let child = node + 1; child < end; child = this.end(child)) {
      if (!this.counts(child)) continue;
      const kind = this.kind(child);
      if (this.#vocabulary.statements[kind] !== undefined || kind === ERROR) this.statement(child);
      else this.read(child);
    }
  }

  /** Counts what is read next as deeper by some levels, until they are given back with a negative number. */
  deepen(levels: number): void {
    this.#depth += levels;
  }

  /** Runs `work` at another place. */
  within(change: Partial<Place>, work: () => void): void {
    const saved = this.at;
    this.at = { ...saved, ...change };
    work();
    this.at = saved;
  }

  // ---- what is gathered

  /** The expression of a name read here. */
  name(node: number): ExprIndex {
    const expr = this.named(this.text(node));
    this.source.readings?.expr(node, this.at.scope, expr);
    return expr;
  }

  named(name: string): ExprIndex {
    const { scope } = this.at;
    const known = (this.#names[scope] ??= new Map<string, ExprIndex>());
    let expr = known.get(name);
    if (expr === undefined) {
      expr = this.build.exprs.length;
      this.build.exprs.push({ k: 'name', name, scope });
      known.set(name, expr);
    }
    return expr;
  }

  /** `object.name`. */
  member(object: ExprIndex, name: string): ExprIndex {
    const known = (this.#members[object] ??= new Map<string, ExprIndex>());
    let expr = known.get(name);
    if (expr === undefined) {
      expr = this.build.exprs.length;
      this.build.exprs.push({ k: 'member', object, name });
      known.set(name, expr);
    }
    return expr;
  }

  /** A value read with no reference: names and chains of members only; 0 for anything else. */
  plain(node: number): ExprIndex {
    const kind = this.kind(node);
    if (kind === this.k.identifier) return this.name(node);
    if (kind !== this.k.member_expression) return 0;
    const object = this.plain(this.child(node, this.f.object));
    const expr = object === 0 ? 0 : this.member(object, this.text(this.child(node, this.f.property)));
    this.source.readings?.expr(node, this.at.scope, expr);
    return expr;
  }

  nameRead(node: number, chain: boolean): ExprIndex {
    return this.reference(node, this.name(node), this.text(node), chain);
  }

  /** Remembers a read of a name or member, until all bindings are known. */
  reference(node: number, expr: ExprIndex, name: string | undefined, chain: boolean): ExprIndex {
    this.pendingReferences.push({ expr, scope: this.at.scope, owner: this.at.owner, node, name, chain });
    return expr;
  }

  /** Remembers an assignment to a name, until all bindings are known. */
  assign(name: string, value: ExprIndex | undefined): void {
    this.pendingAssignments.push({ scope: this.at.scope, name, value });
  }

  assignMember(assignment: Omit<MemberAssignment, 'owner' | 'line' | 'column'>, node: number): void {
    const { line, column } = this.position(node);
    this.build.assignments.push({ ...assignment, owner: this.at.owner, line, column });
  }

  /** A function that stands here is expected to be of a type. */
  expect(node: number, type: TypeIndex): void {
    const { arrow_function, function_expression, parenthesized_expression } = this.k;
    let at = node;
    while (at >= 0 && this.kind(at) === parenthesized_expression) at = this.inner(at);
    if (at < 0 || (this.kind(at) !== arrow_function && this.kind(at) !== function_expression)) return;
    const note = this.functionNotes.get(at);
    if (note?.contextType === undefined) this.functionNotes.set(at, { ...note, contextType: type });
  }

  openSite(site: CallSite): SiteIndex {
    this.#sites.push(site);
    return this.build.site(site);
  }

  /** Gives a site its call. */
  closeSite(index: SiteIndex, expr: ExprIndex): void {
    const site = this.#sites[index];
    if (site !== undefined) site.expr = expr;
  }

  bind(scope: ScopeIndex, node: number, source: Omit<BindingSource, 'line' | 'column'>): void {
    const { line, column } = this.position(node);
    this.build.bind(scope, this.text(node), { ...source, line, column });
  }

  /** `string`, `number` …: no declaration can change what they mean. */
  predefined(name: string): TypeIndex {
    let type = this.#predefined.get(name);
    if (type === undefined) {
      type = this.build.type({ k: 'ref', path: [this.build.intern(name)], scope: 0 });
      this.#predefined.set(name, type);
    }
    return type;
  }

  /** Whether `require`, `module` or `exports` means CommonJS's own here. */
  isCommonJsName(node: number, name: string): boolean {
    if (this.kind(node) !== this.k.identifier || !this.is(node, name)) return false;
    const shadows = this.shadowed.get(name);
    if (shadows === undefined) return true;
    for (let at = node; at >= 0; at = this.nodes.parent[at] ?? -1) if (shadows.has(at)) return false;
    return true;
  }

  private deeper(node: number): 0 {
    if (!this.#tooDeep) {
      this.#tooDeep = true;
      this.build.diagnostics.push({ code: 'too-deep', message: `Nested deeper than ${DEEPEST} levels; what lies below is left out.`, line: this.position(node).line });
    }
    return 0;
  }
}
