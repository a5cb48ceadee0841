import type { ExprIndex, FunctionFacts, FunctionIndex } from '../file-facts.js';
import { added } from './additions.js';
import { callSignature } from './call-signatures.js';
import { madeInstead } from './construction.js';
import type { Call, Evaluation } from './evaluation.js';
import { unpacked } from './expressions.js';
import type { LanguageRules } from './language-rules.js';
import type { LinkFile } from './program.js';
import { possibleOverloads } from './overloads.js';
import { classEnvironment, hasPlaceholder, SELF, substitute, unify, type Environment } from './substitution.js';
import { statesNothing, termValue } from './terms.js';
import { ALL_ARGUMENTS } from './uses.js';
import { isOurs, NOTHING, only, open, unite, withOpen, type Value, type ValueSet } from './value.js';

/** What calling one value gives. */
export function callValue(ev: Evaluation, value: Value, call?: Call): ValueSet {
  switch (value.v) {
    case 'function': return functionResult(ev, value, call);
    case 'holder': return unite(value.values.map((expr) => ev.call(ev.expr(ev.program.file(value.file), expr), call)));
    case 'class': {
      const file = ev.program.file(value.file);
      return file.rules.callConstructs ? ev.construct(only(value), call) : open('dynamic-callee');
    }
    case 'super': return NOTHING;
    case 'instance': case 'object': case 'constructed': {
      const signature = callSignature(ev, value);
      return signature === undefined ? open('dynamic-callee') : ev.call(signature, call);
    }
    case 'module': {
      const required = ev.required(ev.program.file(value.file));
      return required.values.includes(value) ? open('dynamic-callee') : ev.call(required, call);
    }
    case 'external': return externalResult(ev, value, call);
    case 'builtin': return value.name === 'function' ? (value.arguments[0] ?? open('untyped-value')) : open('dynamic-callee');
    case 'builtin-method': return builtinResult(ev, value, call);
    case 'type-parameter': return open('opaque-type');
    case 'argument': return ev.call(ev.handed(value), call);
    case 'namespace': return NOTHING; // merged with a function: that is what is called
    case 'package': return open('dynamic-callee');
  }
}

/** What constructing one value gives. */
export function constructValue(ev: Evaluation, value: Value, call?: Call): ValueSet {
  switch (value.v) {
    case 'class': {
      const file = ev.program.file(value.file);
      const facts = file.facts.classes[value.class];
      const other = madeInstead(ev, value);
      if (other !== undefined) return other;
      const exact = value.bound !== true;
      const parameters = facts === undefined ? [] : (ev.lineage(value.file, value.class).entries[0]?.arguments ?? []);
      if (parameters.length === 0 || facts === undefined) return only(ev.values.instance(value.file, value.class, undefined, exact));
      const explicit = call?.facts.typeArguments?.map((type) => ev.type(call.file, type));
      if (explicit !== undefined || value.arguments !== undefined) return only(ev.values.instance(value.file, value.class, explicit ?? value.arguments, exact));
      // learn the type parameters from what the constructor is given
      const environment: Environment = new Map();
      const constructor = ev.memberOf(ev.values.instance(value.file, value.class, parameters), file.rules.constructors[0] ?? 'constructor').values[0];
      if (constructor?.v === 'function' && call !== undefined) {
        const owner = ev.program.file(constructor.file);
        for (const index of possibleOverloads(ev, owner, ev.overloads(owner, constructor.function, constructor.definition), constructor.function, call)) meetArguments(ev, owner, index, call, environment);
      }
      return only(ev.values.instance(value.file, value.class, parameters.map((set) => substitute(ev, set, environment)), exact));
    }
    case 'function': return only(ev.values.constructed(value.file, value.function));
    case 'holder': return unite(value.values.map((expr) => ev.construct(ev.expr(ev.program.file(value.file), expr), call)));
    case 'external': {
      const rules = rulesFor(ev, value.package, call);
      if (value.package === rules?.builtinPackage && rules.builtins.type(value.members.join('.')) !== undefined) {
        const explicit = call?.facts.typeArguments?.map((type) => ev.type(call.file, type));
        return only(ev.values.builtin(value.members.join('.'), explicit ?? (call === undefined ? undefined : learned(ev, value.members.join('.'), call))));
      }
      return externalResult(ev, value, call);
    }
    case 'instance': {
      for (const entry of ev.lineage(value.file, value.class).entries) {
        const [first] = entry.file.facts.classes[entry.class]?.members.find((candidate) => candidate.kind === 'construct')?.functions ?? [];
        if (first !== undefined) return ev.call(only(ev.values.function(entry.file.index, first, -1, value)), call);
      }
      return open('dynamic-callee');
    }
    case 'builtin': return value.name === 'type' ? (value.arguments[0] ?? open('untyped-value')) : open('dynamic-callee');
    case 'argument': return ev.construct(ev.handed(value), call);
    case 'type-parameter': return open('opaque-type');
    case 'namespace': return NOTHING; // merged with a class: that is what is constructed
    default: return open('dynamic-callee');
  }
}

