import { recordOf } from '../../configuration-values.js';

/**
 * The `exports` and `imports` maps of package.json, as Node resolves them
 * (https://nodejs.org/api/esm.html#resolution-algorithm-specification). Written here and not taken from a package because the maps of
 * strangers must not become regular expressions.
 */
export interface ExportsMap {
  /**
   * What an entry (`.`, `./sub`, `#name`) leads to under these conditions, in the order in which the alternatives are tried: paths from the
   * package's folder (`./src/a.ts`), and for `imports` also bare specifiers. Undefined when there is no such entry or no condition of it holds,
   * empty when it is closed.
   */
  targets(entry: string, conditions: ReadonlySet<string>): readonly string[] | undefined;
  /** The same under any conditions whatever. */
  everyTarget(entry: string): readonly string[];
  readonly truncated: boolean;
}

const MAX_ENTRIES = 5000;
const MAX_TARGETS = 64;

/** Reads `exports` (sigil `.`) or `imports` (sigil `#`); undefined when the value is no such map. */
export function compileExports(value: unknown, sigil: '.' | '#'): ExportsMap | undefined {
  if (value === undefined || value === null || typeof value === 'number' || typeof value === 'boolean') return undefined;
  const record = recordOf(value);
  const keyed = record !== undefined && Object.keys(record).some((key) => key.startsWith(sigil));
  if (!keyed && sigil === '#') return undefined;
  const all: [string, unknown][] = keyed ? Object.entries(record).filter(([key]) => key.startsWith(sigil)) : [['.', value]];
  const entries = all.slice(0, MAX_ENTRIES);
  const exact = new Map<string, unknown>();
  const patterns: Pattern[] = [];
  for (const [key, target] of entries) {
    const star = key.indexOf('*');
    if (star >= 0) {
      if (key.indexOf('*', star + 1) < 0) patterns.push({ base: key.slice(0, star), trailer: key.slice(star + 1), folder: false, target });
    } else if (key.endsWith('/')) patterns.push({ base: key, trailer: '', folder: true, target });
    else exact.set(key, target);
  }
  // The longest base is the most specific; of equal ones the longer key.
  patterns.sort((a, b) => b.base.length - a.base.length || b.trailer.length - a.trailer.length);

  const find = (entry: string): { readonly target: unknown; readonly pattern?: Pattern; readonly matched: string } | undefined => {
    if (exact.has(entry)) return { target: exact.get(entry), matched: '' };
    for (const pattern of patterns) {
      if (entry.length <= pattern.base.length + pattern.trailer.length - (pattern.folder ? 0 : 1)) continue;
      if (entry.startsWith(pattern.base) && entry.endsWith(pattern.trailer)) {
        return { target: pattern.target, pattern, matched: entry.slice(pattern.base.length, entry.length - pattern.trailer.length) };
      }
    }
    return undefined;
  };
  const written = (found: { readonly pattern?: Pattern; readonly matched: string }, targets: readonly string[]): readonly string[] =>
    found.pattern === undefined ? targets
      : found.pattern.folder ? targets.filter((target) => target.endsWith('/')).map((target) => target + found.matched)
      : targets.map((target) => target.split('*').join(found.matched));

  return {
    truncated: all.length > entries.length,
    targets: (entry, conditions) => {
      const found = find(entry);
      const chosen = found === undefined ? undefined : chooseTargets(found.target, conditions);
      return found === undefined || chosen === undefined ? undefined : written(found, chosen);
    },
    everyTarget: (entry) => {
      const found = find(entry);
      const leaves: string[] = [];
      if (found !== undefined) collectTargets(found.target, leaves);
      return found === undefined ? [] : written(found, leaves);
    },
  };
}

interface Pattern {
  readonly base: string;
  readonly trailer: string;
  readonly folder: boolean;
  readonly target: unknown;
}

/** Undefined: no condition holds, look on; null in the map gives an empty list: closed, stop. */
function chooseTargets(target: unknown, conditions: ReadonlySet<string>): readonly string[] | undefined {
  if (typeof target === 'string') return [target];
  if (target === null) return [];
  if (Array.isArray(target)) {
    const chosen: string[] = [];
    for (const each of target.slice(0, MAX_TARGETS)) chosen.push(...(chooseTargets(each, conditions) ?? []));
    return chosen.slice(0, MAX_TARGETS);
  }
  const record = recordOf(target);
  if (record === undefined) return undefined;
  for (const condition of Object.keys(record)) {
    if (condition !== 'default' && !conditions.has(condition)) continue;
    const chosen = chooseTargets(record[condition], conditions);
    if (chosen !== undefined) return chosen;
  }
  return undefined;
}

function collectTargets(target: unknown, leaves: string[]): void {
  if (leaves.length >= MAX_TARGETS) return;
  if (typeof target === 'string') leaves.push(target);
  else if (Array.isArray(target)) for (const each of target.slice(0, MAX_TARGETS)) collectTargets(each, leaves);
  else for (const each of Object.values(recordOf(target) ?? {}).slice(0, MAX_TARGETS)) collectTargets(each, leaves);
}
