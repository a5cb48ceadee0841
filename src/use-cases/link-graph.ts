import { CodeloomError, throwIfAborted } from '../domain/errors.js';
import { decodeFacts } from '../domain/facts-codec.js';
import type { FileFacts } from '../domain/file-facts.js';
import type { LinkSource } from '../domain/linking/linker.js';
import type { ModuleContext } from '../domain/linking/module-resolver.js';
import { encodeManifest, encodePartition } from '../domain/partition-codec.js';
import { digestManifest, type Diagnostic, type Digest, type ManifestEntry } from '../domain/partition.js';
import type { FactKey, FactStore } from '../domain/ports/fact-store.js';
import type { GraphStore } from '../domain/ports/graph-store.js';
import type { IndexedFile } from '../domain/ports/metadata-store.js';
import type { SnapshotId } from '../domain/snapshot.js';
import type { IndexingPorts } from './indexing-ports.js';
import { createStatsTally } from './snapshot-stats.js';
import { batchedPuts, inBatches, listedFactsKey, missingFact, partitionKey, readListing, sourceKey, writeDigests, writeIndexedFiles, type ListedFile } from './source-listing.js';
import { stageProgress } from './stage-progress.js';
import type { Linked, LinkInput, StepContext } from './steps.js';

const LOAD_KEYS = 256;
/** Linking computes without a pause; so often it lets timers and signals have their turn. */
const BREATHE_MS = 40;

/**
 * Links the facts of a snapshot into partitions and puts those that the base does not have into the FactStore, with the manifest. Errors: `facts-missing` when
 * something of the listing is gone from the FactStore, those of the stores, and `internal` when the linker leaves a source out.
 */
export async function linkGraph(
  ports: Pick<IndexingPorts, 'factStore' | 'graphStore' | 'clock' | 'sha256' | 'link'>, input: LinkInput, context: StepContext,
): Promise<Linked> {
  const { factStore, sha256, clock } = ports;
  const options = { signal: context.signal };
  const { parser, files } = await readListing(factStore, input.facts, options);
  const sourceFiles = files.filter((file) => file.skipped === '');
  const base = await baseDigests(ports.graphStore, input.base, context);
  const sources = await loadSources(factStore, sourceFiles, parser, context);
  const moduleContext = await loadContext(factStore, files, context);

  const progress = stageProgress('link', context, clock);
  const puts = batchedPuts(factStore, options);
  const encoder = new TextEncoder();
  const manifest: ManifestEntry[] = [];
  const written: Digest[] = [];
  const symbols = new Map<string, number>();
  const tally = createStatsTally();
  let rested = clock.now().getTime();
  progress.report(0, { total: sources.length });
  const configuration: Diagnostic[] = [];
  for await (const partition of ports.link({ sources, context: moduleContext }, { ...options, onDiagnostic: (diagnostic) => configuration.push(diagnostic) })) {
    throwIfAborted(context.signal);
    const file = sourceFiles[manifest.length];
    if (file === undefined || partition.path !== file.path) throw new CodeloomError('internal', `Linking gave a partition for ${partition.path} in place of ${file?.path ?? 'none'}.`);
    const bytes = encoder.encode(encodePartition(partition));
    const digest = sha256(bytes);
    manifest.push({ path: partition.path, digest });
    if (base.get(partition.path) !== digest) {
      written.push(digest);
      await puts.add({ key: partitionKey(digest), bytes });
    }
    symbols.set(partition.path, tally.add(partition, file.size));
    progress.report(manifest.length, { total: sources.length });
    if (clock.now().getTime() - rested > BREATHE_MS) {
      await clock.sleep(0, context.signal);
      rested = clock.now().getTime();
    }
  }
  progress.finish();
  if (manifest.length !== sources.length) throw new CodeloomError('internal', `Linking gave ${manifest.length} partitions for ${sources.length} sources.`);

  const encodedManifest = encoder.encode(encodeManifest(manifest));
  const manifestKey = `manifest/${sha256(encodedManifest)}`;
  await puts.add({ key: manifestKey, bytes: encodedManifest });
  await puts.flush();
  return {
    manifest: manifestKey,
    digest: digestManifest(manifest, sha256),
    stats: { ...tally.stats(files.filter((file) => file.skipped !== '').map((file) => file.skipped), configuration), ...countProvisional(sourceFiles) },
    files: await writeIndexedFiles(ports, files.map((file) => indexedFile(file, symbols)), options),
    written: await writeDigests(ports, written, options),
    counts: countChanges(manifest, base),
  };
}

function countProvisional(files: readonly ListedFile[]): { readonly provisional?: number } {
  const provisional = files.filter((file) => file.provisional === true).length;
  return provisional === 0 ? {} : { provisional };
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

/** Facts are decoded when the linker first asks for them; what several paths hold is decoded once, and its bytes are let go. */
async function loadSources(factStore: FactStore, files: readonly ListedFile[], parser: string, { signal }: StepContext): Promise<LinkSource[]> {
  const encoded = await load(factStore, files.map((file) => listedFactsKey(parser, file)), signal);
  const decoded = new Map<FactKey, FileFacts>();
  function factsOf(key: FactKey): FileFacts {
    let facts = decoded.get(key);
    if (facts === undefined) {
      const bytes = encoded.get(key);
      if (bytes === undefined) throw missingFact(key);
      facts = decodeFacts(bytes);
      decoded.set(key, facts);
      encoded.delete(key);
    }
    return facts;
  }
  return files.map((file) => ({ path: file.path, blob: file.blob, facts: () => factsOf(listedFactsKey(parser, file)) }));
}

async function loadContext(factStore: FactStore, files: readonly ListedFile[], { signal }: StepContext): Promise<ModuleContext> {
  const configurations = new Map(files.filter((file) => file.configuration).map((file) => [file.path, sourceKey(file.blob)]));
  const texts = await load(factStore, [...configurations.values()], signal);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return {
    paths: new Set(files.filter((file) => file.kind !== 'submodule').map((file) => file.path)),
    configuration(path) {
      const bytes = texts.get(configurations.get(path) ?? '');
      if (bytes === undefined) return undefined;
      try {
        return decoder.decode(bytes);
      } catch {
        return undefined; // not text
      }
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

function indexedFile(file: ListedFile, symbols: ReadonlyMap<string, number>): IndexedFile {
  const { path, blob, size, language, skipped } = file;
  return skipped === '' ? { path, blob, size, language, status: 'indexed', symbols: symbols.get(path) ?? 0 } : { path, blob, size, language: '', status: 'skipped', reason: skipped, symbols: 0 };
}

function countChanges(manifest: readonly ManifestEntry[], base: ReadonlyMap<string, Digest>): Linked['counts'] {
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
