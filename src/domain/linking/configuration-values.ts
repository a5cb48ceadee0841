import { parse as parseJsonc, type ParseError } from 'jsonc-parser';

/** What was wrong with a configuration file; nothing in one is fatal. */
export interface ConfigurationDiagnostic {
  readonly path: string;
  readonly code: ConfigurationProblem;
  readonly message: string;
}

export type ConfigurationProblem =
  /** The text is not of its format; what could be read of it is used. */
  | 'configuration-syntax'
  /** Larger than is read, or nested too deeply. */
  | 'configuration-too-large'
  /** A value has another type than the format says. */
  | 'configuration-type'
  | 'configuration-cycle'
  /** It refers to a file that is not in the snapshot. */
  | 'configuration-missing'
  /** It refers to a place outside the repository. */
  | 'configuration-outside'
  /** More entries than are used. */
  | 'configuration-limit';

export type ConfigurationRecord = Readonly<Record<string, unknown>>;

/** Configuration files are read up to this many characters. */
export const MAX_CONFIGURATION = 2_000_000;
const MAX_DIAGNOSTICS = 1000;
const MAX_NESTING = 200;

/** Collects diagnostics, each once. */
export class ConfigurationLog {
  readonly #entries = new Map<string, ConfigurationDiagnostic>();

  add(path: string, code: ConfigurationProblem, message: string): void {
    const key = `${path}\0${code}\0${message}`;
    if (this.#entries.size < MAX_DIAGNOSTICS && !this.#entries.has(key)) this.#entries.set(key, { path, code, message });
  }

  /** Sorted, so that they do not depend on the order of work. */
  list(): readonly ConfigurationDiagnostic[] {
    return [...this.#entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, entry]) => entry);
  }
}

/** The object that a JSON text (comments and trailing commas allowed) holds; undefined, with a diagnostic, when there is none. */
export function readJsonRecord(path: string, text: string, log: ConfigurationLog): ConfigurationRecord | undefined {
  const value = readGuarded(path, text, log, () => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      const errors: ParseError[] = [];
      const parsed: unknown = parseJsonc(text.replace(/^\uFEFF/, ''), errors, { allowTrailingComma: true, allowEmptyContent: true });
      if (errors.length > 0) log.add(path, 'configuration-syntax', 'It is not valid JSON; what could be read of it is used.');
      return parsed ?? {};
    }
  });
  if (value === undefined) return undefined;
  const record = recordOf(value);
  if (record === undefined) log.add(path, 'configuration-type', 'It does not hold an object.');
  return record;
}

/**
 * Runs a parser on a text that may be anything: one that is too large or too deep gives a diagnostic and undefined. The depth is looked at
 * beforehand, for a stack that runs out within a regular expression ends the process and cannot be caught.
 */
export function readGuarded(path: string, text: string, log: ConfigurationLog, parse: () => unknown): unknown {
  if (text.length > MAX_CONFIGURATION) {
    log.add(path, 'configuration-too-large', `It is larger than ${MAX_CONFIGURATION} characters and was not read.`);
    return undefined;
  }
  if (isNestedBeyond(text, MAX_NESTING)) {
    log.add(path, 'configuration-too-large', 'It is nested too deeply and was not read.');
    return undefined;
  }
  try {
    return parse();
  } catch (error) {
    if (error instanceof RangeError) log.add(path, 'configuration-too-large', 'It is nested too deeply and was not read.');
    else log.add(path, 'configuration-syntax', 'It could not be read: its syntax is wrong.');
    return undefined;
  }
}

/** True when more than `limit` brackets or braces are open at once, outside double quotes (which end with the line at the latest). */
function isNestedBeyond(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) inString = !inString;
    else if (char === NEWLINE) inString = false;
    else if (char === BACKSLASH && inString) at++;
    else if (inString) continue;
    else if (char === BRACKET || char === BRACE) {
      if (++depth > limit) return true;
    } else if ((char === BRACKET + 2 || char === BRACE + 2) && depth > 0) depth--;
  }
  return false;
}

const QUOTE = 0x22;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/** The value as an object, unless it is an array or none. */
export function recordOf(value: unknown): ConfigurationRecord | undefined {
  // A value of type object that is neither null nor an array is a record of unknown values.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ConfigurationRecord) : undefined;
}

/** A record's own value at a path of keys; never one inherited (`constructor`, `__proto__`). */
export function valueAt(record: unknown, ...keys: readonly string[]): unknown {
  let value = record;
  for (const key of keys) {
    const at = recordOf(value);
    if (at === undefined || !Object.hasOwn(at, key)) return undefined;
    value = at[key];
  }
  return value;
}

export function stringAt(record: unknown, ...keys: readonly string[]): string | undefined {
  const value = valueAt(record, ...keys);
  return typeof value === 'string' ? value : undefined;
}

/** The strings of an array, other elements left out; a string alone is an array of one; undefined for anything else. */
export function stringsOf(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : undefined;
}

/** A text of strangers as it may stand in a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
