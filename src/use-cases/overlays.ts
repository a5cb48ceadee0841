import { CodeloomError, throwIfAborted } from '../domain/errors.js';
import { defineOverlay } from '../domain/overlay/define-overlay.js';
import { mergeOverlay, type MergeCounts } from '../domain/overlay/merge-overlay.js';
import type { OverlayFile, OverlayTarget } from '../domain/overlay/overlay-file.js';
import { compareText, type Digest, type Partition } from '../domain/partition.js';
import type { CallOptions } from '../domain/ports/call-options.js';
import type { FactKey, FactStore } from '../domain/ports/fact-store.js';
import type { RepositoryId } from '../domain/repository.js';
import type { SnapshotOverlay } from '../domain/snapshot.js';
import { batchedPuts, getAll, inBatches, type ListedFile, type ListingStores } from './source-listing.js';

/** How an overlay fared in a snapshot. */
export interface OverlayUse extends MergeCounts {
  readonly source: string;
  /** Files that it was merged into. */
  readonly files: number;
  /** Files of it that are gone, or have another content now, and are left out. */
  readonly stale: number;
  /** Its content is no longer in the FactStore, so that it must be imported again. */
  readonly lost?: true;
}

/** Where the overlays of a repository lie. */
export function overlayPrefix(repository: RepositoryId): string {
  return `overlay/${repository}/`;
}

/** Where partitions lie as they were linked, of files that an overlay is merged into. */
export const UNMERGED_PREFIX = 'unmerged/';

export function unmergedKey(digest: Digest): FactKey {
  return UNMERGED_PREFIX + digest;
}

const FORMAT = 1;
/** A file's place in an overlay: what it is about, and where what is said lies. */
export type OverlayEntry = readonly [path: string, blob: string, key: FactKey];
type Header = readonly [format: number, entries: readonly OverlayEntry[]];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Puts the files of an overlay as they come, each under its digest; gives the key of the whole: equal for equal content. */
export async function writeOverlay(stores: ListingStores, repository: RepositoryId, files: AsyncIterable<OverlayFile>, options?: CallOptions): Promise<{ readonly key: FactKey; readonly files: number }> {
  const puts = batchedPuts(stores.factStore, options);
  const entries: OverlayEntry[] = [];
  for await (const file of files) {
    const bytes = encoder.encode(JSON.stringify(file));
    const key = `${overlayPrefix(repository)}${stores.sha256(bytes)}`;
    entries.push([file.path, file.blob, key]);
    await puts.add({ key, bytes });
  }
  entries.sort((a, b) => compareText(a[0], b[0]) || compareText(a[2], b[2]));
  const bytes = encoder.encode(JSON.stringify([FORMAT, entries] satisfies Header));
  const key = `${overlayPrefix(repository)}${stores.sha256(bytes)}`;
  await puts.add({ key, bytes });
  await puts.flush();
  return { key, files: entries.length };
}

/** The files of an overlay; undefined when it is gone or was written by another version. */
async function readEntries(factStore: FactStore, key: FactKey, options: CallOptions): Promise<readonly OverlayEntry[] | undefined> {
  const bytes = (await getAll(factStore, [key], options)).get(key);
  if (bytes === undefined) return undefined;
  const [format, entries] = JSON.parse(decoder.decode(bytes)) as Header; // written by writeOverlay
  return format === FORMAT ? entries : undefined;
}

/** The keys that overlays are made of. */
export async function overlayKeys(factStore: FactStore, overlays: readonly SnapshotOverlay[], options: CallOptions): Promise<readonly FactKey[]> {
  const keys: FactKey[] = [];
  for (const { key } of overlays) keys.push(key, ...(await readEntries(factStore, key, options) ?? []).map((entry) => entry[2]));
  return keys;
}

/** Copies what overlays are made of into another FactStore. */
export async function copyOverlays(from: FactStore, to: FactStore, overlays: readonly SnapshotOverlay[], options: CallOptions): Promise<void> {
  const puts = batchedPuts(to, options);
  for (const keys of inBatches(await overlayKeys(from, overlays, options), 256)) for (const [key, bytes] of await getAll(from, keys, options)) await puts.add({ key, bytes });
  await puts.flush();
}

