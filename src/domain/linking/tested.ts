import type { Binding, ScopeIndex } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import type { LinkFile } from './program.js';
import { hasPlaceholder } from './substitution.js';
import { unite, type Value, type ValueSet } from './value.js';

type OfClass = Extract<Value, { readonly v: 'instance' | 'class' }>;

/**
 * What a name holds where a test of its class has been passed (`instanceof`, `isinstance`, `issubclass`). A test never takes away what is known: of what the name
 * held before, that which is of a tested class, or of one derived from it, stays; where that may be, it is of the tested class.
 */
export function testedValues(ev: Evaluation, file: LinkFile, { scope, binding }: { readonly scope: ScopeIndex; readonly binding: Binding }, tested: ValueSet): ValueSet {
  const negative = binding.values?.some((value) => {
    const test = file.facts.exprs[value];
    return test?.k === 'instance' && test.unless !== undefined;
  });
  if (negative === true) return tested;
  const outer = file.lookup(file.facts.scopes[scope]?.parent ?? -1, binding.name);
  // a variable that is assigned more than once may well be assigned where the test has been passed: what it holds then would rest on itself
  if (outer === undefined || (outer.binding.type === undefined && (outer.binding.values?.length ?? 0) > 1)) return tested;
  const before = ev.binding(file, outer.scope, outer.binding);
  if (before.open !== undefined || tested.open !== undefined || before.values.length === 0) return tested;
  const values = new Set<Value>();
  for (const value of tested.values) {
    const kept = before.values.filter((held) => isOf(ev, held, value));
    for (const held of kept) values.add(held);
    if (before.values.some((held) => !kept.includes(held) && isOf(ev, value, held))) values.add(value);
  }
  // of neither: a class that nobody has written yet may be of both
  return values.size === 0 ? tested : { values: [...values] };
}

/** What a type guard says of what it was asked about; undefined where the function is none. */
export function guardedBy(ev: Evaluation, functions: ValueSet, guards: number): ValueSet | undefined {
  const parts = functions.values.map((value): ValueSet | undefined => {
    const owner = value.v === 'function' ? ev.program.file(value.file) : undefined;
    const facts = value.v === 'function' ? owner?.facts.functions[value.function] : undefined;
    const declared = owner?.facts.types[facts?.returnType ?? -1];
    if (owner === undefined || facts === undefined || declared === undefined) return undefined;
    if (declared.k === 'predicate') {
      const place = declared.parameter === 'this' ? -1 : facts.parameters.findIndex(({ name }) => name === declared.parameter);
      return place === guards ? ev.type(owner, declared.type) : undefined;
    }
    const [type] = declared.k === 'ref' && /^Type(Guard|Is)$/.test(declared.path.at(-1) ?? '') && owner.rules.inheritance === 'c3' ? (declared.arguments ?? []) : [];
    return type === undefined || guards !== 0 ? undefined : ev.type(owner, type);
  });
  if (parts.length === 0 || functions.open !== undefined || parts.some((part) => part === undefined || part.values.length === 0 || part.values.some(hasPlaceholder))) return undefined;
  return unite(parts.flatMap((part) => part ?? []));
}

/** The classes of a set, or any that are derived from them. */
export function derivedFrom(ev: Evaluation, classes: ValueSet): ValueSet {
  return { ...classes, values: classes.values.map((value) => (value.v === 'class' ? ev.values.class(value.file, value.class, value.arguments, true) : value)) };
}

/** Whether one is of the other's class, or of one derived from it. */
function isOf(ev: Evaluation, one: Value, other: Value): boolean {
  if (!isOfClass(one) || !isOfClass(other) || one.v !== other.v) return false;
  return ev.lineage(one.file, one.class).entries.some((entry) => entry.file.index === other.file && entry.class === other.class);
}

function isOfClass(value: Value): value is OfClass {
  return value.v === 'instance' || value.v === 'class';
}
