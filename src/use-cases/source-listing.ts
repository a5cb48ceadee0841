import { CodeloomError } from '../domain/errors.js';
import type { LanguageId } from '../domain/file-facts.js';
import type { Digest, Sha256 } from '../domain/partition.js';
import type { CallOptions } from '../domain/ports/call-options.js';
import type { FactEntry, FactKey, FactStore } from '../domain/ports/fact-store.js';
import type { SourceEntry } from '../domain/ports/git-host.js';
import type { IndexedFile } from '../domain/ports/metadata-store.js';

/** A path of a snapshot's source and what becomes of it. */
export interface ListedFile {
  readonly path: string;
  readonly blob: string;
  /** Bytes; -1 where Git does not say. */
  readonly size: number;
  readonly kind: SourceEntry['kind'];
  /** Its language, where the parser has one; empty otherwise. */
  readonly language: LanguageId;
  /** Whether linking reads it as configuration. */
  readonly configuration: boolean;
  /** Why it is not indexed; empty when it is. */
  readonly skipped: string;
  /** What went wrong with it, in words; empty when nothing did. */
  readonly message: string;
  /** Its facts are provisional (see ParserOutput): they lie under another key, and not for long. */
  readonly provisional?: true;
}

type ListedRow = [path: string, blob: string, size: number, kind: number, language: string, configuration: 0 | 1, skipped: string, message: string, provisional: 0 | 1];
type IndexedRow = [path: string, blob: string, size: number, language: string, status: 0 | 1, reason: string, symbols: number];

const KINDS: readonly SourceEntry['kind'][] = ['file', 'executable', 'symlink', 'submodule'];

/** Key of a content's facts: shared by every path, branch and repository that holds the same content. */
export function factsKey(parserVersion: string, language: LanguageId, blob: string): FactKey {
  return `facts/${parserVersion}/${language}/${blob}`;
}

export const PROVISIONAL_PREFIX = 'provisional/';

/** Key of facts that another run may better: kept for {@link PROVISIONAL_MS}, so that the runs of that time agree. */
export function provisionalKey(parserVersion: string, language: LanguageId, blob: string): FactKey {
  return `${PROVISIONAL_PREFIX}${parserVersion}/${language}/${blob}`;
}

/** For so long a file that a busy machine did not read in time is not tried again. */
export const PROVISIONAL_MS = 60 * 60 * 1000;

/** Where the facts of a file that is indexed lie. */
export function listedFactsKey(parserVersion: string, { language, blob, provisional }: ListedFile): FactKey {
  return provisional === true ? provisionalKey(parserVersion, language, blob) : factsKey(parserVersion, language, blob);
}

/** Key of a configuration file's text. */
export function sourceKey(blob: string): FactKey {
  return `source/${blob}`;
}

export function partitionKey(digest: Digest): FactKey {
  return `partition/${digest}`;
}

/** Puts a listing of files, which are in the order of their paths (compareText); the key says what it holds. `parser` is the version whose facts the listing is about. */
export function writeListing(stores: ListingStores, listing: { readonly parser: string; readonly files: readonly ListedFile[] }, options?: CallOptions): Promise<FactKey> {
  const rows = listing.files.map((file): ListedRow => [
    file.path, file.blob, file.size, KINDS.indexOf(file.kind), file.language, file.configuration ? 1 : 0, file.skipped, file.message, file.provisional === true ? 1 : 0,
  ]);
  return writeRows(stores, listing.parser, rows, options);
}

/** Reads what {@link writeListing} put. Throws `facts-missing` when it is gone. */
export async function readListing(factStore: FactStore, key: FactKey, options?: CallOptions): Promise<{ parser: string; files: ListedFile[] }> {
  const { header, chunks } = await readHeader(factStore, key, options);
  const files: ListedFile[] = [];
  for await (const rows of readChunks<ListedRow>(factStore, chunks, options)) {
    for (const [path, blob, size, kind, language, configuration, skipped, message, provisional] of rows) {
      files.push({ path, blob, size, kind: KINDS[kind] ?? 'file', language, configuration: configuration === 1, skipped, message, ...(provisional === 1 ? { provisional: true } : {}) });
    }
  }
  return { parser: header, files };
}

export function writeIndexedFiles(stores: ListingStores, files: readonly IndexedFile[], options?: CallOptions): Promise<FactKey> {
  const rows = files.map((file): IndexedRow => [file.path, file.blob, file.size, file.language, file.status === 'indexed' ? 1 : 0, file.reason ?? '', file.symbols]);
  return writeRows(stores, 'indexed-files', rows, options);
}

/** Reads what {@link writeIndexedFiles} put, in batches. Throws `facts-missing` when it is gone. */
export async function* readIndexedFiles(factStore: FactStore, key: FactKey, options?: CallOptions): AsyncIterable<readonly IndexedFile[]> {
  const { chunks } = await readHeader(factStore, key, options);
  for await (const rows of readChunks<IndexedRow>(factStore, chunks, options)) {
    yield rows.map(([path, blob, size, language, status, reason, symbols]): IndexedFile => ({
      path, blob, size, language, status: status === 1 ? 'indexed' : 'skipped', ...(reason === '' ? {} : { reason }), symbols,
    }));
  }
}

