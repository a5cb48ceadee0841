import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import { compareText, type Digest, type Manifest, type Partition } from '../../domain/partition.js';
import type { GraphStore, Publication, RetireRequest } from '../../domain/ports/graph-store.js';
import { compareSnapshots } from '../../domain/reading-order.js';
import type { RepositoryId } from '../../domain/repository.js';
import type { Snapshot, SnapshotId } from '../../domain/snapshot.js';
import { graphLookups, type GraphLookups } from './graph-lookups.js';
import { createMemoryGraphReader } from './graph-reader.js';

interface StoredSnapshot {
  readonly snapshot: Snapshot;
  readonly manifest: Manifest;
}

interface Head {
  readonly repository: RepositoryId;
  readonly branch: string;
  readonly snapshot: SnapshotId;
}

/** Graphs in this process's memory: for tests, and the measure of what every other store must answer. */
export function createMemoryGraphStore(): GraphStore {
  const partitions = new Map<Digest, Partition>();
  const snapshots = new Map<SnapshotId, StoredSnapshot>();
  const heads = new Map<string, Head>();
  let recent: { readonly stored: StoredSnapshot; readonly lookups: GraphLookups } | undefined;
  let closed = false;

  function check(signal?: AbortSignal): void {
    throwIfAborted(signal);
    if (closed) throw new CodeloomError('store-unavailable', 'The graph store is closed.', { retryable: false });
  }

  function moveHead({ id, repository, branch }: Snapshot): void {
    heads.set(headKey(repository, branch), { repository, branch, snapshot: id });
  }

  async function publish({ snapshot, manifest, partitions: brought }: Publication, signal: AbortSignal | undefined) {
    check(signal);
    const staged = new Map<Digest, Partition>();
    if (!snapshots.has(snapshot.id)) {
      const wanted = new Set(manifest.map(({ digest }) => digest));
      for await (const batch of brought) {
        check(signal);
        for (const { digest, partition } of batch) if (wanted.has(digest)) staged.set(digest, partition);
      }
      check(signal);
    }
    // From here on nothing waits: what follows happens in one step.
    if (snapshots.has(snapshot.id)) {
      moveHead(snapshot);
      return { created: false, written: 0 };
    }
    for (const { path, digest } of manifest) {
      if (!staged.has(digest) && !partitions.has(digest)) {
        throw new CodeloomError('conflict', `The partition of ${path} is neither brought nor held; publish again with it.`, { details: { path, digest } });
      }
    }
    let written = 0;
    for (const [digest, partition] of staged) {
      if (partitions.has(digest)) continue;
      partitions.set(digest, partition);
      written++;
    }
    snapshots.set(snapshot.id, { snapshot, manifest: [...manifest] });
    moveHead(snapshot);
    return { created: true, written };
  }

  function retire(request: RetireRequest) {
    const branches = new Set(request.branches);
    for (const branch of branches) heads.delete(headKey(request.repository, branch));
    const isHead = new Set([...heads.values()].map((head) => head.snapshot));
    const named = new Set(request.snapshots);
    const removed = [...snapshots.values()].filter(({ snapshot }) =>
      snapshot.repository === request.repository && !isHead.has(snapshot.id) && (named.has(snapshot.id) || branches.has(snapshot.branch)));
    for (const { snapshot } of removed) snapshots.delete(snapshot.id);
    if (recent !== undefined && removed.includes(recent.stored)) recent = undefined;

    const held = new Set<Digest>();
    for (const { manifest } of snapshots.values()) for (const { digest } of manifest) held.add(digest);
    let nodes = 0;
    let count = 0;
    for (const [digest, partition] of partitions) {
      if (held.has(digest)) continue;
      partitions.delete(digest);
      nodes += partition.nodes.length;
      count++;
    }
    return { snapshots: removed.length, partitions: count, nodes };
  }

  function snapshotOf(id: SnapshotId): Snapshot[] {
    const stored = snapshots.get(id);
    return stored === undefined ? [] : [stored.snapshot];
  }

  return {
    capabilities: { durable: false, shared: false },

    async holds(digests, options) {
      check(options?.signal);
      return new Set(digests.filter((digest) => partitions.has(digest)));
    },

    publish: (publication, options) => publish(publication, options?.signal),

    async heads(repository, options) {
      check(options?.signal);
      return [...heads.values()].filter((head) => repository === undefined || head.repository === repository)
        .sort((a, b) => compareText(a.repository, b.repository) || compareText(a.branch, b.branch))
        .flatMap((head) => snapshotOf(head.snapshot));
    },

    async snapshots(repository, options) {
      check(options?.signal);
      return [...snapshots.values()].map(({ snapshot }) => snapshot).filter((snapshot) => snapshot.repository === repository).sort(compareSnapshots);
    },

    async open(id, options) {
      check(options?.signal);
      const stored = snapshots.get(id);
      if (stored === undefined) throw new CodeloomError('unknown-snapshot', `There is no snapshot ${id}.`, { details: { snapshot: id } });
      // Questions mostly go to one snapshot, and each opens a reader of its own.
      if (recent?.stored !== stored) recent = { stored, lookups: graphLookups(stored.manifest.flatMap(({ digest }) => partitions.get(digest) ?? [])) };
      return createMemoryGraphReader({ snapshot: stored.snapshot, manifest: stored.manifest, lookups: recent.lookups, check });
    },

    async retire(request, options) {
      check(options?.signal);
      return retire(request);
    },

    async close() {
      closed = true;
      recent = undefined;
    },
  };
}

function headKey(repository: RepositoryId, branch: string): string {
  return JSON.stringify([repository, branch]);
}
