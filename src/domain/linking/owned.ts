import type { Evaluation } from './evaluation.js';
import type { LanguageRules } from './language-rules.js';
import type { Value, ValueSet } from './value.js';

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
