import type { Contribution } from '../domain/linking/contribution.js';
import type { ImportStyle } from '../domain/linking/module-resolver.js';
import type { FileLinkage, Linkage } from '../domain/linking/linkage.js';
import type { Question, QuestionKind } from '../domain/linking/tracer.js';
import { CodeloomError } from '../domain/errors.js';
import type { Diagnostic, Digest } from '../domain/partition.js';
import type { CallOptions } from '../domain/ports/call-options.js';
import type { FactEntry, FactKey, FactStore } from '../domain/ports/fact-store.js';
import type { RepositoryId } from '../domain/repository.js';
import type { SnapshotId } from '../domain/snapshot.js';
import type { PartitionCounts } from './partition-counts.js';
import { batchedPuts, getAll, inBatches, PROVISIONAL_PREFIX, type ListingStores } from './source-listing.js';

/** What the link of a snapshot leaves for the next one: what the linker remembers, and of each partition its digest and what was counted in it. */
export interface LinkMemory {
  readonly linkage: Linkage;
  readonly partitions: ReadonlyMap<string, LinkedPartition>;
  /** The chunks it lies in, in the order of its files; absent when it was not put yet. */
  readonly chunks?: readonly PutChunk[] | undefined;
}

export interface PutChunk {
  readonly key: FactKey;
  readonly files: readonly FileLinkage[];
}

export interface LinkedPartition {
  readonly digest: Digest;
  readonly counts: PartitionCounts;
}

/** Where the memory of a repository's snapshots lies. */
export function memoryPrefix(repository: RepositoryId): string {
  return `linkage/${repository}/`;
}

/** Of what the memory is. */
export interface MemoryOf {
  readonly repository: RepositoryId;
  readonly snapshot: SnapshotId;
  readonly indexerVersion: string;
}

function memoryKey({ repository, snapshot }: Omit<MemoryOf, 'indexerVersion'>): FactKey {
  return `${memoryPrefix(repository)}${snapshot}`;
}

/** Files in one chunk: a chunk that is the same as before is not written again. */
const CHUNK_FILES = 128;
/** Raised whenever what is written here changes its form. */
const FORMAT = 1;

type Header = [format: number, indexerVersion: string, contextVersion: string, diagnostics: readonly Diagnostic[], paths: readonly string[], chunks: readonly FactKey[]];
type PathRef = number | string;
/** `version` is empty for provisional facts: the same key may come to hold others. */
type Row = [
  language: string, version: string, digest: Digest, counts: PartitionCounts,
  imports: readonly (readonly [specifier: string, style: number, names: readonly string[]])[],
  targets: readonly [text: string, files: readonly PathRef[], submodules: readonly PathRef[]],
  contribution: Contribution,
  dependencies: readonly [files: readonly PathRef[], questions: readonly number[], flags: number],
];
type Chunk = [questions: readonly (readonly [kind: QuestionKind, about: readonly string[], answer: string])[], rows: readonly Row[]];

const STYLES: readonly ImportStyle[] = ['import', 'require', 'type'];
const UNSETTLED = 1;
const EVERYTHING = 2;

/** Puts the memory of a snapshot, and gives it as {@link readMemory} would. Chunks of `earlier` in which all is as it was are taken over as they lie there. */
export async function writeMemory(stores: ListingStores, of: MemoryOf, { linkage, partitions }: LinkMemory, { earlier, ...options }: CallOptions & { readonly earlier?: LinkMemory | undefined } = {}): Promise<LinkMemory> {
  const files = linkage.files.map((file) => (file.version.startsWith(PROVISIONAL_PREFIX) ? { ...file, version: '' } : file));
  const paths = files.map((file) => file.path);
  const indexOf = new Map(paths.map((path, index) => [path, index]));
  const refer = (path: string): PathRef => indexOf.get(path) ?? path;
  const batches = [...inBatches(files, CHUNK_FILES)];
  const same = samePaths(paths, earlier) ? batches.map((batch, at) => sameChunk(batch, earlier?.chunks?.[at])) : [];
  const lasting = await stores.factStore.has(same.flatMap((key) => key ?? []), options);
  const encoder = new TextEncoder();
  const encoded: FactEntry[] = [];
  const chunks = batches.map((batch, at): PutChunk => {
    const kept = same[at];
    if (kept !== undefined && lasting.has(kept)) return { key: kept, files: batch };
    const bytes = encoder.encode(JSON.stringify(encodeChunk(batch, partitions, refer)));
    const key = `${memoryPrefix(of.repository)}${stores.sha256(bytes)}`;
    encoded.push({ key, bytes });
    return { key, files: batch };
  });
  const held = await stores.factStore.has(encoded.map((chunk) => chunk.key), options);
  const puts = batchedPuts(stores.factStore, options);
  for (const chunk of encoded) if (!held.has(chunk.key)) await puts.add(chunk);
  const header: Header = [FORMAT, of.indexerVersion, linkage.contextVersion, linkage.diagnostics, paths, chunks.map((chunk) => chunk.key)];
  await puts.add({ key: memoryKey(of), bytes: encoder.encode(JSON.stringify(header)) });
  await puts.flush();
  return { linkage: { ...linkage, files }, partitions, chunks };
}

