import type { ClassIndex, DefinitionIndex, ExprIndex, FunctionIndex, ScopeIndex } from '../file-facts.js';
import type { UnresolvedReason } from '../partition.js';

/** Index of a file in the snapshot being linked. */
export type FileIndex = number;

/**
 * What an expression may evaluate to, or a type stand for: the abstract values of linking. Values are interned (one object a key), so that sets of them compare
 * by identity. Type parameters and parameters without a known argument are values too: placeholders that a use site substitutes.
 */
export type Value =
  /** A function; `definition` is what a person would call it (the named definition that is or holds it), -1 when it has no name. `bound`: what a generic alias puts in the place of type parameters of a function type. `like`: that or any other of its type (`typeof f`). */
  | { readonly key: string; readonly v: 'function'; readonly file: FileIndex; readonly function: FunctionIndex; readonly definition: DefinitionIndex; readonly receiver?: Value | undefined; readonly bound?: Bound | undefined; readonly like?: boolean | undefined }
  /** A function-like definition whose value is not a function expression (`const f = wrap(() => …)`). */
  | { readonly key: string; readonly v: 'holder'; readonly file: FileIndex; readonly definition: DefinitionIndex; readonly values: readonly ExprIndex[] }
  /** A class itself: its static side. `bound`: that class or one derived from it (`type[C]`, `cls`). */
  | { readonly key: string; readonly v: 'class'; readonly file: FileIndex; readonly class: ClassIndex; readonly arguments?: readonly ValueSet[] | undefined; readonly bound?: boolean | undefined }
  /** An instance of a class, or something that has an interface or object type. `exact`: constructed here, so no subclass of it. */
  | { readonly key: string; readonly v: 'instance'; readonly file: FileIndex; readonly class: ClassIndex; readonly arguments?: readonly ValueSet[] | undefined; readonly exact?: boolean | undefined }
  /** What `super` stands for in a member of a class. */
  | { readonly key: string; readonly v: 'super'; readonly file: FileIndex; readonly class: ClassIndex; readonly static: boolean }
  /** The object that an expression creates: an object literal, `Object.create(…)`. */
  | { readonly key: string; readonly v: 'object'; readonly file: FileIndex; readonly expr: ExprIndex }
  /** What `new f()` creates where `f` is a plain function, and `f.prototype`. */
  | { readonly key: string; readonly v: 'constructed'; readonly file: FileIndex; readonly function: FunctionIndex }
  /** A module: ECMAScript namespace object, CommonJS exports object, Python module. */
  | { readonly key: string; readonly v: 'module'; readonly file: FileIndex }
  /** A Python package without `__init__`. */
  | { readonly key: string; readonly v: 'package'; readonly folders: readonly string[] }
  /** A TypeScript namespace. */
  | { readonly key: string; readonly v: 'namespace'; readonly file: FileIndex; readonly definition: DefinitionIndex }
  /** Something outside the repository, or what a call to it gave (`derived`); `entangled` when repository code was handed to it, so that it may be ours again. */
  | { readonly key: string; readonly v: 'external'; readonly package: string; readonly members: readonly string[]; readonly derived?: boolean | undefined; readonly entangled?: boolean | undefined }
  /** An instance of a type that the language brings: `string`, `Array`, `Promise`, `dict` … */
  | { readonly key: string; readonly v: 'builtin'; readonly name: string; readonly arguments: readonly ValueSet[] }
  /** A method of such an instance, before it is called. */
  | { readonly key: string; readonly v: 'builtin-method'; readonly of: Value; readonly type: string; readonly name: string }
  /** A type parameter, by the `type` scope (or class or function) that declares it. `this` is the receiver's own type. */
  | { readonly key: string; readonly v: 'type-parameter'; readonly file: FileIndex; readonly scope: ScopeIndex; readonly name: string }
  /** What is passed for a parameter that says nothing of its type. */
  | { readonly key: string; readonly v: 'argument'; readonly file: FileIndex; readonly function: FunctionIndex; readonly index: number };

