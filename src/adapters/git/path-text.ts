import { isUtf8 } from 'node:buffer';

/**
 * Paths are bytes to Git. Inside this adapter a raw path is a string with one character a byte (latin1), which compares in byte order; outside it is text.
 * A path that is UTF-8 is that text; in any other, bytes that are not part of well-formed UTF-8 are written `%XX` and `%` itself `%25`.
 */
export function pathText(raw: string): string {
  if (!/[^\x00-\x7f]/.test(raw)) return raw;
  const bytes = Buffer.from(raw, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : escapeBytes(bytes);
}

/** Gives every raw path a text of its own: two paths whose texts would be the same (one holds the escapes literally) are told apart by escaping once more. */
export function uniquePathTexts(): (raw: string) => string {
  const taken = new Set<string>();
  return (raw) => {
    let text = pathText(raw);
    // Only texts with a percent sign can collide.
    if (!text.includes('%')) return text;
    while (taken.has(text)) text = text.replaceAll('%', '%25');
    taken.add(text);
    return text;
  };
}

/** The raw paths that a text may stand for, likeliest first. */
export function rawPaths(text: string): readonly string[] {
  const literal = Buffer.from(text, 'utf8').toString('latin1');
  const candidates = [literal];
  for (let last = literal; /%[0-9A-F]{2}/.test(last) && candidates.length < 4;) {
    last = last.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    candidates.push(last);
  }
  return candidates;
}

function escapeBytes(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] ?? 0;
    const length = byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0;
    const character = bytes.subarray(at, at + length);
    if (length > 0 && character.length === length && isUtf8(character)) {
      text += byte === 0x25 ? '%25' : character.toString('utf8');
      at += length;
    } else {
      text += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
      at += 1;
    }
  }
  return text;
}
