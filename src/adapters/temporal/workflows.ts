// What Temporal runs in its sandbox: only this folder's files for workflows, and pure code of use cases and domain, is reachable from here.
import {
  CancellationScope, CancelledFailure, condition, continueAsNew, defineQuery, defineSignal, ParentClosePolicy, setHandler, startChild, upsertSearchAttributes, workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { indexRepository } from '../../use-cases/index-repository.js';
import type { Extracted } from '../../use-cases/steps.js';
import { indexRequest, QUERIES, readRunInput, runResult, SEARCH_ATTRIBUTES, SIGNALS, WORKFLOW, workflowId, type RunInput, type RunResult } from './contract.js';
import type { Activity } from './activity-calls.js';
import { activitiesWith, durableSteps, recordEnd } from './durable-steps.js';
import { errorOf, failedAttempts, failureOf, isCancelled, isWorkerShutdown } from './failures.js';
import { sum, type ShardInput, type ShardResult } from './fan-out.js';
import { createJournal } from './journal.js';
import { stagesOf, type RunProgress, type RunSummary } from '../../domain/run-progress.js';

export { interceptors } from './trace-headers.js';

const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/**
 * Indexes a repository durably: the same orchestration as in process, over activities. Ends with a {@link RunResult}, or fails with an ApplicationFailure whose type is the code
 * of the error. A push that comes while it runs is kept, the last one in place of those before, and indexed by a run that follows under the same id.
 */
export async function RepoIndexingWorkflow(value: unknown): Promise<RunResult> {
  const told: Told = { paused: false, pushed: undefined };
  setHandler(defineSignal(SIGNALS.pause), () => {
    told.paused = true;
  });
  setHandler(defineSignal(SIGNALS.resume), () => {
    told.paused = false;
  });
  setHandler(defineSignal<[unknown?]>(SIGNALS.push), (commit) => {
    told.pushed = { commit: typeof commit === 'string' && COMMIT.test(commit) ? commit : undefined };
  });

  const input = validated(value);
  const journal = createJournal({ id: workflowInfo().runId, now: () => new Date().toISOString(), location: input.repo_url, branch: input.default_branch });
  const describe = (): Omit<RunProgress, 'stages'> => ({
    run: workflowInfo().runId, repository: input.github_repo_name, branch: input.default_branch, commit: journal.revision?.commit ?? null, status: journal.status,
    stage: journal.stage ?? null, paused: told.paused, pushWaiting: told.pushed !== undefined, startedAt: workflowInfo().startTime.toISOString(),
  });
  setHandler(defineQuery<RunProgress>(QUERIES.progress), () => ({ ...describe(), stages: stagesOf(journal.events) }));
  setHandler(defineQuery<RunSummary>(QUERIES.summary), () => ({ ...describe(), repositoryUrl: input.repo_url, events: journal.events }));

  const cancellation = new AbortController();
  CancellationScope.current().cancelRequested.catch(() => cancellation.abort());
  const gate = (): Promise<void> => condition(() => !told.paused).catch((thrown: unknown) => {
    throw errorOf(thrown);
  });
  let indexed: string | undefined;
  const steps = durableSteps({
    input, journal, gate,
    commit() {
      const commit = told.pushed === undefined ? input.commit : told.pushed.commit;
      told.pushed = undefined;
      return commit;
    },
  });
  mark(input, { repository: input.github_repo_name, branch: input.default_branch, status: 'running' });
  try {
    const outcome = await indexRepository(
      { run: workflowInfo().runId, request: indexRequest(input), indexerVersion: '' }, steps,
      { now: () => new Date().toISOString(), emit: (event) => journal.emit(event) }, { signal: cancellation.signal },
    );
    indexed = outcome.snapshot.commit;
    await recordEnd(journal, input);
    mark(input, { commit: indexed, status: journal.status });
    if (!isWaiting()) return runResult(input, outcome, journal.staleNodes);
  } catch (thrown) {
    const error = errorOf(thrown);
    journal.failed(error);
    await recordEnd(journal, input);
    mark(input, { commit: journal.revision?.commit, status: journal.status });
    if (cancellation.signal.aborted) throw new CancelledFailure('The run was cancelled.');
    if (!isWaiting()) throw failureOf(error);
  }
  const { commit: _, ...again } = input;
  const next = told.pushed?.commit;
  return continueAsNew<typeof RepoIndexingWorkflow>(next === undefined ? again : { ...again, commit: next });

  /** Whether a push asks for another state than the one that was indexed. */
  function isWaiting(): boolean {
    return told.pushed !== undefined && (told.pushed.commit === undefined || told.pushed.commit !== indexed);
  }
}

/** What signals have told and no step has taken up yet. */
interface Told {
  paused: boolean;
  /** Without a commit it means the branch's newest. */
  pushed: { readonly commit: string | undefined } | undefined;
}

/** So many batches a shard works off before it continues as new. */
const BATCHES_A_RUN = 10;
const BATCH_CONTENTS = 500;

/** Extracts a range of a listing's contents, batch by batch. */
export async function RepoExtractionWorkflow({ what, part, heartbeatSeconds, ...before }: ShardInput): Promise<ShardResult> {
  const { parse } = activitiesWith(heartbeatSeconds);
  const extract = parse.parse_repo_activity as Activity<unknown, unknown>; // what the step gives is what its name says
  const { runId, startTime } = workflowInfo();
  const run = { id: runId, startedAt: startTime.toISOString(), events: [] };
  let { counts, failed } = before;
  let from = part.from;
  for (let batch = 0; from < part.to; batch++) {
    if (batch === BATCHES_A_RUN || workflowInfo().continueAsNewSuggested) return continueAsNew<typeof RepoExtractionWorkflow>({ what, part: { from, to: part.to }, heartbeatSeconds, counts, failed });
    const to = Math.min(part.to, from + BATCH_CONTENTS);
    try {
      const reply = await extract({ run, input: { step: 'extract', ...what, part: { from, to } } });
      counts = sum(counts, (reply.output as Extracted).counts);
      failed = [...failed, ...reply.failed];
      from = to;
    } catch (thrown) {
      if (isWorkerShutdown(thrown) && !CancellationScope.current().consideredCancelled) continue;
      if (isCancelled(thrown)) throw thrown;
      throw failureOf(errorOf(thrown), failedAttempts(thrown));
    }
  }
  return { counts, failed };
}

/** Starts the run of a branch, unless it is under way: what that would find, the next finds too. */
export async function RepoReconciliationWorkflow(value: unknown): Promise<{ readonly started: boolean }> {
  const input = validated(value);
  try {
    await startChild(WORKFLOW, { workflowId: workflowId(input), args: [input], parentClosePolicy: ParentClosePolicy.ABANDON });
    return { started: true };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { started: false };
    throw error;
  }
}

function validated(value: unknown): RunInput {
  try {
    return readRunInput(value);
  } catch (error) {
    throw failureOf(errorOf(error));
  }
}

function mark({ options = {} }: RunInput, values: Partial<Record<keyof typeof SEARCH_ATTRIBUTES, string | undefined>>): void {
  if (options.search_attributes !== true) return;
  const given = Object.entries(values).filter((entry): entry is [keyof typeof SEARCH_ATTRIBUTES, string] => entry[1] !== undefined);
  upsertSearchAttributes(given.map(([name, value]) => ({ key: defineSearchAttributeKey(SEARCH_ATTRIBUTES[name], 'KEYWORD'), value })));
}
