import type { Expr, ExprIndex, TypeIndex } from '../../../../domain/file-facts.js';
import { assignTo, memberTarget, recordMember } from './assignments.js';
import { constantString } from './constants.js';
import { enterNarrowed, factsOf, joinFacts, noFacts } from './narrowing.js';
import { bindPattern } from './patterns.js';
import type { ExpressionRule } from './vocabulary.js';
import type { Walk } from './walk.js';

const OPERATOR_FREE = new Set(['!', 'typeof', 'void', 'delete']);
/** Longer strings are text, not keys or names. */
const LONGEST_LITERAL = 100;
const CHOICES = new Set(['||', '&&', '??']);

/** Names, literals, members, operators and what is seen through. */
export const plainExpressions: ReadonlyMap<string, ExpressionRule> = new Map<string, ExpressionRule>([
  ['string', (walk, node) => walk.build.expr(literal('string', constantString(walk, node)))],
  ['number', (walk, node) => walk.build.expr(literal(walk.source.latin1.charCodeAt((walk.nodes.end[node] ?? 1) - 1) === 110 ? 'bigint' : 'number', walk.text(node)))],
  ['true', (walk) => walk.build.expr(literal('boolean', 'true'))],
  ['false', (walk) => walk.build.expr(literal('boolean', 'false'))],
  ['null', (walk) => walk.build.expr(literal('null', undefined))],
  ['undefined', (walk) => walk.build.expr(literal('undefined', undefined))],
  ['regex', (walk) => walk.build.expr(literal('regexp', undefined))],
  ['template_string', templateString],
  ['this', thisValue],
  ['super', superValue],
  ['member_expression', member],
  ['subscript_expression', subscript],
  ['parenthesized_expression', parenthesized],
  ['non_null_expression', throughFirst],
  ['satisfies_expression', cast],
  ['as_expression', cast],
  ['type_assertion', typeAssertion],
  ['instantiation_expression', instantiation],
  ['sequence_expression', sequence],
  ['ternary_expression', ternary],
  ['binary_expression', binary],
  ['unary_expression', unary],
  ['update_expression', update],
  ['await_expression', awaited],
  ['yield_expression', yielded],
  ['array', array],
  ['spread_element', (walk, node) => iterated(walk, walk.read(walk.inner(node)))],
  ['augmented_assignment_expression', augmented],
  ['meta_property', () => 0],
  ['private_property_identifier', () => 0],
]);

function literal(type: (Expr & { readonly k: 'literal' })['type'], value: string | undefined): Expr {
  return value === undefined || value.length > LONGEST_LITERAL ? { k: 'literal', type } : { k: 'literal', type, value };
}

function templateString(walk: Walk, node: number): ExprIndex {
  const constant = constantString(walk, node);
  if (constant !== undefined) return walk.build.expr(literal('string', constant));
  walk.anything(node);
  return walk.build.expr({ k: 'operator', operator: '`', operands: [] });
}

function thisValue(walk: Walk): ExprIndex {
  const { thisClass, thisStatic, thisFunction } = walk.at;
  if (thisClass >= 0) return walk.build.expr(thisStatic ? { k: 'this', class: thisClass, static: true } : { k: 'this', class: thisClass });
  return walk.build.expr(thisFunction >= 0 ? { k: 'this', function: thisFunction } : { k: 'this' });
}

function superValue(walk: Walk): ExprIndex {
  const { thisClass, thisStatic } = walk.at;
  if (thisClass < 0) return 0;
  return walk.build.expr(thisStatic ? { k: 'super', class: thisClass, static: true } : { k: 'super', class: thisClass });
}

function member(walk: Walk, node: number): ExprIndex {
  const object = walk.object(walk.child(node, walk.f.object));
  const property = walk.child(node, walk.f.property);
  return property < 0 ? 0 : walk.member(object, walk.text(property));
}

function subscript(walk: Walk, node: number): ExprIndex {
  const object = walk.object(walk.child(node, walk.f.object));
  const key = walk.child(node, walk.f.index);
  const name = key < 0 ? undefined : constantString(walk, key);
  if (name !== undefined) return walk.member(object, name);
  const value = walk.read(key);
  return walk.build.expr(value === 0 ? { k: 'index', object } : { k: 'index', object, key: value });
}

