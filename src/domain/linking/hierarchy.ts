import type { ClassIndex, Member } from '../file-facts.js';
import type { SymbolId } from '../graph-node.js';
import type { Evaluation } from './evaluation.js';
import type { LinkFile } from './program.js';
import type { Value } from './value.js';

/** Which members override which. */
export class Hierarchy {
  readonly #ev: Evaluation;

  constructor(ev: Evaluation) {
    this.#ev = ev;
  }

  /** The declarations that the members of a class override or implement: for each, the nearest one of each branch. */
  overrides(file: LinkFile, index: ClassIndex): readonly { readonly member: SymbolId; readonly overridden: SymbolId }[] {
    const facts = file.facts.classes[index];
    if (facts === undefined || facts.definition < 0 || (facts.kind !== 'class' && facts.kind !== 'interface')) return [];
    const above = this.#above(file, index);
    const out: { member: SymbolId; overridden: SymbolId }[] = [];
    for (const member of facts.members) {
      if (member.kind === 'constructor' || file.rules.constructors.includes(member.name) || member.name === '') continue;
      const id = memberId(file, member);
      if (id === undefined) continue;
      for (const branch of above) {
        for (const entry of branch) {
          const other = entry.file.facts.classes[entry.class]?.members.find((candidate) => candidate.name === member.name && (candidate.static === true) === (member.static === true));
          const overridden = other === undefined ? undefined : memberId(entry.file, other);
          if (overridden === undefined || overridden === id) continue;
          if (!out.some((known) => known.member === id && known.overridden === overridden)) out.push({ member: id, overridden });
          break;
        }
      }
    }
    return out;
  }

  #above(file: LinkFile, index: ClassIndex): { readonly file: LinkFile; readonly class: ClassIndex }[][] {
    const bases = this.#ev.lineage(file.index, index).entries.slice(1).filter((entry) => entry.class >= 0);
    const branches: { readonly file: LinkFile; readonly class: ClassIndex }[][] = [bases];
    for (const heritage of file.facts.classes[index]?.implements ?? []) {
      if (heritage.type === undefined) continue;
      for (const value of this.#ev.type(file, heritage.type).values) {
        if (value.v === 'instance') branches.push(this.#ev.lineage(value.file, value.class).entries.filter((entry) => entry.class >= 0).map((entry) => ({ file: entry.file, class: entry.class })));
      }
    }
    return branches;
  }
}

function memberId(file: LinkFile, member: Member): SymbolId | undefined {
  const definition = member.definitions.at(-1);
  return definition === undefined ? undefined : file.declarations.ids[definition];
}

/** The definition that a class value, or an instance seen as a type, is. */
export function classId(ev: Evaluation, value: Value): SymbolId | undefined {
  if (value.v !== 'class' && value.v !== 'instance') return undefined;
  const file = ev.program.file(value.file);
  const definition = file.facts.classes[value.class]?.definition ?? -1;
  return definition < 0 ? undefined : file.declarations.ids[definition];
}
