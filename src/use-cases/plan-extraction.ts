import type { FactKey } from '../domain/ports/fact-store.js';
import { findMissing, plan } from './extract-facts.js';
import type { IndexingPorts } from './indexing-ports.js';
import { readListing } from './source-listing.js';
import type { ContentRange, StepContext } from './steps.js';

/** How much of a listing is still to be extracted, and how it is shared out. */
export interface ExtractionPlan {
  /** Distinct contents that are wanted. */
  readonly contents: number;
  /** Those of them of which something is not in the FactStore. */
  readonly missing: number;
  /** Ranges of contents that hold about the same number of missing ones each, and all of them together. */
  readonly shards: readonly ContentRange[];
}

/** So many contents make a shard worth its overhead. */
const SHARD_CONTENTS = 500;
/** However large the repository, so that a plan stays small; each shard is then larger. */
const MAX_SHARDS = 64;

/** Looks at what a listing lacks, and cuts it into shards. Errors: those of the FactStore, and `facts-missing` for the listing. */
export async function planExtraction(ports: Pick<IndexingPorts, 'factStore' | 'clock' | 'parser'>, input: { readonly listing: FactKey }, context: StepContext): Promise<ExtractionPlan> {
  const { parser, factStore } = ports;
  const { files } = await readListing(factStore, input.listing, { signal: context.signal });
  const contents = plan(files, parser.version);
  const { missing } = await findMissing(ports, { contents, parserVersion: parser.version }, context);
  const lacking = new Set(missing.map(({ entry }) => entry.blob));
  const positions = contents.flatMap(({ entry }, position) => (lacking.has(entry.blob) ? [position] : []));
  return { contents: contents.length, missing: positions.length, shards: cut(positions) };
}

function cut(positions: readonly number[]): ContentRange[] {
  const count = Math.min(MAX_SHARDS, Math.ceil(positions.length / SHARD_CONTENTS));
  return Array.from({ length: count }, (_, shard): ContentRange => {
    const first = Math.floor((shard * positions.length) / count);
    const next = Math.floor(((shard + 1) * positions.length) / count);
    return { from: positions[first] ?? 0, to: (positions[next - 1] ?? 0) + 1 };
  });
}
