import type { Definition, DefinitionIndex, ExprIndex, FunctionFacts, Parameter, ScopeIndex, TypeIndex } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import { decorate } from './calls.js';
import { place } from './chains.js';
import { decoratorNames, type DecoratorNames } from './decorators.js';
import { docLine, headerText, isOnlyEllipsis } from './headers.js';
import { recordMember } from './members.js';
import { bindName } from './names.js';
import { closureFrame } from './rebound-names.js';
import { prepareTarget, storeTarget } from './targets.js';
import { functionComment, lineComment } from './type-comments.js';
import { typeParameters } from './type-parameters.js';
import { typeOf } from './types.js';
import type { ClassContext, Frame, FunctionContext, Walk } from './walk.js';

/** Methods whose first parameter is the class though nothing says so. */
const IMPLICIT_CLASS_METHODS: ReadonlySet<string> = new Set(['__new__', '__init_subclass__', '__class_getitem__']);

/** `def`: its definition, parameters and body. `whole` is the node with the decorators. */
export function functionDefinition(w: Walk, node: number, frame: Frame, whole = node, decorators: readonly number[] = []): void {
  const { b } = w;
  const nameNode = w.child(node, 'name');
  const facts: Draft<FunctionFacts> = { definition: -1, scope: -1, parameters: [], returns: [] };
  const index = b.function(facts);
  const { decorators: decorated, applied } = decorate(w, decorators, frame, decorators.length > 0 ? b.expr({ k: 'function', function: index }) : 0);
  if (nameNode < 0) return;
  const name = w.text(nameNode);
  const names = decoratorNames(w, decorators);
  const isStatic = frame.class !== undefined && (names.has('staticmethod') || names.has('classmethod') || IMPLICIT_CLASS_METHODS.has(name));
  const ofClass = names.has('classmethod') || IMPLICIT_CLASS_METHODS.has(name);
  const body = w.child(node, 'body');
  const async = w.hasToken(node, w.syntax.token.async);

  const draft: Draft<Definition> = {
    kind: frame.class === undefined ? 'function' : 'method', name, parent: frame.owner, scope: frame.home, range: w.range(whole), at: w.at(nameNode), function: index,
    signature: headerText(w, node, 'parameters', 'return_type'),
  };
  const doc = docLine(w, body);
  if (doc !== undefined) draft.doc = doc;
  if (frame.local) draft.local = true;
  if (decorated.length > 0) {
    draft.decorators = decorated;
    draft.decorated = applied;
  }
  const definition = b.definition(draft);
  facts.definition = definition;
  bindName(w, frame, name, { kind: 'definition', definition, ...place(w, nameNode) });

  const outer = typeParameters(w, node, closureFrame(w, frame, node), definition);
  if (outer.parameters.length > 0) draft.typeParameters = facts.typeParameters = outer.parameters;
  if (frame.class !== undefined && !(names.has('staticmethod') && !ofClass)) facts.member = { class: frame.class.index, static: ofClass };
  if (async) facts.async = true;
  if (names.has('overload') || names.has('abstractmethod') || isOnlyEllipsis(w, body)) facts.bodiless = true;
  facts.scope = b.scope('function', outer.frame.scope, definition);
  const member = facts.member === undefined || frame.class === undefined ? frame.function?.member : { class: frame.class, static: ofClass };
  const context: FunctionContext = { index, facts, member };
  const within: Frame = { scope: facts.scope, home: facts.scope, level: 'function', owner: definition, class: undefined, function: context, local: true, typeOnly: frame.typeOnly };
  readParameters(w, { node: w.child(node, 'parameters'), context, around: outer.frame, within, owner: definition, self: selfExpr(w, facts, frame.class) });
  const returnType = w.child(node, 'return_type');
  if (returnType >= 0) facts.returnType = typeOf(w, returnType, outer.frame, definition);
  else if (w.typeComments) functionComment(w, node, outer.frame, facts);
  declareMember({ name, definition, context, frame, names, isStatic, decorated });
  w.block(body, within);
  const modifiers = modifiersOf(names, { async, generator: facts.generator === true, isStatic, ofClass });
  if (modifiers.length > 0) draft.modifiers = modifiers;
}

/** A lambda. With a definition, it is that name's function; a class's field then makes it a method. */
export function lambda(w: Walk, node: number, frame: Frame, definition: DefinitionIndex | undefined): ExprIndex {
  const { b } = w;
  const facts: Draft<FunctionFacts> = { definition: definition ?? -1, scope: -1, parameters: [], returns: [] };
  const index = b.function(facts);
  const owner = definition ?? frame.owner;
  facts.scope = b.scope('function', closureFrame(w, frame, node).scope, owner);
  const isMember = definition !== undefined && frame.class !== undefined;
  if (isMember && frame.class !== undefined) facts.member = { class: frame.class.index, static: false };
  const context: FunctionContext = { index, facts, member: isMember && frame.class !== undefined ? { class: frame.class, static: false } : frame.function?.member };
  const within: Frame = { scope: facts.scope, home: facts.scope, level: 'function', owner, class: undefined, function: context, local: true, typeOnly: frame.typeOnly };
  readParameters(w, { node: w.child(node, 'parameters'), context, around: frame, within, owner, self: isMember ? selfExpr(w, facts, frame.class) : undefined });
  const value = w.expr(w.child(node, 'body'), within);
  facts.returns.push(value);
  return b.expr({ k: 'function', function: index });
}

