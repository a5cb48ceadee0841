/**
 * The list `packages` of a pnpm-workspace.yaml, as block or flow sequence of scalars (https://pnpm.io/pnpm-workspace_yaml). Undefined when the
 * file has no such key, null when what it has is no such list. Written here because a general YAML parser takes quadratic time, or runs
 * out of stack, on texts that are made for it; this takes time in proportion to the text.
 */
export function workspacePatterns(text: string): readonly string[] | null | undefined {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const start = lines.findIndex((line) => KEY.test(line));
  if (start < 0) return undefined;
  const first = (lines[start] ?? '').replace(KEY, '').trim();
  if (first.startsWith('[')) return flowItems([first, ...lines.slice(start + 1, start + 1 + MAX_LINES)].join('\n'));
  if (first !== '' && !first.startsWith('#')) return null;

  const items: string[] = [];
  for (const line of lines.slice(start + 1)) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    if (trimmed.startsWith('[') && items.length === 0) return flowItems(lines.slice(start + 1, start + 1 + MAX_LINES).join('\n').trimStart());
    // The list may stand at the key's own indentation; anything else there is the next key.
    if (trimmed !== '-' && !trimmed.startsWith('- ')) {
      if (!/^\s/.test(line)) break;
      return null;
    }
    const item = scalar(trimmed.slice(1).trim());
    if (item !== undefined) items.push(item.value);
  }
  return items;
}

const KEY = /^(?:packages|"packages"|'packages')[ \t]*:(?=[ \t]|$)/;
const MAX_LINES = 20_000;

function flowItems(text: string): readonly string[] | null {
  const items: string[] = [];
  let at = 1;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === ',' || char.trim() === '') {
      at++;
      continue;
    }
    if (char === ']') return items;
    if (char === '#') {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
      continue;
    }
    const stop = char === '"' || char === "'" ? -1 : nextStop(text, at);
    const item = scalar(stop < 0 ? text.slice(at, at + MAX_SCALAR) : text.slice(at, stop));
    if (item !== undefined) items.push(item.value);
    if (stop < 0 && item === undefined) return null;
    at = stop < 0 ? at + (item?.length ?? 1) : stop;
  }
  return null;
}

const MAX_SCALAR = 4096;

/** Where a plain scalar of a flow sequence ends. */
function nextStop(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== ',' && text[at] !== ']' && text[at] !== '\n') at++;
  return at;
}

/** A scalar at the start of a text, with the length it takes; undefined for an alias, an empty one, or quotes that do not close. */
function scalar(text: string): { readonly value: string; readonly length: number } | undefined {
  if (text.startsWith("'")) {
    const quotedText = /^'((?:[^']|'')*)'/.exec(text);
    return quotedText === null ? undefined : { value: (quotedText[1] ?? '').replaceAll("''", "'"), length: quotedText[0].length };
  }
  if (text.startsWith('"')) {
    const quotedText = /^"((?:[^"\\]|\\.)*)"/s.exec(text);
    return quotedText === null ? undefined : { value: (quotedText[1] ?? '').replace(/\\(.)/gs, '$1'), length: quotedText[0].length };
  }
  if (text.startsWith('*') || text.startsWith('!') || text.startsWith('{')) return undefined;
  const value = text.replace(/^&\S+\s*/, '').replace(/(?:^|\s)#.*$/s, '').trim();
  return value === '' ? undefined : { value, length: text.length };
}
