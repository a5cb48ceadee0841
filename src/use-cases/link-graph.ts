import { CodeloomError, throwIfAborted } from '../domain/errors.js';
import type { Linkage } from '../domain/linking/linkage.js';
import type { ModuleContext } from '../domain/linking/module-resolver.js';
import { decodePartition, encodeManifest, encodePartition } from '../domain/partition-codec.js';
import { digestManifest, type Diagnostic, type Digest, type ManifestEntry, type Partition } from '../domain/partition.js';
import type { FactKey, FactStore } from '../domain/ports/fact-store.js';
import type { GraphStore } from '../domain/ports/graph-store.js';
import type { IndexedFile } from '../domain/ports/metadata-store.js';
import type { SnapshotId } from '../domain/snapshot.js';
import type { IndexingPorts } from './indexing-ports.js';
import { configurationText } from './configuration-text.js';
import { writeMemory, type LinkedPartition, type LinkMemory } from './link-memory.js';
import { findMemoryOf } from './link-memory-cache.js';
import { createLinkSources } from './link-sources.js';
import { countPartition } from './partition-counts.js';
import { createStatsTally } from './snapshot-stats.js';
import { mergeOverlays, openOverlays, unmergedKey, type OpenOverlay, type OverlayUse } from './overlays.js';
import { batchedPuts, getFact, missingFact, inBatches, partitionKey, readListing, sourceKey, writeDigests, writeIndexedFiles, type ListedFile } from './source-listing.js';
import { stageProgress } from './stage-progress.js';
import type { Linked, LinkInput, StepContext } from './steps.js';

const LOAD_KEYS = 256;
/** Linking computes without a pause; so often it lets timers and signals have their turn. */
const BREATHE_MS = 40;

/**
 * Links the facts of a snapshot into partitions and puts those that the base does not have into the FactStore, with the manifest and what the linker remembers
 * for the next time. What it remembers of the base, or else of another head of the repository, is taken up: only what the changes reach is linked again.
 * Errors: `facts-missing` when something of the listing is gone from the FactStore, those of the stores, and `internal` when the linker leaves a source out.
 */
export async function linkGraph(
  ports: Pick<IndexingPorts, 'factStore' | 'graphStore' | 'clock' | 'sha256' | 'link' | 'linkMemories'>, input: LinkInput, context: StepContext,
): Promise<Linked> {
  const { factStore, sha256 } = ports;
  const options = { signal: context.signal };
  const { parser, files } = await readListing(factStore, input.facts, options);
  const sourceFiles = files.filter((file) => file.skipped === '');
  const base = await baseDigests(ports.graphStore, input.base, context);
  const overlays = await openOverlays(factStore, input.overlays ?? [], files, options);
  const overlaid = new Set(overlays.flatMap(({ entries }) => entries.map(([path]) => path)));
  const remembered = await findMemory(ports, input, context);
  const previous = remembered !== undefined && await keepUnmerged(ports, { overlaid, remembered, base: input.base, digests: base }, context) ? remembered : undefined;
  const outcome = await runLinker(ports, { files, sourceFiles, parser, base, previous, overlaid }, context);
  const merged = await mergeIntoPartitions(ports, { overlays, linked: outcome, base }, context);
  const indexed = files.filter((file) => merged.partitions.has(file.path));

  const lost = sourceFiles.find(({ path }) => !outcome.partitions.has(path));
  if (lost !== undefined) throw new CodeloomError('internal', `Linking gave no partition for ${lost.path}.`);
  const manifest: ManifestEntry[] = indexed.map(({ path }) => {
    const partition = merged.partitions.get(path);
    if (partition === undefined) throw new CodeloomError('internal', `Linking gave no partition for ${path}.`);
    return { path, digest: partition.digest };
  });
  const tally = createStatsTally();
  for (const { path, size } of indexed) {
    const partition = merged.partitions.get(path);
    if (partition !== undefined) tally.add(partition.counts, size);
  }
  const encodedManifest = new TextEncoder().encode(encodeManifest(manifest));
  const manifestKey = `manifest/${sha256(encodedManifest)}`;
  await factStore.put([{ key: manifestKey, bytes: encodedManifest }], options);
  if (outcome.linkage !== undefined) {
    const written = await writeMemory(ports, input, { linkage: outcome.linkage, partitions: outcome.partitions }, { ...options, earlier: previous });
    ports.linkMemories?.keep(input, written);
  }
  return {
    manifest: manifestKey,
    digest: digestManifest(manifest, sha256),
    stats: { ...tally.stats(files.filter((file) => file.skipped !== '' && !merged.partitions.has(file.path)).map((file) => file.skipped), outcome.diagnostics), ...countProvisional(sourceFiles) },
    files: await writeIndexedFiles(ports, files.map((file) => indexedFile(file, merged.partitions)), options),
    written: await writeDigests(ports, [...outcome.written, ...merged.written], options),
    counts: { ...countChanges(manifest, base), linked: outcome.linked },
    ...(merged.uses.length === 0 ? {} : { overlays: merged.uses }),
    ...(outcome.linkage === undefined ? {} : { undo: [{ kind: 'forget-links', repository: input.repository, snapshot: input.snapshot }] }),
  };
}

