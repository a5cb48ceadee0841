import type { Definition, DefinitionIndex, ExprIndex, TypeIndex } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import { place } from './chains.js';
import { classBodyNames, recordMember } from './members.js';
import { bindName, selfOrItsClass } from './names.js';
import { settles } from './rebound-names.js';
import type { Frame, Settling, Walk } from './walk.js';

/** The left side of an assignment, its own expressions read already, waiting for a value. */
export type Target =
  | { readonly k: 'name'; readonly node: number; readonly name: string; readonly definition: DefinitionIndex }
  | { readonly k: 'member'; readonly object: ExprIndex; readonly node: number; readonly name: string }
  | { readonly k: 'element'; readonly node: number; readonly element: ExprIndex }
  | { readonly k: 'parts'; readonly parts: readonly Part[] }
  | { readonly k: 'none' };

interface Part {
  readonly target: Target;
  readonly index: number;
  readonly rest: boolean;
  /** Behind a starred part: which element it takes depends on the length. */
  readonly after: boolean;
}

const NOTHING: Target = { k: 'none' };

/**
 * Reads a target before its value is read, so that definitions and sites stay in source order. `statement` is the assignment whose names are definitions
 * in a module or class body; -1 where they are not (loops, `with`, `except`, parameters).
 */
export function prepareTarget(w: Walk, node: number, frame: Frame, statement: number, type?: TypeIndex): Target {
  const { kind } = w.syntax;
  if (node < 0) return NOTHING;
  switch (w.kind[node]) {
    case kind.identifier: {
      const name = w.text(node);
      return { k: 'name', node, name, definition: statement < 0 ? -1 : declareVariable(w, { node, name, frame, statement, type }) };
    }
    case kind.attribute: {
      const object = w.expr(w.child(node, 'object'), frame);
      const attribute = w.child(node, 'attribute');
      return attribute < 0 ? NOTHING : { k: 'member', object, node: attribute, name: w.text(attribute) };
    }
    case kind.subscript: {
      const element = w.expr(node, frame);
      elementIs(w, element, 'store');
      return w.b.exprs[element]?.k === 'index' ? { k: 'element', node, element } : NOTHING;
    }
    case kind.pattern_list:
    case kind.tuple_pattern:
    case kind.list_pattern:
    case kind.tuple:
    case kind.list:
    case kind.expression_list:
      return w.guarded<Target>(node, NOTHING, () => ({ k: 'parts', parts: partsOf(w, node, frame, statement) }));
    case kind.parenthesized_expression:
    case kind.as_pattern_target:
    case kind.list_splat_pattern:
    case kind.list_splat:
      return w.guarded(node, NOTHING, () => prepareTarget(w, w.firstPart(node), frame, statement, type));
    default:
      w.expr(node, frame);
      return NOTHING;
  }
}

/** An element that has just been read as an expression is stored or deleted instead. */
export function elementIs(w: Walk, element: ExprIndex, kind: 'store' | 'delete'): void {
  const last = w.b.implied.at(-1);
  if (last?.kind === 'operate' && last.expr === element) w.b.implied[w.b.implied.length - 1] = { ...last, kind };
}

/**
 * Binds what a target names to a value, also to one of which nothing is known (0); without one, a declaration. `settling` takes the names that
 * have this value, and no other, in what follows.
 */
export function storeTarget(w: Walk, target: Target, value: ExprIndex | undefined, frame: Frame, type?: TypeIndex, settling?: Settling): void {
  switch (target.k) {
    case 'name': {
      const narrows = settling !== undefined && value !== undefined && type === undefined && settles(w, frame, target.node, target.name);
      bindName(w, frame, target.name, {
        kind: 'variable', value, type, definition: target.definition < 0 ? undefined : target.definition, ...place(w, target.node),
      }, narrows && settling.rest);
      if (narrows) settling.names.push({ name: target.name, node: target.node, value });
      if (frame.class !== undefined) noteField(w, target, value, frame, type);
      return;
    }
    case 'member':
      noteMemberAssignment(w, { target: target.object, name: target.name, nameNode: target.node, value, type, frame, declares: true });
      return;
    case 'element':
      if (value !== undefined) w.b.stores.push({ element: target.element, value, ...(isUnconditional(w, target.node) ? { always: frame.home } : {}) });
      return;
    case 'parts':
      for (const part of target.parts) {
        const unpacked = value === undefined || value === 0 ? value
          : part.after ? w.b.expr({ k: 'iterate', value })
          : w.b.expr(part.rest ? { k: 'unpack', value, index: part.index, rest: true } : { k: 'unpack', value, index: part.index });
        storeTarget(w, part.target, unpacked, frame, undefined, settling);
      }
      return;
    case 'none':
  }
}

export interface AssignedMember {
  readonly target: ExprIndex;
  readonly name: string;
  readonly nameNode: number;
  readonly value?: ExprIndex | undefined;
  readonly type?: TypeIndex | undefined;
  readonly frame: Frame;
  /** An assignment statement: the first one to an attribute of `self` declares a field. */
  readonly declares: boolean;
}

