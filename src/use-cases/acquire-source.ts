import { CodeloomError, throwIfAborted } from '../domain/errors.js';
import type { LanguageId } from '../domain/file-facts.js';
import { compareText, type Digest, type Sha256 } from '../domain/partition.js';
import { selectPaths, type PathSelection } from '../domain/path-selection.js';
import type { Revision, SourceEntry } from '../domain/ports/git-host.js';
import type { MetadataStore } from '../domain/ports/metadata-store.js';
import type { Snapshot, SnapshotId, SnapshotOverlay } from '../domain/snapshot.js';
import type { IndexingPorts } from './indexing-ports.js';
import { PROVISIONAL_MS, writeListing, type ListedFile } from './source-listing.js';
import { stageProgress } from './stage-progress.js';
import { DEFAULT_MAX_FILE_BYTES, type AcquireInput, type Acquired, type IndexRequest, type StepContext } from './steps.js';

/** Configuration files above this are not read: none that a person wrote is so large. */
export const MAX_CONFIGURATION_BYTES = 1024 * 1024;

/**
 * Finds the revision that a request means and lists it: which paths are source of a wanted language, which are configuration, and why the others are left
 * out. Tells whether the branch's head is that very state already. Errors: those of GitHost, and `invalid-argument`.
 */
export async function acquireSource(
  ports: Pick<IndexingPorts, 'gitHost' | 'parser' | 'factStore' | 'graphStore' | 'metadataStore' | 'clock' | 'sha256' | 'isConfiguration'>,
  { request, indexerVersion }: AcquireInput, context: StepContext,
): Promise<Acquired> {
  const { gitHost, graphStore, metadataStore, sha256 } = ports;
  const options = { signal: context.signal };
  const shape = graphShape(request, ports.parser);
  const selection = selectPaths(shape);
  checkBranch(request.branch);
  const revision = await gitHost.resolve({ location: request.location, ref: request.ref, branch: request.branch }, options);
  try {
    const entries = await listEntries(ports, revision, context);
    const source = digestEntries(entries, sha256);
    const dirty = await isDirty(ports, { revision, source, indexerVersion }, context);
    const files = await classify(ports, { revision, entries, selection, languages: new Set(shape.languages), maxFileBytes: shape.maxFileBytes }, context);
    const listing = await writeListing(ports, { parser: ports.parser.version, files }, options);
    const configuration = await writeConfiguration(ports, shape, context);
    const head = (await graphStore.heads(revision.repository.id, options)).find((snapshot) => snapshot.branch === revision.branch);
    const overlays = request.overlays ?? head?.overlays ?? [];
    const state = { revision, dirty, source, configuration, indexerVersion, overlays };
    const same = head !== undefined && isOfState(head, state, sha256) ? head : undefined;
    const again = same !== undefined && isOutdated(same, ports.clock.now()) ? same : undefined;
    const snapshot = again === undefined ? same?.id ?? snapshotId(state, sha256) : snapshotId({ ...state, after: again.id }, sha256);
    const unchanged = same !== undefined && again === undefined && (files.length === 0 || await isRecorded(metadataStore, same, context)) ? same : undefined;
    return {
      revision, listing, source, configuration, dirty, snapshot, ...countFiles(files),
      ...(head === undefined ? {} : { base: head.id }),
      ...(unchanged === undefined ? {} : { unchanged }),
      ...(again === undefined ? {} : { again }),
      ...(overlays.length === 0 ? {} : { overlays }),
    };
  } catch (error) {
    // The caller never learns of the revision, so nobody else can let go of it; what went wrong first is what counts.
    await gitHost.release(revision).catch(() => {});
    throw error;
  }
}

