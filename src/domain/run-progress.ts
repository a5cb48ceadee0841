import type { ErrorCode } from './errors.js';
import type { RunEvent, RunStatus, Stage } from './index-run.js';

/** Where a durable run stands. */
export interface RunProgress {
  readonly run: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly branch: string;
  /** Null until the source is known. */
  readonly commit: string | null;
  readonly status: RunStatus;
  /** The stage that is under way. */
  readonly stage: Stage | null;
  readonly paused: boolean;
  /** Whether another run will follow, because of a push that came meanwhile. */
  readonly pushWaiting: boolean;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly stages: readonly StageView[];
}

/** All that happened in a durable run. */
export interface RunSummary extends Omit<RunProgress, 'stages'> {
  readonly repositoryUrl: string;
  readonly events: readonly RunEvent[];
}

export interface StageView {
  readonly stage: Stage;
  readonly state: 'running' | 'finished' | 'failed';
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly counts?: Readonly<Record<string, number>>;
  readonly code?: ErrorCode;
}

/** The stages that events tell of, in the order in which they began. */
export function stagesOf(events: readonly RunEvent[]): StageView[] {
  const stages: StageView[] = [];
  for (const event of events) {
    if (event.type === 'stage-started') stages.push({ stage: event.stage, state: 'running', startedAt: event.at });
    const last = stages.at(-1);
    if (last === undefined) continue;
    if (event.type === 'stage-finished') stages[stages.length - 1] = { ...last, state: 'finished', endedAt: event.at, counts: event.counts };
    if (event.type === 'stage-failed') stages[stages.length - 1] = { ...last, state: 'failed', endedAt: event.at, code: event.code };
  }
  return stages;
}
