/**
 * As much of version ranges (https://semver.org, npm's range syntax) as it takes to see that a package of the repository cannot be the one
 * a dependency asks for.
 */

/** True when `version` certainly lies outside `range`. Tags, unknown syntax and a missing version contradict nothing; pre-releases count as their release. */
export function contradicts(range: string, version: string | undefined): boolean {
  if (version === undefined || range.length > 256) return false;
  const release = parseVersion(version);
  if (release === undefined || release.length < 3) return false;
  let contradicted = false;
  for (const alternative of range.split('||')) {
    const allows = satisfies(release, alternative.trim());
    if (allows !== false) return false;
    contradicted = true;
  }
  return contradicted;
}

type Release = readonly number[];

/** The numbers that are given, up to three: `1.x` gives `[1]`, `*` gives `[]`; undefined for what is no version. */
function parseVersion(text: string): Release | undefined {
  const match = /^[v=\s]*(\d{1,9}|[xX*])(?:\.(\d{1,9}|[xX*]))?(?:\.(\d{1,9}|[xX*]))?(?:[-+][\w.+-]*)?$/.exec(text);
  if (match === null) return undefined;
  const numbers: number[] = [];
  for (const part of match.slice(1)) {
    if (part === undefined || !/^\d/.test(part)) break;
    numbers.push(Number(part));
  }
  return numbers;
}

function satisfies(release: Release, range: string): boolean | undefined {
  const hyphen = /^(\S+)\s+-\s+(\S+)$/.exec(range);
  if (hyphen !== null) {
    const from = parseVersion(hyphen[1] ?? '');
    const to = parseVersion(hyphen[2] ?? '');
    return from === undefined || to === undefined ? undefined : compare(release, from) >= 0 && compare(release, to, to.length) <= 0;
  }
  const comparators = range.replace(/(\^|~>?|[<>]=?|=)\s+/g, '$1').split(/\s+/).filter((each) => each !== '');
  for (const comparator of comparators) {
    const allows = allowedBy(release, comparator);
    if (allows !== true) return allows;
  }
  return true;
}

function allowedBy(release: Release, comparator: string): boolean | undefined {
  const match = /^(\^|~>?|[<>]=?|=)?(.*)$/.exec(comparator);
  const bound = parseVersion(match?.[2] ?? '');
  if (bound === undefined) return undefined;
  switch (match?.[1]) {
    case '^': {
      // Equal up to and including the first number that is not zero.
      const first = bound.findIndex((number) => number > 0);
      return compare(release, bound) >= 0 && compare(release, bound, first < 0 ? bound.length : first + 1) === 0;
    }
    case '~':
    case '~>':
      return compare(release, bound) >= 0 && compare(release, bound, Math.min(2, bound.length)) === 0;
    case '>=': return compare(release, bound) >= 0;
    case '>': return compare(release, bound, bound.length) > 0;
    case '<=': return compare(release, bound, bound.length) <= 0;
    case '<': return compare(release, bound) < 0;
    default: return compare(release, bound, bound.length) === 0;
  }
}

/** Compares the first `length` numbers; those that are not given are zero. */
function compare(a: Release, b: Release, length = 3): number {
  for (let at = 0; at < length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
