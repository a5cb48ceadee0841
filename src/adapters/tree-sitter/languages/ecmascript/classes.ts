import type { ClassFacts, ClassIndex, DefinitionIndex, ExprIndex, Heritage } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import { propertyName } from './constants.js';
import { readDecorator } from './decorators.js';
import { define } from './definitions.js';
import { commentBefore, modifiers } from './documentation.js';
import { readFunction, type ReadFunction } from './functions.js';
import { docTypeBefore, readClassDoc } from './jsdoc.js';
import { MemberTable } from './members.js';
import { readHeritageTypes, readIndexSignature } from './object-types.js';
import { readTypeParameters } from './parameters.js';
import { readNamedType } from './types.js';
import { heldFunction, heldObjects } from './values.js';
import type { ExpressionRule } from './vocabulary.js';
import type { Walk } from './walk.js';

/** How many levels of nesting a class counts for; see {@link Walk.deepen}. */
const CLASS_LEVELS = 4;

export const classExpressions: ReadonlyMap<string, ExpressionRule> = new Map<string, ExpressionRule>([['class', classValue]]);

function classValue(walk: Walk, node: number): ExprIndex {
  const nameNode = walk.child(node, walk.f.name);
  let definition = walk.holders.get(node) ?? -1;
  if (definition < 0 && nameNode >= 0) {
    definition = define(walk, { kind: 'class', name: walk.text(nameNode), at: nameNode, whole: node, body: walk.child(node, walk.f.body), modifiers: modifiers(walk, node), doc: commentBefore(walk, node) });
  }
  return walk.build.expr({ k: 'class', class: readClass(walk, node, definition, commentBefore(walk, node)) });
}

/** Reads a class whose definition, if it has one, is made already. `before`: decorators that stand outside the node. */
export function readClass(walk: Walk, node: number, definition: DefinitionIndex, doc: number, before: readonly number[] = []): ClassIndex {
  const { k, f, build } = walk;
  const saved = walk.at;
  walk.deepen(CLASS_LEVELS);
  const owner = definition >= 0 ? definition : saved.owner;
  const decorators: ExprIndex[] = [];
  walk.at = { ...saved, owner };
  for (const decorator of before) decorators.push(readDecorator(walk, decorator));
  const end = walk.end(node);
  for (let child = node + 1; child < end; child = walk.end(child)) if (walk.kind(child) === k.decorator) decorators.push(readDecorator(walk, child));
  const generics = walk.child(node, f.type_parameters);
  const documented = walk.javascript && doc >= 0 ? readClassDoc(walk, doc) : undefined;
  let around = saved.scope;
  if (generics >= 0 || (documented !== undefined && documented.templates.length > 0)) around = build.scope('type', around, owner);
  const scope = build.scope('class', around, owner);
  const facts: Draft<ClassFacts> = { kind: 'class', definition, scope, extends: [], implements: [], members: [] };
  const index = build.class(facts);
  const draft = build.definitions[definition];
  if (draft !== undefined) draft.class = index;
  if (decorators.length > 0) {
    facts.decorators = decorators;
    if (draft !== undefined) draft.decorators = [...decorators];
  }
  walk.at = { ...saved, owner, scope: around };
  const typeParameters = generics >= 0 ? readTypeParameters(walk, generics) : documented?.declareTemplates(walk);
  if (typeParameters !== undefined && typeParameters.length > 0) {
    facts.typeParameters = typeParameters;
    if (draft !== undefined) draft.typeParameters = typeParameters;
  }
  readHeritage(walk, node, facts);
  documented?.heritage(walk, facts);
  const nameNode = walk.child(node, f.name);
  if (nameNode >= 0 && definition >= 0 && walk.kind(node) === k.class) walk.bind(scope, nameNode, { kind: 'definition', definition, constant: true });
  const table = new MemberTable(index);
  facts.members = table.list;
  walk.at = { ...saved, owner, scope, block: scope, variables: scope, function: -1, thisFunction: -1, thisClass: index, thisStatic: false, namespace: -1, ambient: false };
  const body = walk.child(node, f.body);
  if (walk.javascript && body >= 0) walk.knownMembers.set(index, declaredNames(walk, body));
  if (body >= 0) readBody(walk, body, table, definition >= 0 ? definition : saved.owner);
  walk.at = saved;
  walk.deepen(-CLASS_LEVELS);
  return index;
}

