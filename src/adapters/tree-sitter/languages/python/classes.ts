import type { ClassFacts, Definition, Heritage, TypeIndex } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import { decorate } from './calls.js';
import { calleeExpr, place } from './chains.js';
import { docLine, headerText } from './headers.js';
import { recordMember } from './members.js';
import { bindName } from './names.js';
import { closureFrame } from './rebound-names.js';
import { typeParameters } from './type-parameters.js';
import { typeOf } from './types.js';
import type { ClassContext, Frame, Walk } from './walk.js';

/** `class`: its definition, bases, members and body. `whole` is the node with the decorators. */
export function classDefinition(w: Walk, node: number, frame: Frame, whole = node, decorators: readonly number[] = []): void {
  const { b } = w;
  const nameNode = w.child(node, 'name');
  const facts: Draft<ClassFacts> = { kind: 'class', definition: -1, scope: -1, extends: [], implements: [], members: [] };
  const index = b.class(facts);
  const { decorators: decorated } = decorate(w, decorators, frame, decorators.length > 0 ? b.expr({ k: 'class', class: index }) : 0);
  if (nameNode < 0) return;
  const name = w.text(nameNode);
  const body = w.child(node, 'body');
  const draft: Draft<Definition> = {
    kind: 'class', name, parent: frame.owner, scope: frame.home, range: w.range(whole), at: w.at(nameNode), class: index, signature: headerText(w, node, 'type_parameters', 'superclasses'),
  };
  const doc = docLine(w, body);
  if (doc !== undefined) draft.doc = doc;
  if (frame.local) draft.local = true;
  if (decorated.length > 0) draft.decorators = facts.decorators = decorated;
  const definition = b.definition(draft);
  facts.definition = definition;
  bindName(w, frame, name, { kind: 'definition', definition, ...place(w, nameNode) });
  // A class in a class is reached through it like any other member.
  if (frame.class !== undefined) recordMember(frame.class, name, { kind: 'field', definition, value: b.expr({ k: 'class', class: index }), decorators: decorated });

  const outer = typeParameters(w, node, closureFrame(w, frame, node), definition);
  if (outer.parameters.length > 0) draft.typeParameters = facts.typeParameters = outer.parameters;
  readBases(w, w.child(node, 'superclasses'), outer.frame, facts);
  facts.scope = b.scope('class', outer.frame.scope, definition);
  const context: ClassContext = { index, name, facts, definition, scope: facts.scope, body, members: new Map(), declared: undefined, attributes: new Set() };
  w.block(body, {
    scope: facts.scope, home: facts.scope, level: 'class', owner: definition, class: context, function: frame.function, local: frame.local, typeOnly: frame.typeOnly,
  });
}

function readBases(w: Walk, list: number, frame: Frame, facts: Draft<ClassFacts>): void {
  const { kind } = w.syntax;
  if (list < 0) return;
  for (const part of w.parts(list)) {
    const k = w.kind[part];
    if (k === kind.keyword_argument) {
      const name = w.child(part, 'name');
      const value = w.expr(w.child(part, 'value'), frame);
      if (name >= 0 && w.text(name) === 'metaclass') facts.metaclass = value;
    } else if (k === kind.dictionary_splat) w.expr(part, frame);
    else facts.extends.push(heritage(w, part, frame, facts));
  }
}

function heritage(w: Walk, node: number, frame: Frame, facts: Draft<ClassFacts>): Heritage {
  const { kind } = w.syntax;
  const bare = w.bare(node);
  if (w.kind[bare] !== kind.subscript) return { expr: calleeExpr(w, bare, frame), ...place(w, bare) };
  const base = w.child(bare, 'value');
  const expr = calleeExpr(w, base, frame);
  const typeArguments: TypeIndex[] = w.source.childrenByField(bare, w.syntax.field.subscript).map((argument) => typeOf(w, argument, frame, facts.definition));
  return { expr, typeArguments, ...place(w, bare) };
}
