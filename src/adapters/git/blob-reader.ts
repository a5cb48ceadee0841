import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfAborted } from '../../domain/errors.js';
import type { SourceBlob, SourceEntry } from '../../domain/ports/git-host.js';
import { blobId, formatOfId } from './blob-hash.js';
import { createByteReader, type ByteReader } from './byte-reader.js';
import type { GitCall, GitProcess, GitRunner } from './git-command.js';
import { gitFailure } from './git-failure.js';
import { RequestQueue, type BlobError } from './request-queue.js';

export interface BlobRequest {
  readonly entries: AsyncIterable<SourceEntry>;
  readonly call: GitCall;
  /** Content larger than this is refused, not read. */
  readonly maxBytes: number;
  /** The commit that was listed, if any: tells what a partial clone lacks. */
  readonly commit?: string | undefined;
}

/**
 * Blobs through one long-lived `git cat-file --batch`: ids go in, contents come out in the same order. Requests are pipelined up to a bound of bytes, and
 * answers are read no faster than they are taken. Content that does not hash to its id is `corrupt`: facts are kept by id and must be of that id. Git ends
 * when it meets certain damaged objects; the object is then an error, and another process goes on with the next.
 */
export async function* readBlobs(git: GitRunner, request: BlobRequest): AsyncGenerator<SourceBlob> {
  const { call, maxBytes, commit } = request;
  let promised: ReadonlySet<string> | undefined;
  const queue = new RequestQueue(request.entries, (entry) => {
    if (entry.kind === 'submodule' || !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(entry.blob) || /^0+$/.test(entry.blob)) return UNREADABLE;
    if (entry.size > maxBytes) return tooLarge(entry.size, maxBytes);
    return promised?.has(entry.blob) === true ? PROMISED : undefined;
  });
  try {
    while ((await queue.oldest()) !== undefined) {
      const process = git.start(['cat-file', '--batch'], call);
      try {
        queue.connect(process.child.stdin);
        yield* answers(queue, process, maxBytes);
        queue.disconnect();
        if (queue.idle()) continue;
        // It ended before it answered: the oldest request is what it fell over.
        const { code, text } = await process.exit;
        throwIfAborted(call.signal);
        const oldest = await queue.oldest();
        const lacking = asksRemote(text);
        if (oldest === undefined || !(lacking || names(text, oldest.entry.blob))) throw gitFailure({ command: 'cat-file', exitCode: code, text });
        queue.answered();
        yield { entry: oldest.entry, error: lacking ? PROMISED : CORRUPT };
        if (lacking && promised === undefined && commit !== undefined) promised = await lackingIds(git, commit, call);
      } finally {
        queue.disconnect();
        await process.stop();
      }
    }
  } catch (error) {
    throwIfAborted(call.signal);
    throw error;
  } finally {
    await queue.close();
  }
  throwIfAborted(call.signal);
}

/** What one process answers, until no request is left or it ends. */
async function* answers(queue: RequestQueue, process: GitProcess, maxBytes: number): AsyncGenerator<SourceBlob> {
  const reader = createByteReader(process.child.stdout);
  for (;;) {
    const question = await queue.oldest();
    if (question === undefined) return;
    const { entry } = question;
    const blob: SourceBlob | undefined = question.refused === undefined ? await answer(entry, reader, process, maxBytes) : { entry, error: question.refused };
    if (blob === undefined) return;
    queue.answered();
    yield blob;
  }
}

/** `<id> <type> <size>`, the bytes, a line feed; or `<id> missing`. Undefined when the process ended instead. */
async function answer(entry: SourceEntry, reader: ByteReader, process: GitProcess, maxBytes: number): Promise<SourceBlob | undefined> {
  const header = await reader.line();
  if (header === undefined) return undefined;
  const match = /^[0-9a-f]+ (\w+) (\d+)$/.exec(header);
  if (match === null) {
    // Git calls an object with a damaged header missing too, and says so on standard error before; two turns bring that in.
    await nextTurn();
    await nextTurn();
    return { entry, error: names(process.said(), entry.blob) ? CORRUPT : MISSING };
  }
  const size = Number(match[2]);
  if (match[1] !== 'blob' || size > maxBytes) {
    if (!(await reader.skip(size + 1))) return undefined;
    return { entry, error: match[1] === 'blob' ? tooLarge(size, maxBytes) : CORRUPT };
  }
  const bytes = await reader.bytes(size);
  if (bytes === undefined || !(await reader.skip(1))) return undefined;
  return blobId(bytes, formatOfId(entry.blob)) === entry.blob ? { entry, bytes } : { entry, error: CORRUPT };
}

/** Whether Git failed because it wanted an object from the remote of a partial clone, which it may not ask. */
export function asksRemote(text: string): boolean {
  return /from promisor remote|transport '[^']*' not allowed/.test(text);
}

/** Git names an object by its id, or by its file. */
function names(text: string, id: string): boolean {
  return text.includes(id) || text.includes(`${id.slice(0, 2)}/${id.slice(2)}`);
}

const MISSING: BlobError = { code: 'missing', message: 'The repository lacks this object.' };
const PROMISED: BlobError = { code: 'missing', message: 'This is a partial clone and the object is still at its remote. Fetch it with: git fetch --refetch.' };
const CORRUPT: BlobError = { code: 'corrupt', message: 'The object is damaged. Check the repository with: git fsck.' };
const UNREADABLE: BlobError = { code: 'unreadable', message: 'This entry has no content that can be read.' };

export function tooLarge(size: number, maxBytes: number): BlobError {
  return { code: 'too-large', message: `${size} bytes, and at most ${maxBytes} are read.` };
}

/** What a partial clone lacks of a commit, without asking its remote. */
async function lackingIds(git: GitRunner, commit: string, call: GitCall): Promise<ReadonlySet<string>> {
  const listing = await git.run(['rev-list', '--objects', '--no-walk', '--missing=print', '--no-object-names', commit], call);
  return new Set(listing.split('\n').filter((line) => line.startsWith('?')).map((line) => line.slice(1)));
}
