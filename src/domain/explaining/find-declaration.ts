import type { Binding, ClassIndex, DefinitionIndex, ExprIndex, ImportIndex, MemberAssignment, ScopeIndex } from '../file-facts.js';
import type { Evaluation, LineageEntry } from '../linking/evaluation.js';
import { importOrigins, starOrigins, type Origin } from '../linking/modules.js';
import type { LinkFile } from '../linking/program.js';
import type { Value, ValueSet } from '../linking/value.js';
import type { UnresolvedReason } from '../partition.js';
import { bindingDeclarations, definitionDeclaration, externalDeclaration, fileDeclaration, valueDeclaration, type Declaration } from './declaration.js';
import { at, type Step } from './step.js';
import { exportTrail, importTrail } from './trail.js';
import { setText, valueText } from './wording.js';

/** What a search for a declaration has found. */
export interface Found {
  readonly declarations: readonly Declaration[];
  /** There may be others, or there are any, and why they are not known. */
  readonly open?: UnresolvedReason | undefined;
  /** From the name to the declaration. */
  readonly steps: readonly Step[];
}

const NOTHING: Found = { declarations: [], steps: [] };
/** Deeper than any code goes: a spread of a spread of itself. */
const DEEPEST = 24;

/** Where the name that a scope knows is declared, behind imports and re-exports. */
export function findName(ev: Evaluation, file: LinkFile, scope: ScopeIndex, name: string, space: 'value' | 'type' = 'value'): Found {
  const found = space === 'value' ? file.declaration(scope, name) : file.lookup(scope, name, 'type');
  if (found !== undefined) return findBinding(ev, file, found.scope, found.binding);
  for (let from = scope; from >= 0; from = file.facts.scopes[from]?.parent ?? -1) {
    const starred = starOrigins(ev, file, from, name);
    if (starred === undefined) continue;
    return after(exportTrail(ev, file, name).steps, findOrigins(ev, starred));
  }
  if (file.rules.commonjs && (name === 'exports' || name === 'module')) return { declarations: [fileDeclaration(file.path)], steps: [{ rule: 'module', text: `${name} is what this file gives to others`, ...at(file.path, 1) }] };
  const shared = file.rules.sharedScripts ? ev.program.shared(name) : undefined;
  if (shared !== undefined) {
    const all = join(shared.map((each) => findBinding(ev, each.file, each.scope, each.binding)));
    const ambient = shared.every((each) => each.ambient);
    return { ...all, ...(ambient ? {} : { open: 'unknown-name' as const }), steps: [{ rule: 'shared-name', text: ambient ? `${name} is declared for all files` : `${name} is given by a script to whatever is loaded with it` }, ...all.steps] };
  }
  if (file.rules.isGlobal(name) || file.rules.typeAliases.has(name)) return { declarations: [externalDeclaration(file.rules.builtinPackage, [name])], steps: [{ rule: 'language', text: `${name} is the language's own` }] };
  if (file.rules.sharedScripts && space === 'value') {
    return { declarations: [externalDeclaration(file.rules.builtinPackage, [name])], open: 'unknown-name', steps: [{ rule: 'language', text: `nothing in the repository declares ${name}: it is the language's own, or its environment's` }] };
  }
  return { declarations: [], open: 'unknown-name', steps: [{ rule: 'unknown-name', text: `nothing that is indexed declares ${name}` }] };
}

/** Where a name of a scope is declared. */
export function findBinding(ev: Evaluation, file: LinkFile, scope: ScopeIndex, binding: Binding): Found {
  const imports = binding.imports ?? [];
  const own = binding.definitions !== undefined || binding.values !== undefined || imports.length === 0;
  const parts: Found[] = imports.map((imported) => findImport(ev, file, imported.import, imported.imported, { root: imported.root === true, local: binding.name }));
  if (own) parts.push({ declarations: bindingDeclarations(file, scope, binding), steps: [] });
  return join(parts);
}

/** Where a name of another module is declared; `*` is the module itself. */
export function findImport(ev: Evaluation, file: LinkFile, index: ImportIndex, name: string, options: { readonly root?: boolean; readonly local?: string } = {}): Found {
  const origins = importOrigins(ev, file, index, name, new Set(), options.root === true);
  if (options.root === true) return findOrigins(ev, origins);
  const trail = importTrail(ev, file, index, name, options.local);
  const assigned = trail.file?.facts.exports.find((entry) => entry.kind === 'assign');
  if (trail.file !== undefined && assigned?.kind === 'assign') {
    // `module.exports = …`: the module is that value, and its names are the value's members
    const whole = name === '*' || trail.name === 'default';
    const direct = trail.file.facts.exports.some((entry) => (entry.kind === 'local' || entry.kind === 'value') && entry.name === trail.name);
    if (whole || !direct) {
      const found = whole ? findExpr(ev, trail.file, assigned.value) : findMember(ev, ev.required(trail.file), trail.name);
      const step: Step = { rule: 'export', text: `module.exports is assigned`, ...at(trail.file.path, assigned.line) };
      const steps = whole && name === '*' ? [...trail.steps, step] : trail.steps;
      if (found.declarations.length > 0 && found.declarations.every((each) => each.kind !== 'external')) return after(steps, found);
      if (whole) return { declarations: [{ ...fileDeclaration(trail.file.path), line: assigned.line }], steps };
      return after(steps, found);
    }
  }
  return after(trail.steps, findOrigins(ev, origins));
}

