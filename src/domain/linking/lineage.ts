import type { ClassFacts, ClassIndex } from '../file-facts.js';
import type { Evaluation, Lineage, LineageEntry } from './evaluation.js';
import type { LinkFile } from './program.js';
import { classEnvironment, classParameters, substitute } from './substitution.js';
import { only, type Value, type ValueSet } from './value.js';

/** Lookup order of a class: itself, declarations merged with it, then its bases by the language's rule. */
export function lineageOf(ev: Evaluation, file: LinkFile, index: ClassIndex): Lineage {
  const self: LineageEntry = { file, class: index, arguments: classParameters(ev, file, index).map(only) };
  const facts = file.facts.classes[index];
  if (facts === undefined) return { entries: [self], protocol: false, open: false };
  const bases = basesOf(ev, file, facts);
  const parents = bases.known.map((base) => parentLineage(ev, base));
  const entries = file.rules.inheritance === 'c3' ? (c3(self, parents) ?? depthFirst(self, parents)) : depthFirst(self, parents);
  return {
    entries: [...entries.slice(0, 1), ...merged(ev, file, facts, index), ...entries.slice(1)],
    external: bases.external ?? parents.find((parent) => parent.external !== undefined)?.external,
    protocol: bases.protocol,
    open: bases.open || parents.some((parent) => parent.open),
    alternatives: bases.alternatives ?? parents.find((parent) => parent.alternatives !== undefined)?.alternatives,
  };
}

interface Bases {
  readonly known: readonly Value[];
  readonly external: Value | undefined;
  readonly protocol: boolean;
  readonly open: boolean;
  readonly alternatives: readonly Value[] | undefined;
}

/** What the `extends` clauses of a class evaluate to: instances of classes and interfaces, or constructed objects of constructor functions. */
export function basesOf(ev: Evaluation, file: LinkFile, facts: ClassFacts): Bases {
  const known: Value[] = [];
  let external: Value | undefined;
  let protocol = false;
  let open = false;
  let alternatives: readonly Value[] | undefined;
  for (const heritage of facts.extends) {
    const before = known.length;
    const set = heritage.expr !== undefined ? ev.expr(file, heritage.expr) : heritage.type !== undefined ? ev.type(file, heritage.type) : undefined;
    if (set === undefined) continue;
    if (set.open !== undefined) open = true;
    const args = heritage.typeArguments?.map((type) => ev.type(file, type));
    for (const value of set.values) {
      if (value.v === 'class') known.push(ev.values.instance(value.file, value.class, args ?? value.arguments));
      else if (value.v === 'instance' && heritage.type !== undefined) known.push(value);
      else if (value.v === 'function') known.push(ev.values.constructed(value.file, value.function));
      else if (value.v === 'external') {
        if (value.members.at(-1) === 'Protocol') protocol = true;
        external ??= outsideBase(ev, file, value, args);
      }
      else if (value.v === 'builtin') external ??= value;
      else open = true;
    }
    if (file.rules.inheritance === 'single' && heritage.expr !== undefined && known.length > before + 1) alternatives = known.slice(before);
  }
  return { known, external, protocol, open, alternatives };
}

/** What a base from outside the repository gives to instances; undefined when it gives nothing. */
function outsideBase(ev: Evaluation, file: LinkFile, base: Extract<Value, { v: 'external' }>, args: readonly ValueSet[] | undefined): Value | undefined {
  const dotted = base.members.join('.');
  const name = base.package === file.rules.builtinPackage ? dotted : `${base.package}.${dotted}`;
  if (file.rules.emptyBases.has(name)) return undefined;
  const builtin = file.rules.builtinBases.get(name);
  if (builtin !== undefined) return ev.values.builtin(builtin);
  // `List[T]`: a list of its own kind
  const [form, generic] = args === undefined || !file.rules.callConstructs ? [] : (file.rules.typeAliases.get(name)?.split(' ') ?? []);
  return form === 'builtin' && generic !== undefined ? ev.values.builtin(generic, args) : base;
}

function parentLineage(ev: Evaluation, base: Value): Lineage {
  if (base.v === 'constructed') {
    const file = ev.program.file(base.file);
    return { entries: [{ file, class: -1, arguments: [], constructed: base }], protocol: false, open: false };
  }
  if (base.v !== 'instance') return { entries: [], protocol: false, open: true };
  const lineage = ev.lineage(base.file, base.class);
  const environment = classEnvironment(ev, ev.program.file(base.file), base.class, base.arguments);
  const external = lineage.external === undefined ? undefined : (substitute(ev, only(lineage.external), environment).values[0] ?? lineage.external);
  return { ...lineage, external, entries: lineage.entries.map((entry) => ({ ...entry, arguments: entry.arguments.map((set: ValueSet) => substitute(ev, set, environment)) })) };
}

/** Interfaces and classes of the same name in the same scope are one type. */
function merged(ev: Evaluation, file: LinkFile, facts: ClassFacts, index: ClassIndex): LineageEntry[] {
  if (facts.definition < 0 || facts.kind === 'type-literal') return [];
  const binding = file.bindingOfDefinition(facts.definition);
  if (binding?.definitions === undefined || binding.definitions.length < 2 || file.rules.inheritance === 'c3') return [];
  const out: LineageEntry[] = [];
  for (const definition of binding.definitions) {
    const other = file.facts.definitions[definition]?.class;
    if (other !== undefined && other !== index) out.push({ file, class: other, arguments: classParameters(ev, file, other).map(only) });
  }
  return out;
}

function depthFirst(self: LineageEntry, parents: readonly Lineage[]): LineageEntry[] {
  const out = [self];
  for (const parent of parents) for (const entry of parent.entries) if (!out.some((known) => same(known, entry))) out.push(entry);
  return out;
}

/** Python's method resolution order (C3 linearisation, https://www.python.org/download/releases/2.3/mro/); undefined when the bases contradict one another. */
function c3(self: LineageEntry, parents: readonly Lineage[]): LineageEntry[] | undefined {
  const lists = parents.map((parent) => [...parent.entries]);
  lists.push(parents.flatMap((parent) => parent.entries.slice(0, 1)));
  const out = [self];
  for (;;) {
    const remaining = lists.filter((list) => list.length > 0);
    if (remaining.length === 0) return out;
    const next = remaining.map((list) => list[0]).find((head) => head !== undefined && !remaining.some((list) => list.slice(1).some((entry) => same(entry, head))));
    if (next === undefined) return undefined;
    out.push(next);
    for (const list of lists) if (list[0] !== undefined && same(list[0], next)) list.shift();
  }
}

function same(a: LineageEntry, b: LineageEntry): boolean {
  return a.file === b.file && a.class === b.class && a.constructed === b.constructed;
}
