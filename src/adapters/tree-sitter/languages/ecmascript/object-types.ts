import type { ClassFacts, DefinitionIndex, Heritage, TypeIndex } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import { propertyName } from './constants.js';
import { define } from './definitions.js';
import { commentBefore, modifiers } from './documentation.js';
import { readFunction } from './functions.js';
import { MemberTable } from './members.js';
import type { Walk } from './walk.js';

/** `{ a: string; m(): void; [k: string]: T }` as a type: a class without a name. A mapped type over the keys of a type is that type. */
export function readObjectType(walk: Walk, node: number): TypeIndex {
  const mapped = mappedClause(walk, node);
  if (mapped >= 0) return readMapped(walk, node, mapped);
  const scope = walk.build.scope('class', walk.at.scope, walk.at.owner);
  const facts: Draft<ClassFacts> = { kind: 'type-literal', definition: -1, scope, extends: [], implements: [], members: [] };
  const index = walk.build.class(facts);
  const table = new MemberTable(index);
  facts.members = table.list;
  walk.within({ scope }, () => readSignatures(walk, node, table, undefined));
  return walk.build.type({ k: 'object', class: index });
}

/** Reads the body of an interface or object type. `parent`: the definition whose members become definitions; undefined for none. */
export function readSignatures(walk: Walk, body: number, table: MemberTable, parent: DefinitionIndex | undefined): void {
  const { k } = walk;
  const end = walk.end(body);
  for (let child = body + 1; child < end; child = walk.end(child)) {
    if (!walk.counts(child)) continue;
    const kind = walk.kind(child);
    if (kind === k.property_signature) readProperty(walk, child, table, parent);
    else if (kind === k.method_signature) readMethodSignature(walk, child, table, parent);
    else if (kind === k.call_signature) table.add({ name: '', kind: 'call', static: false, function: readFunction(walk, child, { definition: -1 }).function });
    else if (kind === k.construct_signature) table.add({ name: '', kind: 'construct', static: false, function: readFunction(walk, child, { definition: -1 }).function });
    else if (kind === k.index_signature) readIndexSignature(walk, child, table);
    else walk.anything(child);
  }
}

function readProperty(walk: Walk, node: number, table: MemberTable, parent: DefinitionIndex | undefined): void {
  const { f } = walk;
  const nameNode = walk.child(node, f.name);
  const key = propertyName(walk, nameNode);
  const marks = modifiers(walk, node);
  const type = walk.annotation(walk.child(node, f.type));
  const definition = parent === undefined || nameNode < 0 ? -1 : define(walk, { kind: 'field', name: key.written, at: nameNode, whole: node, parent, scope: walk.at.scope, modifiers: marks, type, doc: commentBefore(walk, node) });
  table.add({ name: key.written, kind: 'field', static: false, optional: marks.includes('optional'), definition, type });
}

function readMethodSignature(walk: Walk, node: number, table: MemberTable, parent: DefinitionIndex | undefined): void {
  const nameNode = walk.child(node, walk.f.name);
  const key = propertyName(walk, nameNode);
  const marks = modifiers(walk, node);
  const accessor = marks.includes('getter') || marks.includes('setter');
  const definition = parent === undefined || nameNode < 0 ? -1 : define(walk, { kind: 'method', name: key.written, at: nameNode, whole: node, parent, scope: walk.at.scope, modifiers: marks, doc: commentBefore(walk, node) });
  const read = readFunction(walk, node, { definition, owner: definition >= 0 ? definition : walk.at.owner, member: { class: table.class, static: false } });
  table.add({
    name: key.written, kind: accessor ? 'property' : 'method', static: false, optional: marks.includes('optional'), definition, function: read.function,
    ...(marks.includes('setter') ? { setter: true, type: read.parameters.parameters[0]?.type } : {}),
  });
}

export function readIndexSignature(walk: Walk, node: number, table: MemberTable): void {
  const key = walk.child(node, walk.f.index_type);
  if (key >= 0) walk.type(key);
  table.add({ name: '', kind: 'index', static: false, type: signatureType(walk, node) });
}

function signatureType(walk: Walk, node: number): TypeIndex | undefined {
  const annotation = walk.child(node, walk.f.type);
  const inner = annotation < 0 ? -1 : walk.inner(annotation);
  return inner < 0 ? undefined : walk.type(inner);
}

function mappedClause(walk: Walk, node: number): number {
  const signature = walk.source.childOfKind(node, walk.k.index_signature);
  return signature < 0 ? -1 : walk.source.childOfKind(signature, walk.k.mapped_type_clause);
}

/** `{ [K in keyof T]: T[K] }` has T's members with T's types; any other mapped type is an index signature as far as values go. */
function readMapped(walk: Walk, node: number, clause: number): TypeIndex {
  const { f, k, build } = walk;
  const signature = walk.nodes.parent[clause] ?? node;
  const name = walk.child(clause, f.name);
  const keys = walk.child(clause, f.type);
  const around = build.scope('type', walk.at.scope, walk.at.owner);
  if (name >= 0) walk.bind(around, name, { kind: 'type-parameter' });
  let result: TypeIndex = 0;
  walk.within({ scope: around }, () => {
    walk.type(keys);
    const alias = walk.child(clause, f.alias);
    if (alias >= 0) walk.type(alias);
    const scope = build.scope('class', walk.at.scope, walk.at.owner);
    const value = signatureType(walk, signature);
    const same = value === undefined ? undefined : build.types[value];
    const source = keys >= 0 && walk.kind(keys) === k.index_type_query ? walk.inner(keys) : -1;
    if (alias < 0 && source >= 0 && same?.k === 'index' && same.key === undefined && build.types[same.object]?.k === 'ref' && walk.source.text(source) === lookupObject(walk, signature)) {
      result = same.object;
      return;
    }
    const facts: Draft<ClassFacts> = { kind: 'type-literal', definition: -1, scope, extends: [], implements: [], members: [] };
    const index = build.class(facts);
    const table = new MemberTable(index);
    table.add({ name: '', kind: 'index', static: false, type: value });
    facts.members = table.list;
    result = build.type({ k: 'object', class: index });
  });
  return result;
}

function lookupObject(walk: Walk, signature: number): string {
  const annotation = walk.child(signature, walk.f.type);
  const looked = annotation < 0 ? -1 : walk.inner(annotation);
  const object = looked < 0 || walk.kind(looked) !== walk.k.lookup_type ? -1 : walk.inner(looked);
  return object < 0 ? '' : walk.source.text(object);
}

/** `interface A<T> extends B, C<T> { … }`, its definition made already. */
export function readHeritageTypes(walk: Walk, clause: number, read: (walk: Walk, node: number) => TypeIndex): Heritage[] {
  const found: Heritage[] = [];
  const end = walk.end(clause);
  for (let child = clause + 1; child < end; child = walk.end(child)) {
    if (!walk.counts(child)) continue;
    const { line, column } = walk.position(child);
    found.push({ type: read(walk, child), line, column });
  }
  return found;
}
