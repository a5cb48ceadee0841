import type { CallSite, ExprIndex, ImpliedCall, SiteIndex } from '../../../../domain/file-facts.js';
import { calleeExpr, lastName } from './chains.js';
import { isImported, isImportedName, resolveName, selfOf } from './names.js';
import { noteCallOnPublicNames } from './public-names.js';
import { noteMemberAssignment } from './targets.js';
import { typeOf } from './types.js';
import type { ClassContext, Frame, Walk } from './walk.js';

/** How functions that may be type guards are called by custom: what they declare decides. */
const GUARD = /^_?(is|has)_/;
const IMPORTLIB: ReadonlySet<string> = new Set(['importlib']);

interface Arguments {
  readonly positional: ExprIndex[];
  /** The nodes of `positional`. */
  readonly nodes: number[];
  readonly spread: number | undefined;
  readonly keywords: { readonly name: string; readonly value: ExprIndex }[];
}

/** A call: its site, and the value it gives (not always the call itself: `super()`, `cast`, `import_module`). */
export function call(w: Walk, node: number, frame: Frame, via: CallSite['via']): ExprIndex {
  const { b } = w;
  const functionNode = w.child(node, 'function');
  const callee = calleeExpr(w, functionNode, frame);
  // The index comes before the arguments, so that sites stay in source order and functions among the arguments can name their call.
  const expr = b.exprs.push({ k: 'unknown' }) - 1;
  const nameNode = lastName(w, functionNode);
  const name = nameNode < 0 ? '' : w.text(nameNode);
  const site = b.site({ via, expr, owner: frame.owner, name, at: w.at(nameNode < 0 ? functionNode : nameNode) });
  const isCast = name === 'cast' && isImported(b, b.exprs[callee], 'cast');
  const given = readArguments(w, w.child(node, 'arguments'), frame, expr, isCast);
  b.exprs[expr] = {
    k: 'call', callee, arguments: given.positional, ...(given.spread === undefined ? {} : { spread: given.spread }),
    ...(given.keywords.length > 0 ? { keywords: given.keywords } : {}), site,
  };
  return special(w, name, { node, functionNode, callee, expr, given, frame, isCast });
}

/** Notes what the language calls by itself there. */
export function noteImplied(w: Walk, kind: ImpliedCall['kind'], node: number, expr: ExprIndex, frame: Frame): void {
  if (expr === 0 || node < 0) return;
  const nameNode = lastName(w, node);
  w.b.implied.push({ kind, expr, owner: frame.owner, at: w.at(nameNode < 0 ? w.bare(node) : nameNode) });
}

/** The decorators of a definition from top to bottom, each a site, and what applying them to `bare` gives: the lowest first. */
export function decorate(w: Walk, decorators: readonly number[], frame: Frame, bare: ExprIndex): { readonly decorators: ExprIndex[]; readonly applied: ExprIndex } {
  const { b } = w;
  const out: ExprIndex[] = [];
  const applications: { readonly expr: ExprIndex; readonly callee: ExprIndex; readonly site: SiteIndex }[] = [];
  for (const decorator of decorators) {
    const node = w.bare(w.firstPart(decorator));
    if (node < 0) continue;
    if (w.kind[node] === w.syntax.kind.call) {
      const callee = call(w, node, frame, 'decorator');
      out.push(callee);
      applications.push({ expr: b.exprs.push({ k: 'unknown' }) - 1, callee, site: -1 });
      noteImplied(w, 'decorate', w.child(node, 'function'), callee, frame);
      continue;
    }
    const callee = calleeExpr(w, node, frame);
    const expr = b.exprs.push({ k: 'unknown' }) - 1;
    const nameNode = lastName(w, node);
    const site = b.site({ via: 'decorator', expr, owner: frame.owner, name: nameNode < 0 ? '' : w.text(nameNode), at: w.at(nameNode < 0 ? node : nameNode) });
    applications.push({ expr, callee, site });
    out.push(callee);
  }
  let applied = bare;
  for (const { expr, callee, site } of applications.reverse()) {
    b.exprs[expr] = { k: 'call', callee, arguments: [applied], site };
    applied = expr;
  }
  return { decorators: out, applied };
}

