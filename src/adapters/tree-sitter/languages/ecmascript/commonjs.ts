import type { DefinitionIndex, ExprIndex, TypeIndex } from '../../../../domain/file-facts.js';
import { memberTarget, recordMember, type MemberTarget } from './assignments.js';
import { define } from './definitions.js';
import { commentBefore, modifiers } from './documentation.js';
import { assignValue } from './expressions.js';
import { exportTarget, type ExportTarget } from './export-target.js';
import { docTypeBefore } from './jsdoc.js';
import { valueDefinition } from './modules.js';
import { isFunction, unwrapped } from './values.js';
import type { ExpressionRule } from './vocabulary.js';
import type { Walk } from './walk.js';

export const assignmentExpressions: ReadonlyMap<string, ExpressionRule> = new Map<string, ExpressionRule>([['assignment_expression', assignment]]);

/** Names that one function is given at once: beyond, it is generated code. */
const LONGEST_CHAIN = 50;

/** `target = value`, and what it means for the module: `module.exports = …`, `exports.a = …`, `C.prototype.m = function …`, `this.x = …`. */
function assignment(walk: Walk, node: number): ExprIndex {
  const { k, f } = walk;
  const left = walk.child(node, f.left);
  const right = walk.child(node, f.right);
  if (left < 0 || right < 0) {
    walk.anything(node);
    return 0;
  }
  const target = unwrapped(walk, left);
  const kind = target < 0 ? -1 : walk.kind(target);
  // `exports = module.exports = …` only renames the export object.
  if (kind === k.identifier && walk.isCommonJsName(target, 'exports')) return walk.read(right);
  if (kind !== k.member_expression && kind !== k.subscript_expression) {
    const value = walk.read(right);
    if (kind === k.identifier) walk.assigned.set(node, value);
    assignValue(walk, left, value);
    return value;
  }
  const exported = exportTarget(walk, target);
  if (exported?.kind === 'module') return assignModule(walk, node, right);
  const member = memberTarget(walk, target);
  let definition = member === undefined || member.name === '' ? -1 : defineAssigned(walk, { node, right, member, exported });
  if (member !== undefined && member.name !== '' && definition < 0) definition = defineField(walk, node, right, member);
  const value = walk.read(right);
  if (member === undefined) return value;
  shareFunction(walk, definition, value);
  recordMember(walk, member, value, definition, documentedType(walk, node));
  if (exported !== undefined) recordExport(walk, node, exported.name, value, definition);
  return value;
}

/** The outer names of a chain of assignments define the same function or class as the innermost. */
function shareFunction(walk: Walk, definition: DefinitionIndex, value: ExprIndex): void {
  const draft = walk.build.definitions[definition];
  const expr = walk.build.exprs[value];
  if (draft === undefined) return;
  if (expr?.k === 'function') draft.function ??= expr.function;
  else if (expr?.k === 'class') draft.class ??= expr.class;
}

function assignModule(walk: Walk, node: number, right: number): ExprIndex {
  walk.requires = true;
  const definition = valueDefinition(walk, node, right);
  const value = walk.read(right);
  walk.build.exports.push({ kind: 'assign', value, ...(definition < 0 ? {} : { definition }), line: walk.position(node).line });
  return value;
}

function recordExport(walk: Walk, node: number, name: string, value: ExprIndex, definition: DefinitionIndex): void {
  walk.requires = true;
  const expr = walk.build.exprs[value];
  // `exports.a = void 0` announces what is assigned further down; `__esModule` is a mark.
  if (name === '__esModule' || (expr?.k === 'operator' && expr.operator === 'void')) return;
  walk.build.exports.push({ kind: 'value', name, value, commonjs: true, ...(definition < 0 ? {} : { definition }), line: walk.position(node).line });
}

/**
 * A function or class assigned to a member is a definition named by the member; in `a.x = a.y = function …` each name is one. TypeScript declares its members
 * elsewhere, save those that are added to a function or class of the file.
 */