function readHeritage(walk: Walk, node: number, facts: Draft<ClassFacts>): void {
  const { k } = walk;
  const clauses = walk.source.childOfKind(node, k.class_heritage);
  if (clauses < 0) return;
  const end = walk.end(clauses);
  let bare = true;
  for (let child = clauses + 1; child < end; child = walk.end(child)) {
    const kind = walk.kind(child);
    if (kind === k.extends_clause) {
      bare = false;
      const base = walk.child(child, walk.f.value);
      if (base >= 0) facts.extends.push(baseOf(walk, base, walk.typeArguments(child)));
    } else if (kind === k.implements_clause) {
      bare = false;
      facts.implements.push(...readHeritageTypes(walk, child, heritageType));
    }
  }
  const base = bare ? walk.inner(clauses) : -1;
  if (base >= 0) facts.extends.push(baseOf(walk, base, undefined));
}

export function heritageType(walk: Walk, node: number): number {
  const { k } = walk;
  const kind = walk.kind(node);
  return kind === k.type_identifier || kind === k.nested_type_identifier || kind === k.generic_type ? readNamedType(walk, node, false) : walk.type(node);
}

function baseOf(walk: Walk, node: number, typeArguments: readonly number[] | undefined): Heritage {
  const { line, column } = walk.position(node);
  const expr = walk.read(node);
  return { expr, ...(typeArguments === undefined ? {} : { typeArguments }), line, column };
}

/** The names that a class body declares, before any of it is read. */
function declaredNames(walk: Walk, body: number): Set<string> {
  const { f } = walk;
  const names = new Set<string>();
  for (const member of walk.source.namedChildren(body)) {
    const name = walk.child(member, f.name) >= 0 ? walk.child(member, f.name) : walk.child(member, f.property);
    if (name >= 0) names.add(walk.source.text(name));
  }
  return names;
}

function readBody(walk: Walk, body: number, table: MemberTable, parent: DefinitionIndex): void {
  const { k } = walk;
  const end = walk.end(body);
  let decorators: number[] = [];
  for (let child = body + 1; child < end; child = walk.end(child)) {
    const kind = walk.kind(child);
    if (kind === k.decorator) {
      decorators.push(child);
      continue;
    }
    if (!walk.counts(child)) continue;
    if (kind === k.method_definition || kind === k.method_signature || kind === k.abstract_method_signature) readMethod(walk, child, table, parent, decorators);
    else if (kind === k.public_field_definition || kind === k.field_definition) readField(walk, child, table, parent);
    else if (kind === k.class_static_block) {
      const block = walk.child(child, walk.f.body);
      const scope = walk.build.scope('function', walk.at.scope, walk.at.owner);
      if (block >= 0) walk.within({ scope, block: scope, variables: scope, thisStatic: true, local: true }, () => walk.rules.block(walk, block));
    } else if (kind === k.index_signature) readIndexSignature(walk, child, table);
    else walk.anything(child);
    decorators = [];
  }
}

