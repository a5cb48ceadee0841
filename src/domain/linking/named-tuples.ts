import type { Evaluation } from './evaluation.js';
import { classEnvironment, substitute } from './substitution.js';
import type { Value, ValueSet } from './value.js';

/** Python: what the places of a class derived from `typing.NamedTuple` hold, in order; undefined for any other value. */
export function fieldsInOrder(ev: Evaluation, value: Value): readonly ValueSet[] | undefined {
  if (value.v !== 'instance') return undefined;
  const { external, entries } = ev.lineage(value.file, value.class);
  const root = entries.at(-1);
  if (external?.v !== 'builtin' || external.name !== 'tuple' || root === undefined || root.class < 0) return undefined;
  const fields = (root.file.facts.classes[root.class]?.members ?? []).filter((member) => member.kind === 'field' && member.type !== undefined);
  const environment = classEnvironment(ev, ev.program.file(value.file), value.class, value.arguments);
  return fields.length === 0 ? undefined : fields.map(({ type }) => substitute(ev, ev.type(root.file, type ?? 0), environment));
}

/** What the base from outside gives an instance or class, with the type arguments that its class has here. */
export function outsideBaseOf(ev: Evaluation, value: Extract<Value, { v: 'instance' | 'class' }>): Value | undefined {
  const { external } = ev.lineage(value.file, value.class);
  if (external?.v !== 'builtin' || external.arguments.length === 0) return external;
  const [base] = substitute(ev, { values: [external] }, classEnvironment(ev, ev.program.file(value.file), value.class, value.arguments)).values;
  return base ?? external;
}