/** `new Set(iterable)`, `new Map(entries)`: element types from the argument. */
function learned(ev: Evaluation, name: string, call: Call): readonly ValueSet[] | undefined {
  const [first] = call.facts.arguments;
  const more = name === 'Map' || name === 'WeakMap' || name === 'Set' || name === 'WeakSet' || name === 'Array' ? added(ev, call.file, call.index) : undefined;
  if (more !== undefined) {
    const given = first === undefined ? [] : (learnedFrom(ev, name, call, first) ?? []);
    return (name === 'Map' || name === 'WeakMap' ? [more.keys, more.elements] : [more.elements]).map((set, at) => unite([set, ...(given[at] === undefined ? [] : [given[at]])]));
  }
  return first === undefined ? undefined : learnedFrom(ev, name, call, first);
}

function learnedFrom(ev: Evaluation, name: string, call: Call, first: ExprIndex): readonly ValueSet[] | undefined {
  const given = ev.expr(call.file, first);
  if (name === 'Promise') {
    // what its executor resolves it with, and rejects it with
    const parts = given.values.map((value) => (value.v === 'function' ? [0, 1].map((at) => ev.calledBack(ev.program.file(value.file), value.function, at, 0)) : []));
    const resolved = unite(parts.flatMap(([each]) => each ?? []));
    const rejected = unite(parts.flatMap(([, each]) => each ?? []));
    if (rejected.values.length > 0) return [resolved.values.length === 0 ? open('untyped-value') : ev.awaited(resolved), rejected];
    return resolved.values.length === 0 ? undefined : [ev.awaited(resolved)];
  }
  if (name === 'Map' || name === 'WeakMap') return [0, 1].map((at) => unpacked(ev, ev.iterated(given), at, false));
  if (name === 'Set' || name === 'WeakSet' || name === 'Array') return [ev.iterated(ev.expr(call.file, first))];
  return undefined;
}

function functionResult(ev: Evaluation, value: Extract<Value, { v: 'function' }>, call: Call | undefined): ValueSet {
  const file = ev.program.file(value.file);
  return unite(possibleOverloads(ev, file, ev.overloads(file, value.function, value.definition), value.function, call).map((index) => signatureResult(ev, value, index, call)));
}

