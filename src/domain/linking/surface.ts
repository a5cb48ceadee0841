import type { FileFacts } from '../file-facts.js';

/** What no other file can tell the difference of: where things stand, what they are documented with, and what only the file's own sites use. */
const UNSEEN: ReadonlySet<string> = new Set(['range', 'at', 'line', 'column', 'doc', 'signature', 'owner', 'site', 'lines', 'bytes', 'sites', 'implied', 'references', 'typeReferences', 'diagnostics']);

/** The part of a file's facts that linking other files can depend on, as text: equal for equal surfaces. */
export function surfaceOf(facts: FileFacts): string {
  return JSON.stringify(facts, (key, value: unknown) => (UNSEEN.has(key) ? undefined : value));
}