/** Where a module declares what it gives under a name. */
function findExport(ev: Evaluation, file: LinkFile, name: string): Found | undefined {
  const trail = exportTrail(ev, file, name);
  const owner = trail.file ?? file;
  if (owner.rules.exportsBindings) {
    const binding = owner.binding(0, trail.name);
    return binding === undefined ? undefined : after(trail.steps, findBinding(ev, owner, 0, binding));
  }
  const entries = owner.facts.exports.flatMap((entry): Found[] => {
    if (entry.kind === 'value' && entry.name === trail.name) return [entry.definition === undefined ? exported(ev, owner, entry.value, trail.name, entry.line) : ofDefinition(owner, entry.definition)];
    if (entry.kind === 'from' && entry.name === trail.name) return [findImport(ev, owner, entry.import, entry.imported)];
    return [];
  });
  if (entries.length > 0) return after(trail.steps, join(entries));
  const binding = owner.binding(0, trail.name);
  const local = owner.facts.exports.some((entry) => entry.kind === 'local' && entry.local === trail.name);
  if (binding !== undefined && local) return after(trail.steps, findBinding(ev, owner, 0, binding));
  const assigned = owner.facts.exports.some((entry) => entry.kind === 'assign');
  const found = assigned ? findMember(ev, ev.required(owner), trail.name) : undefined;
  return found === undefined ? undefined : after(trail.steps, found);
}

/** What an export statement gives: where its value is declared, or else the statement. */
function exported(ev: Evaluation, file: LinkFile, value: ExprIndex, name: string, line: number): Found {
  const expr = file.facts.exprs[value];
  const found = expr?.k === 'name' || expr?.k === 'member' || expr?.k === 'function' || expr?.k === 'class' || expr?.k === 'import' ? findExpr(ev, file, value) : NOTHING;
  if (found.declarations.length > 0) return found;
  const assigned = file.facts.assignments.find((assignment) => assignment.line === line && assignment.name === name);
  return { declarations: [{ kind: 'variable', name, path: file.path, line, column: assigned?.column ?? 1 }], steps: [] };
}

function findOrigins(ev: Evaluation, origins: readonly Origin[]): Found {
  return join(origins.map((origin): Found => {
    if (origin.o === 'binding') return { declarations: bindingDeclarations(origin.file, origin.scope, origin.binding), steps: [] };
    if (origin.o === 'set') return ofSet(ev, origin.set);
    if (origin.definition !== undefined) return ofDefinition(origin.file, origin.definition);
    const entry = origin.file.facts.exports.find((candidate) => candidate.kind === 'value' && candidate.value === origin.expr);
    return exported(ev, origin.file, origin.expr, entry?.kind === 'value' ? entry.name : '', entry?.line ?? 1);
  }));
}

/** Where what an expression names is declared; for one that names nothing, where its values are. */
export function findExpr(ev: Evaluation, file: LinkFile, index: ExprIndex): Found {
  const expr = file.facts.exprs[index];
  if (expr?.k === 'name') return findName(ev, file, expr.scope, expr.name);
  if (expr?.k === 'member') return findMember(ev, ev.expr(file, expr.object), expr.name);
  if (expr?.k === 'import') return findImport(ev, file, expr.import, '*');
  return ofSet(ev, ev.expr(file, index));
}

/** Where a member of any of the values is declared. */
export function findMember(ev: Evaluation, set: ValueSet, name: string, depth = 0): Found {
  if (depth > DEEPEST) return { ...NOTHING, open: 'too-complex' };
  const step: Step[] = depth > 0 || set.values.length + (set.open === undefined ? 0 : 1) === 0 ? [] : [{ rule: 'member', text: `${name} is taken of: ${setText(ev, set)}` }];
  const values = set.values.filter((value) => !(value.v === 'builtin' && (value.name === 'null' || value.name === 'undefined')));
  const parts = values.map((value) => memberOf(ev, value, name, depth));
  // the code reads the member, so those that certainly have none are not meant
  const having = parts.filter((part) => part.open !== 'unknown-member' || part.declarations.length > 0);
  const found = join(having.length > 0 ? having : parts.slice(0, 1));
  const open = set.open ?? found.open ?? (values.length === 0 ? 'untyped-value' : undefined);
  return { declarations: found.declarations, ...(open === undefined ? {} : { open }), steps: [...step, ...found.steps] };
}

