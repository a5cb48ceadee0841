const ELLIPSIS = '…';

/** Made when a text has to be cut: its tables take longer to load than most answers to find. */
let segmenter: Intl.Segmenter | undefined;

/** Printable ASCII and our own ellipsis, one column each: nearly all names and paths. */
const PLAIN = /^[\x20-\x7e…]*$/;

let measure: ((text: string) => number) | undefined;

/** Loads the Unicode tables that {@link widthOf} needs for some of these texts. They cost a tenth of a query's start-up, so that they wait until then. */
export async function prepareWidths(texts: Iterable<string>): Promise<void> {
  if (measure !== undefined) return;
  for (const text of texts) {
    if (PLAIN.test(text)) continue;
    measure = (await import('string-width')).default;
    return;
  }
}

/** Columns that a text takes on a terminal: wide characters count two, combining ones none. Exact once {@link prepareWidths} has seen the text. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return measure === undefined ? graphemes(text).length : measure(text);
}

/**
 * The text without anything that a terminal would act on: names and paths come from repositories, and a hostile one may hold escape sequences. Control
 * characters (bidirectional overrides included) are written as `\n`, `\t` or `\u{1b}`.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    if (character === '\r') return '\\r';
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** Cuts the middle out of a text that is wider than `width`, where names differ least: `createRepository…FromFolder`. */
export function shortenMiddle(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 1) return width === 1 ? ELLIPSIS : '';
  const parts = graphemes(text);
  const tailWidth = Math.floor((width - 1) / 2);
  const head = take(parts, width - 1 - tailWidth);
  const tail = take(parts.reverse(), tailWidth).reverse();
  return head.join('') + ELLIPSIS + tail.join('');
}

/** Cuts the end off a text that is wider than `width`. */
export function shortenEnd(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 1) return width === 1 ? ELLIPSIS : '';
  return take(graphemes(text), width - 1).join('') + ELLIPSIS;
}

function graphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return [...segmenter.segment(text)].map((part) => part.segment);
}

function take(parts: readonly string[], width: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const part of parts) {
    used += widthOf(part);
    if (used > width) break;
    taken.push(part);
  }
  return taken;
}

/** `1,234,567`. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 file`, `2,000 files`. */
export function plural(count: number, singular: string, several = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : several}`;
}

/** `640 ms`, `3.2 s`, `2 min 05 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** `912 B`, `3.4 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** `62.5 %`; never `100.0 %` or `0.0 %` for what is not wholly so. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–';
  const share = (100 * part) / whole;
  if (part > 0 && share < 0.05) return '<0.1 %';
  if (part < whole && share >= 99.95) return '>99.9 %';
  return `${share.toFixed(1)} %`;
}

/** A text in which no address has its password any more. */
export function withoutPasswords(text: string): string {
  return text.replace(/(:\/\/[^\s/:@]*):[^\s]*@/g, '$1:…@');
}
