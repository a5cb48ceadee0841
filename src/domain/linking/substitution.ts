import type { ClassIndex } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import type { LinkFile } from './program.js';
import { flatMap, only, unite, type Value, type ValueSet } from './value.js';

/** Placeholders and what stands for them at a use site. */
export type Environment = Map<Value, ValueSet>;

/** The name of the placeholder for the receiver's own type. */
export const SELF = 'this';

const placeholders = new WeakMap<Value, boolean>();

/** Whether a value is or contains a placeholder. */
export function hasPlaceholder(value: Value): boolean {
  const known = placeholders.get(value);
  if (known !== undefined) return known;
  const found =
    value.v === 'type-parameter' || value.v === 'argument' ||
    ('arguments' in value && value.arguments !== undefined && value.arguments.some((set) => set.values.some(hasPlaceholder))) ||
    (value.v === 'function' && ((value.receiver !== undefined && hasPlaceholder(value.receiver)) || value.bound?.some(([, set]) => set.values.some(hasPlaceholder)) === true));
  placeholders.set(value, found);
  return found;
}

/** The set with placeholders replaced as far as the environment knows them. */
export function substitute(ev: Evaluation, set: ValueSet, environment: Environment): ValueSet {
  if (environment.size === 0 || !set.values.some(hasPlaceholder)) return set;
  return flatMap(set, (value) => substituteOne(ev, value, environment));
}

function substituteOne(ev: Evaluation, value: Value, environment: Environment): ValueSet {
  const known = environment.get(value);
  if (known !== undefined) return known;
  if (!hasPlaceholder(value)) return only(value);
  const args = 'arguments' in value ? value.arguments?.map((set) => substitute(ev, set, environment)) : undefined;
  switch (value.v) {
    case 'instance': return only(ev.values.instance(value.file, value.class, args, value.exact));
    case 'class': return only(ev.values.class(value.file, value.class, args, value.bound));
    case 'builtin': return only(ev.values.builtin(value.name, args));
    case 'function': {
      if (value.receiver === undefined && value.bound === undefined) return only(value);
      const receiver = value.receiver === undefined ? undefined : substituteOne(ev, value.receiver, environment).values[0];
      const bound = value.bound?.map(([parameter, set]) => [parameter, substitute(ev, set, environment)] as const);
      return only(ev.values.function(value.file, value.function, value.definition, receiver, { bound, like: value.like }));
    }
    default: return only(value);
  }
}

/** The type parameters of a class, as placeholders, in order: its own, or, for an object type, all that are in sight where it stands. */
export function classParameters(ev: Evaluation, file: LinkFile, index: ClassIndex): readonly Value[] {
  const facts = file.facts.classes[index];
  if (facts === undefined) return [];
  if (facts.kind === 'type-literal') {
    const out: Value[] = [];
    for (let scope = facts.scope; scope >= 0; scope = file.facts.scopes[scope]?.parent ?? -1) {
      for (const binding of file.facts.scopes[scope]?.bindings ?? []) if (binding.kind === 'type-parameter') out.push(ev.values.typeParameter(file.index, scope, binding.name));
    }
    return out;
  }
  const named = (facts.typeParameters ?? []).map((parameter) => {
    const found = file.lookup(facts.scope, parameter.name, 'type');
    return ev.values.typeParameter(file.index, found?.scope ?? facts.scope, parameter.name);
  });
  if (named.length > 0) return named;
  // type variables that are values of the module (Python's TypeVar), in the order in which the bases name them
  const out: Value[] = [];
  const collect = (value: Value): void => {
    if (value.v === 'type-parameter') {
      if (!out.includes(value)) out.push(value);
    } else if ('arguments' in value) for (const set of value.arguments ?? []) set.values.forEach(collect);
  };
  for (const base of facts.extends) for (const argument of base.typeArguments ?? []) ev.type(file, argument).values.forEach(collect);
  return out;
}

/** Binds the type parameters of a class to arguments. */
export function classEnvironment(ev: Evaluation, file: LinkFile, index: ClassIndex, args: readonly ValueSet[] | undefined): Environment {
  const environment: Environment = new Map();
  if (args === undefined || args.length === 0) return environment;
  classParameters(ev, file, index).forEach((parameter, at) => {
    const given = args[at];
    if (given !== undefined) environment.set(parameter, given);
  });
  return environment;
}

