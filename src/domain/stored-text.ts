/**
 * Text as stores can hold it that know neither half of a surrogate pair nor, most of them, a NUL; JavaScript's names can have either. Such text is stored as JSON behind U+0001, all
 * other text as it is.
 */
export function toStored(text: string): string {
  return markedWhere(ODD, text);
}

/** Reads what {@link toStored} and {@link markedWhere} gave. */
export function fromStored(stored: unknown): string {
  const text = String(stored);
  return text.startsWith(ODD_MARK) ? String(JSON.parse(text.slice(1))) : text;
}

/** Whether {@link toStored} changes the text. */
export function isOdd(text: string): boolean {
  return ODD.test(text);
}

/** As {@link toStored}, for a store to which other text is odd: `odd` must match what begins with {@link ODD_MARK}. */
export function markedWhere(odd: RegExp, text: string): string {
  return odd.test(text) ? `${ODD_MARK}${JSON.stringify(text)}` : text;
}

/** What odd text begins with when it is stored, and the least text behind all that begins so. */
export const ODD_MARK = '\u0001';
export const ODD_END = '\u0002';
// Under the u flag a surrogate matches only where it has no partner.
const ODD = /^\u0001|\u0000|[\uD800-\uDFFF]/u;

/** The least text behind all that begin with `prefix`, in the order of code points; undefined where there is none. */
export function endOfPrefix(prefix: string): string | undefined {
  const points = [...prefix].map((character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  // Surrogates are no characters of their own.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}
