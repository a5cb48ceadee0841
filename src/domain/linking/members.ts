import type { ClassIndex, Member } from '../file-facts.js';
import { augmentedMember, globallyAugmentedMember } from './augmentations.js';
import { isReceiver } from './calls.js';
import { choiceMember } from './enumerations.js';
import type { Evaluation, LineageEntry } from './evaluation.js';
import { listedMember } from './library-types.js';
import { assignedValues, assignmentValue, memberValue, parameterProperty, propertyValue } from './member-values.js';
import { moduleSet } from './modules.js';
import { outsideBaseOf } from './named-tuples.js';
import { ownedBy } from './owned.js';
import type { LinkFile } from './program.js';
import { classEnvironment, SELF, substitute, type Environment } from './substitution.js';
import { termValue } from './terms.js';
import { flatMap, only, open, unite, type Value, type ValueSet } from './value.js';

/**
 * A member of each of the values. Where some of them have it and others certainly have not, those others are left out: the code reads it, so it is not they
 * (a discriminated union, an intersection).
 */
export function memberOfSet(ev: Evaluation, set: ValueSet, name: string): ValueSet {
  const parts: ValueSet[] = [];
  let missing = false;
  let weak: ValueSet | undefined;
  for (const value of set.values) {
    if (isNullish(value)) continue;
    const part = ev.memberOf(value, name);
    if (part.values.length === 0 && part.open === 'unknown-member') missing = true;
    else if (value.v === 'builtin' && !isListed(ev, value.name, name)) weak ??= part;
    else parts.push(part);
  }
  // a builtin type has such a member only if nothing else among the values has
  if (weak !== undefined && !parts.some((part) => part.values.length > 0)) parts.push(weak);
  if (parts.length === 0 && missing) return open('unknown-member');
  if (set.open !== undefined) parts.push(open(set.open));
  return unite(parts);
}

/** Whether the tables know the member of a builtin type. */
function isListed(ev: Evaluation, type: string, name: string): boolean {
  return ev.program.languages.some((rules) => rules.builtins.method(type, name) !== undefined);
}

function isNullish(value: Value): boolean {
  return value.v === 'builtin' && (value.name === 'null' || value.name === 'undefined');
}

/** A member of one value. `unknown-member`: the value is known and has none such. */
export function memberOfValue(ev: Evaluation, value: Value, name: string): ValueSet {
  switch (value.v) {
    case 'instance': return instanceMember(ev, value, name);
    case 'class': return classMember(ev, value, name);
    case 'super': return superMember(ev, value, name);
    case 'object': return objectMember(ev, value, name);
    case 'constructed': return constructedMember(ev, value, name);
    case 'function': case 'holder': return functionMember(ev, value, name);
    case 'module': return moduleMember(ev, value, name);
    case 'package': {
      const target = ev.program.submodule({ kind: 'namespace', folders: value.folders }, name);
      return target === undefined ? open('unknown-member') : moduleSet(ev, target);
    }
    case 'namespace': return namespaceMember(ev, ev.program.file(value.file), value.definition, name) ?? open('unknown-member');
    case 'external':
      return only(ev.values.external(value.package, [...value.members, name], { ...(value.derived === true ? { derived: true } : {}), ...(value.entangled === true ? { entangled: true } : {}) }));
    case 'builtin': return builtinMember(ev, value, name);
    case 'builtin-method': return only(ev.values.builtinMethod(value, 'function', name));
    case 'type-parameter': {
      const bound = ev.constraint(value);
      return bound === undefined ? open('opaque-type') : ev.member(bound, name);
    }
    case 'argument': return ev.member(ev.handed(value), name);
  }
}

/** A member of an instance of a builtin type. One that the tables do not list is still the language's own, but a plain function or object may have any. */
function builtinMember(ev: Evaluation, value: Extract<Value, { v: 'builtin' }>, name: string): ValueSet {
  const known = ev.program.languages.map((rules) => rules.builtins.method(value.name, name)).find((found) => found !== undefined);
  const mapped = value.arguments[1];
  if (value.name === 'Record' && known === undefined && mapped !== undefined) return mapped;
  const augmented = known === undefined ? globallyAugmentedMember(ev, value, name) : undefined;
  if (augmented !== undefined) return augmented;
  if (known === undefined && (value.name === 'function' || value.name === 'object')) return open('unknown-member');
  if (known?.signature.property === true) return termValue(ev, known.signature.result, value, undefined);
  return only(ev.values.builtinMethod(value, known?.type ?? value.name, name));
}