function signatureResult(ev: Evaluation, value: Extract<Value, { v: 'function' }>, index: FunctionIndex, call: Call | undefined): ValueSet {
  const file = ev.program.file(value.file);
  const facts = file.facts.functions[index];
  if (facts === undefined) return open('untyped-value');
  const environment = receiverEnvironment(ev, file, facts, value.receiver);
  for (const [parameter, set] of value.bound ?? []) environment.set(parameter, set);
  let result: ValueSet;
  if (facts.returnType !== undefined) {
    result = ev.type(file, facts.returnType);
    if (isVague(result) && facts.bodiless !== true) {
      const inferred = inferredResult(ev, file, facts, value.receiver);
      if (inferred.values.length > 0) result = inferred;
    }
    if (file.rules.inheritance === 'c3' && facts.async === true && facts.generator !== true) result = only(ev.values.builtin('coroutine', [result]));
  } else if (facts.bodiless === true) result = open('untyped-value');
  else result = inferredResult(ev, file, facts, value.receiver);
  if (!result.values.some(hasPlaceholder)) return result;
  // Python: an annotated `self` says what the receiver is to the signature
  const [self] = facts.parameters;
  if (file.rules.callConstructs && facts.member !== undefined && self?.type !== undefined && value.receiver !== undefined) unify(ev, ev.type(file, self.type), only(value.receiver), environment);
  if (call !== undefined) meetArguments(ev, file, index, call, environment);
  const met = substitute(ev, result, environment);
  const others = call === undefined || !met.values.some(isOwnPlaceholder) ? [] : ev.overloads(file, value.function, value.definition).filter((other) => other > index && file.facts.functions[other]?.bodiless === true);
  for (const other of others) {
    // the arguments do not say what this overload gives: perhaps it is not the one that is meant
    const type = file.facts.functions[other]?.returnType;
    if (type === undefined || call === undefined) continue;
    const again = receiverEnvironment(ev, file, facts, value.receiver);
    meetArguments(ev, file, other, call, again);
    const found = substitute(ev, ev.type(file, type), again);
    if (found.values.length > 0 && !found.values.some(hasPlaceholder)) return found;
  }
  return met;
}

function isOwnPlaceholder(value: Value): boolean {
  return value.v === 'type-parameter' && value.file >= 0;
}

/** A declared result that says no more than that there is one: an opaque type, a bare `Function`. */
function isVague(set: ValueSet): boolean {
  return (set.values.length === 0 && set.open !== undefined) || (set.values.length > 0 && set.values.every((value) => value.v === 'builtin' && value.name === 'function' && value.arguments.length === 0));
}

/** Binds type parameters and untyped parameters of a function to what a call passes. */
export function meetArguments(ev: Evaluation, file: LinkFile, index: FunctionIndex, call: Call, environment: Environment): void {
  const facts = file.facts.functions[index];
  if (facts === undefined) return;
  const explicit = call.facts.typeArguments;
  meetTypeArguments(ev, file, facts, call, environment);
  if (file.rules.inheritance === 'single' && facts.arrow !== true) {
    const all = call.list === undefined ? unite(call.facts.arguments.map((argument) => ev.expr(call.file, argument))) : ev.iterated(ev.expr(call.file, call.list));
    if (all.values.length > 0) environment.set(ev.values.argument(file.index, index, ALL_ARGUMENTS), all);
  }
  facts.parameters.forEach((parameter, at) => {
    const given = argumentFor(ev, facts, at, call);
    if (given === undefined) return;
    if (parameter.type === undefined) {
      const placeholder = ev.values.argument(file.index, index, at);
      if (given.values.length > 0) environment.set(placeholder, given);
      return;
    }
    if (explicit !== undefined) return;
    const declared = ev.type(file, parameter.type);
    unify(ev, parameter.form === 'rest' && file.rules.inheritance === 'single' ? ev.iterated(declared) : declared, given, environment);
  });
}

/** Binds type parameters of a function to the type arguments that a call writes. */
export function meetTypeArguments(ev: Evaluation, file: LinkFile, facts: FunctionFacts, call: Pick<Call, 'file' | 'facts'>, environment: Environment): void {
  facts.typeParameters?.forEach((parameter, at) => {
    const found = file.lookup(facts.scope, parameter.name, 'type');
    const given = call.facts.typeArguments?.[at];
    if (found !== undefined && given !== undefined) environment.set(ev.values.typeParameter(file.index, found.scope, parameter.name), ev.type(call.file, given));
  });
}

