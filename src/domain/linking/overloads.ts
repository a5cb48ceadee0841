import type { FunctionFacts, FunctionIndex } from '../file-facts.js';
import { arity } from './arity.js';
import { accepts, type Fit } from './assignability.js';
import type { Call, Evaluation } from './evaluation.js';
import type { LinkFile } from './program.js';

/**
 * The overloads that a call may mean: the first that its arguments surely fit, and those before it that they may fit. Arguments that fit none by what is known
 * of them leave all that take so many.
 */
export function possibleOverloads(ev: Evaluation, file: LinkFile, overloads: readonly FunctionIndex[], fallback: FunctionIndex, call: Call | undefined): readonly FunctionIndex[] {
  const [first] = overloads;
  if (overloads.length < 2) return [first ?? fallback];
  const signatures = overloads.filter((index) => file.facts.functions[index]?.bodiless === true);
  const [only] = signatures;
  if (only === undefined) return [fallback];
  if (call === undefined || signatures.length < 2) return signatures;
  if (call.list !== undefined || call.file.facts.exprs[call.index] !== call.facts) return chosen(ev, file, signatures, call);
  const kept = ev.signatures(call, `${file.index}.${only}`, () => ({ values: chosen(ev, file, signatures, call).map((index) => ev.values.function(file.index, index, -1)) }));
  return kept.values.length === 0 ? signatures : kept.values.flatMap((value) => (value.v === 'function' ? [value.function] : []));
}

function chosen(ev: Evaluation, file: LinkFile, signatures: readonly FunctionIndex[], call: Call): readonly FunctionIndex[] {
  const counted = signatures.filter((index) => takesAsMany(file, index, call));
  if (counted.length < 2) return counted.length === 0 ? signatures : counted;
  const found: FunctionIndex[] = [];
  for (const index of counted) {
    const fit = fitOf(ev, file, index, call);
    if (fit !== 'no') found.push(index);
    if (fit === 'yes') break;
  }
  return found.length === 0 ? counted : found;
}

function takesAsMany(file: LinkFile, index: FunctionIndex, { facts: call }: Call): boolean {
  const facts = file.facts.functions[index];
  if (facts === undefined) return false;
  const names = (call.keywords ?? []).map(({ name }) => name);
  const open = facts.parameters.some(({ form }) => form === 'keywords');
  if (!open && names.some((name) => !facts.parameters.some((parameter) => parameter.name === name && parameter.form !== 'rest' && parameter.form !== 'positional-only'))) return false;
  if (call.spread !== undefined) return true;
  if (facts.parameters.some((parameter) => parameter.form === 'keyword-only' && parameter.default === undefined && parameter.optional !== true && !names.includes(parameter.name ?? ''))) return false;
  const count = call.arguments.length + names.length;
  const [least, most] = arity(facts, file.rules.inheritance === 'c3');
  return count >= least && (most < 0 || count <= most);
}

/** Whether what a call passes is what a signature asks for. */
function fitOf(ev: Evaluation, file: LinkFile, index: FunctionIndex, call: Call): Fit {
  const facts = file.facts.functions[index];
  if (facts === undefined) return 'no';
  let fit: Fit = 'yes';
  for (const [at, { type, form }] of facts.parameters.entries()) {
    if (type === undefined || form === 'keywords') continue;
    const given = argumentsAt(file, facts, at, call);
    for (const argument of given === 'unknown' ? [] : given) {
      const own = accepts(ev, { file, type, element: form === 'rest' && file.rules.inheritance === 'single' }, { file: call.file, expr: argument });
      if (own === 'no') return 'no';
      if (own === 'maybe') fit = 'maybe';
    }
    if (given === 'unknown') fit = 'maybe';
  }
  return fit;
}

/** The expressions that a call passes for a parameter; `unknown` where a list that is spread may hold it. */
function argumentsAt(file: LinkFile, facts: FunctionFacts, at: number, { facts: call, list }: Call): readonly number[] | 'unknown' {
  const parameter = facts.parameters[at];
  const keyword = call.keywords?.find(({ name }) => name === parameter?.name)?.value;
  if (keyword !== undefined) return [keyword];
  if (parameter === undefined || parameter.form === 'keyword-only') return [];
  const position = facts.member !== undefined && file.rules.inheritance === 'c3' ? at - 1 : at;
  if (position < 0) return [];
  if (list !== undefined || (call.spread !== undefined && position >= call.spread)) return 'unknown';
  return call.arguments.slice(position, parameter.form === 'rest' ? undefined : position + 1);
}
