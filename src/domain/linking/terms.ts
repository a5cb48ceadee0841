import type { ExprIndex } from '../file-facts.js';
import type { Term } from './builtin-types.js';
import type { Call, Evaluation } from './evaluation.js';
import { ownedBy } from './owned.js';
import { guardedBy } from './tested.js';
import { givenFor } from './tokens.js';
import { flatMap, NOTHING, only, open, unite, withOpen, type Value, type ValueSet } from './value.js';

/** What a signature's result says for a receiver and a call. */
export function termValue(ev: Evaluation, term: Term, receiver: Value | undefined, call: Call | undefined): ValueSet {
  const value = (expr: ExprIndex | undefined): ValueSet => (call === undefined || expr === undefined ? open('untyped-value') : ev.expr(call.file, expr));
  const argument = (index: number): ValueSet => value(call?.facts.arguments[index]);
  switch (term.t) {
    case 'unknown': return open('external-value');
    case 'self': return receiver === undefined ? open('external-value') : only(receiver);
    case 'own': return receiver === undefined ? open('external-value') : only(receiver.v === 'class' ? ev.values.instance(receiver.file, receiver.class, receiver.arguments) : receiver);
    case 'receiver-argument': return receiverArgument(receiver, term.index);
    case 'awaited-receiver-argument': return ev.awaited(receiverArgument(receiver, term.index));
    case 'argument': case 'return': case 'instance': {
      const given = 'keyword' in term ? value(call?.facts.keywords?.find(({ name }) => name === term.keyword)?.value) : argument(term.index);
      if (term.t === 'argument') return given;
      return term.t === 'return' ? ev.awaited(ev.call(given)) : flatMap(given, (each) => ev.construct(only(each)));
    }
    case 'stated': return stated(ev, call, term.index, argument(term.index));
    case 'state': return stated(ev, call, term.index, ev.call({ values: argument(term.index).values.filter((each) => each.v === 'function') }), argument(term.index));
    case 'asked-for': {
      const written = call?.facts.typeArguments?.[0];
      const asked = call?.facts.arguments[term.index];
      if (call === undefined || (written === undefined && asked === undefined)) return open('external-value');
      const declared = written === undefined ? undefined : ev.type(call.file, written);
      return declared !== undefined && declared.values.length > 0 ? declared : asked === undefined ? open('external-value') : givenFor(ev, call.file, asked);
    }
    case 'written': {
      const written = call?.facts.typeArguments?.[term.index];
      return call === undefined || written === undefined ? NOTHING : ev.type(call.file, written);
    }
    case 'guarded': return guardedBy(ev, argument(term.index), 0) ?? receiverArgument(receiver, 0);
    case 'default-of-return': return ev.member(ev.awaited(ev.call(argument(term.index))), 'default');
    case 'awaited-argument': return ev.awaited(argument(term.index));
    case 'any-argument': return unite((call?.facts.arguments ?? []).map(value));
    case 'any-element': return unite((call?.facts.arguments ?? []).slice(term.index).map((each) => ev.iterated(value(each))));
    case 'element': return ev.iterated(argument(term.index));
    case 'inner-element': return ev.iterated(ev.iterated(argument(term.index)));
    case 'awaited-elements': return flatMap(argument(term.index), (each) => only(each.v === 'builtin' ? ev.values.builtin(each.name, each.arguments.map((element) => ev.awaited(element))) : each));
    case 'zipped': return together(ev, call, (each) => ev.iterated(value(each)));
    case 'gathered': return together(ev, call, (each) => ev.awaited(value(each)));
    case 'flattened-return': return flattened(ev, ev.call(argument(term.index)));
    case 'flattened-receiver-argument': return flattened(ev, receiverArgument(receiver, term.index));
    case 'entered': return ev.entered(argument(term.index));
    case 'entered-async': return ev.entered(argument(term.index), true);
    case 'provided': return provided(ev, argument(term.index));
    case 'through': {
      if (receiver === undefined) return open('external-value');
      const given = ev.call(ev.memberOf(receiver, term.method));
      const rules = call?.file.rules;
      return rules === undefined ? given : ownedBy(ev, rules, given, receiverArgument(receiver, 0));
    }
    case 'choice': return termValue(ev, isGiven(call, term.argument) ? term.given : term.otherwise, receiver, call);
    case 'type': return only(ev.values.builtin(term.name, term.arguments.map((inner) => termValue(ev, inner, receiver, call))));
    // an argument that is not given adds nothing: `d.get(k)`
    case 'union': return unite(term.of.filter((inner) => !isMissing(inner, receiver, call)).map((inner) => termValue(ev, inner, receiver, call)));
  }
}

