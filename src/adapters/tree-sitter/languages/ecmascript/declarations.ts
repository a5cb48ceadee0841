import type { ClassFacts, DefinitionIndex, ScopeIndex, TypeParameter } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import { heritageType, readClass } from './classes.js';
import { propertyName } from './constants.js';
import { define } from './definitions.js';
import { commentBefore, modifiers } from './documentation.js';
import { readFunction } from './functions.js';
import { MemberTable } from './members.js';
import { readHeritageTypes, readSignatures } from './object-types.js';
import { readTypeParameters } from './parameters.js';
import type { DeclarationContext } from './vocabulary.js';
import type { Walk } from './walk.js';

/** `function f() {}` and its overload signatures. */
export function readFunctionDeclaration(walk: Walk, node: number, context: DeclarationContext): DefinitionIndex {
  const { f } = walk;
  const nameNode = walk.child(node, f.name);
  if (nameNode < 0) {
    walk.anything(node);
    return -1;
  }
  const doc = commentBefore(walk, context.outer);
  const definition = define(walk, {
    kind: 'function', name: walk.text(nameNode), at: nameNode, whole: context.outer, body: walk.child(node, f.body), doc, exported: context.exported || walk.at.ambient,
    modifiers: modifiers(walk, node, context.ambient ? ['declare'] : []),
  });
  const exported = visible(walk, context);
  walk.bind(walk.at.block, nameNode, { kind: 'definition', definition, exported });
  if (walk.sloppy && walk.at.variables !== walk.at.block) walk.bind(walk.at.variables, nameNode, { kind: 'definition', definition });
  const read = readFunction(walk, node, { definition, doc });
  const typeParameters = walk.build.functions[read.function]?.typeParameters;
  const draft = walk.build.definitions[definition];
  if (draft !== undefined && typeParameters !== undefined) draft.typeParameters = typeParameters;
  return definition;
}

function visible(walk: Walk, context: DeclarationContext): boolean {
  return walk.at.namespace >= 0 && (context.exported || walk.at.ambient);
}

export function readClassDeclaration(walk: Walk, node: number, context: DeclarationContext): DefinitionIndex {
  const { f } = walk;
  const nameNode = walk.child(node, f.name);
  if (nameNode < 0) {
    walk.anything(node);
    return -1;
  }
  const doc = commentBefore(walk, context.outer);
  const first = context.decorators[0];
  const definition = define(walk, {
    kind: 'class', name: walk.text(nameNode), at: nameNode, whole: context.outer, ...(first === undefined ? {} : { from: first }), signatureFrom: afterDecorators(walk, node),
    body: walk.child(node, f.body), doc, exported: context.exported || walk.at.ambient, modifiers: modifiers(walk, node, context.ambient ? ['declare'] : []),
  });
  walk.bind(walk.at.block, nameNode, { kind: 'definition', definition, exported: visible(walk, context) });
  readClass(walk, node, definition, doc, context.decorators);
  return definition;
}

function afterDecorators(walk: Walk, node: number): number {
  const end = walk.end(node);
  for (let child = node + 1; child < end; child = walk.end(child)) if (walk.kind(child) !== walk.k.decorator) return child;
  return node;
}

