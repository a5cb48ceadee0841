import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { IndexRun, RunEvent, RunId } from '../../domain/index-run.js';
import { compareText } from '../../domain/partition.js';
import type { IndexedFile, MetadataStore, SnapshotRecord } from '../../domain/ports/metadata-store.js';
import type { Repository, RepositoryId } from '../../domain/repository.js';
import type { SnapshotId } from '../../domain/snapshot.js';

const BATCH = 500;

/** What is known about repositories, snapshots and runs, in this process's memory. */
export function createMemoryMetadataStore(): MetadataStore {
  const repositories = new Map<RepositoryId, Repository>();
  const files = new Map<SnapshotId, readonly IndexedFile[]>();
  const runs = new Map<RunId, IndexRun>();
  const events = new Map<RunId, Map<number, RunEvent>>();
  let closed = false;

  function check(signal: AbortSignal | undefined): void {
    throwIfAborted(signal);
    if (closed) throw new CodeloomError('store-unavailable', 'The metadata store is closed.', { retryable: false });
  }

  return {
    async saveRepository(repository, options) {
      check(options?.signal);
      repositories.set(repository.id, repository);
    },

    async repositories(ids, options) {
      check(options?.signal);
      const wanted = ids === undefined ? undefined : new Set(ids);
      return [...repositories.values()].filter(({ id }) => wanted === undefined || wanted.has(id)).sort((a, b) => compareText(a.id, b.id));
    },

    async saveSnapshot(record: SnapshotRecord, options) {
      check(options?.signal);
      const byPath = new Map<string, IndexedFile>();
      for await (const batch of record.files) {
        check(options?.signal);
        for (const file of batch) byPath.set(file.path, file);
      }
      check(options?.signal);
      files.set(record.snapshot.id, [...byPath.values()].sort((a, b) => compareText(a.path, b.path)));
    },

    async *files(snapshot, options) {
      check(options?.signal);
      const all = files.get(snapshot) ?? [];
      for (let start = 0; start < all.length; start += BATCH) {
        check(options?.signal);
        yield all.slice(start, start + BATCH);
      }
    },

    async removeSnapshots(ids, options) {
      check(options?.signal);
      for (const id of ids) files.delete(id);
    },

    async saveRun(run, options) {
      check(options?.signal);
      runs.set(run.id, run);
    },

    async runs(repository, options) {
      check(options?.signal);
      return [...runs.values()].filter((run) => run.repository === repository)
        .sort((a, b) => compareText(b.startedAt, a.startedAt) || compareText(a.id, b.id))
        .slice(0, options?.limit);
    },

    async appendEvents(run, added, options) {
      check(options?.signal);
      const known = events.get(run) ?? new Map<number, RunEvent>();
      events.set(run, known);
      for (const event of added) if (!known.has(event.sequence)) known.set(event.sequence, event);
    },

    async events(run, options) {
      check(options?.signal);
      return [...(events.get(run)?.values() ?? [])].sort((a, b) => a.sequence - b.sequence);
    },

    async close() {
      closed = true;
    },
  };
}
