import type { ClassIndex, Member } from '../file-facts.js';
import type { SymbolId } from '../graph-node.js';
import type { Evaluation } from './evaluation.js';
import type { LinkFile } from './program.js';
import type { Value } from './value.js';

/** Which members override which, over the whole snapshot. */
export class Hierarchy {
  readonly #ev: Evaluation;
  #derived: ReadonlyMap<string, readonly { readonly file: LinkFile; readonly class: ClassIndex }[]> | undefined;
  #overriders: ReadonlyMap<SymbolId, readonly SymbolId[]> | undefined;

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

  /** All that override a member, directly or further down, by id; at most `limit`. */
  overriders(member: SymbolId, limit: number): readonly SymbolId[] {
    const index = (this.#overriders ??= this.#invert());
    const seen = new Set<SymbolId>();
    const queue = [...(index.get(member) ?? [])];
    for (let at = queue.shift(); at !== undefined && seen.size < limit; at = queue.shift()) {
      if (seen.has(at)) continue;
      seen.add(at);
      queue.push(...(index.get(at) ?? []));
    }
    return [...seen].sort();
  }

  /**
   * What `super().name` in a method of a class may mean besides the class's own next in line: where classes derive from several (C3), the next in the line of
   * each class that derives from it; at most `limit`.
   */
  nextInLines(file: LinkFile, index: ClassIndex, name: string, limit: number): readonly SymbolId[] {
    const found = new Set<SymbolId>();
    if (file.rules.inheritance !== 'c3') return [];
    for (const derived of (this.#derived ??= this.#derivations()).get(`${file.index}.${index}`) ?? []) {
      const { entries } = this.#ev.lineage(derived.file.index, derived.class);
      const at = entries.findIndex((entry) => entry.file === file && entry.class === index);
      for (const entry of entries.slice(at + 1)) {
        const member = entry.file.facts.classes[entry.class]?.members.find((candidate) => candidate.name === name);
        const id = member === undefined ? undefined : memberId(entry.file, member);
        if (member !== undefined && id !== undefined && member.kind === 'method') found.add(id);
        if (member !== undefined) break;
      }
      if (found.size >= limit) break;
    }
    return [...found].sort();
  }

  /** Classes by each class that they derive from, directly or further down. */
  #derivations(): ReadonlyMap<string, readonly { readonly file: LinkFile; readonly class: ClassIndex }[]> {
    const map = new Map<string, { readonly file: LinkFile; readonly class: ClassIndex }[]>();
    for (const file of this.#ev.program.files) {
      if (file.rules.inheritance !== 'c3') continue;
      for (let index = 0; index < file.facts.classes.length; index++) {
        for (const entry of this.#ev.lineage(file.index, index).entries.slice(1)) {
          const key = `${entry.file.index}.${entry.class}`;
          const list = map.get(key);
          if (list === undefined) map.set(key, [{ file, class: index }]);
          else list.push({ file, class: index });
        }
      }
    }
    return map;
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

  #invert(): ReadonlyMap<SymbolId, readonly SymbolId[]> {
    const map = new Map<SymbolId, SymbolId[]>();
    for (const file of this.#ev.program.files) {
      for (let index = 0; index < file.facts.classes.length; index++) {
        for (const { member, overridden } of this.overrides(file, index)) {
          const list = map.get(overridden);
          if (list === undefined) map.set(overridden, [member]);
          else list.push(member);
        }
      }
    }
    return map;
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
