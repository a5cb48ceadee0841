import type { ClassIndex, DefinitionIndex, Member, MemberAssignment } from '../file-facts.js';
import { isChoice } from './enumerations.js';
import type { Evaluation } from './evaluation.js';
import type { LinkFile } from './program.js';
import { givenByToken } from './tokens.js';
import { NOTHING, only, open, unite, type Value, type ValueSet } from './value.js';

/** What a declared member is: its function, what its getter gives, its declared type, or all that is assigned to it. */
export function memberValue(ev: Evaluation, file: LinkFile, index: ClassIndex, member: Member, assigned: readonly MemberAssignment[], receiver: Value): ValueSet {
  if (member.kind === 'method' || member.kind === 'constructor') {
    const definition = primaryOf(file, member);
    const functions = member.functions ?? [];
    const implementation = functions.at(-1);
    if (implementation !== undefined) {
      const bound = member.static === true && receiver.v === 'instance' ? ev.values.class(receiver.file, receiver.class, receiver.arguments, file.rules.callConstructs && receiver.exact !== true) : receiver;
      const method = only(ev.values.function(file.index, implementation, definition, bound));
      return decorated(ev, file, member) ?? method;
    }
    if (definition >= 0) return only(ev.values.holder(file.index, definition, member.values ?? []));
    return unite((member.values ?? []).map((value) => ev.expr(file, value)));
  }
  if (member.kind === 'property') {
    const getter = member.functions?.[0];
    if (getter === undefined) return member.type === undefined ? open('untyped-value') : ev.type(file, member.type);
    return ev.call(only(ev.values.function(file.index, getter, -1, receiver)));
  }
  if (file.facts.classes[index]?.kind === 'enum') return only(ev.values.instance(file.index, index));
  if (isChoice(ev, file, index, member)) return only(ev.values.instance(file.index, index));
  if (member.type !== undefined) {
    const declared = ev.type(file, member.type);
    if (declared.values.length > 0) return named(ev, file, member, declared);
  }
  const typed = assigned.find((assignment) => assignment.type !== undefined);
  if (typed !== undefined) return assignedValues(ev, file, [typed]);
  const given = member.decorators === undefined || file.rules.inheritance !== 'single' ? NOTHING : givenByToken(ev, file, member.decorators);
  if (given.values.length > 0) return given;
  const parts = (member.values ?? []).map((value) => ev.expr(file, value));
  if (assigned.length > 0) parts.push(assignedValues(ev, file, assigned));
  return parts.length === 0 ? open(member.type === undefined ? 'untyped-value' : 'opaque-type') : named(ev, file, member, unite(parts));
}

/** A method whose decorator makes something else of it: a property, or what the decorator returns. */
function decorated(ev: Evaluation, file: LinkFile, member: Member): ValueSet | undefined {
  if (member.decorators === undefined || file.rules.inheritance !== 'c3') return undefined;
  for (const decorator of member.decorators) {
    const set = ev.expr(file, decorator);
    const value = set.values[0];
    if (value?.v !== 'external') continue;
    const name = value.members.at(-1) ?? '';
    if (/^(cached_property|cachedproperty|abstractproperty|hybrid_property|reify|lazy_property)$/.test(name)) {
      const getter = member.functions?.at(-1);
      if (getter !== undefined) return ev.call(only(ev.values.function(file.index, getter, -1)));
    }
  }
  return undefined;
}

/** A field that holds a nameless function is called by the field's name. */
function named(ev: Evaluation, file: LinkFile, member: Member, set: ValueSet): ValueSet {
  return calledBy(ev, file, member.definitions[0], set);
}

/** The nameless functions of a file among the values are called by the definition that holds them. */
function calledBy(ev: Evaluation, file: LinkFile, definition: DefinitionIndex | undefined, set: ValueSet): ValueSet {
  if (definition === undefined || !set.values.some((value) => value.v === 'function' && value.definition < 0)) return set;
  return { ...set, values: set.values.map((value) => (value.v === 'function' && value.definition < 0 && value.file === file.index ? ev.values.function(value.file, value.function, definition, undefined, value) : value)) };
}

function primaryOf(file: LinkFile, member: Member): number {
  const last = member.definitions.at(-1);
  return last === undefined ? -1 : (file.declarations.primary[last] ?? last);
}

/** TypeScript's `constructor(private readonly x: T)`. */
export function parameterProperty(ev: Evaluation, file: LinkFile, index: ClassIndex, name: string): ValueSet | undefined {
  const constructor = file.facts.classes[index]?.members.find((member) => member.kind === 'constructor');
  for (const at of constructor?.functions ?? []) {
    const position = file.facts.functions[at]?.parameters.findIndex((parameter) => parameter.property === true && parameter.name === name) ?? -1;
    if (position >= 0) return ev.parameter(file, at, position);
  }
  return undefined;
}

/** All that is assigned to a member under its name: what a type beside it says, or every value. */
export function assignedValues(ev: Evaluation, file: LinkFile, assignments: readonly MemberAssignment[]): ValueSet {
  const typed = assignments.find((assignment) => assignment.type !== undefined);
  if (typed?.type !== undefined) {
    const declared = ev.type(file, typed.type);
    if (declared.values.length > 0) return declared;
  }
  return unite(assignments.map((assignment) => assignmentValue(ev, file, assignment)));
}

/** What one `x.name = value` assigns; a nameless function takes the member's name. */
export function assignmentValue(ev: Evaluation, file: LinkFile, assignment: MemberAssignment): ValueSet {
  if (assignment.value === undefined) return NOTHING;
  return calledBy(ev, file, assignment.definition, ev.expr(file, assignment.value));
}

/** What a property of an object literal holds; a function is called by the property's definition. */
export function propertyValue(ev: Evaluation, file: LinkFile, property: { readonly value: number; readonly definition?: number }): ValueSet {
  return calledBy(ev, file, property.definition, ev.expr(file, property.value));
}
