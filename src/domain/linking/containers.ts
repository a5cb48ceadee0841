import type { Binding, ElementStore, Expr, ExprIndex, FunctionIndex, ScopeIndex } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import { importOrigins } from './modules.js';
import type { LinkFile } from './program.js';
import { open, unite, withOpen, type ValueSet } from './value.js';

/**
 * Elements of lists and dicts by constant keys, as far as one file shows them: `TABLE['a']` where `TABLE` is a literal of this file and where elements are put
 * into it by assignment or `update`. Keys are texts: `s` and a string, `n` and a number.
 */

/** A container by the name that holds it, and the keys from there inwards; an absent key is one that is not known. */
interface Place {
  readonly scope: ScopeIndex;
  readonly binding: Binding;
  readonly keys: readonly (string | undefined)[];
}

/** The expressions that a parameter is passed. */
export type Given = (file: LinkFile, index: FunctionIndex, at: number) => readonly ExprIndex[];

const MAX_NESTING = 4;

/**
 * What an element by a constant key may be; undefined where the container is not of this kind. A function or class there is never all: other code may put
 * another into its place. `given` tells what a parameter that is the key is passed; without it, such a key is not known.
 */
export function elementByKey(ev: Evaluation, file: LinkFile, index: ExprIndex, given?: Given): ValueSet | undefined {
  const expr = file.facts.exprs[index];
  if (expr?.k !== 'index' || expr.key === undefined) return undefined;
  const keys = keysOf(ev, file, expr.key, given);
  if (keys === undefined) return undefined;
  const parts: ValueSet[] = [];
  for (const key of keys) {
    const found = elements(ev, file, expr.object, key, index, 0);
    if (found === undefined) return undefined;
    parts.push(...found.map((element) => ev.expr(file, element)));
  }
  if (parts.length > 0) return replaceable(unite(parts));
  // nothing is ever put under such a key into a dict that begins empty
  return literalsOf(ev, file, expr.object, index, 0)?.every((literal) => isEmptyDict(file.facts.exprs[literal])) === true ? open('computed-member') : undefined;
}

function isEmptyDict(expr: Expr | undefined): boolean {
  return expr?.k === 'object' && expr.properties.length + (expr.values?.length ?? 0) === 0;
}

/** What a list or dict holds as far as it is a function or class: perhaps another by the time that it is called. */
export function replaceable(set: ValueSet): ValueSet {
  return set.open === undefined && set.values.some((value) => value.v === 'function' || value.v === 'class' || value.v === 'holder') ? withOpen(set.values, 'computed-member') : set;
}

/** The expressions that an element may be, read at `at`. */
function elements(ev: Evaluation, file: LinkFile, container: ExprIndex, key: string, at: ExprIndex, depth: number): readonly ExprIndex[] | undefined {
  if (depth > MAX_NESTING) return undefined;
  const literals = literalsOf(ev, file, container, at, depth);
  if (literals === undefined) return undefined;
  const own = placeOf(ev, file, container);
  let stores = own === undefined ? [] : storesInto(ev, file, own, key, at);
  const last = stores.findLastIndex(({ overrides }) => overrides);
  if (last >= 0) stores = stores.slice(last);
  const written = stores.map(({ value }) => value);
  return last >= 0 ? written : [...literals.flatMap((literal) => elementsOf(ev, file, literal, key)), ...written];
}

/** The literals that a container may be; undefined where it may be something else. */
function literalsOf(ev: Evaluation, file: LinkFile, container: ExprIndex, at: ExprIndex, depth: number): readonly ExprIndex[] | undefined {
  const expr = file.facts.exprs[container];
  switch (expr?.k) {
    case 'array': return expr.elements.some((element) => file.facts.exprs[element]?.k === 'iterate') || expr.container === 'generator' || expr.container === 'set' ? undefined : [container];
    case 'object': return expr.container === 'dict' && expr.spreads.length === 0 ? [container] : undefined;
    case 'name': {
      const found = file.declaration(expr.scope, expr.name);
      const { type, values, definitions, imports } = found?.binding ?? {};
      if (values === undefined || type !== undefined || imports !== undefined || definitions?.some((each) => file.facts.definitions[each]?.kind === 'function') === true) return undefined;
      return all(values.map((value) => (value === container ? undefined : literalsOf(ev, file, value, at, depth + 1))));
    }
    case 'index': {
      const [key, ...others] = (expr.key === undefined ? undefined : keysOf(ev, file, expr.key)) ?? [];
      const inner = key === undefined || others.length > 0 ? undefined : elements(ev, file, expr.object, key, at, depth + 1);
      return inner === undefined ? undefined : all(inner.map((element) => literalsOf(ev, file, element, at, depth + 1)));
    }
    default: return undefined;
  }
}

function all(lists: readonly (readonly ExprIndex[] | undefined)[]): readonly ExprIndex[] | undefined {
  const out: ExprIndex[] = [];
  for (const list of lists) {
    if (list === undefined) return undefined;
    out.push(...list);
  }
  return out;
}