/** What a call passes for parameter `at`: by position, by keyword, or all that is left for a rest parameter. */
export function argumentFor(ev: Evaluation, facts: FunctionFacts, at: number, call: Call): ValueSet | undefined {
  const parameter = facts.parameters[at];
  if (parameter === undefined) return undefined;
  const keyword = call.facts.keywords?.find((candidate) => candidate.name === parameter.name);
  if (keyword !== undefined) return ev.expr(call.file, keyword.value);
  if (parameter.form === 'keyword-only' || parameter.form === 'keywords') return undefined;
  // a bound method's first parameter is its receiver, which no argument meets
  const shift = facts.member !== undefined && call.file.rules.inheritance === 'c3' ? 1 : 0;
  const position = at - shift;
  if (position < 0) return undefined;
  if (call.list !== undefined) return parameter.form === 'rest' ? ev.iterated(unpacked(ev, ev.expr(call.file, call.list), position, true)) : unpacked(ev, ev.expr(call.file, call.list), position, false);
  if (call.facts.spread !== undefined && position >= call.facts.spread) {
    // any of what follows may be this one
    return shift > 0 || call.file.rules.inheritance === 'c3' ? open('untyped-value') : withOpen(unite(call.facts.arguments.slice(call.facts.spread).map((argument) => ev.expr(call.file, argument))).values, 'untyped-value');
  }
  if (parameter.form === 'rest') return unite(call.facts.arguments.slice(position).map((argument) => ev.expr(call.file, argument)));
  const argument = call.facts.arguments[position];
  return argument === undefined ? undefined : ev.expr(call.file, argument);
}

/** The receiver's own type and the type parameters of the class that declares the function, as the receiver binds them. */
export function receiverEnvironment(ev: Evaluation, file: LinkFile, facts: FunctionFacts, receiver: Value | undefined): Environment {
  const environment: Environment = new Map();
  if (receiver === undefined) return environment;
  const instance = receiver.v === 'class' ? ev.values.instance(receiver.file, receiver.class, receiver.arguments) : receiver;
  environment.set(ev.values.typeParameter(-1, -1, SELF), only(instance));
  if (instance.v !== 'instance' || facts.member === undefined) return environment;
  const owner = ev.program.file(instance.file);
  const declaring = facts.member.class;
  const entry = ev.lineage(instance.file, instance.class).entries.find((candidate) => candidate.file === file && candidate.class === declaring);
  if (entry === undefined) return environment;
  const outer = classEnvironment(ev, owner, instance.class, instance.arguments);
  for (const [placeholder, set] of classEnvironment(ev, file, declaring, entry.arguments.map((set) => substitute(ev, set, outer)))) environment.set(placeholder, set);
  return environment;
}

function inferredResult(ev: Evaluation, file: LinkFile, facts: FunctionFacts, receiver: Value | undefined): ValueSet {
  const returned = facts.returns.map((expr) => {
    // `return this` gives the receiver, a subclass's too
    if (receiver !== undefined && receiver.v !== 'class' && isReceiver(file, expr)) return only(receiver);
    // Python: `return cls()`
    const made = file.facts.exprs[expr];
    if (receiver?.v === 'class' && made?.k === 'call' && file.rules.callConstructs && isReceiver(file, made.callee)) return ev.construct(only(receiver));
    if (made?.k === 'call' && receiver !== undefined && file.rules.callConstructs) return ofReceiver(ev, file, facts, receiver, made) ?? ev.expr(file, expr);
    return ev.expr(file, expr);
  });
  if (facts.generator === true) {
    const yielded = facts.yields === undefined || facts.yields.length === 0 ? open('untyped-value') : unite(facts.yields.map((expr) => ev.expr(file, expr)));
    if (file.rules.inheritance === 'c3') return only(ev.values.builtin(facts.async === true ? 'async-generator' : 'generator', returned.length === 0 ? [yielded] : [yielded, open('untyped-value'), unite(returned)]));
    const last = facts.async === true ? [ev.awaited(yielded), ev.awaited(unite(returned))] : [yielded, unite(returned)];
    return only(ev.values.builtin(facts.async === true ? 'async-generator' : 'generator', returned.length === 0 ? last.slice(0, 1) : last));
  }
  const result = returned.length === 0 ? only(ev.values.builtin('undefined')) : unite(returned);
  if (facts.async !== true) return result;
  return only(ev.values.builtin(file.rules.inheritance === 'c3' ? 'coroutine' : 'Promise', [ev.awaited(result)]));
}

