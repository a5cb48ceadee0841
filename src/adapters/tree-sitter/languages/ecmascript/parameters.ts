import type { ExprIndex, FunctionIndex, Parameter, TypeIndex, TypeParameter } from '../../../../domain/file-facts.js';
import { readDecorator } from './decorators.js';
import { bindPattern } from './patterns.js';
import type { Walk } from './walk.js';

/** Types that a comment gives to parameters: by name, and in its order to those that are patterns. */
export interface DocParameters {
  at(index: number): { readonly type?: TypeIndex | undefined; readonly optional: boolean } | undefined;
  typeOf(name: string): { readonly type?: TypeIndex | undefined; readonly optional: boolean } | undefined;
}

export interface ParameterList {
  readonly parameters: Parameter[];
  thisType?: TypeIndex;
  /** Nodes of parameters that are fields as well. */
  readonly properties: { readonly node: number; readonly name: number; readonly parameter: Parameter; readonly value: ExprIndex }[];
}

/** Reads the parameters of a function and binds them in its scope, which is the walk's. */
export function readParameters(walk: Walk, list: number, of: FunctionIndex, doc?: DocParameters): ParameterList {
  const found: ParameterList = { parameters: [], properties: [] };
  if (list < 0) return found;
  if (walk.kind(list) !== walk.k.formal_parameters) {
    // `x => …`: the list is the one name.
    readOne(walk, list, of, found, doc);
    return found;
  }
  const end = walk.end(list);
  for (let child = list + 1; child < end; child = walk.end(child)) if (walk.counts(child)) readOne(walk, child, of, found, doc);
  return found;
}

function readOne(walk: Walk, node: number, of: FunctionIndex, found: ParameterList, doc: DocParameters | undefined): void {
  const { k, f } = walk;
  const kind = walk.kind(node);
  const typed = kind === k.required_parameter || kind === k.optional_parameter;
  let pattern = typed ? walk.child(node, f.pattern) : kind === k.assignment_pattern ? walk.child(node, f.left) : node;
  if (typed && pattern < 0) pattern = walk.child(node, f.name);
  if (pattern < 0) return;
  const typeNode = typed ? walk.child(node, f.type) : -1;
  if (walk.kind(pattern) === k.this) {
    const type = walk.annotation(typeNode);
    if (type !== undefined) found.thisType = type;
    return;
  }
  const decorators = typed ? decoratorsOf(walk, node) : [];
  let type = walk.annotation(typeNode);
  const rest = walk.kind(pattern) === k.rest_pattern;
  const inner = rest ? walk.inner(pattern) : pattern;
  if (inner < 0) return;
  const named = walk.kind(inner) === k.identifier;
  const documented = named ? doc?.typeOf(walk.text(inner)) : doc?.at(found.parameters.length);
  type ??= documented?.type;
  const valueNode = typed ? walk.child(node, f.value) : kind === k.assignment_pattern ? walk.child(node, f.right) : -1;
  const index = found.parameters.length;
  const value = walk.build.expr({ k: 'param', function: of, index });
  const property = typed && isProperty(walk, node);
  if (valueNode >= 0 && type !== undefined) walk.expect(valueNode, type);
  const parameter: { -readonly [K in keyof Parameter]: Parameter[K] } = {};
  // Pushed before its default is read: the default may hold functions of its own, never parameters of this one.
  found.parameters.push(parameter);
  if (named) parameter.name = walk.text(inner);
  if (type !== undefined) parameter.type = type;
  const fallback = valueNode >= 0 ? walk.read(valueNode) : undefined;
  if (fallback !== undefined) parameter.default = fallback;
  if (kind === k.optional_parameter || fallback !== undefined || documented?.optional === true) parameter.optional = true;
  if (rest) parameter.form = 'rest';
  if (property) parameter.property = true;
  if (decorators.length > 0) parameter.decorators = decorators;
  if (named) {
    walk.bind(walk.at.scope, inner, { kind: 'parameter', value, type });
    if (property) found.properties.push({ node, name: inner, parameter, value });
  } else bindPattern(walk, inner, value, { kind: 'declare', scope: walk.at.scope, constant: undefined, exported: false });
}

/** Whether an accessibility or `readonly` before a parameter makes it a field. */
function isProperty(walk: Walk, node: number): boolean {
  const end = walk.end(node);
  for (let child = node + 1; child < end; child = walk.end(child)) {
    if (walk.field(child) === walk.f.pattern) return false;
    if (walk.kind(child) === walk.t.readonly) return true;
    if (walk.counts(child) && walk.field(child) !== walk.f.decorator) return true;
  }
  return false;
}

function decoratorsOf(walk: Walk, node: number): ExprIndex[] {
  const found: ExprIndex[] = [];
  const end = walk.end(node);
  for (let child = node + 1; child < end; child = walk.end(child)) if (walk.kind(child) === walk.k.decorator) found.push(readDecorator(walk, child));
  return found;
}

/** Reads `<T extends A = B>` and binds the names in the walk's scope. */
export function readTypeParameters(walk: Walk, list: number): TypeParameter[] | undefined {
  if (list < 0) return undefined;
  const { k, f } = walk;
  const nodes: number[] = [];
  const end = walk.end(list);
  for (let child = list + 1; child < end; child = walk.end(child)) if (walk.kind(child) === k.type_parameter && walk.child(child, f.name) >= 0) nodes.push(child);
  // All names first: a constraint may name a later parameter.
  for (const node of nodes) walk.bind(walk.at.scope, walk.child(node, f.name), { kind: 'type-parameter' });
  return nodes.map((node) => {
    const parameter: { -readonly [K in keyof TypeParameter]: TypeParameter[K] } = { name: walk.text(walk.child(node, f.name)) };
    const constraint = walk.child(node, f.constraint);
    const fallback = walk.child(node, f.value);
    if (constraint >= 0) {
      parameter.constraint = walk.type(constraint);
      const binding = walk.build.bindingOf(walk.at.scope, parameter.name);
      if (binding !== undefined) binding.type ??= parameter.constraint;
    }
    if (fallback >= 0) parameter.default = walk.type(fallback);
    return parameter;
  });
}
