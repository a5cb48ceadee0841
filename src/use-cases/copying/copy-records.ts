import type { CallOptions } from '../../domain/ports/call-options.js';
import type { IndexedFile, MetadataStore } from '../../domain/ports/metadata-store.js';
import type { RepositoryId } from '../../domain/repository.js';
import type { Snapshot, SnapshotId } from '../../domain/snapshot.js';

interface Place {
  readonly metadataStore: MetadataStore;
}

/** Of each repository, so many of the newest runs are copied. */
const RUNS = 1000;

/** Copies what is known of a repository; what the target knows already gives way. */
export async function copyRepository(from: Place, to: Place, id: RepositoryId, options: CallOptions): Promise<void> {
  if (from.metadataStore === to.metadataStore) return;
  const [repository] = await from.metadataStore.repositories([id], options);
  if (repository !== undefined) await to.metadataStore.saveRepository(repository, options);
}

/** Copies the record of a snapshot with its files, unless the target has the same. */
export async function copySnapshotRecord(from: Place, to: Place, snapshot: Snapshot, options: CallOptions): Promise<void> {
  if (from.metadataStore === to.metadataStore || await sameFiles(from.metadataStore, to.metadataStore, snapshot.id, options)) return;
  await to.metadataStore.saveSnapshot({ snapshot, files: from.metadataStore.files(snapshot.id, options) }, options);
}

/** Copies runs and their events; gives how many. */
export async function copyRuns(from: Place, to: Place, { repository, branches }: { readonly repository: RepositoryId; readonly branches: ReadonlySet<string> }, options: CallOptions): Promise<number> {
  if (from.metadataStore === to.metadataStore) return 0;
  const runs = (await from.metadataStore.runs(repository, { ...options, limit: RUNS })).filter((run) => branches.has(run.branch));
  for (const run of [...runs].reverse()) {
    await to.metadataStore.saveRun(run, options);
    await to.metadataStore.appendEvents(run.id, await from.metadataStore.events(run.id, options), options);
  }
  return runs.length;
}

/** Whether there is nothing to do: both list the same files, and any (of a snapshot that is not recorded there are none, as of an empty one); or the first lists none, and the other does. */
async function sameFiles(a: MetadataStore, b: MetadataStore, snapshot: SnapshotId, options: CallOptions): Promise<boolean> {
  const [left, right] = [each(a.files(snapshot, options)), each(b.files(snapshot, options))];
  try {
    for (let count = 0; ; count += 1) {
      const [one, other] = [await left.next(), await right.next()];
      if (one.done === true || other.done === true) return count > 0 ? one.done === other.done : other.done !== true;
      if (!sameFile(one.value, other.value)) return false;
    }
  } finally {
    await left.return(undefined);
    await right.return(undefined);
  }
}

async function* each(batches: AsyncIterable<readonly IndexedFile[]>): AsyncGenerator<IndexedFile> {
  for await (const batch of batches) yield* batch;
}

function sameFile(a: IndexedFile, b: IndexedFile): boolean {
  return a.path === b.path && a.blob === b.blob && a.size === b.size && a.language === b.language && a.status === b.status && a.reason === b.reason && a.symbols === b.symbols;
}
