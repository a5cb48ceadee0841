import type { CallSite, ClassIndex, DefinitionIndex, ExprIndex, ImpliedCall } from '../file-facts.js';
import { callSignature } from './call-signatures.js';
import type { Evaluation } from './evaluation.js';
import { methodsOf } from './operators.js';
import { passedValues } from './passed-arguments.js';
import type { LinkFile } from './program.js';
import { dispatchesIn } from './registrations.js';
import { NOTHING, only, type Value, type ValueSet } from './value.js';

export interface ImpliedTarget {
  readonly file: LinkFile;
  readonly definition: DefinitionIndex;
}

/** What of the repository runs where nothing is written as a call: iteration, a context, a class that is raised. No site of its own, and never certain. */
export function impliedTargets(ev: Evaluation, file: LinkFile, { kind, expr }: ImpliedCall): readonly ImpliedTarget[] {
  const found: ImpliedTarget[] = [];
  if (kind === 'operate' || kind === 'operate-in-place' || kind === 'store' || kind === 'delete') {
    for (const { operand, name } of operationsOf(file, kind, expr)) {
      if (found.length === 0 && ev.program.inquiry.known(name)) methodsNamed(ev, passedValues(ev, file, operand), name, found);
    }
    return found;
  }
  for (const value of passedValues(ev, file, expr).values) {
    if (kind === 'raise') {
      if (value.v === 'class') note(found, ev.program.file(value.file), ev.program.file(value.file).facts.classes[value.class]?.definition);
    } else if (kind === 'decorate') functionsOf(ev, only(value), found);
    else if (value.v === 'instance') for (const set of protocolMembers(ev, value, kind)) functionsOf(ev, set, found);
  }
  return found;
}

/** The methods behind an operation, in the order in which the language looks for them. */
function operationsOf(file: LinkFile, kind: 'operate' | 'operate-in-place' | 'store' | 'delete', index: ExprIndex): readonly { readonly operand: ExprIndex; readonly name: string }[] {
  const expr = file.facts.exprs[index];
  if (expr?.k === 'index') return [{ operand: expr.object, name: kind === 'store' ? '__setitem__' : kind === 'delete' ? '__delitem__' : '__getitem__' }];
  if (expr?.k !== 'operator') return [];
  if (expr.operator === '[:]' && kind !== 'operate') return [{ operand: expr.operands[0] ?? 0, name: kind === 'store' ? '__setitem__' : '__delitem__' }];
  return methodsOf(expr, kind === 'operate-in-place');
}

/** Methods of that name that instances among the values have from a class of the repository. */
function methodsNamed(ev: Evaluation, set: ValueSet, name: string, into: ImpliedTarget[]): void {
  for (const value of set.values) if (value.v === 'instance') functionsOf(ev, ev.memberOf(value, name), into);
}

/** What functions of the language ask of what they are handed. */
const ASKED: ReadonlyMap<string, string> = new Map([
  ...['len', 'repr', 'bool', 'hash', 'iter', 'next', 'int', 'float', 'complex', 'abs', 'round', 'reversed', 'bytes', 'format', 'aiter', 'anext', 'divmod', 'pow'].map((name) => [name, `__${name}__`] as const),
  ['str', '__str__'], ['print', '__str__'], ...['list', 'tuple', 'set', 'frozenset', 'sorted', 'sum', 'min', 'max', 'any', 'all', 'enumerate', 'filter', 'dict'].map((name) => [name, '__iter__'] as const),
]);

