import type { MemberAssignment } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import { assignmentValue } from './members.js';
import type { LinkFile } from './program.js';
import { unite, type Value, type ValueSet } from './value.js';

/**
 * Members that a file gives to its own functions, classes, objects and exports from outside their declarations: `f.x = …`, `C.prototype.m = …`,
 * `exports.a = …`, `Object.assign(target, …)`. Assignments whose targets are nearer to a name are looked at first, so that `a.b.c = …` finds `a.b`.
 */
export class Attachments {
  readonly #ev: Evaluation;
  readonly #byFile: (Map<string, Map<string, MemberAssignment[]>> | undefined)[] = [];

  constructor(ev: Evaluation) {
    this.#ev = ev;
  }

  member(value: Value, name: string): ValueSet | undefined {
    if (!('file' in value) || value.file < 0) return undefined;
    return this.memberIn(this.#ev.program.file(value.file), value, name);
  }

  /** Members assigned in one file, whatever the value's own file. */
  memberIn(file: LinkFile, value: Value, name: string): ValueSet | undefined {
    const members = this.#of(file).get(ownerKey(value));
    if (members === undefined) return undefined;
    const assignments = members.get(name);
    return assignments === undefined ? undefined : unite(assignments.map((assignment) => assignmentValue(this.#ev, file, assignment)));
  }

  #of(file: LinkFile): Map<string, Map<string, MemberAssignment[]>> {
    const known = this.#byFile[file.index];
    if (known !== undefined) return known;
    const map = new Map<string, Map<string, MemberAssignment[]>>();
    this.#byFile[file.index] = map; // what is found so far serves the targets that come later
    const pending = file.facts.assignments
      .filter((assignment) => assignment.class === undefined && file.facts.exprs[assignment.target]?.k !== 'this')
      .map((assignment) => ({ assignment, depth: chainLength(file, assignment.target) }))
      .sort((a, b) => a.depth - b.depth);
    for (const { assignment } of pending) {
      for (const target of this.#ev.expr(file, assignment.target).values) {
        if ('file' in target ? target.file !== file.index : target.v !== 'external') continue;
        const key = ownerKey(target);
        let members = map.get(key);
        if (members === undefined) map.set(key, (members = new Map()));
        const list = members.get(assignment.name);
        if (list === undefined) members.set(assignment.name, [assignment]);
        else list.push(assignment);
      }
    }
    return map;
  }
}

/** Receivers, type arguments and exactness do not matter to what is attached. */
function ownerKey(value: Value): string {
  switch (value.v) {
    case 'function': return `f${value.function}`;
    case 'instance': return `i${value.class}`;
    case 'class': return `c${value.class}`;
    default: return value.key;
  }
}

function chainLength(file: LinkFile, index: number): number {
  let length = 0;
  for (let expr = file.facts.exprs[index]; expr?.k === 'member' && length < 32; expr = file.facts.exprs[expr.object]) length++;
  return length;
}
