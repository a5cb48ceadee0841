import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { crc32, deflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib';
import { CodeloomError } from '../../domain/errors.js';
import type { FactEntry } from '../../domain/ports/fact-store.js';
import type { Bucket } from './bucket.js';
import { inParallel } from './in-parallel.js';
import type { Place } from './log-state.js';
import type { IndexEntry, PackIndex } from './pack-record.js';

/** Requests for data at a time, and the most that one of them reads: as it is stored, as it was put, and in entries. */
const AT_ONCE = 4;
const READ_BYTES = 4 << 20;
const GIVEN_BYTES = 16 << 20;
const READ_ENTRIES = 256;
/** Reading on over so many bytes that nobody asked for costs less than another request. */
const GAP_BYTES = 64 << 10;
/** Bytes from which an entry is deflated, and from which on zlib's threads: below, handing it over costs more than the work. */
const DEFLATE_FROM = 1024;
const DEFLATE_ELSEWHERE_FROM = 64 << 10;

/** So long a failure waits for what it leaves to be removed. */
const TIDYING_MS = 500;

const deflate = promisify(deflateRaw);

export interface PackPlace {
  readonly bucket: Bucket;
  /** What the names of packs begin with. */
  readonly prefix: string;
  /** Bytes of entries that go into one pack. */
  readonly packBytes: number;
}

/** Puts the entries into packs, of which nobody knows yet. On failure those that were made are removed again, as far as that can be. */
export function storeEntries(place: PackPlace, entries: readonly FactEntry[], putAt: number, signal: AbortSignal | undefined): Promise<PackIndex[]> {
  return storeGroups(place, entries, (entry) => entry.bytes.length, signal, async ({ key, bytes }) => {
    const stored = await deflated(bytes);
    return { stored, entry: { key, stored: stored.length, size: bytes.length, check: crc32(stored), putAt } };
  });
}

/** Copies what lies at the places into new packs: where each comes to lie. What is not there any more is left out. */
export async function copyPlaces(to: PackPlace, places: readonly Place[], signal: AbortSignal | undefined): Promise<{ packs: PackIndex[]; moved: Map<Place, { pack: PackIndex; offset: number }> }> {
  const packs: PackIndex[] = [];
  const moved = new Map<Place, { pack: PackIndex; offset: number }>();
  let batch: Read[] = [];
  let bytes = 0;
  async function flush(): Promise<void> {
    const made = await storeGroups(to, batch, ({ stored }) => stored.length, signal, async ({ place, stored }) => ({ stored, entry: place }));
    let at = 0;
    for (const pack of made) for (const { offset } of pack.entries) {
      const read = batch[at++];
      if (read !== undefined) moved.set(read.place, { pack, offset });
    }
    packs.push(...made);
    batch = [];
    bytes = 0;
  }
  for await (const { found } of readPlaces(to, places, signal)) {
    for (const read of found) {
      batch.push(read);
      bytes += read.stored.length;
    }
    if (bytes >= to.packBytes) await flush();
  }
  if (batch.length > 0) await flush();
  return { packs, moved };
}

interface Read {
  readonly place: Place;
  /** As it is stored: see {@link unpack}. */
  readonly stored: Uint8Array;
}

/** What lies at the places, in bounded batches, and those whose pack is gone. Errors: `store-corrupt` and those of the bucket. */
export async function* readPlaces({ bucket, prefix }: Pick<PackPlace, 'bucket' | 'prefix'>, places: readonly Place[], signal: AbortSignal | undefined): AsyncGenerator<{ found: Read[]; gone: readonly Place[] }> {
  yield* inParallel(ranges(places), AT_ONCE, signal, async ({ places: some, offset, length }, either) => {
    const [first] = some;
    const name = `${prefix}${first?.pack.name ?? ''}`;
    const bytes = length === 0 ? new Uint8Array() : await bucket.read(name, either, length === first?.pack.bytes ? undefined : { offset, length });
    if (bytes === undefined) return { found: [], gone: some };
    if (bytes.length !== length) throw new CodeloomError('store-corrupt', `The pack ${name} is cut off. Facts are a cache: remove everything under the store's prefix.`, { details: { name } });
    return { found: some.map((place) => ({ place, stored: bytes.subarray(place.offset - offset, place.offset - offset + place.stored) })), gone: [] };
  });
}

/** The bytes that were put. */
export function unpack({ place, stored }: Read): FactEntry {
  const corrupt = (cause?: unknown): CodeloomError => new CodeloomError('store-corrupt', `The entry ${place.key} is not what was put. Facts are a cache: remove everything under the store's prefix.`, { cause, details: { key: place.key, pack: place.pack.name } });
  if (crc32(stored) !== place.check) throw corrupt();
  // A copy: a small entry must not hold on to all that was read with it.
  if (place.stored === place.size) return { key: place.key, bytes: stored.slice() };
  let bytes: Uint8Array;
  try {
    bytes = inflateRawSync(stored);
  } catch (error) {
    throw corrupt(error);
  }
  if (bytes.length !== place.size) throw corrupt();
  return { key: place.key, bytes };
}

async function storeGroups<T>(
  { bucket, prefix, packBytes }: PackPlace, items: readonly T[], sizeOf: (item: T) => number, signal: AbortSignal | undefined,
  storedOf: (item: T) => Promise<{ stored: Uint8Array; entry: Omit<IndexEntry, 'offset'> }>,
): Promise<PackIndex[]> {
  const begun: string[] = [];
  const packs: PackIndex[] = [];
  try {
    for await (const pack of inParallel(bySize(items, sizeOf, packBytes), AT_ONCE, signal, async (group, either): Promise<PackIndex> => {
      const name = randomUUID();
      const chunks: Uint8Array[] = [];
      const entries: IndexEntry[] = [];
      let offset = 0;
      for (const item of group) {
        const { stored, entry: { key, size, check, putAt } } = await storedOf(item);
        entries.push({ key, offset, stored: stored.length, size, check, putAt });
        chunks.push(stored);
        offset += stored.length;
      }
      begun.push(name);
      await bucket.create(`${prefix}${name}`, Buffer.concat(chunks), either);
      return { name, bytes: offset, entries };
    })) packs.push(pack);
  } catch (error) {
    // Not by the signal, which may have fired. What stays is swept up in a day.
    await bucket.remove(begun.map((name) => `${prefix}${name}`), AbortSignal.timeout(TIDYING_MS)).catch(() => undefined);
    throw error;
  }
  return packs;
}

function bySize<T>(items: readonly T[], sizeOf: (item: T) => number, limit: number): T[][] {
  const groups: T[][] = [];
  let group: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (group.length > 0 && bytes + size > limit) {
      groups.push(group);
      group = [];
      bytes = 0;
    }
    group.push(item);
    bytes += size;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

async function deflated(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes.length < DEFLATE_FROM) return bytes;
  const smaller = bytes.length < DEFLATE_ELSEWHERE_FROM ? deflateRawSync(bytes, { level: 1 }) : await deflate(bytes, { level: 1 });
  return smaller.length < bytes.length ? smaller : bytes;
}

interface ByteRange {
  readonly places: Place[];
  readonly offset: number;
  readonly length: number;
}

/** What is to be read, with what lies close together in one reading. */
function ranges(places: readonly Place[]): ByteRange[] {
  const sorted = [...places].sort((a, b) => (a.pack.name === b.pack.name ? a.offset - b.offset : a.pack.name < b.pack.name ? -1 : 1));
  const found: (ByteRange & { given: number })[] = [];
  let range: { places: Place[]; offset: number; length: number; given: number } | undefined;
  for (const place of sorted) {
    const end = place.offset + place.stored;
    if (range !== undefined && range.places[0]?.pack === place.pack && place.offset - (range.offset + range.length) <= GAP_BYTES && end - range.offset <= READ_BYTES
      && range.given + place.size <= GIVEN_BYTES && range.places.length < READ_ENTRIES) {
      range.places.push(place);
      range.given += place.size;
      range.length = Math.max(range.length, end - range.offset); // an empty entry may stand behind one that begins where it does
    } else found.push(range = { places: [place], offset: place.offset, length: place.stored, given: place.size });
  }
  return found;
}
