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
