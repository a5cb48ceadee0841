import type { Evaluation } from './evaluation.js';
import type { LanguageRules } from './language-rules.js';
import { termValue } from './terms.js';
import { only, type Value, type ValueSet } from './value.js';

type External = Extract<Value, { v: 'external' }>;

/**
 * What a class has under a name from a base outside the repository that the tables list (`class Books(models.Manager)`): a method knows its receiver, so that one
 * that gives the receiver again gives an instance of our class. Undefined where the tables list no such base, or it has no such member.
 */
export function listedMember(ev: Evaluation, rules: LanguageRules, receiver: Value, base: External, name: string): ValueSet | undefined {
  const known = base.derived === true ? undefined : rules.builtins.method([base.package, ...base.members].join('.'), name);
  if (known === undefined) return undefined;
  return known.signature.property === true ? termValue(ev, known.signature.result, receiver, undefined) : only(ev.values.builtinMethod(receiver, known.type, name));
}

/** What is found in a class under the name of a manager works on that class: `Book.objects` is a manager of `Book`. */
export function ownedBy(ev: Evaluation, rules: LanguageRules, set: ValueSet, owner: ValueSet): ValueSet {
  if (!set.values.some((value) => isOwned(ev, rules, value))) return set;
  return {
    ...set, values: set.values.map((value): Value => {
      if (!isOwned(ev, rules, value)) return value;
      if (value.v === 'instance') return value.arguments === undefined ? ev.values.instance(value.file, value.class, [owner], value.exact === true) : value;
      return value.v === 'builtin' && (value.arguments[0]?.values.length ?? 0) === 0 ? ev.values.builtin(value.name, [owner]) : value;
    }),
  };
}

function isOwned(ev: Evaluation, rules: LanguageRules, value: Value): boolean {
  const base = value.v === 'instance' ? ev.lineage(value.file, value.class).external : value;
  const name = base?.v === 'builtin' ? base.name : base?.v === 'external' && base.derived !== true ? [base.package, ...base.members].join('.') : '';
  return name !== '' && rules.builtins.type(name)?.owned === true;
}
