import type { FunctionIndex } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import { callbackParameter } from './parameters.js';
import type { LinkFile } from './program.js';
import { bindingOf, isClosed, usedArgument } from './used-arguments.js';
import { ALL_ARGUMENTS, usesIn, type Use } from './uses.js';
import { NOTHING, open, unite, withOpen, type Value, type ValueSet } from './value.js';

type Argument = Extract<Value, { readonly v: 'argument' }>;

/** Calls of members of one name that are looked at; where there are more, the name says little. */
const MAX_MEMBER_USES = 24;

/**
 * What reaches a parameter that says nothing of its type, as far as the calls in its own file show: open, unless nothing but those calls can reach the function.
 * `at` is the parameter's position, or {@link ALL_ARGUMENTS}.
 */
export function handedValues(ev: Evaluation, file: LinkFile, index: FunctionIndex, at: number): ValueSet {
  const rest = at === ALL_ARGUMENTS || file.facts.functions[index]?.parameters[at]?.form === 'rest';
  const parts = usesOf(ev, file, index).map((use) => usedArgument(ev, file, use, Math.max(at, 0), rest));
  const binding = bindingOf(file, index);
  // where it is handed on, whoever takes it says what it is called with
  const handing = binding === undefined ? [] : (usesIn(file).handing.get(binding) ?? []);
  for (const { use, position } of handing) parts.push(callbackParameter(ev, file, { call: use.index, argument: position }, at) ?? open('untyped-parameter'));
  const handed = parts.length === 0 ? NOTHING : unite(parts);
  return isClosed(file, index) ? handed : withOpen(handed.values, 'untyped-parameter');
}

/** What is handed to a parameter, directly or by handing on a parameter that it was handed to; `direct` gives the former. */
export function followed(argument: Argument, direct: (argument: Argument) => ValueSet): ValueSet {
  const seen = new Set<Value>([argument]);
  const parts: ValueSet[] = [];
  for (const at of seen) {
    if (at.v !== 'argument') continue;
    const set = direct(at);
    parts.push({ ...set, values: set.values.filter((value) => value.v !== 'argument') });
    for (const value of set.values) if (value.v === 'argument') seen.add(value);
  }
  const set = unite(parts);
  return set.values.length === 0 && set.open === undefined ? open('untyped-parameter') : set;
}

/** The calls in the file that are calls of a function. */
function usesOf(ev: Evaluation, file: LinkFile, index: FunctionIndex): readonly Use[] {
  const facts = file.facts.functions[index];
  if (facts === undefined) return [];
  const uses = usesIn(file);
  const found: Use[] = [...(uses.ofFunction.get(index) ?? [])];
  const definition = file.facts.definitions[facts.definition];
  if (definition === undefined || definition.function !== index) return found;
  if (definition.kind === 'constructor' && facts.member !== undefined) return [...found, ...constructions(file, facts.member.class)];
  const binding = file.bindingOfDefinition(facts.definition);
  if (binding !== undefined) found.push(...(uses.ofBinding.get(binding) ?? []));
  const members = uses.ofMember.get(definition.name) ?? [];
  const member = binding === undefined || file.assignmentsOf(index).length > 0;
  if (member && members.length <= MAX_MEMBER_USES) found.push(...members.filter((use) => calls(ev, file, use, index)));
  return found;
}

/** `new C(…)` and the `super(…)` of classes that are derived from it. */
function constructions(file: LinkFile, index: number): readonly Use[] {
  const uses = usesIn(file);
  const binding = file.bindingOfDefinition(file.facts.classes[index]?.definition ?? -1);
  if (binding === undefined) return [];
  const derived = file.facts.classes.flatMap((facts, at): Use[] => {
    const base = file.facts.exprs[facts.extends[0]?.expr ?? -1];
    return base?.k === 'name' && file.declaration(base.scope, base.name)?.binding === binding ? [...(uses.ofSuper.get(at) ?? [])] : [];
  });
  return [...(uses.ofBinding.get(binding) ?? []), ...derived];
}

function calls(ev: Evaluation, file: LinkFile, use: Use, index: FunctionIndex): boolean {
  const callee = file.facts.exprs[use.facts.callee];
  const called = use.form === 'direct' || callee?.k !== 'member' ? use.facts.callee : callee.object;
  return ev.expr(file, called).values.some((value) => value.v === 'function' && value.file === file.index && value.function === index);
}
