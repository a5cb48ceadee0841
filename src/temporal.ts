/**
 * Durable runs on Temporal: workers, and clients that start and follow runs. Needs the packages `@temporalio/activity`, `client`, `common`, `worker` and `workflow`, which are not
 * installed with codeloom. What is on the wire, and how to deploy, is in docs/temporal.md.
 */
export { createWorker, type CreateWorkerOptions, type WorkerWithStores } from './infrastructure/create-worker.js';
export type { TemporalWorker, WorkerTuning } from './adapters/temporal/worker.js';
export type { TemporalAddress, TemporalTls } from './adapters/temporal/address.js';
export { createTemporalRuns, type TemporalRunsOptions } from './adapters/temporal/runs.js';
export { QUERIES, SEARCH_ATTRIBUTES, SIGNALS, TASK_QUEUE, WORKFLOW, readRunInput, workflowId, type RunInput, type RunResult } from './adapters/temporal/contract.js';
export type {
  DurableRunId, DurableRunRequest, DurableRunResult, DurableRuns, DurableRunState, RunSchedule, RunScheduleRequest, RunSchedules, StepState,
} from './domain/ports/durable-runs.js';
export type { RunProgress, RunSummary, StageView } from './domain/run-progress.js';
export { durableRunStarter } from './use-cases/durable-run-starter.js';
