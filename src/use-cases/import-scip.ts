import { CodeloomError } from '../domain/errors.js';
import type { OverlayFile } from '../domain/overlay/overlay-file.js';
import { overlayOfScip } from '../domain/overlay/overlay-of-scip.js';
import { compareText } from '../domain/partition.js';
import type { CallOptions } from '../domain/ports/call-options.js';
import { decodeScip } from '../domain/scip/codec.js';
import type { ScipDocument, ScipMetadata } from '../domain/scip/scip-index.js';
import type { Snapshot, SnapshotOverlay } from '../domain/snapshot.js';
import type { IndexOutcome } from './index-repository.js';
import type { IndexingPorts } from './indexing-ports.js';
import { writeOverlay } from './overlays.js';
import { chooseSnapshot, type QueryPorts, type Target } from './queries/pinned-snapshot.js';
import { openSnapshotTexts } from './queries/snapshot-texts.js';
import { shapeOf } from './queries/verify-snapshot.js';
import { runIndex, type RunIndexOptions } from './run-index.js';
import type { IndexRequest, Retention } from './steps.js';

export interface ImportScipRequest extends Omit<Target, 'snapshot'> {
  /** The bytes of an index.scip, in any pieces. */
  readonly index: AsyncIterable<Uint8Array>;
  /** Folder of the repository that the index's paths are relative to. By default where its project root lies in the repository; the whole where that is elsewhere. */
  readonly root?: string | undefined;
  readonly retention?: Retention | undefined;
}

export interface ImportOutcome extends IndexOutcome {
  readonly imported: {
    /** As nodes and sites are marked: `scip:` and the tool's name. */
    readonly source: string;
    readonly version: string;
    readonly root: string;
    /** Documents that are files of the snapshot; those that are not, or whose text is another there. */
    readonly documents: number;
    readonly unknown: number;
    /** Occurrences outside the text or with a broken symbol: left out. */
    readonly lost: number;
  };
}

/**
 * Merges a SCIP index into the newest snapshot of a branch: a new snapshot of the same source, published as any other. The index is kept with the snapshot, so that later runs
 * take it along for files whose content is the same. One of the same tool and root takes the place of the one before; the same one again changes nothing. Throws
 * `invalid-index` when it is none or has no file of the snapshot, `not-indexed`, and what indexing throws; the last snapshot then stays.
 */
export async function importScip(ports: IndexingPorts & QueryPorts, request: ImportScipRequest, options: RunIndexOptions): Promise<ImportOutcome> {
  const call: CallOptions = { signal: options.signal };
  const head = await chooseSnapshot(ports, { repository: request.repository, branch: request.branch }, call);
  const [repository] = await ports.metadataStore.repositories([head.repository], call);
  if (repository === undefined) throw new CodeloomError('not-indexed', `Where ${head.repository} lies is not recorded; index it again.`, { details: { repository: head.repository } });
  const blobs = new Map<string, string>();
  for await (const batch of ports.metadataStore.files(head.id, call)) for (const { path, blob, reason } of batch) if (reason === undefined || reason === 'language' || reason === 'configuration') blobs.set(path, blob);

  const texts = openSnapshotTexts(async () => ports.gitHost, { repository, snapshot: head }, call);
  const counts = { documents: 0, unknown: 0, lost: 0 };
  let said: { readonly metadata: ScipMetadata; readonly root: string } | undefined;
  const seen = new Set<string>();

  async function* convert(batch: readonly ScipDocument[]): AsyncIterable<OverlayFile> {
    const known = batch.flatMap((document) => {
      const path = (said?.root ?? '') + document.path;
      const blob = seen.has(path) ? undefined : blobs.get(path);
      if (blob === undefined) counts.unknown++;
      seen.add(path);
      return blob === undefined ? [] : [{ document, path, blob }];
    });
    const contents = await texts.read(known);
    for (const { document, path, blob } of known) {
      const bytes = contents.get(blob);
      const text = bytes === undefined ? undefined : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
      if (text === undefined || (document.text !== undefined && document.text !== '' && document.text !== text)) {
        counts.unknown++;
        continue;
      }
      const { overlay, lost } = overlayOfScip(document, { path, blob, text });
      counts.documents++;
      counts.lost += lost;
      yield overlay;
    }
  }

  async function* files(): AsyncIterable<OverlayFile> {
    let batch: ScipDocument[] = [];
    for await (const part of decodeScip(request.index)) {
      if (part.part === 'metadata') said = { metadata: part.metadata, root: rootOf(request.root, part.metadata.projectRoot, repository?.location ?? '') };
      else if (part.part === 'document') batch.push(part.document);
      if (batch.length < BATCH) continue;
      yield* convert(batch);
      batch = [];
    }
    yield* convert(batch);
  }

  let overlay: SnapshotOverlay;
  try {
    const { key } = await writeOverlay(ports, head.repository, files(), call);
    if (said === undefined) throw new CodeloomError('invalid-index', 'This is no SCIP index: it has no metadata.');
    if (counts.documents === 0) {
      throw new CodeloomError('invalid-index', `None of the ${counts.unknown} documents of the index is a file of the snapshot ${head.id}.`, {
        details: { documents: counts.unknown, root: said.root, hint: 'Name the folder that its paths are relative to: --root <folder>; and index the source that it was made of first: codeloom index' },
      });
    }
    overlay = { source: `scip:${said.metadata.tool.replace(/[^\w.+-]+/g, '_') || 'unknown'}`, version: said.metadata.toolVersion, root: said.root, key };
  } finally {
    await texts.close();
  }
  const others = (head.overlays ?? []).filter(({ source, root }) => source !== overlay.source || root !== overlay.root);
  const overlays = [...others, overlay].sort((a, b) => compareText(a.source, b.source) || compareText(a.root, b.root));
  const outcome = await runIndex(ports, await sameAgain(ports, { snapshot: head, location: repository.location, overlays, retention: request.retention }, call), options);
  return { ...outcome, imported: { source: overlay.source, version: overlay.version, root: overlay.root, ...counts } };
}

