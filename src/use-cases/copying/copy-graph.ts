import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import { digestPartition } from '../../domain/partition-codec.js';
import { digestManifest, type Digest, type Manifest } from '../../domain/partition.js';
import type { GraphReader, GraphStore, PartitionEntry } from '../../domain/ports/graph-store.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { inBatches } from '../source-listing.js';
import type { StepContext } from '../steps.js';
import type { CopyPorts } from './copy-snapshots.js';

const LOOKUP_DIGESTS = 1000;
/** Paths asked for at a time. */
const BATCH_PATHS = 256;

/** Publishes a snapshot in the target with the partitions that the target lacks; gives how many it wrote. */
export async function copyGraph({ from, to, sha256 }: CopyPorts, snapshot: Snapshot, { signal, onProgress }: StepContext): Promise<number> {
  const reader = await from.graphStore.open(snapshot.id, { signal });
  try {
    const manifest = await reader.manifest({ signal });
    if (digestManifest(manifest, sha256) !== snapshot.digest) throw corrupt('The source', snapshot, 'its manifest has another digest');
    const missing = await pathsMissing(to.graphStore, manifest, signal);
    const digests = new Map(manifest.map(({ path, digest }) => [path, digest]));
    async function* partitions(): AsyncGenerator<readonly PartitionEntry[]> {
      let done = 0;
      for (const paths of inBatches(missing, BATCH_PATHS)) {
        for await (const batch of reader.partitions(paths, { signal })) {
          throwIfAborted(signal);
          yield batch.map((partition): PartitionEntry => {
            const digest = digestPartition(partition, sha256);
            if (digests.get(partition.path) !== digest) throw corrupt('The source', snapshot, `${partition.path} has another digest`);
            return { digest, partition };
          });
          onProgress?.({ stage: 'publish', done: done += batch.length, total: missing.length });
        }
      }
    }
    const { written } = await to.graphStore.publish({ snapshot, manifest, partitions: partitions() }, { signal });
    return written;
  } finally {
    await reader.close();
  }
}

/**
 * Reads a snapshot back from the target and gives the digest of what came. Partitions whose content was hashed for another snapshot are not read again: `proved` has their digests, and gets
 * those of this one. Throws `store-corrupt` when anything differs.
 */
export async function proveGraph({ to, sha256 }: CopyPorts, snapshot: Snapshot, proved: Set<Digest>, { signal, onProgress }: StepContext): Promise<Digest> {
  const reader = await to.graphStore.open(snapshot.id, { signal });
  try {
    const manifest = await reader.manifest({ signal });
    const unread = manifest.filter(({ digest }) => !proved.has(digest)).map(({ path }) => path);
    const read = await hashPartitions(reader, unread, { sha256, onRead: (done) => onProgress?.({ stage: 'record', done, total: unread.length }), signal });
    const again = manifest.map(({ path, digest }) => ({ path, digest: proved.has(digest) ? digest : read.get(path) ?? '' }));
    const digest = digestManifest(again, sha256);
    if (digest !== snapshot.digest || reader.snapshot.digest !== digest) {
      const differing = again.find((entry, index) => entry.digest !== manifest[index]?.digest)?.path;
      throw corrupt('The target', snapshot, differing === undefined ? 'its manifest has another digest' : `${differing} is not as it was written`);
    }
    for (const each of read.values()) proved.add(each);
    return digest;
  } finally {
    await reader.close();
  }
}

async function hashPartitions(
  reader: GraphReader, paths: readonly string[], { sha256, onRead, signal }: Pick<CopyPorts, 'sha256'> & { readonly onRead: (done: number) => void; readonly signal: AbortSignal | undefined },
): Promise<ReadonlyMap<string, Digest>> {
  const digests = new Map<string, Digest>();
  for (const some of inBatches(paths, BATCH_PATHS)) {
    for await (const batch of reader.partitions(some, { signal })) {
      throwIfAborted(signal);
      for (const partition of batch) digests.set(partition.path, digestPartition(partition, sha256));
      onRead(digests.size);
    }
  }
  return digests;
}

/** Paths whose partitions the store lacks; of several with the same, one. */
async function pathsMissing(store: GraphStore, manifest: Manifest, signal: AbortSignal | undefined): Promise<readonly string[]> {
  const paths = new Map(manifest.map(({ path, digest }) => [digest, path]));
  for (const digests of inBatches([...paths.keys()], LOOKUP_DIGESTS)) for (const held of await store.holds(digests, { signal })) paths.delete(held);
  return [...paths.values()];
}

function corrupt(where: string, { id }: Snapshot, what: string): CodeloomError {
  return new CodeloomError('store-corrupt', `${where} does not give back the snapshot ${id} as it must be: ${what}.`, { details: { snapshot: id } });
}
