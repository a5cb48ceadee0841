import type { Definition, DefinitionIndex, ExprIndex, TypeIndex } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import { nameExpr, place } from './chains.js';
import { lambda } from './functions.js';
import { recordMember } from './members.js';
import { bindName, isImportedName } from './names.js';
import { notePublicNames } from './public-names.js';
import { prepareTarget, storeTarget, type Target } from './targets.js';
import { lineComment } from './type-comments.js';
import { typeOf } from './types.js';
import { afterBinding } from './rebound-names.js';
import type { Frame, Settling, Walk } from './walk.js';

/** `a = b = value`, `a: T = value`, `a: T`; what follows knows the names by that value. */
export function assignment(w: Walk, node: number, frame: Frame): Frame {
  const { kind } = w.syntax;
  const left = w.child(node, 'left');
  const right = w.child(node, 'right');
  const rightKind = w.kind[right];
  if (right >= 0 && w.kind[w.bare(right)] === kind.lambda && w.kind[left] === kind.identifier) {
    namedLambda(w, node, left, w.bare(right), frame);
    return frame;
  }
  const typeNode = w.child(node, 'type');
  // The type stands behind the name, but its definition names it: types are no definitions, so the order of both holds.
  const annotated = typeNode >= 0 || w.typeComments;
  const uses = w.typeUses.length;
  const type = typeNode >= 0 ? typeOf(w, typeNode, frame, frame.owner) : w.typeComments ? lineComment(w, w.end[node] ?? 0, frame, frame.owner) : undefined;
  const targets: Target[] = [prepareTarget(w, left, frame, node, type)];
  if (annotated) ownTypeUses(w, uses, targets[0]);
  let valueNode = right;
  if (rightKind === kind.assignment || rightKind === kind.augmented_assignment) {
    while (valueNode >= 0 && (w.kind[valueNode] === kind.assignment || w.kind[valueNode] === kind.augmented_assignment)) {
      targets.push(prepareTarget(w, w.child(valueNode, 'left'), frame, valueNode));
      valueNode = w.child(valueNode, 'right');
    }
  }
  const value = valueNode < 0 ? undefined : w.expr(valueNode, frame);
  const settling: Settling = { names: [], rest: true };
  for (const target of targets) storeTarget(w, target, value, frame, target === targets[0] && !isAliasMark(w, type) ? type : undefined, settling);
  if (frame.level === 'module') for (const target of targets) if (target.k === 'name' && target.name === '__all__') notePublicNames(w, valueNode, false);
  aliasOfMethod(w, targets, value, frame);
  return afterBinding(w, frame, settling);
}

/** `A: TypeAlias = …` says that the value is a type, not what type it is of. */
function isAliasMark(w: Walk, index: TypeIndex | undefined): boolean {
  const type = index === undefined ? undefined : w.b.types[index];
  const [first = '', second] = type?.k === 'ref' ? type.path : [];
  return type?.k === 'ref' && (second === undefined ? isImportedName(w.b, type.scope, first, 'TypeAlias') : second === 'TypeAlias' && isImportedName(w.b, type.scope, first, '*'));
}

/** `a += value`. */
export function augmentedAssignment(w: Walk, node: number, frame: Frame): void {
  const left = w.child(node, 'left');
  const operatorNode = w.child(node, 'operator');
  const target = prepareTarget(w, left, frame, node);
  const operator = operatorNode < 0 ? '' : w.text(operatorNode).replace(/=$/, '');
  const before = target.k === 'name' ? nameExpr(w, left, frame) : target.k === 'member' ? w.b.expr({ k: 'member', object: target.object, name: target.name }) : 0;
  const right = w.child(node, 'right');
  const value = w.b.expr({ k: 'operator', operator, operands: [before, w.expr(right, frame)] });
  if (before !== 0 && operatorNode >= 0) w.b.implied.push({ kind: 'operate-in-place', expr: value, owner: frame.owner, at: w.at(operatorNode) });
  storeTarget(w, target, value, frame);
  if (frame.level === 'module' && target.k === 'name' && target.name === '__all__') notePublicNames(w, right, true);
}

/** `f = lambda …`: a function of that name, wherever it stands. */
function namedLambda(w: Walk, node: number, left: number, valueNode: number, frame: Frame): void {
  const { b } = w;
  const name = w.text(left);
  const draft: Draft<Definition> = {
    kind: frame.level === 'class' ? 'method' : 'function', name, parent: frame.owner, scope: frame.home, range: w.range(node), at: w.at(left), function: b.functions.length,
  };
  if (frame.local) draft.local = true;
  const definition = b.definition(draft);
  const typeNode = w.child(node, 'type');
  let type: TypeIndex | undefined;
  if (typeNode >= 0) draft.type = type = typeOf(w, typeNode, frame, definition);
  draft.function = b.functions.length;
  const value = lambda(w, valueNode, frame, definition);
  bindName(w, frame, name, { kind: 'definition', definition, value, type, ...place(w, left) });
  const made = b.exprs[value];
  if (frame.class !== undefined) recordMember(frame.class, name, { kind: 'method', definition, value, type, function: made?.k === 'function' ? made.function : undefined });
}

/** The annotation of a variable that is a definition is used by that definition. */
function ownTypeUses(w: Walk, from: number, target: Target | undefined): void {
  if (target?.k !== 'name' || target.definition < 0) return;
  for (let i = from; i < w.typeUses.length; i += 3) w.typeUses[i + 2] = target.definition;
}

/** `__repr__ = __str__` in a class body: a second name of a method is a method. */
function aliasOfMethod(w: Walk, targets: readonly Target[], value: ExprIndex | undefined, frame: Frame): void {
  const { b } = w;
  const aliased = value === undefined ? undefined : b.exprs[value];
  if (frame.class === undefined || aliased?.k !== 'name') return;
  const definitions: readonly DefinitionIndex[] = b.bindingOf(frame.home, aliased.name)?.definitions ?? [];
  if (!definitions.some((definition) => b.definitions[definition]?.kind === 'method')) return;
  for (const target of targets) {
    const definition = target.k === 'name' ? b.definitions[target.definition] : undefined;
    if (definition !== undefined) definition.kind = 'method';
  }
}