export function writeDigests(stores: ListingStores, digests: readonly Digest[], options?: CallOptions): Promise<FactKey> {
  return writeRows(stores, 'digests', digests, options);
}

export async function readDigests(factStore: FactStore, key: FactKey, options?: CallOptions): Promise<Digest[]> {
  const { chunks } = await readHeader(factStore, key, options);
  const digests: Digest[] = [];
  for await (const rows of readChunks<Digest>(factStore, chunks, options)) digests.push(...rows);
  return digests;
}

/** The keys that a listing is made of: itself and its chunks; none when it is gone. */
export async function listingKeys(factStore: FactStore, key: FactKey, options?: CallOptions): Promise<readonly FactKey[]> {
  const bytes = (await getAll(factStore, [key], options)).get(key);
  return bytes === undefined ? [] : [key, ...parseHeader(bytes).chunks];
}

/** One value; throws `facts-missing` when it is gone. */
export async function getFact(factStore: FactStore, key: FactKey, options?: CallOptions): Promise<Uint8Array> {
  const bytes = (await getAll(factStore, [key], options)).get(key);
  if (bytes === undefined) throw missingFact(key);
  return bytes;
}

/** Those of `keys` that are there, all in memory at once: for bounded lists. */
export async function getAll(factStore: FactStore, keys: readonly FactKey[], options?: CallOptions): Promise<Map<FactKey, Uint8Array>> {
  const found = new Map<FactKey, Uint8Array>();
  for await (const batch of factStore.get(keys, options)) for (const entry of batch) found.set(entry.key, entry.bytes);
  return found;
}

export function missingFact(key: FactKey): CodeloomError {
  return new CodeloomError('facts-missing', `${key} is no longer in the fact store; index again.`, { details: { key } });
}

/** Gathers entries and puts them in batches of bounded size. */
export function batchedPuts(factStore: FactStore, options?: CallOptions): { add(entry: FactEntry): Promise<void>; flush(): Promise<void> } {
  let batch: FactEntry[] = [];
  let bytes = 0;
  async function flush(): Promise<void> {
    if (batch.length === 0) return;
    const full = batch;
    batch = [];
    bytes = 0;
    await factStore.put(full, options);
  }
  return {
    async add(entry) {
      batch.push(entry);
      bytes += entry.bytes.length;
      if (batch.length >= BATCH_ENTRIES || bytes >= BATCH_BYTES) await flush();
    },
    flush,
  };
}

export function* inBatches<T>(items: readonly T[], size: number): Iterable<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

export interface ListingStores {
  readonly factStore: FactStore;
  readonly sha256: Sha256;
}

const BATCH_ENTRIES = 256;
const BATCH_BYTES = 4 * 1024 * 1024;
/** A listing is cut into chunks of so many rows, so that no value grows with the repository. */
const CHUNK_ROWS = 4096;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

async function writeRows(stores: ListingStores, header: string, rows: readonly unknown[], options?: CallOptions): Promise<FactKey> {
  const puts = batchedPuts(stores.factStore, options);
  const chunks: FactKey[] = [];
  for (const chunk of inBatches(rows, CHUNK_ROWS)) {
    const bytes = encoder.encode(JSON.stringify(chunk));
    const key = `listing/${stores.sha256(bytes)}`;
    chunks.push(key);
    await puts.add({ key, bytes });
  }
  const bytes = encoder.encode(JSON.stringify([LISTING_FORMAT, header, chunks]));
  const key = `listing/${stores.sha256(bytes)}`;
  await puts.add({ key, bytes });
  await puts.flush();
  return key;
}

const LISTING_FORMAT = 2;

function parseHeader(bytes: Uint8Array): { header: string; chunks: readonly FactKey[] } {
  const [format, header, chunks] = parse<[number, string, FactKey[]]>(bytes);
  if (format !== LISTING_FORMAT) throw new CodeloomError('store-corrupt', `A stored listing has format ${String(format)}, expected ${LISTING_FORMAT}.`);
  return { header, chunks };
}

async function readHeader(factStore: FactStore, key: FactKey, options?: CallOptions): Promise<{ header: string; chunks: readonly FactKey[] }> {
  return parseHeader(await getFact(factStore, key, options));
}

async function* readChunks<Row>(factStore: FactStore, chunks: readonly FactKey[], options?: CallOptions): AsyncIterable<Row[]> {
  for (const chunk of chunks) yield parse<Row[]>(await getFact(factStore, chunk, options));
}

/** What lies under a listing's key was put there by this file, under the hash of its content: its shape is known. */
function parse<T>(bytes: Uint8Array): T {
  try {
    return JSON.parse(decoder.decode(bytes)) as T;
  } catch (error) {
    throw new CodeloomError('store-corrupt', 'A stored listing cannot be read.', { cause: error });
  }
}