/** The name under which a snapshot is kept is any text that Git would take for a branch: `-x` is an option that went astray. */
function checkBranch(branch: string | undefined): void {
  if (branch === undefined || (branch !== '' && !branch.startsWith('-') && branch.length <= 1000 && !/[\u0000-\u0020\u007f~^:?*[\\]/.test(branch))) return;
  throw new CodeloomError('invalid-argument', `${JSON.stringify(branch.slice(0, 200))} cannot be the name of a branch.`, { details: { branch: branch.slice(0, 1000) } });
}

/** What of a request shapes the graph, with its defaults. */
export interface GraphShape {
  readonly languages: readonly LanguageId[];
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly maxFileBytes: number;
  /** The parser's version: other facts may give another graph. */
  readonly parser: string;
}

/** Throws `invalid-argument` for a language that the parser does not know and for a size that is none. */
export function graphShape(request: Pick<IndexRequest, 'languages' | 'include' | 'exclude' | 'maxFileBytes'>, parser: { readonly version: string; readonly languages: readonly LanguageId[] }): GraphShape {
  const known = [...parser.languages].sort(compareText);
  const unknown = request.languages?.find((language) => !known.includes(language));
  if (unknown !== undefined) {
    throw new CodeloomError('invalid-argument', `${JSON.stringify(unknown)} is no language that can be indexed; these are: ${known.join(', ')}.`, { details: { language: unknown, languages: known } });
  }
  const maxFileBytes = request.maxFileBytes ?? DEFAULT_MAX_FILE_BYTES;
  if (!Number.isSafeInteger(maxFileBytes) || maxFileBytes < 1) throw new CodeloomError('invalid-argument', `maxFileBytes must be a whole number of bytes above 0, not ${maxFileBytes}.`);
  return {
    languages: request.languages === undefined ? known : [...new Set(request.languages)].sort(compareText),
    include: request.include ?? [], exclude: request.exclude ?? [], maxFileBytes, parser: parser.version,
  };
}

/** Canonical text of a shape: its digest is a snapshot's `configuration`. */
export function encodeShape(shape: GraphShape): string {
  return JSON.stringify([1, shape.languages, shape.include, shape.exclude, shape.maxFileBytes, shape.parser]);
}

export function configurationKey(configuration: Digest): string {
  return `configuration/${configuration}`;
}

/** Reads what is kept under {@link configurationKey}. */
export function decodeShape(bytes: Uint8Array): GraphShape {
  const [, languages, include, exclude, maxFileBytes, parser] = JSON.parse(new TextDecoder().decode(bytes)) as [number, string[], string[], string[], number, string]; // written by encodeShape
  return { languages, include, exclude, maxFileBytes, parser };
}

/** Kept, so that a later check can index the same way. */
async function writeConfiguration({ factStore, sha256 }: Pick<IndexingPorts, 'factStore' | 'sha256'>, shape: GraphShape, { signal }: StepContext): Promise<Digest> {
  const text = encodeShape(shape);
  const configuration = sha256(text);
  await factStore.put([{ key: configurationKey(configuration), bytes: new TextEncoder().encode(text) }], { signal });
  return configuration;
}

/** What decides a snapshot's graph, and where it is kept. */
interface SourceState {
  readonly revision: Revision;
  readonly dirty: boolean;
  readonly source: Digest;
  readonly configuration: Digest;
  readonly indexerVersion: string;
  readonly overlays: readonly SnapshotOverlay[];
  /** The snapshot of this very state that was made again, because some of its files had not been read in time. */
  readonly after?: SnapshotId;
}

function isOfState(head: Snapshot, state: SourceState, sha256: Sha256): boolean {
  return head.id === snapshotId(state, sha256) || (head.base !== undefined && head.id === snapshotId({ ...state, after: head.base }, sha256));
}

/** A head with files that the machine did not read in time is made again after a while, so that a busy hour does not decide for good. */
function isOutdated(head: Snapshot, now: Date): boolean {
  return (head.stats.provisional ?? 0) > 0 && now.getTime() - Date.parse(head.createdAt) >= PROVISIONAL_MS;
}

function snapshotId({ revision, dirty, source, configuration, indexerVersion, overlays, after }: SourceState, sha256: Sha256): SnapshotId {
  const state = [revision.repository.id, revision.branch, revision.commit ?? '', dirty, source, configuration, indexerVersion, ...(after === undefined ? [] : [after]), ...(overlays.length === 0 ? [] : [overlays.map((overlay) => [overlay.source, overlay.root, overlay.key])])];
  return `s-${sha256(JSON.stringify(state)).slice(0, 16)}`;
}

async function listEntries({ gitHost, clock }: Pick<IndexingPorts, 'gitHost' | 'clock'>, revision: Revision, context: StepContext): Promise<SourceEntry[]> {
  const progress = stageProgress('acquire', context, clock);
  const entries: SourceEntry[] = [];
  for await (const batch of gitHost.list(revision, { signal: context.signal })) {
    throwIfAborted(context.signal);
    entries.push(...batch);
    progress.report(entries.length);
  }
  progress.finish();
  return entries.sort((a, b) => compareText(a.path, b.path));
}

const DIGEST_ROWS = 4096;

/** Hashed in runs of entries, so that no text grows with the repository. */
function digestEntries(entries: readonly SourceEntry[], sha256: Sha256): Digest {
  const runs: Digest[] = [];
  for (let start = 0; start < entries.length; start += DIGEST_ROWS) {
    runs.push(sha256(entries.slice(start, start + DIGEST_ROWS).map(({ path, blob, kind }) => `${kind} ${blob} ${JSON.stringify(path)}\n`).join('')));
  }
  return sha256(runs.join('\n'));
}

/**
 * A work tree is dirty when its listing is not that of its commit. Which that is, a snapshot of the commit knows; the commit is listed only where there is
 * none.
 */
async function isDirty(
  ports: Pick<IndexingPorts, 'gitHost' | 'graphStore' | 'clock' | 'sha256'>,
  { revision, source, indexerVersion }: { revision: Revision; source: Digest; indexerVersion: string }, { signal }: StepContext,
): Promise<boolean> {
  if (revision.source === 'objects') return false;
  if (revision.commit === undefined) return true;
  const snapshots = await ports.graphStore.snapshots(revision.repository.id, { signal });
  const clean = snapshots.find((snapshot) => !snapshot.dirty && snapshot.commit === revision.commit && snapshot.indexerVersion === indexerVersion);
  if (clean !== undefined) return clean.source !== source;
  const committed = await listEntries(ports, { ...revision, source: 'objects' }, { signal });
  return digestEntries(committed, ports.sha256) !== source;
}

async function classify(
  ports: Pick<IndexingPorts, 'gitHost' | 'parser' | 'isConfiguration'>,
  request: { revision: Revision; entries: readonly SourceEntry[]; selection: PathSelection; languages: ReadonlySet<LanguageId>; maxFileBytes: number },
  context: StepContext,
): Promise<ListedFile[]> {
  const { selection, languages, maxFileBytes } = request;
  const scripts = await scriptLanguages(ports, request, context);
  return request.entries.map((entry): ListedFile => {
    const { path, blob, size, kind } = entry;
    const listed = { path, blob, size, kind, language: '', configuration: false, message: '' };
    if (kind === 'submodule' || kind === 'symlink') return { ...listed, skipped: kind };
    const language = ports.parser.languageOf(path) ?? scripts.get(blob) ?? '';
    const wanted = ports.isConfiguration(path) && !selection.vendored(path);
    const configuration = wanted && size <= MAX_CONFIGURATION_BYTES;
    const skipped = language === '' ? (configuration ? 'configuration' : wanted ? 'too-large' : 'language')
      : !languages.has(language) || !selection.includes(path) ? 'excluded'
      : size > maxFileBytes ? 'too-large' : '';
    return { ...listed, language, configuration, skipped };
  });
}

/** Languages of executables without an ending, by their first line (`#!/usr/bin/env python3`). */
async function scriptLanguages(
  { gitHost, parser }: Pick<IndexingPorts, 'gitHost' | 'parser'>,
  { revision, entries, selection, maxFileBytes }: { revision: Revision; entries: readonly SourceEntry[]; selection: PathSelection; maxFileBytes: number },
  { signal }: StepContext,
): Promise<ReadonlyMap<string, LanguageId>> {
  const scripts = new Map<string, SourceEntry>();
  for (const entry of entries) {
    const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
    if (entry.kind === 'executable' && !name.includes('.', 1) && parser.languageOf(entry.path) === undefined && selection.includes(entry.path)) scripts.set(entry.blob, entry);
  }
  const languages = new Map<string, LanguageId>();
  if (scripts.size === 0) return languages;
  async function* wanted(): AsyncIterable<SourceEntry> {
    yield* scripts.values();
  }
  for await (const source of gitHost.read(revision, wanted(), { signal, maxBytes: maxFileBytes })) {
    if (!('bytes' in source)) continue;
    const firstLine = new TextDecoder('latin1').decode(source.bytes.subarray(0, 256)).split('\n', 1)[0] ?? '';
    const language = firstLine.startsWith('#!') ? parser.languageOf(source.entry.path, firstLine) : undefined;
    if (language !== undefined) languages.set(source.entry.blob, language);
  }
  return languages;
}

/** A run that stopped between publishing and recording left a head without files: it is to be gone through again. */
async function isRecorded(metadataStore: MetadataStore, head: Snapshot, { signal }: StepContext): Promise<boolean> {
  for await (const batch of metadataStore.files(head.id, { signal })) if (batch.length > 0) return true;
  return false;
}

function countFiles(files: readonly ListedFile[]): Pick<Acquired, 'counts' | 'skipped'> {
  const skipped: Record<string, number> = {};
  let selected = 0;
  for (const file of files) {
    if (file.skipped === '') selected++;
    else skipped[file.skipped] = (skipped[file.skipped] ?? 0) + 1;
  }
  return { counts: { listed: files.length, selected, skipped: files.length - selected }, skipped };
}
