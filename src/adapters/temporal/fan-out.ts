import { CancellationScope, ChildWorkflowCancellationType, executeChild, workflowInfo } from '@temporalio/workflow';
import type { ErrorCode } from '../../domain/errors.js';
import type { ExtractionPlan } from '../../use-cases/plan-extraction.js';
import type { ContentRange, Extracted, ExtractInput } from '../../use-cases/steps.js';
import { DEFAULTS, SHARD_WORKFLOW, type RunInput } from './contract.js';
import { errorOf, failedAttempts } from './failures.js';

/** What a shard's workflow is started with; it goes on with the rest of its range when it continues as new. */
export interface ShardInput {
  readonly what: ExtractInput;
  readonly part: ContentRange;
  readonly heartbeatSeconds: number | undefined;
  /** Of what was extracted before. */
  readonly counts: Extracted['counts'];
  readonly failed: readonly ErrorCode[];
}

export interface ShardResult {
  readonly counts: Extracted['counts'];
  /** Codes with which attempts failed before one got through. */
  readonly failed: readonly ErrorCode[];
}

export const NOTHING: Extracted['counts'] = { parsed: 0, reused: 0, bytes: 0, diagnostics: 0 };

interface FanOut {
  readonly what: ExtractInput;
  readonly input: RunInput;
  readonly gate: () => Promise<void>;
  readonly plan: () => Promise<unknown>;
  readonly retried: (failed: readonly ErrorCode[]) => void;
}

/**
 * Has the contents that lack facts extracted in shards, each a child workflow that any worker may work on, so many at a time. Gives what they did together; undefined when there
 * is too little to share out. When one fails, the others are cancelled, and its failure is thrown once they have ended.
 */
export async function extractInShards({ what, input: { options = {} }, gate, plan, retried }: FanOut): Promise<Extracted['counts'] | undefined> {
  const { missing, shards } = await plan() as ExtractionPlan; // what the step gives
  if (missing < (options.fan_out_from ?? DEFAULTS.fanOutFrom) || shards.length < 2) return undefined;
  const { workflowId, runId } = workflowInfo();
  const waiting = [...shards.entries()];
  let counts = NOTHING;

  async function work(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, part] = next;
      await gate();
      const shard: ShardInput = { what, part, heartbeatSeconds: options.heartbeat_seconds, counts: NOTHING, failed: [] };
      const result: ShardResult = await executeChild(SHARD_WORKFLOW, {
        workflowId: `${workflowId}/${runId.slice(0, 8)}/extract-${index + 1}-of-${shards.length}`,
        args: [shard],
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      });
      counts = sum(counts, result.counts);
      retried(result.failed);
    }
  }

  await CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    const lanes = Array.from({ length: Math.min(shards.length, options.shards_in_flight ?? DEFAULTS.shardsInFlight) }, () => work());
    let failure: { readonly thrown: unknown } | undefined;
    const failing = (thrown: unknown): void => {
      if (failure !== undefined) return;
      failure = { thrown };
      waiting.length = 0;
      scope.cancel();
    };
    await Promise.all(lanes.map((lane) => lane.catch(failing)));
    if (failure === undefined) return;
    const { thrown } = failure as { readonly thrown: unknown }; // set by a callback, which the compiler does not follow
    retried(failedAttempts(thrown));
    throw errorOf(thrown);
  });
  return counts;
}

export function sum(a: Extracted['counts'], b: Extracted['counts']): Extracted['counts'] {
  return { parsed: a.parsed + b.parsed, reused: a.reused + b.reused, bytes: a.bytes + b.bytes, diagnostics: a.diagnostics + b.diagnostics };
}