/** Learns what placeholders of a declared type stand for from the values that meet it. */
export function unify(ev: Evaluation, declared: ValueSet, given: ValueSet, environment: Environment, depth = 0): void {
  if (depth > 4) return;
  for (const value of declared.values) {
    if (value.v === 'type-parameter') {
      const known = environment.get(value);
      environment.set(value, known === undefined ? given : unite([known, given]));
      continue;
    }
    if (!hasPlaceholder(value) && value.v !== 'function') continue;
    if (value.v === 'function') {
      // a callback: what it returns meets what the function type says it returns
      const callbacks = given.values.filter((candidate) => candidate.v === 'function' && candidate !== value);
      if (callbacks.length === 0) continue;
      const expected = ev.call(only(value));
      if (expected.values.some(hasPlaceholder)) unify(ev, expected, ev.call({ values: callbacks }), environment, depth + 1);
      continue;
    }
    if (value.v !== 'instance' && value.v !== 'builtin' && value.v !== 'class') continue;
    for (const candidate of given.values) {
      if (value.v === 'builtin' && value.name === 'function' && candidate.v === 'class') {
        // a class where something callable is expected: it gives its instances
        const [result] = value.arguments;
        if (result !== undefined && ev.program.file(candidate.file).rules.callConstructs) unify(ev, result, only(ev.values.instance(candidate.file, candidate.class, candidate.arguments)), environment, depth + 1);
        continue;
      }
      const args = argumentsSeenAs(ev, candidate, value);
      if (args === undefined && value.v === 'instance' && (candidate.v === 'class' || candidate.v === 'instance')) meetProtocol(ev, value, candidate, environment, depth);
      value.arguments?.forEach((parameter, at) => {
        const argument = args?.[at];
        if (argument !== undefined) unify(ev, parameter, argument, environment, depth + 1);
      });
    }
  }
}

/** Python: an object meets a protocol by its methods; what they give is what the protocol says that they give. */
function meetProtocol(ev: Evaluation, protocol: Extract<Value, { v: 'instance' }>, candidate: Value, environment: Environment, depth: number): void {
  const file = ev.program.file(protocol.file);
  const facts = file.facts.classes[protocol.class];
  if (!file.rules.callConstructs || facts === undefined || !ev.lineage(protocol.file, protocol.class).protocol) return;
  const own = classEnvironment(ev, file, protocol.class, protocol.arguments);
  for (const member of facts.members) {
    const type = file.facts.functions[member.functions?.at(-1) ?? -1]?.returnType;
    if (member.kind !== 'method' || type === undefined) continue;
    const expected = substitute(ev, ev.type(file, type), own);
    if (!expected.values.some(hasPlaceholder)) continue;
    const found = ev.memberOf(candidate, member.name);
    if (found.values.length > 0) unify(ev, expected, ev.call(found), environment, depth + 1);
  }
}

/** The type arguments of `candidate` seen as the type of `target`; undefined when it is no such thing. */
function argumentsSeenAs(ev: Evaluation, candidate: Value, target: Value): readonly ValueSet[] | undefined {
  if (target.v === 'builtin') {
    // Python's `type[T]` meets a class: its instances are what T is
    if (target.name === 'type' && candidate.v === 'class') return [only(ev.values.instance(candidate.file, candidate.class, candidate.arguments))];
    if (candidate.v !== 'builtin') return undefined;
    return candidate.name === target.name || (target.arguments.length === 1 && candidate.arguments.length === 1) ? candidate.arguments : undefined;
  }
  if (target.v === 'class' && candidate.v === 'class') {
    // `type[T]` meets a class: its instances are what T is
    return [only(ev.values.instance(candidate.file, candidate.class))];
  }
  if (target.v !== 'instance' || candidate.v !== 'instance') return undefined;
  if (candidate.file === target.file && candidate.class === target.class) return candidate.arguments;
  const entry = ev.lineage(candidate.file, candidate.class).entries.find((at) => at.file.index === target.file && at.class === target.class);
  if (entry === undefined) return undefined;
  const environment = classEnvironment(ev, ev.program.file(candidate.file), candidate.class, candidate.arguments);
  return entry.arguments.map((set) => substitute(ev, set, environment));
}
