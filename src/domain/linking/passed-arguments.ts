import type { Expr, ExprIndex, FunctionIndex } from '../file-facts.js';
import { callSignature } from './call-signatures.js';
import { argumentFor } from './calls.js';
import type { Call, Evaluation } from './evaluation.js';
import { EMPTY_SET } from './integer-sets.js';
import type { LinkFile } from './program.js';
import { hasPlaceholder, substitute, type Environment } from './substitution.js';
import type { Trace } from './tracer.js';
import { NOTHING, unite, type Value, type ValueSet } from './value.js';

/**
 * Python: what the calls of a file hand to the untyped parameters of its own functions. Evaluation itself knows nothing of it: a parameter stands for whatever a call
 * passes, and each call sees its own. Only a site that would otherwise be unresolved asks here, and what it gets are candidates: other files may call too.
 */
interface Passed {
  /** By placeholder. */
  readonly values: Environment;
  /** The arguments themselves, by function and position. */
  readonly arguments: ReadonlyMap<string, readonly ExprIndex[]>;
  readonly trace: Trace;
}

/** Calls that pass what they were passed themselves are followed so often. */
const MAX_ROUNDS = 6;
/** Beyond this many calls a file is a table or generated. */
const MAX_CALLS = 6000;
const MAX_DEPTH = 8;

const tables = new WeakMap<Evaluation, Map<number, Passed>>();

/** What an expression may be when the parameters in it are what the file's own calls hand over; never more than a guess. */
export function passedValues(ev: Evaluation, file: LinkFile, index: ExprIndex, depth = 0): ValueSet {
  const set = ev.expr(file, index);
  if (!isPassed(set) || depth > MAX_DEPTH) return set;
  const direct = filled(ev, set);
  const within = (inner: ExprIndex): ValueSet => ({ values: passedValues(ev, file, inner, depth + 1).values });
  const found = deeper(ev, file, index, within);
  return { ...unite([{ values: direct.values.filter((value) => value.v !== 'argument') }, { values: found.values }]), open: 'untyped-parameter' };
}

function deeper(ev: Evaluation, file: LinkFile, index: ExprIndex, within: (inner: ExprIndex) => ValueSet): ValueSet {
  const expr = file.facts.exprs[index];
  switch (expr?.k) {
    case 'member': return filled(ev, ev.member(within(expr.object), expr.name));
    case 'call': case 'new': {
      const call: Call = { file, facts: expr, index };
      const callee = within(expr.callee);
      return filled(ev, expr.k === 'new' ? ev.construct(callee, call) : ev.call(callee, call));
    }
    case 'iterate': return filled(ev, ev.iterated(within(expr.value), expr.async === true));
    case 'await': return filled(ev, ev.awaited(within(expr.value)));
    case 'enter': return filled(ev, ev.entered(within(expr.value), expr.async === true));
    case 'index': {
      const elements = within(expr.object).values.map((value): ValueSet => {
        if (value.v !== 'builtin') return value.v === 'instance' ? ev.call(ev.memberOf(value, '__getitem__')) : NOTHING;
        if (value.name === 'tuple') return unite(value.arguments);
        return value.arguments[file.rules.builtins.type(value.name)?.indexes ?? -1] ?? NOTHING;
      });
      return filled(ev, unite(elements));
    }
    case 'union': return unite(expr.of.map(within));
    case 'name': {
      const found = file.lookup(expr.scope, expr.name);
      return found?.binding.values === undefined || found.binding.type !== undefined ? NOTHING : unite(found.binding.values.map(within));
    }
    default: return NOTHING;
  }
}

/** The arguments that the calls of a file pass for a parameter of one of its functions, as expressions of that file. */
export function passedArguments(ev: Evaluation, file: LinkFile, index: FunctionIndex, at: number): readonly ExprIndex[] {
  return tableOf(ev, file).arguments.get(`${index}.${at}`) ?? [];
}

function isPassed(set: ValueSet): boolean {
  return set.open === 'untyped-parameter' || set.values.some(hasPlaceholder);
}

/** The set with what is handed over in the place of the parameters. */
function filled(ev: Evaluation, set: ValueSet): ValueSet {
  if (!set.values.some(hasPlaceholder)) return set;
  let out = set;
  for (const file of new Set(set.values.flatMap((value) => [...filesOf(value)]))) out = substitute(ev, out, tableOf(ev, ev.program.file(file)).values);
  return out;
}

function filesOf(value: Value): Set<number> {
  const out = new Set<number>();
  const collect = (each: Value): void => {
    if (each.v === 'argument') out.add(each.file);
    else if ('arguments' in each) for (const set of each.arguments ?? []) set.values.forEach(collect);
  };
  collect(value);
  return out;
}

function tableOf(ev: Evaluation, file: LinkFile): Passed {
  let files = tables.get(ev);
  if (files === undefined) tables.set(ev, (files = new Map()));
  const known = files.get(file.index);
  if (known !== undefined) {
    ev.tracer.add(known.trace);
    return known;
  }
  files.set(file.index, { values: new Map(), arguments: new Map(), trace: EMPTY_SET });
  const outer = ev.tracer.begin();
  let made: Pick<Passed, 'values' | 'arguments'> | undefined;
  try {
    made = ev.apart(() => collected(ev, file));
  } finally {
    const trace = ev.tracer.end(outer);
    if (made === undefined) files.delete(file.index);
    else files.set(file.index, { ...made, trace });
  }
  return tableOf(ev, file);
}

