import { CodeloomError } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { GitHost, Revision, SourceEntry } from '../../domain/ports/git-host.js';
import type { Repository } from '../../domain/repository.js';
import type { Snapshot } from '../../domain/snapshot.js';

/** Contents of a snapshot's files, read anew. */
export interface SnapshotTexts {
  /** By blob, those that can be had: at the snapshot's commit, or in the work tree as it stands. */
  read(files: readonly { readonly path: string; readonly blob: string }[]): Promise<ReadonlyMap<string, Uint8Array>>;
  close(): Promise<void>;
}

/** Nothing is read, and Git not asked, before the first `read`. What cannot be read is left out, whatever the reason. */
export function openSnapshotTexts(gitHost: () => Promise<GitHost>, { repository, snapshot }: { readonly repository: Repository; readonly snapshot: Snapshot }, options: CallOptions): SnapshotTexts {
  // content is asked for by its hash, so that the first that is there is the one
  const refs = snapshot.commit === undefined ? [undefined] : [snapshot.commit, undefined];
  const opened = new Map<string | undefined, Promise<Revision | undefined>>();
  const open = (ref: string | undefined): Promise<Revision | undefined> => {
    const known = opened.get(ref) ?? gitHost().then((host) => host.resolve({ location: repository.location, ref }, options)).catch(unreadable);
    opened.set(ref, known);
    return known;
  };
  return {
    async read(files) {
      const found = new Map<string, Uint8Array>();
      const wanted = new Map(files.map(({ path, blob }): [string, SourceEntry] => [blob, { path, blob, size: 0, kind: 'file' }]));
      for (const ref of refs) {
        const missing = [...wanted.values()].filter(({ blob }) => !found.has(blob));
        const revision = missing.length === 0 ? undefined : await open(ref);
        if (revision === undefined) continue;
        try {
          for await (const source of (await gitHost()).read(revision, entries(missing), options)) if ('bytes' in source) found.set(source.entry.blob, source.bytes);
        } catch (error) {
          unreadable(error);
        }
      }
      return found;
    },
    async close() {
      for (const revision of await Promise.all(opened.values())) if (revision !== undefined) await (await gitHost()).release(revision);
    },
  };
}

async function* entries(list: readonly SourceEntry[]): AsyncIterable<SourceEntry> {
  yield* list;
}

function unreadable(caught: unknown): undefined {
  const error = CodeloomError.from(caught);
  if (error.code === 'aborted' || error.code === 'internal') throw error;
  return undefined;
}
