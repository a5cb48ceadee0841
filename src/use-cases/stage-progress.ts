import type { Stage } from '../domain/index-run.js';
import type { Clock } from '../domain/ports/clock.js';
import type { StageProgress, StepContext } from './steps.js';

const INTERVAL_MS = 100;

export interface ProgressReporter {
  /** Tells where the stage stands; passed on at most ten times a second. */
  report(done: number, more?: { readonly total?: number; readonly bytes?: number }): void;
  /** Passes on the last report if it was held back. */
  finish(): void;
}

/** Thins the progress of a stage. */
export function stageProgress(stage: Stage, context: StepContext, clock: Pick<Clock, 'now'>): ProgressReporter {
  const { onProgress } = context;
  if (onProgress === undefined) return { report: () => {}, finish: () => {} };
  let last = Number.NEGATIVE_INFINITY;
  let held: StageProgress | undefined;
  return {
    report(done, more) {
      held = { stage, done, ...more };
      const now = clock.now().getTime();
      if (now - last < INTERVAL_MS) return;
      last = now;
      onProgress(held);
      held = undefined;
    },
    finish() {
      if (held !== undefined) onProgress(held);
      held = undefined;
    },
  };
}
