import type { DefinitionIndex, ExprIndex, FunctionIndex, Member, TypeIndex } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import type { ClassContext, Walk } from './walk.js';

export interface MemberSource {
  readonly kind: Member['kind'];
  readonly static?: boolean | undefined;
  readonly definition?: DefinitionIndex | undefined;
  readonly function?: FunctionIndex | undefined;
  readonly value?: ExprIndex | undefined;
  readonly type?: TypeIndex | undefined;
  readonly decorators?: readonly ExprIndex[] | undefined;
}

/** Adds one declaration to a class's member of that name; overloads, accessors and repeated assignments are one member. */
export function recordMember(context: ClassContext | undefined, name: string, source: MemberSource): void {
  if (context === undefined) return;
  const key = (source.static === true ? 's' : 'i') + name;
  let member: Draft<Member> | undefined = context.members.get(key);
  if (member === undefined) {
    member = { name, kind: source.kind, definitions: [] };
    if (source.static === true) member.static = true;
    context.members.set(key, member);
    // The same object under its read-only face: later declarations still add to it.
    context.facts.members.push(member as Member);
  }
  if (source.definition !== undefined) member.definitions.push(source.definition);
  if (source.function !== undefined) (member.functions ??= []).push(source.function);
  if (source.value !== undefined) (member.values ??= []).push(source.value);
  if (source.type !== undefined) member.type ??= source.type;
  if (source.decorators !== undefined && source.decorators.length > 0) (member.decorators ??= []).push(...source.decorators);
}

/** The names that a class body binds, also within its conditional and other compound statements. */
export function classBodyNames(w: Walk, body: number): Set<string> {
  const { kind } = w.syntax;
  const names = new Set<string>();
  const end = w.next[body] ?? 0;
  for (let node = body + 1; node < end; ) {
    const k = w.kind[node];
    if (k === kind.function_definition || k === kind.class_definition) {
      const name = w.child(node, 'name');
      if (name >= 0) names.add(w.text(name));
      node = w.next[node] ?? end;
    } else if (k === kind.assignment || k === kind.augmented_assignment) {
      targetNames(w, w.child(node, 'left'), names);
      const right = w.child(node, 'right');
      node = right >= 0 && w.kind[right] === kind.assignment ? right : w.next[node] ?? end;
    } else if (k === kind.call || k === kind.string || k === kind.decorator) node = w.next[node] ?? end;
    else node++;
  }
  return names;
}

function targetNames(w: Walk, target: number, names: Set<string>): void {
  const { kind } = w.syntax;
  if (target < 0) return;
  const end = w.next[target] ?? 0;
  for (let node = target; node < end; ) {
    const k = w.kind[node];
    if (k === kind.identifier) names.add(w.text(node));
    node = k === kind.attribute || k === kind.subscript ? w.next[node] ?? end : node + 1;
  }
}
