import type { ExprIndex, ImportIndex, TypeExpr, TypeIndex } from '../../../../domain/file-facts.js';
import { constantString } from './constants.js';
import { readFunction } from './functions.js';
import { addTypeImport } from './import-facts.js';
import { readObjectType } from './object-types.js';
import type { Walk } from './walk.js';

/** Reads a type, or an annotation or clause around one. Anything that the vocabulary cannot say is read for what it names and gives the opaque type. */
export function readType(walk: Walk, node: number): TypeIndex {
  const { k, build } = walk;
  switch (walk.kind(node)) {
    case k.type_annotation: case k.parenthesized_type: case k.readonly_type: case k.constraint: case k.default_type: case k.type_predicate_annotation:
    case k.asserts_annotation: case k.optional_type: case k.rest_type: case k.flow_maybe_type:
      return innerType(walk, node);
    case k.predefined_type: {
      const name = walk.source.text(node);
      return name === 'unique symbol' || name.startsWith('unique') ? 0 : walk.predefined(name);
    }
    case k.type_identifier: case k.identifier: case k.nested_type_identifier: case k.nested_identifier: case k.generic_type:
      return readNamedType(walk, node, true);
    case k.union_type: return build.type({ k: 'union', of: operands(walk, node, k.union_type) });
    case k.intersection_type: return build.type({ k: 'intersection', of: operands(walk, node, k.intersection_type) });
    case k.array_type: return build.type({ k: 'array', element: innerType(walk, node) });
    case k.tuple_type: return build.type({ k: 'tuple', elements: tupleElements(walk, node) });
    case k.function_type: return build.type({ k: 'function', function: readFunction(walk, node, { definition: -1 }).function });
    case k.constructor_type: return build.type({ k: 'function', function: readFunction(walk, node, { definition: -1 }).function, constructs: true });
    case k.object_type: return readObjectType(walk, node);
    case k.literal_type: return literalType(walk, node);
    case k.this_type: case k.this: return build.type({ k: 'this' });
    case k.type_query: return typeQuery(walk, node);
    case k.lookup_type: return lookup(walk, node);
    case k.type_predicate: return predicate(walk, node);
    case k.asserts: return asserts(walk, node);
    case k.conditional_type: return conditional(walk, node);
    case k.infer_type: return infer(walk, node);
    case k.member_expression: case k.call_expression: return importType(walk, node) ?? 0;
    default:
      typesWithin(walk, node);
      return 0;
  }
}

function innerType(walk: Walk, node: number): TypeIndex {
  const inner = walk.inner(node);
  return inner < 0 ? 0 : walk.type(inner);
}

function typesWithin(walk: Walk, node: number): void {
  const end = walk.end(node);
  for (let child = node + 1; child < end; child = walk.end(child)) {
    if (!walk.counts(child)) continue;
    const kind = walk.kind(child);
    if (kind !== walk.k.string_fragment && kind !== walk.k.escape_sequence) walk.type(child);
  }
}

/** A name with its arguments. `mentioned`: record that it is used as a type (heritage is recorded with its class instead). */
export function readNamedType(walk: Walk, node: number, mentioned: boolean): TypeIndex {
  const { k, f, build } = walk;
  const generic = walk.kind(node) === k.generic_type;
  const nameNode = generic ? walk.child(node, f.name) : node;
  if (nameNode < 0) return 0;
  const path = dotted(walk, nameNode);
  if (path.length === 0) return 0;
  const given = generic ? walk.typeArguments(node) : undefined;
  const type = build.type({ k: 'ref', path, scope: walk.at.scope, ...(given === undefined ? {} : { arguments: given }) });
  if (mentioned) mention(walk, type, nameNode, path[0] ?? '');
  return type;
}

function mention(walk: Walk, type: TypeIndex, nameNode: number, root: string): void {
  if (walk.build.lookup(walk.at.scope, root)?.binding.kind === 'type-parameter') return;
  const last = lastName(walk, nameNode);
  walk.build.typeReferences.push({ type, owner: walk.at.owner, at: walk.position(last) });
}

function lastName(walk: Walk, node: number): number {
  const { k, f } = walk;
  const kind = walk.kind(node);
  if (kind !== k.nested_type_identifier && kind !== k.nested_identifier && kind !== k.member_expression) return node;
  const name = walk.child(node, kind === k.nested_type_identifier ? f.name : f.property);
  return name < 0 ? node : name;
}

/** `A.B.C` as its names. */
export function dotted(walk: Walk, node: number): string[] {
  const { k, f } = walk;
  const path: string[] = [];
  let at = node;
  while (at >= 0) {
    const kind = walk.kind(at);
    if (kind === k.nested_type_identifier) {
      path.push(walk.text(walk.child(at, f.name)));
      at = walk.child(at, f.module);
    } else if (kind === k.nested_identifier || kind === k.member_expression) {
      path.push(walk.text(walk.child(at, f.property)));
      at = walk.child(at, f.object);
    } else {
      path.push(walk.text(at));
      break;
    }
  }
  return path.reverse();
}

