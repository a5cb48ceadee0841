import type { loggedFields, LogLevel } from '../../domain/ports/logger.js';
import { formatDuration, printable } from './text.js';

export interface LoggedLine {
  readonly level: LogLevel;
  readonly at: Date;
  readonly fields: ReturnType<typeof loggedFields>;
}

/** A line of a log for people who look on: `21:03:04 info  stage-finished link acme/shop main 1a2b3c4 files=12`. */
export function logWords({ level, at, fields: { event, message, counts, seconds, run: _, ...rest } }: LoggedLine): string {
  const words = [
    at.toTimeString().slice(0, 8), level.padEnd(5), event,
    ...Object.entries(rest).map(([name, value]) => (name === 'commit' ? String(value).slice(0, 12) : PLAIN.has(name) ? value : `${name}=${String(value)}`)),
    ...(typeof seconds === 'number' ? [formatDuration(seconds * 1000)] : []),
    ...(typeof counts === 'object' ? Object.entries(counts).map(([name, count]) => `${name}=${count}`) : []),
    ...(message === undefined ? [] : [message]),
  ];
  return `${printable(words.join(' '))}\n`;
}

/** What is told apart without its name. */
const PLAIN: ReadonlySet<string> = new Set(['repository', 'branch', 'stage', 'status', 'activity', 'result', 'told', 'url', 'channel']);
