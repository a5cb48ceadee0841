import type { Binding, ScopeIndex } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import { place } from './chains.js';
import { MAX_NARROWINGS } from './narrowing.js';
import type { Frame, Settling, Walk } from './walk.js';

/** More names or values of one than this are not carried from one narrow scope over into the one that takes its place: a long function would copy them without end. */
const MAX_CARRIED = 8;

/**
 * Names that are bound more than once in a function or in the module: only there does it say anything which of the values a name has at some place.
 * Names of `global` and `nonlocal` statements are left out: what is called in between may change them.
 */
export class ReboundNames {
  readonly #w: Walk;
  /** Nodes that bind a name, by the node of the function, class or module around them. */
  readonly #byHome = new Map<number, Map<string, number[]>>();
  readonly #shared = new Set<string>();

  constructor(w: Walk) {
    this.#w = w;
    const { kind } = w.syntax;
    for (let node = 0; node < w.kind.length && node < (w.next[0] ?? 0); node++) {
      if (w.kind[node] !== kind.identifier) continue;
      const parentKind = w.kind[w.parent[node] ?? 0];
      if (parentKind === kind.global_statement || parentKind === kind.nonlocal_statement) this.#shared.add(w.text(node));
      else if (isTarget(w, node)) this.#note(homeOf(w, node), w.text(node), node);
    }
  }

  /** Whether the name that `node` binds is bound elsewhere in its function or module too. */
  has(node: number, name: string): boolean {
    return !this.#shared.has(name) && (this.#byHome.get(homeOf(this.#w, node))?.get(name)?.length ?? 0) > 1;
  }

  /** Whether a statement binds a name of its function or module somewhere within. */
  within(statement: number, name: string): boolean {
    const end = this.#w.next[statement] ?? 0;
    return this.#byHome.get(homeOf(this.#w, statement))?.get(name)?.some((target) => target > statement && target < end) ?? false;
  }