function countProvisional(files: readonly ListedFile[]): { readonly provisional?: number } {
  const provisional = files.filter((file) => file.provisional === true).length;
  return provisional === 0 ? {} : { provisional };
}

interface Work {
  readonly files: readonly ListedFile[];
  readonly sourceFiles: readonly ListedFile[];
  readonly parser: string;
  readonly base: ReadonlyMap<string, Digest>;
  readonly previous: LinkMemory | undefined;
  /** Files whose partitions are needed as they are linked. */
  readonly overlaid: ReadonlySet<string>;
}

interface Outcome {
  readonly partitions: ReadonlyMap<string, LinkedPartition>;
  readonly written: readonly Digest[];
  readonly linkage: Linkage | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** How many files were linked, the others having stayed as they were. */
  readonly linked: number;
}

async function runLinker(ports: Pick<IndexingPorts, 'factStore' | 'clock' | 'sha256' | 'link'>, { files, sourceFiles, parser, base, previous, overlaid }: Work, context: StepContext): Promise<Outcome> {
  const { factStore, sha256, clock } = ports;
  const options = { signal: context.signal };
  const sources = createLinkSources(factStore, sourceFiles, parser, options);
  const moduleContext = await loadContext(factStore, files, context);
  const progress = stageProgress('link', context, clock);
  const puts = batchedPuts(factStore, options);
  const encoder = new TextEncoder();
  const expected = new Set(sourceFiles.map((file) => file.path));
  const partitions = new Map<string, LinkedPartition>();
  const written = new Set<Digest>();
  const linked = new Set<string>();
  let linkage: Linkage | undefined;
  let diagnostics: readonly Diagnostic[] = [];
  let rested = clock.now().getTime();
  progress.report(0, { total: sourceFiles.length });
  const request = { sources: sources.list, context: moduleContext, contextVersion: contextVersion(files, sha256), previous: previous?.linkage, earlier: sources.earlier };
  for await (const step of ports.link(request, options)) {
    throwIfAborted(context.signal);
    switch (step.kind) {
      case 'needs':
        await sources.load(step.sources, step.earlier);
        break;
      case 'linked': {
        const { partition } = step;
        if (!expected.has(partition.path)) throw new CodeloomError('internal', `Linking gave a partition for ${partition.path}, which is no source.`);
        const bytes = encoder.encode(encodePartition(partition));
        const digest = sha256(bytes);
        partitions.set(partition.path, { digest, counts: countPartition(partition) });
        linked.add(partition.path);
        if (overlaid.has(partition.path)) await puts.add({ key: unmergedKey(digest), bytes });
        if (base.get(partition.path) !== digest && !written.has(digest)) {
          written.add(digest);
          await puts.add({ key: partitionKey(digest), bytes });
        }
        break;
      }
      case 'unchanged': {
        const partition = previous?.partitions.get(step.path);
        if (partition === undefined) throw new CodeloomError('internal', `Linking left ${step.path} as it was, and nothing is known of that.`);
        partitions.set(step.path, partition);
        break;
      }
      case 'done':
        ({ linkage, diagnostics } = step);
        break;
    }
    progress.report(partitions.size, { total: sourceFiles.length });
    if (clock.now().getTime() - rested > BREATHE_MS) {
      await clock.sleep(0, context.signal);
      rested = clock.now().getTime();
    }
  }
  progress.finish();
  await puts.flush();
  return { partitions, written: [...written], linkage, diagnostics, linked: linked.size };
}

