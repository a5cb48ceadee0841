import type { DefinitionIndex, TypeIndex } from '../../../../domain/file-facts.js';
import { namedType, nullType, unionType } from './named-types.js';
import { parseTypeText } from './type-strings.js';
import type { Frame, Walk } from './walk.js';

/**
 * An annotation as a type. Names are looked up from the frame's scope; `owner` is the definition that uses the type. Quoted parts are parsed too;
 * calls within (`Annotated[int, Field()]`) are read as expressions of the frame.
 */
export function typeOf(w: Walk, node: number, frame: Frame, owner: DefinitionIndex): TypeIndex {
  if (node < 0) return 0;
  const type = w.guarded(node, 0, () => readType(w, node, frame, owner));
  w.source.readings?.type(node, frame.scope, type);
  return type;
}

function readType(w: Walk, node: number, frame: Frame, owner: DefinitionIndex): TypeIndex {
  const { kind, token } = w.syntax;
  const k = w.kind[node];
  const again = (inner: number): TypeIndex => typeOf(w, inner, frame, owner);
  switch (k) {
    case kind.type:
    case kind.parenthesized_expression:
    case kind.splat_type:
    case kind.list_splat:
      return again(w.firstPart(node));
    case kind.identifier:
    case kind.attribute:
    case kind.member_type: {
      const path = dottedPath(w, node);
      if (path !== undefined) return namedType(w, { path, scope: frame.scope, owner, offset: lastOffset(w, node) });
      w.expr(node, frame);
      return 0;
    }
    case kind.none:
      return nullType(w);
    case kind.union_type:
      return unionType(w, w.parts(node).map(again));
    case kind.binary_operator:
      if (w.kind[w.child(node, 'operator')] === token['|']) return unionType(w, [again(w.child(node, 'left')), again(w.child(node, 'right'))]);
      w.expr(node, frame);
      return 0;
    case kind.generic_type: {
      const [name, parameters] = w.parts(node);
      return name === undefined ? 0 : applied(w, name, parameters === undefined ? [] : w.parts(parameters), frame, owner);
    }
    case kind.subscript:
      return applied(w, w.child(node, 'value'), w.source.childrenByField(node, w.syntax.field.subscript), frame, owner);
    case kind.string:
      return quoted(w, node, frame, owner);
    case kind.list:
    case kind.tuple:
      return w.b.type({ k: 'tuple', elements: w.parts(node).map(again) });
    case kind.ellipsis:
    case kind.comment:
      return 0;
    default:
      w.expr(node, frame);
      return 0;
  }
}

/** `List[T]`, `m.Callable[[A], B]`, `Literal['a']`, `Annotated[T, …]`. */
function applied(w: Walk, name: number, given: readonly number[], frame: Frame, owner: DefinitionIndex): TypeIndex {
  const path = dottedPath(w, name);
  if (path === undefined) {
    w.expr(name, frame);
    for (const argument of given) typeOf(w, argument, frame, owner);
    return 0;
  }
  const offset = lastOffset(w, name);
  // Taken before the arguments, so that uses stay in source order.
  const uses = w.typeUses.length;
  const index = namedType(w, { path, scope: frame.scope, owner, offset, arguments: [] });
  const last = path.at(-1);
  const parts = given.length === 1 && w.kind[unwrapped(w, given[0] ?? 0)] === w.syntax.kind.tuple ? w.parts(unwrapped(w, given[0] ?? 0)) : given;
  const types: TypeIndex[] = [];
  parts.forEach((argument, i) => {
    if (last === 'Literal') types.push(literalType(w, argument, frame, owner));
    else if (last === 'Annotated' && i > 0) w.expr(argument, frame);
    else types.push(typeOf(w, argument, frame, owner));
  });
  const type = w.b.types[index];
  if (type?.k === 'ref' && w.typeUses.length > uses) w.b.types[index] = { k: 'ref', path: type.path, scope: type.scope, arguments: types };
  return index;
}

/** Within the `type` wrappers that the grammar puts around type arguments. */
function unwrapped(w: Walk, node: number): number {
  let at = node;
  while (w.kind[at] === w.syntax.kind.type) {
    const inner = w.firstPart(at);
    if (inner < 0) break;
    at = inner;
  }
  return at;
}

function literalType(w: Walk, argument: number, frame: Frame, owner: DefinitionIndex): TypeIndex {
  const { kind } = w.syntax;
  const node = unwrapped(w, argument);
  const k = w.kind[node];
  if (k === kind.none) return nullType(w);
  const value = (type: 'string' | 'number' | 'boolean', text: string): TypeIndex => w.b.type({ k: 'literal', type, value: w.b.intern(text) });
  if (k === kind.string) {
    const content = w.source.childOfKind(node, kind.string_content);
    return value('string', content < 0 ? '' : w.text(content));
  }
  if (k === kind.integer || k === kind.unary_operator) return value('number', w.text(node));
  if (k === kind.true || k === kind.false) return value('boolean', w.text(node));
  return typeOf(w, node, frame, owner);
}

function quoted(w: Walk, node: number, frame: Frame, owner: DefinitionIndex): TypeIndex {
  const { kind } = w.syntax;
  const content = w.source.childOfKind(node, kind.string_content);
  if (content < 0 || (w.next[content] ?? 0) > content + 1 || w.source.childOfKind(node, kind.interpolation) >= 0) return 0;
  return parseTypeText(w, { text: w.source.text(content), offset: w.start[content] ?? 0, scope: frame.scope, owner });
}

/** The names of `a.b.c`; undefined where another expression stands in it. */
function dottedPath(w: Walk, node: number): string[] | undefined {
  const { kind } = w.syntax;
  const path: string[] = [];
  let at = unwrapped(w, node);
  while (w.kind[at] === kind.attribute || w.kind[at] === kind.member_type) {
    if (w.kind[at] === kind.attribute) {
      const name = w.child(at, 'attribute');
      if (name < 0) return undefined;
      path.push(w.text(name));
      at = w.child(at, 'object');
    } else {
      const [object, name] = w.parts(at);
      if (object === undefined || name === undefined) return undefined;
      path.push(w.text(name));
      at = unwrapped(w, object);
    }
  }
  if (w.kind[at] !== kind.identifier) return undefined;
  path.push(w.text(at));
  return path.reverse();
}

/** Byte offset of the last name of a dotted path. */
function lastOffset(w: Walk, node: number): number {
  const { kind } = w.syntax;
  const at = unwrapped(w, node);
  if (w.kind[at] === kind.attribute) return w.start[w.child(at, 'attribute')] ?? w.start[at] ?? 0;
  if (w.kind[at] === kind.member_type) return w.start[w.parts(at)[1] ?? at] ?? 0;
  return w.start[at] ?? 0;
}
