import type { FieldName } from './syntax.js';
import type { Walk } from './walk.js';

const LONGEST = 200;

/** A `def` or `class` line without its body and colon, on one line; it ends with the last of the fields that there is. */
export function headerText(w: Walk, node: number, ...fields: readonly FieldName[]): string {
  let end = w.end[w.child(node, 'name')] ?? 0;
  for (const field of fields) {
    const child = w.child(node, field);
    if (child >= 0) end = w.end[child] ?? end;
  }
  const start = w.start[node] ?? 0;
  // What is cut off anyway need not be read; comments and line breaks are the reason for the margin.
  const text = w.source.slice(start, Math.min(end, start + 8 * LONGEST));
  const line = /[\n\r\t\\]| {2}/.test(text) ? onOneLine(text) : text;
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}

function onOneLine(text: string): string {
  return text
    .replace(/#[^\n"']*$/gm, '')
    .replace(/\\\r?\n/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/([([]) /g, '$1')
    .replace(/,? ([)\]])/g, '$1');
}

/** The first line of a body's doc string. */
export function docLine(w: Walk, body: number): string | undefined {
  const { kind } = w.syntax;
  if (body < 0) return undefined;
  const first = w.firstPart(body);
  if (first < 0 || w.kind[first] !== kind.expression_statement) return undefined;
  let string = w.firstPart(first);
  if (w.kind[string] === kind.concatenated_string) string = w.firstPart(string);
  if (w.kind[string] !== kind.string || w.source.childOfKind(string, kind.interpolation) >= 0) return undefined;
  const content = w.source.childOfKind(string, kind.string_content);
  if (content < 0) return undefined;
  const start = w.start[content] ?? 0;
  const end = w.end[content] ?? 0;
  const { latin1 } = w.source;
  let from = start;
  while (from < end && latin1.charCodeAt(from) <= 32) from++;
  let to = from;
  while (to < end && latin1.charCodeAt(to) !== 10 && latin1.charCodeAt(to) !== 13) to++;
  if (from >= to) return undefined;
  const line = w.source.slice(from, to).trimEnd();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}

/** A body that is `...`, with or without a doc string: a declaration. */
export function isOnlyEllipsis(w: Walk, body: number): boolean {
  const { kind } = w.syntax;
  if (body < 0) return false;
  let found = false;
  const end = w.next[body] ?? 0;
  for (let child = body + 1; child < end; child = w.next[child] ?? end) {
    if (!w.isPart(child)) continue;
    const inner = w.kind[child] === kind.expression_statement ? w.kind[w.firstPart(child)] : -1;
    if (inner === kind.ellipsis) found = true;
    else if (inner !== kind.string || found) return false;
  }
  return found;
}