function instanceMember(ev: Evaluation, value: Extract<Value, { v: 'instance' }>, name: string): ValueSet {
  const owner = ev.program.file(value.file);
  if (name === '__class__' && owner.rules.callConstructs) return only(ev.values.class(value.file, value.class, value.arguments, value.exact !== true));
  const lineage = ev.lineage(value.file, value.class);
  const environment = classEnvironment(ev, owner, value.class, value.arguments);
  for (const entry of lineage.entries) {
    if (lineage.alternatives !== undefined && isOfAny(ev, lineage.alternatives, entry)) return unite(lineage.alternatives.map((base) => ev.memberOf(base, name)));
    const found = ownMember(ev, entry, name, value);
    if (found !== undefined) return substitute(ev, found, environmentOf(ev, entry, environment, value));
  }
  for (const entry of lineage.entries) {
    const augmented = entry.class < 0 ? undefined : augmentedMember(ev, value, entry, name);
    if (augmented !== undefined) return augmented;
  }
  return inheritedFromOutside(ev, value, lineage, name);
}

/** Whether an entry comes from one of several classes of which any may be the base. */
function isOfAny(ev: Evaluation, alternatives: readonly Value[], entry: LineageEntry): boolean {
  return alternatives.some((base) => (base.v === 'instance' ? ev.lineage(base.file, base.class).entries.some((own) => own.file === entry.file && own.class === entry.class) : base === entry.constructed));
}

/** Type parameters of the declaring class and the receiver's own type, as the receiver sees them. */
function environmentOf(ev: Evaluation, entry: LineageEntry, environment: Environment, receiver: Value): Environment {
  const own = entry.class < 0 ? new Map<Value, ValueSet>() : classEnvironment(ev, entry.file, entry.class, entry.arguments.map((set) => substitute(ev, set, environment)));
  own.set(ev.values.typeParameter(-1, -1, SELF), only(receiver));
  return own;
}

function inheritedFromOutside(ev: Evaluation, value: Extract<Value, { v: 'instance' | 'class' }>, lineage: ReturnType<Evaluation['lineage']>, name: string): ValueSet {
  const file = ev.program.file(value.file);
  const facts = file.facts.classes[value.class];
  for (const entry of lineage.entries) {
    const index = entry.file.facts.classes[entry.class]?.members.find((member) => member.kind === 'index');
    if (index?.type !== undefined) return ev.type(entry.file, index.type);
    for (const fallback of file.rules.fallbackMembers) {
      if (entry.file.facts.classes[entry.class]?.members.some((member) => member.name === fallback) === true) return open('dynamic-receiver');
    }
  }
  const choice = value.v === 'instance' ? choiceMember(ev, lineage, name) : undefined;
  if (choice !== undefined) return choice.values.length > 0 || choice.open !== undefined ? choice : open('untyped-value');
  if (lineage.external !== undefined) {
    const base = outsideBaseOf(ev, value) ?? lineage.external;
    if (base.v === 'builtin') return ev.memberOf(base, name);
    const field = base.v === 'external' ? (fieldOfBase(ev, lineage, base, name) ?? listedMember(ev, file.rules, value, base, name)) : undefined;
    if (field !== undefined) return field;
    // what a base from outside keeps for its subclass (`this.props`) may have come from the repository
    if (base.v === 'external') return only(ev.values.external(base.package, [...base.members, name], { derived: true, entangled: true }));
  }
  if (lineage.open) return open('dynamic-receiver');
  const enumerated = facts?.kind === 'enum' && value.v === 'instance' ? ['number', 'string'].find((type) => file.rules.builtins.method(type, name) !== undefined) : undefined;
  if (enumerated !== undefined) return ev.memberOf(ev.values.builtin(enumerated), name);
  const above = value.v === 'class' ? outsideMetaclass(ev, lineage) : undefined;
  if (above !== undefined && file.rules.builtins.method('function', name) === undefined) return only(ev.values.external(above.package, [...above.members, name], { derived: true }));
  const root = value.v === 'class' ? 'function' : 'object';
  if (file.rules.builtins.method(root, name) !== undefined && facts !== undefined) return ev.memberOf(ev.values.builtin(root), name);
  return open('unknown-member');
}

