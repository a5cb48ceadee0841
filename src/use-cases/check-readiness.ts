import { CodeloomError, type ErrorCode } from '../domain/errors.js';
import type { CallOptions } from '../domain/ports/call-options.js';
import type { FactStore } from '../domain/ports/fact-store.js';
import type { GraphStore } from '../domain/ports/graph-store.js';
import type { MetadataStore } from '../domain/ports/metadata-store.js';
import { untilAborted } from '../domain/until-aborted.js';

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly { readonly name: 'graph-store' | 'metadata-store' | 'fact-store' | 'temporal'; readonly ok: boolean; readonly code?: ErrorCode }[];
}

/** An id and a key that nobody has: what is asked is whether there is an answer. */
const NOBODY = 'readiness/none';

/** Whether each store, and the server of durable runs where it is given, answers a small question within the time. Never rejects. */
export async function checkReadiness(
  { graphStore, metadataStore, factStore, temporal }: { readonly graphStore: GraphStore; readonly metadataStore: MetadataStore; readonly factStore: FactStore; readonly temporal?: ((options: CallOptions) => Promise<unknown>) | undefined },
  { signal, withinMs = 5000 }: CallOptions & { readonly withinMs?: number } = {},
): Promise<Readiness> {
  const limit = AbortSignal.timeout(withinMs);
  const options = { signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) };
  const check = async (name: Readiness['checks'][number]['name'], ask: () => Promise<unknown>): Promise<Readiness['checks'][number]> => {
    try {
      // Also for a store that does not look at its signal while it waits.
      await untilAborted(ask(), options.signal);
      return { name, ok: true };
    } catch (error) {
      const { code } = CodeloomError.from(error);
      return { name, ok: false, code: code !== 'aborted' ? code : name === 'temporal' ? 'network' : 'store-unavailable' };
    }
  };
  const checks = await Promise.all([
    check('graph-store', () => graphStore.heads(NOBODY, options)),
    check('metadata-store', () => metadataStore.repositories([NOBODY], options)),
    check('fact-store', () => factStore.has([NOBODY], options)),
    ...(temporal === undefined ? [] : [check('temporal', () => temporal(options))]),
  ]);
  return { ready: checks.every(({ ok }) => ok), checks };
}
