import { constants, lstatSync, type BigIntStats } from 'node:fs';
import { open, readlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '../../domain/errors.js';

/** Something in a work tree, looked at without following a symbolic link anywhere below the tree's folder. */
export type WorkTreeThing =
  | { readonly kind: 'absent' } | { readonly kind: 'folder' } | { readonly kind: 'other' }
  | { readonly kind: 'file'; readonly stats: BigIntStats } | { readonly kind: 'symlink'; readonly stats: BigIntStats };

export interface WorkTreeFiles {
  /** What lies at a raw path (one character a byte, `/` between). A path that leads through a symbolic link or out of the tree is absent. */
  look(raw: string): WorkTreeThing;
  /**
   * The bytes of a file, or the target of a symbolic link, as they are now. Throws when it is anything else or cannot be read. Undefined when it is larger
   * than `maxBytes`.
   */
  read(raw: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** Hands a file's bytes over piece by piece; the size is that of the moment it was opened. Throws as `read` does. */
  stream(raw: string, take: (piece: Uint8Array, size: number) => void, signal?: AbortSignal): Promise<void>;
}

/** Opens no link, and does not wait for the other end of a pipe. Windows has neither flag; there, `look` comes first and is all there is. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export function openWorkTree(folder: string): WorkTreeFiles {
  const folders = new Map<string, boolean>([['', true]]);

  /** Whether a folder below the tree is one, reached through folders only. Remembered: a listing asks the same few for every file. */
  function isFolder(raw: string): boolean {
    const known = folders.get(raw);
    if (known !== undefined) return known;
    const slash = raw.lastIndexOf('/');
    const is = isFolder(slash < 0 ? '' : raw.slice(0, slash)) && (stats(raw)?.isDirectory() ?? false);
    folders.set(raw, is);
    return is;
  }

  function stats(raw: string): BigIntStats | undefined {
    try {
      return lstatSync(fileName(folder, raw), { bigint: true, throwIfNoEntry: false });
    } catch {
      return undefined;
    }
  }

  function look(raw: string): WorkTreeThing {
    if (!staysInside(raw)) return { kind: 'absent' };
    const slash = raw.lastIndexOf('/');
    if (!isFolder(slash < 0 ? '' : raw.slice(0, slash))) return { kind: 'absent' };
    const found = stats(raw);
    if (found === undefined) return { kind: 'absent' };
    if (found.isFile()) return { kind: 'file', stats: found };
    if (found.isSymbolicLink()) return { kind: 'symlink', stats: found };
    return { kind: found.isDirectory() ? 'folder' : 'other' };
  }

  async function withFile<T>(raw: string, use: (file: FileHandle, size: number) => Promise<T>): Promise<T> {
    const file = await open(fileName(folder, raw), OPEN_FLAGS);
    try {
      const now = await file.stat();
      if (!now.isFile()) throw new Error('This is not a regular file.');
      return await use(file, now.size);
    } finally {
      await file.close();
    }
  }

  async function read(raw: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const { kind } = look(raw);
    if (kind === 'symlink') return readlink(fileName(folder, raw), { encoding: 'buffer' });
    if (kind !== 'file') throw new Error(kind === 'absent' ? 'There is no such file.' : 'This is not a regular file.');
    return withFile(raw, async (file, size) => {
      if (size > maxBytes) return undefined;
      // One buffer of its own: it may travel to another thread.
      const bytes = new Uint8Array(size);
      for (let filled = 0; filled < size;) {
        const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
        if (bytesRead === 0) return bytes.slice(0, filled);
        filled += bytesRead;
      }
      return bytes;
    });
  }

  async function stream(raw: string, take: (piece: Uint8Array, size: number) => void, signal?: AbortSignal): Promise<void> {
    if (look(raw).kind !== 'file') throw new Error('This is not a regular file.');
    await withFile(raw, async (file, size) => {
      const buffer = new Uint8Array(1024 * 1024);
      for (let done = 0; done < size;) {
        throwIfAborted(signal);
        const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - done), done);
        if (bytesRead === 0) throw new Error('The file changed while it was read.');
        take(buffer.subarray(0, bytesRead), size);
        done += bytesRead;
      }
    });
  }

  return { look, read, stream };
}

/** A hostile index may hold any path. */
function staysInside(raw: string): boolean {
  if (raw === '' || raw.startsWith('/') || raw.includes('\0')) return false;
  if (process.platform === 'win32' && /[\\:]/.test(raw)) return false;
  return !raw.split('/').some((part) => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git');
}

/** Bytes where the path is not ASCII: only they name every file. Windows names files by text. */
function fileName(folder: string, raw: string): string | Buffer {
  if (!/[^\x00-\x7f]/.test(raw)) return join(folder, raw);
  const bytes = Buffer.from(raw, 'latin1');
  if (process.platform === 'win32') return join(folder, bytes.toString('utf8'));
  return Buffer.concat([Buffer.from(folder.endsWith('/') ? folder : `${folder}/`), bytes]);
}
