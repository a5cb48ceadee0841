import type { ClassFacts } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import { hasPlaceholder } from './substitution.js';
import { NOTHING, only, unite, type Value, type ValueSet } from './value.js';

type ClassValue = Extract<Value, { readonly v: 'class' }>;

/** Whether a class says by itself how it is made, by a metaclass or by `__new__`. */
const telling = new WeakMap<ClassFacts, boolean>();

function tells(facts: ClassFacts | undefined): boolean {
  if (facts === undefined) return false;
  let known = telling.get(facts);
  if (known === undefined) telling.set(facts, (known = facts.metaclass !== undefined || facts.members.some(({ name }) => name === '__new__')));
  return known;
}

/** Python: the `__call__` of a class's metaclass, which runs where the class is called; it decides whether anything is constructed. */
export function callOfMetaclass(ev: Evaluation, value: ClassValue): ValueSet | undefined {
  if (!ev.program.file(value.file).rules.callConstructs) return undefined;
  for (const { file, class: index } of ev.lineage(value.file, value.class).entries) {
    const metaclass = tells(file.facts.classes[index]) ? file.facts.classes[index]?.metaclass : undefined;
    if (metaclass === undefined) continue;
    const found = unite(ev.expr(file, metaclass).values.map((each) => (each.v === 'class' && declares(ev, each, '__call__') ? ev.memberOf(ev.values.instance(each.file, each.class), '__call__') : NOTHING)));
    return found.values.some((each) => each.v === 'function') ? found : undefined;
  }
  return undefined;
}

/** Python: what calling a class gives where its metaclass declares a result, or its `__new__` makes something else than an instance; undefined where it is an instance. */
export function madeInstead(ev: Evaluation, value: ClassValue): ValueSet | undefined {
  if (!ev.program.file(value.file).rules.callConstructs) return undefined;
  const { entries } = ev.lineage(value.file, value.class);
  if (!entries.some(({ file, class: index }) => tells(file.facts.classes[index]))) return undefined;
  const call = callOfMetaclass(ev, value);
  const declared = call?.values.some((each) => each.v === 'function' && ev.program.file(each.file).facts.functions[each.function]?.returnType !== undefined) === true;
  const made = declared && call !== undefined ? ev.call(call) : declares(ev, value, '__new__') ? ev.call(ev.memberOf(value, '__new__')) : undefined;
  if (made === undefined || made.open !== undefined || made.values.length === 0) return undefined;
  const other = (each: Value): boolean => each.v === 'instance' && !hasPlaceholder(each) && !related(ev, each, value);
  return made.values.every(other) ? made : undefined;
}

function declares(ev: Evaluation, value: ClassValue, name: string): boolean {
  return ev.lineage(value.file, value.class).entries.some(({ file, class: index }) => file.facts.classes[index]?.members.some((member) => member.name === name) === true);
}

/** Whether one class is derived from the other. */
function related(ev: Evaluation, one: Extract<Value, { readonly v: 'instance' }>, other: ClassValue): boolean {
  const isAmong = (a: { readonly file: number; readonly class: number }, b: { readonly file: number; readonly class: number }): boolean =>
    ev.lineage(a.file, a.class).entries.some((entry) => entry.file.index === b.file && entry.class === b.class);
  return isAmong(one, other) || isAmong(other, one);
}

/** What a class is called through besides itself, as values. */
export function calledThrough(ev: Evaluation, value: ClassValue): readonly Value[] {
  return (callOfMetaclass(ev, value) ?? only(value)).values.filter((each) => each.v === 'function');
}
