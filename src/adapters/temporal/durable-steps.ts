import { ActivityCancellationType, CancellationScope, patched, proxyActivities } from '@temporalio/workflow';
import { DEFAULT_RETRY_POLICY } from '../../use-cases/retry-policy.js';
import type { Extracted, Linked, Recorded, Steps } from '../../use-cases/steps.js';
import type { Stage } from '../../domain/index-run.js';
import type { Activities, Activity } from './activity-calls.js';
import { DEFAULTS, indexRequest, type RunInput } from './contract.js';
import { errorOf, failedAttempts, isWorkerShutdown } from './failures.js';
import { extractInShards } from './fan-out.js';
import type { Journal } from './journal.js';

export interface DurableStepsOptions {
  readonly input: RunInput;
  readonly journal: Journal;
  /** Resolves when the run is not (any more) paused. */
  readonly gate: () => Promise<void>;
  /** The commit to index, asked for when acquiring begins. */
  readonly commit: () => string | undefined;
}

/** The stages as activities, with the published timeouts and retries. What fails comes back as the CodeloomError that it was. */
export function durableSteps({ input, journal, gate, commit }: DurableStepsOptions): Steps {
  const { options = {} } = input;
  let activities = activitiesWith(options.heartbeat_seconds);
  /** Which rules the run was begun by: known to workers, not here. */
  let begunBy = '';
  /** How much there is to extract. */
  let selected = 0;

  /** Without a stage, attempts are told to nobody. */
  async function perform<Input, Output>(stage: Stage | undefined, activity: Activity<Input, Output>, what: Input): Promise<Output> {
    for (;;) {
      const run = journal.note();
      try {
        const { output, failed, recorded } = await activity({ run, input: what });
        if (stage !== undefined) journal.retried(stage, failed);
        if (recorded) journal.saved(run);
        return output;
      } catch (thrown) {
        // Its worker went down in good order: nobody's fault, and no attempt.
        if (isWorkerShutdown(thrown) && !CancellationScope.current().consideredCancelled) continue;
        if (stage !== undefined) journal.retried(stage, failedAttempts(thrown));
        throw errorOf(thrown);
      }
    }
  }

  return {
    async acquire({ request }) {
      await gate();
      const newest = indexRequest({ ...input, commit: commit() });
      const { acquired, indexerVersion } = await perform('acquire', activities.clone.clone_repo_activity, { request: { ...request, ref: newest.ref } });
      begunBy = indexerVersion;
      selected = acquired.counts.selected;
      activities = activitiesWith(options.heartbeat_seconds, selected);
      journal.about(acquired.revision);
      return acquired;
    },
    async extract(what) {
      await gate();
      const parse = activities.parse.parse_repo_activity as Activity<unknown, unknown>; // each of its steps gives what its name says
      const shared = selected < (options.fan_out_from ?? DEFAULTS.fanOutFrom) ? undefined : await extractInShards({
        what, input, gate,
        plan: () => perform('extract', parse, { step: 'plan', listing: what.listing }),
        retried: (failed) => journal.retried('extract', failed),
      });
      const whole = await perform('extract', parse, { step: 'extract', ...what }) as Extracted;
      return shared === undefined ? whole : together(whole, shared);
    },
    async link(what) {
      await gate();
      const parse = activities.parse.parse_repo_activity as Activity<unknown, unknown>; // as above
      return await perform('link', parse, { step: 'link', ...what, indexerVersion: begunBy }) as Linked;
    },
    async publish(what) {
      await gate();
      return perform('publish', activities.publish.persist_kg_activity, { ...what, indexerVersion: begunBy });
    },
    async record(what) {
      await gate();
      return perform('record', activities.persist.persist_metadata_activity, { step: 'record', ...what }) as Promise<Recorded>;
    },
    async retire(what) {
      await gate();
      const retired = await perform('retire', activities.persist.cleanup_stale_kg_nodes_activity, what);
      journal.staleNodes += retired.nodes;
      return retired;
    },
    async undo(what) {
      // Runs that the first version began undid nothing.
      if (patched(UNDO)) await CancellationScope.nonCancellable(async () => void await perform(undefined, activities.cleanup.cleanup_repo_activity, { step: 'undo', ...what }));
    },
    release: (what) => CancellationScope.nonCancellable(async () => void await perform('release', activities.cleanup.cleanup_repo_activity, what)),
  };
}

/** Since histories of version 2. Kept as long as a run of version 1 may be under way, and then made `deprecatePatch`. */
const UNDO = 'undo-steps';

/** Records how the run ended: out of reach of a cancellation, and no reason to fail. */
export async function recordEnd(journal: Journal, { options = {} }: RunInput): Promise<void> {
  const run = journal.note();
  // Who watches is told of every end, since this patch also of runs whose repository was never known.
  if (run.record === undefined && !patched('told-without-record')) return;
  const { cleanup } = activitiesWith(options.heartbeat_seconds);
  await CancellationScope.nonCancellable(() => cleanup.persist_metadata_activity({ run, input: { step: 'run' } })).catch(() => undefined);
}

/** So many files the published timeouts are for, with a margin for slow machines: linking 5,000 took one processor 50 s, 30,000 took 428 s. */
const FILES_PER_TIMEOUT = 5000;

/** @internal Proxies by what they are allowed to take: the published times, and for large repositories as many times as long. That a worker is silent is found out by its heartbeats all the same. */
export function activitiesWith(heartbeatSeconds: number = DEFAULTS.heartbeatSeconds, files = 0) {
  const times = Math.max(1, Math.ceil(files / FILES_PER_TIMEOUT));
  const taking = (minutes: number) => proxyActivities<Activities>({
    startToCloseTimeout: minutes * times * 60_000,
    heartbeatTimeout: heartbeatSeconds * 1000,
    // What runs is to have ended before cleanup begins.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: {
      maximumAttempts: DEFAULT_RETRY_POLICY.attempts, initialInterval: DEFAULT_RETRY_POLICY.initialMs,
      backoffCoefficient: DEFAULT_RETRY_POLICY.factor, maximumInterval: DEFAULT_RETRY_POLICY.maximumMs,
    },
  });
  const usual = taking(5);
  return { clone: usual, parse: usual, persist: usual, publish: taking(10), cleanup: taking(2) };
}

/** Contents that shards parsed are there when the whole is looked at. */
function together(whole: Extracted, shared: Extracted['counts']): Extracted {
  const { parsed, reused, bytes, diagnostics } = whole.counts;
  return { ...whole, counts: { parsed: parsed + shared.parsed, reused: reused - shared.parsed, bytes: bytes + shared.bytes, diagnostics: diagnostics + shared.diagnostics } };
}
