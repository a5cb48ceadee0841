import type { ClassFacts, ClassIndex, DefinitionIndex, ExprIndex, FunctionFacts, FunctionIndex, Member, Position, Range, ScopeIndex } from '../../../../domain/file-facts.js';
import { FactsBuilder, type Draft } from '../../facts-builder.js';
import { EXTRA, NAMED, type ParsedSource } from '../../syntax-nodes.js';
import { beforeStatement, ReboundNames } from './rebound-names.js';
import { ERROR_KIND, type FieldName, type PythonSyntax } from './syntax.js';

/** How deep expressions and blocks may nest; beyond it they are unknown, so that no input overflows the stack (984 KiB on Node's main thread). */
export const MAX_DEPTH = 1000;
/** A level of types, patterns or targets takes as much stack as this many of expressions. */
const GUARDED_LEVELS = 3;

/** A class whose body or methods are being read. */
export interface ClassContext {
  readonly index: ClassIndex;
  readonly name: string;
  readonly facts: Draft<ClassFacts>;
  readonly definition: DefinitionIndex;
  readonly scope: ScopeIndex;
  /** The body's node. */
  readonly body: number;
  /** Members by staticness and name. */
  readonly members: Map<string, Draft<Member>>;
  /** Names that the class body binds; found when a method first assigns to an attribute. */
  declared: Set<string> | undefined;
  /** Attributes of instances that are definitions already. */
  readonly attributes: Set<string>;
}

/** A function whose body is being read. */
export interface FunctionContext {
  readonly index: FunctionIndex;
  readonly facts: Draft<FunctionFacts>;
  /** The class that `super()` means here: of the function itself, or of the method around it. */
  readonly member: { readonly class: ClassContext; readonly static: boolean } | undefined;
}

/** Where the walk is: what names, assignments and sites met here belong to. */
export interface Frame {
  /** Where names are looked up from. */
  readonly scope: ScopeIndex;
  /** Where assignments bind: the nearest module, class, function (or a comprehension's targets) scope. */
  readonly home: ScopeIndex;
  readonly level: 'module' | 'class' | 'function';
  /** The innermost named definition. */
  readonly owner: DefinitionIndex;
  /** The class whose body this is, directly. */
  readonly class: ClassContext | undefined;
  readonly function: FunctionContext | undefined;
  /** Within a function body. */
  readonly local: boolean;
  /** Under `if TYPE_CHECKING:`. */
  readonly typeOnly: boolean;
}

/** The rule of an expression's kind gives its value. */
export type ExpressionRule = (w: Walk, node: number, frame: Frame) => ExprIndex;
/** The rule of a statement's kind; gives another frame where the rest of the block knows more (narrowing). */
export type StatementRule = (w: Walk, node: number, frame: Frame) => Frame | void;

export interface RuleTables {
  readonly expressions: readonly (ExpressionRule | undefined)[];
  readonly statements: readonly (StatementRule | undefined)[];
}

/** A condition on a name that gives it a narrower value where it holds. */
export interface TypeTest {
  readonly name: string;
  readonly node: number;
  readonly value: ExprIndex;
  /** Its value where the condition does not hold, as far as that says anything. */
  readonly otherwise?: ExprIndex;
}

/** Names that a statement puts values into, and whether they have them in all the `rest` of the block or only in a block of the statement's own. */
export interface Settling {
  readonly names: TypeTest[];
  readonly rest: boolean;
}

/** The state of reading one file: the tree, the facts so far and the rules to go on with. */
export class Walk {
  readonly b = new FactsBuilder();
  readonly source: ParsedSource;
  readonly syntax: PythonSyntax;
  readonly kind: Uint16Array;
  readonly field: Uint16Array;
  readonly next: Int32Array;
  readonly parent: Int32Array;
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** `isinstance` calls met so far, by node. */
  readonly tests = new Map<number, TypeTest>();
  /** What conditions were found to say, by node: where they hold, and by its negative: where they do not. */
  readonly testsOf = new Map<number, readonly TypeTest[]>();
  /** Narrow scopes that an assignment opened, not a test. */
  readonly settled = new Set<ScopeIndex>();
  /** The scope at the start of the block that is being read. */
  blockScope: ScopeIndex = 0;
  /** Names and members read as values: expression, node of the name, owner, and 1 for the outermost of a chain; see references.ts. */
  readonly reads: number[] = [];
  /** Named types used: type, byte offset of the name, owner. */
  readonly typeUses: number[] = [];
  /** The file has comments in the manner of PEP 484. */
  readonly typeComments: boolean;
  /** What `__all__` is known to hold, and whether that is all of it. */
  publicNames: Set<string> | undefined;
  publicNamesComplete = true;
  readonly #flags: Uint8Array;
  readonly #rules: RuleTables;
  #depth = 0;
  #rebound: ReboundNames | undefined;
  #typeTest = { from: 0, found: -1 };
  #tooDeep = false;

  constructor(source: ParsedSource, syntax: PythonSyntax, rules: RuleTables) {
    const { nodes } = source;
    this.source = source;
    this.syntax = syntax;
    this.#rules = rules;
    this.kind = nodes.kind;
    this.field = nodes.field;
    this.next = nodes.next;
    this.parent = nodes.parent;
    this.start = nodes.start;
    this.end = nodes.end;
    this.#flags = nodes.flags;
    this.typeComments = /#[ \t]*type:/.test(source.latin1);
  }

