import type { ExprIndex } from '../../../../domain/file-facts.js';
import {
  readClassDeclaration, readEnum, readFunctionDeclaration, readGlobal, readInterface, readNamespace, readTypeAlias,
} from './declarations.js';
import type { DeclarationContext } from './vocabulary.js';
import { isDocComment } from './documentation.js';
import { afterAssignment } from './assigned-names.js';
import { assignValue } from './expressions.js';
import { noteReturned } from './functions.js';
import { readDocDeclarations } from './jsdoc.js';
import { enterNarrowed, factsOf, joinFacts, leaves, narrowedScope, noFacts, type Facts } from './narrowing.js';
import { bindPattern } from './patterns.js';
import { readVariables, usingAssignment } from './variables.js';
import type { DeclarationRule, StatementRule } from './vocabulary.js';
import type { Walk } from './walk.js';

const ERROR = 65535;
/** Assignments in one block behind which a name is known anew: beyond, it is generated code. */
const MOST_ASSIGNMENTS = 32;

export const plainStatements: ReadonlyMap<string, StatementRule> = new Map<string, StatementRule>([
  ['expression_statement', expressionStatement],
  ['statement_block', blockStatement],
  ['if_statement', ifStatement],
  ['else_clause', (walk, node) => walk.statement(walk.inner(node))],
  ['for_statement', forStatement],
  ['for_in_statement', forInStatement],
  ['while_statement', whileStatement],
  ['switch_statement', switchStatement],
  ['switch_case', switchCase],
  ['switch_default', (walk, node) => readStatements(walk, node)],
  ['try_statement', (walk, node) => walk.anything(node)],
  ['finally_clause', (walk, node) => walk.anything(node)],
  ['catch_clause', catchClause],
  ['return_statement', returnStatement],
]);

/** Declarations by their node kind: the inside of `export` and `declare`, or a statement when they stand alone. */
export const declarations: ReadonlyMap<string, DeclarationRule> = new Map<string, DeclarationRule>([
  ['variable_declaration', readVariables], ['lexical_declaration', readVariables], ['using_declaration', readVariables],
  ['function_declaration', readFunctionDeclaration], ['generator_function_declaration', readFunctionDeclaration], ['function_signature', readFunctionDeclaration],
  ['class_declaration', readClassDeclaration], ['abstract_class_declaration', readClassDeclaration],
  ['interface_declaration', readInterface], ['type_alias_declaration', readTypeAlias], ['enum_declaration', readEnum],
  ['module', readNamespace], ['internal_module', readNamespace], ['ambient_declaration', readAmbient],
]);

function alone(declare: DeclarationRule): StatementRule {
  return (walk, node) => void declare(walk, node, { outer: node, exported: false, ambient: false, decorators: [] });
}

export const declarationStatements: ReadonlyMap<string, StatementRule> = new Map([...declarations].map(([kind, declare]) => [kind, alone(declare)] as const));

/** Reads the statements in a node, in the walk's scope. What an early exit rules out narrows the rest. */
export function readStatements(walk: Walk, parent: number): void {
  const { k, f } = walk;
  const saved = walk.at;
  const end = walk.end(parent);
  let assignments = 0;
  for (let child = parent + 1; child < end; child = walk.end(child)) {
    const kind = walk.kind(child);
    if (kind === k.comment) {
      if (walk.javascript && isDocComment(walk, child)) readDocDeclarations(walk, child);
      continue;
    }
    if (!walk.counts(child) && kind !== ERROR) continue;
    if (walk.field(child) === f.value && walk.kind(parent) === k.switch_case) continue;
    walk.statement(child);
    const facts = kind === k.if_statement ? factsAfter(walk, child) : kind === k.expression_statement ? assertedFacts(walk, child) : noFacts;
    if (facts.size > 0) walk.at = { ...walk.at, scope: narrowedScope(walk, facts) };
    if (kind !== k.expression_statement || assignments >= MOST_ASSIGNMENTS) continue;
    const scope = afterAssignment(walk, walk.inner(child), end);
    if (scope === undefined) continue;
    assignments++;
    walk.at = { ...walk.at, scope };
  }
  walk.at = saved;
}

/** What must hold behind an `if` one of whose branches leaves. */
function factsAfter(walk: Walk, node: number): Facts {
  const { f } = walk;
  const condition = walk.child(node, f.condition);
  const otherwise = walk.child(node, f.alternative);
  const first = leaves(walk, walk.child(node, f.consequence)) ? factsOf(walk, condition, false) : noFacts;
  return otherwise >= 0 && leaves(walk, otherwise) ? joinFacts(first, factsOf(walk, condition, true)) : first;
}

/** `assert(x instanceof C)` and `invariant(…)`. */
function assertedFacts(walk: Walk, node: number): Facts {
  const { k, f } = walk;
  const call = walk.inner(node);
  if (call < 0 || walk.kind(call) !== k.call_expression) return noFacts;
  const callee = walk.child(call, f.function);
  if (callee < 0 || !(walk.is(callee, 'assert') || walk.is(callee, 'invariant') || walk.is(callee, 'assert.ok'))) return noFacts;
  const list = walk.child(call, f.arguments);
  return list < 0 ? noFacts : factsOf(walk, walk.inner(list), true);
}

/** `namespace A {}` stands as an expression in the grammar. */
function expressionStatement(walk: Walk, node: number): void {
  const inner = walk.inner(node);
  if (inner < 0) return;
  if (usingAssignment(walk, node) >= 0) readVariables(walk, node, { outer: node, exported: false, ambient: false, decorators: [] });
  else if (walk.declarationRule(inner) === undefined) walk.read(inner);
  else walk.statement(inner);
}

