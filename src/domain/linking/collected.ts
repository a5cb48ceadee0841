import type { Binding, ClassIndex, Expr, ExprIndex } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import type { LinkFile } from './program.js';
import { usesIn } from './uses.js';
import { only, open, unite, type Value, type ValueSet } from './value.js';

/**
 * Python: what a file puts into its own lists, sets and dicts after they are made, through the variable or the member of a class that holds them: `xs.append(x)`, `d[k] = x`,
 * `d[k].append(x)`, `d.setdefault(k, []).append(x)`. What a variable of one function collects and nobody else gets hold of is all there is; elsewhere others may add to it.
 */
interface Collected {
  /** By how deep in the container they are put: into itself, into what it holds, and so on. */
  readonly levels: Level[];
  /** Others may put something in too. */
  shared: boolean;
}

interface Level {
  readonly parts: Part[];
  /** What holds this level, for all but the first. */
  kind: 'list' | 'set' | 'dict';
}

interface Part {
  readonly expr: ExprIndex;
  /** The value itself, the elements of it, or the values of a dict. */
  readonly form: 'value' | 'elements' | 'values';
}

/** Methods that put something in: which argument, and how. */
const ADDING: ReadonlyMap<string, { readonly argument: number; readonly form: Part['form']; readonly kind: Level['kind'] }> = new Map([
  ['append', { argument: 0, form: 'value', kind: 'list' }], ['appendleft', { argument: 0, form: 'value', kind: 'list' }], ['insert', { argument: 1, form: 'value', kind: 'list' }],
  ['extend', { argument: 0, form: 'elements', kind: 'list' }], ['extendleft', { argument: 0, form: 'elements', kind: 'list' }],
  ['add', { argument: 0, form: 'value', kind: 'set' }], ['setdefault', { argument: 1, form: 'value', kind: 'dict' }], ['update', { argument: 0, form: 'values', kind: 'dict' }],
] as const);

/** Functions that make an empty container, or one of what they are handed. */
const MAKERS: ReadonlySet<string> = new Set(['list', 'dict', 'set', 'deque', 'defaultdict', 'OrderedDict']);
/** Functions that look at a container and leave it as it is. */
const LOOKING: ReadonlySet<string> = new Set(['len', 'sorted', 'list', 'tuple', 'set', 'frozenset', 'dict', 'iter', 'enumerate', 'zip', 'map', 'filter', 'sum', 'min', 'max', 'any', 'all', 'print', 'isinstance', 'bool', 'str', 'repr', 'reversed', 'next', 'join']);

const MAX_DEPTH = 3;
/** Where more is put in than this, it may be anything. */
const MAX_PARTS = 24;

const known = new WeakMap<LinkFile, ReadonlyMap<ExprIndex, Collected>>();

/** What the expression `made` gives, with all that the file puts into it. */
export function withCollected(ev: Evaluation, file: LinkFile, made: ExprIndex, set: ValueSet): ValueSet {
  if (!file.rules.callConstructs) return set;
  let containers = known.get(file);
  if (containers === undefined) known.set(file, (containers = gather(file)));
  const found = containers.get(made);
  if (found === undefined || found.levels.every(({ parts }) => parts.length === 0)) return set;
  const begins = isEmpty(file, made);
  return {
    ...set,
    values: set.values.map((value) => {
      const at = value.v !== 'builtin' ? -1 : value.name === 'dict' ? 1 : value.name === 'list' || value.name === 'set' ? 0 : -1;
      if (at < 0 || value.v !== 'builtin') return value;
      const before = value.arguments[at];
      const own = before === undefined || (begins && before.values.length === 0) ? [] : [deeper(found, before)];
      const elements = unite([...own, valuesAt(ev, file, found, 0, own[0])]);
      return ev.values.builtin(value.name, at === 1 ? [value.arguments[0] ?? open('untyped-value'), elements] : [elements]);
    }),
  };
}

/** Empty containers within a container say nothing where it is known what is put into them. */
function deeper({ levels }: Collected, set: ValueSet): ValueSet {
  return levels.length < 2 ? set : { ...set, values: set.values.filter((value) => !isBare(value)) };
}

/** A container of which nothing is known but that it is one. */
export function isBare(value: Value): boolean {
  return value.v === 'builtin' && (value.name === 'list' || value.name === 'set' || value.name === 'dict') && value.arguments.every(({ values }) => values.length === 0);
}

/** What is put in at a level; others may put in more of what lies deepest. */
function valuesAt(ev: Evaluation, file: LinkFile, { levels, shared }: Collected, at: number, before?: ValueSet): ValueSet {
  const parts = (levels[at]?.parts ?? []).map(({ expr, form }): ValueSet => {
    const set = ev.expr(file, expr);
    if (form === 'value') return set;
    if (form === 'elements') return ev.iterated(set);
    return unite(set.values.map((value) => (value.v === 'builtin' && value.name === 'dict' ? (value.arguments[1] ?? open('untyped-value')) : ev.iterated(only(value)))));
  });
  const inner = levels[at + 1];
  // where objects of a class are held, `d[k].append(x)` is their own affair
  const objects = [...parts, ...(before === undefined ? [] : [before])].some(({ values }) => values.some((value) => value.v === 'instance'));
  if (inner === undefined || objects) return unite(shared && inner === undefined ? [...parts, open('untyped-value')] : parts);
  const elements = valuesAt(ev, file, { levels, shared }, at + 1);
  const kept = unite(parts);
  return unite([{ ...kept, values: kept.values.filter((value) => !isBare(value)) }, only(ev.values.builtin(inner.kind, inner.kind === 'dict' ? [open('untyped-value'), elements] : [elements]))]);
}