function readArguments(w: Walk, list: number, frame: Frame, callExpr: ExprIndex, isCast: boolean): Arguments {
  const { kind } = w.syntax;
  const positional: ExprIndex[] = [];
  const nodes: number[] = [];
  const keywords: { name: string; value: ExprIndex }[] = [];
  let spread: number | undefined;
  const parts = list < 0 ? [] : w.kind[list] === kind.argument_list ? w.parts(list) : [list];
  for (const part of parts) {
    const k = w.kind[part];
    if (k === kind.keyword_argument) {
      const name = w.child(part, 'name');
      const value = w.expr(w.child(part, 'value'), frame);
      if (name >= 0) keywords.push({ name: w.text(name), value });
    } else if (k === kind.dictionary_splat) w.expr(w.firstPart(part), frame);
    else {
      const splat = k === kind.list_splat || k === kind.list_splat_pattern;
      if (splat) spread ??= positional.length;
      const value = isCast && positional.length === 0 && !splat ? 0 : w.expr(part, frame);
      const given = w.b.exprs[value];
      if (given?.k === 'function' && spread === undefined) {
        const facts = w.b.functions[given.function];
        if (facts?.definition === -1) facts.context = { call: callExpr, argument: positional.length };
      }
      positional.push(value);
      nodes.push(part);
    }
  }
  return { positional, nodes, spread, keywords };
}

interface CallParts {
  readonly node: number;
  readonly functionNode: number;
  readonly callee: ExprIndex;
  readonly expr: ExprIndex;
  readonly given: Arguments;
  readonly frame: Frame;
  readonly isCast: boolean;
}

/** Calls that mean more than a call by the language's own rules. */
function special(w: Walk, name: string, parts: CallParts): ExprIndex {
  const { b } = w;
  const { given, frame, callee, expr } = parts;
  switch (name) {
    case 'super':
      return isBuiltin(w, callee) ? superValue(w, given, frame) ?? expr : expr;
    case 'cast': {
      const [type, value] = given.nodes;
      if (!parts.isCast || type === undefined || value === undefined) return expr;
      return b.expr({ k: 'cast', value: given.positional[1] ?? 0, type: typeOf(w, type, frame, frame.owner) });
    }
    case 'isinstance':
    case 'issubclass': {
      const [subject, test] = given.nodes;
      if (subject !== undefined && test !== undefined && given.spread === undefined && w.kind[w.bare(subject)] === w.syntax.kind.identifier && isBuiltin(w, callee)) {
        const tested = given.positional[1] ?? 0;
        const test = { name: w.text(w.bare(subject)), node: w.bare(subject) };
        const value = given.positional[0] ?? 0;
        if (name === 'issubclass') w.tests.set(parts.node, { ...test, value: b.expr({ k: 'instance', class: oneOf(w, tested), itself: true }) });
        else w.tests.set(parts.node, { ...test, value: b.expr({ k: 'instance', class: tested }), ...(value === 0 || tested === 0 ? {} : { otherwise: b.expr({ k: 'instance', class: tested, unless: value }) }) });
      }
      return expr;
    }
    case 'setattr': {
      const [target, key, value] = given.positional;
      const literal = b.exprs[key ?? 0];
      if (target !== undefined && value !== undefined && given.spread === undefined && literal?.k === 'literal' && literal.type === 'string' && literal.value !== undefined && isBuiltin(w, callee)) {
        noteMemberAssignment(w, { target, name: literal.value, nameNode: given.nodes[1] ?? parts.node, value, frame, declares: false });
      }
      return expr;
    }
    case 'import_module':
    case '__import__':
      return dynamicImport(w, name, parts) ?? expr;
    case 'append':
    case 'extend':
    case 'remove':
      noteCallOnPublicNames(w, name, parts.functionNode, given.nodes, frame);
      return expr;
    default: {
      const [subject] = given.nodes;
      const asked = GUARD.test(name) && subject !== undefined && given.spread === undefined && w.kind[w.bare(subject)] === w.syntax.kind.identifier ? w.bare(subject) : -1;
      if (asked >= 0 && callee !== 0) w.tests.set(parts.node, { name: w.text(asked), node: asked, value: b.expr({ k: 'instance', class: callee, guards: 0 }) });
      return expr;
    }
  }
}