function defineAssigned(walk: Walk, of: { readonly node: number; readonly right: number; readonly member: MemberTarget; readonly exported: ExportTarget | undefined }): DefinitionIndex {
  const { k, f } = walk;
  const direct = unwrapped(walk, of.right);
  let inner = direct;
  for (let names = 0; inner >= 0 && names < LONGEST_CHAIN && walk.kind(inner) === k.assignment_expression; names++) inner = unwrapped(walk, walk.child(inner, f.right));
  const isClass = inner >= 0 && walk.kind(inner) === k.class;
  if (!isClass && !isFunction(walk, inner)) return -1;
  if (of.exported === undefined && (declared(walk, of.member) || addsToLocal(walk, of.member))) return -1;
  const parent = of.exported === undefined ? parentOf(walk, of.member) : walk.at.owner;
  if (!walk.javascript && of.exported === undefined && !addsToDefinition(walk, of.member)) return -1;
  const doc = commentBefore(walk, of.node);
  const definition = define(walk, {
    kind: isClass ? 'class' : of.exported === undefined ? 'method' : 'function', name: of.member.name, at: of.member.at, whole: of.node, body: walk.child(inner, f.body),
    parent, modifiers: modifiers(walk, inner), doc, exported: of.exported !== undefined,
  });
  if (inner !== direct) return definition;
  if (isClass) walk.holders.set(inner, definition);
  else walk.functionNotes.set(inner, { ...walk.functionNotes.get(inner), definition, doc });
  return definition;
}

/** JavaScript's fields may be declared by nothing but their first assignment in a member of the class. */
function defineField(walk: Walk, node: number, right: number, member: MemberTarget): DefinitionIndex {
  const known = member.class === undefined ? undefined : walk.knownMembers.get(member.class);
  const parent = member.class === undefined ? -1 : (walk.build.classes[member.class]?.definition ?? -1);
  if (known === undefined || known.has(member.name) || parent < 0) return -1;
  known.add(member.name);
  return define(walk, {
    kind: 'field', name: member.name, at: member.at, whole: node, body: right, parent, scope: walk.build.classes[member.class ?? 0]?.scope ?? 0, doc: commentBefore(walk, node),
    modifiers: member.static === true ? ['static'] : [],
  });
}

function documentedType(walk: Walk, node: number): TypeIndex | undefined {
  const doc = walk.javascript ? commentBefore(walk, node) : -1;
  return doc < 0 ? undefined : docTypeBefore(walk, doc);
}

/** Whether the class of `this` declares the member, or has been given it: assigning to it defines nothing. Else it is known from here on. */
function declared(walk: Walk, member: MemberTarget): boolean {
  const known = member.class === undefined ? undefined : walk.knownMembers.get(member.class);
  if (known === undefined || (walk.build.classes[member.class ?? 0]?.definition ?? -1) < 0) return false;
  if (known.has(member.name)) return true;
  known.add(member.name);
  return false;
}

/** Whether the member is one of a variable within a function: what is made there at run time, time and again, is code of that function. */
function addsToLocal(walk: Walk, member: MemberTarget): boolean {
  let object = walk.build.exprs[member.object];
  while (object?.k === 'member' && object.name !== 'prototype') object = walk.build.exprs[object.object];
  if (object?.k !== 'name') return false;
  for (let scope = walk.build.lookup(object.scope, object.name)?.scope ?? -1; scope >= 0; scope = walk.build.scopes[scope]?.parent ?? -1) {
    if (walk.build.scopes[scope]?.kind === 'function' && !walk.wrappers.has(scope)) return true;
  }
  return false;
}

/** Whether the member is one of a function or class that this file defines: `f.x = …`, `C.prototype.m = …`. */
function addsToDefinition(walk: Walk, member: MemberTarget): boolean {
  let object = walk.build.exprs[member.object];
  if (object?.k === 'member' && object.name === 'prototype') object = walk.build.exprs[object.object];
  if (object?.k !== 'name') return false;
  const definitions = walk.build.lookup(object.scope, object.name)?.binding.definitions ?? [];
  return definitions.some((index) => ['function', 'class'].includes(walk.build.definitions[index]?.kind ?? ''));
}

/** The definition that an assigned method belongs to: the class of `this`, the function that `this` is made by, or what `C` or `C.prototype` names. */
function parentOf(walk: Walk, member: MemberTarget): DefinitionIndex {
  const { build, at } = walk;
  if (member.class !== undefined) {
    const definition = build.classes[member.class]?.definition ?? -1;
    return definition >= 0 ? definition : at.owner;
  }
  let object = build.exprs[member.object];
  if (object?.k === 'this' && object.function !== undefined) {
    const definition = build.functions[object.function]?.definition ?? -1;
    return definition >= 0 ? definition : at.owner;
  }
  if (object?.k === 'member' && object.name === 'prototype') object = build.exprs[object.object];
  if (object?.k !== 'name') return at.owner;
  return build.lookup(object.scope, object.name)?.binding.definitions?.[0] ?? at.owner;
}
