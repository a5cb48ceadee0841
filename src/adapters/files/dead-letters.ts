import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodeloomError, throwIfAborted, type ErrorCode } from '../../domain/errors.js';
import type { DeadLetter, DeadLetters } from '../../domain/ports/dead-letters.js';

/** Dead letters in a folder, each a file of JSON, whole or not there. The folder is made when the first comes. */
export function createFileDeadLetters({ folder }: { readonly folder: string }): DeadLetters {
  const fileOf = ({ channel, notification }: Pick<DeadLetter, 'channel' | 'notification'>): string => join(folder, `${createHash('sha256').update(JSON.stringify([channel, notification.id])).digest('hex').slice(0, 32)}.json`);
  return {
    keep: (letter, options) => guarded(async () => {
      throwIfAborted(options?.signal);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const temporary = join(folder, `${randomUUID()}.part`);
      await writeFile(temporary, `${JSON.stringify(letter)}\n`, { mode: 0o600 });
      await rename(temporary, fileOf(letter));
    }),
    list: (options) => guarded(async () => {
      const letters: DeadLetter[] = [];
      for (const name of await readdir(folder).catch(whenAbsent([]))) {
        throwIfAborted(options?.signal);
        if (!name.endsWith('.json')) continue;
        const letter = readLetter(await readFile(join(folder, name), 'utf8').catch(whenAbsent('')));
        if (letter !== undefined) letters.push(letter);
      }
      return letters.sort((a, b) => (a.notification.at < b.notification.at ? -1 : 1));
    }),
    remove: (letter, options) => guarded(async () => {
      throwIfAborted(options?.signal);
      return rm(fileOf(letter)).then(() => true, whenAbsent(false));
    }),
  };
}

/** What somebody else put there is no letter. */
function readLetter(text: string): DeadLetter | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'channel' in value && 'notification' in value ? value as DeadLetter : undefined; // written by keep
  } catch {
    return undefined;
  }
}

function whenAbsent<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return value;
    throw error;
  };
}

const CODES: Readonly<Record<string, ErrorCode>> = { ENOSPC: 'store-full', EDQUOT: 'store-full', EROFS: 'store-read-only', EACCES: 'store-read-only', EPERM: 'store-read-only' };

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CodeloomError) throw error;
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? CODES[error.code] : undefined;
    throw new CodeloomError(code ?? 'store-unavailable', 'The folder of notifications that could not be sent cannot be used.', { cause: error });
  }
}
