import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import type { ErrorCode } from '../../domain/errors.js';
import type { LogLevel, Logger, LogLine } from '../../domain/ports/logger.js';
import { NO_LOGGER } from '../../domain/ports/logger.js';
import { NO_TELEMETRY, type Telemetry } from '../../domain/ports/telemetry.js';
import { DEFAULT_RETRY_POLICY } from '../../use-cases/retry-policy.js';
import { WORKER_SHUTDOWN } from './failures.js';
import { traceId, withinTrace } from './tracing.js';

/** Each attempt at a step on this worker: within the run's trace, in a span, and logged with run, repository and commit. */
export function attemptsWatched({ info }: Context, { logger = NO_LOGGER, telemetry = NO_TELEMETRY }: { readonly logger?: Logger | undefined; readonly telemetry?: Telemetry | undefined }): ActivityInboundCallsInterceptor {
  return {
    execute: (input, next) => withinTrace(input.headers, () => {
      const { activityType: activity, attempt, workflowExecution } = info;
      const about = { activity, attempt, workflow: workflowExecution?.workflowId, ...subjectOf(input.args[0]) };
      const attributes = { 'temporal.activity': activity, 'temporal.attempt': attempt, ...(about.workflow === undefined ? {} : { 'temporal.workflow.id': about.workflow }) };
      return telemetry.span({ name: `codeloom.activity.${activity}`, attributes }, async () => {
        const begun = performance.now();
        const log = (level: LogLevel, line: Pick<LogLine, 'event' | 'code' | 'message' | 'result'>): void => logger.log(level, { ...about, ...line, seconds: (performance.now() - begun) / 1000, trace: traceId() });
        logger.log('debug', { event: 'step-started', ...about, trace: traceId() });
        try {
          const output = await next(input);
          log('debug', { event: 'step-finished' });
          return output;
        } catch (error) {
          if (error instanceof ApplicationFailure && error.type !== WORKER_SHUTDOWN) {
            const last = error.nonRetryable === true || attempt >= DEFAULT_RETRY_POLICY.attempts;
            log(last ? 'error' : 'warn', { event: 'step-failed', code: error.type as ErrorCode, message: error.message, result: last ? 'given up' : 'tried again' }); // its type is the code of the error: failures.ts
          } else {
            log('info', { event: 'step-failed', result: error instanceof ApplicationFailure ? 'handed over' : 'cancelled' });
          }
          throw error;
        }
      });
    }),
  };
}

/** What a step is about, of what it was given: not yet checked. */
function subjectOf(call: unknown): Pick<LogLine, 'run' | 'repository' | 'branch' | 'commit'> {
  const run = part(call, 'run');
  const about = part(run, 'about');
  const texts = { run: part(run, 'id'), repository: part(part(about, 'repository'), 'id') ?? part(about, 'location'), branch: part(about, 'branch'), commit: part(about, 'commit') };
  return Object.fromEntries(Object.entries(texts).filter(([, value]) => typeof value === 'string'));
}

function part(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
}
