import type { Expr, ExprIndex, MemberAssignment } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import { EMPTY_SET } from './integer-sets.js';
import { assignmentValue } from './member-values.js';
import type { LinkFile } from './program.js';
import type { Trace } from './tracer.js';
import { unite, type Value, type ValueSet } from './value.js';

/**
 * Members that a file gives to its own functions, classes, objects and exports from outside their declarations: `f.x = …`, `C.prototype.m = …`,
 * `exports.a = …`, `Object.assign(target, …)`, and `this.x = …` in a function that is a member of one of them. Assignments whose targets are nearer to a name
 * are looked at first, so that `a.b.c = …` finds `a.b`.
 */
export class Attachments {
  readonly #ev: Evaluation;
  readonly #byFile: (FileAttachments | undefined)[] = [];

  constructor(ev: Evaluation) {
    this.#ev = ev;
  }

  member(value: Value, name: string): ValueSet | undefined {
    if (!('file' in value) || value.file < 0) return undefined;
    return this.memberIn(this.#ev.program.file(value.file), value, name);
  }

  /** Members assigned in one file, whatever the value's own file. */
  memberIn(file: LinkFile, value: Value, name: string): ValueSet | undefined {
    const found = this.#of(file);
    const assignments = found.members.get(ownerKey(value))?.get(name);
    if (assignments !== undefined) return unite(assignments.map((assignment) => assignmentValue(this.#ev, file, assignment)));
    return this.#mixedIn(found, value, name);
  }

  /** A member of what was mixed into a value; a source from outside the repository has whatever none of ours has. */
  #mixedIn(found: FileAttachments, value: Value, name: string): ValueSet | undefined {
    const sources = found.mixins?.get(ownerKey(value));
    if (sources === undefined || name === '') return undefined;
    let outside: ValueSet | undefined;
    for (const source of sources) {
      const member = this.#ev.member({ values: source.values.filter((candidate) => candidate !== value) }, name);
      if (member.values.length === 0) continue;
      if (member.values.some((candidate) => candidate.v === 'external' || candidate.v === 'builtin-method')) outside ??= member;
      else return member;
    }
    return outside;
  }

  #of(file: LinkFile): FileAttachments {
    const { tracer } = this.#ev;
    tracer.read(file.index);
    const known = this.#byFile[file.index];
    if (known !== undefined) {
      tracer.add(known.trace);
      return known;
    }
    const own: FileAttachments = { members: new Map(), mixins: undefined, trace: EMPTY_SET };
    this.#byFile[file.index] = own; // what is found so far serves the targets that come later
    const outer = tracer.begin();
    let done = false;
    try {
      this.#fill(file, own);
      done = true;
    } finally {
      own.trace = tracer.end(outer);
      if (!done) this.#byFile[file.index] = undefined;
    }
    return own;
  }

  #fill(file: LinkFile, own: FileAttachments): void {
    const pending = file.facts.assignments
      .filter((assignment) => assignment.class === undefined)
      .map((assignment) => ({ assignment, depth: chainLength(file, assignment.target) }))
      .sort((a, b) => a.depth - b.depth);
    for (const { assignment } of pending) {
      const to = file.facts.exprs[assignment.target];
      for (const target of this.#ev.apart(() => this.#ev.expr(file, assignment.target)).values) {
        if (!('file' in target) && target.v !== 'external') continue;
        // what a constructor function gives to its own `this` is found there
        if (to?.k === 'this' && target.v === 'constructed' && target.function === to.function) continue;
        const key = ownerKey(target);
        let members = own.members.get(key);
        if (members === undefined) own.members.set(key, (members = new Map()));
        const list = members.get(assignment.name);
        if (list === undefined) members.set(assignment.name, [assignment]);
        else list.push(assignment);
      }
      own.trace = this.#ev.tracer.current;
    }
    own.mixins = this.#mixinsOf(file);
  }

  /** `util.inherits(Derived, Base)`: what `new Base()` has, `new Derived()` has too. */
  #inherit(file: LinkFile, [derived, base]: readonly ExprIndex[], out: Map<string, ValueSet[]>): void {
    if (derived === undefined || base === undefined) return;
    const made = this.#ev.expr(file, base).values.flatMap((value) => (value.v === 'function' || value.v === 'class' ? this.#ev.construct({ values: [value] }).values : []));
    for (const value of this.#ev.expr(file, derived).values) {
      if (value.v !== 'function') continue;
      const { key } = this.#ev.values.constructed(value.file, value.function);
      out.set(key, [...(out.get(key) ?? []), { values: made }]);
    }
  }

