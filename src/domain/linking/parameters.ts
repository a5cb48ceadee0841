import type { ExprIndex, FunctionFacts, FunctionIndex } from '../file-facts.js';
import type { Signature } from './builtin-types.js';
import { callSignature } from './call-signatures.js';
import { meetArguments, meetTypeArguments, receiverEnvironment } from './calls.js';
import { expectedOfFunction } from './contexts.js';
import { heardParameter } from './emitters.js';
import type { Evaluation } from './evaluation.js';
import { possibleOverloads } from './overloads.js';
import type { LinkFile } from './program.js';
import { hasPlaceholder, substitute, unify } from './substitution.js';
import { termValue } from './terms.js';
import { isClosed, usedArgument } from './used-arguments.js';
import { injectedByToken } from './tokens.js';
import { usesIn } from './uses.js';
import { isOurs, NOTHING, only, open, unite, type Value, type ValueSet } from './value.js';

/** What a parameter may be handed: its declared type, what its context passes to a callback, its default. */
export function parameterValues(ev: Evaluation, file: LinkFile, index: FunctionIndex, at: number): ValueSet {
  const facts = file.facts.functions[index];
  const parameter = facts?.parameters[at];
  if (facts === undefined || parameter === undefined) return open('untyped-parameter');
  if (parameter.type !== undefined) {
    const declared = ev.type(file, parameter.type);
    if (declared.values.length > 0) {
      if (file.rules.inheritance === 'c3' && parameter.form === 'rest') return only(ev.values.builtin('tuple', [declared]));
      if (file.rules.inheritance === 'c3' && parameter.form === 'keywords') return only(ev.values.builtin('dict', [only(ev.values.builtin('string')), declared]));
      return declared;
    }
    const named = injectedByToken(ev, file, index, at);
    return named.values.length > 0 ? named : declared;
  }
  const named = injectedByToken(ev, file, index, at);
  if (named.values.length > 0) return named;
  const injected = ev.injected(file, index, at);
  if (injected !== undefined && (injected.values.length > 0 || injected.open !== undefined)) return injected;
  const context = contextual(ev, file, index, facts, at);
  if (context !== undefined && context.values.length > 0) return context;
  if (parameter.form === 'rest') return only(ev.values.builtin('Array', [file.rules.inheritance === 'single' ? { values: [ev.values.argument(file.index, index, at)], open: 'untyped-parameter' } : open('untyped-parameter')]));
  if (parameter.form === 'keywords') return only(ev.values.builtin('dict', [only(ev.values.builtin('string')), open('untyped-parameter')]));
  // where all calls are at hand, what the placeholder may stand for is known
  const parts: ValueSet[] = [isClosed(file, index) ? only(ev.values.argument(file.index, index, at)) : { values: [ev.values.argument(file.index, index, at)], open: 'untyped-parameter' }];
  if (parameter.default !== undefined) parts.push(ev.expr(file, parameter.default));
  return unite(parts);
}

/** What the place where a nameless function stands says of its parameter. */
function contextual(ev: Evaluation, file: LinkFile, index: FunctionIndex, facts: FunctionFacts, at: number): ValueSet | undefined {
  const context = facts.context ?? (file.rules.callConstructs ? usesIn(file).byKeyword.get(index) : undefined);
  if (context === undefined) {
    const expected = file.rules.inheritance === 'single' ? expectedOfFunction(ev, file, index) : undefined;
    return expected === undefined ? undefined : parameterOf(ev, expected, at);
  }
  return 'type' in context ? parameterOf(ev, ev.type(file, context.type), at) : callbackParameter(ev, file, context, at);
}