export function readInterface(walk: Walk, node: number, context: DeclarationContext): DefinitionIndex {
  const { f, k, build } = walk;
  const nameNode = walk.child(node, f.name);
  if (nameNode < 0) {
    walk.anything(node);
    return -1;
  }
  const body = walk.child(node, f.body);
  const definition = define(walk, {
    kind: 'interface', name: walk.text(nameNode), at: nameNode, whole: context.outer, body, doc: commentBefore(walk, context.outer), exported: context.exported || walk.at.ambient,
    modifiers: context.ambient ? ['declare'] : [],
  });
  walk.bind(walk.at.block, nameNode, { kind: 'definition', definition, exported: visible(walk, context) });
  inTypeScope(walk, node, definition, (typeParameters) => {
    const scope = build.scope('class', walk.at.scope, definition);
    const facts: Draft<ClassFacts> = { kind: 'interface', definition, scope, extends: [], implements: [], members: [] };
    if (typeParameters !== undefined) facts.typeParameters = typeParameters;
    const index = build.class(facts);
    const draft = build.definitions[definition];
    if (draft !== undefined) draft.class = index;
    const heritage = walk.source.childOfKind(node, k.extends_type_clause);
    if (heritage >= 0) facts.extends.push(...readHeritageTypes(walk, heritage, heritageType));
    const table = new MemberTable(index);
    facts.members = table.list;
    if (body >= 0) walk.within({ scope }, () => readSignatures(walk, body, table, definition));
  });
  return definition;
}

/** Runs `work` as the definition's code, its type parameters bound. */
function inTypeScope(walk: Walk, node: number, definition: DefinitionIndex, work: (typeParameters: TypeParameter[] | undefined) => void): void {
  const generics = walk.child(node, walk.f.type_parameters);
  const scope: ScopeIndex = generics < 0 ? walk.at.scope : walk.build.scope('type', walk.at.scope, definition);
  walk.within({ scope, owner: definition }, () => {
    const typeParameters = readTypeParameters(walk, generics);
    const draft = walk.build.definitions[definition];
    if (draft !== undefined && typeParameters !== undefined) draft.typeParameters = typeParameters;
    work(typeParameters);
  });
}

export function readTypeAlias(walk: Walk, node: number, context: DeclarationContext): DefinitionIndex {
  const { f } = walk;
  const nameNode = walk.child(node, f.name);
  if (nameNode < 0) {
    walk.anything(node);
    return -1;
  }
  const definition = define(walk, {
    kind: 'type', name: walk.text(nameNode), at: nameNode, whole: context.outer, doc: commentBefore(walk, context.outer), exported: context.exported || walk.at.ambient,
    modifiers: context.ambient ? ['declare'] : [],
  });
  walk.bind(walk.at.block, nameNode, { kind: 'definition', definition, exported: visible(walk, context) });
  inTypeScope(walk, node, definition, () => {
    const type = walk.type(walk.child(node, f.value));
    const draft = walk.build.definitions[definition];
    if (draft !== undefined) draft.type = type;
  });
  return definition;
}

/** An enum is a class whose members are static fields of its own type. */
export function readEnum(walk: Walk, node: number, context: DeclarationContext): DefinitionIndex {
  const { f, k, build } = walk;
  const nameNode = walk.child(node, f.name);
  if (nameNode < 0) {
    walk.anything(node);
    return -1;
  }
  const body = walk.child(node, f.body);
  const name = walk.text(nameNode);
  const definition = define(walk, {
    kind: 'enum', name, at: nameNode, whole: context.outer, body, doc: commentBefore(walk, context.outer), exported: context.exported || walk.at.ambient,
    modifiers: modifiers(walk, node, context.ambient ? ['declare'] : []),
  });
  walk.bind(walk.at.block, nameNode, { kind: 'definition', definition, exported: visible(walk, context) });
  const scope = build.scope('class', walk.at.scope, definition);
  const facts: Draft<ClassFacts> = { kind: 'enum', definition, scope, extends: [], implements: [], members: [] };
  const index = build.class(facts);
  const draft = build.definitions[definition];
  if (draft !== undefined) draft.class = index;
  const table = new MemberTable(index);
  facts.members = table.list;
  if (body < 0) return definition;
  const type = build.type({ k: 'ref', path: [name], scope: walk.at.scope });
  walk.within({ scope, owner: definition }, () => {
    const end = walk.end(body);
    for (let child = body + 1; child < end; child = walk.end(child)) {
      if (!walk.counts(child)) continue;
      const assigned = walk.kind(child) === k.enum_assignment;
      const memberName = assigned ? walk.child(child, f.name) : child;
      if (memberName < 0) continue;
      const key = propertyName(walk, memberName);
      const valueNode = assigned ? walk.child(child, f.value) : -1;
      const field = define(walk, { kind: 'field', name: key.written, at: memberName, whole: child, parent: definition, scope, doc: commentBefore(walk, child) });
      // Members are names inside the enum's own initialisers.
      walk.build.bind(scope, key.written, { kind: 'definition', definition: field, constant: true, ...lineAndColumn(walk, memberName) });
      const value = walk.read(valueNode);
      table.add({ name: key.written, kind: 'field', static: true, definition: field, type, value });
    }
  });
  return definition;
}

