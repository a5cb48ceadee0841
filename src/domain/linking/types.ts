import type { Binding, DefinitionIndex, ScopeIndex, TypeExpr, TypeIndex } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import { importOrigins, instancesOf, originTypes, starOrigins } from './modules.js';
import type { LinkFile } from './program.js';
import { classParameters, SELF, substitute } from './substitution.js';
import { flatMap, NOTHING, only, open, unite, type ValueSet } from './value.js';

/** The values that a type expression stands for. */
export function typeValues(ev: Evaluation, file: LinkFile, index: TypeIndex): ValueSet {
  const type = file.facts.types[index];
  if (type === undefined) return open('opaque-type');
  switch (type.k) {
    case 'opaque': return open('opaque-type');
    case 'ref': return reference(ev, file, type);
    case 'union': return unite(type.of.map((part) => ev.type(file, part)));
    case 'intersection': return intersection(type.of.map((part) => ev.type(file, part)));
    case 'array': return only(ev.values.builtin('Array', [ev.type(file, type.element)]));
    case 'tuple': return only(ev.values.builtin('tuple', type.elements.map((element) => ev.type(file, element))));
    case 'function': {
      const facts = file.facts.functions[type.function];
      return only(ev.values.function(file.index, type.function, facts?.definition ?? -1));
    }
    case 'object': return only(ev.values.instance(file.index, type.class, classParameters(ev, file, type.class).map(only)));
    case 'literal': return only(ev.values.builtin(type.type));
    case 'typeof': return ev.expr(file, type.expr);
    case 'this': return only(ev.values.typeParameter(-1, -1, SELF));
    case 'index': return type.key === undefined ? open('opaque-type') : ev.member(ev.type(file, type.object), type.key);
    case 'predicate': return only(ev.values.builtin('boolean'));
    case 'import': {
      const [first, ...rest] = type.path;
      if (first === undefined) return originTypes(ev, importOrigins(ev, file, type.import, '*'));
      return applied(ev, file, memberTypes(ev, ev.imported(file, type.import, first, { inType: true }), rest), type.arguments);
    }
  }
}

/** What a binding stands for in a type. */
export function bindingType(ev: Evaluation, file: LinkFile, scope: ScopeIndex, binding: Binding): ValueSet {
  if (binding.kind === 'type-parameter') return only(ev.values.typeParameter(file.index, scope, binding.name));
  const parts: ValueSet[] = [];
  for (const index of binding.definitions ?? []) {
    const definition = file.facts.definitions[index];
    if (definition === undefined) continue;
    if (definition.class !== undefined && definition.kind !== 'variable') {
      parts.push(only(ev.values.instance(file.index, definition.class, classParameters(ev, file, definition.class).map(only))));
    } else if (definition.kind === 'type') parts.push(definition.type === undefined ? open('opaque-type') : aliasValues(ev, file, index, definition.type));
    else if (definition.kind === 'module') parts.push(only(ev.values.namespace(file.index, index)));
  }
  for (const imported of binding.imports ?? []) parts.push(originTypes(ev, importOrigins(ev, file, imported.import, imported.imported, new Set(), imported.root)));
  if (parts.length > 0) {
    // a merged interface is one type: its first declaration stands for all
    const classes = parts.filter((part) => part.values.length > 0);
    return file.rules.inheritance === 'single' && classes.length > 1 && binding.imports === undefined ? (classes[0] ?? NOTHING) : unite(parts);
  }
  if (binding.values !== undefined) return aliasedType(ev, file, scope, binding);
  return open('opaque-type');
}

/** What an alias stands for, with its type parameters when it has any. */
function aliasValues(ev: Evaluation, file: LinkFile, index: DefinitionIndex, type: TypeIndex): ValueSet {
  const set = ev.type(file, type);
  const names = file.facts.definitions[index]?.typeParameters;
  if (names === undefined || names.length === 0) return set;
  const scope = file.facts.scopes.findIndex((candidate) => candidate.kind === 'type' && candidate.owner === index);
  return { ...set, parameters: names.map((parameter) => ev.values.typeParameter(file.index, scope, parameter.name)) };
}

/** A name bound to a value that is used as a type: `Alias = SomeClass`, `T = TypeVar('T')`. */
function aliasedType(ev: Evaluation, file: LinkFile, scope: ScopeIndex, binding: Binding): ValueSet {
  const set = ev.binding(file, scope, binding);
  return flatMap(set, (value) => {
    if (value.v === 'external' && value.derived === true && value.package.startsWith('typing') && /^(TypeVar|ParamSpec|TypeVarTuple)$/.test(value.members.at(-1) ?? '')) {
      return only(ev.values.typeParameter(file.index, scope, binding.name));
    }
    return instancesOf(ev, only(value));
  });
}