/** Python: `return self.__class__()`, `type(self)()` and `return self.make()` are the receiver's own, where that is of a derived class or more is known of its type. */
function ofReceiver(ev: Evaluation, file: LinkFile, facts: FunctionFacts, receiver: Value, made: Call['facts']): ValueSet | undefined {
  if ((receiver.v !== 'instance' && receiver.v !== 'class') || facts.member === undefined || (receiver.file === file.index && receiver.class === facts.member.class && (receiver.v === 'class' || receiver.arguments === undefined))) return undefined;
  const callee = file.facts.exprs[made.callee];
  if (callee?.k === 'call') {
    const [subject, ...others] = callee.arguments;
    const asked = file.facts.exprs[callee.callee];
    if (receiver.v !== 'instance' || subject === undefined || others.length > 0 || asked?.k !== 'name' || asked.name !== 'type' || !isReceiver(file, subject)) return undefined;
    return ev.construct(ev.memberOf(receiver, '__class__'));
  }
  if (callee?.k !== 'member' || !isReceiver(file, callee.object)) return undefined;
  const found = ev.call(ev.memberOf(receiver, callee.name));
  return found.values.length === 0 || found.values.some(hasPlaceholder) ? undefined : found;
}

/** `this`, or the first parameter of a method where it is bound to nothing else. */
export function isReceiver(file: LinkFile, index: number): boolean {
  const expr = file.facts.exprs[index];
  if (expr?.k !== 'name') return expr?.k === 'this';
  const binding = file.declaration(expr.scope, expr.name)?.binding;
  const [value] = binding?.values ?? [];
  return binding?.kind === 'parameter' && binding.values?.length === 1 && file.facts.exprs[value ?? 0]?.k === 'this';
}

/** The rules by which something from outside is called: those of the calling file, else of the language that brings it. */
function rulesFor(ev: Evaluation, packageName: string, call: Call | undefined): LanguageRules | undefined {
  return call?.file.rules ?? ev.program.languages.find((language) => language.builtinPackage === packageName);
}

/** A call that leaves the repository: what the language's table says, else something of that package. */
function externalResult(ev: Evaluation, value: Extract<Value, { v: 'external' }>, call: Call | undefined): ValueSet {
  const rules = rulesFor(ev, value.package, call);
  if (rules !== undefined) {
    const dotted = value.members.join('.');
    const name = value.package === rules.builtinPackage ? dotted : `${value.package}.${dotted}`;
    // Python's `type(x)`: the class of x
    const [subject] = call?.facts.arguments ?? [];
    if (name === 'type' && value.derived !== true && rules.callConstructs && call?.facts.arguments.length === 1 && subject !== undefined) {
      const said = ev.expr(call.file, subject);
      const classes = said.values.flatMap((each) => (each.v === 'instance' ? [ev.values.class(each.file, each.class, each.arguments, each.exact !== true)] : []));
      if (classes.length > 0) return { values: classes, open: said.open };
    }
    const attribute = name === 'getattr' && value.derived !== true && rules.callConstructs && call !== undefined ? attributeOf(ev, call) : undefined;
    if (attribute !== undefined) return attribute;
    // a method of an object that the library made is listed apart: `inversify.Container#get`
    const signature = value.derived !== true ? rules.builtins.function(name) : value.members.length > 1 ? rules.builtins.function(name.replace(/\.([^.]*)$/, '#$1')) : undefined;
    if (signature !== undefined && !(call !== undefined && statesNothing(ev, signature.result, call))) {
      // Object.create, Object.assign: the object that this call makes
      if (signature.result.t === 'type' && signature.result.name === 'new-object' && call !== undefined) {
        return only(ev.values.object(call.file.index, call.index));
      }
      return termValue(ev, signature.result, undefined, call);
    }
    if (rules.callConstructs && value.package === rules.builtinPackage && rules.builtins.type(dotted) !== undefined) return only(ev.values.builtin(dotted, call === undefined || call.facts.arguments[0] === undefined ? undefined : [ev.iterated(ev.expr(call.file, call.facts.arguments[0]))]));
  }
  const entangled = value.entangled === true || (call !== undefined && handsOver(ev, call));
  return only(ev.values.external(value.package, value.members, { derived: true, ...(entangled ? { entangled: true } : {}) }));
}