  /** Whether the name keeps its value from a node in its function or module on: nothing binds it further down, nor in a loop around. */
  staysFrom(node: number, name: string): boolean {
    const { kind } = this.#w.syntax;
    for (let at = this.#w.parent[node] ?? -1; at >= 0; at = this.#w.parent[at] ?? -1) {
      const k = this.#w.kind[at];
      if (k === kind.for_statement || k === kind.while_statement) return false;
      if (isHome(this.#w, at)) return !(this.#byHome.get(at)?.get(name)?.some((target) => target > node) ?? false);
    }
    return true;
  }

  #note(home: number, name: string, node: number): void {
    let names = this.#byHome.get(home);
    if (names === undefined) this.#byHome.set(home, (names = new Map()));
    const nodes = names.get(name);
    if (nodes === undefined) names.set(name, [node]);
    else nodes.push(node);
  }
}

/** Whether a value that a statement puts into a name narrows the name for what follows. */
export function settles(w: Walk, frame: Frame, node: number, name: string): boolean {
  if (frame.level === 'class' || !w.rebound().has(node, name)) return false;
  let depth = 0;
  for (let at = frame.scope; w.b.scopes[at]?.kind === 'narrow'; at = w.b.scopes[at]?.parent ?? 0) depth++;
  return depth < MAX_NARROWINGS;
}

/** The frame of what follows where a statement has put values into names: there each has what was put into it. */
export function afterBinding(w: Walk, frame: Frame, { names: bound, rest }: Settling): Frame {
  if (bound.length === 0) return frame;
  const { b } = w;
  const before = b.scopes[frame.scope];
  // The scope of an earlier assignment in this block is of no use any more: the new one takes its place, with the other names of it.
  const carried = !rest || before === undefined || frame.scope === w.blockScope || !w.settled.has(frame.scope) ? undefined : before.bindings.filter((each) => !bound.some(({ name }) => name === each.name));
  const replaces = carried !== undefined && isCarried(carried);
  const scope = b.scope('narrow', replaces && before !== undefined ? before.parent : frame.scope, frame.owner);
  w.settled.add(scope);
  for (const { name, node, value } of bound) b.bind(scope, name, { kind: 'narrowed', value, ...place(w, node) });
  if (replaces) for (const each of carried) for (const value of each.values ?? []) b.bind(scope, each.name, { kind: 'narrowed', value, line: each.line, column: each.column });
  return { ...frame, scope };
}

/** The frame for a compound statement and what follows it: where it binds names that are known by an assignment before it, they are known anew from there on. */
export function beforeStatement(w: Walk, statement: number, frame: Frame): Frame {
  if (frame.scope === w.blockScope || !w.settled.has(frame.scope) || !isCompound(w, statement)) return frame;
  const { b } = w;
  const bindings = b.scopes[frame.scope]?.bindings ?? [];
  if (!isCarried(bindings) || !bindings.some((each) => w.rebound().within(statement, each.name))) return frame;
  const scope = b.scope('narrow', b.scopes[frame.scope]?.parent ?? 0, frame.owner);
  w.settled.add(scope);
  for (const each of bindings) for (const value of each.values ?? []) b.bind(scope, each.name, { kind: 'narrowed', value, line: each.line, column: each.column });
  return { ...frame, scope };
}

/** The frame that a function, lambda or class body sees: it may run later, when the names around it have other values. */
export function closureFrame(w: Walk, frame: Frame, node: number): Frame {
  const { b } = w;
  let outer: ScopeIndex = frame.scope;
  let settled = false;
  for (; b.scopes[outer]?.kind === 'narrow'; outer = b.scopes[outer]?.parent ?? 0) settled ||= w.settled.has(outer);
  if (!settled) return frame;
  const known = new Set<string>();
  let scope = outer;
  for (let at = frame.scope; at !== outer; at = b.scopes[at]?.parent ?? 0) {
    for (const each of b.scopes[at]?.bindings ?? []) {
      if (known.has(each.name)) continue;
      known.add(each.name);
      if (w.settled.has(at) && (frame.level === 'module' || !w.rebound().staysFrom(node, each.name))) continue;
      if (scope === outer) scope = b.scope('narrow', outer, frame.owner);
      for (const value of each.values ?? []) b.bind(scope, each.name, { kind: 'narrowed', value, line: each.line, column: each.column });
    }
  }
  return { ...frame, scope };
}

function isCarried(bindings: readonly Draft<Binding>[]): boolean {
  return bindings.length <= MAX_CARRIED && bindings.every((each) => (each.values?.length ?? 0) <= MAX_CARRIED);
}

/** Whether a statement has blocks of its own. */
function isCompound(w: Walk, statement: number): boolean {
  const { kind } = w.syntax;
  const k = w.kind[statement];
  return k === kind.if_statement || k === kind.for_statement || k === kind.while_statement || k === kind.try_statement || k === kind.with_statement || k === kind.match_statement;
}

/** Whether an identifier stands where a name is bound: left of an assignment, in a pattern, as a loop's variable, behind `as`, as a parameter. */
function isTarget(w: Walk, node: number): boolean {
  const { kind, field } = w.syntax;
  let at = node;
  for (let parent = w.parent[at] ?? -1; parent >= 0; at = parent, parent = w.parent[at] ?? -1) {
    switch (w.kind[parent]) {
      case kind.pattern_list: case kind.tuple_pattern: case kind.list_pattern: case kind.list_splat_pattern: case kind.dictionary_splat_pattern: continue;
      case kind.assignment: case kind.augmented_assignment: case kind.for_statement: return w.field[at] === field.left;
      case kind.named_expression: case kind.default_parameter: case kind.typed_default_parameter: return w.field[at] === field.name;
      case kind.typed_parameter: return w.field[at] !== field.type;
      case kind.as_pattern_target: case kind.parameters: return true;
      default: return false;
    }
  }
  return false;
}

function homeOf(w: Walk, node: number): number {
  let at = w.parent[node] ?? -1;
  while (at > 0 && !isHome(w, at)) at = w.parent[at] ?? -1;
  return Math.max(at, 0);
}

function isHome(w: Walk, node: number): boolean {
  const { kind } = w.syntax;
  const k = w.kind[node];
  return k === kind.function_definition || k === kind.class_definition || k === kind.lambda || node === 0;
}