/** A field of a base from outside whose type is one of the type arguments that its subclass writes: the `props` of a component. */
function fieldOfBase(ev: Evaluation, lineage: ReturnType<Evaluation['lineage']>, base: Extract<Value, { v: 'external' }>, name: string): ValueSet | undefined {
  for (const { file, class: index } of lineage.entries) {
    const at = file.rules.outsideFields?.get([base.package, ...base.members, name].join('.'));
    for (const heritage of at === undefined ? [] : (file.facts.classes[index]?.extends ?? [])) {
      const type = heritage.typeArguments?.[at ?? 0];
      const set = type === undefined ? undefined : ev.type(file, type);
      if (set !== undefined && set.values.length > 0) return set;
    }
  }
  return undefined;
}

/** What the class of a lineage entry itself gives its instances under a name; undefined when it has none such. */
function ownMember(ev: Evaluation, entry: LineageEntry, name: string, receiver: Value): ValueSet | undefined {
  if (entry.constructed !== undefined) {
    const found = ev.memberOf(entry.constructed, name);
    return found.values.length === 0 && found.open === 'unknown-member' ? undefined : found;
  }
  const { file } = entry;
  const facts = file.facts.classes[entry.class];
  if (facts === undefined) return undefined;
  const member = facts.members.find((candidate) => candidate.name === name && (candidate.static !== true || file.rules.classHasInstanceMembers || facts.kind === 'enum'));
  const assigned = file.assignmentsIn(entry.class).filter((assignment) => assignment.name === name && (assignment.static !== true || file.rules.classHasInstanceMembers));
  const attached = ev.attached(ev.values.instance(file.index, entry.class), name) ?? (file.rules.classHasInstanceMembers ? ev.attached(ev.values.class(file.index, entry.class), name) : undefined);
  if (member !== undefined) return described(ev, file, memberValue(ev, file, entry.class, member, assigned, receiver), member);
  const property = parameterProperty(ev, file, entry.class, name);
  if (property !== undefined) return property;
  if (assigned.length > 0) return unite([assignedValues(ev, file, assigned), ...(attached === undefined ? [] : [attached])]);
  return attached;
}

/** Python: a descriptor in a class gives an instance what its `__get__` gives. */
function described(ev: Evaluation, file: LinkFile, set: ValueSet, member: Member): ValueSet {
  const { get } = file.rules.protocols;
  if (get === '' || member.kind !== 'field' || member.values === undefined) return set;
  return flatMap(set, (value) => (value.v === 'builtin' && value.name === 'property' ? (value.arguments[0] ?? open('untyped-value')) : value.v === 'instance' ? (readThrough(ev, value, get, false) ?? only(value)) : only(value)));
}

/** Python: the class itself is given what `__get__` gives without an instance, most often the descriptor; a manager found in a class is one of that class. */
function ofClass(ev: Evaluation, file: LinkFile, set: ValueSet, member: Member, owner: Extract<Value, { v: 'class' }>): ValueSet {
  const { get } = file.rules.protocols;
  if (get === '' || member.kind !== 'field' || member.values === undefined) return set;
  const read = flatMap(set, (value) => (value.v === 'instance' ? (readThrough(ev, value, get, true) ?? only(value)) : only(value)));
  return ev.lineage(owner.file, owner.class).external === undefined ? read : ownedBy(ev, file.rules, read, only(ev.values.instance(owner.file, owner.class, owner.arguments)));
}