interface Passing {
  readonly call: Call;
  readonly callees: ValueSet;
}

function collected(ev: Evaluation, file: LinkFile): Pick<Passed, 'values' | 'arguments'> {
  ev.tracer.read(file.index);
  const values: Environment = new Map();
  const passed = new Map<string, Set<ExprIndex>>();
  let calls = passings(ev, file);
  for (let round = 0; round < MAX_ROUNDS && calls.length > 0; round++) {
    let changed = false;
    for (const { call, callees } of calls) {
      for (const [index, shift] of calledFunctions(ev, file, substitute(ev, callees, values))) {
        changed = pass(ev, file, index, { call, shift, values, passed }) || changed;
      }
    }
    if (!changed) break;
    // what is handed on can only grow where a parameter is called or passed
    if (round === 0) calls = calls.filter(({ call, callees }) => callees.values.some(hasPlaceholder) || argumentsOf(call.facts).some((argument) => ev.expr(file, argument).values.some(hasPlaceholder)));
  }
  return { values, arguments: new Map([...passed].map(([key, set]) => [key, [...set]])) };
}

function passings(ev: Evaluation, file: LinkFile): Passing[] {
  const out: Passing[] = [];
  file.facts.exprs.forEach((facts, index) => {
    if ((facts.k !== 'call' && facts.k !== 'new') || argumentsOf(facts).length === 0 || out.length >= MAX_CALLS) return;
    const callees = ev.expr(file, facts.callee);
    if (callees.values.some((value) => 'file' in value && value.file === file.index || hasPlaceholder(value))) out.push({ call: { file, facts, index }, callees });
  });
  return out;
}

function argumentsOf(facts: Extract<Expr, { k: 'call' | 'new' }>): readonly ExprIndex[] {
  return facts.keywords === undefined ? facts.arguments : [...facts.arguments, ...facts.keywords.map(({ value }) => value)];
}

/** The functions of the file that a call runs, each with how many of its parameters the receiver takes. */
function calledFunctions(ev: Evaluation, file: LinkFile, callees: ValueSet): Map<FunctionIndex, boolean> {
  const out = new Map<FunctionIndex, boolean>();
  for (const value of callees.values) {
    let functions: readonly Value[] = [value];
    if (value.v === 'class') functions = ev.memberOf(ev.values.instance(value.file, value.class, value.arguments, true), ev.program.file(value.file).rules.constructors[0] ?? '').values;
    else if (value.v === 'instance') functions = callSignature(ev, value)?.values ?? [];
    for (const candidate of functions) if (candidate.v === 'function' && candidate.file === file.index) out.set(candidate.function, isUnbound(candidate));
  }
  return out;
}

/** Python: `C.method` as it stands in the class takes its receiver as the first argument. */
function isUnbound(value: Extract<Value, { v: 'function' }>): boolean {
  return value.receiver?.v === 'class';
}

interface Passage {
  readonly call: Call;
  readonly shift: boolean;
  readonly values: Environment;
  readonly passed: Map<string, Set<ExprIndex>>;
}

/** Notes what a call passes to the untyped parameters of a function; whether anything is new. */
function pass(ev: Evaluation, file: LinkFile, index: FunctionIndex, { call, shift, values, passed }: Passage): boolean {
  const facts = file.facts.functions[index];
  if (facts === undefined || facts.bodiless === true) return false;
  if (shift && facts.member?.static === false) return false;
  const own = facts.member !== undefined && file.rules.inheritance === 'c3' ? 1 : 0;
  if (!facts.parameters.some((parameter, at) => at >= own && parameter.type === undefined)) return false;
  let changed = false;
  facts.parameters.forEach((parameter, at) => {
    if (at < own || parameter.type !== undefined || parameter.form === 'keywords') return;
    const position = at - own;
    const keyword = call.facts.keywords?.find((each) => each.name === parameter.name)?.value;
    const placed = parameter.form !== 'keyword-only' && (call.facts.spread === undefined || position < call.facts.spread);
    const argument = keyword ?? (placed ? call.facts.arguments[position] : undefined);
    if (argument !== undefined) {
      const key = `${index}.${at}`;
      const known = passed.get(key);
      if (known === undefined) passed.set(key, new Set([argument]));
      else known.add(argument);
      if (file.facts.exprs[argument]?.k === 'literal') return;
    }
    const given = argumentFor(ev, facts, at, call);
    if (given === undefined || given.values.length === 0) return;
    const set = substitute(ev, given, values);
    const placeholder = ev.values.argument(file.index, index, at);
    const before = values.get(placeholder) ?? NOTHING;
    const news = set.values.filter((value) => value.v !== 'argument' && !before.values.includes(value));
    if (news.length === 0 || before.open === 'too-complex') return;
    const now = unite([{ values: before.values }, { values: news }]);
    values.set(placeholder, { values: now.values, open: now.open ?? 'untyped-parameter' });
    changed = true;
  });
  return changed;
}