function parenthesized(walk: Walk, node: number): ExprIndex {
  const inner = walk.inner(node);
  const value = walk.read(inner);
  if (walk.javascript && inner > 0) {
    const type = walk.rules.castBefore(walk, node);
    if (type !== undefined) return walk.build.expr({ k: 'cast', value, type });
  }
  return value;
}

function throughFirst(walk: Walk, node: number): ExprIndex {
  return walk.read(walk.inner(node));
}

/** `v as T` is a cast; `v satisfies T` and `v as const` are `v`. */
function cast(walk: Walk, node: number): ExprIndex {
  const valueNode = walk.inner(node);
  let typeNode = -1;
  const end = walk.end(node);
  for (let child = valueNode < 0 ? end : walk.end(valueNode); child < end; child = walk.end(child)) if (walk.counts(child)) typeNode = child;
  const type: TypeIndex | undefined = typeNode < 0 ? undefined : walk.type(typeNode);
  if (type !== undefined) walk.expect(valueNode, type);
  const value = walk.read(valueNode);
  return type === undefined || walk.kind(node) === walk.k.satisfies_expression ? value : walk.build.expr({ k: 'cast', value, type });
}

function typeAssertion(walk: Walk, node: number): ExprIndex {
  const types = walk.typeArguments(node) ?? [];
  let valueNode = -1;
  const end = walk.end(node);
  for (let child = node + 1; child < end; child = walk.end(child)) if (walk.counts(child) && walk.kind(child) !== walk.k.type_arguments) valueNode = child;
  const value = walk.read(valueNode);
  const type = types[0];
  return type === undefined || type === 0 ? value : walk.build.expr({ k: 'cast', value, type });
}

function instantiation(walk: Walk, node: number): ExprIndex {
  const value = walk.read(walk.inner(node));
  walk.typeArguments(node);
  return value;
}

function sequence(walk: Walk, node: number): ExprIndex {
  let last: ExprIndex = 0;
  const end = walk.end(node);
  for (let child = node + 1; child < end; child = walk.end(child)) if (walk.counts(child)) last = walk.read(child);
  return last;
}

function union(walk: Walk, of: readonly ExprIndex[]): ExprIndex {
  const known = [...new Set(of)].filter((expr) => expr !== 0);
  const first = known[0];
  if (first === undefined) return 0;
  // An unknown branch stays visible: the value is not certain.
  return known.length === 1 && known.length === of.length ? first : walk.build.expr({ k: 'union', of: [...new Set(of)] });
}

function ternary(walk: Walk, node: number): ExprIndex {
  const condition = walk.child(node, walk.f.condition);
  walk.read(condition);
  const branches: ExprIndex[] = [];
  walk.deepen(1);
  for (const [field, truthy] of [[walk.f.consequence, true], [walk.f.alternative, false]] as const) {
    const branch = walk.child(node, field);
    enterNarrowed(walk, factsOf(walk, condition, truthy), () => branches.push(walk.read(branch)));
  }
  walk.deepen(-1);
  return union(walk, branches);
}

/** Left-nested chains (`a + b + …`, `a && b && …`) are read in a loop: generated code has thousands of links. */
function binary(walk: Walk, node: number): ExprIndex {
  const { k, f } = walk;
  const spine: number[] = [];
  let first = node;
  while (first >= 0 && walk.kind(first) === k.binary_expression) {
    spine.push(first);
    first = walk.child(first, f.left);
  }
  let value = walk.read(first);
  let whenTrue = first < 0 ? noFacts : factsOf(walk, first, true);
  let whenFalse = first < 0 ? noFacts : factsOf(walk, first, false);
  for (let level = spine.length - 1; level >= 0; level--) {
    const at = spine[level] ?? node;
    const operator = walk.source.text(walk.child(at, f.operator));
    const right = walk.child(at, f.right);
    const facts = operator === '&&' ? whenTrue : operator === '||' ? whenFalse : noFacts;
    let second: ExprIndex = 0;
    enterNarrowed(walk, facts, () => {
      second = walk.read(right);
    });
    value = CHOICES.has(operator) ? union(walk, [value, second]) : walk.build.expr({ k: 'operator', operator: walk.build.intern(operator), operands: [value, second] });
    if (operator === '&&') {
      whenTrue = joinFacts(whenTrue, factsOf(walk, right, true));
      whenFalse = noFacts;
    } else if (operator === '||') {
      whenFalse = joinFacts(whenFalse, factsOf(walk, right, false));
      whenTrue = noFacts;
    } else {
      whenTrue = level === spine.length - 1 && spine.length > 1 ? factsOf(walk, at, true) : noFacts;
      whenFalse = level === spine.length - 1 && spine.length > 1 ? factsOf(walk, at, false) : noFacts;
    }
  }
  return value;
}

