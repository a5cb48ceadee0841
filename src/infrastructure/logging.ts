import { logWords } from '../adapters/cli/log-words.js';
import { createPinoLogger } from '../adapters/pino/logger.js';
import { LOG_LEVELS, loggedFields, type Logger, type LogLevel } from '../domain/ports/logger.js';
import { hideSecrets } from './secrets.js';

/** The log of a command that stays: lines of JSON to a file descriptor, or words where people look on. No secret that this process was given gets into it. */
export function createCommandLogger({ level = 'info', stream }: { readonly level?: LogLevel | undefined; readonly stream: NodeJS.WriteStream }): Logger {
  if (stream.isTTY !== true) return createPinoLogger({ level, hide: hideSecrets, destination: { write: (line) => void stream.write(line) } });
  return {
    log(at, line) {
      if (LOG_LEVELS.indexOf(at) >= LOG_LEVELS.indexOf(level)) stream.write(logWords({ level: at, at: new Date(), fields: loggedFields(line, hideSecrets) }));
    },
  };
}
