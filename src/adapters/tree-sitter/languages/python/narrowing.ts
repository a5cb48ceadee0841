import type { ScopeIndex } from '../../../../domain/file-facts.js';
import { place } from './chains.js';
import type { Frame, TypeTest, Walk } from './walk.js';

const NO_TESTS: readonly TypeTest[] = [];
/** So many narrow scopes lie within one another at most; then the outer ones are forgotten, which only makes types wider. */
export const MAX_NARROWINGS = 40;

/**
 * What a condition says about the types of names where it holds (or, with `holds` false, where it does not): `isinstance(x, C)`, also under `not`, `and`, `or`.
 * The condition must have been read before.
 */
export function tests(w: Walk, node: number, holds: boolean): readonly TypeTest[] {
  if (w.tests.size === 0 || node < 0) return NO_TESTS;
  const bare = w.bare(node);
  const key = holds ? bare : -bare;
  let found = w.testsOf.get(key);
  if (found === undefined) w.testsOf.set(key, (found = findTests(w, bare, holds)));
  return found;
}

/** Whether a condition has a type test in it at all, told before it is read. */
export function mentionsTypeTest(w: Walk, node: number): boolean {
  return w.nextTypeTest(w.start[node] ?? 0) < (w.end[node] ?? 0);
}

/** A frame in which the tested names are narrower; the same frame where nothing was tested. */
export function narrow(w: Walk, frame: Frame, tested: readonly TypeTest[]): Frame {
  if (tested.length === 0) return frame;
  const scope = w.b.scope('narrow', outerScope(w, frame.scope), frame.owner);
  narrowInto(w, scope, tested);
  return { ...frame, scope };
}

/** The scope around a new narrow one: the one at hand, unless too many lie within one another already. */
function outerScope(w: Walk, scope: ScopeIndex): ScopeIndex {
  const { scopes } = w.b;
  let at = scope;
  let depth = 0;
  for (; scopes[at]?.kind === 'narrow'; depth++) at = scopes[at]?.parent ?? 0;
  return depth < MAX_NARROWINGS ? scope : at;
}

/** Fills a scope of kind `narrow`. */
export function narrowInto(w: Walk, scope: ScopeIndex, tested: readonly TypeTest[]): void {
  for (const { name, node, value } of tested) w.b.bind(scope, name, { kind: 'narrowed', value, ...place(w, node) });
}

/** Whether the statements of a block never go on behind it. */
export function leaves(w: Walk, block: number): boolean {
  const { kind } = w.syntax;
  if (block < 0) return false;
  const last = w.parts(block).at(-1);
  if (last === undefined) return false;
  const k = w.kind[last];
  if (k === kind.return_statement || k === kind.raise_statement || k === kind.continue_statement || k === kind.break_statement) return true;
  if (k !== kind.if_statement) return false;
  return w.guarded(last, false, () => {
    const branches = w.source.childrenByField(last, w.syntax.field.alternative);
    const otherwise = branches.at(-1);
    if (otherwise === undefined || w.kind[otherwise] !== kind.else_clause) return false;
    return leaves(w, w.child(last, 'consequence')) && branches.every((branch) => leaves(w, w.child(branch, w.kind[branch] === kind.else_clause ? 'body' : 'consequence')));
  });
}

function findTests(w: Walk, bare: number, holds: boolean): readonly TypeTest[] {
  const { kind, token } = w.syntax;
  const k = w.kind[bare];
  if (k === kind.call) {
    const test = w.tests.get(bare);
    if (test === undefined || holds) return test === undefined ? NO_TESTS : [test];
    return test.otherwise === undefined ? NO_TESTS : [{ name: test.name, node: test.node, value: test.otherwise }];
  }
  if (k === kind.not_operator) return w.guarded(bare, NO_TESTS, () => tests(w, w.child(bare, 'argument'), !holds));
  if (k !== kind.boolean_operator) return NO_TESTS;
  return w.guarded(bare, NO_TESTS, () => {
    const left = tests(w, w.child(bare, 'left'), holds);
    const right = tests(w, w.child(bare, 'right'), holds);
    const both = (w.kind[w.child(bare, 'operator')] === token.and) === holds;
    // Where both sides hold the later test says more; where either does, only names that both sides test are known.
    if (both) return [...left.filter((one) => !right.some((other) => other.name === one.name)), ...right];
    return [...left.filter((one) => right.some((other) => other.name === one.name)), ...right.filter((one) => left.some((other) => other.name === one.name))];
  });
}