/** Chunks refer to files by their place among all. */
function samePaths(paths: readonly string[], earlier: LinkMemory | undefined): boolean {
  const before = earlier?.linkage.files;
  return before?.length === paths.length && paths.every((path, at) => before[at]?.path === path);
}

/** A file that was not linked again is the same object still, and its partition is what it was. */
function sameChunk(files: readonly FileLinkage[], chunk: PutChunk | undefined): FactKey | undefined {
  return chunk?.files.length === files.length && files.every((file, at) => file === chunk.files[at]) ? chunk.key : undefined;
}

/** What {@link writeMemory} put for a snapshot; undefined when it is not there, or was written by another version. */
export async function readMemory(factStore: FactStore, of: MemoryOf, options?: CallOptions): Promise<LinkMemory | undefined> {
  const key = memoryKey(of);
  const header = parsed<Header>((await getAll(factStore, [key], options)).get(key));
  if (header === undefined || header[0] !== FORMAT || header[1] !== of.indexerVersion) return undefined;
  const [, , contextVersion, diagnostics, paths, chunkKeys] = header;
  const found = await getAll(factStore, chunkKeys, options);
  const files: FileLinkage[] = [];
  const partitions = new Map<string, LinkedPartition>();
  const chunks: PutChunk[] = [];
  for (const chunkKey of chunkKeys) {
    const chunk = parsed<Chunk>(found.get(chunkKey));
    if (chunk === undefined) return undefined;
    const questions = chunk[0].map(([kind, about, answer]): Question => ({ kind, about, answer }));
    const first = files.length;
    for (const row of chunk[1]) {
      const path = paths[files.length] ?? '';
      files.push(decodeRow(row, path, paths, questions));
      partitions.set(path, { digest: row[2], counts: row[3] });
    }
    chunks.push({ key: chunkKey, files: files.slice(first) });
  }
  return { linkage: { files, contextVersion, diagnostics }, partitions, chunks };
}

/** The keys that the memory of a snapshot is made of; none when it is not there. */
export async function memoryKeys(factStore: FactStore, of: Omit<MemoryOf, 'indexerVersion'>, options?: CallOptions): Promise<readonly FactKey[]> {
  const key = memoryKey(of);
  const bytes = (await getAll(factStore, [key], options)).get(key);
  const header = parsed<Header>(bytes);
  return header === undefined ? [] : [key, ...(header[5] ?? [])];
}

/** The keys that the memories of several snapshots of a repository are made of. */
export async function allMemoryKeys(factStore: FactStore, repository: RepositoryId, snapshots: Iterable<SnapshotId>, options?: CallOptions): Promise<ReadonlySet<FactKey>> {
  const keys = new Set<FactKey>();
  for (const snapshot of snapshots) for (const key of await memoryKeys(factStore, { repository, snapshot }, options)) keys.add(key);
  return keys;
}

function encodeChunk(files: readonly FileLinkage[], partitions: LinkMemory['partitions'], refer: (path: string) => PathRef): Chunk {
  const questions: Chunk[0][number][] = [];
  const known = new Map<string, number>();
  const ask = ({ kind, about, answer }: Question): number => {
    const key = `${kind}\n${about.join('\n')}`;
    let index = known.get(key);
    if (index === undefined) known.set(key, (index = questions.push([kind, about, answer]) - 1));
    return index;
  };
  const rows = files.map(({ path, language, version, imports, targets, contribution, dependencies }): Row => {
    const partition = partitions.get(path);
    if (partition === undefined) throw new CodeloomError('internal', `Nothing is known of the partition of ${path}.`);
    return [
      language, version, partition.digest, partition.counts,
      imports.map(({ specifier, style, names }) => [specifier, STYLES.indexOf(style), names]),
      [targets.text, targets.files.map(refer), targets.submodules.map(refer)],
      contribution,
      [dependencies.files.map(refer), dependencies.questions.map(ask), (dependencies.unsettled ? UNSETTLED : 0) + (dependencies.everything ? EVERYTHING : 0)],
    ];
  });
  return [questions, rows];
}

function decodeRow([language, version, , , imports, targets, contribution, [files, asked, flags]]: Row, path: string, paths: readonly string[], questions: readonly Question[]): FileLinkage {
  const resolve = (ref: PathRef): string => (typeof ref === 'number' ? (paths[ref] ?? '') : ref);
  return {
    path, language, version,
    imports: imports.map(([specifier, style, names]) => ({ specifier, style: STYLES[style] ?? 'import', names })),
    targets: { text: targets[0], files: targets[1].map(resolve), submodules: targets[2].map(resolve) },
    contribution,
    dependencies: {
      files: files.map(resolve), questions: asked.flatMap((index) => questions[index] ?? []),
      unsettled: (flags & UNSETTLED) !== 0, everything: (flags & EVERYTHING) !== 0,
    },
  };
}

/** Undefined for what is not there or cannot be read: linking then begins from nothing. */
function parsed<T>(bytes: Uint8Array | undefined): T | undefined {
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as T; // put there by this file, under its own prefix and format
  } catch {
    return undefined;
  }
}
