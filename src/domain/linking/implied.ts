import type { DefinitionIndex, ExprIndex, ImpliedCall } from '../file-facts.js';
import { callSignature } from './call-signatures.js';
import type { Evaluation } from './evaluation.js';
import { passedValues } from './passed-arguments.js';
import type { LinkFile } from './program.js';
import { NOTHING, only, type Value, type ValueSet } from './value.js';

export interface ImpliedTarget {
  readonly file: LinkFile;
  readonly definition: DefinitionIndex;
}

/** What of the repository runs where nothing is written as a call: iteration, a context, a class that is raised. No site of its own, and never certain. */
export function impliedTargets(ev: Evaluation, file: LinkFile, { kind, expr }: ImpliedCall): readonly ImpliedTarget[] {
  const found: ImpliedTarget[] = [];
  for (const value of passedValues(ev, file, expr).values) {
    if (kind === 'raise') {
      if (value.v === 'class') note(found, ev.program.file(value.file), ev.program.file(value.file).facts.classes[value.class]?.definition);
    } else if (kind === 'decorate') functionsOf(ev, only(value), found);
    else if (value.v === 'instance') for (const set of protocolMembers(ev, value, kind)) functionsOf(ev, set, found);
  }
  return found;
}

function protocolMembers(ev: Evaluation, value: Extract<Value, { v: 'instance' }>, kind: Exclude<ImpliedCall['kind'], 'raise' | 'decorate'>): readonly ValueSet[] {
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

/** Functions that the decorators of a function put into its place: its name is called, and they run. */
export function wrappersOf(ev: Evaluation, file: LinkFile, definition: DefinitionIndex): readonly ImpliedTarget[] {
  const { decorated, function: own } = file.facts.definitions[definition] ?? {};
  if (decorated === undefined || own === undefined) return [];
  const found: ImpliedTarget[] = [];
  const holding = wrapped(ev, file, decorated, 0);
  functionsOf(ev, holding, found);
  // an object in the function's place is called by its own method
  for (const value of holding.values) if (value.v === 'instance') functionsOf(ev, callSignature(ev, value) ?? NOTHING, found);
  return found.filter((target) => target.file !== file || target.definition !== definition);
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
