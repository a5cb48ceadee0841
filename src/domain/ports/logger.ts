import type { ErrorCode } from '../errors.js';
import type { RunStatus, Stage } from '../index-run.js';
import { withoutCredentials } from '../without-credentials.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Takes note of what happens, for who runs codeloom. Never throws and is never waited for. Default: {@link NO_LOGGER}. */
export interface Logger {
  log(level: LogLevel, line: LogLine): void;
}

/** Takes note of nothing. */
export const NO_LOGGER: Logger = { log: () => undefined };

export type LogEvent =
  | 'run-started' | 'run-finished' | 'stage-started' | 'stage-finished' | 'stage-retried' | 'stage-failed'
  | 'step-started' | 'step-finished' | 'step-failed'
  | 'listening' | 'working' | 'closing' | 'stopped' | 'delivery'
  | 'notification-retried' | 'notification-dead-lettered' | 'notification-dropped' | 'notification-sent'
  | 'circuit-opened' | 'circuit-closed' | 'metrics-off' | 'temporal';

/**
 * All that a line may say. It has no place for what else may be at hand (a request, an error's cause, an environment), so that no adapter can print it by mistake; texts are
 * those of CodeloomErrors, which hold no secrets, and go through {@link withoutCredentials} all the same.
 */
export interface LogLine {
  readonly event: LogEvent;
  readonly run?: string | undefined;
  /** The repository's id, or its location without credentials while that is all that is known. */
  readonly repository?: string | undefined;
  readonly branch?: string | undefined;
  readonly commit?: string | undefined;
  readonly stage?: Stage | undefined;
  readonly status?: RunStatus | undefined;
  readonly attempt?: number | undefined;
  readonly code?: ErrorCode | undefined;
  readonly message?: string | undefined;
  readonly seconds?: number | undefined;
  readonly counts?: Readonly<Record<string, number>> | undefined;
  readonly snapshot?: string | undefined;
  /** On Temporal: the id of the workflow, the name of the activity, the queue. */
  readonly workflow?: string | undefined;
  readonly activity?: string | undefined;
  readonly queue?: string | undefined;
  /** Of the code host that sent a delivery, its id, what it told of and what became of it. */
  readonly host?: string | undefined;
  readonly delivery?: string | undefined;
  readonly told?: string | undefined;
  readonly result?: string | undefined;
  /** Where it listens. */
  readonly url?: string | undefined;
  /** A notification channel's name. */
  readonly channel?: string | undefined;
  /** What a circuit breaker stands before. */
  readonly port?: string | undefined;
  /** Of the trace that the line belongs to. */
  readonly trace?: string | undefined;
}

const FIELDS = [
  'run', 'repository', 'branch', 'commit', 'stage', 'status', 'attempt', 'code', 'seconds', 'counts', 'snapshot', 'workflow', 'activity', 'queue', 'host', 'delivery', 'told', 'result',
  'url', 'channel', 'port', 'trace', 'message',
] as const satisfies readonly (keyof LogLine)[];

/** The known fields of a line in their order, texts through `hide` and {@link withoutCredentials}; whatever else an object may carry stays behind. */
export function loggedFields(line: LogLine, hide: (text: string) => string = (text) => text): Readonly<Record<string, string | number | Readonly<Record<string, number>>>> {
  const fields: Record<string, string | number | Readonly<Record<string, number>>> = { event: line.event };
  for (const name of FIELDS) {
    const value = line[name];
    if (value === undefined) continue;
    fields[name] = typeof value === 'string' ? hide(withoutCredentials(value)).slice(0, MAX_TEXT) : typeof value === 'number' ? value : numbersOf(value);
  }
  return fields;
}

/** A line says what happened; whoever wants all of a long message asks for the run. */
const MAX_TEXT = 2000;

function numbersOf(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => typeof value === 'number'));
}