function memberOf(ev: Evaluation, value: Value, name: string, depth: number): Found {
  switch (value.v) {
    case 'instance': case 'class': case 'super': {
      const entries = ev.lineage(value.file, value.class).entries.slice(value.v === 'super' ? 1 : 0);
      const onClass = value.v === 'class' || (value.v === 'super' && value.static);
      for (const [position, entry] of entries.entries()) {
        const found = entryMember(ev, entry, name, onClass, depth);
        if (found === undefined) continue;
        return position === 0 && value.v !== 'super' ? found : after([inheritedStep(ev, value, entry, name)], found);
      }
      return outside(ev, value, name);
    }
    case 'module': {
      const file = ev.program.file(value.file);
      return findExport(ev, file, name) ?? attached(ev, value, name) ?? outside(ev, value, name);
    }
    case 'namespace': {
      const file = ev.program.file(value.file);
      return namespaceMember(ev, file, value.definition, name) ?? outside(ev, value, name);
    }
    case 'object': return attached(ev, value, name) ?? objectMember(ev, value, name, depth) ?? outside(ev, value, name);
    case 'function': case 'holder': {
      const file = ev.program.file(value.file);
      const siblings = value.definition < 0 ? [] : (file.bindingOfDefinition(value.definition)?.definitions ?? []);
      for (const sibling of siblings) {
        const found = namespaceMember(ev, file, sibling, name);
        if (found !== undefined) return found;
      }
      return attached(ev, value, name) ?? outside(ev, value, name);
    }
    case 'constructed': {
      const own = attached(ev, value, name);
      if (own !== undefined) return own;
      const file = ev.program.file(value.file);
      const prototype = ev.attached(ev.values.function(value.file, value.function, file.facts.functions[value.function]?.definition ?? -1), 'prototype');
      const found = prototype === undefined ? undefined : findMember(ev, prototype, name, depth + 1);
      return found !== undefined && found.declarations.length > 0 ? found : outside(ev, value, name);
    }
    case 'type-parameter': {
      const bound = ev.constraint(value);
      return bound === undefined ? { ...NOTHING, open: 'opaque-type' } : findMember(ev, bound, name, depth + 1);
    }
    case 'argument': return { ...NOTHING, open: 'untyped-parameter' };
    case 'package': case 'external': case 'builtin': case 'builtin-method': return outside(ev, value, name);
  }
}

/** What a class of a lineage declares under a name. */
function entryMember(ev: Evaluation, entry: LineageEntry, name: string, onClass: boolean, depth: number): Found | undefined {
  if (entry.constructed !== undefined) {
    const found = memberOf(ev, entry.constructed, name, depth + 1);
    return found.declarations.length > 0 ? found : undefined;
  }
  const { file } = entry;
  const facts = file.facts.classes[entry.class];
  if (facts === undefined) return undefined;
  const both = file.rules.classHasInstanceMembers || facts.kind === 'enum';
  const member = facts.members.find((candidate) => candidate.name === name && (both || (candidate.static === true) === onClass));
  const definition = member?.kind === 'property' ? member.definitions[0] : member?.definitions.at(-1);
  if (definition !== undefined) return ofDefinition(file, definition);
  const assigned = file.assignmentsIn(entry.class).filter((assignment) => assignment.name === name && (both || (assignment.static === true) === onClass));
  if (assigned.length > 0) return ofAssignments(file, assigned, ownerName(file, entry.class));
  const given = attached(ev, onClass ? ev.values.class(file.index, entry.class) : ev.values.instance(file.index, entry.class), name);
  if (given !== undefined) return given;
  const nested = onClass ? file.binding(facts.scope, name) : undefined;
  if (nested !== undefined) return findBinding(ev, file, facts.scope, nested);
  for (const sibling of onClass && facts.definition >= 0 ? (file.bindingOfDefinition(facts.definition)?.definitions ?? []) : []) {
    const found = namespaceMember(ev, file, sibling, name);
    if (found !== undefined) return found;
  }
  // known and without a place of its own: a member of an inline object type
  return member === undefined || facts.definition < 0 ? undefined : ofDefinition(file, facts.definition);
}

function inheritedStep(ev: Evaluation, value: Value, entry: LineageEntry, name: string): Step {
  const owner = entry.class < 0 ? undefined : definitionDeclaration(entry.file, entry.file.facts.classes[entry.class]?.definition ?? -1);
  return { rule: 'inherited-member', text: `${valueText(ev, value)} has ${name} from ${owner?.name ?? 'a base'}`, ...(owner === undefined ? at(entry.file.path, 0) : at(owner.path, owner.line, owner.column)) };
}