/** Python: the method of its argument that a function of the language runs: `len(box)`. */
export function askedTargets(ev: Evaluation, file: LinkFile, site: CallSite): readonly ImpliedTarget[] {
  const method = file.rules.callConstructs ? ASKED.get(site.name) : undefined;
  const call = method === undefined ? undefined : file.facts.exprs[site.expr];
  const found: ImpliedTarget[] = [];
  if (method === undefined || call?.k !== 'call' || file.facts.exprs[call.callee]?.k !== 'name' || !ev.program.inquiry.known(method)) return found;
  if (!ev.expr(file, call.callee).values.every((value) => value.v === 'external' && value.package === file.rules.builtinPackage)) return found;
  const given = site.name === 'filter' ? call.arguments.slice(1, 2) : site.name === 'print' ? call.arguments : call.arguments.slice(0, 1);
  for (const argument of given) methodsNamed(ev, passedValues(ev, file, argument), method, found);
  return found;
}

function protocolMembers(ev: Evaluation, value: Extract<Value, { v: 'instance' }>, kind: 'iterate' | 'iterate-async' | 'enter' | 'enter-async'): readonly ValueSet[] {
  const { protocols } = ev.program.file(value.file).rules;
  switch (kind) {
    case 'enter': return [ev.memberOf(value, protocols.enter), ev.memberOf(value, protocols.exit)];
    case 'enter-async': return [ev.memberOf(value, protocols.asyncEnter), ev.memberOf(value, protocols.asyncExit)];
    case 'iterate': case 'iterate-async': {
      const asynchronous = kind === 'iterate-async';
      const iterator = ev.memberOf(value, asynchronous ? protocols.asyncIterator : protocols.iterator);
      const next = ev.call(iterator).values.filter((each) => each.v === 'instance').map((each) => ev.memberOf(each, asynchronous ? protocols.asyncNext : protocols.next));
      return [iterator, ...next];
    }
  }
}

function functionsOf(ev: Evaluation, set: ValueSet, into: ImpliedTarget[]): void {
  for (const value of set.values) if (value.v === 'function') note(into, ev.program.file(value.file), value.definition);
}

/** Python: what runs when a class is made: the nearest `__init_subclass__` of its bases, and the methods of its metaclass that make it. */
export function classMakers(ev: Evaluation, file: LinkFile, index: ClassIndex): readonly ImpliedTarget[] {
  const found: ImpliedTarget[] = [];
  if (file.rules.inheritance !== 'c3') return found;
  const { entries } = ev.lineage(file.index, index);
  if (entries.length > 1 && ev.program.inquiry.known('__init_subclass__')) {
    for (const entry of entries.slice(1)) {
      const definition = entry.file.facts.classes[entry.class]?.members.find(({ name }) => name === '__init_subclass__')?.definitions.at(-1);
      note(found, entry.file, definition);
      if (definition !== undefined) break;
    }
  }
  const metaclass = file.facts.classes[index]?.metaclass;
  for (const value of metaclass === undefined ? [] : ev.expr(file, metaclass).values) {
    if (value.v !== 'class') continue;
    for (const name of ['__new__', '__init__']) functionsOf(ev, ev.memberOf(ev.values.instance(value.file, value.class), name), found);
  }
  return found;
}

/** Functions that the decorators of a function put into its place: its name is called, and they run. */
export function wrappersOf(ev: Evaluation, file: LinkFile, definition: DefinitionIndex): readonly ImpliedTarget[] {
  const { decorated, function: own } = file.facts.definitions[definition] ?? {};
  if (decorated === undefined || own === undefined) return [];
  const found: ImpliedTarget[] = [];
  const holding = wrapped(ev, file, decorated, 0);
  functionsOf(ev, holding, found);
  // an object in the function's place is called by its own method
  for (const value of holding.values) if (value.v === 'instance') functionsOf(ev, callSignature(ev, value) ?? NOTHING, found);
  dispatchedFrom(ev, file, definition, found);
  return found.filter((target) => target.file !== file || target.definition !== definition);
}

