import { CodeloomError } from '../../domain/errors.js';
import { decodeFacts } from '../../domain/facts-codec.js';
import type { FileFacts } from '../../domain/file-facts.js';
import type { LineColumn, NamePlace } from '../../domain/name-place.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { GitHost, Revision, SourceEntry } from '../../domain/ports/git-host.js';
import type { Snapshot } from '../../domain/snapshot.js';
import type { ListedFile } from '../source-listing.js';
import type { LinkedPorts } from './linked-snapshot.js';

/** What stands at a place of a file, and whether its source could be read for that. */
export type PlaceInSource =
  | { readonly read: true; readonly name: NamePlace | undefined }
  | { readonly read: false; readonly why: string };

/** Reads a file of a snapshot anew, and finds the name at a place of it. `facts` are those of the snapshot: a source that gives others is another one. */
export async function placeInSource(
  ports: LinkedPorts, request: { readonly snapshot: Snapshot; readonly file: ListedFile; readonly facts: FileFacts; readonly place: LineColumn }, options: CallOptions,
): Promise<PlaceInSource> {
  const { snapshot, file, facts, place } = request;
  if (ports.parser.locate === undefined) return { read: false, why: 'this parser does not look for names' };
  const source = await readSource(ports, snapshot, file, options);
  if ('why' in source) return { read: false, why: source.why };
  const { facts: read, name } = await ports.parser.locate({ key: file.path, language: file.language, bytes: source.bytes }, place, options);
  // another version of the parser numbers what it reads in another way
  return JSON.stringify(decodeFacts(read)) === JSON.stringify(facts) ? { read: true, name } : { read: false, why: 'the source now reads differently than when it was indexed' };
}

/** The content of a file at the snapshot's commit, or as it stands in the work tree. */
async function readSource({ metadataStore, gitHost }: LinkedPorts, snapshot: Snapshot, file: ListedFile, options: CallOptions): Promise<{ readonly bytes: Uint8Array } | { readonly why: string }> {
  const [repository] = await metadataStore.repositories([snapshot.repository], options);
  if (repository === undefined) return { why: 'where the repository lies is not recorded' };
  let why = 'the source is no longer as it was indexed';
  // content is asked for by its hash, so that the first that is there is the one
  for (const ref of snapshot.commit === undefined ? [undefined] : [snapshot.commit, undefined]) {
    try {
      const revision = await gitHost.resolve({ location: repository.location, ref }, options);
      try {
        const bytes = await readEntry(gitHost, revision, { path: file.path, blob: file.blob, size: file.size, kind: 'file' }, options);
        if (bytes !== undefined) return { bytes };
      } finally {
        await gitHost.release(revision);
      }
    } catch (caught) {
      const error = CodeloomError.from(caught);
      if (error.code === 'aborted' || error.code === 'internal') throw error;
      why = error.message;
    }
  }
  return { why };
}

async function readEntry(gitHost: GitHost, revision: Revision, entry: SourceEntry, options: CallOptions): Promise<Uint8Array | undefined> {
  async function* wanted(): AsyncIterable<SourceEntry> {
    yield entry;
  }
  let bytes: Uint8Array | undefined;
  for await (const source of gitHost.read(revision, wanted(), options)) if ('bytes' in source) bytes = source.bytes;
  return bytes;
}
