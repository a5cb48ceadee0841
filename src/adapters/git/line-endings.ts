/** How Git would treat a file's line ends when adding it: `auto` looks at the content first. */
export type LineEndings = 'keep' | 'text' | 'auto';

/**
 * The rule of gitattributes(5), "End-of-line conversion": `text`, `eol` and the older `crlf` attribute, then `core.autocrlf`. Values as `git check-attr`
 * prints them: `set`, `unset`, `unspecified` or a text.
 */
export function lineEndings(attributes: { readonly text: string; readonly eol: string; readonly crlf: string }, autocrlf: string): LineEndings {
  const { eol } = attributes;
  const text = attributes.text !== 'unspecified' ? attributes.text : attributes.crlf === 'input' ? 'set' : attributes.crlf;
  if (text === 'set') return 'text';
  if (text === 'unset') return 'keep';
  if (text === 'auto') return 'auto';
  if (eol === 'lf' || eol === 'crlf') return 'text';
  return /^(?:true|yes|on|1|input)$/i.test(autocrlf.trim()) ? 'auto' : 'keep';
}

/** Whether `auto` takes content for binary, as Git does: NUL bytes, a CR on its own, or one unprintable character in 128. */
export function looksBinary(content: Uint8Array): boolean {
  let printable = 0;
  let unprintable = 0;
  for (let at = 0; at < content.length; at++) {
    const byte = content[at] ?? 0;
    if (byte === 13) {
      if (content[at + 1] !== 10) return true;
    } else if (byte === 10) {
      continue;
    } else if (byte === 0) {
      return true;
    } else if (byte === 127 || (byte < 32 && byte !== 8 && byte !== 9 && byte !== 27 && byte !== 12)) {
      // A DOS end-of-file mark at the very end is part of a text.
      if (!(byte === 26 && at === content.length - 1)) unprintable += 1;
    } else {
      printable += 1;
    }
  }
  return (printable >> 7) < unprintable;
}

export function hasCarriageReturnLineFeed(content: Uint8Array): boolean {
  for (let at = content.indexOf(13); at >= 0; at = content.indexOf(13, at + 1)) {
    if (content[at + 1] === 10) return true;
  }
  return false;
}

/** CR LF becomes LF. */
export function withLineFeeds(content: Uint8Array): Uint8Array {
  const clean = new Uint8Array(content.length);
  let length = 0;
  for (let at = 0; at < content.length; at++) {
    const byte = content[at] ?? 0;
    if (byte === 13 && content[at + 1] === 10) continue;
    clean[length++] = byte;
  }
  return clean.slice(0, length);
}