/** An overlay with its files that are as they were when it was made. */
export interface OpenOverlay {
  readonly overlay: SnapshotOverlay;
  readonly entries: readonly OverlayEntry[];
  readonly stale: number;
  readonly lost: boolean;
}

/** Finds which files of which overlays still hold. */
export async function openOverlays(factStore: FactStore, overlays: readonly SnapshotOverlay[], files: readonly ListedFile[], options: CallOptions): Promise<readonly OpenOverlay[]> {
  const open: OpenOverlay[] = [];
  const blobs = new Map(files.filter(canHold).map((file) => [file.path, file.blob]));
  for (const overlay of overlays) {
    const entries = await readEntries(factStore, overlay.key, options);
    const there = new Set<FactKey>();
    for (const keys of inBatches(entries ?? [], 1000)) for (const key of await factStore.has(keys.map((entry) => entry[2]), options)) there.add(key);
    const lost = entries === undefined || entries.some((entry) => !there.has(entry[2]));
    const holding = lost ? [] : entries.filter(([path, blob]) => blobs.get(path) === blob);
    open.push({ overlay, entries: holding, stale: lost ? 0 : entries.length - holding.length, lost });
  }
  return open;
}

/** Reads files of an overlay, some at a time. Throws `facts-missing`. */
export async function* readOverlayFiles(factStore: FactStore, entries: readonly OverlayEntry[], options: CallOptions): AsyncIterable<OverlayFile> {
  for (const batch of inBatches(entries, 64)) {
    throwIfAborted(options.signal);
    const found = await getAll(factStore, batch.map((entry) => entry[2]), options);
    for (const [, , key] of batch) {
      const bytes = found.get(key);
      if (bytes === undefined) throw new CodeloomError('facts-missing', `${key} is no longer in the fact store; index again.`, { details: { key } });
      yield JSON.parse(decoder.decode(bytes)) as OverlayFile; // written by writeOverlay
    }
  }
}

/** Files that an overlay may be about: those that are indexed, and those that are not only because no parser knows their language. */
export function canHold({ skipped, kind }: ListedFile): boolean {
  return (skipped === '' || skipped === 'language' || skipped === 'configuration') && (kind === 'file' || kind === 'executable');
}

/**
 * Merges overlays into partitions, one after the other, and gives each file's partition as it is then. `unmerged` gives a file's partition as it was linked; undefined where
 * it was not. What comes out depends on the linked partitions and the overlays alone: merging again gives the same.
 */
export async function* mergeOverlays(
  factStore: FactStore, overlays: readonly OpenOverlay[], unmerged: (path: string) => Promise<Partition | undefined>, options: CallOptions,
): AsyncIterable<{ readonly partition: Partition } | { readonly use: OverlayUse }> {
  const merged = new Map<string, Partition>();
  for (const { overlay: { source }, entries, stale, lost } of overlays) {
    const symbols = new Map<string, OverlayTarget>();
    const partitionOf = async (path: string): Promise<Partition | undefined> => merged.get(path) ?? await unmerged(path);
    for await (const overlay of readOverlayFiles(factStore, entries, options)) {
      const partition = await partitionOf(overlay.path);
      for (const [symbol, target] of defineOverlay(overlay, partition, source).symbols) if (!symbols.has(symbol)) symbols.set(symbol, target);
    }
    const counts = { defined: 0, calls: 0, references: 0, known: 0, contradicted: 0 };
    for await (const overlay of readOverlayFiles(factStore, entries, options)) {
      const partition = await partitionOf(overlay.path);
      const result = mergeOverlay({ overlay, defined: defineOverlay(overlay, partition, source), partition, symbols, source });
      for (const name of ['defined', 'calls', 'references', 'known', 'contradicted'] as const) counts[name] += result.counts[name];
      if (overlays.length > 1) merged.set(overlay.path, result.partition);
      else yield { partition: result.partition };
    }
    yield { use: { source, files: entries.length, stale, ...counts, ...(lost ? { lost: true as const } : {}) } };
  }
  for (const partition of merged.values()) yield { partition };
}