function reference(ev: Evaluation, file: LinkFile, type: Extract<TypeExpr, { k: 'ref' }>): ValueSet {
  const [first, ...rest] = type.path;
  if (first === undefined) return open('opaque-type');
  const found = file.lookup(type.scope, first, 'type');
  let set: ValueSet;
  if (found !== undefined) set = ev.typeBinding(file, found.scope, found.binding);
  else {
    const starred = starOrigins(ev, file, 0, first);
    if (starred !== undefined) set = originTypes(ev, starred);
    else if (file.rules.sharedScripts && !file.rules.typeAliases.has(first) && ev.program.shared(first) !== undefined) set = unite((ev.program.shared(first) ?? []).map((declared) => ev.typeBinding(declared.file, declared.scope, declared.binding)));
    else if (file.rules.isGlobal(first) || file.rules.typeAliases.has(first)) set = only(ev.values.external(file.rules.builtinPackage, [first], { derived: true }));
    else return open('opaque-type');
  }
  return applied(ev, file, memberTypes(ev, set, rest), type.arguments);
}

/** `ns.A.B`: each further name is looked up as a type. */
function memberTypes(ev: Evaluation, set: ValueSet, path: readonly string[]): ValueSet {
  for (const name of path) {
    set = flatMap(set, (value): ValueSet => {
      if (value.v === 'module') return ev.exportedType(ev.program.file(value.file), name);
      if (value.v === 'external') return only(ev.values.external(value.package, [...value.members, name], { derived: true }));
      if (value.v === 'namespace') {
        const file = ev.program.file(value.file);
        const body = file.facts.definitions[value.definition]?.body;
        const binding = body === undefined ? undefined : file.binding(body, name);
        return body === undefined || binding === undefined ? open('opaque-type') : ev.typeBinding(file, body, binding);
      }
      if (value.v === 'package') return instancesOf(ev, ev.memberOf(value, name));
      if (value.v === 'instance') return instancesOf(ev, ev.memberOf(ev.values.class(value.file, value.class), name)); // a nested class
      return open('opaque-type');
    });
  }
  return set;
}

/** Gives a generic type its arguments, and forms of the language their meaning (`Promise<T>`, `Optional[T]`, `Partial<T>` …). */
function applied(ev: Evaluation, file: LinkFile, set: ValueSet, args: readonly TypeIndex[] | undefined): ValueSet {
  const argument = (at: number): ValueSet => {
    const given = args?.[at];
    return given === undefined ? open('opaque-type') : ev.type(file, given);
  };
  if (set.parameters !== undefined) {
    if (args === undefined) return set;
    return substitute(ev, set, new Map(set.parameters.map((parameter, at) => [parameter, argument(at)])));
  }
  return flatMap(set, (value): ValueSet => {
    if (value.v === 'instance') {
      if (args === undefined) return only(value);
      return only(ev.values.instance(value.file, value.class, args.map((_, at) => argument(at))));
    }
    if (value.v !== 'external') return only(value);
    const dotted = value.members.join('.');
    const name = value.package === file.rules.builtinPackage ? dotted : `${value.package}.${dotted}`;
    const form = file.rules.typeAliases.get(name);
    if (form === undefined) return only(value);
    const [kind, builtin] = form.split(' ');
    switch (kind) {
      case 'builtin':
        // Python's `tuple[T, ...]`: any number of them
        if (builtin === 'tuple' && args?.length === 2 && args[1] === 0) return only(ev.values.builtin('list', [argument(0)]));
        return only(ev.values.builtin(builtin ?? name, args?.map((_, at) => argument(at))));
      case 'union': return unite((args ?? []).map((_, at) => argument(at)));
      case 'first': return argument(0);
      case 'class-of': return flatMap(argument(0), (inner) => (inner.v === 'instance' ? only(ev.values.class(inner.file, inner.class, inner.arguments, true)) : inner.v === 'type-parameter' ? only(ev.values.builtin('type', [only(inner)])) : open('opaque-type')));
      case 'returned': return ev.call(argument(0));
      case 'constructed': return ev.construct(argument(0));
      case 'awaited': return ev.awaited(argument(0));
      case 'callable': return only(ev.values.builtin('function', args === undefined ? undefined : callable(ev, file, args)));
      case 'self': return only(ev.values.typeParameter(-1, -1, SELF));
      case 'nothing': return only(ev.values.builtin('undefined'));
      default: return open('opaque-type');
    }
  });
}

/** `Callable[[A, B], R]` as the arguments of the builtin function type: what it returns, then what it is handed. */
function callable(ev: Evaluation, file: LinkFile, args: readonly TypeIndex[]): ValueSet[] {
  const [parameters, result] = args;
  const handed = parameters === undefined ? undefined : file.facts.types[parameters];
  return [result === undefined ? open('opaque-type') : ev.type(file, result), ...(handed?.k === 'tuple' ? handed.elements.map((element) => ev.type(file, element)) : [])];
}

/** A value of all types at once: known members of any of them are its members. Open parts do not make it open when another part is known. */
function intersection(parts: readonly ValueSet[]): ValueSet {
  const known = parts.filter((part) => part.values.length > 0);
  return known.length === 0 ? unite(parts) : { values: unite(known).values };
}
