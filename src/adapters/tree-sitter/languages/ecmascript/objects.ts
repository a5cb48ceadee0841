import type { DefinitionIndex, Expr, ExprIndex } from '../../../../domain/file-facts.js';
import { propertyName } from './constants.js';
import { define } from './definitions.js';
import { commentBefore, modifiers } from './documentation.js';
import { readFunction } from './functions.js';
import { isFunction, unwrapped } from './values.js';
import type { ExpressionRule } from './vocabulary.js';
import type { Walk } from './walk.js';

export const objectExpressions: ReadonlyMap<string, ExpressionRule> = new Map<string, ExpressionRule>([['object', object]]);

type Property = (Expr & { readonly k: 'object' })['properties'][number];

function object(walk: Walk, node: number): ExprIndex {
  const { k, f, build } = walk;
  const properties: Property[] = [];
  const spreads: ExprIndex[] = [];
  const values: ExprIndex[] = [];
  const methods: ExprIndex[] = [];
  const parent = walk.holders.get(node) ?? walk.at.owner;
  const end = walk.end(node);
  for (let child = node + 1; child < end; child = walk.end(child)) {
    if (!walk.counts(child)) continue;
    const kind = walk.kind(child);
    if (kind === k.pair) {
      const keyNode = walk.child(child, f.key);
      const key = propertyName(walk, keyNode);
      const valueNode = walk.child(child, f.value);
      const definition = valueNode < 0 ? -1 : definePair(walk, child, keyNode, valueNode, { name: key.written, parent });
      const value = walk.read(valueNode);
      if (definition >= 0) methods.push(value);
      if (key.name === undefined) values.push(value);
      else properties.push(definition >= 0 ? { name: key.name, value, definition } : { name: key.name, value });
    } else if (kind === k.shorthand_property_identifier) {
      properties.push({ name: walk.text(child), value: walk.nameRead(child, false) });
    } else if (kind === k.method_definition) {
      const method = readMethod(walk, child, parent);
      methods.push(method.function);
      if (method.name === undefined) values.push(method.value);
      else if (method.value !== 0) properties.push({ name: method.name, value: method.value, definition: method.definition });
    } else if (kind === k.spread_element) spreads.push(walk.read(walk.inner(child)));
    else walk.anything(child);
  }
  const expr = build.expr({ k: 'object', container: 'object', properties, spreads, ...(values.length === 0 ? {} : { values }) });
  for (const method of methods) {
    const value = build.exprs[method];
    const facts = value?.k === 'function' ? build.functions[value.function] : undefined;
    if (facts !== undefined) facts.home = expr;
  }
  return expr;
}

/** A property that holds a function is a method of what holds the literal; an object in it is held by the same. */
function definePair(walk: Walk, pair: number, key: number, value: number, as: { readonly name: string; readonly parent: DefinitionIndex }): DefinitionIndex {
  const { k, f } = walk;
  const inner = unwrapped(walk, value);
  if (inner < 0) return -1;
  if (walk.kind(inner) === k.object) walk.holders.set(inner, as.parent);
  if (!isFunction(walk, inner)) return -1;
  const doc = commentBefore(walk, pair);
  const definition = define(walk, { kind: 'method', name: as.name, at: key, whole: pair, body: walk.child(inner, f.body), parent: as.parent, modifiers: modifiers(walk, inner), doc });
  walk.functionNotes.set(inner, { definition, doc });
  return definition;
}

function readMethod(walk: Walk, node: number, parent: DefinitionIndex): { readonly name: string | undefined; readonly value: ExprIndex; readonly function: ExprIndex; readonly definition: DefinitionIndex } {
  const { f, build } = walk;
  const nameNode = walk.child(node, f.name);
  const key = propertyName(walk, nameNode);
  const marks = modifiers(walk, node);
  const doc = commentBefore(walk, node);
  const definition = define(walk, { kind: 'method', name: key.written, at: nameNode < 0 ? node : nameNode, whole: node, body: walk.child(node, f.body), parent, modifiers: marks, doc });
  const read = readFunction(walk, node, { definition, doc });
  const value = build.expr({ k: 'function', function: read.function });
  // Reading a getter's property gives what the getter returns.
  const used = marks.includes('getter') ? build.expr({ k: 'call', callee: value, arguments: [], site: -1 }) : marks.includes('setter') ? 0 : value;
  return { name: key.name, value: used, function: value, definition };
}