/** What is remembered of the base, or of another head of the repository when nothing is. */
async function findMemory(ports: Pick<IndexingPorts, 'factStore' | 'graphStore' | 'linkMemories'>, input: LinkInput, { signal }: StepContext): Promise<LinkMemory | undefined> {
  const options = { signal };
  const heads = (await ports.graphStore.heads(input.repository, options)).map((head) => head.id);
  for (const snapshot of new Set([...(input.base === undefined ? [] : [input.base]), ...heads])) {
    const memory = await findMemoryOf(ports, { ...input, snapshot }, options);
    if (memory !== undefined) return memory;
  }
  return undefined;
}

/**
 * Sees to it that the partitions of overlaid files which are not linked again can be had as they were linked: they are kept, or the base has them so. False where one is gone:
 * all is linked then.
 */
async function keepUnmerged(
  { factStore, graphStore }: Pick<IndexingPorts, 'factStore' | 'graphStore'>,
  { overlaid, remembered, base, digests }: { readonly overlaid: ReadonlySet<string>; readonly remembered: LinkMemory; readonly base: SnapshotId | undefined; readonly digests: ReadonlyMap<string, Digest> },
  { signal }: StepContext,
): Promise<boolean> {
  const options = { signal };
  const wanted = [...overlaid].flatMap((path): (readonly [string, Digest])[] => {
    const digest = remembered.partitions.get(path)?.digest;
    return digest === undefined ? [] : [[path, digest]];
  });
  for (const batch of inBatches(wanted, LOAD_KEYS)) {
    const there = await factStore.has(batch.map(([, digest]) => unmergedKey(digest)), options);
    const missing = batch.filter(([, digest]) => !there.has(unmergedKey(digest)));
    if (missing.some(([path, digest]) => digests.get(path) !== digest) || (missing.length > 0 && base === undefined)) return false;
    if (missing.length === 0 || base === undefined) continue;
    const byPath = new Map(missing);
    const reader = await graphStore.open(base, options);
    const puts = batchedPuts(factStore, options);
    try {
      for await (const partitions of reader.partitions([...byPath.keys()], options)) {
        for (const partition of partitions) await puts.add({ key: unmergedKey(byPath.get(partition.path) ?? ''), bytes: new TextEncoder().encode(encodePartition(partition)) });
      }
      await puts.flush();
    } finally {
      await reader.close();
    }
  }
  return true;
}