/** Type parameters and what stands for them. */
export type Bound = readonly (readonly [parameter: Value, set: ValueSet])[];

/** The values that something may have. `open` says that there may be others, and why they are not known. */
export interface ValueSet {
  readonly values: readonly Value[];
  readonly open?: UnresolvedReason | undefined;
  /** A generic alias: the placeholders that its arguments replace. */
  readonly parameters?: readonly Value[] | undefined;
}

/** Nothing: no value at all (yet). */
export const NOTHING: ValueSet = { values: [] };

/** More different values than this say no more than that anything is possible. */
const MAX_VALUES = 16;

const opens = new Map<UnresolvedReason, ValueSet>();

/** No known value, and others possible for this reason. */
export function open(reason: UnresolvedReason): ValueSet {
  let set = opens.get(reason);
  if (set === undefined) opens.set(reason, (set = { values: [], open: reason }));
  return set;
}

export function only(value: Value): ValueSet {
  return { values: [value] };
}

/** All values of all sets; open when one of them is. Keeps the order of first appearance. */
export function unite(sets: readonly ValueSet[]): ValueSet {
  const [first, second] = sets;
  if (first === undefined) return NOTHING;
  if (second === undefined) return first;
  let values: Value[] | undefined;
  let base: ValueSet = NOTHING;
  let reason: UnresolvedReason | undefined;
  for (const set of sets) {
    reason ??= set.open;
    if (set.values.length === 0) continue;
    if (values === undefined && base.values.length === 0) {
      base = set;
      continue;
    }
    values ??= [...base.values];
    for (const value of set.values) if (!values.includes(value)) values.push(value);
  }
  if (values === undefined) return base.open === reason ? base : withOpen(base.values, reason);
  if (values.length > MAX_VALUES) return { values: values.slice(0, MAX_VALUES), open: reason ?? 'too-complex' };
  return withOpen(values, reason);
}

export function withOpen(values: readonly Value[], reason: UnresolvedReason | undefined): ValueSet {
  return reason === undefined ? { values } : { values, open: reason };
}

/** The set with every value replaced by what `map` gives for it. */
export function flatMap(set: ValueSet, map: (value: Value) => ValueSet): ValueSet {
  if (set.values.length === 0) return set;
  const parts = set.values.map(map);
  if (set.open !== undefined) parts.push(open(set.open));
  return unite(parts);
}

/** Makes values, each key once. */
export class Values {
  readonly #known = new Map<string, Value>();