function unary(walk: Walk, node: number): ExprIndex {
  const operator = walk.build.intern(walk.source.text(walk.child(node, walk.f.operator)));
  const operand = walk.read(walk.child(node, walk.f.argument));
  return walk.build.expr({ k: 'operator', operator, operands: OPERATOR_FREE.has(operator) ? [] : [operand] });
}

function update(walk: Walk, node: number): ExprIndex {
  const target = walk.child(node, walk.f.argument);
  const value = walk.build.expr(literal('number', undefined));
  if (target >= 0 && walk.kind(target) === walk.k.identifier) walk.assign(walk.text(target), value);
  else memberTarget(walk, target);
  return value;
}

function awaited(walk: Walk, node: number): ExprIndex {
  const value = walk.read(walk.inner(node));
  if (value === 0 || walk.build.exprs[value]?.k === 'import') return value;
  return walk.build.expr({ k: 'await', value });
}

function yielded(walk: Walk, node: number): ExprIndex {
  const value = walk.read(walk.inner(node));
  const facts = walk.build.functions[walk.at.function];
  if (facts !== undefined && walk.inner(node) >= 0) (facts.yields ??= []).push(walk.has(node, walk.t['*']) ? iterated(walk, value) : value);
  return 0;
}

function iterated(walk: Walk, value: ExprIndex): ExprIndex {
  return value === 0 ? 0 : walk.build.expr({ k: 'iterate', value });
}

function array(walk: Walk, node: number): ExprIndex {
  const elements: ExprIndex[] = [];
  const end = walk.end(node);
  for (let child = node + 1; child < end; child = walk.end(child)) if (walk.counts(child)) elements.push(walk.read(child));
  return walk.build.expr({ k: 'array', container: 'array', elements });
}

/** `a ||= b` may leave `b`; `a += b` gives a primitive or an operand. */
function augmented(walk: Walk, node: number): ExprIndex {
  const { f, k } = walk;
  const left = walk.child(node, f.left);
  const operator = walk.source.text(walk.child(node, f.operator)).slice(0, -1);
  const name = left >= 0 && walk.kind(left) === k.identifier;
  const target = name ? undefined : memberTarget(walk, left);
  const right = walk.read(walk.child(node, f.right));
  const before: ExprIndex = name ? walk.name(left) : target === undefined || target.name === '' ? 0 : walk.member(target.object, target.name);
  if (!CHOICES.has(operator)) {
    const value = walk.build.expr({ k: 'operator', operator: walk.build.intern(operator), operands: [before, right] });
    if (name) walk.assign(walk.text(left), value);
    return value;
  }
  if (name) walk.assign(walk.text(left), right);
  else if (target !== undefined) recordMember(walk, target, right);
  return union(walk, [before, right]);
}

/** Assigns to a pattern, member or name that no rule of its own takes. */
export function assignValue(walk: Walk, left: number, value: ExprIndex): void {
  if (walk.kind(left) === walk.k.parenthesized_expression) assignValue(walk, walk.inner(left), value);
  else if (walk.kind(left) === walk.k.identifier || walk.kind(left) === walk.k.object_pattern || walk.kind(left) === walk.k.array_pattern) bindPattern(walk, left, value, { kind: 'assign' });
  else assignTo(walk, left, value);
}
