import type { Walk } from './walk.js';

const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([['n', '\n'], ['t', '\t'], ['r', '\r'], ['b', '\b'], ['f', '\f'], ['v', '\v'], ['0', '\0']]);
const LONGEST_COMPUTED_NAME = 80;

/** The value of a string literal or of a template without substitutions; undefined for anything else. */
export function constantString(walk: Walk, node: number): string | undefined {
  const kind = walk.kind(node);
  if (kind !== walk.k.string && kind !== walk.k.template_string) return undefined;
  const end = walk.end(node);
  let escaped = false;
  for (let child = node + 1; child < end; child = walk.end(child)) {
    const part = walk.kind(child);
    if (part === walk.k.template_substitution) return undefined;
    if (part === walk.k.escape_sequence) escaped = true;
  }
  const text = walk.source.slice((walk.nodes.start[node] ?? 0) + 1, Math.max((walk.nodes.start[node] ?? 0) + 1, (walk.nodes.end[node] ?? 0) - 1));
  return walk.build.intern(escaped ? unescape(text) : text);
}

function unescape(text: string): string {
  return text.replace(/\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[\n\r\u2028\u2029])|([^]))/g, (whole, braces?: string, four?: string, two?: string, line?: string, one?: string) => {
    const code = braces ?? four ?? two;
    if (code !== undefined) {
      const point = Number.parseInt(code, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    }
    if (line !== undefined) return '';
    return one === undefined ? whole : (SIMPLE_ESCAPES.get(one) ?? one);
  });
}

/** The key of a property as far as it is certain; reads what a computed key contains. */
export interface PropertyName {
  /** Absent when the key is computed and no constant. */
  readonly name?: string;
  /** `[key]` as written, for definitions whose key is computed. */
  readonly written: string;
}

/** Private names keep their `#`; `['a']` is `a`; `[Symbol.iterator]` is `[Symbol.iterator]`. */
export function propertyName(walk: Walk, node: number): PropertyName {
  if (node < 0) return { written: '' };
  const kind = walk.kind(node);
  if (kind !== walk.k.computed_property_name) {
    const name = constantString(walk, node) ?? walk.text(node);
    return { name, written: name };
  }
  const key = walk.inner(node);
  const constant = key < 0 ? undefined : constantString(walk, key);
  if (constant !== undefined) return { name: constant, written: constant };
  if (key >= 0) walk.read(key);
  const written = walk.build.intern(walk.source.text(node).replace(/\s+/g, ' ').slice(0, LONGEST_COMPUTED_NAME));
  return wellKnownSymbol(walk, key) ? { name: written, written } : { written };
}

function wellKnownSymbol(walk: Walk, node: number): boolean {
  return node >= 0 && walk.kind(node) === walk.k.member_expression && walk.is(walk.child(node, walk.f.object), 'Symbol');
}