/** `A | B | C` nests to the left: gathered in a loop. */
function operands(walk: Walk, node: number, kind: number): TypeIndex[] {
  const parts: number[] = [];
  let at = node;
  for (;;) {
    const end = walk.end(at);
    const here: number[] = [];
    for (let child = at + 1; child < end; child = walk.end(child)) if (walk.counts(child)) here.push(child);
    const first = here[0];
    if (first !== undefined && walk.kind(first) === kind) {
      parts.push(...here.slice(1).reverse());
      at = first;
    } else {
      parts.push(...here.reverse());
      break;
    }
  }
  return parts.reverse().map((part) => walk.type(part));
}

function tupleElements(walk: Walk, node: number): TypeIndex[] {
  const { k, f } = walk;
  const elements: TypeIndex[] = [];
  const end = walk.end(node);
  for (let child = node + 1; child < end; child = walk.end(child)) {
    if (!walk.counts(child)) continue;
    const kind = walk.kind(child);
    elements.push(kind === k.required_parameter || kind === k.optional_parameter ? (walk.annotation(walk.child(child, f.type)) ?? 0) : walk.type(child));
  }
  return elements;
}

function literalType(walk: Walk, node: number): TypeIndex {
  const { k, build } = walk;
  const inner = walk.inner(node);
  if (inner < 0) return 0;
  const kind = walk.kind(inner);
  const text = constantString(walk, inner) ?? walk.text(inner);
  const type = kind === k.string ? 'string' : kind === k.null ? 'null' : kind === k.undefined ? 'undefined' : text === 'true' || text === 'false' ? 'boolean' : 'number';
  return build.type({ k: 'literal', type, value: text });
}

function typeQuery(walk: Walk, node: number): TypeIndex {
  const { k } = walk;
  const inner = walk.inner(node);
  if (inner < 0) return 0;
  const module = importPath(walk, inner);
  if (module !== undefined) {
    let expr: ExprIndex = walk.build.expr({ k: 'import', import: module.import });
    for (const name of module.path) expr = walk.member(expr, name);
    return walk.build.type({ k: 'typeof', expr });
  }
  const target = walk.kind(inner) === k.instantiation_expression ? walk.child(inner, walk.f.function) : inner;
  if (walk.kind(inner) === k.instantiation_expression) walk.typeArguments(inner);
  const expr = walk.read(target < 0 ? inner : target);
  return expr === 0 ? 0 : walk.build.type({ k: 'typeof', expr });
}

function lookup(walk: Walk, node: number): TypeIndex {
  const parts = walk.source.namedChildren(node);
  const object = walk.type(parts[0] ?? -1);
  const keyNode = parts[1] ?? -1;
  const literal = keyNode >= 0 && walk.kind(keyNode) === walk.k.literal_type ? walk.inner(keyNode) : -1;
  const key = literal >= 0 ? (constantString(walk, literal) ?? walk.text(literal)) : undefined;
  if (key === undefined && keyNode >= 0) walk.type(keyNode);
  return walk.build.type(key === undefined ? { k: 'index', object } : { k: 'index', object, key });
}

function predicate(walk: Walk, node: number): TypeIndex {
  const name = walk.child(node, walk.f.name);
  const type = walk.type(walk.child(node, walk.f.type));
  return name < 0 ? 0 : walk.build.type({ k: 'predicate', parameter: walk.text(name), type });
}

/** `asserts x` alone says nothing about a type. */
function asserts(walk: Walk, node: number): TypeIndex {
  const inner = walk.inner(node);
  return inner >= 0 && walk.kind(inner) === walk.k.type_predicate ? predicate(walk, inner) : 0;
}

/** What a conditional type gives is not followed; names that it infers are its own. */
function conditional(walk: Walk, node: number): 0 {
  const { f } = walk;
  const scope = walk.build.scope('type', walk.at.scope, walk.at.owner);
  walk.within({ scope }, () => {
    for (const field of [f.left, f.right, f.consequence, f.alternative]) walk.type(walk.child(node, field));
  });
  return 0;
}

function infer(walk: Walk, node: number): TypeIndex {
  const parts = walk.source.namedChildren(node);
  const name = parts[0];
  if (name !== undefined) walk.bind(walk.at.scope, name, { kind: 'type-parameter' });
  if (parts[1] !== undefined) walk.type(parts[1]);
  return 0;
}

function importType(walk: Walk, node: number): TypeIndex | undefined {
  const found = importPath(walk, node);
  return found === undefined ? undefined : walk.build.type({ k: 'import', import: found.import, path: found.path } satisfies TypeExpr);
}

/** `import('m').A.B` as the import and the names taken from it. */
function importPath(walk: Walk, node: number): { readonly import: ImportIndex; readonly path: string[] } | undefined {
  const { k, f } = walk;
  const path: string[] = [];
  let at = node;
  while (at >= 0 && walk.kind(at) === k.member_expression) {
    path.push(walk.text(walk.child(at, f.property)));
    at = walk.child(at, f.object);
  }
  if (at < 0 || walk.kind(at) !== k.call_expression) return undefined;
  const callee = walk.child(at, f.function);
  if (callee < 0 || walk.kind(callee) !== k.import) return undefined;
  const list = walk.child(at, f.arguments);
  const first = list < 0 ? -1 : walk.inner(list);
  const specifier = first < 0 ? undefined : constantString(walk, first);
  if (specifier === undefined) return undefined;
  path.reverse();
  return { import: addTypeImport(walk, at, specifier, path), path };
}
