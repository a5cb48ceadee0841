import type { ExprIndex } from '../../../../domain/file-facts.js';
import type { Walk } from './walk.js';

/** An instance of a class, or what a function says of its argument at a place. */
export interface Test {
  readonly class: ExprIndex;
  readonly guards?: number;
}

/** Names that a condition narrows, each by one of some tests. */
export type Facts = ReadonlyMap<string, readonly Test[]>;
/** How functions that may be type guards are called by custom: what they declare decides. */
const GUARD = /^[_#]?(is|has|assert|ensure)(?![a-z])/;

export const noFacts: Facts = new Map();
const DEEPEST_CONDITION = 50;

/** What is known when a condition holds (or does not): from `x instanceof C` through `!`, `&&`, `||` and parentheses. Records nothing. */
export function factsOf(walk: Walk, condition: number, truthy: boolean, depth = 0): Facts {
  const { k, f } = walk;
  if (condition < 0 || depth > DEEPEST_CONDITION) return noFacts;
  const kind = walk.kind(condition);
  if (kind === k.parenthesized_expression) return factsOf(walk, walk.inner(condition), truthy, depth + 1);
  if (kind === k.unary_expression) {
    const not = walk.kind(walk.child(condition, f.operator)) === walk.t['!'];
    return not ? factsOf(walk, walk.child(condition, f.argument), !truthy, depth + 1) : noFacts;
  }
  if (kind === k.call_expression) return truthy ? guarded(walk, condition) : noFacts;
  if (kind !== k.binary_expression) return noFacts;
  const operator = walk.child(condition, f.operator);
  const left = walk.child(condition, f.left);
  const right = walk.child(condition, f.right);
  if (walk.is(operator, 'instanceof')) {
    if (!truthy || left < 0 || right < 0 || walk.kind(left) !== k.identifier) return noFacts;
    const type = walk.plain(right);
    return type === 0 ? noFacts : new Map([[walk.text(left), [{ class: type }]]]);
  }
  const and = walk.is(operator, '&&');
  if (!and && !walk.is(operator, '||')) return noFacts;
  const one = factsOf(walk, left, truthy, depth + 1);
  if (and !== truthy && one.size === 0) return noFacts;
  const other = factsOf(walk, right, truthy, depth + 1);
  return and === truthy ? joinFacts(one, other) : eitherFacts(one, other);
}

/** `isLeaf(node)`, `node.isLeaf()`. */
function guarded(walk: Walk, call: number): Facts {
  const { k, f } = walk;
  const callee = walk.child(call, f.function);
  const property = walk.kind(callee) === k.member_expression ? walk.child(callee, f.property) : callee;
  if (property < 0 || !GUARD.test(walk.text(property))) return noFacts;
  const list = walk.child(call, f.arguments);
  const [first] = list < 0 ? [] : walk.source.namedChildren(list).filter((node) => walk.counts(node));
  const receiver = walk.child(callee, f.object);
  const subject = first ?? (property === callee ? -1 : receiver);
  if (subject < 0 || walk.kind(subject) !== k.identifier) return noFacts;
  const type = walk.plain(callee);
  return type === 0 ? noFacts : new Map([[walk.text(subject), [{ class: type, guards: first === undefined ? -1 : 0 }]]]);
}

/** Both hold; of two facts about one name the later is the narrower. */
export function joinFacts(one: Facts, other: Facts): Facts {
  return one.size === 0 ? other : other.size === 0 ? one : new Map([...one, ...other]);
}

/** One of the two holds: only names that both narrow. */
function eitherFacts(one: Facts, other: Facts): Facts {
  const both = new Map<string, readonly Test[]>();
  for (const [name, types] of one) {
    const more = other.get(name);
    if (more !== undefined) both.set(name, [...types, ...more]);
  }
  return both;
}

/** Runs `work` where the facts hold. Declarations inside still go to the block around. */
export function enterNarrowed(walk: Walk, facts: Facts, work: () => void): void {
  if (facts.size === 0) {
    work();
    return;
  }
  const saved = walk.at;
  walk.at = { ...saved, scope: narrowedScope(walk, facts) };
  walk.deepen(1);
  work();
  walk.deepen(-1);
  walk.at = saved;
}

/** A scope in which the facts shadow the names' outer bindings. */
export function narrowedScope(walk: Walk, facts: Facts): number {
  const scope = walk.build.scope('narrow', walk.at.scope, walk.at.owner);
  for (const [name, types] of facts) {
    const outer = walk.build.lookup(walk.at.scope, name)?.binding;
    for (const type of types) {
      walk.build.bind(scope, name, { kind: 'narrowed', value: walk.build.expr({ k: 'instance', ...type }), line: outer?.line ?? 1, column: outer?.column ?? 1 });
    }
  }
  return scope;
}

/** Whether control never gets past a statement: it ends in return, throw, continue or break. */
export function leaves(walk: Walk, node: number): boolean {
  const { k } = walk;
  let at = node;
  for (let depth = 0; at >= 0 && depth < DEEPEST_CONDITION; depth++) {
    const kind = walk.kind(at);
    if (kind === k.return_statement || kind === k.throw_statement || kind === k.continue_statement || kind === k.break_statement) return true;
    if (kind !== k.statement_block && kind !== k.else_clause) return false;
    let last = -1;
    const end = walk.end(at);
    for (let child = at + 1; child < end; child = walk.end(child)) if (walk.counts(child)) last = child;
    at = last;
  }
  return false;
}
