import type { FactKey } from '../../domain/ports/fact-store.js';

/** Keys of one kind share a log and packs: what is put together for the same purpose goes together. */
const KIND = /^([a-z][a-z0-9_-]{0,40})\//;
const OTHER = '%other';

/** The folder of a key: what it has before its first slash, where that is plain; one for all others. */
export function kindOf(key: FactKey): string {
  return KIND.exec(key)?.[1] ?? OTHER;
}

/** Whether a kind may hold keys that begin with the prefix. */
export function mayHold(kind: string, prefix: string): boolean {
  if (kind === OTHER) return KIND.exec(prefix) === null;
  return prefix.startsWith(`${kind}/`) || `${kind}/`.startsWith(prefix);
}

/** The kind that alone can hold keys with the prefix, if it says so. */
export function onlyKind(prefix: string): string | undefined {
  return KIND.exec(prefix)?.[1];
}

/** Whether a key begins with one of the prefixes: of any number, in the time of a binary search. */
export function prefixMatcher(prefixes: readonly string[]): (key: FactKey) => boolean {
  const sorted: string[] = [];
  // In order, what begins with another prefix stands behind it and adds nothing.
  for (const prefix of [...prefixes].sort((a, b) => (a < b ? -1 : 1))) if (sorted.length === 0 || !prefix.startsWith(sorted.at(-1) ?? '')) sorted.push(prefix);
  return (key) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] ?? '') <= key) low = middle + 1;
      else high = middle;
    }
    // None lies between a key and the prefix it begins with that it does not begin with: that one would begin with the prefix too.
    return low > 0 && key.startsWith(sorted[low - 1] ?? '');
  };
}
