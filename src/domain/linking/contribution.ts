import type { ClassIndex, DefinitionIndex, FileFacts, FunctionIndex, ImportIndex } from '../file-facts.js';
import type { SymbolId } from '../graph-node.js';
import { arity } from './arity.js';
import { declare, type Declarations } from './declarations.js';
import type { Evaluation } from './evaluation.js';
import type { Hierarchy } from './hierarchy.js';
import { pluginSpecifiers } from './injection.js';
import type { LanguageRules } from './language-rules.js';
import { registrationKeys } from './registrations.js';
import { sharedScopes, type LinkFile } from './program.js';

/**
 * What a file adds to what is looked up over the whole snapshot: plain data, kept between runs, so that a lookup needs the facts of no file. What is said by the
 * facts alone is in `said`, what evaluation finds in the rest.
 */
export interface Contribution extends EvaluatedContribution {
  readonly said: SaidContribution;
}

export interface EvaluatedContribution {
  /** A member of a class here, and one that it overrides. */
  readonly overrides: readonly (readonly [member: SymbolId, overridden: SymbolId])[];
  /** Languages whose classes derive from several: each class that derives from any, and its line of classes behind it. */
  readonly lines: readonly Line[];
  /** Functions of classes here whose results a framework hands out under a name. */
  readonly providers: readonly (readonly [name: string, ofClass: ClassIndex, index: FunctionIndex, definition: DefinitionIndex])[];
}

export const NOTHING_EVALUATED: EvaluatedContribution = { overrides: [], lines: [], providers: [] };

export interface SaidContribution {
  readonly methods: readonly Method[];
  /** Names of functions, fields and members of types, those of `methods` left out. */
  readonly mentions: readonly string[];
  /** Names that every file sees. */
  readonly shared: readonly string[];
  /** Names that it exports; absent where there may be others. */
  readonly exports?: readonly string[];
  /** Imports whose exports it exports as a whole. */
  readonly stars: readonly ImportIndex[];
  /** Specifiers of modules that this file has loaded for every test. */
  readonly plugins: readonly string[];
  /** Where classes derive from several: what a class declares first under each name. */
  readonly members: readonly (readonly [ofClass: ClassIndex, name: string, id: SymbolId, method: 0 | 1])[];
  /** Keys (`emit ready`, `token Weapon` …) of what others may find here; absent where there are none. */
  readonly registers?: readonly string[];
  /** No class here has bases or is declared in parts, and nothing is decorated that a framework may take: there is nothing to evaluate. */
  readonly plain?: true;
}

export function evaluatesNothing(said: SaidContribution): boolean {
  return said.plain === true;
}

/** A method and how many arguments it takes: at least, at most (-1: any number); both -1 where that is not known. */
export type Method = readonly [name: string, id: SymbolId, least: number, most: number];

export interface Line {
  readonly class: ClassIndex;
  readonly behind: readonly (readonly [path: string, ofClass: ClassIndex])[];
}

export function overridesAndLines({ ev, hierarchy }: { readonly ev: Evaluation; readonly hierarchy: Hierarchy }, file: LinkFile): Pick<Contribution, 'overrides' | 'lines'> {
  return { overrides: overrides(hierarchy, file), lines: lines(ev, file) };
}

/** What the facts of a file alone say that it contributes. */
export function saidContribution({ path }: { readonly path: string }, facts: FileFacts, rules: LanguageRules): SaidContribution {
  const declarations = declare(path, facts);
  const methods: Method[] = [];
  const methodNames = new Set<string>();
  const mentions = new Set<string>();
  facts.definitions.forEach((definition, index) => {
    if (definition.kind === 'method' || definition.kind === 'function' || definition.kind === 'field') mentions.add(definition.name);
    if (definition.kind !== 'method' || declarations.primary[index] !== index) return;
    const taken = definition.function === undefined ? undefined : facts.functions[definition.function];
    const [least, most] = taken === undefined ? [-1, -1] : arity(taken, rules.inheritance === 'c3');
    methods.push([definition.name, declarations.ids[index] ?? path, least, most]);
    methodNames.add(definition.name);
  });
  for (const { members } of facts.classes) for (const member of members) mentions.add(member.name);
  const registers = registrationKeys(facts, rules);
  const shared = new Set(rules.sharedScripts ? sharedScopes(facts).flatMap(({ scope }) => facts.scopes[scope]?.bindings.map((binding) => binding.name) ?? []) : []);
  return {
    methods, mentions: [...mentions].filter((name) => !methodNames.has(name)), shared: [...shared],
    ...exported(facts, rules), stars: facts.exports.flatMap((entry) => (entry.kind === 'star' ? [entry.import] : [])),
    plugins: rules.injection === undefined ? [] : pluginSpecifiers(path, facts, rules.injection), members: rules.inheritance === 'c3' ? members(facts, declarations) : [],
    ...(registers.length > 0 ? { registers } : {}), ...(isPlain(facts, rules) ? { plain: true } : {}),
  };
}

/** The names that a module exports, when its exports are all that it can give. */
function exported(facts: FileFacts, rules: LanguageRules): Pick<SaidContribution, 'exports'> {
  if (rules.exportsBindings || facts.moduleKind === 'commonjs') return {};
  const names = new Set<string>();
  for (const entry of facts.exports) {
    if (entry.kind === 'star' || entry.kind === 'assign') return {};
    names.add(entry.name);
  }
  return { exports: [...names] };
}

function isPlain(facts: FileFacts, rules: LanguageRules): boolean {
  if (facts.classes.some((each) => each.extends.length > 0 || each.implements.length > 0)) return false;
  if (rules.injection !== undefined && facts.definitions.some((definition) => definition.function !== undefined && definition.decorators !== undefined)) return false;
  const isClass = (index: DefinitionIndex): boolean => facts.definitions[index]?.class !== undefined;
  return !facts.scopes.some((scope) => scope.bindings.some((binding) => (binding.definitions?.filter(isClass).length ?? 0) > 1));
}

function members(facts: FileFacts, declarations: Declarations): SaidContribution['members'] {
  return facts.classes.flatMap(({ members }, index) => {
    const seen = new Set<string>();
    return members.flatMap((member): SaidContribution['members'][number][] => {
      if (seen.has(member.name)) return [];
      seen.add(member.name);
      const definition = member.definitions.at(-1);
      const id = definition === undefined ? undefined : declarations.ids[definition];
      return [[index, member.name, id ?? '', id !== undefined && member.kind === 'method' ? 1 : 0]];
    });
  });
}

function overrides(hierarchy: Hierarchy, file: LinkFile): Contribution['overrides'] {
  return file.facts.classes.flatMap((_, index) => hierarchy.overrides(file, index).map(({ member, overridden }) => [member, overridden] as const));
}

function lines(ev: Evaluation, file: LinkFile): Line[] {
  if (file.rules.inheritance !== 'c3') return [];
  return file.facts.classes.flatMap((_, index) => {
    const behind = ev.lineage(file.index, index).entries.slice(1).map((entry) => [entry.file.path, entry.class] as const);
    return behind.length === 0 ? [] : [{ class: index, behind }];
  });
}
