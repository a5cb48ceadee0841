import type { ClassIndex, Member } from '../file-facts.js';
import type { Evaluation, Lineage } from './evaluation.js';
import type { LinkFile } from './program.js';
import { unite, type Value, type ValueSet } from './value.js';

/** Python: what the body of a class derived from `enum.Enum` assigns is one of its choices. */
export function isChoice(ev: Evaluation, file: LinkFile, index: ClassIndex, member: Member): boolean {
  if (member.kind !== 'field' || member.values === undefined || member.name.startsWith('_') || !isEnumeration(ev, file, index)) return false;
  return member.values.every((value) => file.facts.exprs[value]?.k !== 'class' && file.facts.exprs[value]?.k !== 'function');
}

function isEnumeration(ev: Evaluation, file: LinkFile, index: ClassIndex): boolean {
  const { enumerations } = file.rules;
  if (enumerations.size === 0) return false;
  const names = (value: Value): boolean => value.v === 'external' && enumerations.has(`${value.package}.${value.members.join('.')}`);
  return ev.lineage(file.index, index).entries.some((entry) => entry.file.facts.classes[entry.class]?.extends.some(({ expr }) => expr !== undefined && ev.expr(entry.file, expr).values.some(names)) === true);
}

/** Python: what the choices of an enumeration stand for; undefined for other members. */
export function choiceMember(ev: Evaluation, lineage: Lineage, name: string): ValueSet | undefined {
  const [own] = lineage.entries;
  const computed = lineage.entries.some(({ file, class: index }) => file.facts.classes[index]?.members.some((member) => file.rules.constructors.includes(member.name)));
  if (own === undefined || computed || (name !== 'value' && name !== '_value_') || own.class < 0 || !isEnumeration(ev, own.file, own.class)) return undefined;
  return unite(lineage.entries.flatMap(({ file, class: index }) => (file.facts.classes[index]?.members ?? []).filter((member) => isChoice(ev, file, index, member)).flatMap((member) => (member.values ?? []).map((value) => ev.expr(file, value)))));
}