function namespaceMember(ev: Evaluation, file: LinkFile, definition: DefinitionIndex, name: string): Found | undefined {
  const body = file.facts.definitions[definition]?.body;
  const binding = body === undefined ? undefined : file.binding(body, name);
  return body === undefined || binding === undefined ? undefined : findBinding(ev, file, body, binding);
}

function objectMember(ev: Evaluation, value: Extract<Value, { v: 'object' }>, name: string, depth: number): Found | undefined {
  const file = ev.program.file(value.file);
  const facts = file.facts.exprs[value.expr];
  if (facts?.k !== 'object') return undefined;
  const own = facts.properties.filter((property) => property.name === name);
  if (own.length > 0) return join(own.map((property) => (property.definition === undefined ? findExpr(ev, file, property.value) : ofDefinition(file, property.definition))));
  for (let index = facts.spreads.length - 1; index >= 0; index--) {
    const found = findMember(ev, ev.expr(file, facts.spreads[index] ?? 0), name, depth + 1);
    if (found.declarations.length > 0) return found;
  }
  return undefined;
}

/** Members that the value's own file assigns onto it. */
function attached(ev: Evaluation, value: Value, name: string): Found | undefined {
  if (!('file' in value) || value.file < 0) return undefined;
  const file = ev.program.file(value.file);
  const assignments = file.facts.assignments.filter((assignment) => assignment.name === name && ev.expr(file, assignment.target).values.some((target) => sameOwner(target, value)));
  const placed = assignments.length === 0 ? undefined : ofAssignments(file, assignments, undefined);
  if (placed !== undefined) return placed;
  // mixed in: only what it is can be told
  const set = ev.attached(value, name);
  const found = set === undefined ? undefined : ofSet(ev, { values: set.values.filter((each) => each.v === 'function' || each.v === 'holder' || each.v === 'class') });
  return found === undefined || found.declarations.length === 0 ? undefined : found;
}

function sameOwner(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (!('file' in a) || !('file' in b) || a.file !== b.file) return false;
  if ((a.v === 'function' || a.v === 'constructed') && a.v === b.v) return a.function === b.function;
  return (a.v === 'class' || a.v === 'instance') && a.v === b.v && a.class === b.class;
}

/** What lies outside, or is the language's own; as far as linking knows it. */
function outside(ev: Evaluation, value: Value, name: string): Found {
  const set = ev.memberOf(value, name);
  const declarations = set.values.flatMap((each) => (each.v === 'external' || each.v === 'builtin-method' || each.v === 'module' || each.v === 'function' || each.v === 'class' ? (valueDeclaration(ev, each) ?? []) : []));
  return { declarations, ...(declarations.length > 0 && set.open === undefined ? {} : { open: set.open ?? 'untyped-value' }), steps: [] };
}

function ofDefinition(file: LinkFile, definition: DefinitionIndex): Found {
  const declaration = definitionDeclaration(file, definition);
  return declaration === undefined ? NOTHING : { declarations: [declaration], steps: [] };
}

/** The assignment that is a symbol of the graph, or the first. */
function ofAssignments(file: LinkFile, assignments: readonly MemberAssignment[], owner: string | undefined): Found {
  const defined = assignments.find((assignment) => assignment.definition !== undefined) ?? assignments[0];
  if (defined === undefined) return NOTHING;
  if (defined.definition !== undefined) return ofDefinition(file, defined.definition);
  return { declarations: [{ kind: 'field', name: owner === undefined ? defined.name : `${owner}.${defined.name}`, path: file.path, line: defined.line, column: defined.column }], steps: [] };
}

function ownerName(file: LinkFile, index: ClassIndex): string | undefined {
  return definitionDeclaration(file, file.facts.classes[index]?.definition ?? -1)?.name;
}

function ofSet(ev: Evaluation, set: ValueSet): Found {
  const declarations = set.values.flatMap((value) => valueDeclaration(ev, value) ?? []);
  const open = set.open ?? (declarations.length === 0 ? 'untyped-value' : undefined);
  return { declarations, ...(open === undefined ? {} : { open }), steps: [] };
}

/** All that several ways have found, each declaration once. */
export function join(parts: readonly Found[]): Found {
  const declarations = new Map<string, Declaration>();
  for (const part of parts) for (const each of part.declarations) declarations.set(each.id ?? `${each.path}:${each.line}:${each.column}`, each);
  const open = parts.find((part) => part.open !== undefined)?.open;
  return { declarations: [...declarations.values()], ...(open === undefined ? {} : { open }), steps: parts.flatMap((part) => part.steps) };
}

function after(steps: readonly Step[], found: Found): Found {
  return { ...found, steps: [...steps, ...found.steps] };
}
