import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { z } from 'zod';
import { CodeloomError, type ErrorCode } from '../../domain/errors.js';
import { inProcessSteps } from '../../use-cases/in-process-steps.js';
import type { IndexingPorts } from '../../use-cases/indexing-ports.js';
import { planExtraction } from '../../use-cases/plan-extraction.js';
import { recordRun, settleOtherRuns } from '../../use-cases/record-run.js';
import type { StageProgress, StepContext } from '../../use-cases/steps.js';
import { CALLS, type Activities, type Call, type Reply, type RunNote } from './activity-calls.js';
import { checked } from './contract.js';
import { createRunTelling } from './run-telling.js';
import { checkpointOf, failureOf, WORKER_SHUTDOWN, type Checkpoint } from './failures.js';

export interface ActivitiesOptions {
  readonly ports: IndexingPorts;
  /** Names what besides the parser decides what graph comes out. */
  readonly indexerVersion: string;
}

/** So often a step says that it is alive, and learns whether it is to stop. */
const BEAT_MS = 250;

/**
 * The activities: each checks what it is given, invokes its use case, and tells of its progress by heartbeats. Nothing of a run is kept here: whatever worker takes the next
 * step finds all it needs by the references it is given. A step that fails ends with an ApplicationFailure whose type is the error's code.
 */
export function createActivities({ ports, indexerVersion }: ActivitiesOptions): Activities {
  const steps = inProcessSteps(ports);
  const telling = createRunTelling(ports.observers);

  async function perform<Input, Output>(schema: z.ZodType<Call<Input>>, call: unknown, work: (input: Input, context: StepContext, run: RunNote) => Promise<Output>): Promise<Reply<Output>> {
    return attempted(async (context) => {
      const { run, input } = checked(schema, call, 'A step');
      telling.events(run);
      const recorded = run.record === undefined ? false : await recordedAll(ports, run);
      return { output: await work(input, context, run), recorded };
    });
  }

  return {
    clone_repo_activity: (call) => perform(CALLS.clone, call, async ({ request }, context, run) => {
      const acquired = await steps.acquire({ request, indexerVersion }, context);
      const { repository, branch } = acquired.revision;
      await recordedAll(ports, { ...run, record: { id: run.id, repository: repository.id, branch, status: 'running', startedAt: run.startedAt } }, acquired.revision.repository);
      return { acquired, indexerVersion };
    }),

    parse_repo_activity: (call) => perform(CALLS.parse, call, async (input, context) => {
      switch (input.step) {
        case 'plan': return planExtraction(ports, input, context);
        case 'extract': return steps.extract(input, context);
        case 'link':
          checkVersion(input.indexerVersion);
          return steps.link(input, context);
      }
    }),

    persist_kg_activity: (call) => perform(CALLS.persistGraph, call, (input, context) => {
      checkVersion(input.indexerVersion);
      return steps.publish(input, context);
    }),

    persist_metadata_activity: (call) => perform(CALLS.persistMetadata, call, async (input, context, run) => {
      if (input.step === 'record') return steps.record(input, context);
      // Also when the store takes no record of it: once, with the first attempt.
      if (Context.current().info.attempt === 1) telling.ended(run);
      if (run.record !== undefined) {
        await recordRun(ports, { run: run.record, events: run.events }, context);
        if (run.record.status === 'succeeded' || run.record.status === 'unchanged') await settleOtherRuns(ports, run.record, context);
      }
      return { files: 0 };
    }),

    cleanup_stale_kg_nodes_activity: (call) => perform(CALLS.cleanupStale, call, (input, context) => steps.retire(input, context)),

    cleanup_repo_activity: (call) => perform(CALLS.cleanup, call, async (input, context) => {
      if (input.step === 'undo') await steps.undo(input, context);
      else await steps.release(input, context);
      return null;
    }),
  };

  /** While workers are being replaced, a run may come to one that links by other rules: it begins anew, and is that one's from then on. */
  function checkVersion(begunBy: string): void {
    if (begunBy !== indexerVersion) throw new CodeloomError('facts-missing', `The run was begun by ${begunBy}; ${indexerVersion} begins it anew.`);
  }
}

/** A store that takes no records does not fail the run: the step that writes to the same store tells what is wrong with it. */
async function recordedAll(ports: IndexingPorts, { record, events }: RunNote, repository?: Parameters<typeof recordRun>[1]['repository']): Promise<boolean> {
  if (record === undefined) return false;
  try {
    await recordRun(ports, { run: record, events, repository }, {});
    return true;
  } catch {
    return false;
  }
}

/** One attempt at a step, with heartbeats while it lasts. */
async function attempted<Output>(work: (context: StepContext) => Promise<{ readonly output: Output; readonly recorded: boolean }>): Promise<Reply<Output>> {
  const activity = Context.current();
  const { attempt, heartbeatDetails } = activity.info;
  const failed = failuresBefore(attempt, checkpointOf(heartbeatDetails));
  let progress: StageProgress | undefined;
  const beat = (codes: readonly ErrorCode[] = failed): void => activity.heartbeat({ failed: codes, progress } satisfies Checkpoint);
  beat();
  const timer = setInterval(beat, BEAT_MS);
  try {
    const { output, recorded } = await work({ signal: activity.cancellationSignal, onProgress: (update) => (progress = update) });
    return { output, failed, recorded };
  } catch (thrown) {
    const error = CodeloomError.from(thrown);
    if (activity.cancellationSignal.aborted) throw stopped(activity);
    // The next attempt finds here how this one ended.
    beat([...failed, error.code]);
    throw failureOf(error, failed);
  } finally {
    clearInterval(timer);
  }
}

/** What earlier attempts failed with; one that left no word was on a worker that was lost. */
function failuresBefore(attempt: number, { failed }: Checkpoint): readonly ErrorCode[] {
  return Array.from({ length: attempt - 1 }, (_, index) => failed[index] ?? 'timed-out');
}

/** A cancellation must leave the activity as such, or Temporal takes it for a failure. A worker that goes down hands its step over. */
function stopped({ cancellationDetails }: Context): Error {
  const goingDown = cancellationDetails?.workerShutdown === true && !cancellationDetails.cancelRequested;
  if (!goingDown) return new CancelledFailure('The operation was cancelled.');
  return ApplicationFailure.create({ type: WORKER_SHUTDOWN, message: 'The worker is shutting down; another goes on.', nonRetryable: true });
}
