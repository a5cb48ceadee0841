import { ClassicLevel } from 'classic-level';
import { CodeloomError, throwIfAborted } from 'codeloom';
import { key } from './key.js';

export type Level = ClassicLevel<Buffer, string>;

/** One LevelDB in a folder, and what its stores have in common: errors, closing, cancellation, one writer at a time. */
export interface Database {
  readonly level: Level;
  /** Throws `aborted` when the signal has fired, `store-unavailable` when the database is closed. */
  check(signal: AbortSignal | undefined): void;
  /** Does some work; what LevelDB throws becomes a CodeloomError, everything else stays what it is. */
  attempt<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>;
  /** The same for work that reads and then writes: one such at a time. */
  alone<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>;
  /** The same for a stream of batches. */
  stream<T>(signal: AbortSignal | undefined, work: () => AsyncIterable<T>): AsyncIterable<T>;
  close(): Promise<void>;
}

/** What a database's rows look like. Raised with every change of the keys or values. */
const LAYOUT = 1;

/** Opens or makes the database in a folder. Errors: `store-busy` (another process has it), `store-too-new`, `store-corrupt`, `store-unavailable`. */
export async function openDatabase(folder: string): Promise<Database> {
  const level: Level = new ClassicLevel<Buffer, string>(folder, { keyEncoding: 'buffer', valueEncoding: 'utf8' });
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  function check(signal: AbortSignal | undefined): void {
    throwIfAborted(signal);
    if (closed) throw new CodeloomError('store-unavailable', 'The store is closed.', { retryable: false });
  }

  async function attempt<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    check(signal);
    try {
      return await work();
    } catch (error) {
      throw translated(error);
    }
  }

  const database: Database = {
    level,
    check,
    attempt,
    alone(signal, work) {
      const turn = last.then(() => attempt(signal, work));
      last = turn.catch(() => undefined);
      return turn;
    },
    async *stream(signal, work) {
      check(signal);
      try {
        for await (const batch of work()) {
          check(signal);
          yield batch;
        }
      } catch (error) {
        throw translated(error);
      }
    },
    async close() {
      closed = true;
      await last;
      await level.close();
    },
  };

  await attempt(undefined, async () => {
    await level.open();
    const layout = await level.get(key('layout'));
    if (layout === undefined) await level.put(key('layout'), String(LAYOUT));
    else if (Number(layout) > LAYOUT) {
      await level.close();
      throw new CodeloomError('store-too-new', `The store in ${folder} was written by a newer version (layout ${layout}, this one knows ${LAYOUT}).`);
    }
  });
  return database;
}

/** https://github.com/Level/classic-level#errors lists the codes. */
function translated(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!(error instanceof Error) || !code.startsWith('LEVEL_')) return error;
  const cause = error.cause instanceof Error ? error.cause : error;
  const reason = 'code' in cause ? String(cause.code) : code;
  if (reason === 'LEVEL_LOCKED') return new CodeloomError('store-busy', 'Another process has the store open.', { cause: error });
  if (reason === 'LEVEL_CORRUPTION') return new CodeloomError('store-corrupt', 'LevelDB finds its files damaged.', { cause: error });
  if (/No space left/i.test(cause.message)) return new CodeloomError('store-full', 'There is no space left for the store.', { cause: error });
  if (/Permission denied|Read-only file system/i.test(cause.message)) return new CodeloomError('store-read-only', 'The store cannot be written to.', { cause: error });
  return new CodeloomError('store-unavailable', `LevelDB does not answer: ${cause.message}`, { cause: error });
}
