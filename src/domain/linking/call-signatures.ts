import type { Evaluation } from './evaluation.js';
import { only, type Value, type ValueSet } from './value.js';

/** The function behind calling an instance: a call signature, or the language's call member. */
export function callSignature(ev: Evaluation, value: Value): ValueSet | undefined {
  if (value.v !== 'instance') return undefined;
  const lineage = ev.lineage(value.file, value.class);
  for (const entry of lineage.entries) {
    const member = entry.file.facts.classes[entry.class]?.members.find((candidate) => candidate.kind === 'call');
    const functions = member?.functions ?? [];
    const [first] = functions;
    if (first !== undefined) return only(ev.values.function(entry.file.index, first, member?.definitions[0] ?? -1, value));
  }
  const name = ev.program.file(value.file).rules.callMember;
  if (name === undefined) return undefined;
  const found = ev.memberOf(value, name);
  return found.values.length === 0 ? undefined : found;
}
