import type { RunObserver } from '../domain/ports/run-observer.js';
import type { Telemetry } from '../domain/ports/telemetry.js';

/** Counts and times runs, and counts further attempts at their stages. */
export function measureRuns(telemetry: Telemetry): RunObserver {
  return {
    event(event) {
      if (event.type === 'stage-retried') telemetry.add('codeloom_stage_retries_total', { stage: event.stage, code: event.code });
    },
    ended({ status, at, error }, { startedAt }) {
      telemetry.add('codeloom_runs_total', { status, code: status === 'failed' ? error?.code ?? 'internal' : '' });
      telemetry.observe('codeloom_run_seconds', { status }, (Date.parse(at) - Date.parse(startedAt)) / 1000);
      if (status === 'succeeded' || status === 'unchanged') telemetry.set('codeloom_last_success_timestamp_seconds', {}, Date.parse(at) / 1000);
    },
  };
}
