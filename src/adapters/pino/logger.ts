import { pino, type DestinationStream } from 'pino';
import { loggedFields, type Logger, type LogLevel } from '../../domain/ports/logger.js';

export interface PinoLoggerOptions {
  /** Lines below it are left out; default `info`. */
  readonly level?: LogLevel | undefined;
  /** Where lines go; default: standard error. */
  readonly destination?: DestinationStream | undefined;
  /** Takes secrets out of texts, in case one got there. */
  readonly hide?: ((text: string) => string) | undefined;
}

/**
 * Logs a JSON object a line: `level`, `time` (ISO 8601), `event`, and what is known of run, repository and commit. Only the fields of LogLine are written, whatever a line
 * carries besides.
 *
 * @example
 * const codeloom = await createCodeloom({ logger: createPinoLogger({ level: 'debug' }) });
 */
export function createPinoLogger({ level = 'info', destination, hide }: PinoLoggerOptions = {}): Logger {
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message', formatters: { level: (label) => ({ level: label }) } },
    // Synchronous, so that the last lines of a process that dies are there.
    destination ?? pino.destination({ fd: 2, sync: true }),
  );
  return {
    log(at, line) {
      if (logger.isLevelEnabled(at)) logger[at](loggedFields(line, hide));
    },
  };
}
