import type { Evaluation } from './evaluation.js';
import type { LanguageRules } from './language-rules.js';
import { GLOBAL_OBJECTS } from './registrations.js';
import { unite, type Value, type ValueSet } from './value.js';

/**
 * What files of the repository put into the global object under a name (`window.api = …`, `globalThis.tool = …`): never all that may be there. Undefined where
 * none puts anything there, or the host has something of that name, so that it is the host's own.
 */
export function putIntoGlobal(ev: Evaluation, rules: LanguageRules, name: string): ValueSet | undefined {
  if (rules.isGlobal(name)) return undefined; // a test that puts its own `fetch` there
  const parts = ev.program.inquiry.registrars(`global ${name}`).flatMap((index) => {
    const file = ev.program.file(index);
    return [...GLOBAL_OBJECTS].flatMap((object) => ev.attachedIn(file, ev.values.external(rules.builtinPackage, [object]), name) ?? []);
  });
  return parts.length === 0 ? undefined : { values: unite(parts).values, open: 'unknown-name' };
}

/** Whether a value is the global object of a host. */
export function isGlobalObject(rules: LanguageRules, value: Value): boolean {
  return rules.sharedScripts && value.v === 'external' && value.derived !== true && value.package === rules.builtinPackage && value.members.length === 1 && GLOBAL_OBJECTS.has(value.members[0] ?? '');
}