/** What the first parameter of a method stands for. */
function selfExpr(w: Walk, facts: Draft<FunctionFacts>, context: ClassContext | undefined): ExprIndex | undefined {
  if (facts.member === undefined || context === undefined) return undefined;
  return w.b.expr(facts.member.static ? { k: 'this', class: context.index, static: true } : { k: 'this', class: context.index });
}

interface ParameterList {
  readonly node: number;
  readonly context: FunctionContext;
  /** Where annotations and defaults are evaluated. */
  readonly around: Frame;
  readonly within: Frame;
  readonly owner: DefinitionIndex;
  readonly self: ExprIndex | undefined;
}

function readParameters(w: Walk, list: ParameterList): void {
  const { kind } = w.syntax;
  if (list.node < 0) return;
  const { parameters } = list.context.facts;
  let keywordOnly = false;
  for (const part of w.parts(list.node)) {
    const k = w.kind[part];
    if (k === kind.keyword_separator) keywordOnly = true;
    else if (k === kind.positional_separator) {
      parameters.forEach((parameter, i) => { parameters[i] = { ...parameter, form: 'positional-only' }; });
    } else {
      const parameter = readParameter(w, part, list, keywordOnly);
      if (parameter === undefined) continue;
      parameters.push(parameter);
      if (parameter.form === 'rest') keywordOnly = true;
    }
  }
}

function readParameter(w: Walk, node: number, list: ParameterList, keywordOnly: boolean): Parameter | undefined {
  const { b } = w;
  const { kind } = w.syntax;
  const k = w.kind[node];
  const typeNode = k === kind.typed_parameter || k === kind.typed_default_parameter ? w.child(node, 'type') : -1;
  const valueNode = k === kind.default_parameter || k === kind.typed_default_parameter ? w.child(node, 'value') : -1;
  let named = k === kind.typed_parameter ? w.firstPart(node) : valueNode >= 0 ? w.child(node, 'name') : node;
  const index = list.context.facts.parameters.length;
  const draft: { -readonly [K in keyof Parameter]: Parameter[K] } = {};
  if (w.kind[named] === kind.list_splat_pattern) draft.form = 'rest';
  else if (w.kind[named] === kind.dictionary_splat_pattern) draft.form = 'keywords';
  else if (keywordOnly) draft.form = 'keyword-only';
  if (draft.form === 'rest' || draft.form === 'keywords') named = w.firstPart(named);
  const isName = w.kind[named] === kind.identifier;
  if (!isName && w.kind[named] !== kind.tuple_pattern) {
    w.expr(node, list.around);
    return undefined;
  }
  if (isName) draft.name = w.text(named);
  if (typeNode >= 0) draft.type = typeOf(w, typeNode, list.around, list.owner);
  else if (w.typeComments) {
    const type = lineComment(w, w.end[node] ?? 0, list.around, list.owner);
    if (type !== undefined) draft.type = type;
  }
  if (valueNode >= 0) draft.default = w.expr(valueNode, list.around);
  const isSelf = list.self !== undefined && index === 0 && draft.form === undefined && isName;
  const value = isSelf ? list.self : b.expr({ k: 'param', function: list.context.index, index });
  if (isName) bindParameter(w, { node: named, name: draft.name ?? '', scope: list.within.home, value, type: isSelf || draft.form === 'rest' || draft.form === 'keywords' ? undefined : draft.type });
  else storeTarget(w, prepareTarget(w, named, list.within, -1), value, list.within);
  return draft;
}

function bindParameter(w: Walk, bound: { node: number; name: string; scope: ScopeIndex; value: ExprIndex | undefined; type: TypeIndex | undefined }): void {
  w.b.bind(bound.scope, bound.name, { kind: 'parameter', value: bound.value, type: bound.type, ...place(w, bound.node) });
}

interface DeclaredMember {
  readonly name: string;
  readonly definition: DefinitionIndex;
  readonly context: FunctionContext;
  readonly frame: Frame;
  readonly names: DecoratorNames;
  readonly isStatic: boolean;
  readonly decorated: readonly ExprIndex[];
}

function declareMember({ name, definition, context, frame, names, isStatic, decorated }: DeclaredMember): void {
  if (frame.class === undefined) return;
  const accessor = names.accessorOf(name);
  const kind = names.property || accessor !== undefined ? 'property' : 'method';
  // Only the getter gives a property its type.
  const getter = kind === 'method' || (accessor !== 'setter' && accessor !== 'deleter');
  recordMember(frame.class, name, { kind, static: isStatic, definition, function: getter ? context.index : undefined, decorators: decorated });
}

function modifiersOf(names: DecoratorNames, is: { async: boolean; generator: boolean; isStatic: boolean; ofClass: boolean }): string[] {
  const out: string[] = [];
  if (names.has('abstractmethod') || names.has('abstractproperty')) out.push('abstract');
  if (is.async) out.push('async');
  if (is.isStatic && is.ofClass) out.push('classmethod');
  if (is.generator) out.push('generator');
  if (names.property || names.accessor === 'getter') out.push('getter', 'property');
  else if (names.accessor !== undefined) out.push('property', 'setter');
  if (is.isStatic) out.push('static');
  return out;
}
