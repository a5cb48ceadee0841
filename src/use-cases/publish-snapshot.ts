import { CodeloomError, throwIfAborted } from '../domain/errors.js';
import { decodeManifest, decodePartition } from '../domain/partition-codec.js';
import { digestManifest, type Digest, type Manifest } from '../domain/partition.js';
import type { PartitionEntry } from '../domain/ports/graph-store.js';
import type { Snapshot, SnapshotId } from '../domain/snapshot.js';
import type { IndexingPorts } from './indexing-ports.js';
import { getAll, getFact, inBatches, missingFact, partitionKey } from './source-listing.js';
import { stageProgress } from './stage-progress.js';
import type { Published, PublishInput, StepContext } from './steps.js';

const LOOKUP_DIGESTS = 1000;
const BATCH_PARTITIONS = 64;

/**
 * Makes the linked graph visible as its branch's head, in one step. Only partitions that the graph store lacks travel, in bounded batches; each is checked
 * against its digest. Errors: `facts-missing` when a partition is neither in the graph store nor in the FactStore (link again, without a base),
 * `store-corrupt`, and those of the stores.
 */
export async function publishSnapshot(
  ports: Pick<IndexingPorts, 'factStore' | 'graphStore' | 'clock' | 'sha256'>, input: PublishInput, context: StepContext,
): Promise<Published> {
  const { factStore, graphStore, sha256 } = ports;
  const { linked } = input;
  const options = { signal: context.signal };
  const manifest = decodeManifest(new TextDecoder().decode(await getFact(factStore, linked.manifest, options)));
  if (digestManifest(manifest, sha256) !== linked.digest) throw new CodeloomError('store-corrupt', 'The stored manifest is not the one that was linked; index again.');
  const missing = await findMissing(ports, manifest, context);
  const progress = stageProgress('publish', context, ports.clock);
  async function* partitions(): AsyncIterable<readonly PartitionEntry[]> {
    let done = 0;
    progress.report(0, { total: missing.length });
    for (const batch of inBatches(missing, BATCH_PARTITIONS)) {
      throwIfAborted(context.signal);
      const found = await getAll(factStore, batch.map(partitionKey), options);
      yield batch.map((digest): PartitionEntry => {
        const bytes = found.get(partitionKey(digest));
        if (bytes === undefined) throw missingFact(partitionKey(digest));
        if (sha256(bytes) !== digest) throw new CodeloomError('store-corrupt', `The stored partition ${digest} has another digest; index again.`);
        return { digest, partition: decodePartition(new TextDecoder().decode(bytes)) };
      });
      done += batch.length;
      progress.report(done, { total: missing.length });
    }
    progress.finish();
  }
  const snapshot = describeSnapshot(input);
  const { created, written } = await graphStore.publish({ snapshot, manifest, partitions: partitions() }, options);
  return { snapshot: created ? snapshot : await storedSnapshot(ports, snapshot.id, context), created, written };
}

async function storedSnapshot({ graphStore }: Pick<IndexingPorts, 'graphStore'>, id: SnapshotId, { signal }: StepContext): Promise<Snapshot> {
  const reader = await graphStore.open(id, { signal });
  await reader.close();
  return reader.snapshot;
}

function describeSnapshot({ acquired, linked, createdAt, indexerVersion }: PublishInput): Snapshot {
  const { revision, snapshot: id, dirty, source, configuration, base, overlays } = acquired;
  return {
    id, repository: revision.repository.id, branch: revision.branch,
    ...(revision.commit === undefined ? {} : { commit: revision.commit }),
    dirty, source, digest: linked.digest,
    ...(base === undefined || base === id ? {} : { base }),
    stats: linked.stats, createdAt, indexerVersion, configuration,
    ...(overlays === undefined ? {} : { overlays }),
  };
}

async function findMissing({ graphStore }: Pick<IndexingPorts, 'graphStore'>, manifest: Manifest, { signal }: StepContext): Promise<Digest[]> {
  const missing: Digest[] = [];
  for (const batch of inBatches([...new Set(manifest.map((entry) => entry.digest))], LOOKUP_DIGESTS)) {
    const held = await graphStore.holds(batch, { signal });
    for (const digest of batch) if (!held.has(digest)) missing.push(digest);
  }
  return missing;
}
