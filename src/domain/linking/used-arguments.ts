import type { Binding, FunctionIndex } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import { unpacked } from './expressions.js';
import type { LinkFile } from './program.js';
import { usesIn, type Use } from './uses.js';
import { NOTHING, open, unite, withOpen, type ValueSet } from './value.js';

/** Whether all calls of a function begin in its file: it has a name of its own there, is given no other, and is handed to calls at most. */
export function isClosed(file: LinkFile, index: FunctionIndex): boolean {
  if (file.rules.inheritance !== 'single') return false;
  const binding = bindingOf(file, index);
  if (binding === undefined) return false;
  const uses = usesIn(file);
  const called = uses.ofBinding.get(binding) ?? [];
  const handing = uses.handing.get(binding) ?? [];
  if (called.length + handing.length === 0 || called.some((use) => use.form === 'bind')) return false;
  if ((uses.reads.get(binding) ?? 0) > handing.length + called.filter((use) => use.form !== 'direct').length) return false;
  return !(file.facts.moduleKind === 'script' && file.binding(0, binding.name) === binding);
}

/** The variable that holds a function of its own and nothing else. */
export function bindingOf(file: LinkFile, index: FunctionIndex): Binding | undefined {
  const facts = file.facts.functions[index];
  const definition = file.facts.definitions[facts?.definition ?? -1];
  if (facts === undefined || definition === undefined || definition.function !== index || facts.member !== undefined || facts.home !== undefined || definition.exported === true) return undefined;
  const binding = file.bindingOfDefinition(facts.definition);
  return binding?.definitions?.length === 1 && (binding.values?.length ?? 0) <= 1 && binding.imports === undefined ? binding : undefined;
}

/** What one call hands over as the argument at a position; `rest`: as all from there on. */
export function usedArgument(ev: Evaluation, file: LinkFile, use: Use, at: number, rest: boolean): ValueSet {
  if (use.form === 'apply') {
    const list = use.facts.arguments[1];
    if (list === undefined) return NOTHING;
    const handed = ev.expr(file, list);
    return rest ? ev.iterated(unpacked(ev, handed, at, true)) : unpacked(ev, handed, at, false);
  }
  const given = use.form === 'direct' ? use.facts.arguments : use.facts.arguments.slice(1);
  const spread = use.facts.spread === undefined ? Infinity : use.facts.spread - (use.form === 'direct' ? 0 : 1);
  if (rest) return unite(given.slice(at).map((argument) => ev.expr(file, argument)));
  // behind a spread argument positions are not known: any of what follows may be this one
  if (at >= spread) return withOpen(unite(given.slice(Math.max(spread, 0)).map((argument) => ev.expr(file, argument))).values, 'untyped-value');
  const argument = given[at];
  if (argument === undefined) return use.form === 'bind' ? open('untyped-parameter') : NOTHING;
  return ev.expr(file, argument);
}
