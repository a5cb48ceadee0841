import type { ExprIndex, ImportIndex } from '../../../../domain/file-facts.js';
import { noteExportCall } from './commonjs-calls.js';
import { constantString } from './constants.js';
import { importFacts } from './import-facts.js';
import { finishCall, openSite, readCall } from './sites.js';
import type { ExpressionRule } from './vocabulary.js';
import type { Walk } from './walk.js';

/** Calls whose first argument names a module without giving it: `object.method`. */
const MODULE_NAMING = new Map([
  ['jest', new Set(['mock', 'unmock', 'doMock', 'dontMock', 'setMock', 'requireActual', 'requireMock', 'unstable_mockModule', 'createMockFromModule'])],
  ['vi', new Set(['mock', 'unmock', 'doMock', 'doUnmock', 'importActual', 'importMock'])],
  ['require', new Set(['resolve'])],
]);

export const callExpressions: ReadonlyMap<string, ExpressionRule> = new Map<string, ExpressionRule>([
  ['call_expression', call], ['new_expression', construct],
]);

function call(walk: Walk, node: number): ExprIndex {
  const { k, f } = walk;
  const callee = walk.child(node, f.function);
  if (callee < 0) {
    walk.anything(node);
    return 0;
  }
  const kind = walk.kind(callee);
  const list = walk.child(node, f.arguments);
  if (kind === k.import) return dynamicImport(walk, node, list);
  if (list >= 0 && walk.kind(list) === k.template_string) return readCall(walk, node, 'tag');
  if (kind === k.super) return readCall(walk, node, 'super');
  if (kind === k.identifier && walk.isCommonJsName(callee, 'require')) return required(walk, node, list);
  const expr = readCall(walk, node, 'call');
  if (kind === k.member_expression) {
    noteReference(walk, callee, list);
    noteExportCall(walk, callee, list, expr);
  }
  return expr;
}

function construct(walk: Walk, node: number): ExprIndex {
  const constructor = walk.child(node, walk.f.constructor);
  const callee = walk.quiet(constructor);
  const site = openSite(walk, constructor, 'new');
  return finishCall(walk, node, { k: 'new', callee, site });
}

/** `import('x')` gives the module itself: awaiting it changes nothing that linking could use. */
function dynamicImport(walk: Walk, node: number, list: number): ExprIndex {
  const specifier = firstConstant(walk, list);
  if (specifier === undefined) {
    if (list >= 0) walk.anything(list);
    return 0;
  }
  return walk.build.expr({ k: 'import', import: addImport(walk, node, 'dynamic', specifier) });
}

/** `require('x')` is a call of `require`, and its value is the module. */
function required(walk: Walk, node: number, list: number): ExprIndex {
  walk.requires = true;
  const expr = readCall(walk, node, 'call');
  const specifier = firstConstant(walk, list);
  return specifier === undefined ? expr : walk.build.expr({ k: 'import', import: addImport(walk, node, 'require', specifier) });
}

function noteReference(walk: Walk, callee: number, list: number): void {
  const object = walk.child(callee, walk.f.object);
  if (object < 0 || walk.kind(object) !== walk.k.identifier) return;
  const methods = MODULE_NAMING.get(walk.source.text(object));
  if (methods === undefined || !methods.has(walk.source.text(walk.child(callee, walk.f.property)))) return;
  const specifier = firstConstant(walk, list);
  if (specifier !== undefined) walk.build.import(importFacts(walk, callee, 'reference', specifier));
}

function firstConstant(walk: Walk, list: number): string | undefined {
  const first = list < 0 ? -1 : walk.inner(list);
  return first < 0 ? undefined : constantString(walk, first);
}

function addImport(walk: Walk, node: number, kind: 'require' | 'dynamic', specifier: string): ImportIndex {
  const facts = importFacts(walk, node, kind, specifier);
  if (!namesItself(walk, node)) facts.names.push({ imported: '*', local: '' });
  return walk.build.import(facts);
}

/** Whether a statement takes nothing from the module, or a declaration around the call says what. */
function namesItself(walk: Walk, node: number): boolean {
  const { k } = walk;
  let at = walk.nodes.parent[node] ?? -1;
  let members = 0;
  for (; at >= 0; at = walk.nodes.parent[at] ?? -1) {
    const kind = walk.kind(at);
    if (kind === k.member_expression) {
      if (++members > 1) return false;
    } else if (kind !== k.await_expression && kind !== k.parenthesized_expression && kind !== k.as_expression && kind !== k.non_null_expression) break;
  }
  return walk.kind(at) === k.variable_declarator || (members === 0 && walk.kind(at) === k.expression_statement);
}
