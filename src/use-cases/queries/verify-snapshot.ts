import { CodeloomError } from '../../domain/errors.js';
import { decodeManifest, decodePartition, encodePartition } from '../../domain/partition-codec.js';
import { digestManifest, type Manifest, type Partition } from '../../domain/partition.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { FactStore } from '../../domain/ports/fact-store.js';
import type { GraphReader } from '../../domain/ports/graph-store.js';
import type { AnswerSnapshot } from '../../domain/querying/answer.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { acquireSource, configurationKey, decodeShape, encodeShape, graphShape, type GraphShape } from '../acquire-source.js';
import { extractFacts } from '../extract-facts.js';
import type { IndexingPorts } from '../indexing-ports.js';
import { linkGraph } from '../link-graph.js';
import { copyOverlays } from '../overlays.js';
import { getAll, getFact, partitionKey } from '../source-listing.js';
import type { StepContext } from '../steps.js';
import { answerSnapshot, withReader, type Target } from './pinned-snapshot.js';

export interface VerifyPorts extends IndexingPorts {
  /** An empty FactStore for the clean build, which must find nothing that is there already; closed afterwards. */
  readonly scratch: () => FactStore;
  /** As given to the runs that index. */
  readonly indexerVersion: string;
}

export interface VerifyRequest extends Target {
  /** Also index the same source anew and compare, default true. */
  readonly cleanBuild?: boolean | undefined;
}

export interface VerifyAnswer {
  readonly query: 'verify';
  readonly snapshot: AnswerSnapshot;
  /** No check failed. */
  readonly ok: boolean;
  readonly checks: readonly VerifyCheck[];
}

export interface VerifyCheck {
  readonly name: 'partitions' | 'manifest' | 'clean-build';
  readonly status: 'ok' | 'failed' | 'skipped';
  /** What was checked and what came out, in words. */
  readonly message: string;
  /** Files looked at. */
  readonly checked: number;
  /** By path. */
  readonly differences: readonly VerifyDifference[];
}

export interface VerifyDifference {
  readonly path: string;
  readonly what: string;
}

/**
 * Checks a snapshot: every partition of the store against its digest, the manifest against the snapshot's, and, where the source can still be had, the
 * whole against a clean build of the same source under the same configuration. Errors: those of the stores.
 */
export function verifySnapshot(ports: VerifyPorts, request: VerifyRequest = {}, context: StepContext = {}): Promise<VerifyAnswer> {
  const options: CallOptions = { signal: context.signal };
  return withReader(ports, request, options, async (reader): Promise<VerifyAnswer> => {
    const manifest = await reader.manifest(options);
    const checks = [await checkPartitions(ports, reader, manifest, options), checkManifest(ports, reader.snapshot, manifest)];
    if (request.cleanBuild !== false) checks.push(await checkCleanBuild(ports, reader, manifest, context));
    return { query: 'verify', snapshot: answerSnapshot(reader.snapshot), ok: checks.every((check) => check.status !== 'failed'), checks };
  });
}

async function checkPartitions({ sha256 }: VerifyPorts, reader: GraphReader, manifest: Manifest, options: CallOptions): Promise<VerifyCheck> {
  const digests = new Map(manifest.map((entry) => [entry.path, entry.digest]));
  const differences: VerifyDifference[] = [];
  for await (const partitions of reader.partitions(undefined, options)) {
    for (const partition of partitions) {
      const expected = digests.get(partition.path);
      digests.delete(partition.path);
      if (expected === undefined) differences.push({ path: partition.path, what: 'is stored and not in the manifest' });
      else if (sha256(encodePartition(partition)) !== expected) differences.push({ path: partition.path, what: 'does not have the digest that the manifest gives' });
    }
  }
  for (const path of digests.keys()) differences.push({ path, what: 'is in the manifest and not stored' });
  return check('partitions', manifest.length, differences, `${manifest.length} partitions have the digests of the manifest.`, 'partitions are not what the manifest says.');
}

function checkManifest({ sha256 }: VerifyPorts, snapshot: Snapshot, manifest: Manifest): VerifyCheck {
  const same = digestManifest(manifest, sha256) === snapshot.digest;
  const message = same ? 'The manifest has the digest of the snapshot.' : 'The manifest does not have the digest of the snapshot.';
  return { name: 'manifest', status: same ? 'ok' : 'failed', message, checked: manifest.length, differences: [] };
}

