import type { DefinitionIndex, ExprIndex, FunctionFacts, FunctionIndex, ScopeIndex, TypeIndex } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import { define } from './definitions.js';
import { commentBefore, modifiers } from './documentation.js';
import { readFunctionDoc } from './jsdoc.js';
import { readParameters, readTypeParameters, type ParameterList } from './parameters.js';
import { isFunction, unwrapped } from './values.js';
import type { ExpressionRule } from './vocabulary.js';
import type { Walk } from './walk.js';

/** How many levels of nesting a function counts for; see {@link Walk.deepen}. */
const FUNCTION_LEVELS = 4;

/** What {@link readFunction} is told about the function. */
export interface FunctionRequest {
  /** The definition it is the value of; -1 for none. */
  readonly definition: DefinitionIndex;
  /** Whose code it is, when not the definition's. */
  readonly owner?: DefinitionIndex;
  readonly member?: { readonly class: number; readonly static: boolean } | undefined;
  readonly contextType?: TypeIndex | undefined;
  /** JSDoc comment; -1 for none. */
  readonly doc?: number;
}

/** `function () {}`, `() => {}` and their kin as values. */
export const functionExpressions: ReadonlyMap<string, ExpressionRule> = new Map<string, ExpressionRule>([
  ['arrow_function', functionValue], ['function_expression', functionValue], ['generator_function', functionValue],
]);

function functionValue(walk: Walk, node: number): ExprIndex {
  const note = walk.functionNotes.get(node);
  const nameNode = walk.kind(node) === walk.k.arrow_function ? -1 : walk.child(node, walk.f.name);
  const doc = note?.doc ?? (walk.javascript ? commentBefore(walk, node) : -1);
  let definition = note?.wrapped === true ? -1 : (note?.definition ?? -1);
  if (note?.definition === undefined && nameNode >= 0) {
    definition = define(walk, { kind: 'function', name: walk.text(nameNode), at: nameNode, whole: node, body: walk.child(node, walk.f.body), modifiers: modifiers(walk, node), doc });
  }
  const owner = definition >= 0 ? definition : (note?.definition ?? walk.at.owner);
  let scope = walk.at.scope;
  if (nameNode >= 0) {
    // The name of a function expression is known inside it only.
    scope = walk.build.scope('block', scope, walk.at.owner);
    walk.bind(scope, nameNode, { kind: 'definition', definition: owner, constant: true });
  }
  let index: FunctionIndex = -1;
  walk.within({ scope, block: scope }, () => {
    index = readFunction(walk, node, { definition, owner, member: note?.member, contextType: note?.contextType, doc }).function;
  });
  return walk.build.expr({ k: 'function', function: index });
}

export interface ReadFunction {
  readonly function: FunctionIndex;
  readonly parameters: ParameterList;
}

