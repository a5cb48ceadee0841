import type { SourceBlob, SourceEntry } from '../../domain/ports/git-host.js';
import { throwIfAborted } from '../../domain/errors.js';
import { blobId, formatOfId } from './blob-hash.js';
import { readBlobs, tooLarge, type BlobRequest } from './blob-reader.js';
import type { GitRunner } from './git-command.js';
import { withLineFeeds } from './line-endings.js';
import { rawPaths } from './path-text.js';
import { openWorkTree, type WorkTreeFiles } from './work-tree-file.js';

/**
 * The content of a work tree's files. What the object store has under an entry's id is read there: it is that content by definition, and no file can change
 * meanwhile. What it lacks is read from the file itself, and given only if it still hashes to the id it was listed with.
 */
export async function* readWorkTree(git: GitRunner, request: BlobRequest & { readonly folder: string }): AsyncGenerator<SourceBlob> {
  const files = openWorkTree(request.folder);
  for await (const blob of readBlobs(git, request)) {
    const inStore = !('error' in blob) || blob.error.code === 'too-large' || blob.entry.kind === 'submodule';
    yield inStore ? blob : await readFile(files, blob.entry, request);
  }
}

async function readFile(files: WorkTreeFiles, entry: SourceEntry, request: BlobRequest): Promise<SourceBlob> {
  let reason = 'There is no such file.';
  for (const raw of rawPaths(entry.path)) {
    try {
      const content = await files.read(raw, request.maxBytes);
      if (content === undefined) return { entry, error: tooLarge(entry.size, request.maxBytes) };
      const bytes = matching(content, entry.blob);
      if (bytes !== undefined) return { entry, bytes };
      reason = 'The file changed after it was listed.';
    } catch (error) {
      throwIfAborted(request.call.signal);
      if (reason === 'There is no such file.' && error instanceof Error) reason = plainReason(error);
    }
  }
  return { entry, error: { code: 'unreadable', message: reason } };
}

/** The content as it is, or as Git would store it; whichever has the id. */
function matching(content: Uint8Array, id: string): Uint8Array | undefined {
  const format = formatOfId(id);
  if (blobId(content, format) === id) return content;
  const clean = withLineFeeds(content);
  return blobId(clean, format) === id ? clean : undefined;
}

/** Without the absolute path that Node puts into its messages. */
function plainReason(error: Error & { readonly code?: string }): string {
  if (error.code === 'EACCES' || error.code === 'EPERM') return 'The file may not be read by this user.';
  if (error.code === 'ELOOP' || error.code === 'ENOENT' || error.code === 'ENOTDIR') return 'There is no such file.';
  return error.code === undefined ? error.message : `The file cannot be read (${error.code}).`;
}