function readMethod(walk: Walk, node: number, table: MemberTable, parent: DefinitionIndex, before: readonly number[]): void {
  const { k, f, build } = walk;
  const nameNode = walk.child(node, f.name);
  if (nameNode < 0) {
    walk.anything(node);
    return;
  }
  const key = propertyName(walk, nameNode);
  const marks = modifiers(walk, node);
  const isStatic = marks.includes('static');
  const constructor = key.written === 'constructor' && !isStatic && walk.kind(nameNode) === k.property_identifier;
  const accessor = marks.includes('getter') || marks.includes('setter');
  const from = before[0];
  const doc = commentBefore(walk, from ?? node);
  const body = walk.child(node, f.body);
  const definition = define(walk, {
    kind: constructor ? 'constructor' : 'method', name: key.written, at: nameNode, whole: node, ...(from === undefined ? {} : { from }), signatureFrom: signatureStart(walk, node),
    body, parent, scope: walk.at.scope, modifiers: marks, doc,
  });
  const decorators: ExprIndex[] = [];
  walk.within({ owner: definition }, () => {
    for (const decorator of before) decorators.push(readDecorator(walk, decorator));
    const end = walk.end(node);
    for (let child = node + 1; child < end; child = walk.end(child)) if (walk.kind(child) === k.decorator) decorators.push(readDecorator(walk, child));
  });
  const draft = build.definitions[definition];
  if (draft !== undefined && decorators.length > 0) draft.decorators = decorators;
  const read = readFunction(walk, node, { definition, member: { class: table.class, static: isStatic }, doc });
  table.add({
    name: key.written, kind: constructor ? 'constructor' : accessor ? 'property' : 'method', static: isStatic, optional: marks.includes('optional'), definition,
    function: read.function, decorators, ...(marks.includes('setter') ? { setter: true, type: read.parameters.parameters[0]?.type } : {}),
  });
  if (constructor) addParameterProperties(walk, read, table, parent);
}

/** Decorators inside the node are not part of the signature. */
function signatureStart(walk: Walk, node: number): number {
  const end = walk.end(node);
  for (let child = node + 1; child < end; child = walk.end(child)) if (walk.kind(child) !== walk.k.decorator) return child;
  return node;
}

function addParameterProperties(walk: Walk, read: ReadFunction, table: MemberTable, parent: DefinitionIndex): void {
  for (const { node, name, parameter, value } of read.parameters.properties) {
    const marks = [...modifiers(walk, node), 'property'].sort();
    const definition = define(walk, { kind: 'field', name: walk.text(name), at: name, whole: node, parent, scope: walk.at.scope, modifiers: marks, type: parameter.type });
    table.add({ name: walk.text(name), kind: 'field', static: false, definition, type: parameter.type, value, optional: walk.kind(node) === walk.k.optional_parameter });
  }
}

function readField(walk: Walk, node: number, table: MemberTable, parent: DefinitionIndex): void {
  const { k, f, build } = walk;
  let nameNode = walk.child(node, f.name);
  if (nameNode < 0) nameNode = walk.child(node, f.property);
  if (nameNode < 0) {
    walk.anything(node);
    return;
  }
  const key = propertyName(walk, nameNode);
  const marks = modifiers(walk, node);
  const isStatic = marks.includes('static');
  const decorators: ExprIndex[] = [];
  const doc = commentBefore(walk, node);
  let type = walk.annotation(walk.child(node, f.type));
  if (type === undefined && walk.javascript && doc >= 0) type = docTypeBefore(walk, doc);
  const valueNode = walk.child(node, f.value);
  const held = heldFunction(walk, valueNode);
  const functionNode = held?.node ?? -1;
  const definition = define(walk, {
    kind: functionNode >= 0 ? 'method' : 'field', name: key.written, at: nameNode, whole: node, signatureFrom: signatureStart(walk, node),
    body: functionNode >= 0 ? walk.child(functionNode, f.body) : valueNode, parent, scope: walk.at.scope, modifiers: marks, type, doc,
  });
  const end = walk.end(node);
  for (let child = node + 1; child < end; child = walk.end(child)) if (walk.kind(child) === k.decorator) decorators.push(readDecorator(walk, child));
  const draft = build.definitions[definition];
  if (draft !== undefined && decorators.length > 0) draft.decorators = decorators;
  if (functionNode >= 0) walk.functionNotes.set(functionNode, { definition, contextType: type, member: { class: table.class, static: isStatic }, doc, wrapped: held?.wrapped === true });
  else for (const literal of heldObjects(walk, valueNode)) walk.holders.set(literal, definition);
  let value: ExprIndex = 0;
  walk.within({ thisStatic: isStatic, local: true }, () => {
    value = walk.read(valueNode);
  });
  const expr = build.exprs[value];
  const direct = functionNode >= 0 && expr?.k === 'function' ? expr.function : undefined;
  table.add({
    name: key.written, kind: direct === undefined ? 'field' : 'method', static: isStatic, optional: marks.includes('optional'), definition, type, value, decorators,
    ...(direct === undefined ? {} : { function: direct }),
  });
}
