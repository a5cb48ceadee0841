import type { ExprIndex, FunctionIndex, TypeIndex } from '../file-facts.js';
import { callSignature } from './call-signatures.js';
import { meetTypeArguments, receiverEnvironment } from './calls.js';
import type { Evaluation } from './evaluation.js';
import { possibleOverloads } from './overloads.js';
import type { LinkFile } from './program.js';
import { substitute, unify } from './substitution.js';
import { unite, type ValueSet } from './value.js';

/** Where an expression stands, as far as something is expected of it there. */
type Place =
  | { readonly p: 'argument'; readonly call: ExprIndex; readonly at: number }
  | { readonly p: 'property'; readonly of: ExprIndex; readonly name: string }
  | { readonly p: 'element' | 'part'; readonly of: ExprIndex }
  | { readonly p: 'typed'; readonly type: TypeIndex };

interface Places {
  readonly of: ReadonlyMap<ExprIndex, Place>;
  /** The expressions that are functions. */
  readonly functions: ReadonlyMap<FunctionIndex, ExprIndex>;
}

/** Literals that nest deeper than this are data. */
const MAX_NESTING = 8;

const known = new WeakMap<LinkFile, Places>();

/** The type that is expected of a function where it stands, within object and array literals too; undefined when nothing says so. */
export function expectedOfFunction(ev: Evaluation, file: LinkFile, index: FunctionIndex): ValueSet | undefined {
  const places = placesIn(file);
  const expr = places.functions.get(index);
  return expr === undefined ? undefined : expected(ev, file, places, expr, 0);
}

/** The `this` of the function types that are expected of a function where it stands. */
export function receiverExpected(ev: Evaluation, file: LinkFile, index: FunctionIndex): ValueSet {
  return unite((expectedOfFunction(ev, file, index)?.values ?? []).flatMap((value): ValueSet[] => {
    const owner = value.v === 'function' ? ev.program.file(value.file) : undefined;
    const type = value.v === 'function' ? owner?.facts.functions[value.function]?.thisType : undefined;
    if (value.v !== 'function' || owner === undefined || type === undefined) return [];
    const declared = ev.type(owner, type);
    return [value.bound === undefined ? declared : substitute(ev, declared, new Map(value.bound))];
  }));
}

function expected(ev: Evaluation, file: LinkFile, places: Places, expr: ExprIndex, depth: number): ValueSet | undefined {
  const place = places.of.get(expr);
  if (place === undefined || depth > MAX_NESTING) return undefined;
  if (place.p === 'typed') return ev.type(file, place.type);
  if (place.p === 'argument') return expectedArgument(ev, file, place.call, place.at);
  const outer = expected(ev, file, places, place.of, depth + 1);
  if (outer === undefined || outer.values.length === 0) return undefined;
  if (place.p === 'part') return outer;
  const inner = place.p === 'property' ? ev.member(outer, place.name) : ev.iterated({ values: outer.values.filter((value) => value.v === 'builtin' || value.v === 'instance') });
  return inner.values.length === 0 ? undefined : inner;
}

/** The declared type of the parameter that an argument meets. */
function expectedArgument(ev: Evaluation, file: LinkFile, index: ExprIndex, at: number): ValueSet | undefined {
  const call = file.facts.exprs[index];
  if (call?.k !== 'call' && call?.k !== 'new') return undefined;
  const parts: ValueSet[] = [];
  const callees = ev.expr(file, call.callee).values.flatMap((value) => (value.v === 'instance' ? (callSignature(ev, value)?.values ?? []) : [value]));
  for (const callee of callees) {
    const target = callee.v === 'class' ? ev.memberOf(ev.values.instance(callee.file, callee.class, callee.arguments), ev.program.file(callee.file).rules.constructors[0] ?? '').values[0] : callee;
    if (target?.v !== 'function') continue;
    const owner = ev.program.file(target.file);
    for (const chosen of possibleOverloads(ev, owner, ev.overloads(owner, target.function, target.definition), target.function, { file, facts: call, index })) {
      const signature = owner.facts.functions[chosen];
      const last = signature?.parameters.at(-1);
      const parameter = signature?.parameters[at] ?? (last?.form === 'rest' ? last : undefined);
      const type = parameter?.type;
      if (signature === undefined || type === undefined) continue;
      const environment = receiverEnvironment(ev, owner, signature, target.receiver);
      meetTypeArguments(ev, owner, signature, { file, facts: call }, environment);
      if (call.typeArguments === undefined) signature.parameters.forEach((other, position) => {
        const given = call.arguments[position];
        if (position !== at && other.type !== undefined && other.form !== 'rest' && given !== undefined) unify(ev, ev.type(owner, other.type), ev.expr(file, given), environment);
      });
      const met = substitute(ev, ev.type(owner, type), environment);
      parts.push(parameter?.form === 'rest' ? ev.iterated(met) : met);
    }
  }
  return parts.length === 0 ? undefined : unite(parts);
}

function placesIn(file: LinkFile): Places {
  let places = known.get(file);
  if (places === undefined) known.set(file, (places = gather(file)));
  return places;
}

function gather(file: LinkFile): Places {
  const { facts } = file;
  const of = new Map<ExprIndex, Place>();
  const functions = new Map<FunctionIndex, ExprIndex>();
  const place = (expr: ExprIndex, at: Place): unknown => !of.has(expr) && of.set(expr, at);
  facts.exprs.forEach((expr, index) => {
    switch (expr.k) {
      case 'function': return functions.set(expr.function, index);
      case 'call': case 'new': return expr.arguments.forEach((argument, at) => (expr.spread === undefined || at < expr.spread) && place(argument, { p: 'argument', call: index, at }));
      case 'object': return expr.properties.forEach((property) => place(property.value, { p: 'property', of: index, name: property.name }));
      case 'array': return expr.elements.forEach((element) => place(element, { p: 'element', of: index }));
      case 'union': return expr.of.forEach((part) => place(part, { p: 'part', of: index }));
      case 'cast': return place(expr.value, { p: 'typed', type: expr.type });
      default: return undefined;
    }
  });
  for (const scope of facts.scopes) {
    for (const { type, values, kind } of scope.bindings) if (type !== undefined && kind !== 'parameter') for (const value of values ?? []) place(value, { p: 'typed', type });
  }
  for (const { returnType, returns, async, generator } of facts.functions) {
    if (returnType !== undefined && async !== true && generator !== true) for (const value of returns) place(value, { p: 'typed', type: returnType });
  }
  for (const { members } of facts.classes) for (const { type, values } of members) if (type !== undefined) for (const value of values ?? []) place(value, { p: 'typed', type });
  for (const { parameters } of facts.functions) for (const { type, default: value } of parameters) if (type !== undefined && value !== undefined) place(value, { p: 'typed', type });
  return { of, functions };
}
