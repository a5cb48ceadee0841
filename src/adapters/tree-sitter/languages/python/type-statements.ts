import type { ExprIndex } from '../../../../domain/file-facts.js';
import { prepareTarget, noteMemberAssignment, storeTarget } from './targets.js';
import { typeParameters } from './type-parameters.js';
import { typeOf } from './types.js';
import type { Frame, Walk } from './walk.js';

/** `type X[T] = …`: a variable whose value is the type as an expression. */
export function typeStatement(w: Walk, node: number, frame: Frame): void {
  const { kind } = w.syntax;
  let left = unwrapped(w, w.child(node, 'left'));
  const list = w.kind[left] === kind.generic_type ? w.source.childOfKind(left, kind.type_parameter) : -1;
  if (w.kind[left] === kind.generic_type) left = w.firstPart(left);
  if (w.kind[left] !== kind.identifier) {
    assignmentThroughType(w, node, left, frame);
    return;
  }
  const target = prepareTarget(w, left, frame, node);
  const definition = target.k === 'name' ? target.definition : -1;
  const outer = typeParameters(w, node, frame, definition < 0 ? frame.owner : definition, list);
  const draft = w.b.definitions[definition];
  if (draft !== undefined && outer.parameters.length > 0) draft.typeParameters = outer.parameters;
  storeTarget(w, target, w.expr(w.child(node, 'right'), outer.frame), frame);
}

/** `type(self).x = 1` and `type(self).x: int = 1`, which the grammar takes for a `type` statement. */
function assignmentThroughType(w: Walk, node: number, left: number, frame: Frame): void {
  const { kind } = w.syntax;
  const annotated = w.kind[left] === kind.constrained_type ? w.parts(left) : [];
  const target = annotated.length === 2 ? unwrapped(w, annotated[0] ?? -1) : left;
  const name = w.kind[target] === kind.attribute ? w.child(target, 'attribute') : -1;
  if (name < 0) {
    chain(w, node, target, frame);
    w.expr(w.child(node, 'right'), frame);
    return;
  }
  const object = chain(w, node, w.child(target, 'object'), frame);
  const type = annotated[1] === undefined ? undefined : typeOf(w, annotated[1], frame, frame.owner);
  const value = w.expr(w.child(node, 'right'), frame);
  noteMemberAssignment(w, { target: object, name: w.text(name), nameNode: name, value, type, frame, declares: true });
}

/** The members and items of `type(…)`; its parentheses are the arguments of a call. */
function chain(w: Walk, statement: number, node: number, frame: Frame): ExprIndex {
  const { kind } = w.syntax;
  if (w.kind[node] === kind.attribute) {
    const name = w.child(node, 'attribute');
    const object = w.guarded(node, 0, () => chain(w, statement, w.child(node, 'object'), frame));
    return name < 0 ? 0 : w.b.expr({ k: 'member', object, name: w.text(name) });
  }
  if (w.kind[node] === kind.subscript) {
    const object = w.guarded(node, 0, () => chain(w, statement, w.child(node, 'value'), frame));
    const key = w.expr(w.child(node, 'subscript'), frame);
    return w.b.expr(key === 0 ? { k: 'index', object } : { k: 'index', object, key });
  }
  if (w.kind[node] !== kind.parenthesized_expression && w.kind[node] !== kind.tuple) return w.expr(node, frame);
  const callee = w.b.expr({ k: 'name', name: 'type', scope: frame.scope });
  const expr = w.b.exprs.push({ k: 'unknown' }) - 1;
  const site = w.b.site({ via: 'call', expr, owner: frame.owner, name: 'type', at: w.at(statement) });
  w.b.exprs[expr] = { k: 'call', callee, arguments: w.parts(node).map((part) => w.expr(part, frame)), site };
  return expr;
}

function unwrapped(w: Walk, node: number): number {
  let at = node;
  while (w.kind[at] === w.syntax.kind.type) at = w.firstPart(at);
  return at;
}