/** Reads anything with parameters: functions, methods, signatures, function types. */
export function readFunction(walk: Walk, node: number, request: FunctionRequest): ReadFunction {
  const { k, f, t, build } = walk;
  const kind = walk.kind(node);
  const arrow = kind === k.arrow_function;
  const owner = request.owner ?? (request.definition >= 0 ? request.definition : walk.at.owner);
  const saved = walk.at;
  walk.deepen(FUNCTION_LEVELS);
  let around: ScopeIndex = saved.scope;
  const generics = walk.child(node, f.type_parameters);
  const doc = walk.javascript && request.doc !== undefined && request.doc >= 0 ? readFunctionDoc(walk, request.doc) : undefined;
  if (generics >= 0 || (doc !== undefined && doc.templates.length > 0)) around = build.scope('type', around, owner);
  const scope = build.scope('function', around, owner);
  if (wrapsModule(walk, node)) walk.wrappers.add(scope);
  const facts: Draft<FunctionFacts> = { definition: request.definition, scope, parameters: [], returns: [] };
  const index = build.function(facts);
  const definition = build.definitions[request.definition];
  if (definition !== undefined) definition.function = index;
  const fields = kind === k.function_type || kind === k.constructor_type || kind === k.call_signature || kind === k.construct_signature;
  walk.at = {
    ...saved, scope: around, block: scope, variables: scope, owner, function: index, local: !fields,
    thisFunction: arrow ? saved.thisFunction : index,
    ...(request.member === undefined ? (arrow ? {} : { thisClass: -1, thisStatic: false }) : { thisClass: request.member.class, thisStatic: request.member.static }),
    namespace: -1, ambient: false,
  };
  const typeParameters = generics >= 0 ? readTypeParameters(walk, generics) : doc?.declareTemplates(walk);
  if (typeParameters !== undefined) facts.typeParameters = typeParameters;
  walk.at = { ...walk.at, scope };
  const parameters = readParameters(walk, parameterList(walk, node), index, doc?.parameters(walk));
  facts.parameters = parameters.parameters;
  const thisType = parameters.thisType ?? doc?.thisType(walk);
  if (thisType !== undefined) facts.thisType = thisType;
  let returnNode = walk.child(node, f.return_type);
  if (returnNode < 0 && (kind === k.constructor_type || kind === k.construct_signature)) returnNode = walk.child(node, f.type);
  const returnType = walk.annotation(returnNode) ?? doc?.returns(walk);
  if (returnType !== undefined) facts.returnType = returnType;
  readMarks(walk, node, facts, arrow, t);
  if (request.member !== undefined) facts.member = request.member;
  const contextType = request.contextType ?? doc?.type(walk);
  if (contextType !== undefined) facts.context = { type: contextType };
  const body = walk.child(node, f.body);
  if (body < 0) facts.bodiless = true;
  else if (walk.kind(body) === k.statement_block) walk.rules.block(walk, body);
  else {
    noteReturned(walk, body, facts);
    facts.returns.push(walk.read(body));
  }
  walk.at = saved;
  walk.deepen(-FUNCTION_LEVELS);
  return { function: index, parameters };
}

/** Whether a function is called where it stands (`(function () { … })()`, `.call(this)`), or is handed to such a one or to `define` as a module's factory. */
function wrapsModule(walk: Walk, node: number): boolean {
  const { k, f } = walk;
  if (!isFunction(walk, node)) return false;
  const outer = (at: number): number => walk.nodes.parent[at] ?? -1;
  let at = node;
  while (walk.kind(outer(at)) === k.parenthesized_expression) at = outer(at);
  const parent = outer(at);
  if (walk.kind(parent) === k.call_expression) return walk.child(parent, f.function) === at;
  if (walk.kind(parent) === k.member_expression) {
    const property = walk.child(parent, f.property);
    return property >= 0 && (walk.is(property, 'call') || walk.is(property, 'apply')) && walk.kind(outer(parent)) === k.call_expression && walk.child(outer(parent), f.function) === parent;
  }
  if (walk.kind(parent) !== k.arguments || walk.kind(outer(parent)) !== k.call_expression) return false;
  const callee = unwrapped(walk, walk.child(outer(parent), f.function));
  return callee >= 0 && (isFunction(walk, callee) || (walk.kind(callee) === k.identifier && walk.is(callee, 'define')));
}

/** A function that is returned is expected to be of the declared return type. */
export function noteReturned(walk: Walk, value: number, of: Draft<FunctionFacts>): void {
  if (of.returnType === undefined || of.async === true || of.generator === true) return;
  walk.expect(value, of.returnType);
}

function parameterList(walk: Walk, node: number): number {
  const list = walk.child(node, walk.f.parameters);
  return list >= 0 ? list : walk.child(node, walk.f.parameter);
}

function readMarks(walk: Walk, node: number, facts: Draft<FunctionFacts>, arrow: boolean, t: Walk['t']): void {
  if (arrow) facts.arrow = true;
  const end = walk.end(node);
  for (let child = node + 1; child < end; child = walk.end(child)) {
    const kind = walk.kind(child);
    if (kind === walk.k.formal_parameters || kind === walk.k.statement_block) break;
    if (kind === t.async) facts.async = true;
    else if (kind === t['*']) facts.generator = true;
  }
}