async function checkCleanBuild(ports: VerifyPorts, reader: GraphReader, manifest: Manifest, context: StepContext): Promise<VerifyCheck> {
  const { snapshot } = reader;
  const options: CallOptions = { signal: context.signal };
  const skipped = (message: string): VerifyCheck => ({ name: 'clean-build', status: 'skipped', message, checked: 0, differences: [] });
  const shape = await shapeOf(ports, snapshot, options);
  if (shape === undefined) return skipped('The configuration under which it was indexed is no longer known.');
  if (shape.parser !== ports.parser.version || snapshot.indexerVersion !== ports.indexerVersion) return skipped(`It was indexed by another version (${snapshot.indexerVersion}, parser ${shape.parser}).`);
  const [repository] = await ports.metadataStore.repositories([snapshot.repository], options);
  if (repository === undefined) return skipped('Where the repository lies is not recorded.');

  const scratch = ports.scratch();
  const clean = { ...ports, factStore: scratch, linkMemories: undefined };
  try {
    const request = { location: repository.location, ref: snapshot.dirty ? undefined : snapshot.commit, branch: snapshot.branch, ...shape };
    const acquired = await acquireSource(clean, { request, indexerVersion: ports.indexerVersion }, context).catch((error: unknown) => sourceIsGone(error));
    if (typeof acquired === 'string') return skipped(`The source cannot be read: ${acquired}`);
    try {
      if (acquired.source !== snapshot.source) return skipped(snapshot.dirty ? 'The work tree is no longer as it was indexed.' : 'The source is no longer as it was indexed.');
      const extracted = await extractFacts(clean, { revision: acquired.revision, listing: acquired.listing, maxFileBytes: shape.maxFileBytes }, context);
      await copyOverlays(ports.factStore, scratch, snapshot.overlays ?? [], options);
      // With the snapshot as base only partitions that differ from it are kept; what linking remembers of it lies in the other store and is not at hand, so that all is linked.
      const linked = await linkGraph(clean, { repository: snapshot.repository, facts: extracted.facts, base: snapshot.id, snapshot: snapshot.id, indexerVersion: ports.indexerVersion, overlays: snapshot.overlays }, context);
      const expected = decodeManifest(new TextDecoder().decode(await getFact(scratch, linked.manifest, options)));
      const differences = await compareBuilds({ reader, scratch, expected, actual: manifest }, options);
      if (differences.length > 0 && (snapshot.stats.provisional ?? 0) + (linked.stats.provisional ?? 0) > 0) return skipped('Files were not read in time, then or now: the two builds cannot be compared.');
      return check('clean-build', expected.length, differences, `A clean build of ${expected.length} files gives the same graph.`, 'files differ from a clean build.');
    } finally {
      await ports.gitHost.release(acquired.revision);
    }
  } finally {
    await scratch.close();
  }
}

/** The configuration whose digest the snapshot carries: as it was kept, or the default one when that is it. */
export async function shapeOf({ factStore, parser, sha256 }: Pick<IndexingPorts, 'factStore' | 'parser' | 'sha256'>, snapshot: Snapshot, options: CallOptions): Promise<GraphShape | undefined> {
  const key = configurationKey(snapshot.configuration);
  const kept = (await getAll(factStore, [key], options)).get(key);
  if (kept !== undefined) return decodeShape(kept);
  const usual = graphShape({}, parser);
  return sha256(encodeShape(usual)) === snapshot.configuration ? usual : undefined;
}

/** Why the source cannot be had; what has nothing to do with that is thrown on. */
function sourceIsGone(caught: unknown): string {
  const error = CodeloomError.from(caught);
  if (error.code === 'aborted' || error.code === 'internal' || error.code.startsWith('store-')) throw error;
  return error.message;
}

async function compareBuilds(
  { reader, scratch, expected, actual }: { reader: GraphReader; scratch: FactStore; expected: Manifest; actual: Manifest }, options: CallOptions,
): Promise<VerifyDifference[]> {
  const stored = new Map(actual.map((entry) => [entry.path, entry.digest]));
  const differences: VerifyDifference[] = [];
  for (const { path, digest } of expected) {
    const was = stored.get(path);
    stored.delete(path);
    if (was === undefined) differences.push({ path, what: 'is missing from the snapshot' });
    else if (was !== digest) {
      const bytes = (await getAll(scratch, [partitionKey(digest)], options)).get(partitionKey(digest));
      const clean = bytes === undefined ? undefined : decodePartition(new TextDecoder().decode(bytes));
      let found: Partition | undefined;
      for await (const [partition] of reader.partitions([path], options)) found = partition;
      differences.push({ path, what: clean === undefined || found === undefined ? 'differs' : describeDifference(found, clean) });
    }
  }
  for (const path of stored.keys()) differences.push({ path, what: 'is in the snapshot and not in the source' });
  return differences;
}

function describeDifference(stored: Partition, clean: Partition): string {
  const parts = (['nodes', 'edges', 'unresolved', 'diagnostics'] as const).flatMap((part) => {
    const before = new Set(stored[part].map((each) => JSON.stringify(each)));
    const after = new Set(clean[part].map((each) => JSON.stringify(each)));
    const missing = [...after].filter((each) => !before.has(each)).length;
    const extra = [...before].filter((each) => !after.has(each)).length;
    return missing + extra === 0 ? [] : [`${part}: ${missing} missing, ${extra} extra`];
  });
  return parts.length === 0 ? 'differs in order or counts' : parts.join('; ');
}

function check(name: VerifyCheck['name'], checked: number, differences: readonly VerifyDifference[], good: string, bad: string): VerifyCheck {
  return { name, status: differences.length === 0 ? 'ok' : 'failed', message: differences.length === 0 ? good : `${differences.length} ${bad}`, checked, differences };
}
