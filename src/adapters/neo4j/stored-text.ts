import { markedWhere, ODD_MARK } from '../../domain/stored-text.js';
import { createHash } from 'node:crypto';

/** Text as a property can hold it and give it back, as `fromStored` reads it: Bolt carries UTF-8, which has no half of a surrogate pair, but NULs. */
export function toStored(text: string): string {
  return markedWhere(ODD, text);
}

/**
 * Text as an indexed property can hold it: an index takes no more than 8 kB of all the properties of a key together. Longer text is stood for by its
 * beginning and its hash; whoever needs it back has to store it beside.
 */
export function toKey(text: string): string {
  const stored = toStored(text);
  return stored.length <= LONGEST_KEY ? stored : `${LONG_MARK}${wellFormed(stored.slice(0, 60))} ${createHash('sha256').update(stored).digest('hex')}`;
}

/** Whether {@link toKey} gave something else than the text itself. */
export function isMarked(key: string): boolean {
  return key.startsWith(ODD_MARK) || key.startsWith(LONG_MARK);
}

/** Whether {@link toKey} gave what does not hold the whole text. */
export function isLong(key: string): boolean {
  return key.startsWith(LONG_MARK);
}

/** What a key that stands for long text begins with. */
export const LONG_MARK = '\u0002';
/** UTF-16 code units: up to three bytes each, and four such texts in the longest key. */
const LONGEST_KEY = 600;
// Under the u flag a surrogate matches only where it has no partner.
const ODD = /^[\u0001\u0002]|[\uD800-\uDFFF]/u;

function wellFormed(text: string): string {
  return text.replace(/[\uD800-\uDFFF]/gu, '');
}
