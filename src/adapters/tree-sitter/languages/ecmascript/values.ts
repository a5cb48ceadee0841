import { constantString } from './constants.js';
import type { Walk } from './walk.js';

/** The expression inside parentheses, casts, `satisfies` and `!`. */
export function unwrapped(walk: Walk, node: number): number {
  const { parenthesized_expression, as_expression, satisfies_expression, non_null_expression } = walk.k;
  let at = node;
  while (at >= 0) {
    const kind = walk.kind(at);
    if (kind !== parenthesized_expression && kind !== as_expression && kind !== satisfies_expression && kind !== non_null_expression) break;
    at = walk.inner(at);
  }
  return at;
}

export function isFunction(walk: Walk, node: number): boolean {
  const kind = node < 0 ? -1 : walk.kind(node);
  return kind === walk.k.arrow_function || kind === walk.k.function_expression || kind === walk.k.generator_function;
}

/** The function that an initialiser is, or that its one call wraps (`wrap(() => …)`, `React.memo(() => …)`); -1 for neither. */
export function heldFunction(walk: Walk, value: number): { readonly node: number; readonly wrapped: boolean } | undefined {
  const at = unwrapped(walk, value);
  if (at < 0) return undefined;
  if (isFunction(walk, at)) return { node: at, wrapped: false };
  if (walk.kind(at) !== walk.k.call_expression || !wraps(walk, walk.child(at, walk.f.function))) return undefined;
  const list = walk.child(at, walk.f.arguments);
  const first = list < 0 || walk.kind(list) !== walk.k.arguments ? -1 : unwrapped(walk, walk.inner(list));
  return isFunction(walk, first) ? { node: first, wrapped: true } : undefined;
}

/** A plain name, or a member of an import or of what looks like a global namespace (`React`, `_`): `xs.map(f)` makes no function. */
function wraps(walk: Walk, callee: number): boolean {
  if (callee < 0) return false;
  if (walk.kind(callee) === walk.k.identifier) return true;
  if (walk.kind(callee) !== walk.k.member_expression) return false;
  const object = walk.child(callee, walk.f.object);
  if (object < 0 || walk.kind(object) !== walk.k.identifier) return false;
  const name = walk.source.text(object);
  const binding = walk.build.lookup(walk.at.scope, name)?.binding;
  return binding === undefined ? /^[A-Z_$]/.test(name) : binding.kind === 'import';
}

/** The object literals that an initialiser holds: itself, or arguments of the call that makes it (`Object.freeze({ … })`). */
export function heldObjects(walk: Walk, value: number): number[] {
  const at = unwrapped(walk, value);
  if (at < 0) return [];
  if (walk.kind(at) === walk.k.object) return [at];
  const list = walk.kind(at) === walk.k.call_expression ? walk.child(at, walk.f.arguments) : -1;
  return list < 0 ? [] : walk.source.namedChildren(list).filter((child) => walk.kind(child) === walk.k.object);
}

/** Whether an initialiser is a module or one member of it: `require('x')`, `await import('x')`, `require('x').y`. */
export function isImport(walk: Walk, value: number): boolean {
  const { k, f } = walk;
  let at = value;
  for (let members = 0; at >= 0; ) {
    const kind = walk.kind(at);
    if (kind === k.parenthesized_expression || kind === k.await_expression || kind === k.as_expression || kind === k.non_null_expression) at = walk.inner(at);
    else if (kind === k.member_expression && members === 0) {
      members++;
      at = walk.child(at, f.object);
    } else if (kind === k.call_expression) {
      const callee = walk.child(at, f.function);
      if (callee < 0 || (walk.kind(callee) !== k.import && !walk.isCommonJsName(callee, 'require'))) return false;
      const list = walk.child(at, f.arguments);
      const first = list < 0 ? -1 : walk.inner(list);
      return first >= 0 && constantString(walk, first) !== undefined;
    } else return false;
  }
  return false;
}
