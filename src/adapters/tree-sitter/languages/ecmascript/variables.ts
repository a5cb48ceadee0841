import type { DefinitionIndex, DefinitionKind, ScopeIndex } from '../../../../domain/file-facts.js';
import { define } from './definitions.js';
import { commentBefore, modifiers } from './documentation.js';
import { docTypeBefore } from './jsdoc.js';
import { bindPattern } from './patterns.js';
import { heldFunction, heldObjects, isImport, unwrapped } from './values.js';
import type { DeclarationContext } from './vocabulary.js';
import type { Walk } from './walk.js';

interface Declared {
  readonly scope: ScopeIndex;
  readonly constant: boolean | undefined;
  readonly visible: boolean;
  /** Whether plain variables are definitions here. */
  readonly defines: boolean;
  readonly context: DeclarationContext;
  /** The declaration when it declares one thing, else each declarator by itself. */
  readonly statement: number | undefined;
  readonly modifiers: readonly string[];
}

/** `var`, `let`, `const` and `using`. */
export function readVariables(walk: Walk, node: number, context: DeclarationContext): void {
  const { k, t, f } = walk;
  const using = usingAssignment(walk, node);
  const declarators = using >= 0 ? [using] : walk.source.namedChildren(node).filter((child) => walk.kind(child) === k.variable_declarator);
  const word = walk.child(node, f.kind);
  const isVar = walk.kind(node) === k.variable_declaration;
  const constant = !isVar && (word < 0 || walk.kind(word) === t.const || using >= 0 || walk.kind(node) === k.using_declaration);
  const scope = isVar ? walk.at.variables : walk.at.block;
  const kind = walk.build.scopes[scope]?.kind;
  const declared: Declared = {
    scope, constant: constant ? true : undefined, visible: context.exported || walk.at.ambient, defines: !walk.at.local && (kind === 'module' || kind === 'namespace'), context,
    statement: declarators.length === 1 ? context.outer : undefined, modifiers: context.ambient ? ['declare'] : [],
  };
  for (const declarator of declarators) readDeclarator(walk, declarator, declared);
}

/** The assignment that TypeScript's grammar makes of the statement `using x = value` or `await using x = value`; -1 for any other node. */
export function usingAssignment(walk: Walk, node: number): number {
  const { k, t } = walk;
  if (walk.kind(node) !== k.expression_statement) return -1;
  let inner = walk.inner(node);
  if (inner >= 0 && walk.kind(inner) === k.await_expression) inner = walk.inner(inner);
  return inner >= 0 && walk.kind(inner) === k.assignment_expression && walk.has(inner, t.using) ? inner : -1;
}

function readDeclarator(walk: Walk, node: number, declared: Declared): void {
  const { f, k } = walk;
  const assigns = walk.kind(node) === k.assignment_expression;
  const nameNode = walk.child(node, assigns ? f.left : f.name);
  const valueNode = walk.child(node, assigns ? f.right : f.value);
  const doc = commentBefore(walk, declared.statement ?? node);
  if (nameNode < 0) {
    walk.anything(node);
    return;
  }
  let type = walk.annotation(walk.child(node, f.type));
  if (type === undefined && walk.javascript && doc >= 0) type = docTypeBefore(walk, doc);
  const named = walk.kind(nameNode) === k.identifier;
  const imported = valueNode >= 0 && isImport(walk, valueNode);
  if (!named || imported) {
    const definitions = new Map<number, DefinitionIndex>();
    if (declared.defines && !imported) for (const name of patternNames(walk, nameNode)) definitions.set(name, defineVariable(walk, node, name, declared, { kind: 'variable', doc, body: valueNode, modifiers: declared.modifiers }));
    const value = walk.read(valueNode);
    bindPattern(walk, nameNode, value, {
      kind: 'declare', scope: declared.scope, constant: declared.constant, exported: declared.visible && walk.at.namespace >= 0,
      define: (name) => definitions.get(name) ?? (declared.defines ? defineVariable(walk, node, name, declared, { kind: 'variable', doc, body: valueNode, modifiers: declared.modifiers }) : undefined),
    }, type);
    return;
  }
  const held = heldFunction(walk, valueNode);
  const classNode = valueNode < 0 ? -1 : unwrapped(walk, valueNode);
  const isClass = classNode >= 0 && walk.kind(classNode) === k.class;
  const isFunction = held !== undefined && (!held.wrapped || declared.defines);
  let definition: DefinitionIndex | undefined;
  if (isFunction) {
    definition = defineVariable(walk, node, nameNode, declared, { kind: 'function', doc, body: walk.child(held.node, f.body), modifiers: modifiers(walk, held.node, declared.modifiers) });
    walk.functionNotes.set(held.node, { definition, wrapped: held.wrapped, doc, ...(held.wrapped ? {} : { contextType: type }) });
  } else if (isClass) {
    definition = defineVariable(walk, node, nameNode, declared, { kind: 'class', doc, body: walk.child(classNode, f.body), modifiers: modifiers(walk, classNode, declared.modifiers) });
    walk.holders.set(classNode, definition);
  } else if (declared.defines) {
    definition = defineVariable(walk, node, nameNode, declared, { kind: 'variable', doc, body: valueNode, modifiers: declared.modifiers });
    for (const literal of heldObjects(walk, valueNode)) walk.holders.set(literal, definition);
  }
  const draft = definition === undefined ? undefined : walk.build.definitions[definition];
  if (draft !== undefined && type !== undefined) draft.type = type;
  const value = walk.read(valueNode);
  walk.bind(declared.scope, nameNode, {
    kind: definition === undefined ? 'variable' : 'definition', definition, value: value === 0 ? undefined : value, type, constant: declared.constant,
    exported: declared.visible && walk.at.namespace >= 0,
  });
}

function defineVariable(
  walk: Walk, declarator: number, name: number, declared: Declared,
  as: { readonly kind: DefinitionKind; readonly doc: number; readonly body: number; readonly modifiers: readonly string[] },
): DefinitionIndex {
  return define(walk, {
    kind: as.kind, name: walk.text(name), at: name, whole: declared.statement ?? declarator, body: as.body, doc: as.doc, scope: declared.scope, modifiers: as.modifiers,
    exported: declared.visible,
  });
}

/** The names that a pattern binds, in source order. */
export function patternNames(walk: Walk, pattern: number): number[] {
  const { k, f } = walk;
  const found: number[] = [];
  const open = [pattern];
  while (open.length > 0) {
    const node = open.pop() ?? -1;
    if (node < 0) continue;
    const kind = walk.kind(node);
    if (kind === k.identifier || kind === k.shorthand_property_identifier_pattern) found.push(node);
    else if (kind === k.assignment_pattern || kind === k.object_assignment_pattern) open.push(walk.child(node, f.left));
    else if (kind === k.pair_pattern) open.push(walk.child(node, f.value));
    else if (kind === k.object_pattern || kind === k.array_pattern || kind === k.rest_pattern) open.push(...walk.source.namedChildren(node).reverse());
  }
  return found;
}
