import type { ExprIndex } from '../../../../domain/file-facts.js';
import { assignment, augmentedAssignment } from './assignments.js';
import { noteImplied } from './calls.js';
import { place } from './chains.js';
import { classDefinition } from './classes.js';
import { functionDefinition } from './functions.js';
import { fromImport, importStatement } from './imports.js';
import { isImported } from './names.js';
import { afterBinding } from './rebound-names.js';
import { leaves, narrow, tests } from './narrowing.js';
import { matchStatement } from './patterns.js';
import { ERROR_KIND } from './syntax.js';
import { elementIs, prepareTarget, storeTarget } from './targets.js';
import { lineComment } from './type-comments.js';
import { typeStatement } from './type-statements.js';
import type { Frame, StatementRule, Settling, Walk } from './walk.js';

/** How each kind of statement is read. */
export const STATEMENT_RULES: Readonly<Record<string, StatementRule>> = {
  module: (w, node, frame) => w.block(node, frame),
  block: (w, node, frame) => w.block(node, frame),
  expression_statement: expressionStatement,
  assignment,
  augmented_assignment: augmentedAssignment,
  type_alias_statement: typeStatement,
  function_definition: (w, node, frame) => functionDefinition(w, node, frame),
  class_definition: (w, node, frame) => classDefinition(w, node, frame),
  decorated_definition: decoratedDefinition,
  import_statement: importStatement,
  import_from_statement: fromImport,
  future_import_statement: fromImport,
  return_statement: returnStatement,
  assert_statement: assertStatement,
  if_statement: ifStatement,
  while_statement: whileStatement,
  for_statement: forStatement,
  raise_statement: raiseStatement,
  with_statement: withStatement,
  try_statement: (w, node, frame) => w.block(node, frame),
  except_clause: exceptClause,
  finally_clause: (w, node, frame) => w.block(node, frame),
  else_clause: (w, node, frame) => w.block(node, frame),
  match_statement: matchStatement,
  global_statement: (w, node, frame) => declareOutside(w, node, frame, 'global'),
  nonlocal_statement: (w, node, frame) => declareOutside(w, node, frame, 'nonlocal'),
  delete_statement: deleteStatement,
  chevron: (w, node, frame) => void w.expr(w.firstPart(node), frame),
};

function expressionStatement(w: Walk, node: number, frame: Frame): Frame {
  const { kind } = w.syntax;
  const parts = w.parts(node);
  let after = frame;
  for (const part of parts) {
    const k = w.kind[part];
    if (k === kind.assignment) after = assignment(w, part, after);
    else if (k === kind.augmented_assignment) augmentedAssignment(w, part, frame);
    // Doc strings and `...` say nothing further.
    else if (k !== kind.ellipsis && !(k === kind.string && w.source.childOfKind(part, kind.interpolation) < 0)) w.expr(part, frame);
  }
  return after;
}

function decoratedDefinition(w: Walk, node: number, frame: Frame): void {
  const { kind } = w.syntax;
  const definition = w.child(node, 'definition');
  const decorators = w.parts(node).filter((part) => w.kind[part] === kind.decorator);
  if (w.kind[definition] === kind.function_definition) functionDefinition(w, definition, frame, node, decorators);
  else if (w.kind[definition] === kind.class_definition) classDefinition(w, definition, frame, node, decorators);
  else for (const decorator of decorators) w.expr(w.firstPart(decorator), frame);
}

function returnStatement(w: Walk, node: number, frame: Frame): void {
  const part = w.firstPart(node);
  if (part < 0) return;
  const value = w.expr(part, frame);
  frame.function?.facts.returns.push(value);
}

function assertStatement(w: Walk, node: number, frame: Frame): Frame {
  const parts = w.parts(node);
  for (const part of parts) w.expr(part, frame);
  return narrow(w, frame, tests(w, parts[0] ?? -1, true));
}