/** The elements of a literal under a key; a key that cannot be read may be this one. */
function elementsOf(ev: Evaluation, file: LinkFile, literal: ExprIndex, key: string): readonly ExprIndex[] {
  const expr = file.facts.exprs[literal];
  if (expr?.k === 'array') {
    const position = key.startsWith('n') ? Number(key.slice(1)) : NaN;
    const element = expr.elements[position < 0 ? expr.elements.length + position : position];
    return element === undefined ? [] : [element];
  }
  if (expr?.k !== 'object') return [];
  const named = expr.properties.filter((property) => `s${property.name}` === key).map(({ value }) => value);
  const others = (expr.values ?? []).filter((_, at) => keysOf(ev, file, expr.keys?.[at] ?? 0)?.includes(key) !== false);
  return [...named, ...others];
}

interface Store {
  readonly value: ExprIndex;
  /** Whatever was there before is gone where the element is read. */
  readonly overrides: boolean;
}

/** What is put into a place under a key, in the order of the file. */
function storesInto(ev: Evaluation, file: LinkFile, place: Place, key: string, at: ExprIndex): Store[] {
  const out: Store[] = [];
  for (const store of file.facts.stores ?? []) {
    const into = placeOf(ev, file, store.element);
    if (into === undefined || into.binding !== place.binding || into.keys.length !== place.keys.length + 1) continue;
    if (![...place.keys, key].every((wanted, position) => into.keys[position] === undefined || into.keys[position] === wanted)) continue;
    out.push({ value: store.value, overrides: into.keys.every((each) => each !== undefined) && overrides(store, place, at) });
  }
  for (const { expr } of file.facts.sites) {
    const call = file.facts.exprs[expr];
    const callee = call?.k === 'call' ? file.facts.exprs[call.callee] : undefined;
    if (call?.k !== 'call' || callee?.k !== 'member' || (callee.name !== 'update' && callee.name !== 'setdefault')) continue;
    const into = placeOf(ev, file, callee.object);
    const [given] = call.arguments;
    if (into?.binding !== place.binding || into.keys.join('\n') !== place.keys.join('\n')) continue;
    if (callee.name === 'setdefault') {
      const value = call.arguments[1];
      if (value !== undefined && (given === undefined || keysOf(ev, file, given)?.includes(key) !== false)) out.push({ value, overrides: false });
      continue;
    }
    for (const value of [...(given === undefined ? [] : elementsOf(ev, file, given, key)), ...(call.keywords ?? []).filter(({ name }) => `s${name}` === key).map((keyword) => keyword.value)]) out.push({ value, overrides: false });
  }
  return out;
}

/** A store that runs whenever the body runs that holds the container, read further down in the file. */
function overrides(store: ElementStore, place: Place, at: ExprIndex): boolean {
  return store.always === place.scope && store.element < at;
}

function placeOf(ev: Evaluation, file: LinkFile, index: ExprIndex): Place | undefined {
  const keys: (string | undefined)[] = [];
  for (let expr: Expr | undefined = file.facts.exprs[index]; expr !== undefined && keys.length <= MAX_NESTING; expr = file.facts.exprs[expr.object]) {
    if (expr.k === 'name') {
      const found = file.declaration(expr.scope, expr.name);
      return found === undefined ? undefined : { ...found, keys: keys.reverse() };
    }
    if (expr.k !== 'index') return undefined;
    const known = expr.key === undefined ? undefined : keysOf(ev, file, expr.key);
    keys.push(known?.length === 1 ? known[0] : undefined);
  }
  return undefined;
}

/** The constants that a key may be; undefined where it may be others. A parameter is what this file's calls pass for it, or its default. */
function keysOf(ev: Evaluation, file: LinkFile, index: ExprIndex, parameters?: Given, depth = 0): readonly string[] | undefined {
  const expr = file.facts.exprs[index];
  if (depth > MAX_NESTING) return undefined;
  switch (expr?.k) {
    case 'literal':
      if (expr.value === undefined) return undefined;
      return expr.type === 'string' ? [`s${expr.value}`] : expr.type === 'number' ? [`n${expr.value}`] : undefined;
    case 'name': {
      const binding = file.declaration(expr.scope, expr.name)?.binding;
      if (binding?.imports !== undefined) {
        const [imported, ...others] = binding.imports;
        const origins = imported === undefined || others.length > 0 || binding.values !== undefined ? [] : importOrigins(ev, file, imported.import, imported.imported, new Set(), imported.root);
        return united(origins.map((origin) => (origin.o !== 'binding' || origin.binding.values === undefined ? undefined : united(origin.binding.values.map((value) => keysOf(ev, origin.file, value, parameters, depth + 1))))));
      }
      return binding?.values === undefined ? undefined : united(binding.values.map((value) => keysOf(ev, file, value, parameters, depth + 1)));
    }
    case 'param': {
      if (parameters === undefined) return undefined;
      const initial = file.facts.functions[expr.function]?.parameters[expr.index]?.default;
      const given = [...parameters(file, expr.function, expr.index), ...(initial === undefined ? [] : [initial])];
      return united(given.map((value) => keysOf(ev, file, value, parameters, depth + 1)));
    }
    default: return undefined;
  }
}

function united(lists: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  const out = new Set<string>();
  for (const list of lists) {
    if (list === undefined) return undefined;
    for (const key of list) out.add(key);
  }
  return out.size === 0 ? undefined : [...out];
}