/** Python: `getattr(x, 'name', otherwise)` with a constant name. */
function attributeOf(ev: Evaluation, { file, facts }: Call): ValueSet | undefined {
  const [object, name, otherwise] = facts.arguments;
  const written = file.facts.exprs[name ?? 0];
  if (object === undefined || facts.spread !== undefined || written?.k !== 'literal' || written.type !== 'string' || written.value === undefined) return undefined;
  const found = ev.member(ev.expr(file, object), written.value);
  if (otherwise === undefined) return found;
  const other = ev.expr(file, otherwise);
  return found.values.length === 0 && found.open === 'unknown-member' ? other : unite([found, other]);
}

/** Whether a call passes code or objects of the repository, or names a module or a type of it: what it gives may be the repository's own. */
function handsOver(ev: Evaluation, call: Call): boolean {
  const { file, facts } = call;
  return [...facts.arguments, ...(facts.keywords ?? []).map((keyword) => keyword.value)].some((argument) => {
    const expr = file.facts.exprs[argument];
    if (expr?.k === 'literal') return expr.type === 'string' && /^\.{1,2}\//.test(expr.value ?? '');
    return ev.expr(file, argument).values.some((value) => value.v === 'function' || value.v === 'class' || value.v === 'instance' || value.v === 'constructed' || value.v === 'holder' || value.v === 'module' || (value.v === 'external' && value.entangled === true));
  }) || (facts.typeArguments ?? []).some((type) => ev.type(file, type).values.some(isOurs));
}

function builtinResult(ev: Evaluation, value: Extract<Value, { v: 'builtin-method' }>, call: Call | undefined): ValueSet {
  if (value.type === 'function' && value.of.v !== 'builtin') {
    if (value.name === 'bind') return only(value.of);
    if (value.name === 'call' || value.name === 'apply') return ev.call(only(value.of), call === undefined ? undefined : behindReceiver(call, value.name));
  }
  const rules = call?.file.rules ?? ev.program.languages.find((language) => language.builtins.method(value.type, value.name) !== undefined);
  const signature = rules?.builtins.method(value.type, value.name)?.signature;
  return signature === undefined ? open('external-value') : termValue(ev, signature.result, value.of, call);
}

/** `f.call(x, a)` and `f.apply(x, list)` as calls of `f`. */
function behindReceiver(call: Call, form: 'call' | 'apply'): Call {
  const { facts } = call;
  if (form === 'call') return { ...call, facts: { ...facts, arguments: facts.arguments.slice(1), ...(facts.spread === undefined ? {} : { spread: Math.max(facts.spread - 1, 0) }) } };
  const [, list] = facts.arguments;
  return { ...call, facts: { ...facts, arguments: [], ...(list === undefined ? {} : { spread: 0 }) }, ...(list === undefined ? {} : { list }) };
}