/** The branches know what their conditions say; where one branch leaves the block, the rest of it knows the opposite. */
function ifStatement(w: Walk, node: number, frame: Frame): Frame {
  const { kind, field } = w.syntax;
  const condition = w.child(node, 'condition');
  const consequence = w.child(node, 'consequence');
  w.expr(condition, frame);
  branch(w, condition, consequence, frame);
  const alternatives = w.source.childrenByField(node, field.alternative);
  const leaving = alternatives.length === 0 && leaves(w, consequence);
  let otherwise = alternatives.length > 0 || leaving ? narrow(w, frame, tests(w, condition, false)) : frame;
  const after = otherwise;
  for (const alternative of alternatives) {
    if (w.kind[alternative] === kind.elif_clause) {
      const next = w.child(alternative, 'condition');
      w.expr(next, otherwise);
      branch(w, next, w.child(alternative, 'consequence'), otherwise);
      otherwise = narrow(w, otherwise, tests(w, next, false));
    } else w.block(w.child(alternative, 'body'), otherwise);
  }
  for (const part of w.parts(node)) if (w.kind[part] === ERROR_KIND) w.statement(part, frame);
  if (alternatives.length === 0) return leaving ? after : frame;
  const [only] = alternatives;
  const elseOnly = alternatives.length === 1 && only !== undefined && w.kind[only] === kind.else_clause;
  return elseOnly && leaves(w, w.child(only, 'body')) ? narrow(w, frame, tests(w, condition, true)) : frame;
}

function branch(w: Walk, condition: number, block: number, frame: Frame): void {
  const within = narrow(w, frame, tests(w, condition, true));
  w.block(block, isTypeChecking(w, condition, frame) ? { ...within, typeOnly: true } : within);
}

function isTypeChecking(w: Walk, condition: number, frame: Frame): boolean {
  const { kind } = w.syntax;
  const bare = w.bare(condition);
  const nameNode = w.kind[bare] === kind.attribute ? w.child(bare, 'attribute') : bare;
  if (w.kind[nameNode] !== kind.identifier || w.text(nameNode) !== 'TYPE_CHECKING') return false;
  if (nameNode === bare) return true;
  const object = w.child(bare, 'object');
  return w.kind[object] === kind.identifier && isImported(w.b, { k: 'member', object: w.b.expr({ k: 'name', name: w.text(object), scope: frame.scope }), name: 'TYPE_CHECKING' }, 'TYPE_CHECKING');
}

function whileStatement(w: Walk, node: number, frame: Frame): void {
  const condition = w.child(node, 'condition');
  w.expr(condition, frame);
  w.block(w.child(node, 'body'), narrow(w, frame, tests(w, condition, true)));
  const alternative = w.child(node, 'alternative');
  if (alternative >= 0) w.block(alternative, frame);
}

function forStatement(w: Walk, node: number, frame: Frame): void {
  const left = w.child(node, 'left');
  const right = w.child(node, 'right');
  const target = prepareTarget(w, left, frame, -1);
  const value = w.expr(right, frame);
  const async = w.hasToken(node, w.syntax.token.async);
  noteImplied(w, async ? 'iterate-async' : 'iterate', right, value, frame);
  const type = w.typeComments ? lineComment(w, w.end[right] ?? 0, frame, frame.owner) : undefined;
  const settling: Settling = { names: [], rest: false };
  storeTarget(w, target, value === 0 ? 0 : w.b.expr(async ? { k: 'iterate', value, async } : { k: 'iterate', value }), frame, type, settling);
  w.block(w.child(node, 'body'), afterBinding(w, frame, settling));
  const alternative = w.child(node, 'alternative');
  if (alternative >= 0) w.block(alternative, frame);
}

function withStatement(w: Walk, node: number, frame: Frame): Frame {
  const { kind } = w.syntax;
  const async = w.hasToken(node, w.syntax.token.async);
  const clause = w.source.childOfKind(node, kind.with_clause);
  let at = frame;
  for (const item of clause < 0 ? [] : w.parts(clause)) {
    const value = w.kind[item] === kind.with_item ? w.child(item, 'value') : item;
    at = withItem(w, w.bare(value), at, async);
  }
  w.block(w.child(node, 'body'), at);
  return at;
}

