import type { Expr, ExprIndex, TypeExpr, TypeIndex } from '../../../../domain/file-facts.js';
import { call, noteImplied } from './calls.js';
import { memberRead, nameRead, place } from './chains.js';
import { lambda } from './functions.js';
import { mentionsTypeTest, narrow, narrowInto, tests } from './narrowing.js';
import { bindName } from './names.js';
import { prepareTarget, storeTarget } from './targets.js';
import type { ExpressionRule, Frame, Walk } from './walk.js';

/** Strings up to this length are kept as values: they are keys and attribute names, longer ones are texts. */
const LONGEST_VALUE = 100;

/** How each kind of expression is read. */
export const EXPRESSION_RULES: Readonly<Record<string, ExpressionRule>> = {
  identifier: (w, node, frame) => nameRead(w, node, frame, true),
  attribute: (w, node, frame) => memberRead(w, node, frame, true),
  call: (w, node, frame) => call(w, node, frame, 'call'),
  subscript,
  string: (w, node, frame) => w.b.expr(stringLiteral(w, node, frame)),
  concatenated_string: (w, node, frame) => w.b.expr(concatenation(w, node, frame)),
  integer: (w, node) => numberLiteral(w, node, ''),
  float: (w) => w.b.expr({ k: 'literal', type: 'number' }),
  true: (w) => w.b.expr({ k: 'literal', type: 'boolean', value: 'True' }),
  false: (w) => w.b.expr({ k: 'literal', type: 'boolean', value: 'False' }),
  none: (w) => w.b.expr({ k: 'literal', type: 'null' }),
  ellipsis: () => 0,
  parenthesized_expression: inner,
  type: inner,
  as_pattern_target: inner,
  await: (w, node, frame) => w.b.expr({ k: 'await', value: inner(w, node, frame) }),
  list_splat: splat,
  list_splat_pattern: (w, node, frame) => w.b.expr({ k: 'iterate', value: inner(w, node, frame) }),
  not_operator: (w, node, frame) => w.b.expr({ k: 'operator', operator: 'not', operands: [w.expr(w.child(node, 'argument'), frame)] }),
  unary_operator: unary,
  binary_operator: binary,
  comparison_operator: comparison,
  boolean_operator: either,
  conditional_expression: conditional,
  named_expression: walrus,
  lambda: (w, node, frame) => lambda(w, node, frame, undefined),
  yield: yielded,
  tuple: (w, node, frame) => sequence(w, node, frame, 'tuple'),
  expression_list: (w, node, frame) => sequence(w, node, frame, 'tuple'),
  pattern_list: (w, node, frame) => sequence(w, node, frame, 'tuple'),
  tuple_pattern: (w, node, frame) => sequence(w, node, frame, 'tuple'),
  list: (w, node, frame) => sequence(w, node, frame, 'list'),
  list_pattern: (w, node, frame) => sequence(w, node, frame, 'list'),
  set: (w, node, frame) => sequence(w, node, frame, 'set'),
  dictionary,
  list_comprehension: comprehension,
  set_comprehension: comprehension,
  generator_expression: comprehension,
  dictionary_comprehension: comprehension,
  generic_type: genericType,
  union_type: (w, node, frame) => w.b.expr({ k: 'operator', operator: '|', operands: w.parts(node).map((part) => w.expr(part, frame)) }),
  comment: () => 0,
};

function inner(w: Walk, node: number, frame: Frame): ExprIndex {
  return w.expr(w.firstPart(node), frame);
}

function subscript(w: Walk, node: number, frame: Frame): ExprIndex {
  const { kind } = w.syntax;
  const object = w.expr(w.child(node, 'value'), frame);
  const keys = w.source.childrenByField(node, w.syntax.field.subscript);
  if (keys.length === 1 && w.kind[keys[0] ?? 0] === kind.slice) {
    w.expr(keys[0] ?? -1, frame);
    // A slice is a sequence of the same sort as what it is taken from.
    return noteElement(w, node, w.b.expr({ k: 'operator', operator: '[:]', operands: [object] }), frame);
  }
  const values = keys.map((key) => w.expr(key, frame));
  const key = values.length === 1 ? values[0] ?? 0 : w.b.expr({ k: 'array', container: 'tuple', elements: values });
  return noteElement(w, node, w.b.expr(key === 0 ? { k: 'index', object } : { k: 'index', object, key }), frame);
}

