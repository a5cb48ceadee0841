/**
 * Text as a TEXT column can hold it. SQLite's text ends at a NUL for some drivers and cannot hold half of a surrogate pair; JavaScript's names can be
 * either. Such text is stored as JSON behind U+0001, all other text as it is.
 */
export function toStored(text: string): string {
  return ODD.test(text) ? `${ODD_MARK}${JSON.stringify(text)}` : text;
}

/** Reads what {@link toStored} gave. */
export function fromStored(stored: unknown): string {
  const text = String(stored);
  return text.startsWith(ODD_MARK) ? String(JSON.parse(text.slice(1))) : text;
}

/** Whether {@link toStored} changes the text. */
export function isOdd(text: string): boolean {
  return ODD.test(text);
}

/** What odd text begins with when it is stored. */
export const ODD_MARK = '\u0001';
// Under the u flag a surrogate matches only where it has no partner.
const ODD = /^\u0001|\u0000|[\uD800-\uDFFF]/u;
