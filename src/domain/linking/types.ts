import type { ScopeIndex, TypeExpr, TypeIndex } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import { importOrigins, instancesOf, originTypes, starOrigins } from './modules.js';
import type { LinkFile } from './program.js';
import { classParameters, SELF, substitute } from './substitution.js';
import { flatMap, only, open, unite, type Value, type ValueSet } from './value.js';

/** The function types of a generic alias carry its type parameters with them. */
function withParameters(ev: Evaluation, set: ValueSet, parameters: readonly Value[]): ValueSet {
  const isType = (value: Value): boolean => value.v === 'function' && value.definition < 0 && value.bound === undefined && ev.program.file(value.file).facts.functions[value.function]?.bodiless === true;
  if (!set.values.some(isType)) return set;
  const bound = parameters.map((parameter) => [parameter, only(parameter)] as const);
  return { ...set, values: set.values.map((value) => (value.v === 'function' && isType(value) ? ev.values.function(value.file, value.function, value.definition, value.receiver, { bound, like: value.like }) : value)) };
}

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
    case 'typeof': return alike(ev, ev.expr(file, type.expr));
    case 'this': return only(ev.values.typeParameter(-1, -1, SELF));
    case 'index': return type.key === undefined ? open('opaque-type') : ev.member(ev.type(file, type.object), type.key);
    case 'predicate': return only(ev.values.builtin('boolean'));
    case 'import': {
      const [first, ...rest] = type.path;
      if (first === undefined) return originTypes(ev, importOrigins(ev, file, type.import, '*'));
      return applied(ev, file, memberTypes(ev, ev.imported(file, type.import, first, { inType: true }), rest), writtenArguments(ev, file, type.arguments));
    }
  }
}

/** What has the type of a value: of a function any of the same kind, of a class one that is derived from it as well. */
function alike(ev: Evaluation, set: ValueSet): ValueSet {
  if (!set.values.some((value) => value.v === 'function' || value.v === 'class')) return set;
  return {
    ...set, values: set.values.map((value) => {
      if (value.v === 'function' && value.definition >= 0) return ev.values.function(value.file, value.function, value.definition, value.receiver, { ...value, like: true });
      return value.v === 'class' ? ev.values.class(value.file, value.class, value.arguments, true) : value;
    }),
  };
}

function reference(ev: Evaluation, file: LinkFile, type: Extract<TypeExpr, { k: 'ref' }>): ValueSet {
  return applied(ev, file, pathTypes(ev, file, type.scope, type.path), writtenArguments(ev, file, type.arguments));
}

/** What a dotted name of a module stands for as a type. */
export function namedTypes(ev: Evaluation, file: LinkFile, path: readonly string[]): ValueSet {
  return applied(ev, file, pathTypes(ev, file, 0, path), undefined);
}

function pathTypes(ev: Evaluation, file: LinkFile, scope: ScopeIndex, path: readonly string[]): ValueSet {
  const [first, ...rest] = path;
  if (first === undefined) return open('opaque-type');
  const found = file.lookup(scope, first, 'type');
  let set: ValueSet;
  if (found !== undefined) set = ev.typeBinding(file, found.scope, found.binding);
  else {
    const starred = starOrigins(ev, file, 0, first);
    if (starred !== undefined) set = originTypes(ev, starred);
    else if (file.rules.sharedScripts && !file.rules.typeAliases.has(first) && ev.program.shared(first) !== undefined) set = unite((ev.program.shared(first) ?? []).map((declared) => ev.typeBinding(declared.file, declared.scope, declared.binding)));
    else if (file.rules.isGlobal(first) || file.rules.typeAliases.has(first)) set = only(ev.values.external(file.rules.builtinPackage, [first], { derived: true }));
    else return open('opaque-type');
  }
  return memberTypes(ev, set, rest);
}

/** The arguments of a generic type, however they are written. */
export interface TypeArguments {
  readonly length: number;
  at(index: number): ValueSet;
  /** `...`, or what says nothing. */
  isEllipsis(index: number): boolean;
  /** The types of a list of types: what a `Callable` is handed. */
  parts(index: number): readonly ValueSet[] | undefined;
}

function writtenArguments(ev: Evaluation, file: LinkFile, args: readonly TypeIndex[] | undefined): TypeArguments | undefined {
  return args === undefined ? undefined : {
    length: args.length,
    at: (index) => ev.type(file, args[index] ?? 0),
    isEllipsis: (index) => args[index] === 0,
    parts: (index) => {
      const written = file.facts.types[args[index] ?? 0];
      return written?.k === 'tuple' ? written.elements.map((element) => ev.type(file, element)) : undefined;
    },
  };
}

/** `ns.A.B`: each further name is looked up as a type. */
function memberTypes(ev: Evaluation, set: ValueSet, path: readonly string[]): ValueSet {
  for (const name of path) {
    // a function or class that is merged with a namespace has its types there
    if (set.values.some((value) => value.v === 'namespace')) set = { ...set, values: set.values.filter((value) => value.v !== 'constructed') };
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
export function applied(ev: Evaluation, file: LinkFile, set: ValueSet, args: TypeArguments | undefined): ValueSet {
  const argument = (at: number): ValueSet => (args === undefined || at >= args.length ? open('opaque-type') : args.at(at));
  const all = (): ValueSet[] | undefined => (args === undefined ? undefined : Array.from({ length: args.length }, (_, at) => args.at(at)));
  if (set.parameters !== undefined) {
    if (args === undefined) return set;
    return substitute(ev, withParameters(ev, set, set.parameters), new Map(set.parameters.map((parameter, at) => [parameter, argument(at)])));
  }
  return flatMap(set, (value): ValueSet => {
    if (value.v === 'instance') {
      if (args === undefined) return only(value);
      return only(ev.values.instance(value.file, value.class, all()));
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
        if (builtin === 'tuple' && args?.length === 2 && args.isEllipsis(1)) return only(ev.values.builtin('list', [argument(0)]));
        return only(ev.values.builtin(builtin ?? name, all()));
      case 'union': return unite(all() ?? []);
      case 'first': return argument(0);
      case 'class-of': return flatMap(argument(0), (inner) => (inner.v === 'instance' ? only(ev.values.class(inner.file, inner.class, inner.arguments, true)) : inner.v === 'type-parameter' ? only(ev.values.builtin('type', [only(inner)])) : open('opaque-type')));
      case 'returned': return ev.call(argument(0));
      case 'constructed': return ev.construct(argument(0));
      case 'awaited': return ev.awaited(argument(0));
      case 'callable': return only(ev.values.builtin('function', args === undefined ? undefined : [args.length < 2 ? open('opaque-type') : args.at(1), ...(args.parts(0) ?? [])]));
      case 'component': return only(ev.values.builtin('function', [open('external-value'), argument(0)]));
      case 'self': return only(ev.values.typeParameter(-1, -1, SELF));
      case 'nothing': return only(ev.values.builtin('undefined'));
      default: return open('opaque-type');
    }
  });
}

/** A value of all types at once: known members of any of them are its members. Open parts do not make it open when another part is known. */
function intersection(parts: readonly ValueSet[]): ValueSet {
  const known = parts.filter((part) => part.values.length > 0);
  return known.length === 0 ? unite(parts) : { values: unite(known).values };
}