/** A block with a scope of its own. */
function blockStatement(walk: Walk, node: number): void {
  if (!declares(walk, node)) {
    readStatements(walk, node);
    return;
  }
  const scope = walk.build.scope('block', walk.at.scope, walk.at.owner);
  walk.within({ scope, block: scope }, () => readStatements(walk, node));
}

/** Whether a block binds names of its own: one that does not needs no scope. */
function declares(walk: Walk, node: number): boolean {
  const end = walk.end(node);
  for (let child = node + 1; child < end; child = walk.end(child)) {
    if (walk.kind(child) === walk.k.variable_declaration) continue;
    if (walk.declarationRule(child) !== undefined || walk.kind(child) === walk.k.import_alias || walk.kind(child) === walk.k.expression_statement && (walk.declarationRule(child + 1) !== undefined || usingAssignment(walk, child) >= 0)) return true;
  }
  return false;
}

function ifStatement(walk: Walk, node: number): void {
  const { f } = walk;
  const condition = walk.child(node, f.condition);
  walk.read(condition);
  enterNarrowed(walk, factsOf(walk, condition, true), () => statementIn(walk, walk.child(node, f.consequence)));
  const otherwise = walk.child(node, f.alternative);
  if (otherwise >= 0) enterNarrowed(walk, factsOf(walk, condition, false), () => walk.statement(otherwise));
}

function statementIn(walk: Walk, node: number): void {
  if (node >= 0) walk.statement(node);
}

function whileStatement(walk: Walk, node: number): void {
  const condition = walk.child(node, walk.f.condition);
  walk.read(condition);
  enterNarrowed(walk, factsOf(walk, condition, true), () => statementIn(walk, walk.child(node, walk.f.body)));
}

function forStatement(walk: Walk, node: number): void {
  const { f, k } = walk;
  const initializer = walk.child(node, f.initializer);
  const scoped = initializer >= 0 && walk.kind(initializer) === k.lexical_declaration;
  const scope = scoped ? walk.build.scope('block', walk.at.scope, walk.at.owner) : walk.at.scope;
  walk.within(scoped ? { scope, block: scope } : {}, () => {
    const end = walk.end(node);
    for (let child = node + 1; child < end; child = walk.end(child)) if (walk.counts(child)) statementIn(walk, child);
  });
}

function forInStatement(walk: Walk, node: number): void {
  const { f, t, build } = walk;
  const left = walk.child(node, f.left);
  const word = walk.child(node, f.kind);
  const over = walk.child(node, f.operator);
  const source = walk.read(walk.child(node, f.right));
  let value: ExprIndex;
  if (over >= 0 && walk.is(over, 'in')) value = build.expr({ k: 'literal', type: 'string' });
  else value = source === 0 ? 0 : build.expr(walk.has(node, t.await) ? { k: 'iterate', value: source, async: true } : { k: 'iterate', value: source });
  const lexical = word >= 0 && !walk.is(word, 'var');
  const scope = lexical ? build.scope('block', walk.at.scope, walk.at.owner) : walk.at.scope;
  walk.within(lexical ? { scope, block: scope } : {}, () => {
    if (left >= 0 && word < 0) assignValue(walk, left, value);
    else if (left >= 0) {
      bindPattern(walk, left, value, { kind: 'declare', scope: lexical ? scope : walk.at.variables, constant: walk.kind(word) === t.const ? true : undefined, exported: false });
    }
    statementIn(walk, walk.child(node, f.body));
  });
}

function switchStatement(walk: Walk, node: number): void {
  walk.read(walk.child(node, walk.f.value));
  const body = walk.child(node, walk.f.body);
  if (body < 0) return;
  const scope = walk.build.scope('block', walk.at.scope, walk.at.owner);
  walk.within({ scope, block: scope }, () => walk.anything(body));
}

function switchCase(walk: Walk, node: number): void {
  walk.read(walk.child(node, walk.f.value));
  readStatements(walk, node);
}

function catchClause(walk: Walk, node: number): void {
  const { f } = walk;
  const scope = walk.build.scope('block', walk.at.scope, walk.at.owner);
  walk.within({ scope, block: scope }, () => {
    const parameter = walk.child(node, f.parameter);
    const type = walk.annotation(walk.child(node, f.type));
    if (parameter >= 0) bindPattern(walk, parameter, 0, { kind: 'declare', scope, constant: undefined, exported: false }, type);
    const body = walk.child(node, f.body);
    if (body >= 0) walk.rules.block(walk, body);
  });
}

function returnStatement(walk: Walk, node: number): void {
  const value = walk.inner(node);
  if (value < 0) return;
  const facts = walk.build.functions[walk.at.function];
  if (facts !== undefined) noteReturned(walk, value, facts);
  const expr = walk.read(value);
  facts?.returns.push(expr);
}

/** `declare …`. */
export function readAmbient(walk: Walk, node: number, context: DeclarationContext): void {
  const global = walk.source.childOfKind(node, walk.t.global);
  const block = walk.source.childOfKind(node, walk.k.statement_block);
  if (global >= 0 && block >= 0) readGlobal(walk, node, global, block, context);
  else readDeclared(walk, node, { ...context, ambient: true });
}

/** The declaration inside `export` or `declare`. */
export function readDeclared(walk: Walk, node: number, context: DeclarationContext): void {
  const inner = walk.source.namedChildren(node).find((child) => walk.kind(child) !== walk.k.decorator);
  if (inner === undefined) return;
  const declare = walk.declarationRule(inner);
  if (declare === undefined) walk.statement(inner);
  else declare(walk, inner, context);
}
