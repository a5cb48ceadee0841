import type { CallSite, Expr, ExprIndex, ImportFacts, Position, TypeIndex } from '../file-facts.js';
import type { Evaluation } from '../linking/evaluation.js';
import { importOrigins } from '../linking/modules.js';
import type { LinkFile } from '../linking/program.js';
import type { LineColumn, NamePlace, SyntaxPlace } from '../name-place.js';
import { bindingDeclarations, definitionDeclaration, externalDeclaration, fileDeclaration, valueDeclaration, type Declaration } from './declaration.js';
import { findBinding, findExpr, findImport, findMember, findName, join, type Found } from './find-declaration.js';
import { at, type Step } from './step.js';

/** Where a name of a file is declared; undefined where the facts make nothing of the place. */
export function defineName(ev: Evaluation, file: LinkFile, place: NamePlace): Found | undefined {
  return inImport(ev, file, place) ?? declared(ev, file, place) ?? used(ev, file, place) ?? keyword(ev, file, place) ?? patternKey(ev, file, place) ?? named(ev, file, place);
}

/**
 * The name at a place by what the facts alone have places for: declarations, calls, references, types, the local names of imports. For a source that cannot be read.
 */
export function placeInFacts(file: LinkFile, { line, column }: LineColumn): NamePlace | undefined {
  const { facts } = file;
  const candidates: { readonly name: string; readonly start: LineColumn; readonly offset?: number; readonly expr?: ExprIndex; readonly type?: TypeIndex }[] = [];
  for (const { name, at: start } of facts.definitions) candidates.push({ name, start, offset: start.offset });
  for (const scope of facts.scopes) for (const { name, line: row, column: from } of scope.bindings) candidates.push({ name, start: { line: row, column: from } });
  for (const site of facts.sites) candidates.push({ name: site.name, start: site.at, offset: site.at.offset, ...calleeOf(file, site) });
  for (const reference of facts.references) candidates.push({ name: lastName(facts.exprs[reference.expr]), start: reference.at, offset: reference.at.offset, expr: reference.expr });
  for (const reference of facts.typeReferences) {
    const type = facts.types[reference.type];
    const name = type?.k === 'ref' || type?.k === 'import' ? (type.path.at(-1) ?? '') : '';
    candidates.push({ name, start: reference.at, offset: reference.at.offset, type: reference.type });
  }
  for (const assignment of facts.assignments) candidates.push({ name: assignment.name, start: assignment });
  const found = candidates.find(({ name, start }) => name !== '' && start.line === line && start.column <= column && column <= start.column + name.length);
  if (found === undefined) return undefined;
  const start: Position = { line, column: found.start.column, offset: found.offset ?? -1 };
  const end: Position = { line, column: start.column + found.name.length, offset: start.offset < 0 ? -1 : start.offset + found.name.length };
  const around: SyntaxPlace[] = [{ start, end, ...(found.expr === undefined ? {} : { expr: found.expr }), ...(found.type === undefined ? {} : { type: found.type }) }];
  return { name: found.name, at: start, end, role: 'member', scope: 0, around };
}

function calleeOf(file: LinkFile, site: CallSite): { readonly expr?: ExprIndex } {
  const call = file.facts.exprs[site.expr];
  return call?.k === 'call' || call?.k === 'new' ? { expr: call.callee } : {};
}

function lastName(expr: Expr | undefined): string {
  return expr?.k === 'name' || expr?.k === 'member' ? expr.name : '';
}

function same(a: LineColumn, b: LineColumn): boolean {
  return a.line === b.line && a.column === b.column;
}

/** A specifier, or the name that something has in the other module. */
function inImport(ev: Evaluation, file: LinkFile, place: NamePlace): Found | undefined {
  for (const [index, facts] of file.facts.imports.entries()) {
    if (!place.around.some((each) => same(each.start, facts))) continue;
    const dotted = facts.specifier.replace(/^\.+/, '').split('.');
    if (facts.specifier === place.name || (place.role === 'text' && facts.specifier.includes(place.name))) return module(ev, file, index, facts);
    if (facts.names.some((name) => name.imported === place.name)) return findImport(ev, file, index, place.name, { local: place.name });
    const bound = facts.names.some((name) => name.local === place.name) || bindingAt(file, place) !== undefined;
    if (!bound && dotted.includes(place.name) && file.rules.exportsBindings) return modulePart(ev, file, index, facts, dotted.slice(0, dotted.indexOf(place.name) + 1));
  }
  const entry = file.facts.exports.find((each) => (each.kind === 'from' || each.kind === 'local') && each.name === place.name && each.line === place.at.line);
  if (entry?.kind === 'from') return findImport(ev, file, entry.import, entry.imported, { local: entry.name });
  if (entry?.kind === 'local' && bindingAt(file, place) === undefined) return findName(ev, file, 0, entry.local, file.binding(0, entry.local)?.values === undefined ? 'type' : 'value');
  return undefined;
}