/** `a[k]` runs a method of `a`. */
function noteElement(w: Walk, node: number, expr: ExprIndex, frame: Frame): ExprIndex {
  noteImplied(w, 'operate', w.child(node, 'value'), expr, frame);
  return expr;
}

/** `a + b` runs a method of either; two values of the language are left out. */
function noteOperation(w: Walk, operator: number, expr: ExprIndex, operands: readonly ExprIndex[], frame: Frame): ExprIndex {
  const plain = (operand: ExprIndex): boolean => operand === 0 || w.b.exprs[operand]?.k === 'literal';
  if (operator >= 0 && !operands.every(plain)) w.b.implied.push({ kind: 'operate', expr, owner: frame.owner, at: w.at(operator) });
  return expr;
}

/** `List[T]` where the grammar took it for a type: the same as a subscript. */
function genericType(w: Walk, node: number, frame: Frame): ExprIndex {
  const [name, parameters] = w.parts(node);
  if (name === undefined) return 0;
  const object = w.expr(name, frame);
  const values = parameters === undefined ? [] : w.parts(parameters).map((part) => w.expr(part, frame));
  const key = values.length === 1 ? values[0] ?? 0 : w.b.expr({ k: 'array', container: 'tuple', elements: values });
  return w.b.expr(key === 0 ? { k: 'index', object } : { k: 'index', object, key });
}

/** A string; the expressions in an f-string are read. Its value where it is short and plain. */
function stringLiteral(w: Walk, node: number, frame: Frame): Extract<Expr, { k: 'literal' }> {
  const { kind } = w.syntax;
  const end = w.next[node] ?? 0;
  let content = -1;
  let plain = true;
  let bytes = false;
  for (let child = node + 1; child < end; child = w.next[child] ?? end) {
    const k = w.kind[child];
    if (k === kind.string_content) {
      if (content >= 0 || (w.next[child] ?? 0) > child + 1) plain = false;
      content = child;
    } else if (k === kind.interpolation) {
      plain = false;
      interpolation(w, child, frame);
    } else if (k === kind.string_start) {
      const at = w.start[child] ?? 0;
      for (let i = at; i < (w.end[child] ?? 0); i++) if (((w.source.bytes[i] ?? 0) | 32) === 98) bytes = true;
    }
  }
  const type = bytes ? 'bytes' : 'string';
  if (!plain || (content >= 0 && (w.end[content] ?? 0) - (w.start[content] ?? 0) > LONGEST_VALUE)) return { k: 'literal', type };
  return { k: 'literal', type, value: content < 0 ? '' : w.text(content) };
}

function interpolation(w: Walk, node: number, frame: Frame): void {
  for (const part of w.parts(node)) w.expr(part, frame);
}

function concatenation(w: Walk, node: number, frame: Frame): Expr {
  let value: string | undefined = '';
  let type: 'string' | 'bytes' = 'string';
  for (const part of w.parts(node)) {
    if (w.kind[part] !== w.syntax.kind.string) continue;
    const literal = stringLiteral(w, part, frame);
    if (literal.type === 'bytes') type = 'bytes';
    value = value === undefined || literal.value === undefined ? undefined : value + literal.value;
  }
  return value === undefined || value.length > LONGEST_VALUE ? { k: 'literal', type } : { k: 'literal', type, value };
}

function numberLiteral(w: Walk, node: number, sign: string): ExprIndex {
  // Small integers are positions in tuples; other numbers only have a type.
  return (w.end[node] ?? 0) - (w.start[node] ?? 0) <= 4 ? w.b.expr({ k: 'literal', type: 'number', value: sign + w.text(node) }) : w.b.expr({ k: 'literal', type: 'number' });
}

function unary(w: Walk, node: number, frame: Frame): ExprIndex {
  const argument = w.child(node, 'argument');
  const operator = w.child(node, 'operator');
  const sign = operator < 0 ? '' : w.text(operator);
  if (w.kind[argument] === w.syntax.kind.integer && sign !== '~') return numberLiteral(w, argument, sign === '-' ? '-' : '');
  const operand = w.expr(argument, frame);
  return noteOperation(w, operator, w.b.expr({ k: 'operator', operator: sign, operands: [operand] }), [operand], frame);
}

