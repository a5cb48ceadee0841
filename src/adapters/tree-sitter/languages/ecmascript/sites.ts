import type { CallSite, Expr, ExprIndex, SiteIndex, TypeIndex } from '../../../../domain/file-facts.js';
import { constantString } from './constants.js';
import type { Walk } from './walk.js';

/**
 * Opens a call site at the callee's last name. Sites are numbered in source order: a site is opened behind its callee's own sites and before those of its
 * arguments, and {@link Walk.closeSite} gives it the call's expression, which comes after both.
 */
export function openSite(walk: Walk, callee: number, via: CallSite['via']): SiteIndex {
  const at = calleeName(walk, callee);
  const name = at < 0 ? '' : (constantString(walk, at) ?? walk.text(at));
  return walk.openSite({ via, expr: 0, owner: walk.at.owner, name, at: walk.position(at < 0 ? Math.max(callee, 0) : at) });
}

/** The node of the callee's last name, or -1. */
function calleeName(walk: Walk, callee: number): number {
  const { k, f } = walk;
  for (let at = callee; at >= 0; ) {
    const kind = walk.kind(at);
    if (kind === k.identifier || kind === k.super || kind === k.this || kind === k.import) return at;
    if (kind === k.member_expression) return walk.child(at, f.property);
    if (kind === k.subscript_expression) {
      const key = walk.child(at, f.index);
      return key >= 0 && constantString(walk, key) !== undefined ? key : -1;
    }
    if (kind !== k.parenthesized_expression && kind !== k.non_null_expression && kind !== k.instantiation_expression && kind !== k.as_expression) return -1;
    at = walk.inner(at);
  }
  return -1;
}

/** Arguments in order, with where their positions stop being known. */
export interface ArgumentList {
  readonly arguments: ExprIndex[];
  readonly spread?: number;
}

export function readArguments(walk: Walk, list: number): ArgumentList {
  const found: ExprIndex[] = [];
  let spread: number | undefined;
  if (list >= 0) {
    const end = walk.end(list);
    for (let child = list + 1; child < end; child = walk.end(child)) {
      if (!walk.counts(child)) continue;
      if (walk.kind(child) === walk.k.spread_element) {
        spread ??= found.length;
        const value = walk.read(walk.inner(child));
        found.push(value === 0 ? 0 : walk.build.expr({ k: 'iterate', value }));
      } else found.push(walk.read(child));
    }
  }
  return spread === undefined ? { arguments: found } : { arguments: found, spread };
}

/** Tells anonymous functions among the arguments which call they are handed to. */
export function handOver(walk: Walk, call: ExprIndex, given: readonly ExprIndex[]): void {
  for (let argument = 0; argument < given.length; argument++) {
    const expr = walk.build.exprs[given[argument] ?? 0];
    if (expr?.k !== 'function') continue;
    const facts = walk.build.functions[expr.function];
    if (facts !== undefined) facts.context ??= { call, argument };
  }
}

/** Reads a `call_expression` that is an ordinary call or tagged template. */
export function readCall(walk: Walk, node: number, via: CallSite['via']): ExprIndex {
  const calleeNode = walk.child(node, walk.f.function);
  walk.deepen(1);
  const callee = walk.quiet(calleeNode);
  walk.deepen(-1);
  const site = openSite(walk, calleeNode, via);
  return finishCall(walk, node, { k: 'call', callee, site });
}

type Call = Expr & { readonly k: 'call' | 'new' };

/** Reads type arguments and arguments of a call or construction whose site is open. */
export function finishCall(walk: Walk, node: number, call: { readonly k: 'call' | 'new'; readonly callee: ExprIndex; readonly site: SiteIndex }): ExprIndex {
  const { f, k, build } = walk;
  walk.deepen(1);
  const typeArguments: TypeIndex[] | undefined = walk.typeArguments(node);
  const list = walk.child(node, f.arguments);
  const given = list >= 0 && walk.kind(list) === k.template_string ? templateArguments(walk, list) : readArguments(walk, list);
  walk.deepen(-1);
  const { k: kind, callee, site } = call;
  const facts: { -readonly [K in keyof Call]: Call[K] } = { k: kind, callee, arguments: given.arguments, site };
  if (given.spread !== undefined) facts.spread = given.spread;
  if (typeArguments !== undefined) facts.typeArguments = typeArguments;
  const expr = build.expr(facts);
  walk.closeSite(call.site, expr);
  handOver(walk, expr, given.arguments);
  return expr;
}

/** A tag gets the strings, then the values. */
function templateArguments(walk: Walk, template: number): ArgumentList {
  const found: ExprIndex[] = [0];
  const end = walk.end(template);
  for (let child = template + 1; child < end; child = walk.end(child)) {
    if (walk.kind(child) === walk.k.template_substitution) found.push(walk.read(walk.inner(child)));
  }
  return { arguments: found };
}