export interface DropImportRequest extends Omit<Target, 'snapshot'> {
  /** As an import said it: `scip:scip-go`. */
  readonly source: string;
  readonly retention?: Retention | undefined;
}

/** Takes what was imported from a source out of the newest snapshot of a branch again. Throws `invalid-argument` when there is nothing of it. */
export async function dropImport(ports: IndexingPorts & QueryPorts, request: DropImportRequest, options: RunIndexOptions): Promise<IndexOutcome> {
  const call: CallOptions = { signal: options.signal };
  const head = await chooseSnapshot(ports, { repository: request.repository, branch: request.branch }, call);
  const overlays = (head.overlays ?? []).filter(({ source }) => source !== request.source);
  if (overlays.length === (head.overlays ?? []).length) {
    const sources = (head.overlays ?? []).map(({ source }) => source);
    throw new CodeloomError('invalid-argument', `Nothing was imported from ${request.source}${sources.length === 0 ? '.' : `; these are there: ${sources.join(', ')}.`}`, { details: { source: request.source, sources } });
  }
  const [repository] = await ports.metadataStore.repositories([head.repository], call);
  if (repository === undefined) throw new CodeloomError('not-indexed', `Where ${head.repository} lies is not recorded; index it again.`, { details: { repository: head.repository } });
  return runIndex(ports, await sameAgain(ports, { snapshot: head, location: repository.location, overlays, retention: request.retention }, call), options);
}

/** Documents whose source is read at a time. */
const BATCH = 32;

interface Again {
  readonly snapshot: Snapshot;
  readonly location: string;
  readonly overlays: readonly SnapshotOverlay[];
  readonly retention: Retention | undefined;
}

/** The request that made a snapshot, with other overlays. */
async function sameAgain(ports: IndexingPorts, { snapshot, location, overlays, retention }: Again, options: CallOptions): Promise<IndexRequest> {
  const shape = await shapeOf(ports, snapshot, options);
  return {
    location, ref: snapshot.dirty ? undefined : snapshot.commit, branch: snapshot.branch, overlays, retention,
    ...(shape === undefined ? {} : { languages: shape.languages, include: shape.include, exclude: shape.exclude, maxFileBytes: shape.maxFileBytes }),
  };
}

/** With a slash at its end; empty for the whole. */
function rootOf(asked: string | undefined, projectRoot: string, location: string): string {
  const slashed = (path: string): string => path.replaceAll('\\', '/').replace(/^\.?\/+|\/+$/g, '').replace(/^\.$/, '');
  const folder = asked !== undefined ? slashed(asked) : within(slashed(pathOfUri(projectRoot)), slashed(location));
  return folder === '' ? '' : `${folder}/`;
}

function pathOfUri(uri: string): string {
  try {
    return decodeURIComponent(uri.replace(/^file:\/\/[^/]*/, '').replace(/^\/(?=[A-Za-z]:)/, ''));
  } catch {
    return uri;
  }
}

function within(folder: string, location: string): string {
  return location !== '' && folder.startsWith(`${location}/`) ? folder.slice(location.length + 1) : '';
}