function binary(w: Walk, node: number, frame: Frame): ExprIndex {
  const left = w.expr(w.child(node, 'left'), frame);
  const right = w.expr(w.child(node, 'right'), frame);
  const operator = w.child(node, 'operator');
  return noteOperation(w, operator, w.b.expr({ k: 'operator', operator: operator < 0 ? '' : w.text(operator), operands: [left, right] }), [left, right], frame);
}

function comparison(w: Walk, node: number, frame: Frame): ExprIndex {
  const operands: ExprIndex[] = [];
  let operator = '';
  let first = -1;
  const end = w.next[node] ?? 0;
  for (let child = node + 1; child < end; child = w.next[child] ?? end) {
    if (w.isPart(child)) operands.push(w.expr(child, frame));
    else if (operator === '' && w.field[child] === w.syntax.field.operators) {
      operator = w.text(child).replace(/\s+/g, ' ');
      first = child;
    }
  }
  const expr = w.b.expr({ k: 'operator', operator, operands });
  return operator === 'is' || operator === 'is not' ? expr : noteOperation(w, first, expr, operands, frame);
}

/** `a and b`, `a or b`: either; the second knows what the first found out. */
function either(w: Walk, node: number, frame: Frame): ExprIndex {
  const leftNode = w.child(node, 'left');
  const left = w.expr(leftNode, frame);
  const and = w.kind[w.child(node, 'operator')] === w.syntax.token.and;
  const right = w.expr(w.child(node, 'right'), narrow(w, frame, tests(w, leftNode, and)));
  return left === right ? left : w.b.expr({ k: 'union', of: [left, right] });
}

function conditional(w: Walk, node: number, frame: Frame): ExprIndex {
  const [then, condition, otherwise] = w.parts(node);
  if (then === undefined || condition === undefined) return 0;
  // The value stands before its condition: it is read in a scope that the condition fills afterwards.
  const inner = mentionsTypeTest(w, condition) ? { ...frame, scope: w.b.scope('narrow', frame.scope, frame.owner) } : frame;
  const value = w.expr(then, inner);
  w.expr(condition, frame);
  if (inner !== frame) narrowInto(w, inner.scope, tests(w, condition, true));
  const other = otherwise === undefined ? 0 : w.expr(otherwise, narrow(w, frame, tests(w, condition, false)));
  return w.b.expr({ k: 'union', of: [value, other] });
}

function walrus(w: Walk, node: number, frame: Frame): ExprIndex {
  const name = w.child(node, 'name');
  const value = w.expr(w.child(node, 'value'), frame);
  if (name >= 0) bindName(w, frame, w.text(name), { kind: 'variable', value, ...place(w, name) });
  return value;
}

function yielded(w: Walk, node: number, frame: Frame): ExprIndex {
  const part = w.firstPart(node);
  const value = part < 0 ? 0 : w.expr(part, frame);
  const facts = frame.function?.facts;
  if (facts === undefined) return 0;
  const from = w.hasToken(node, w.syntax.token.from);
  facts.generator = true;
  (facts.yields ??= []).push(from ? w.b.expr({ k: 'iterate', value }) : value);
  if (from) return w.b.expr({ k: 'operator', operator: 'yield from', operands: [value] });
  const sent = facts.returnType === undefined ? undefined : sentTo(w.b.types[facts.returnType]);
  return sent === undefined ? 0 : w.b.expr({ k: 'cast', value: 0, type: sent });
}

/** What a `yield` gives by the declared result of its function: `S` in `Generator[Y, S, R]` and `AsyncGenerator[Y, S]`. */
function sentTo(declared: TypeExpr | undefined): TypeIndex | undefined {
  if (declared?.k !== 'ref') return undefined;
  const name = declared.path.at(-1);
  return name === 'Generator' || name === 'AsyncGenerator' ? declared.arguments?.[1] : undefined;
}

/** `*xs`. In a list the grammar takes `*f(x)` for a call of `*f`: there the star is left to the element as a whole. */
function splat(w: Walk, node: number, frame: Frame): ExprIndex {
  const { field } = w.syntax;
  const value = inner(w, node, frame);
  const at = w.field[node];
  return at === field.function || at === field.object || at === field.value || at === field.left ? value : w.b.expr({ k: 'iterate', value });
}