/** What the function that is an argument of a call is handed as its parameter `at`, by what the callee is; undefined when nothing says so. */
export function callbackParameter(ev: Evaluation, file: LinkFile, context: { readonly call: ExprIndex; readonly argument: number | string }, at: number): ValueSet | undefined {
  const call = file.facts.exprs[context.call];
  if (call === undefined || (call.k !== 'call' && call.k !== 'new')) return undefined;
  const callees = ev.expr(file, call.callee);
  const parts: ValueSet[] = [];
  for (const callee of callees.values) {
    if (callee.v === 'builtin-method' || callee.v === 'external') {
      const signature = builtinSignature(file, callee);
      const term = signature?.callbacks.find((candidate) => candidate.argument === context.argument)?.parameters[at];
      if (term !== undefined) parts.push(termValue(ev, term, callee.v === 'builtin-method' ? callee.of : undefined, { file, facts: call, index: context.call }));
      else if (callee.v === 'external' && signature === undefined) {
        const heard = heardParameter(ev, file, context.call, context.argument, at);
        if (heard !== undefined) {
          parts.push(heard);
          continue;
        }
        // what a library hands to a callback is the library's own, unless it was given objects of ours
        const entangled = callee.entangled === true || call.arguments.some((argument) => ev.expr(file, argument).values.some(isOurs));
        parts.push(only(ev.values.external(callee.package, callee.members, { derived: true, ...(entangled ? { entangled: true } : {}) })));
      }
      continue;
    }
    const target = callee.v === 'class' ? ev.memberOf(ev.values.instance(callee.file, callee.class, callee.arguments), ev.program.file(callee.file).rules.constructors[0] ?? '').values[0] : callee;
    if (target?.v !== 'function') continue;
    const owner = ev.program.file(target.file);
    for (const chosen of possibleOverloads(ev, owner, ev.overloads(owner, target.function, target.definition), target.function, { file, facts: call, index: context.call })) {
      const signature = owner.facts.functions[chosen];
      const place = placeOf(signature, context.argument);
      const declared = signature?.parameters[place]?.type;
      if (signature !== undefined && declared === undefined) {
        const handed = ev.calledBack(owner, chosen, place, at);
        if (handed.values.length === 0) continue;
        const environment = receiverEnvironment(ev, owner, signature, target.receiver);
        if (handed.values.some(hasPlaceholder)) meetArguments(ev, owner, chosen, { file, facts: call, index: context.call }, environment);
        parts.push(substitute(ev, handed, environment));
      }
      if (signature === undefined || declared === undefined) continue;
      const environment = receiverEnvironment(ev, owner, signature, target.receiver);
      meetTypeArguments(ev, owner, signature, { file, facts: call }, environment);
      // other arguments may tell what the type parameters are
      if (call.typeArguments === undefined) signature.parameters.forEach((parameter, position) => {
        if (position === place || parameter.type === undefined) return;
        const given = call.arguments[position];
        if (given !== undefined) unify(ev, ev.type(owner, parameter.type), ev.expr(file, given), environment);
      });
      const handed = parameterOf(ev, ev.type(owner, declared), at);
      if (handed !== undefined) parts.push(substitute(ev, handed, environment));
    }
  }
  return parts.length === 0 ? undefined : unite(parts);
}

/** The parameter that an argument meets, by position or by keyword. */
function placeOf(signature: FunctionFacts | undefined, argument: number | string): number {
  return typeof argument === 'number' ? argument : (signature?.parameters.findIndex(({ name }) => name === argument) ?? -1);
}

/** What a function hands to a callback that it takes as a parameter without a type: by the calls of that parameter, or by what it hands it on to. */
export function calledBackWith(ev: Evaluation, file: LinkFile, index: FunctionIndex, parameter: number, at: number): ValueSet {
  const facts = file.facts.functions[index];
  const name = facts?.parameters[parameter]?.name;
  const binding = facts === undefined || name === undefined || facts.parameters[parameter]?.form === 'rest' ? undefined : file.binding(facts.scope, name);
  if (facts === undefined || binding === undefined || file.rules.inheritance !== 'single') return NOTHING;
  const uses = usesIn(file);
  const parts = (uses.ofBinding.get(binding) ?? []).flatMap((use) => (use.form === 'bind' ? [] : [usedArgument(ev, file, use, at, false)]));
  for (const { use, position } of uses.handing.get(binding) ?? []) {
    const handed = callbackParameter(ev, file, { call: use.index, argument: position }, at);
    if (handed !== undefined) parts.push(handed);
  }
  return unite(parts);
}

function builtinSignature(file: LinkFile, callee: Extract<Value, { v: 'builtin-method' | 'external' }>): Signature | undefined {
  if (callee.v === 'builtin-method') return file.rules.builtins.method(callee.type, callee.name)?.signature;
  const dotted = callee.members.join('.');
  return callee.derived === true ? undefined : file.rules.builtins.function(callee.package === file.rules.builtinPackage ? dotted : `${callee.package}.${dotted}`);
}

/** What a function type passes as its parameter `at`. */
function parameterOf(ev: Evaluation, set: ValueSet, at: number): ValueSet | undefined {
  const parts: ValueSet[] = [];
  for (const value of set.values) {
    const functions = value.v === 'instance' ? (callSignature(ev, value)?.values ?? []) : [value];
    for (const candidate of functions) {
      if (candidate.v === 'builtin' && candidate.name === 'function') {
        const handed = candidate.arguments[at + 1];
        if (handed !== undefined) parts.push(handed);
      }
      if (candidate.v === 'external') parts.push(only(ev.values.external(candidate.package, candidate.members, { derived: true })));
      if (candidate.v !== 'function') continue;
      const file = ev.program.file(candidate.file);
      const parameter = file.facts.functions[candidate.function]?.parameters[at];
      if (parameter?.type !== undefined) parts.push(candidate.bound === undefined ? ev.type(file, parameter.type) : substitute(ev, ev.type(file, parameter.type), new Map(candidate.bound)));
    }
  }
  return parts.length === 0 ? undefined : unite(parts);
}
