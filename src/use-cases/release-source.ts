import type { FactKey } from '../domain/ports/fact-store.js';
import type { IndexingPorts } from './indexing-ports.js';
import { inBatches, listingKeys, partitionKey, readDigests } from './source-listing.js';
import type { ReleaseInput, StepContext } from './steps.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const PRUNE_KEYS = 500;
/** What lies in the FactStore only on its way to somewhere else. */
const SCRATCH: readonly string[] = ['partition/', 'manifest/', 'listing/'];

/**
 * Lets go of what the run took: the revision, and, when the run reached its end, what it put into the FactStore for the stages to hand on. What failed runs
 * left there goes after a day. Errors: those of the stores.
 */
export async function releaseSource(
  { gitHost, factStore, clock }: Pick<IndexingPorts, 'gitHost' | 'factStore' | 'clock'>, input: ReleaseInput, { signal }: StepContext,
): Promise<void> {
  if (input.acquired !== undefined) await gitHost.release(input.acquired.revision);
  if (!input.succeeded) return;
  const now = clock.now().getTime();
  const own = await ownScratch(factStore, input, signal);
  for (const prefixes of inBatches(own, PRUNE_KEYS)) await factStore.prune({ prefixes, keep: new Set(), olderThan: new Date(now + DAY_MS) }, { signal });
  await factStore.prune({ prefixes: [...SCRATCH, 'provisional/'], keep: new Set(), olderThan: new Date(now - DAY_MS) }, { signal });
}

async function ownScratch(factStore: IndexingPorts['factStore'], { acquired, extracted, linked }: ReleaseInput, signal: AbortSignal | undefined): Promise<readonly FactKey[]> {
  const options = { signal };
  const keys = new Set<FactKey>();
  if (linked !== undefined) {
    keys.add(linked.manifest);
    if ((await factStore.has([linked.written], options)).size > 0) for (const digest of await readDigests(factStore, linked.written, options)) keys.add(partitionKey(digest));
  }
  for (const listing of [acquired?.listing, extracted?.facts, linked?.files, linked?.written]) {
    if (listing !== undefined) for (const key of await listingKeys(factStore, listing, options)) keys.add(key);
  }
  return [...keys];
}