function lineAndColumn(walk: Walk, node: number): { readonly line: number; readonly column: number } {
  const { line, column } = walk.position(node);
  return { line, column };
}

/** `namespace A.B {}`, `declare module 'x' {}`, `declare global {}`. */
export function readNamespace(walk: Walk, node: number, context: DeclarationContext): DefinitionIndex {
  const { f, k } = walk;
  const nameNode = walk.child(node, f.name);
  const body = walk.child(node, f.body);
  if (nameNode < 0) {
    walk.anything(node);
    return -1;
  }
  const string = walk.kind(nameNode) === k.string;
  const parts = string ? [nameNode] : nameParts(walk, nameNode);
  return nest(walk, parts, 0, { node, body, context, string });
}

/** `declare global { … }`: the block of an ambient declaration. */
export function readGlobal(walk: Walk, node: number, word: number, block: number, context: DeclarationContext): void {
  const definition = define(walk, { kind: 'module', name: 'global', at: word, whole: context.outer, body: block, doc: commentBefore(walk, context.outer), modifiers: ['declare'] });
  readNamespaceBody(walk, definition, block, true);
}

function nameParts(walk: Walk, node: number): number[] {
  const { k, f } = walk;
  const parts: number[] = [];
  let at = node;
  while (at >= 0 && (walk.kind(at) === k.nested_identifier || walk.kind(at) === k.member_expression)) {
    parts.push(walk.child(at, f.property));
    at = walk.child(at, f.object);
  }
  if (at >= 0) parts.push(at);
  return parts.reverse();
}

function nest(walk: Walk, parts: readonly number[], level: number, of: { readonly node: number; readonly body: number; readonly context: DeclarationContext; readonly string: boolean }): DefinitionIndex {
  const at = parts[level] ?? of.node;
  const { context } = of;
  const ambient = walk.at.ambient || context.ambient;
  const name = of.string ? propertyName(walk, at).written : walk.text(at);
  const definition = define(walk, {
    kind: 'module', name, at, whole: context.outer, body: of.body, doc: commentBefore(walk, context.outer), exported: context.exported || walk.at.ambient || level > 0,
    modifiers: context.ambient ? ['declare'] : [],
  });
  if (!of.string) walk.bind(walk.at.block, at, { kind: 'definition', definition, exported: level > 0 || visible(walk, context) });
  if (level + 1 < parts.length) {
    const scope = walk.build.scope('namespace', walk.at.scope, definition);
    const draft = walk.build.definitions[definition];
    if (draft !== undefined) draft.body = scope;
    walk.within({ scope, block: scope, variables: scope, owner: definition, namespace: definition, ambient }, () => nest(walk, parts, level + 1, of));
  } else if (of.body >= 0) readNamespaceBody(walk, definition, of.body, ambient);
  return definition;
}

function readNamespaceBody(walk: Walk, definition: DefinitionIndex, body: number, ambient: boolean): void {
  const scope = walk.build.scope('namespace', walk.at.scope, definition);
  const draft = walk.build.definitions[definition];
  if (draft !== undefined) draft.body = scope;
  walk.within({ scope, block: scope, variables: scope, owner: definition, namespace: definition, ambient, thisClass: -1, thisFunction: -1, function: -1 }, () => walk.rules.block(walk, body));
}
