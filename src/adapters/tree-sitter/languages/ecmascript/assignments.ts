import type { ClassIndex, DefinitionIndex, ExprIndex, TypeIndex } from '../../../../domain/file-facts.js';
import { constantString } from './constants.js';
import type { Walk } from './walk.js';

/** `target.name` or `target['name']` on the left of an assignment, or `target[key]` for what is no `this`; nothing for any other target. */
export interface MemberTarget {
  readonly object: ExprIndex;
  /** Empty for a key that is not known: any member may be meant. */
  readonly name: string;
  /** Node at which the name stands. */
  readonly at: number;
  readonly class?: ClassIndex;
  readonly static?: boolean;
}

/** Reads the target of an assignment to a member; what cannot be named is read and gives undefined. */
export function memberTarget(walk: Walk, node: number): MemberTarget | undefined {
  const { k, f } = walk;
  let at = node;
  while (at >= 0 && (walk.kind(at) === k.parenthesized_expression || walk.kind(at) === k.non_null_expression)) at = walk.inner(at);
  if (at < 0) return undefined;
  const kind = walk.kind(at);
  if (kind === k.member_expression) {
    const property = walk.child(at, f.property);
    return describe(walk, walk.child(at, f.object), property < 0 ? '' : walk.text(property), property < 0 ? at : property);
  }
  if (kind === k.subscript_expression) {
    const key = walk.child(at, f.index);
    const name = key < 0 ? undefined : constantString(walk, key);
    if (name !== undefined) return describe(walk, walk.child(at, f.object), name, key);
    const object = walk.object(walk.child(at, f.object));
    walk.read(key);
    const holder = walk.build.exprs[object]?.k;
    return object === 0 || holder === 'this' || holder === 'unknown' ? undefined : { object, name: '', at: key < 0 ? at : key };
  }
  walk.quiet(at);
  return undefined;
}

function describe(walk: Walk, object: number, name: string, at: number): MemberTarget {
  const target = walk.object(object);
  const expr = walk.build.exprs[target];
  const known = expr?.k === 'this' && expr.class !== undefined ? { class: expr.class, ...(expr.static === true ? { static: true } : {}) } : {};
  return { object: target, name, at, ...known };
}

/** Records `target = value` where the target is a member. */
export function assignTo(walk: Walk, node: number, value: ExprIndex): void {
  const target = memberTarget(walk, node);
  if (target !== undefined) recordMember(walk, target, value);
}

/** Kinds of values that a member under an unknown key tells nothing by: tables of numbers are written to in every loop. */
const TELLS_NOTHING: ReadonlySet<string | undefined> = new Set(['unknown', 'literal', 'operator', 'array', 'index', undefined]);

export function recordMember(walk: Walk, target: MemberTarget, value: ExprIndex, definition?: DefinitionIndex, type?: TypeIndex): void {
  if (target.name === '' && TELLS_NOTHING.has(walk.build.exprs[value]?.k)) return;
  walk.assignMember(
    {
      target: target.object, name: target.name, ...(value === 0 ? {} : { value }), ...(type === undefined ? {} : { type }),
      ...(target.class === undefined ? {} : { class: target.class, ...(target.static === true ? { static: true } : {}) }),
      ...(definition === undefined || definition < 0 ? {} : { definition }),
    },
    target.at,
  );
}
