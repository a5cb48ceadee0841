/** Keys with at most one `*`, as `paths` of tsconfig and `typesVersions` of package.json use them: an exact key wins, then the longest prefix. */
export interface PathPatterns {
  match(name: string): PathMatch | undefined;
}

export interface PathMatch {
  /** The key that matched. */
  readonly pattern: string;
  /** Its targets with the part that `*` stands for put in, in order. */
  readonly targets: readonly string[];
}

const MAX_WILDCARDS = 2000;
const MAX_TARGETS = 64;

/** Compiles keys with their targets; more wildcards than the limit are left out and `truncated` says so. */
export function compilePathPatterns(entries: Iterable<readonly [string, readonly string[]]>): PathPatterns & { readonly truncated: boolean } {
  const exact = new Map<string, readonly string[]>();
  const wildcards: { readonly pattern: string; readonly prefix: string; readonly suffix: string; readonly targets: readonly string[] }[] = [];
  for (const [pattern, targets] of entries) {
    const star = pattern.indexOf('*');
    if (star < 0) exact.set(pattern, targets.slice(0, MAX_TARGETS));
    else if (pattern.indexOf('*', star + 1) < 0) {
      wildcards.push({ pattern, prefix: pattern.slice(0, star), suffix: pattern.slice(star + 1), targets: targets.slice(0, MAX_TARGETS) });
    }
  }
  const truncated = wildcards.length > MAX_WILDCARDS;
  wildcards.length = Math.min(wildcards.length, MAX_WILDCARDS);
  // Stable: of equal prefixes the one written first.
  wildcards.sort((a, b) => b.prefix.length - a.prefix.length);
  return {
    truncated,
    match: (name) => {
      const targets = exact.get(name);
      if (targets !== undefined) return { pattern: name, targets };
      for (const each of wildcards) {
        if (name.length < each.prefix.length + each.suffix.length || !name.startsWith(each.prefix) || !name.endsWith(each.suffix)) continue;
        const matched = name.slice(each.prefix.length, name.length - each.suffix.length);
        return { pattern: each.pattern, targets: each.targets.map((target) => target.replace('*', () => matched)) };
      }
      return undefined;
    },
  };
}
