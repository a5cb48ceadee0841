/**
 * Path patterns of configuration files. Their authors are strangers, so matching takes time in proportion to pattern times path whatever
 * the pattern: no regular expression is built from one.
 */

export interface GlobOptions {
  /** Also `{a,b}` and `[abc]` (`braces`), or these and `@(a|b)`, as workspace lists allow (true); tsconfig knows `*`, `?` and `**` only. */
  readonly extended?: boolean | 'braces';
  /** A wildcard stands for the dot of a hidden file too. */
  readonly hidden?: boolean;
  /** Folder names that `**` does not enter. */
  readonly closed?: (name: string) => boolean;
}

export interface PathGlob {
  matches(path: string): boolean;
  /** True when the pattern matches the path or a folder around it. */
  matchesWithin(path: string): boolean;
  /** The leading folders without wildcards. */
  readonly prefix: string;
  /** Steps that matching takes for each character of a path, at most, in round numbers: what a list of patterns is bounded by. */
  readonly cost: number;
}

/** Longer patterns match nothing. */
export const MAX_PATTERN = 1024;
/** Summed {@link PathGlob.cost} that a list of patterns may have: some milliseconds for the longest paths. Lists that people wrote have some hundreds. */
export const MAX_COST = 16_384;
const MAX_ALTERNATIVES = 256;
const MAX_DEPTH = 256;

/** A compiled pattern; one that is too long matches nothing. The pattern is taken as normalised (no `.` or `..`). */
export function compileGlob(pattern: string, options: GlobOptions = {}): PathGlob {
  const extended = options.extended !== undefined && options.extended !== false;
  const hidden = options.hidden === true;
  const alternatives = pattern.length > MAX_PATTERN ? [] : extended ? expandAlternatives(pattern, options.extended === true) : [pattern];
  const compiled = alternatives.map((each) => each.split('/').filter((name) => name !== '').map((name) => compileName(name, extended)));
  const closed = options.closed ?? NONE;
  return {
    matches: (path) => {
      const names = path.split('/');
      return names.length <= MAX_DEPTH && compiled.some((glob) => matchNames(glob, names, { closed, hidden }));
    },
    matchesWithin: (path) => {
      const names = path.split('/').slice(0, MAX_DEPTH);
      return compiled.some((glob) => glob.length > 0 && matchNames([...glob, '**'], names, { closed: NONE, hidden }));
    },
    prefix: literalPrefix(alternatives.length === 1 ? (alternatives[0] ?? '') : ''),
    cost: compiled.reduce((sum, glob) => sum + costOf(glob), 0),
  };
}

/** True when a pattern has no wildcard, so that it names one path. */
export function isLiteral(pattern: string): boolean {
  return !/[*?{}[\]()!+@|]/.test(pattern);
}

type NamePart = { readonly k: 'char'; readonly char: string } | { readonly k: 'any' } | { readonly k: 'star' } | { readonly k: 'class'; readonly chars: string; readonly negated: boolean };
type NameGlob = '**' | { readonly parts: readonly NamePart[]; readonly literal?: string };

const NONE = (): boolean => false;

/** A name with a star is gone over once for each character of the path's name; a `**` has all that follows tried at each folder. */
function costOf(glob: readonly NameGlob[]): number {
  let cost = 1;
  let open = false;
  for (const name of glob) {
    if (name === '**') open = true;
    else cost += name.literal !== undefined ? (open ? 1 : 0) : name.parts.length;
  }
  return cost;
}

function literalPrefix(pattern: string): string {
  const names: string[] = [];
  for (const name of pattern.split('/')) {
    if (!isLiteral(name)) break;
    names.push(name);
  }
  return names.join('/');
}

function compileName(name: string, extended: boolean): NameGlob {
  if (name === '**') return '**';
  const parts: NamePart[] = [];
  for (let at = 0; at < name.length; at++) {
    const char = name[at] ?? '';
    if (char === '*') {
      if (parts[parts.length - 1]?.k !== 'star') parts.push({ k: 'star' });
    } else if (char === '?') parts.push({ k: 'any' });
    else if (char === '[' && extended) {
      const end = name.indexOf(']', at + 2);
      if (end < 0) parts.push({ k: 'char', char });
      else {
        const body = name.slice(at + 1, end);
        const negated = body.startsWith('!') || body.startsWith('^');
        parts.push({ k: 'class', chars: negated ? body.slice(1) : body, negated });
        at = end;
      }
    } else parts.push({ k: 'char', char });
  }
  return parts.every((part) => part.k === 'char') ? { parts, literal: name } : { parts };
}