function isLooselyStarred(w: Walk, element: number): boolean {
  return w.source.bytes[w.start[element] ?? 0] === 42 && w.kind[element] !== w.syntax.kind.list_splat && w.kind[element] !== w.syntax.kind.list_splat_pattern;
}

function sequence(w: Walk, node: number, frame: Frame, container: 'tuple' | 'list' | 'set'): ExprIndex {
  const elements: ExprIndex[] = [];
  const end = w.next[node] ?? 0;
  for (let child = node + 1; child < end; child = w.next[child] ?? end) {
    if (!w.isPart(child)) continue;
    const value = w.expr(child, frame);
    elements.push(isLooselyStarred(w, child) ? w.b.expr({ k: 'iterate', value }) : value);
  }
  return w.b.expr({ k: 'array', container, elements });
}

function dictionary(w: Walk, node: number, frame: Frame): ExprIndex {
  const { kind } = w.syntax;
  const properties: { name: string; value: ExprIndex }[] = [];
  const spreads: ExprIndex[] = [];
  const values: ExprIndex[] = [];
  const keys: ExprIndex[] = [];
  for (const part of w.parts(node)) {
    if (w.kind[part] === kind.dictionary_splat) spreads.push(inner(w, part, frame));
    else if (w.kind[part] === kind.pair) {
      const keyExpr = w.expr(w.child(part, 'key'), frame);
      const key = w.b.exprs[keyExpr];
      const value = w.expr(w.child(part, 'value'), frame);
      if (key?.k === 'literal' && key.type === 'string' && key.value !== undefined) properties.push({ name: key.value, value });
      else if (value !== 0) {
        values.push(value);
        keys.push(keyExpr);
      }
    } else w.expr(part, frame);
  }
  return w.b.expr({ k: 'object', container: 'dict', properties, spreads, ...(values.length > 0 ? { values, keys } : {}) });
}

/** The first iterable is evaluated outside; targets, conditions and the element within a scope of their own. */
function comprehension(w: Walk, node: number, frame: Frame): ExprIndex {
  const { kind } = w.syntax;
  const parts = w.parts(node);
  const scope = w.b.scope('comprehension', frame.scope, frame.owner);
  const within: Frame = { ...frame, scope };
  const targets: Frame = { ...within, home: scope, level: 'function', class: undefined };
  const conditions = parts.filter((part) => w.kind[part] === kind.if_clause && mentionsTypeTest(w, part));
  const narrowed = conditions.length > 0 ? { ...within, scope: w.b.scope('narrow', scope, frame.owner) } : within;
  const body = w.child(node, 'body');
  const pair = w.kind[body] === kind.pair;
  if (pair) w.expr(w.child(body, 'key'), narrowed);
  const element = w.expr(pair ? w.child(body, 'value') : body, narrowed);
  let first = true;
  for (const part of parts) {
    if (w.kind[part] === kind.for_in_clause) {
      const target = prepareTarget(w, w.child(part, 'left'), targets, -1);
      const iterables = w.source.childrenByField(part, w.syntax.field.right).filter((one) => w.isPart(one));
      const values = iterables.map((one) => w.expr(one, first ? frame : within));
      const iterable = values.length === 1 ? values[0] ?? 0 : w.b.expr({ k: 'array', container: 'tuple', elements: values });
      const async = w.hasToken(part, w.syntax.token.async);
      if (iterables.length === 1) noteImplied(w, async ? 'iterate-async' : 'iterate', iterables[0] ?? -1, iterable, first ? frame : within);
      storeTarget(w, target, w.b.expr(async ? { k: 'iterate', value: iterable, async } : { k: 'iterate', value: iterable }), targets);
      first = false;
    } else if (w.kind[part] === kind.if_clause) inner(w, part, within);
  }
  for (const condition of conditions) narrowInto(w, narrowed.scope, tests(w, w.firstPart(condition), true));
  if (pair) return w.b.expr({ k: 'object', container: 'dict', properties: [], spreads: [], values: element === 0 ? [] : [element] });
  return w.b.expr({ k: 'array', container: containerOf(w, node), elements: [element] });
}

function containerOf(w: Walk, node: number): 'list' | 'set' | 'generator' {
  const opening = w.source.bytes[w.start[node] ?? 0];
  return opening === 91 ? 'list' : opening === 123 ? 'set' : 'generator';
}