function withItem(w: Walk, node: number, frame: Frame, async: boolean): Frame {
  const { kind } = w.syntax;
  if (w.kind[node] === kind.tuple && w.source.childOfKind(node, kind.as_pattern) >= 0) {
    // `with (a as b, c as d):` where the grammar took the parentheses for a tuple.
    let at = frame;
    for (const part of w.parts(node)) at = withItem(w, part, at, async);
    return at;
  }
  if (w.kind[node] === kind.as_pattern) {
    const value = w.expr(w.firstPart(node), frame);
    noteImplied(w, async ? 'enter-async' : 'enter', w.firstPart(node), value, frame);
    const type = w.typeComments ? lineComment(w, w.end[node] ?? 0, frame, frame.owner) : undefined;
    const target = prepareTarget(w, w.child(node, 'alias'), frame, -1);
    const settling: Settling = { names: [], rest: true };
    storeTarget(w, target, value === 0 ? 0 : w.b.expr(async ? { k: 'enter', value, async } : { k: 'enter', value }), frame, type, settling);
    return afterBinding(w, frame, settling);
  }
  noteImplied(w, async ? 'enter-async' : 'enter', node, w.expr(node, frame), frame);
  return frame;
}

/** `raise C` constructs the class. */
function raiseStatement(w: Walk, node: number, frame: Frame): void {
  const { kind } = w.syntax;
  w.parts(node).forEach((part, at) => {
    const value = w.expr(part, frame);
    const bare = w.bare(part);
    if (at === 0 && (w.kind[bare] === kind.identifier || w.kind[bare] === kind.attribute)) noteImplied(w, 'raise', part, value, frame);
  });
}

function exceptClause(w: Walk, node: number, frame: Frame): void {
  const { kind, field } = w.syntax;
  const values = w.source.childrenByField(node, field.value).filter((value) => w.isPart(value));
  // `except*` gives a group of exceptions, not one of them.
  const group = w.hasToken(node, w.syntax.token['*']);
  const [first, second] = values;
  const settling: Settling = { names: [], rest: false };
  const bindTo = (name: number, tested: ExprIndex): void => {
    if (w.kind[name] !== kind.identifier) return;
    storeTarget(w, { k: 'name', node: name, name: w.text(name), definition: -1 }, group || tested === 0 ? 0 : w.b.expr({ k: 'instance', class: tested }), frame, undefined, settling);
  };
  if (first !== undefined && w.kind[first] === kind.as_pattern) {
    const tested = w.expr(w.firstPart(first), frame);
    bindTo(w.firstPart(w.child(first, 'alias')), tested);
  } else if (values.length === 2 && first !== undefined && second !== undefined && w.kind[second] === kind.identifier && /^[a-z_]/.test(w.text(second))) {
    // Python 2's `except E, e:`. Since 3.14 it may also be two classes, which are hardly ever written in lower case.
    bindTo(second, w.expr(first, frame));
  } else {
    const alias = w.child(node, 'alias');
    const tested = values.map((value) => w.expr(value, frame));
    if (alias >= 0) bindTo(alias, tested[0] ?? 0);
  }
  const body = w.source.childOfKind(node, kind.block);
  if (body >= 0) w.block(body, afterBinding(w, frame, settling));
}

function declareOutside(w: Walk, node: number, frame: Frame, kind: 'global' | 'nonlocal'): void {
  if (frame.level === 'module') return;
  for (const part of w.parts(node)) if (w.kind[part] === w.syntax.kind.identifier) w.b.bind(frame.home, w.text(part), { kind, ...place(w, part) });
}

/** `del x.y` reads x; a name that is deleted says nothing. */
function deleteStatement(w: Walk, node: number, frame: Frame): void {
  const { kind } = w.syntax;
  for (const part of w.parts(node)) {
    const targets = w.kind[part] === kind.expression_list || w.kind[part] === kind.tuple ? w.parts(part) : [part];
    for (const target of targets) {
      const bare = w.bare(target);
      if (w.kind[bare] === kind.attribute) w.expr(w.child(bare, 'object'), frame);
      else if (w.kind[bare] !== kind.identifier) elementIs(w, w.expr(bare, frame), 'delete');
    }
  }
}
