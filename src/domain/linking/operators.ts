import type { Expr } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import type { LinkFile } from './program.js';
import { flatMap, only, open, unite, type Value, type ValueSet } from './value.js';

type Operator = Extract<Expr, { k: 'operator' }>;

/** Methods behind the operators of a language in which a class says what they do (Python). */
const METHODS: ReadonlyMap<string, string> = new Map([
  ['+', '__add__'], ['-', '__sub__'], ['*', '__mul__'], ['/', '__truediv__'], ['//', '__floordiv__'], ['%', '__mod__'], ['**', '__pow__'], ['@', '__matmul__'],
  ['&', '__and__'], ['|', '__or__'], ['^', '__xor__'], ['<<', '__lshift__'], ['>>', '__rshift__'], ['[:]', '__getitem__'],
]);

const COMPARISONS: ReadonlyMap<string, readonly [own: string, reflected: string]> = new Map([
  ['==', ['__eq__', '__eq__']], ['!=', ['__ne__', '__ne__']], ['<', ['__lt__', '__gt__']], ['>', ['__gt__', '__lt__']], ['<=', ['__le__', '__ge__']], ['>=', ['__ge__', '__le__']],
]);

/** The methods that an operation may run: of its first operand, else of its second. Without any, the language alone does it. */
export function methodsOf({ operator, operands }: Operator, inPlace: boolean): readonly { readonly operand: number; readonly name: string }[] {
  const [first = 0, second = 0] = operands;
  if (operator === '[:]') return [{ operand: first, name: '__getitem__' }];
  if (operator === 'in' || operator === 'not in') return [{ operand: second, name: '__contains__' }, { operand: second, name: '__iter__' }];
  const compared = COMPARISONS.get(operator);
  if (compared !== undefined) return [{ operand: first, name: compared[0] }, { operand: second, name: compared[1] }];
  const name = (operands.length === 1 ? UNARY : METHODS).get(operator);
  if (name === undefined) return [];
  if (operands.length === 1) return [{ operand: first, name }];
  return [...(inPlace ? [{ operand: first, name: name.replace('__', '__i') }] : []), { operand: first, name }, { operand: second, name: name.replace('__', '__r') }];
}

const UNARY: ReadonlyMap<string, string> = new Map([['-', '__neg__'], ['+', '__pos__'], ['~', '__invert__']]);

/** What arithmetic gives where operators are methods: what the left operand's type says, else what is known of text and numbers. */
export function operated(ev: Evaluation, file: LinkFile, expr: Operator): ValueSet {
  const sets = expr.operands.map((operand) => ev.expr(file, operand));
  const [left, right] = sets;
  if (left === undefined) return open('untyped-value');
  if (expr.operator === 'yield from') return flatMap(left, (value) => returnedBy(ev, value));
  if (expr.operator === '|') {
    const classes = sets.map((set) => ({ ...set, values: set.values.filter((value) => !(value.v === 'builtin' && value.name === 'null')) }));
    // `A | None` as a type or a test
    if (classes.some((set) => set.values.length > 0) && classes.every((set) => set.open === undefined && set.values.every(isClass))) return unite(classes);
  }
  const texts = (set: ValueSet | undefined): boolean => set?.values.some((value) => value.v === 'builtin' && (value.name === 'string' || value.name === 'bytes')) === true;
  const own = left.values.some((value) => value.v === 'instance');
  // text with anything is text, whatever the other is
  if (!own && /^[+*%]$/.test(expr.operator) && right !== undefined) {
    if (texts(left)) return { values: left.values.filter((value) => value.v === 'builtin') };
    if (expr.operator !== '%' && texts(right)) return { values: right.values.filter((value) => value.v === 'builtin') };
  }
  const method = (expr.operands.length === 1 && expr.operator !== '[:]' ? UNARY : METHODS).get(expr.operator);
  return flatMap(left, (value) => one(ev, value, expr.operator, method, right));
}

function one(ev: Evaluation, value: Value, operator: string, method: string | undefined, right: ValueSet | undefined): ValueSet {
  switch (value.v) {
    case 'builtin':
      if (value.name === 'tuple' && operator !== '%') return only(ev.values.builtin('list', [unite([...value.arguments, ...elements(operator === '+' ? right : undefined)])]));
      if (value.name === 'list' && operator === '+') return only(ev.values.builtin('list', [unite([...value.arguments, ...elements(right)])]));
      if (value.name === 'number' || value.name === 'boolean') return right !== undefined && !right.values.every(isNumber) ? open('untyped-value') : only(ev.values.builtin('number'));
      return only(value);
    case 'instance': {
      const found = method === undefined ? undefined : ev.memberOf(value, method);
      if (found === undefined || found.values.length === 0) return open('untyped-value');
      return ev.call(operator === '[:]' ? { ...found, values: found.values.map((each) => ofSlices(ev, each)) } : found);
    }
    case 'external': return only(ev.values.external(value.package, value.members, { derived: true, ...(value.entangled === true ? { entangled: true } : {}) }));
    case 'argument': return open('untyped-parameter');
    default: return open('untyped-value');
  }
}

/** Of the overloads of a method that gives elements, the one that is handed a slice. */
function ofSlices(ev: Evaluation, value: Value): Value {
  if (value.v !== 'function') return value;
  const { facts } = ev.program.file(value.file);
  const chosen = ev.overloads(ev.program.file(value.file), value.function, value.definition).find((index) => {
    const type = facts.types[facts.functions[index]?.parameters[1]?.type ?? -1];
    return type?.k === 'ref' && type.path.at(-1) === 'slice';
  });
  return chosen === undefined ? value : ev.values.function(value.file, chosen, -1, value.receiver);
}

/** What a generator returns in the end, to the one that yields from it. */
function returnedBy(ev: Evaluation, value: Value): ValueSet {
  if (value.v === 'builtin' && value.name === 'generator') return value.arguments[2] ?? open('untyped-value');
  const awaited = value.v === 'builtin' && /^(coroutine|Coroutine|awaitable|task)$/.test(value.name); // what coroutines were before `await`
  return awaited ? ev.awaited(only(value)) : open('untyped-value');
}

/** What the sequences of a set hold. */
function elements(set: ValueSet | undefined): readonly ValueSet[] {
  if (set === undefined) return [];
  const parts = set.values.map((value) => (value.v === 'builtin' && (value.name === 'list' || value.name === 'tuple') ? unite(value.arguments) : open('untyped-value')));
  return set.open === undefined ? parts : [...parts, open(set.open)];
}

function isClass(value: Value): boolean {
  return value.v === 'class' || (value.v === 'external' && value.derived !== true);
}

function isNumber(value: Value): boolean {
  return value.v === 'builtin' && (value.name === 'number' || value.name === 'boolean');
}