/** Notes `object.name = value`. The first assignment to an attribute of `self` or `cls` that the class body does not bind is the definition of a field. */
export function noteMemberAssignment(w: Walk, assigned: AssignedMember): void {
  const { b } = w;
  const { frame } = assigned;
  const self = selfOrItsClass(b, b.exprs[assigned.target]);
  const context = self === undefined ? undefined : frame.function?.member?.class;
  const at = w.at(assigned.nameNode);
  let definition: DefinitionIndex | undefined;
  if (context !== undefined && context.index === self?.class && assigned.declares && !context.attributes.has(assigned.name)) {
    context.attributes.add(assigned.name);
    context.declared ??= classBodyNames(w, context.body);
    if (!context.declared.has(assigned.name)) {
      const draft: Draft<Definition> = {
        kind: 'field', name: assigned.name, parent: context.definition, scope: context.scope, range: w.range(statementOf(w, assigned.nameNode)), at,
      };
      if (assigned.type !== undefined) draft.type = assigned.type;
      if (b.definitions[context.definition]?.local === true) draft.local = true;
      definition = b.definition(draft);
    }
  }
  b.assignments.push({
    target: assigned.target, name: assigned.name, ...(assigned.value === undefined ? {} : { value: assigned.value }), ...(assigned.type === undefined ? {} : { type: assigned.type }),
    ...(self?.class === undefined ? {} : { class: self.class }), ...(self?.static === true ? { static: true } : {}), ...(definition === undefined ? {} : { definition }),
    owner: frame.owner, line: at.line, column: at.column,
  });
}

interface DeclaredVariable {
  readonly node: number;
  readonly name: string;
  readonly frame: Frame;
  readonly statement: number;
  readonly type?: TypeIndex | undefined;
}

/** The definition of a variable or field where it is the first of its name in a module or class body; else -1. */
function declareVariable(w: Walk, { node, name, frame, statement, type }: DeclaredVariable): DefinitionIndex {
  const { b } = w;
  if (frame.level === 'function') return -1;
  const bound = b.bindingOf(frame.home, name);
  // `x = None` where an import failed, a second value: the same variable as before.
  if (bound?.definitions !== undefined || bound?.imports !== undefined) return -1;
  const draft: Draft<Definition> = { kind: frame.level === 'class' ? 'field' : 'variable', name, parent: frame.owner, scope: frame.home, range: w.range(statement), at: w.at(node) };
  if (type !== undefined) {
    draft.type = type;
    const typeNode = w.child(statement, 'type');
    if (typeNode >= 0) draft.signature = `${name}: ${w.source.text(typeNode).replace(/\s+/g, ' ')}`.slice(0, 200);
  }
  if (frame.local) draft.local = true;
  return b.definition(draft);
}

function noteField(w: Walk, target: Extract<Target, { k: 'name' }>, value: ExprIndex | undefined, frame: Frame, type: TypeIndex | undefined): void {
  const definition = target.definition < 0 ? undefined : w.b.definitions[target.definition];
  const given = value === undefined ? undefined : w.b.exprs[value];
  recordMember(frame.class, target.name, {
    kind: definition?.kind === 'method' ? 'method' : 'field', definition: definition === undefined ? undefined : target.definition, value, type,
    function: given?.k === 'function' ? given.function : undefined,
  });
}

function partsOf(w: Walk, node: number, frame: Frame, statement: number): Part[] {
  const { kind } = w.syntax;
  const out: Part[] = [];
  let after = false;
  w.parts(node).forEach((part, index) => {
    const rest = w.kind[part] === kind.list_splat_pattern || w.kind[part] === kind.list_splat;
    out.push({ target: prepareTarget(w, part, frame, statement), index, rest, after: after && !rest });
    after ||= rest;
  });
  return out;
}

/** Whether a statement stands directly in the body of a function or of the module. */
function isUnconditional(w: Walk, target: number): boolean {
  const { kind } = w.syntax;
  let at = w.parent[target] ?? -1;
  while (w.kind[at] === kind.assignment || w.kind[at] === kind.expression_statement) at = w.parent[at] ?? -1;
  const around = w.parent[at] ?? -1;
  return around < 0 || (w.kind[at] === kind.block && w.kind[around] === kind.function_definition);
}

/** The assignment (or loop header part) that a target's name belongs to. */
function statementOf(w: Walk, node: number): number {
  const { kind } = w.syntax;
  let at = node;
  let whole = w.parent[node] ?? node;
  while (at >= 0) {
    const k = w.kind[at];
    if (k === kind.assignment || k === kind.augmented_assignment) return at;
    if (k === kind.for_statement || k === kind.with_item || k === kind.block || k === kind.call) break;
    whole = at;
    at = w.parent[at] ?? -1;
  }
  return whole;
}