/** The usual two-pointer walk: `**` over names here, `*` over characters in {@link matchName}. */
function matchNames(glob: readonly NameGlob[], names: readonly string[], { closed, hidden }: { readonly closed: (name: string) => boolean; readonly hidden: boolean }): boolean {
  const { length } = names;
  let at = 0;
  let part = 0;
  let starPart = -1;
  let starAt = 0;
  while (at < length) {
    const want = glob[part];
    if (want === '**') {
      starPart = part++;
      starAt = at;
    } else if (want !== undefined && matchName(want, names[at] ?? '', hidden)) {
      at++;
      part++;
    } else if (starPart >= 0 && !closed(names[starAt] ?? '')) {
      at = ++starAt;
      part = starPart + 1;
    } else return false;
  }
  while (glob[part] === '**') part++;
  return part === glob.length;
}

function matchName(glob: Exclude<NameGlob, '**'>, name: string, hidden: boolean): boolean {
  if (glob.literal !== undefined) return glob.literal === name;
  const { parts } = glob;
  // As in shells, a wildcard does not stand for the dot of a hidden file.
  if (!hidden && name.startsWith('.') && parts[0]?.k !== 'char') return false;
  let at = 0;
  let part = 0;
  let starPart = -1;
  let starAt = 0;
  while (at < name.length) {
    const want = parts[part];
    if (want?.k === 'star') {
      starPart = part++;
      starAt = at;
    } else if (want !== undefined && matchChar(want, name[at] ?? '')) {
      at++;
      part++;
    } else if (starPart >= 0) {
      at = ++starAt;
      part = starPart + 1;
    } else return false;
  }
  while (parts[part]?.k === 'star') part++;
  return part === parts.length;
}

function matchChar(part: NamePart, char: string): boolean {
  if (part.k === 'char') return part.char === char;
  if (part.k !== 'class') return part.k === 'any';
  let found = false;
  for (let at = 0; at < part.chars.length && !found; at++) {
    const from = part.chars[at] ?? '';
    const to = part.chars[at + 1] === '-' && at + 2 < part.chars.length ? (part.chars[at + 2] ?? '') : from;
    if (to !== from) at += 2;
    found = char >= from && char <= to;
  }
  return found !== part.negated;
}

/** `a/{b,c}` as `a/b` and `a/c`; `@(b|c)` and its kin likewise, taken at most once; more alternatives than the limit are dropped. */
function expandAlternatives(pattern: string, groups: boolean): string[] {
  const done: string[] = [];
  const open = [pattern];
  for (let budget = 2 * MAX_ALTERNATIVES; open.length > 0 && budget > 0; budget--) {
    const next = open.shift() ?? '';
    const group = firstGroup(next, groups);
    if (group === undefined) done.push(next);
    else if (open.length < MAX_ALTERNATIVES) for (const choice of group.choices) open.push(next.slice(0, group.start) + choice + next.slice(group.end));
  }
  return done;
}

function firstGroup(pattern: string, groups: boolean): { readonly start: number; readonly end: number; readonly choices: readonly string[] } | undefined {
  for (let start = 0; start < pattern.length; start++) {
    const braces = pattern[start] === '{';
    const sign = !braces && pattern[start + 1] === '(' ? (pattern[start] ?? '') : '';
    if (!braces && (!groups || sign === '' || !'@+?*!'.includes(sign))) continue;
    const [opening, closing, separator] = braces ? '{},' : '()|';
    const body = start + (braces ? 1 : 2);
    const choices: string[] = [];
    let depth = 0;
    let from = body;
    for (let at = body; at < pattern.length; at++) {
      const char = pattern[at];
      if (char === opening) depth++;
      else if (char === closing && depth > 0) depth--;
      else if (depth === 0 && (char === separator || char === closing)) {
        choices.push(pattern.slice(from, at));
        from = at + 1;
        if (char !== closing) continue;
        if (braces && choices.length < 2) break;
        if (sign === '!') return { start, end: at + 1, choices: ['*'] };
        return { start, end: at + 1, choices: sign === '?' || sign === '*' ? ['', ...choices] : choices };
      }
    }
  }
  return undefined;
}
