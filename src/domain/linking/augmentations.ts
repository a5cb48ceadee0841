import type { ClassIndex, FileFacts } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import { exportOrigins } from './modules.js';
import type { LinkFile } from './program.js';
import type { Value, ValueSet } from './value.js';

/** An interface in `declare module './shape' { … }` or `declare global { … }` of a module: it adds to what has its name there. */
export interface Augmentation {
  /** `global`, or the module as written. */
  readonly of: string;
  readonly name: string;
  readonly class: ClassIndex;
}

/** Names under which types of the language are declared that the tables call otherwise. */
const DECLARED: ReadonlyMap<string, string> = new Map([['string', 'String'], ['number', 'Number'], ['boolean', 'Boolean'], ['function', 'Function'], ['regexp', 'RegExp'], ['tuple', 'Array'], ['object', 'Object']]);

const NONE: readonly Augmentation[] = [];
const known = new WeakMap<FileFacts, readonly Augmentation[]>();

/** Found once for the facts of a file. */
export function augmentationsIn(facts: FileFacts): readonly Augmentation[] {
  let found = known.get(facts);
  if (found === undefined) known.set(facts, (found = gather(facts)));
  return found;
}

function gather(facts: FileFacts): readonly Augmentation[] {
  if (facts.moduleKind !== 'module' || !facts.definitions.some(({ kind }) => kind === 'module')) return NONE;
  return facts.definitions.flatMap(({ kind, name, parent, class: index }): readonly Augmentation[] => {
    const outer = facts.definitions[parent];
    if (kind !== 'interface' || index === undefined || outer?.kind !== 'module' || outer.parent >= 0 || outer.modifiers?.includes('declare') !== true) return [];
    return [{ of: outer.name, name, class: index }];
  });
}

/** What the modules of the repository add to a class or interface of another module under a name; undefined where none adds it. */
export function augmentedMember(ev: Evaluation, value: Extract<Value, { v: 'instance' }>, entry: { readonly file: LinkFile; readonly class: ClassIndex }, name: string): ValueSet | undefined {
  const { file } = entry;
  const definition = file.facts.classes[entry.class]?.definition ?? -1;
  const facts = file.facts.definitions[definition];
  if (!file.rules.separateTypeNames || facts === undefined || facts.parent >= 0) return undefined;
  for (const index of ev.program.inquiry.registrars(`augments ${facts.name}`)) {
    const by = ev.program.file(index);
    for (const each of augmentationsIn(by.facts)) {
      if (each.name !== facts.name || each.of === 'global' || !leadsTo(ev, by, each, file, definition)) continue;
      const added = ev.memberOf(ev.values.instance(by.index, each.class, value.arguments), name);
      if (added.values.length === 0) continue;
      // what is declared there may be put there too: `Shape.prototype.area = function …`
      const put = ev.attachedIn(by, ev.values.instance(file.index, entry.class), name);
      return put?.values.some((each) => each.v === 'function' && each.definition >= 0) === true ? put : added;
    }
  }
  return undefined;
}

/** What `declare global` adds to a type of the language. */
export function globallyAugmentedMember(ev: Evaluation, value: Extract<Value, { v: 'builtin' }>, name: string): ValueSet | undefined {
  const declared = DECLARED.get(value.name) ?? value.name;
  for (const index of ev.program.inquiry.registrars(`augments ${declared}`)) {
    const by = ev.program.file(index);
    for (const each of augmentationsIn(by.facts)) {
      if (each.name !== declared || each.of !== 'global') continue;
      const added = ev.memberOf(ev.values.instance(by.index, each.class, value.arguments), name);
      if (added.values.length > 0) return added;
    }
  }
  return undefined;
}

function leadsTo(ev: Evaluation, by: LinkFile, { of, name }: Augmentation, file: LinkFile, definition: number): boolean {
  const target = by.resolve(of);
  const module = target.kind === 'file' ? ev.program.at(target.path) : undefined;
  const origins = module === undefined ? undefined : exportOrigins(ev, module, name);
  return origins?.some((origin) => origin.o === 'binding' && origin.file === file && origin.binding.definitions?.includes(definition) === true) === true;
}
