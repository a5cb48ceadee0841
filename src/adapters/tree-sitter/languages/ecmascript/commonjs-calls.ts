import type { Expr, ExprIndex } from '../../../../domain/file-facts.js';
import { constantString } from './constants.js';
import { isExportObject } from './export-target.js';
import type { Walk } from './walk.js';

/** What `Object.assign(module.exports, …)` and `Object.defineProperty(target, 'a', { … })` add to the module or to an object. The call is read already. */
export function noteExportCall(walk: Walk, callee: number, list: number, expr: ExprIndex): void {
  const { f } = walk;
  const object = walk.child(callee, f.object);
  const method = walk.child(callee, f.property);
  if (object < 0 || method < 0 || list < 0 || !walk.is(object, 'Object')) return;
  const nodes = walk.source.namedChildren(list);
  const call = walk.build.exprs[expr];
  const target = nodes[0];
  if (call?.k !== 'call' || target === undefined) return;
  if (walk.is(method, 'assign')) {
    if (isExportObject(walk, target)) for (const value of call.arguments.slice(1)) exportAll(walk, value, target);
  } else if (walk.is(method, 'defineProperty')) {
    const name = nodes[1] === undefined ? undefined : constantString(walk, nodes[1]);
    const value = propertyValue(walk, call.arguments[2] ?? 0);
    if (name !== undefined && value !== undefined) addProperty(walk, { target, name, at: nodes[1] ?? target, value: value.value, definition: value.definition, object: call.arguments[0] ?? 0 });
  } else if (walk.is(method, 'defineProperties')) {
    const described = walk.build.exprs[call.arguments[1] ?? 0];
    if (described?.k !== 'object') return;
    for (const property of described.properties) {
      const value = propertyValue(walk, property.value);
      if (value !== undefined) addProperty(walk, { target, name: property.name, at: target, value: value.value, definition: value.definition, object: call.arguments[0] ?? 0 });
    }
  }
}

function exportAll(walk: Walk, value: ExprIndex, node: number): void {
  walk.requires = true;
  const { line } = walk.position(node);
  const expr = walk.build.exprs[value];
  if (expr?.k === 'import') walk.build.exports.push({ kind: 'star', import: expr.import, line });
  if (expr?.k !== 'object') return;
  for (const property of expr.properties) {
    walk.build.exports.push({
      kind: 'value', name: property.name, value: property.value, commonjs: true, ...(property.definition === undefined ? {} : { definition: property.definition }), line,
    });
  }
  for (const spread of expr.spreads) exportAll(walk, spread, node);
}

/** What reading the described property gives: its `value`, or what its `get` returns. */
function propertyValue(walk: Walk, descriptor: ExprIndex): { readonly value: ExprIndex; readonly definition: number | undefined } | undefined {
  const expr = walk.build.exprs[descriptor];
  if (expr?.k !== 'object') return undefined;
  const find = (name: string): (Expr & { readonly k: 'object' })['properties'][number] | undefined => expr.properties.find((property) => property.name === name);
  const plain = find('value');
  if (plain !== undefined) return { value: plain.value, definition: plain.definition };
  const getter = find('get');
  if (getter === undefined) return undefined;
  return { value: walk.build.expr({ k: 'call', callee: getter.value, arguments: [], site: -1 }), definition: getter.definition };
}

function addProperty(walk: Walk, of: { readonly target: number; readonly name: string; readonly at: number; readonly value: ExprIndex; readonly definition: number | undefined; readonly object: ExprIndex }): void {
  if (of.name === '__esModule') return;
  const definition = of.definition === undefined ? {} : { definition: of.definition };
  walk.assignMember({ target: of.object, name: of.name, value: of.value, ...definition }, of.at);
  if (!isExportObject(walk, of.target)) return;
  walk.requires = true;
  walk.build.exports.push({ kind: 'value', name: of.name, value: of.value, commonjs: true, ...definition, line: walk.position(of.at).line });
}