  /** The value of an expression; 0 (unknown) for what is no expression. */
  expr(node: number, frame: Frame): ExprIndex {
    if (node < 0) return 0;
    if (this.#depth >= MAX_DEPTH) return this.#giveUp(node);
    this.#depth++;
    const rule = this.#rules.expressions[this.kind[node] ?? 0];
    const value = rule === undefined ? this.#other(node, frame) : rule(this, node, frame);
    this.#depth--;
    this.source.readings?.expr(node, frame.scope, value);
    return value;
  }

  /** Reads a statement; gives the frame for what follows it in the same block. */
  statement(node: number, frame: Frame): Frame {
    if (this.#depth >= MAX_DEPTH) {
      this.#giveUp(node);
      return frame;
    }
    const rule = this.#rules.statements[this.kind[node] ?? 0];
    if (rule === undefined) {
      this.expr(node, frame);
      return frame;
    }
    this.#depth++;
    this.source.readings?.expr(node, frame.scope, 0);
    const after = rule(this, node, frame);
    this.#depth--;
    return after ?? frame;
  }

  /** Reads the statements of a block (or of the module) in order. */
  block(node: number, frame: Frame): void {
    if (node < 0) return;
    let at = frame;
    const around = this.blockScope;
    this.blockScope = frame.scope;
    const end = this.next[node] ?? 0;
    for (let child = node + 1; child < end; child = this.next[child] ?? end) {
      if (!this.isPart(child)) continue;
      at = beforeStatement(this, child, at);
      const after = this.statement(child, at);
      if (after !== at && at !== frame) this.#supersede(at.scope, after.scope);
      at = after;
    }
    this.blockScope = around;
  }

  /** Guards a recursion that is neither an expression nor a statement: types, patterns, targets. */
  guarded<T>(node: number, otherwise: T, read: () => T): T {
    if (this.#depth + GUARDED_LEVELS > MAX_DEPTH) {
      this.#giveUp(node);
      return otherwise;
    }
    this.#depth += GUARDED_LEVELS;
    const value = read();
    this.#depth -= GUARDED_LEVELS;
    return value;
  }

  /** Named and no comment. */
  isPart(node: number): boolean {
    const flags = this.#flags[node] ?? 0;
    return (flags & NAMED) !== 0 && ((flags & EXTRA) === 0 || this.kind[node] === ERROR_KIND);
  }

  /** The first part of a node, or -1. */
  firstPart(node: number): number {
    const end = this.next[node] ?? 0;
    for (let child = node + 1; child < end; child = this.next[child] ?? end) if (this.isPart(child)) return child;
    return -1;
  }

  parts(node: number): number[] {
    const out: number[] = [];
    const end = this.next[node] ?? 0;
    for (let child = node + 1; child < end; child = this.next[child] ?? end) if (this.isPart(child)) out.push(child);
    return out;
  }

  child(node: number, field: FieldName): number {
    return this.source.childByField(node, this.syntax.field[field]);
  }

  /** Whether a token stands among a node's own children. */
  hasToken(node: number, token: number): boolean {
    const end = this.next[node] ?? 0;
    for (let child = node + 1; child < end; child = this.next[child] ?? end) if (this.kind[child] === token) return true;
    return false;
  }

  /** The text of a node, the same string for equal texts. Names are in the form that Python compares them in (NFKC). */
  text(node: number): string {
    const text = this.source.text(node);
    const wide = text.length !== (this.end[node] ?? 0) - (this.start[node] ?? 0) && this.kind[node] === this.syntax.kind.identifier;
    return this.b.intern(wide ? text.normalize('NFKC') : text);
  }

  at(node: number): Position {
    return this.source.startOf(node);
  }

  range(node: number): Range {
    return { start: this.source.startOf(node), end: this.source.endOf(node) };
  }

  /** The expression inside any parentheses. */
  bare(node: number): number {
    let at = node;
    while (this.kind[at] === this.syntax.kind.parenthesized_expression) {
      const inner = this.firstPart(at);
      if (inner < 0) break;
      at = inner;
    }
    return at;
  }

  /** Which names are bound more than once where. */
  rebound(): ReboundNames {
    return (this.#rebound ??= new ReboundNames(this));
  }

  /** Byte offset of the next `isinstance(` from an offset on; infinite where there is none. */
  nextTypeTest(offset: number): number {
    const known = this.#typeTest;
    if (offset >= known.from && offset <= known.found) return known.found;
    const found = this.source.latin1.indexOf('isinstance(', offset);
    this.#typeTest = { from: offset, found: found < 0 ? Infinity : found };
    return this.#typeTest.found;
  }

  /** Notes a name or member read as a value; references.ts decides at the end which of them count. */
  read(expr: ExprIndex, nameNode: number, frame: Frame, outermost: boolean): void {
    if (expr !== 0) this.reads.push(expr, nameNode, frame.owner, outermost ? 1 : 0);
  }

  /** One assertion about a name after the other in a block: the later scope takes the place of the earlier, which nothing is read in any more. */
  #supersede(earlier: ScopeIndex, later: ScopeIndex): void {
    const before = this.b.scopes[earlier];
    const scope = this.b.scopes[later];
    if (scope?.parent !== earlier || scope.kind !== 'narrow' || before?.kind !== 'narrow' || before.bindings.length !== 1) return;
    if (scope.byName.has(before.bindings[0]?.name ?? '')) scope.parent = before.parent;
  }

  /** What has no rule: its parts are read for the sites in them. */
  #other(node: number, frame: Frame): ExprIndex {
    const end = this.next[node] ?? 0;
    for (let child = node + 1; child < end; child = this.next[child] ?? end) if (this.isPart(child)) this.statement(child, frame);
    return 0;
  }

  #giveUp(node: number): ExprIndex {
    if (!this.#tooDeep) {
      this.#tooDeep = true;
      this.b.diagnostics.push({ code: 'too-deep', message: `nested deeper than ${MAX_DEPTH} levels; what lies deeper is unknown`, line: this.at(node).line });
    }
    return 0;
  }
}
