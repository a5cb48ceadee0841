import { CodeloomError } from '../domain/errors.js';
import type { RetireResult } from '../domain/ports/graph-store.js';
import type { Snapshot, SnapshotId } from '../domain/snapshot.js';
import type { IndexingPorts } from './indexing-ports.js';
import { allMemoryKeys, memoryPrefix } from './link-memory.js';
import { overlayKeys, overlayPrefix, UNMERGED_PREFIX } from './overlays.js';
import { listedFactsKey, readListing, sourceKey } from './source-listing.js';
import type { Retention, RetireInput, StepContext } from './steps.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Facts that no run put in so many days go, save those of the run at hand; what is needed again is parsed again. */
const FACTS_DAYS = 90;
/** Runs of a repository that are looked at to see which are under way. */
const RUNS_AT_ONCE = 50;

/** Removes the snapshots that the retention does not keep, what linking remembers of others than heads, and facts that have long been unused. Errors: those of the stores, and `invalid-argument`. */
export async function retireSnapshots(
  { factStore, graphStore, metadataStore }: Pick<IndexingPorts, 'factStore' | 'graphStore' | 'metadataStore'>, { repository, retention, now, facts }: RetireInput, context: StepContext,
): Promise<RetireResult> {
  const options = { signal: context.signal };
  const heads = new Set((await graphStore.heads(repository, options)).map((head) => head.id));
  const retired = snapshotsToRetire(await graphStore.snapshots(repository, options), { heads, retention, now: new Date(now) });
  // Metadata first: what the graph store still lists is found again by the next attempt.
  if (retired.length > 0) await metadataStore.removeSnapshots(retired, options);
  const result = retired.length > 0 ? await graphStore.retire({ repository, snapshots: retired }, options) : { snapshots: 0, partitions: 0, nodes: 0 };
  if (facts !== undefined) {
    const { parser, files } = await readListing(factStore, facts, options);
    const keep = new Set(files.flatMap((file) => [...(file.skipped === '' ? [listedFactsKey(parser, file)] : []), ...(file.configuration ? [sourceKey(file.blob)] : [])]));
    await factStore.prune({ prefixes: ['facts/', 'source/'], keep, olderThan: new Date(Date.parse(now) - FACTS_DAYS * DAY_MS) }, options);
  }
  const overlays = new Map((await graphStore.snapshots(repository, options)).flatMap((snapshot) => snapshot.overlays ?? []).map((overlay) => [overlay.key, overlay]));
  await factStore.prune({ prefixes: [overlayPrefix(repository)], keep: new Set(await overlayKeys(factStore, [...overlays.values()], options)), olderThan: new Date(now) }, options);
  await factStore.prune({ prefixes: [UNMERGED_PREFIX], keep: new Set(), olderThan: new Date(Date.parse(now) - FACTS_DAYS * DAY_MS) }, options);
  const remembered = await allMemoryKeys(factStore, repository, heads, options);
  const olderThan = await beginningOfRuns(metadataStore, { repository, now }, context);
  await factStore.prune({ prefixes: [memoryPrefix(repository)], keep: remembered, olderThan }, options);
  return result;
}

/** When the first of the runs that are under way began, this one among them: what was put since may be of a head that is not published yet. A run that has been under way for a day is taken for dead. */
async function beginningOfRuns(metadataStore: IndexingPorts['metadataStore'], { repository, now }: Pick<RetireInput, 'repository' | 'now'>, { signal }: StepContext): Promise<Date> {
  const until = Date.parse(now);
  const begun = (await metadataStore.runs(repository, { limit: RUNS_AT_ONCE, signal }))
    .flatMap(({ status, startedAt }) => (status === 'running' && Date.parse(startedAt) > until - DAY_MS ? [Date.parse(startedAt)] : []));
  return new Date(Math.min(until, ...begun));
}

/**
 * Heads stay; a dirty work tree's snapshot goes as soon as it is neither a head nor what a head was published on (so that `diff` has what the last run
 * changed); of the others, those stay that are younger than the retention's days or among the newest of their branch. `snapshots` are newest first.
 */
export function snapshotsToRetire(snapshots: readonly Snapshot[], { heads, retention, now }: { heads: ReadonlySet<SnapshotId>; retention: Retention; now: Date }): SnapshotId[] {
  if (!(retention.days >= 0) || !(retention.snapshots >= 1)) {
    throw new CodeloomError('invalid-argument', `Retention needs days of 0 or more and snapshots of 1 or more, not ${retention.days} and ${retention.snapshots}.`);
  }
  const oldest = now.getTime() - retention.days * DAY_MS;
  const bases = new Set(snapshots.filter(({ id }) => heads.has(id)).map(({ base }) => base));
  const kept = new Map<string, number>();
  const retired: SnapshotId[] = [];
  for (const { id, branch, dirty, createdAt } of snapshots) {
    const before = kept.get(branch) ?? 0;
    if (heads.has(id) || (dirty && bases.has(id)) || (!dirty && (before < retention.snapshots || Date.parse(createdAt) >= oldest))) kept.set(branch, before + 1);
    else retired.push(id);
  }
  return retired;
}
