import type { ExprIndex, ScopeIndex } from '../../../../domain/file-facts.js';
import type { Frame, Walk } from './walk.js';

/** A name as an expression, without noting it as read. */
export function nameExpr(w: Walk, node: number, frame: Frame): ExprIndex {
  const expr = w.b.expr({ k: 'name', name: w.text(node), scope: scopeOfRead(w, node, frame) });
  w.source.readings?.expr(node, frame.scope, expr);
  return expr;
}

/** In a class body, a name that the body has not bound yet is one from around the class. */
function scopeOfRead(w: Walk, node: number, frame: Frame): ScopeIndex {
  if (frame.class === undefined || frame.scope !== frame.class.scope || w.b.bindingOf(frame.scope, w.text(node)) !== undefined) return frame.scope;
  let around = frame.scope;
  while (around > 0 && w.b.scopes[around]?.kind === 'class') around = w.b.scopes[around]?.parent ?? 0;
  return around;
}

/** A name read as a value. */
export function nameRead(w: Walk, node: number, frame: Frame, outermost: boolean): ExprIndex {
  const expr = nameExpr(w, node, frame);
  w.read(expr, node, frame, outermost);
  return expr;
}

/** `a.b` read as a value. */
export function memberRead(w: Walk, node: number, frame: Frame, outermost: boolean): ExprIndex {
  const expr = memberExpr(w, node, frame);
  w.read(expr, w.child(node, 'attribute'), frame, outermost);
  return expr;
}

/** The callee of a call, the base of a class, a decorator: not a read by itself, though the objects in it are. */
export function calleeExpr(w: Walk, node: number, frame: Frame): ExprIndex {
  const { kind } = w.syntax;
  const bare = unstarred(w, node);
  if (w.kind[bare] === kind.identifier) return nameExpr(w, bare, frame);
  if (w.kind[bare] === kind.attribute) return memberExpr(w, bare, frame);
  return w.expr(bare, frame);
}

/** The node of the last name of a chain `a.b.c`, or -1 where the expression has none. */
export function lastName(w: Walk, node: number): number {
  const { kind } = w.syntax;
  const bare = unstarred(w, node);
  if (w.kind[bare] === kind.identifier) return bare;
  return w.kind[bare] === kind.attribute ? w.child(bare, 'attribute') : -1;
}

/** Line and column of a node, as bindings and heritage give them. */
export function place(w: Walk, node: number): { line: number; column: number } {
  const { line, column } = w.at(node);
  return { line, column };
}

function memberExpr(w: Walk, node: number, frame: Frame): ExprIndex {
  const { kind } = w.syntax;
  const objectNode = unstarred(w, w.child(node, 'object'));
  const name = w.child(node, 'attribute');
  const objectKind = w.kind[objectNode];
  const object = objectKind === kind.identifier ? nameRead(w, objectNode, frame, false)
    : objectKind === kind.attribute ? w.guarded(objectNode, 0, () => memberRead(w, objectNode, frame, false))
    : w.expr(objectNode, frame);
  const expr = name < 0 ? 0 : w.b.expr({ k: 'member', object, name: w.text(name) });
  w.source.readings?.expr(node, frame.scope, expr);
  return expr;
}

/** Without parentheses, and without the star that the grammar leaves within `*f(x)`. */
function unstarred(w: Walk, node: number): number {
  const bare = w.bare(node);
  return w.kind[bare] === w.syntax.kind.list_splat ? w.bare(w.firstPart(bare)) : bare;
}
