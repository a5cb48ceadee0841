import { Client, WorkflowFailedError, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { defineSearchAttributeKey, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { DurableRunResult, DurableRuns, DurableRunState, StepState } from '../../domain/ports/durable-runs.js';
import type { RunProgress, RunSummary } from '../../domain/run-progress.js';
import { DEFAULT_NAMESPACE, type TemporalAddress } from './address.js';
import { connectClient, connectionError } from './connection.js';
import { QUERIES, readRunInput, SEARCH_ATTRIBUTES, SIGNALS, TASK_QUEUE, WORKFLOW, workflowId, type RunInput, type RunResult } from './contract.js';
import { checkpointOf, errorOf } from './failures.js';
import { createSchedules } from './schedules.js';
import { inputOf, type Starting } from './starting.js';
import { tracedStarts } from './tracing.js';

export interface TemporalRunsOptions {
  readonly temporal: TemporalAddress;
  /** Default `repo-indexing-queue`. */
  readonly taskQueue?: string | undefined;
  /** Whether the server knows codeloom's search attributes, so that runs are to carry them (docs/temporal.md). Default false: a start that names unknown ones is refused. */
  readonly searchAttributes?: boolean | undefined;
  /** For each run that is started: see docs/temporal.md. */
  readonly fanOutFrom?: number | undefined;
  readonly shardsInFlight?: number | undefined;
  readonly heartbeatSeconds?: number | undefined;
}

/** A client of runs on a Temporal server. Errors: as {@link DurableRuns} says. */
export async function createTemporalRuns(options: TemporalRunsOptions): Promise<DurableRuns> {
  const { temporal, taskQueue = TASK_QUEUE } = options;
  const connection = await connectClient(temporal);
  const client = new Client({ connection, namespace: temporal.namespace ?? DEFAULT_NAMESPACE, interceptors: { workflow: [tracedStarts] } });

  const starting: Starting = {
    taskQueue,
    input: (request) => readRunInput(inputOf(request, options)),
    attributes: (input) => (options.searchAttributes === true ? [
      { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.repository, 'KEYWORD'), value: input.github_repo_name }, { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.branch, 'KEYWORD'), value: input.default_branch },
    ] : undefined),
    async calling(work, { signal } = {}) {
      throwIfAborted(signal);
      try {
        return await (signal === undefined ? work() : connection.withAbortSignal(signal, work));
      } catch (error) {
        throwIfAborted(signal);
        throw connectionError(error, temporal);
      }
    },
  };
  const { calling } = starting;
  const handleOf = (id: string): WorkflowHandle => client.workflow.getHandle(id);

  function startOptions(input: RunInput) {
    const attributes = starting.attributes(input);
    return { workflowId: workflowId(input), taskQueue, args: [input], ...(attributes === undefined ? {} : { typedSearchAttributes: attributes }) };
  }

  /** By the beginning of their ids: every server can look for that, whatever search attributes it knows. */
  async function runningOf(repositoryId: string): Promise<readonly string[]> {
    const start = workflowId({ repo_id: repositoryId, default_branch: '' });
    const query = `WorkflowType = '${WORKFLOW}' AND ExecutionStatus = 'Running' AND WorkflowId STARTS_WITH '${start.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
    const ids = new Set<string>();
    for await (const { workflowId: id } of client.workflow.list({ query })) ids.add(id);
    return [...ids];
  }

  return {
    async start(request, call) {
      const input = starting.input(request);
      const id = workflowId(input);
      return calling(async () => {
        try {
          await client.workflow.start(WORKFLOW, startOptions(input));
          return { id, status: 'started' };
        } catch (error) {
          if (error instanceof WorkflowExecutionAlreadyStartedError) return { id, status: 'running' };
          throw error;
        }
      }, call);
    },

    async push(request, call) {
      const { commit, ...input } = starting.input(request);
      const id = workflowId(input);
      return calling(async () => {
        const running = await isRunning(handleOf(id));
        // A run that the signal starts takes it up at once.
        await client.workflow.signalWithStart(WORKFLOW, { ...startOptions(input), signal: SIGNALS.push, signalArgs: [commit ?? null] });
        return { id, status: running ? 'coalesced' : 'started' };
      }, call);
    },

    progress: (id, call) => calling(() => stateOf(id, handleOf(id)), call),
    summary: (id, call) => calling(() => known(id, handleOf(id).query<RunSummary>(QUERIES.summary)), call),

    async result(id, call = {}) {
      return calling(async () => {
        try {
          return describe(id, await known(id, handleOf(id).result() as Promise<RunResult>));
        } catch (error) {
          throw error instanceof WorkflowFailedError ? endOf(error) : error;
        }
      }, call);
    },

    cancel: (id, call) => calling(async () => {
      // The server takes such a request for a run that has ended, too, and nothing comes of it.
      if (!await isRunning(handleOf(id))) throw noRun(id);
      await known(id, handleOf(id).cancel());
    }, call),

    async retire({ repositoryId, branch }, call) {
      return calling(async () => {
        const ids = branch === undefined ? await runningOf(repositoryId) : [workflowId({ repo_id: repositoryId, default_branch: branch })];
        let retired = 0;
        for (const id of ids) {
          if (!await isRunning(handleOf(id))) continue;
          await handleOf(id).cancel();
          retired += 1;
        }
        return retired;
      }, call);
    },

    pause: (id, paused, call) => calling(() => known(id, handleOf(id).signal(paused ? SIGNALS.pause : SIGNALS.resume)), call),
    schedules: createSchedules(client, starting),
    close: () => connection.close(),
  };
}

async function isRunning(handle: WorkflowHandle): Promise<boolean> {
  try {
    return (await handle.describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function stateOf(id: string, handle: WorkflowHandle): Promise<DurableRunState> {
  const description = await known(id, handle.describe());
  const progress = await handle.query<RunProgress>(QUERIES.progress);
  return { id, status: STATUS[description.status.name] ?? 'stopped', progress, steps: (description.raw.pendingActivities ?? []).map(stepOf) };
}

const STATUS: Readonly<Partial<Record<string, DurableRunState['status']>>> = {
  RUNNING: 'running', CONTINUED_AS_NEW: 'running', PAUSED: 'running', COMPLETED: 'succeeded', FAILED: 'failed', CANCELLED: 'cancelled',
};

type PendingActivity = NonNullable<Awaited<ReturnType<WorkflowHandle['describe']>>['raw']['pendingActivities']>[number];

/** https://github.com/temporalio/api: PendingActivityState */
const STATES: readonly StepState['state'][] = ['waiting', 'waiting', 'running', 'stopping'];

function stepOf(pending: PendingActivity): StepState {
  const { progress } = checkpointOf(heartbeatOf(pending));
  return {
    activity: pending.activityType?.name ?? '', attempt: pending.attempt ?? 1, state: STATES[pending.state ?? 0] ?? 'waiting', worker: pending.lastWorkerIdentity ?? undefined,
    done: progress?.done, total: progress?.total, lastFailure: pending.lastFailure?.message ?? undefined,
  };
}

function heartbeatOf({ heartbeatDetails }: PendingActivity): unknown {
  const data = heartbeatDetails?.payloads?.[0]?.data;
  if (data === undefined || data === null) return undefined;
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    return undefined; // encoded by a converter that is not ours
  }
}

function describe(id: string, { repo, commit_sha, snapshot_id, digest, changed, stats, stale_nodes_deleted, notes }: RunResult): DurableRunResult {
  return { id, repository: repo, commit: commit_sha, snapshot: snapshot_id, digest, changed, counts: { ...stats, stale_nodes_deleted }, notes };
}

/** The error of a run: of its workflow, the cause. */
function endOf({ cause }: WorkflowFailedError): CodeloomError {
  if (cause instanceof TerminatedFailure || cause instanceof TimeoutFailure) return errorOf(cause);
  return cause === undefined ? new CodeloomError('internal', 'The run failed, and nobody says why.') : errorOf(cause);
}

async function known<T>(id: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw noRun(id, error);
    throw error;
  }
}

function noRun(id: string, cause?: unknown): CodeloomError {
  return new CodeloomError('invalid-argument', `There is no run ${id}, or none that is under way.`, { cause, details: { id } });
}