  /** `Object.assign(target, source)` and the like in a file: by target, the sources. */
  #mixinsOf(file: LinkFile): Map<string, ValueSet[]> {
    const out = new Map<string, ValueSet[]>();
    for (const site of file.facts.sites) {
      if (!MIXING_NAME.test(site.name)) continue;
      const call = file.facts.exprs[site.expr];
      if (call?.k !== 'call' || call.arguments.length < 2) continue;
      const callees = this.#ev.expr(file, call.callee).values;
      if (callees.some(inherits)) this.#inherit(file, call.arguments, out);
      if (!callees.some(mixes)) continue;
      const [first, ...rest] = call.arguments.map((argument) => this.#ev.expr(file, argument));
      for (const target of first?.values ?? []) {
        const key = ownerKey(target);
        out.set(key, [...(out.get(key) ?? []), ...rest]);
      }
    }
    return out;
  }
}

function inherits(value: Value): boolean {
  if (value.v !== 'external' || value.derived === true) return false;
  return value.members.length === 0 ? value.package === 'inherits' : /^(?:node:)?util$/.test(value.package) && value.members.join('.') === 'inherits';
}

interface FileAttachments {
  readonly members: Map<string, Map<string, MemberAssignment[]>>;
  mixins: Map<string, ValueSet[]> | undefined;
  /** What they were found by, so far. */
  trace: Trace;
}

/** How such a call is usually written; what it calls decides. */
const MIXING_NAME = /assign|mixin|merge|extend|default|inherit|setPrototypeOf|xtend/i;
const MIXING_PACKAGES: ReadonlySet<string> = new Set(['merge-descriptors', 'object-assign', 'utils-merge', 'xtend', 'extend', 'deepmerge', 'lodash.assign', 'lodash.merge', 'lodash.defaults']);
const MIXING_MEMBERS: ReadonlySet<string> = new Set(['Object.assign', 'Object.setPrototypeOf', 'assign', 'assignIn', 'extend', 'merge', 'mixin', 'defaults', 'defaultsDeep']);

function mixes(value: Value): boolean {
  if (value.v !== 'external' || value.derived === true) return false;
  return value.members.length === 0 ? MIXING_PACKAGES.has(value.package) : MIXING_MEMBERS.has(value.members.join('.'));
}

/** Receivers, type arguments and exactness do not matter to what is attached. */
function ownerKey(value: Value): string {
  switch (value.v) {
    case 'function': return `f${value.file}.${value.function}`;
    case 'instance': return `i${value.file}.${value.class}`;
    case 'class': return `c${value.file}.${value.class}`;
    default: return value.key;
  }
}

function chainLength(file: LinkFile, index: number): number {
  let length = 0;
  const target = file.facts.exprs[index];
  if (target?.k === 'this') return 3; // what the function is a member of comes first
  if (comesFromThis(file, index)) return 4; // and what is read of it after all that is given to it
  for (let expr: Expr | undefined = target; expr?.k === 'member' && length < 32; expr = file.facts.exprs[expr.object]) length++;
  return length;
}

/** Whether an expression is found by way of `this`: `const made = new this.kind(); made.x = …`. */
function comesFromThis(file: LinkFile, index: ExprIndex): boolean {
  let at: ExprIndex | undefined = index;
  for (let steps = 0; at !== undefined && steps < 32; steps++) {
    const expr: Expr | undefined = file.facts.exprs[at];
    switch (expr?.k) {
      case 'this': return true;
      case 'member': case 'index': at = expr.object; break;
      case 'call': case 'new': at = expr.callee; break;
      case 'await': at = expr.value; break;
      case 'name': {
        const values: readonly ExprIndex[] | undefined = file.declaration(expr.scope, expr.name)?.binding.values;
        at = values?.length === 1 ? values[0] : undefined;
        break;
      }
      default: return false;
    }
  }
  return false;
}