/** What the method `get` of a descriptor gives; undefined when it has none. Of overloads, the one that is handed an instance, or none. */
function readThrough(ev: Evaluation, descriptor: Extract<Value, { v: 'instance' }>, get: string, ofClass: boolean): ValueSet | undefined {
  const environment = classEnvironment(ev, ev.program.file(descriptor.file), descriptor.class, descriptor.arguments);
  for (const entry of ev.lineage(descriptor.file, descriptor.class).entries) {
    const functions = entry.file.facts.classes[entry.class]?.members.find((candidate) => candidate.name === get)?.functions ?? [];
    const implementation = functions.at(-1);
    if (implementation === undefined) continue;
    const chosen = functions.find((index) => {
      const type = entry.file.facts.functions[index]?.parameters[1]?.type;
      return type === undefined || (entry.file.facts.types[type]?.k === 'literal') === ofClass; // `instance: None` is for the class itself
    });
    const facts = entry.file.facts.functions[chosen ?? implementation];
    const declared = facts?.returnType;
    if (declared === undefined) {
      // `if instance is None: return self`
      const itself = facts?.returns.some((index) => isReceiver(entry.file, index)) === true;
      if (itself && ofClass) return only(descriptor);
      const given = ev.call(only(ev.values.function(entry.file.index, implementation, -1, descriptor)));
      const others = given.values.filter((value) => value !== descriptor);
      return itself && (others.length > 0 || given.open !== undefined) ? { ...given, values: others } : given;
    }
    return substitute(ev, ev.type(entry.file, declared), environmentOf(ev, entry, environment, descriptor));
  }
  return undefined;
}

function classMember(ev: Evaluation, value: Extract<Value, { v: 'class' }>, name: string): ValueSet {
  const owner = ev.program.file(value.file);
  if (name === 'prototype' && owner.rules.inheritance === 'single') return only(ev.values.instance(value.file, value.class));
  const lineage = ev.lineage(value.file, value.class);
  const environment = classEnvironment(ev, owner, value.class, value.arguments);
  for (const entry of lineage.entries) {
    if (entry.class < 0) continue;
    const { file } = entry;
    const facts = file.facts.classes[entry.class];
    const member = facts?.members.find((candidate) => candidate.name === name && (candidate.static === true || facts.kind === 'enum' || file.rules.classHasInstanceMembers));
    const assigned = file.assignmentsIn(entry.class).filter((assignment) => assignment.name === name && assignment.static === true);
    let found: ValueSet | undefined;
    if (facts?.kind === 'enum' && member !== undefined) found = only(ev.values.instance(file.index, entry.class));
    else if (member !== undefined) found = ofClass(ev, file, memberValue(ev, file, entry.class, member, assigned, value), member, value);
    else if (assigned.length > 0) found = assignedValues(ev, file, assigned);
    else found = ev.attached(ev.values.class(file.index, entry.class), name);
    if (found !== undefined) {
      const bound: Environment = classEnvironment(ev, file, entry.class, entry.arguments.map((set) => substitute(ev, set, environment)));
      bound.set(ev.values.typeParameter(-1, -1, SELF), only(ev.values.instance(value.file, value.class, value.arguments)));
      return substitute(ev, found, bound);
    }
    const nested = facts === undefined ? undefined : file.binding(facts.scope, name);
    if (nested?.definitions !== undefined) return ev.binding(file, facts?.scope ?? 0, nested);
  }
  const merged = mergedNamespace(ev, owner, value.class, name);
  if (merged !== undefined) return merged;
  const above = owner.rules.builtins.method('object', name) === undefined ? ofMetaclass(ev, lineage, name) : undefined;
  if (above !== undefined) return above;
  return inheritedFromOutside(ev, value, lineage, name);
}

/** Python: the metaclass from outside of a class or of one of its bases. */
function outsideMetaclass(ev: Evaluation, lineage: ReturnType<Evaluation['lineage']>): Extract<Value, { v: 'external' }> | undefined {
  for (const { file, class: index } of lineage.entries) {
    const facts = file.facts.classes[index];
    if (facts?.metaclass !== undefined) for (const value of ev.expr(file, facts.metaclass).values) if (value.v === 'external') return value;
    for (const { expr } of facts?.extends ?? []) {
      for (const value of expr === undefined ? [] : ev.expr(file, expr).values) if (value.v === 'external' && value.package === 'abc' && value.members.join('.') === 'ABC') return valueOf(ev.values.external('abc', ['ABCMeta']));
    }
  }
  return undefined;
}

function valueOf(value: Value): Extract<Value, { v: 'external' }> | undefined {
  return value.v === 'external' ? value : undefined;
}