/** Whether a result is what a call states of it, and the call states nothing: `useRef(null)`, which the library fills. */
export function statesNothing(ev: Evaluation, term: Term, call: Call): boolean {
  const [inner] = term.t === 'type' ? term.arguments : [];
  if (inner?.t !== 'stated' || call.facts.typeArguments !== undefined) return false;
  const given = call.facts.arguments[inner.index];
  return given === undefined || ev.expr(call.file, given).values.every((value) => value.v === 'builtin' && (value.name === 'null' || value.name === 'undefined'));
}

/** What is declared of a value by a type argument, or else by the values that it begins with: an instance may be of a derived class later on, an object another one. */
function stated(ev: Evaluation, call: Call | undefined, index: number, first: ValueSet, second: ValueSet = first): ValueSet {
  const written = call?.facts.typeArguments?.[index];
  const declared = written === undefined || call === undefined ? undefined : ev.type(call.file, written);
  if (declared !== undefined && declared.values.length > 0) return declared;
  const given = unite([first, { ...second, values: second.values.filter((value) => value.v !== 'function' || first === second) }]);
  const replaceable = given.values.some((value) => value.v === 'object' || value.v === 'function' || value.v === 'holder');
  return withOpen(given.values.map((value) => (value.v === 'instance' ? ev.values.instance(value.file, value.class, value.arguments) : value)), given.open ?? (replaceable ? 'untyped-value' : undefined));
}

function receiverArgument(receiver: Value | undefined, index: number): ValueSet {
  if (receiver?.v === 'instance') return receiver.arguments?.[index] ?? open('external-value'); // of a class with a base that the tables list
  if (receiver?.v !== 'builtin') return open('untyped-value');
  return receiver.name === 'tuple' && index === 0 ? unite(receiver.arguments) : (receiver.arguments[index] ?? open('untyped-value'));
}

function isGiven(call: Call | undefined, index: number): boolean {
  return call !== undefined && (call.facts.arguments[index] !== undefined || (call.facts.spread !== undefined && call.facts.spread <= index));
}

/** Whether a part of a union says nothing here: the receiver has no such type argument, or the call passes no such argument. */
function isMissing(term: Term, receiver: Value | undefined, call: Call | undefined): boolean {
  if (term.t === 'receiver-argument') return receiver?.v === 'builtin' && receiver.arguments.length > 0 && term.index >= receiver.arguments.length;
  if ('keyword' in term) return call !== undefined && call.facts.keywords?.some(({ name }) => name === term.keyword) !== true;
  return term.t === 'argument' && call !== undefined && call.facts.spread === undefined && term.index >= call.facts.arguments.length;
}

/** A tuple with a place for each argument; a list where their number is not known. */
function together(ev: Evaluation, call: Call | undefined, part: (argument: ExprIndex) => ValueSet): ValueSet {
  const { arguments: given = [], spread } = call?.facts ?? {};
  const parts = given.map(part);
  return only(ev.values.builtin(spread === undefined && given.length > 0 ? 'tuple' : 'list', spread === undefined ? parts : [unite(parts)]));
}

/** The elements of sequences, one level deep; what is none stays. */
function flattened(ev: Evaluation, set: ValueSet): ValueSet {
  return flatMap(set, (value) => (value.v === 'builtin' && (value.name === 'Array' || value.name === 'tuple') ? ev.iterated(only(value)) : only(value)));
}

/** What a framework hands on of what a function gives it: awaited, and of a generator what it yields. */
function provided(ev: Evaluation, functions: ValueSet): ValueSet {
  return flatMap(ev.awaited(ev.call(functions)), (value) => (value.v === 'builtin' && /^(iterator|generator|async-generator)$/.test(value.name) ? (value.arguments[0] ?? open('untyped-value')) : only(value)));
}
