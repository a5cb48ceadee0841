import type { DefinitionIndex, ExprIndex, ScopeIndex, TypeIndex } from '../../../../domain/file-facts.js';
import { assignTo } from './assignments.js';
import { propertyName } from './constants.js';
import type { Walk } from './walk.js';

/** What becomes of each name of a pattern. */
export type PatternTarget =
  /** Declared here. `define` makes a definition of a name where it is one. */
  | {
      readonly kind: 'declare'; readonly scope: ScopeIndex; readonly constant: boolean | undefined; readonly exported: boolean;
      readonly define?: (name: number) => DefinitionIndex | undefined;
    }
  /** Names, members and elements that exist already. */
  | { readonly kind: 'assign' };

/** Binds what a destructuring pattern (or a plain name) takes from `value`. */
export function bindPattern(walk: Walk, pattern: number, value: ExprIndex, target: PatternTarget, type?: TypeIndex): void {
  const { k, f } = walk;
  const kind = walk.kind(pattern);
  if (kind === k.object_pattern) bindObject(walk, pattern, value, target);
  else if (kind === k.array_pattern) bindArray(walk, pattern, value, target);
  else if (kind === k.assignment_pattern || kind === k.object_assignment_pattern) {
    const fallback = walk.read(walk.child(pattern, f.right));
    bindPattern(walk, walk.child(pattern, f.left), either(walk, value, fallback), target, type);
  } else if (kind === k.rest_pattern) {
    const inner = walk.inner(pattern);
    if (inner >= 0) bindPattern(walk, inner, value, target, type);
  } else if (kind === k.identifier || kind === k.shorthand_property_identifier_pattern) {
    if (target.kind === 'assign') {
      walk.assign(walk.text(pattern), value);
      return;
    }
    const imported = importedPart(walk, value);
    if (imported !== undefined) return bindImported(walk, pattern, imported, target);
    const definition = target.define?.(pattern);
    walk.bind(target.scope, pattern, {
      kind: definition === undefined ? 'variable' : 'definition', definition, value: value === 0 ? undefined : value, type, constant: target.constant,
      exported: target.exported,
    });
  } else if (target.kind === 'assign') assignTo(walk, pattern, value);
}

/** The module and name that a value is, when it is a module's namespace or one member of it. */
export function importedPart(walk: Walk, value: ExprIndex): { readonly import: number; readonly imported: string } | undefined {
  const expr = walk.build.exprs[value];
  if (expr?.k === 'import') return { import: expr.import, imported: '*' };
  if (expr?.k !== 'member') return undefined;
  const object = walk.build.exprs[expr.object];
  return object?.k === 'import' ? { import: object.import, imported: expr.name } : undefined;
}

function bindImported(walk: Walk, node: number, from: { readonly import: number; readonly imported: string }, target: { readonly scope: ScopeIndex; readonly constant: boolean | undefined; readonly exported: boolean }): void {
  const local = walk.text(node);
  walk.build.imports[from.import]?.names.push({ imported: from.imported, local });
  walk.bind(target.scope, node, { kind: 'import', import: from, constant: target.constant, exported: target.exported });
}

/** A destructured part and its default. */
export function either(walk: Walk, value: ExprIndex, fallback: ExprIndex): ExprIndex {
  if (value === 0) return fallback;
  return fallback === 0 ? value : walk.build.expr({ k: 'union', of: [value, fallback] });
}

function bindObject(walk: Walk, pattern: number, value: ExprIndex, target: PatternTarget): void {
  const { k, f } = walk;
  const end = walk.end(pattern);
  for (let child = pattern + 1; child < end; child = walk.end(child)) {
    if (!walk.counts(child)) continue;
    const kind = walk.kind(child);
    if (kind === k.shorthand_property_identifier_pattern) bindPattern(walk, child, memberOf(walk, value, walk.text(child)), target);
    else if (kind === k.object_assignment_pattern) {
      const left = walk.child(child, f.left);
      bindPattern(walk, child, left >= 0 && walk.kind(left) === k.shorthand_property_identifier_pattern ? memberOf(walk, value, walk.text(left)) : 0, target);
    } else if (kind === k.pair_pattern) {
      const key = propertyName(walk, walk.child(child, f.key));
      bindPattern(walk, walk.child(child, f.value), key.name === undefined ? indexOf(walk, value) : memberOf(walk, value, key.name), target);
    } else if (kind === k.rest_pattern) bindPattern(walk, child, value === 0 || walk.build.exprs[value]?.k !== 'import' ? value : indexFree(walk, value), target);
  }
}

function bindArray(walk: Walk, pattern: number, value: ExprIndex, target: PatternTarget): void {
  let index = 0;
  const end = walk.end(pattern);
  for (let child = pattern + 1; child < end; child = walk.end(child)) {
    if (walk.kind(child) === walk.t[',']) index++;
    else if (walk.counts(child)) {
      const rest = walk.kind(child) === walk.k.rest_pattern;
      bindPattern(walk, child, value === 0 ? 0 : walk.build.expr(rest ? { k: 'unpack', value, index, rest: true } : { k: 'unpack', value, index }), target);
    }
  }
}

function memberOf(walk: Walk, object: ExprIndex, name: string): ExprIndex {
  return object === 0 ? 0 : walk.member(object, name);
}

function indexOf(walk: Walk, object: ExprIndex): ExprIndex {
  return object === 0 ? 0 : walk.build.expr({ k: 'index', object });
}

/** The rest of a module's members: an object that has them, and no import by that name. */
function indexFree(walk: Walk, value: ExprIndex): ExprIndex {
  return walk.build.expr({ k: 'object', container: 'object', properties: [], spreads: [value] });
}
