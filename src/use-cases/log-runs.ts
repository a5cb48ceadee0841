import type { LogLevel, Logger, LogLine } from '../domain/ports/logger.js';
import type { ObservedRun, RunObserver } from '../domain/ports/run-observer.js';

/** Logs what happens in runs: each line names the run, its repository and, once it is known, the commit. */
export function logRuns(logger: Logger): RunObserver {
  return {
    event(event, run) {
      if (event.type === 'run-finished') return; // told below, with its reason
      const { type, sequence: _, at: __, ...rest } = event;
      logger.log(LEVELS[type], { event: type, ...subject(run), ...rest } satisfies LogLine);
    },
    ended({ status, at, snapshot, counts, error }, run) {
      logger.log(status === 'failed' ? 'error' : 'info', {
        event: 'run-finished', ...subject(run), status, seconds: (Date.parse(at) - Date.parse(run.startedAt)) / 1000,
        ...(snapshot === undefined ? {} : { snapshot }), ...(counts === undefined ? {} : { counts: { files: counts.files, symbols: counts.symbols } }), ...(error === undefined ? {} : { code: error.code, message: error.message }),
      });
    },
  };
}

const LEVELS: Readonly<Record<'run-started' | 'stage-started' | 'stage-retried' | 'stage-finished' | 'stage-failed', LogLevel>> = {
  'run-started': 'info', 'stage-started': 'debug', 'stage-finished': 'info', 'stage-retried': 'warn', 'stage-failed': 'error',
};

function subject({ id, location, repository, branch, commit }: ObservedRun): Pick<LogLine, 'run' | 'repository' | 'branch' | 'commit'> {
  return { run: id, repository: repository?.id ?? location, ...(branch === undefined ? {} : { branch }), ...(commit === undefined ? {} : { commit }) };
}