  #intern(value: Value): Value {
    const known = this.#known.get(value.key);
    if (known !== undefined) return known;
    this.#known.set(value.key, value);
    return value;
  }

  function(file: FileIndex, index: FunctionIndex, definition: DefinitionIndex, receiver?: Value, { bound, like }: { readonly bound?: Bound | undefined; readonly like?: boolean | undefined } = {}): Value {
    const sets = bound === undefined ? undefined : (clipped(bound.map(([, set]) => set)) ?? []);
    const key = `f${file}.${index}.${definition}${like === true ? '~' : ''}${receiver === undefined ? '' : `@${receiver.key}`}${argumentsKey(sets)}`;
    return this.#intern({ key, v: 'function', file, function: index, definition, receiver, bound: bound?.map(([parameter], at) => [parameter, sets?.[at] ?? NOTHING]), like });
  }

  holder(file: FileIndex, definition: DefinitionIndex, values: readonly ExprIndex[]): Value {
    return this.#intern({ key: `h${file}.${definition}`, v: 'holder', file, definition, values });
  }

  class(file: FileIndex, index: ClassIndex, args?: readonly ValueSet[], bound?: boolean): Value {
    args = clipped(args);
    return this.#intern({ key: `c${file}.${index}${bound === true ? '+' : ''}${argumentsKey(args)}`, v: 'class', file, class: index, arguments: args, bound });
  }

  instance(file: FileIndex, index: ClassIndex, args?: readonly ValueSet[], exact?: boolean): Value {
    args = clipped(args);
    return this.#intern({ key: `i${file}.${index}${exact === true ? '!' : ''}${argumentsKey(args)}`, v: 'instance', file, class: index, arguments: args, exact });
  }

  super(file: FileIndex, index: ClassIndex, isStatic: boolean): Value {
    return this.#intern({ key: `s${file}.${index}.${isStatic}`, v: 'super', file, class: index, static: isStatic });
  }

  object(file: FileIndex, expr: ExprIndex): Value {
    return this.#intern({ key: `o${file}.${expr}`, v: 'object', file, expr });
  }

  constructed(file: FileIndex, index: FunctionIndex): Value {
    return this.#intern({ key: `k${file}.${index}`, v: 'constructed', file, function: index });
  }

  module(file: FileIndex): Value {
    return this.#intern({ key: `m${file}`, v: 'module', file });
  }

  package(folders: readonly string[]): Value {
    return this.#intern({ key: `p${folders.join('\0')}`, v: 'package', folders });
  }

  namespace(file: FileIndex, definition: DefinitionIndex): Value {
    return this.#intern({ key: `n${file}.${definition}`, v: 'namespace', file, definition });
  }

  external(packageName: string, members: readonly string[], options: { derived?: boolean; entangled?: boolean } = {}): Value {
    const kept = members.length > 6 ? members.slice(0, 6) : members;
    return this.#intern({ key: `x${packageName}#${kept.join('.')}${options.derived === true ? '()' : ''}${options.entangled === true ? '*' : ''}`, v: 'external', package: packageName, members: kept, ...options });
  }

  builtin(name: string, args?: readonly ValueSet[]): Value {
    const kept = clipped(args) ?? [];
    return this.#intern({ key: `b${name}${argumentsKey(kept)}`, v: 'builtin', name, arguments: kept });
  }

  builtinMethod(of: Value, type: string, name: string): Value {
    return this.#intern({ key: `B${of.key}.${type}.${name}`, v: 'builtin-method', of, type, name });
  }

  typeParameter(file: FileIndex, scope: ScopeIndex, name: string): Value {
    return this.#intern({ key: `t${file}.${scope}.${name}`, v: 'type-parameter', file, scope, name });
  }

  argument(file: FileIndex, index: FunctionIndex, at: number): Value {
    return this.#intern({ key: `a${file}.${index}.${at}`, v: 'argument', file, function: index, index: at });
  }
}

/** Arguments that nest deeper than this say nothing any more: recursive generics would grow without end. */
const MAX_DEPTH = 4;

function clipped(args: readonly ValueSet[] | undefined): readonly ValueSet[] | undefined {
  if (args === undefined || args.length === 0) return undefined;
  if (!args.some((set) => set.values.some((value) => depthOf(value) >= MAX_DEPTH))) return args;
  return args.map((set) => (set.values.some((value) => depthOf(value) >= MAX_DEPTH) ? open('too-complex') : set));
}

function argumentsKey(args: readonly ValueSet[] | undefined): string {
  if (args === undefined || args.length === 0) return '';
  return `<${args.map((set) => set.values.map((value) => value.key).join('|') + (set.open === undefined ? '' : `?${set.open}`)).join(',')}>`;
}

/** How deep type arguments nest in a value. */
function depthOf(value: Value): number {
  const args = 'arguments' in value ? value.arguments : value.v === 'function' ? value.bound?.map(([, set]) => set) : undefined;
  if (args === undefined) return 0;
  let deepest = 0;
  for (const set of args) for (const inner of set.values) deepest = Math.max(deepest, depthOf(inner) + 1);
  return deepest;
}

/** Whether a value is an object or a type of the repository, or holds one. */
export function isOurs(value: Value): boolean {
  return value.v === 'instance' || value.v === 'constructed' || value.v === 'class' || (value.v === 'builtin' && value.arguments.some((set) => set.values.some(isOurs)));
}