/** The partitions as they are with their overlays, and the digests of those that were put into the FactStore for it. */
async function mergeIntoPartitions(
  { factStore, sha256 }: Pick<IndexingPorts, 'factStore' | 'sha256'>,
  { overlays, linked, base }: { readonly overlays: readonly OpenOverlay[]; readonly linked: Outcome; readonly base: ReadonlyMap<string, Digest> }, { signal }: StepContext,
): Promise<{ readonly partitions: ReadonlyMap<string, LinkedPartition>; readonly written: readonly Digest[]; readonly uses: readonly OverlayUse[] }> {
  if (overlays.length === 0) return { partitions: linked.partitions, written: [], uses: [] };
  const options = { signal };
  const puts = batchedPuts(factStore, options);
  const partitions = new Map(linked.partitions);
  const written: Digest[] = [];
  const uses: OverlayUse[] = [];
  const unmerged = async (path: string): Promise<Partition | undefined> => {
    const of = linked.partitions.get(path);
    return of === undefined ? undefined : decodePartition(new TextDecoder().decode(await getFact(factStore, unmergedKey(of.digest), options)));
  };
  for await (const step of mergeOverlays(factStore, overlays, unmerged, options)) {
    if ('use' in step) {
      uses.push(step.use);
      continue;
    }
    const bytes = new TextEncoder().encode(encodePartition(step.partition));
    const digest = sha256(bytes);
    partitions.set(step.partition.path, { digest, counts: countPartition(step.partition) });
    if (base.get(step.partition.path) === digest) continue;
    written.push(digest);
    await puts.add({ key: partitionKey(digest), bytes });
  }
  await puts.flush();
  return { partitions, written, uses };
}

/** Equal for equal paths and configuration. */
function contextVersion(files: readonly ListedFile[], sha256: IndexingPorts['sha256']): Digest {
  return sha256(JSON.stringify(files.map((file) => [file.path, file.kind === 'submodule' ? 1 : 0, file.configuration ? file.blob : ''])));
}

/** Path to digest of the base; empty when there is none any more. */
async function baseDigests(graphStore: GraphStore, base: SnapshotId | undefined, { signal }: StepContext): Promise<ReadonlyMap<string, Digest>> {
  if (base === undefined) return new Map();
  try {
    const reader = await graphStore.open(base, { signal });
    try {
      return new Map((await reader.manifest({ signal })).map((entry) => [entry.path, entry.digest]));
    } finally {
      await reader.close();
    }
  } catch (error) {
    if (error instanceof CodeloomError && error.code === 'unknown-snapshot') return new Map();
    throw error;
  }
}

export async function loadContext(factStore: FactStore, files: readonly ListedFile[], { signal }: StepContext): Promise<ModuleContext> {
  const configurations = new Map(files.filter((file) => file.configuration).map((file) => [file.path, sourceKey(file.blob)]));
  const texts = await load(factStore, [...configurations.values()], signal);
  return {
    paths: new Set(files.filter((file) => file.kind !== 'submodule').map((file) => file.path)),
    configuration(path) {
      const bytes = texts.get(configurations.get(path) ?? '');
      return bytes === undefined ? undefined : configurationText(bytes);
    },
  };
}

/** All of `keys`, or `facts-missing`. */
async function load(factStore: FactStore, keys: readonly FactKey[], signal: AbortSignal | undefined): Promise<Map<FactKey, Uint8Array>> {
  const found = new Map<FactKey, Uint8Array>();
  const distinct = [...new Set(keys)];
  for (const batch of inBatches(distinct, LOAD_KEYS)) {
    for await (const entries of factStore.get(batch, { signal })) for (const { key, bytes } of entries) found.set(key, bytes);
  }
  const missing = distinct.find((key) => !found.has(key));
  if (missing !== undefined) throw missingFact(missing);
  return found;
}

function indexedFile(file: ListedFile, partitions: Outcome['partitions']): IndexedFile {
  const { path, blob, size, skipped } = file;
  const language = file.skipped === '' ? file.language : partitions.get(path)?.counts.language ?? '';
  return partitions.has(path) ? { path, blob, size, language, status: 'indexed', symbols: partitions.get(path)?.counts.symbols ?? 0 } : { path, blob, size, language: '', status: 'skipped', reason: skipped, symbols: 0 };
}

function countChanges(manifest: readonly ManifestEntry[], base: ReadonlyMap<string, Digest>): Omit<Linked['counts'], 'linked'> {
  let added = 0;
  let replaced = 0;
  let kept = 0;
  for (const { path, digest } of manifest) {
    const before = base.get(path);
    if (before === undefined) added++;
    else if (before === digest) kept++;
    else replaced++;
  }
  return { files: manifest.length, added, replaced, removed: base.size - kept - replaced };
}