/** Python: what a class has as an instance of its metaclass. */
function ofMetaclass(ev: Evaluation, lineage: ReturnType<Evaluation['lineage']>, name: string): ValueSet | undefined {
  for (const { file, class: index } of lineage.entries) {
    const metaclass = file.facts.classes[index]?.metaclass;
    if (metaclass === undefined) continue;
    for (const value of ev.expr(file, metaclass).values) {
      const facts = value.v === 'class' ? ev.lineage(value.file, value.class).entries : [];
      if (value.v !== 'class' || !facts.some((entry) => entry.file.facts.classes[entry.class]?.members.some((member) => member.name === name) === true)) continue;
      return ev.memberOf(ev.values.instance(value.file, value.class), name);
    }
  }
  return undefined;
}

/** A namespace of the same name as a class (or function) adds to it. */
function mergedNamespace(ev: Evaluation, file: LinkFile, index: ClassIndex, name: string): ValueSet | undefined {
  const definition = file.facts.classes[index]?.definition ?? -1;
  const siblings = definition < 0 ? undefined : file.bindingOfDefinition(definition)?.definitions;
  for (const sibling of siblings ?? []) {
    const found = namespaceMember(ev, file, sibling, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a namespace shows under a name; undefined when it has none such, or keeps it to itself. */
function namespaceMember(ev: Evaluation, file: LinkFile, definition: number, name: string): ValueSet | undefined {
  const body = file.facts.definitions[definition]?.body;
  const binding = body === undefined ? undefined : file.binding(body, name);
  return body === undefined || binding?.exported !== true ? undefined : ev.binding(file, body, binding);
}

function superMember(ev: Evaluation, value: Extract<Value, { v: 'super' }>, name: string): ValueSet {
  const lineage = ev.lineage(value.file, value.class);
  const receiver = value.static ? ev.values.class(value.file, value.class) : ev.values.instance(value.file, value.class);
  for (const entry of lineage.entries.slice(1)) {
    if (lineage.alternatives !== undefined && isOfAny(ev, lineage.alternatives, entry)) {
      return unite(lineage.alternatives.map((base) => ev.memberOf(value.static && base.v === 'instance' ? ev.values.class(base.file, base.class) : base, name)));
    }
    if (value.static && entry.class >= 0) {
      const facts = entry.file.facts.classes[entry.class];
      const member = facts?.members.find((candidate) => candidate.name === name && (candidate.static === true || entry.file.rules.classHasInstanceMembers));
      if (member !== undefined) return memberValue(ev, entry.file, entry.class, member, [], receiver);
      continue;
    }
    const found = ownMember(ev, entry, name, receiver);
    if (found !== undefined) return substitute(ev, found, environmentOf(ev, entry, new Map(), receiver));
  }
  if (lineage.external?.v === 'external') {
    return listedMember(ev, ev.program.file(value.file).rules, receiver, lineage.external, name) ?? only(ev.values.external(lineage.external.package, [...lineage.external.members, name], { derived: true }));
  }
  if (lineage.external !== undefined) return ev.memberOf(lineage.external, name);
  if (lineage.open) return open('dynamic-receiver');
  const { rules } = ev.program.file(value.file);
  if (rules.builtins.method(value.static ? 'function' : 'object', name) === undefined && !/^__\w+__$/.test(name)) return open('unknown-member');
  return only(ev.values.external(rules.builtinPackage, ['object', name]));
}

function objectMember(ev: Evaluation, value: Extract<Value, { v: 'object' }>, name: string): ValueSet {
  const file = ev.program.file(value.file);
  const facts = file.facts.exprs[value.expr];
  const attached = ev.attached(value, name);
  if (facts?.k === 'object') {
    if (facts.container === 'dict') return ev.memberOf(ev.values.builtin('dict'), name);
    const own = facts.properties.filter((property) => property.name === name).map((property) => propertyValue(ev, file, property));
    if (attached !== undefined) own.push(attached);
    if (own.length > 0) return unite(own);
    for (let at = facts.spreads.length - 1; at >= 0; at--) {
      const spread = ev.member(ev.expr(file, facts.spreads[at] ?? 0), name);
      if (spread.values.length > 0 || spread.open !== 'unknown-member') return spread;
    }
  } else if (attached !== undefined) return attached;
  else if (facts?.k === 'call') {
    // Object.create(prototype), Object.assign(target, …sources): what is behind the object
    const behind = unite(facts.arguments.map((argument) => ev.member(ev.expr(file, argument), name)).filter((set) => set.values.length > 0));
    if (behind.values.length > 0) return behind;
    if (facts.arguments.some((argument) => ev.expr(file, argument).open !== undefined)) return open('dynamic-receiver');
  }
  if (file.rules.builtins.method('object', name) !== undefined) return ev.memberOf(ev.values.builtin('object'), name);
  // members assigned under computed names may be this one
  const computed = ev.attached(value, '');
  return computed === undefined ? open('unknown-member') : { values: computed.values, open: 'computed-member' };
}

function constructedMember(ev: Evaluation, value: Extract<Value, { v: 'constructed' }>, name: string): ValueSet {
  const file = ev.program.file(value.file);
  const own = file.assignmentsInFunction(value.function).filter((assignment) => assignment.name === name);
  const parts = own.map((assignment) => assignmentValue(ev, file, assignment));
  const attached = ev.attached(value, name);
  if (attached !== undefined) parts.push(attached);
  if (parts.length > 0) return unite(parts);
  const prototype = ev.attached(ev.values.function(value.file, value.function, file.facts.functions[value.function]?.definition ?? -1), 'prototype');
  if (prototype !== undefined) {
    const found = ev.member(prototype, name);
    if (found.values.length > 0 || found.open !== 'unknown-member') return found;
  }
  if (file.rules.builtins.method('object', name) !== undefined) return ev.memberOf(ev.values.builtin('object'), name);
  return open('unknown-member');
}

function functionMember(ev: Evaluation, value: Extract<Value, { v: 'function' | 'holder' }>, name: string): ValueSet {
  const file = ev.program.file(value.file);
  const attached = ev.attached(value, name);
  const parts = attached === undefined ? [] : [attached];
  if (value.v === 'holder') for (const expr of value.values) parts.push(ev.member(ev.expr(file, expr), name));
  if (parts.some((part) => part.values.length > 0)) return unite(parts.filter((part) => part.values.length > 0));
  if (name === 'prototype' && value.v === 'function' && file.rules.inheritance === 'single') return only(ev.values.constructed(value.file, value.function));
  if (value.definition >= 0) {
    for (const sibling of file.bindingOfDefinition(value.definition)?.definitions ?? []) {
      const found = namespaceMember(ev, file, sibling, name);
      if (found !== undefined) return found;
    }
  }
  if (file.facts.definitions[value.definition]?.modifiers?.includes('property') === true) return only(ev.values.external(file.rules.builtinPackage, ['property', name]));
  if (file.rules.builtins.method('function', name) !== undefined) return only(ev.values.builtinMethod(value, 'function', name));
  return parts.length > 0 ? unite(parts) : (ofDecorated(ev, file, value, name) ?? open('unknown-member'));
}

/** Python: what a function does not have, what its decorators put into its place may have (`task.delay`, `cached.cache_clear`). */
function ofDecorated(ev: Evaluation, file: LinkFile, value: Extract<Value, { v: 'function' | 'holder' }>, name: string): ValueSet | undefined {
  const { decorated } = file.facts.definitions[value.definition] ?? {};
  if (decorated === undefined) return undefined;
  const set = ev.expr(file, decorated);
  const found = ev.member({ ...set, values: set.values.filter((each) => each.v !== 'function' && each.v !== 'holder') }, name);
  return found.values.length > 0 || found.open !== 'unknown-member' ? found : undefined;
}

function moduleMember(ev: Evaluation, value: Extract<Value, { v: 'module' }>, name: string): ValueSet {
  const file = ev.program.file(value.file);
  if (file.rules.commonjs && file.facts.moduleKind === 'commonjs') {
    const attached = ev.attached(value, name);
    const found = ev.exported(file, name);
    if (attached !== undefined) return unite([found, attached].filter((set) => set.values.length > 0 || set.open !== 'missing-import'));
    return found;
  }
  return ev.exported(file, name);
}