/** Whether a container begins with nothing, or with what it makes by itself. */
function isEmpty(file: LinkFile, made: ExprIndex): boolean {
  const expr = file.facts.exprs[made];
  if (expr?.k === 'array') return expr.elements.length === 0;
  if (expr?.k === 'object') return expr.properties.length + expr.spreads.length + (expr.values?.length ?? 0) === 0;
  return expr?.k === 'call' && (expr.arguments.length === 0 || calleeName(file, expr) === 'defaultdict');
}

function calleeName(file: LinkFile, expr: Extract<Expr, { readonly callee: ExprIndex }>): string {
  const callee = file.facts.exprs[expr.callee];
  return callee?.k === 'name' || callee?.k === 'member' ? callee.name : '';
}

function isMade(file: LinkFile, index: ExprIndex): boolean {
  const expr = file.facts.exprs[index];
  if (expr?.k === 'array') return expr.container === 'list' || expr.container === 'set';
  if (expr?.k === 'object') return expr.container === 'dict';
  return expr?.k === 'call' && MAKERS.has(calleeName(file, expr));
}

function gather(file: LinkFile): ReadonlyMap<ExprIndex, Collected> {
  const { facts } = file;
  const out = new Map<ExprIndex, Collected>();
  const holders = new Map<Binding | string, Collected[]>();
  const make = (holder: Binding | string, expr: ExprIndex, shared: boolean): void => {
    if (!isMade(file, expr)) return;
    const collected: Collected = { levels: [], shared };
    out.set(expr, collected);
    holders.set(holder, [...(holders.get(holder) ?? []), collected]);
  };
  const uses = usesIn(file);
  for (const scope of facts.scopes) {
    for (const binding of scope.bindings) {
      if (binding.type !== undefined || binding.kind === 'parameter' || binding.kind === 'narrowed' || scope.kind === 'class') continue;
      const shared = scope.kind === 'module' || (uses.handing.get(binding) ?? []).some(({ use }) => !LOOKING.has(calleeName(file, use.facts)));
      for (const value of binding.values ?? []) make(binding, value, shared);
    }
  }
  for (const { class: of, name, value, type } of facts.assignments) if (of !== undefined && value !== undefined && type === undefined) make(`${of} ${name}`, value, true);
  facts.classes.forEach(({ members }, of) => {
    for (const { kind, name, type, values } of members) if (kind === 'field' && type === undefined) for (const value of values ?? []) make(`${of} ${name}`, value, true);
  });
  if (out.size === 0) return out;
  const put = (container: ExprIndex, part: Part, kind: Level['kind']): void => {
    const place = placeOf(file, container, holders);
    if (place === undefined) return;
    for (const collected of place.held) {
      while (collected.levels.length <= place.depth) collected.levels.push({ parts: [], kind });
      const level = collected.levels[place.depth];
      if (level === undefined) continue;
      level.kind = kind;
      if (level.parts.length < MAX_PARTS) level.parts.push(part);
      else collected.shared = true;
    }
  };
  for (const [name, { argument, form, kind }] of ADDING) {
    for (const { facts: call } of uses.ofMember.get(name) ?? []) {
      const callee = facts.exprs[call.callee];
      const given = call.arguments[argument];
      if (callee?.k === 'member' && given !== undefined && (call.spread === undefined || call.spread > argument)) put(callee.object, { expr: given, form }, kind);
    }
  }
  for (const { element, value } of facts.stores ?? []) {
    const index = facts.exprs[element];
    if (index?.k === 'index') put(index.object, { expr: value, form: 'value' }, 'dict');
  }
  return out;
}

/** The containers that an expression may be, or holds how deep within them. */
function placeOf(file: LinkFile, index: ExprIndex, holders: ReadonlyMap<Binding | string, readonly Collected[]>): { readonly held: readonly Collected[]; readonly depth: number } | undefined {
  let at = index;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const expr = file.facts.exprs[at];
    if (expr?.k === 'index') at = expr.object;
    else if (expr?.k === 'call') {
      const callee = file.facts.exprs[expr.callee];
      if (callee?.k !== 'member' || (callee.name !== 'setdefault' && callee.name !== 'get')) return undefined;
      at = callee.object;
    } else {
      const holder = holderOf(file, expr, holders);
      const held = holder === undefined ? undefined : holders.get(holder);
      return held === undefined ? undefined : { held, depth };
    }
  }
  return undefined;
}

/** What holds a container: a variable, or a member of a class of this file, its own or one that it inherits. */
function holderOf(file: LinkFile, expr: Expr | undefined, holders: ReadonlyMap<Binding | string, unknown>): Binding | string | undefined {
  if (expr?.k === 'name') return file.declaration(expr.scope, expr.name)?.binding;
  if (expr?.k !== 'member') return undefined;
  const seen = new Set<ClassIndex>();
  for (let at = classOf(file, file.facts.exprs[expr.object]); at !== undefined && !seen.has(at);) {
    const key = `${at} ${expr.name}`;
    if (holders.has(key)) return key;
    seen.add(at);
    const base = file.facts.exprs[file.facts.classes[at]?.extends[0]?.expr ?? -1];
    at = classOf(file, base);
  }
  return undefined;
}

/** The class that `self`, `cls` or a class's name stands for. */
function classOf(file: LinkFile, expr: Expr | undefined): ClassIndex | undefined {
  if (expr?.k === 'this') return expr.class;
  if (expr?.k !== 'name') return undefined;
  const binding = file.declaration(expr.scope, expr.name)?.binding;
  const [value] = binding?.values ?? [];
  const given = binding?.kind === 'parameter' ? file.facts.exprs[value ?? 0] : undefined;
  if (given?.k === 'this') return given.class;
  const [definition, ...others] = binding?.definitions ?? [];
  return definition === undefined || others.length > 0 ? undefined : file.facts.definitions[definition]?.class;
}
