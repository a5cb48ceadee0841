import type { IndexingPorts } from './indexing-ports.js';
import { allMemoryKeys, memoryKeys } from './link-memory.js';
import { inBatches } from './source-listing.js';
import type { StepContext, Undo } from './steps.js';

const PRUNE_KEYS = 500;

/**
 * Undoes what a step did, because a later one failed. Of links, what the linker remembers of a snapshot that was never published goes, unless a head shares it. Idempotent. Errors: those
 * of the stores.
 */
export async function undoStep({ factStore, graphStore, clock }: Pick<IndexingPorts, 'factStore' | 'graphStore' | 'clock'>, { repository, snapshot }: Undo, { signal }: StepContext): Promise<void> {
  const options = { signal };
  const heads = await graphStore.heads(repository, options);
  if (heads.some((head) => head.id === snapshot)) return;
  const shared = await allMemoryKeys(factStore, repository, heads.map((head) => head.id), options);
  const own = (await memoryKeys(factStore, { repository, snapshot }, options)).filter((key) => !shared.has(key));
  const olderThan = new Date(clock.now().getTime() + 1000);
  for (const prefixes of inBatches(own, PRUNE_KEYS)) await factStore.prune({ prefixes, keep: shared, olderThan }, options);
}