function module(ev: Evaluation, file: LinkFile, index: number, facts: ImportFacts): Found {
  const target = file.target(index);
  const steps: Step[] = [{ rule: 'module', text: `${JSON.stringify(facts.specifier)} is ${target.kind === 'missing' ? 'found nowhere' : target.kind === 'external' ? 'outside the repository' : 'a module'}`, ...at(file.path, facts.line, facts.column) }];
  if (target.kind === 'file') return { declarations: [fileDeclaration(target.path)], steps };
  if (target.kind === 'external') return { declarations: [externalDeclaration(target.package, [])], steps };
  if (target.kind === 'missing') return { declarations: [], open: 'missing-import', steps };
  return { declarations: [], open: 'untyped-value', steps };
}

/** Python: the first names of `a.b.c`. */
function modulePart(ev: Evaluation, file: LinkFile, index: number, facts: ImportFacts, parts: readonly string[]): Found {
  const dots = /^\.*/.exec(facts.specifier)?.[0] ?? '';
  if (dots + parts.join('.') === facts.specifier) return module(ev, file, index, facts);
  const target = file.resolve(dots + parts.join('.'));
  if (target.kind === 'file') return { declarations: [fileDeclaration(target.path)], steps: [] };
  if (target.kind === 'external') return { declarations: [externalDeclaration(target.package, [])], steps: [] };
  return { declarations: [], open: target.kind === 'missing' ? 'missing-import' : 'untyped-value', steps: [] };
}

/** The place is a declaration itself: what it declares, or what an import brings to it. */
function declared(ev: Evaluation, file: LinkFile, place: NamePlace): Found | undefined {
  const found = bindingAt(file, place);
  if (found?.binding.imports !== undefined) return findBinding(ev, file, found.scope, found.binding);
  const definition = file.facts.definitions.findIndex((each) => same(each.at, place.at) && each.name === place.name);
  if (definition >= 0) {
    const declaration = definitionDeclaration(file, definition);
    return declaration === undefined ? undefined : itself(declaration);
  }
  if (found !== undefined) return itself(...bindingDeclarations(file, found.scope, found.binding));
  const assignment = file.facts.assignments.find((each) => same(each, place.at) && each.name === place.name);
  if (assignment === undefined) return undefined;
  const member = findMember(ev, ev.expr(file, assignment.target), assignment.name);
  if (member.declarations.length > 0) return member;
  return itself({ kind: 'field', name: assignment.name, path: file.path, line: assignment.line, column: assignment.column });
}

function itself(...declarations: readonly Declaration[]): Found {
  return { declarations, steps: [{ rule: 'declaration', text: 'it is declared here', ...at(declarations[0]?.path ?? '', declarations[0]?.line ?? 0, declarations[0]?.column) }] };
}

function bindingAt(file: LinkFile, place: NamePlace): { readonly scope: number; readonly binding: NonNullable<ReturnType<LinkFile['binding']>> } | undefined {
  for (const [scope, facts] of file.facts.scopes.entries()) {
    const binding = facts.bindings.find((each) => same(each, place.at) && each.name === place.name && each.kind !== 'narrowed' && each.kind !== 'global' && each.kind !== 'nonlocal');
    if (binding !== undefined) return { scope, binding };
  }
  return undefined;
}

/** The place is a use of something: a name, a member, a type, what is called. */
function used(ev: Evaluation, file: LinkFile, place: NamePlace): Found | undefined {
  const { facts } = file;
  const site = facts.sites.find((each) => same(each.at, place.at) && each.name === place.name);
  const callee = site === undefined ? undefined : calleeOf(file, site).expr;
  if (callee !== undefined && lastName(facts.exprs[callee]) === place.name) return findExpr(ev, file, callee);
  for (const { expr, type, end } of place.around) {
    // the quotes or brackets of a['b'] stand behind the name
    const ends = Math.abs(end.offset - place.end.offset) <= 2;
    const value = expr === undefined ? undefined : facts.exprs[expr];
    if (expr !== undefined && value !== undefined) {
      if ((value.k === 'name' || (value.k === 'member' && ends)) && value.name === place.name) return findExpr(ev, file, expr);
      if (value.k === 'this' || value.k === 'super') {
        const own = ev.expr(file, expr).values.flatMap((each) => valueDeclaration(ev, each) ?? []);
        if (own.length > 0 && place.role !== 'member' && ends) return { declarations: own, steps: [{ rule: 'this', text: `${place.name} is what the code around it belongs to` }] };
      }
    }
    const found = type === undefined ? undefined : inType(ev, file, type, place.name);
    if (found !== undefined) return found;
  }
  const reference = facts.references.find((each) => same(each.at, place.at));
  if (reference !== undefined && lastName(facts.exprs[reference.expr]) === place.name) return findExpr(ev, file, reference.expr);
  const typed = facts.typeReferences.find((each) => same(each.at, place.at));
  return typed === undefined ? undefined : inType(ev, file, typed.type, place.name);
}