/** Python: what is registered with a function that `functools.singledispatch` made choose by the class of its argument. */
function dispatchedFrom(ev: Evaluation, file: LinkFile, definition: DefinitionIndex, into: ImpliedTarget[]): void {
  const { name = '', decorators = [] } = file.facts.definitions[definition] ?? {};
  const chooses = decorators.some((decorator) => ev.expr(file, decorator).values.some((value) => value.v === 'external' && value.package === 'functools' && /^singledispatch(method)?$/.test(value.members.join('.'))));
  for (const index of chooses ? ev.program.inquiry.registrars(`dispatches ${name}`) : []) {
    const by = ev.program.file(index);
    for (const each of dispatchesIn(by.facts)) {
      if (each.name === name && ev.expr(by, each.by).values.some((value) => value.v === 'function' && value.file === file.index && value.definition === definition)) note(into, by, each.definition);
    }
  }
}

/** What functions that a library was given are called by, to be run by it later or elsewhere: `task.delay(…)`. */
const DEFERRING: ReadonlySet<string> = new Set(['delay', 'apply', 'apply_async', 's', 'si', 'signature', 'send', 'send_with_options', 'remote', 'submit', 'enqueue']);

/** Methods of a base outside the repository that run one which its subclass has: `worker.start()` of a `threading.Thread` runs `worker.run()`. */
const RUNNING: ReadonlyMap<string, string> = new Map([
  ...['threading.Thread', 'threading.Timer', 'multiprocessing.Process', 'multiprocessing.context.Process'].map((name) => [`${name}.start`, 'run'] as const),
  ...['delay', 'apply_async', 'apply', 's', 'si', 'signature'].map((name) => [`celery.Task.${name}`, 'run'] as const),
]);

/** Python: what the class of a receiver has for its outside base to run at a call of this name. */
function runBy(ev: Evaluation, value: Value, name: string, into: ImpliedTarget[]): void {
  const base = value.v === 'instance' ? ev.lineage(value.file, value.class).external : undefined;
  const method = base?.v === 'external' && base.derived !== true ? RUNNING.get([base.package, ...base.members, name].join('.')) : undefined;
  if (method !== undefined) functionsOf(ev, ev.memberOf(value, method), into);
}

/** Python: the function behind such a call, which runs it as far as anybody knows. */
export function deferredTargets(ev: Evaluation, file: LinkFile, site: CallSite): readonly ImpliedTarget[] {
  const call = (site.name === 'start' || DEFERRING.has(site.name)) && file.rules.callConstructs ? file.facts.exprs[site.expr] : undefined;
  const callee = call?.k === 'call' ? file.facts.exprs[call.callee] : undefined;
  const found: ImpliedTarget[] = [];
  if (callee?.k !== 'member') return found;
  for (const value of ev.expr(file, callee.object).values) {
    runBy(ev, value, site.name, found);
    if (value.v !== 'function' || value.definition < 0 || !DEFERRING.has(site.name)) continue;
    const owner = ev.program.file(value.file);
    const { decorated } = owner.facts.definitions[value.definition] ?? {};
    if (decorated !== undefined && ev.expr(owner, decorated).values.some((each) => each.v === 'external')) note(found, owner, value.definition);
  }
  return found;
}

/** What the outermost decorator gives, and what lies beneath where nobody knows. */
function wrapped(ev: Evaluation, file: LinkFile, expr: ExprIndex, depth: number): ValueSet {
  const set = ev.expr(file, expr);
  const facts = file.facts.exprs[expr];
  const [beneath] = facts?.k === 'call' ? facts.arguments : [];
  const known = set.values.some((value) => value.v === 'function');
  return known || beneath === undefined || depth > 8 || facts?.k !== 'call' || !ev.expr(file, facts.callee).values.some((value) => value.v === 'external') ? set : wrapped(ev, file, beneath, depth + 1);
}

function note(into: ImpliedTarget[], file: LinkFile, definition: DefinitionIndex | undefined): void {
  if (definition === undefined || definition < 0) return;
  const primary = file.declarations.primary[definition] ?? definition;
  if (!into.some((known) => known.file === file && known.definition === primary)) into.push({ file, definition: primary });
}