/** `super()`, `super(C, self)`: the bases of the class around it. */
function superValue(w: Walk, given: Arguments, frame: Frame): ExprIndex | undefined {
  const { b } = w;
  const member = frame.function?.member;
  if (member === undefined) return undefined;
  const [first, second] = given.positional;
  if (first !== undefined && !namesClass(w, first, member.class)) return undefined;
  const self = second === undefined ? undefined : selfOf(b, b.exprs[second]);
  const isStatic = self === undefined ? member.static : self.static === true;
  return b.exprs.push(isStatic ? { k: 'super', class: member.class.index, static: true } : { k: 'super', class: member.class.index }) - 1;
}

function namesClass(w: Walk, expr: ExprIndex, context: ClassContext): boolean {
  const { b } = w;
  const value = b.exprs[expr];
  if (value?.k === 'member') return value.name === '__class__';
  if (value?.k !== 'name') return false;
  return value.name === '__class__' || (value.name === context.name && resolveName(b, value.scope, value.name)?.binding.definitions?.includes(context.definition) === true);
}

/** `import_module('a.b')`, `__import__('a')` with a constant. */
function dynamicImport(w: Walk, name: string, parts: CallParts): ExprIndex | undefined {
  const { b } = w;
  const literal = b.exprs[parts.given.positional[0] ?? 0];
  if (literal?.k !== 'literal' || literal.type !== 'string' || literal.value === undefined || !/^[\p{ID_Continue}.]+$/u.test(literal.value)) return undefined;
  const known = name === '__import__' ? isBuiltin(w, parts.callee) : isImported(b, b.exprs[parts.callee], 'import_module', IMPORTLIB);
  if (!known) return undefined;
  // A relative name needs the package it is relative to; only this module's own is known.
  if (literal.value.startsWith('.') && !isOwnPackage(w, parts.given, parts.frame)) return undefined;
  const specifier = name === '__import__' ? literal.value.split('.')[0] ?? '' : literal.value;
  const { line, column } = w.at(parts.given.nodes[0] ?? parts.node);
  const index = b.import({
    specifier, kind: 'dynamic', names: [], scope: parts.frame.home, owner: parts.frame.owner, line, column, ...(parts.frame.typeOnly ? { typeOnly: true } : {}),
  });
  return b.expr({ k: 'import', import: index });
}

function isOwnPackage(w: Walk, given: Arguments, frame: Frame): boolean {
  const second = given.positional[1] ?? given.keywords.find((one) => one.name === 'package')?.value ?? 0;
  const value = w.b.exprs[second];
  return value?.k === 'name' && value.name === '__package__' && resolveName(w.b, frame.scope, '__package__') === undefined;
}

function isBuiltin(w: Walk, callee: ExprIndex): boolean {
  const value = w.b.exprs[callee];
  if (value?.k !== 'name') return false;
  return resolveName(w.b, value.scope, value.name) === undefined || isImportedName(w.b, value.scope, value.name, value.name, BUILTINS);
}

const BUILTINS: ReadonlySet<string> = new Set(['builtins', '__builtin__']);

/** Each of a tuple of classes, or the one class. */
function oneOf(w: Walk, classes: ExprIndex): ExprIndex {
  const value = w.b.exprs[classes];
  return value?.k === 'array' ? w.b.expr({ k: 'union', of: value.elements }) : classes;
}

