import { CodeloomError } from '../../domain/errors.js';
import { compareText, type Digest, type Sha256 } from '../../domain/partition.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { FactStore } from '../../domain/ports/fact-store.js';
import type { GraphStore } from '../../domain/ports/graph-store.js';
import type { MetadataStore } from '../../domain/ports/metadata-store.js';
import type { AnswerSnapshot } from '../../domain/querying/answer.js';
import type { RepositoryId } from '../../domain/repository.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { answerSnapshot } from '../queries/pinned-snapshot.js';
import type { StepContext } from '../steps.js';
import { copyFacts, copyImports } from './copy-facts.js';
import { copyGraph, proveGraph } from './copy-graph.js';
import { copyRepository, copyRuns, copySnapshotRecord } from './copy-records.js';

/** The stores of one place. */
export interface CopyPlace {
  readonly graphStore: GraphStore;
  readonly metadataStore: MetadataStore;
  readonly factStore: FactStore;
}

export interface CopyPorts {
  readonly from: CopyPlace;
  /** May share its metadata or facts with `from`: these then stay as they are. */
  readonly to: CopyPlace;
  readonly sha256: Sha256;
}

export interface CopyRequest {
  /** Default: every repository that the graph has. */
  readonly repository?: RepositoryId | undefined;
  /** Default: every branch. */
  readonly branch?: string | undefined;
  /** Snapshots besides the heads, too; default true. */
  readonly history?: boolean | undefined;
  /** Also what the next run of `index` would otherwise parse and link anew; default false. */
  readonly facts?: boolean | undefined;
}

export interface CopyAnswer {
  readonly query: 'copy';
  /** By repository, oldest first. */
  readonly snapshots: readonly CopiedSnapshot[];
  readonly runs: number;
  /** Entries put into the target's fact store. */
  readonly facts: number;
}

export interface CopiedSnapshot {
  readonly snapshot: AnswerSnapshot;
  /** As recomputed from what the target gives back. */
  readonly digest: Digest;
  /** False when the target had it already. */
  readonly created: boolean;
  /** Partitions that the target lacked. */
  readonly written: number;
  /** Whether it is its branch's head in the target now. */
  readonly head: boolean;
}

/**
 * Copies snapshots with their history, records and imports from one place into another, and proves each: everything that the target gives back is hashed again, and must come to
 * the snapshot's digest. Nothing is held in memory but a batch, and the digests of one manifest. It may be run again at any time: what is there is not written again, only proved, so that
 * a copy that was interrupted goes on where it stopped. A branch whose head in the target is newer keeps it. Throws `not-indexed`, `invalid-argument` when both are the same graph,
 * `conflict` when the target has another graph under a snapshot's id, `store-corrupt` when a digest is not as it must be, and as the stores do.
 */
export async function copySnapshots(ports: CopyPorts, request: CopyRequest = {}, context: StepContext = {}): Promise<CopyAnswer> {
  const { from, to } = ports;
  if (from.graphStore === to.graphStore) throw new CodeloomError('invalid-argument', 'What is copied from and what is copied to are the same store.');
  const options: CallOptions = { signal: context.signal };
  const heads = (await from.graphStore.heads(request.repository, options)).filter((head) => request.branch === undefined || head.branch === request.branch);
  if (heads.length === 0) throw nothingThere(request);

  const proved = new Set<Digest>();
  const copied: CopiedSnapshot[] = [];
  let [runs, facts] = [0, 0];
  for (const repository of [...new Set(heads.map((head) => head.repository))].sort(compareText)) {
    const ofRepository = heads.filter((head) => head.repository === repository);
    await copyRepository(from, to, repository, options);
    const wanted = await headsWanted(to.graphStore, repository, ofRepository, options);
    const known = new Map((await to.graphStore.snapshots(repository, options)).map((snapshot) => [snapshot.id, snapshot]));
    for (const snapshot of await snapshotsWanted(from.graphStore, repository, ofRepository, request, options)) {
      const there = known.get(snapshot.id);
      if (there !== undefined && there.digest !== snapshot.digest) {
        throw new CodeloomError('conflict', `The target has another graph under the id ${snapshot.id}; remove it there, or copy into another place.`, { retryable: false, details: { snapshot: snapshot.id, here: snapshot.digest, there: there.digest } });
      }
      facts += await copyImports(from.factStore, to.factStore, snapshot, options);
      const written = there === undefined ? await copyGraph(ports, snapshot, context) : 0;
      // To publish is to move the branch's head: back to where it belongs at once.
      const head = wanted.get(snapshot.branch);
      if (there === undefined && head !== undefined && head.id !== snapshot.id && (known.has(head.id) || copied.some((each) => each.snapshot.id === head.id))) await moveHead(to.graphStore, head, options);
      const digest = await proveGraph(ports, snapshot, proved, context);
      await copySnapshotRecord(from, to, snapshot, options);
      if (request.facts === true) facts += await copyFacts(from, to, snapshot, options);
      copied.push({ snapshot: answerSnapshot(snapshot), digest, created: there === undefined, written, head: head?.id === snapshot.id });
    }
    await moveHeads(to.graphStore, repository, wanted, options);
    runs += await copyRuns(from, to, { repository, branches: new Set(ofRepository.map((head) => head.branch)) }, options);
  }
  return { query: 'copy', snapshots: copied, runs, facts };
}

/** Oldest first, so that what a snapshot was published on is there before it. */
async function snapshotsWanted(store: GraphStore, repository: RepositoryId, heads: readonly Snapshot[], { history, branch }: CopyRequest, options: CallOptions): Promise<readonly Snapshot[]> {
  if (history === false) return heads;
  const all = [...await store.snapshots(repository, options)].reverse();
  // A snapshot of a branch that was forgotten is no history of a head.
  const branches = new Set(heads.map((head) => head.branch));
  return all.filter((snapshot) => (branch === undefined ? branches.has(snapshot.branch) : snapshot.branch === branch));
}

/** What is to be each branch's head in the target: the source's, unless the target has a newer one. */
async function headsWanted(store: GraphStore, repository: RepositoryId, heads: readonly Snapshot[], options: CallOptions): Promise<ReadonlyMap<string, Snapshot>> {
  const there = new Map((await store.heads(repository, options)).map((head) => [head.branch, head]));
  return new Map(heads.map((head) => {
    const own = there.get(head.branch);
    return [head.branch, own !== undefined && own.createdAt > head.createdAt ? own : head];
  }));
}

async function moveHeads(store: GraphStore, repository: RepositoryId, wanted: ReadonlyMap<string, Snapshot>, options: CallOptions): Promise<void> {
  const there = new Map((await store.heads(repository, options)).map((head) => [head.branch, head.id]));
  for (const [branch, head] of wanted) if (there.get(branch) !== head.id) await moveHead(store, head, options);
}

/** Publishing what is there already only moves the head. */
async function moveHead(store: GraphStore, head: Snapshot, options: CallOptions): Promise<void> {
  const reader = await store.open(head.id, options);
  const manifest = await reader.manifest(options).finally(() => reader.close());
  await store.publish({ snapshot: head, manifest, partitions: none() }, options);
}

async function* none(): AsyncGenerator<never> {
  // all that the manifest names is held
}

function nothingThere({ repository, branch }: CopyRequest): CodeloomError {
  const what = repository === undefined ? (branch === undefined ? 'Nothing' : `No branch ${branch}`) : `${repository}${branch === undefined ? '' : `, branch ${branch},`}`;
  return new CodeloomError('not-indexed', `${what} has ${repository === undefined ? '' : 'not '}been indexed where it is to be copied from.`, { details: { repository, branch } });
}
