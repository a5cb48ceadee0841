import type { CallSite, DefinitionIndex, ExprIndex } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import { exportOrigins, importOrigins, type Origin } from './modules.js';
import type { LinkFile } from './program.js';
import { registrationsIn, type EventCall } from './registrations.js';
import { unite, withOpen, type Value, type ValueSet } from './value.js';

/** Packages whose emitters say nothing by themselves: all that their handlers hear, someone emits. */
const SILENT: ReadonlySet<string> = new Set(['events', 'node:events', 'eventemitter3', 'eventemitter2', 'mitt', 'tiny-emitter', 'component-emitter', 'emittery', 'typed-emitter', 'strict-event-emitter-types', 'tseep']);
const MAX_DEPTH = 6;

/**
 * What a handler of an event with a literal name is handed as its parameter `at`: what the repository emits under that name on the same emitter, and perhaps
 * more. Undefined where the call registers no handler of an emitter, or of one that emits by itself what the repository does not.
 */
export function heardParameter(ev: Evaluation, file: LinkFile, call: ExprIndex, argument: number | string, at: number): ValueSet | undefined {
  const listening = argument === 1 ? registrationsIn(file.facts, file.rules).listens.find((each) => each.call === call) : undefined;
  if (listening === undefined) return undefined;
  const keys = emitterKeys(ev, file, listening.emitter);
  if (keys.size === 0) return undefined;
  const parts: ValueSet[] = [];
  for (const { file: emitting, event } of matching(ev, 'emit', listening.name, keys)) {
    const { arguments: given, spread } = event.facts;
    const passed = given[at + 1];
    if (passed !== undefined && (spread === undefined || at + 1 < spread)) parts.push(ev.expr(emitting, passed));
  }
  const heard = unite(parts);
  if (heard.values.length === 0 && !isSilent(ev, file, listening.emitter)) return undefined;
  return withOpen(heard.values, 'untyped-parameter');
}

/** The named functions that listen for what a site emits. */
export function handlersOf(ev: Evaluation, file: LinkFile, site: CallSite): readonly { readonly file: LinkFile; readonly definition: DefinitionIndex }[] {
  if (site.name !== 'emit') return [];
  const emitting = registrationsIn(file.facts, file.rules).emits.find((each) => each.call === site.expr);
  if (emitting === undefined) return [];
  const keys = emitterKeys(ev, file, emitting.emitter);
  const out: { file: LinkFile; definition: DefinitionIndex }[] = [];
  for (const { file: listening, event } of keys.size === 0 ? [] : matching(ev, 'on', emitting.name, keys)) {
    const [, handler] = event.facts.arguments;
    for (const value of handler === undefined ? [] : ev.expr(listening, handler).values) {
      if (value.v !== 'function' || value.definition < 0) continue;
      const owner = ev.program.file(value.file);
      const definition = owner.declarations.primary[value.definition] ?? value.definition;
      if (!out.some((each) => each.file === owner && each.definition === definition)) out.push({ file: owner, definition });
    }
  }
  return out;
}

function matching(ev: Evaluation, kind: 'emit' | 'on', name: string, keys: ReadonlySet<string>): readonly { readonly file: LinkFile; readonly event: EventCall }[] {
  return ev.program.inquiry.registrars(`${kind} ${name}`).flatMap((index) => {
    const file = ev.program.file(index);
    const { emits, listens } = registrationsIn(file.facts, file.rules);
    return (kind === 'emit' ? emits : listens).flatMap((event) => (event.name === name && [...emitterKeys(ev, file, event.emitter)].some((key) => keys.has(key)) ? [{ file, event }] : []));
  });
}

/** Whether an emitter is one of those that say nothing by themselves, or of a class that has nothing else behind it. */
function isSilent(ev: Evaluation, file: LinkFile, emitter: ExprIndex): boolean {
  return ev.expr(file, emitter).values.some((value) => {
    if (value.v === 'external') return SILENT.has(value.package);
    const base = value.v === 'instance' ? ev.lineage(value.file, value.class).external : undefined;
    return base?.v === 'external' && SILENT.has(base.package);
  });
}

/** What tells emitters apart: the classes of an instance, or the variable or field that holds it. */
function emitterKeys(ev: Evaluation, file: LinkFile, index: ExprIndex): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const value of ev.expr(file, index).values) {
    if (value.v === 'instance') for (const key of classKeys(ev, value)) keys.add(key);
    else if (value.v === 'object' || value.v === 'constructed') keys.add(value.key);
    else if (value.v === 'external' && SILENT.has(value.package)) for (const key of placeKeys(ev, file, index, 0)) keys.add(key);
  }
  return keys;
}

function classKeys(ev: Evaluation, value: Extract<Value, { v: 'instance' }>): readonly string[] {
  return ev.lineage(value.file, value.class).entries.filter((entry) => entry.class >= 0).map((entry) => `i${entry.file.index}.${entry.class}`);
}

function placeKeys(ev: Evaluation, file: LinkFile, index: ExprIndex, depth: number): readonly string[] {
  const expr = file.facts.exprs[index];
  if (depth > MAX_DEPTH) return [];
  if (expr?.k === 'cast') return placeKeys(ev, file, expr.value, depth + 1);
  if (expr?.k === 'name') {
    const found = file.declaration(expr.scope, expr.name);
    if (found === undefined) return [];
    if (found.binding.imports !== undefined) return found.binding.imports.flatMap((imported) => originKeys(ev, importOrigins(ev, file, imported.import, imported.imported, new Set(), imported.root), depth));
    return originKeys(ev, [{ o: 'binding', file, scope: found.scope, binding: found.binding }], depth);
  }
  if (expr?.k !== 'member') return [];
  return ev.expr(file, expr.object).values.flatMap((value): readonly string[] => {
    if (value.v === 'instance') return classKeys(ev, value).map((key) => `${key}.${expr.name}`);
    if (value.v === 'module') return originKeys(ev, exportOrigins(ev, ev.program.file(value.file), expr.name) ?? [], depth);
    return value.v === 'object' || value.v === 'class' ? [`${value.key}.${expr.name}`] : [];
  });
}

function originKeys(ev: Evaluation, origins: readonly Origin[], depth: number): readonly string[] {
  return origins.flatMap((origin): readonly string[] => {
    if (origin.o === 'expr') {
      const made = origin.file.facts.exprs[origin.expr];
      return made?.k === 'name' || made?.k === 'member' ? placeKeys(ev, origin.file, origin.expr, depth + 1) : [`e${origin.file.index}.${origin.expr}`];
    }
    if (origin.o !== 'binding') return [];
    const [value, ...others] = origin.binding.values ?? [];
    const alias = value === undefined || others.length > 0 ? undefined : origin.file.facts.exprs[value];
    const own = `e${origin.file.index}.${value ?? `${origin.scope}.${origin.binding.name}`}`;
    return alias?.k === 'name' || alias?.k === 'member' ? placeKeys(ev, origin.file, value ?? 0, depth + 1) : [own];
  });
}