/** A name of a dotted type. */
function inType(ev: Evaluation, file: LinkFile, index: TypeIndex, name: string): Found | undefined {
  const type = file.facts.types[index];
  if (type?.k !== 'ref' && type?.k !== 'import') return undefined;
  const position = type.path.indexOf(name);
  if (position < 0) return undefined;
  const [first = '', ...rest] = type.path.slice(0, position + 1);
  let found = type.k === 'ref' ? findName(ev, file, type.scope, first, 'type') : findImport(ev, file, type.import, first);
  let set = type.k === 'ref' ? moduleValues(ev, file, type.scope, first) : undefined;
  for (const member of rest) {
    const within = set ?? (type.k === 'import' ? { values: importOrigins(ev, file, type.import, first).flatMap((origin) => (origin.o === 'set' ? origin.set.values : [])) } : { values: [] });
    found = findMember(ev, within, member);
    set = ev.member(within, member);
  }
  return found;
}

function moduleValues(ev: Evaluation, file: LinkFile, scope: number, name: string): ReturnType<Evaluation['name']> {
  const found = file.lookup(scope, name, 'type');
  return found === undefined ? ev.name(file, scope, name) : ev.binding(file, found.scope, found.binding);
}

/** Python's `f(name=…)`: the parameter of what is called. */
function keyword(ev: Evaluation, file: LinkFile, place: NamePlace): Found | undefined {
  if (place.role !== 'keyword') return undefined;
  for (const { expr } of place.around) {
    const call = expr === undefined ? undefined : file.facts.exprs[expr];
    if (call?.k !== 'call') continue;
    const parts = ev.expr(file, call.callee).values.map((value): Found => {
      const made = value.v === 'class' ? ev.memberOf(ev.values.instance(value.file, value.class), file.rules.constructors[0] ?? '').values[0] : value;
      if (made?.v === 'external' || made?.v === 'builtin-method') return { declarations: [], open: 'external-value', steps: [] };
      if (made?.v !== 'function') return { declarations: [], open: 'untyped-value', steps: [] };
      const owner = ev.program.file(made.file);
      const facts = owner.facts.functions[made.function];
      const binding = facts === undefined ? undefined : owner.binding(facts.scope, place.name);
      if (facts !== undefined && binding?.kind === 'parameter') return { declarations: bindingDeclarations(owner, facts.scope, binding), steps: [] };
      // a class without a constructor of its own takes its fields (a dataclass)
      return value.v === 'class' ? findMember(ev, { values: [ev.values.instance(value.file, value.class)] }, place.name) : { declarations: [], open: 'unknown-member', steps: [] };
    });
    return join(parts);
  }
  return undefined;
}

/** `{ key: local } = object`: the member that the pattern takes. */
function patternKey(ev: Evaluation, file: LinkFile, place: NamePlace): Found | undefined {
  if (place.role !== 'member') return undefined;
  const pair = place.around[1];
  if (pair === undefined) return undefined;
  for (const scope of file.facts.scopes) {
    for (const binding of scope.bindings) {
      if (binding.line < pair.start.line || binding.line > pair.end.line || (binding.line === pair.start.line && binding.column <= place.at.column) || (binding.line === pair.end.line && binding.column > pair.end.column)) continue;
      const imported = binding.imports?.find((each) => each.imported === place.name);
      if (imported !== undefined) return findImport(ev, file, imported.import, imported.imported, { local: place.name });
      for (const value of binding.values ?? []) {
        const expr = file.facts.exprs[value];
        const part = expr?.k === 'union' ? expr.of.map((each) => [each, file.facts.exprs[each]] as const).find(([, each]) => each?.k === 'member' && each.name === place.name)?.[0] : value;
        const taken = part === undefined ? undefined : file.facts.exprs[part];
        if (part !== undefined && taken?.k === 'member' && taken.name === place.name) return findExpr(ev, file, part);
      }
    }
  }
  return undefined;
}

/** Any other place of a name that a scope may know: a later assignment, a target of a loop. The key of an object literal declares itself. */
function named(ev: Evaluation, file: LinkFile, place: NamePlace): Found | undefined {
  if (place.role === 'key') return itself({ kind: 'field', name: place.name, path: file.path, line: place.at.line, column: place.at.column });
  if (place.role !== 'variable') return undefined;
  const value = file.declaration(place.scope, place.name);
  if (value === undefined && file.lookup(place.scope, place.name, 'type') !== undefined) return findName(ev, file, place.scope, place.name, 'type');
  const found = findName(ev, file, place.scope, place.name);
  return value === undefined && found.declarations.every((each) => each.kind === 'external') && found.open !== undefined ? undefined : found;
}
