import type { Contribution } from './contribution.js';
import type { ImportTargets } from './imports.js';
import type { FileLinkage } from './linkage.js';
import type { Lookups } from './lookups.js';
import type { Question } from './tracer.js';

/** What of a snapshot differs from the one before. */
export interface Changes {
  /** Files linked again, added and removed. */
  readonly files: readonly { readonly before: FileLinkage | undefined; readonly after: { readonly targets: ImportTargets; readonly contribution: Contribution } | undefined }[];
  /** Paths or configuration. */
  readonly context: boolean;
}

/** Tells of a question that was asked before whether its answer still stands. Only what the changes can touch is looked up again. */
export function linkChanges(changes: Changes, lookups: Lookups): (question: Question) => boolean {
  const touched = whatIsTouched(changes);
  const known = new Map<string, boolean>();
  return (question) => {
    if (!touched(question)) return true;
    const key = `${question.kind}\n${question.about.join('\n')}`;
    let stands = known.get(key);
    if (stands === undefined) known.set(key, (stands = lookups.answer(question) === question.answer));
    return stands;
  };
}

function whatIsTouched({ files, context }: Changes): (question: Question) => boolean {
  const methods = new Set<string>();
  const mentions = new Set<string>();
  const shared = new Set<string>();
  let targets = false;
  let givers = false;
  let overrides = false;
  let lines = false;
  let plugins = context;
  const providers = new Set<string>();
  const registers = new Set<string>();
  for (const { before, after } of files) {
    const old = before?.contribution;
    const now = after?.contribution;
    for (const [name] of differing(old?.said.methods, now?.said.methods)) methods.add(name);
    for (const name of differing(old?.said.mentions, now?.said.mentions)) mentions.add(name);
    for (const name of [...(old?.said.shared ?? []), ...(now?.said.shared ?? [])]) shared.add(name); // an order of files may change with either
    for (const [name] of differing(old?.providers, now?.providers)) providers.add(name);
    for (const key of differing(old?.said.registers, now?.said.registers)) registers.add(key);
    targets ||= before?.targets.text !== after?.targets.text || differing(before?.targets.submodules, after?.targets.submodules).length > 0;
    givers ||= differing(old?.said.exports, now?.said.exports).length > 0 || (old?.said.exports === undefined) !== (now?.said.exports === undefined) || differing(old?.said.stars, now?.said.stars).length > 0;
    overrides ||= differing(old?.overrides, now?.overrides).length > 0;
    lines ||= differing(old?.lines, now?.lines).length > 0 || differing(old?.said.members, now?.said.members).length > 0;
    plugins ||= differing(old?.said.plugins, now?.said.plugins).length > 0;
  }
  return ({ kind, about: [first = '', second = ''] }) => {
    switch (kind) {
      case 'file': case 'resolve': case 'submodule': return context;
      case 'shared': return shared.has(first);
      case 'givers': return givers || targets;
      case 'known': return methods.has(first);
      case 'mentioned': return targets || methods.has(second) || mentions.has(second);
      case 'candidates': return targets || methods.has(second);
      case 'overriders': return overrides;
      case 'lines': return lines;
      case 'providers': return providers.has(first);
      case 'registrars': return registers.has(first);
      case 'plugins': return plugins;
    }
  };
}

/** The entries that are in one list and not in the other, and those whose order changed. */
function differing<T>(before: readonly T[] = [], after: readonly T[] = []): readonly T[] {
  const texts = (list: readonly T[]): readonly string[] => list.map((entry) => JSON.stringify(entry));
  const [old, now] = [texts(before), texts(after)];
  if (old.length === now.length && old.every((text, at) => text === now[at])) return [];
  const [inOld, inNow] = [new Set(old), new Set(now)];
  const found = [...before.filter((_, at) => !inNow.has(old[at] ?? '')), ...after.filter((_, at) => !inOld.has(now[at] ?? ''))];
  return found.length > 0 ? found : after;
}
