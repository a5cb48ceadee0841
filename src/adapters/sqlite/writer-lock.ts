import { setTimeout as sleep } from 'node:timers/promises';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { SqliteConnection, SqliteDriver } from './driver.js';

/**
 * The lock under which a database is written and checkpointed, by one connection of one process at a time. SQLite before 3.51.3 can lose a WAL's content
 * when one connection writes while another checkpoints; no two do so here.
 *
 * It is a write lock on a second, empty SQLite file that never gets any content: the operating system drops it when its process dies, however it dies,
 * so there is no stale lock to detect. Like all of SQLite's locks it holds between processes of one machine, not over a network file system.
 */
export interface WriterLock {
  /** Runs `work` alone; waiters of this process in order. Throws `store-busy` when others keep the lock beyond `timeout`, `aborted`. */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  close(): void;
}

/** `timeout`: milliseconds to wait for other processes. */
export function createWriterLock({ driver, file, timeout }: { driver: SqliteDriver; file: string; timeout: number }): WriterLock {
  let connection: SqliteConnection | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function acquire(signal: AbortSignal | undefined): Promise<SqliteConnection> {
    if (connection === undefined) {
      connection = driver.open(file, 'read-write');
      // Waiting is done between attempts, so that this thread goes on meanwhile.
      connection.exec('PRAGMA busy_timeout = 0');
    }
    const deadline = Date.now() + timeout;
    for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
      throwIfAborted(signal);
      try {
        connection.exec('BEGIN IMMEDIATE');
        return connection;
      } catch (error) {
        if (!(error instanceof CodeloomError) || error.code !== 'store-busy') throw error;
        if (Date.now() >= deadline) {
          throw new CodeloomError('store-busy', `Another process has been writing to the store for ${Math.round(timeout / 1000)} seconds; try again later.`, { cause: error, details: { file } });
        }
      }
      await sleep(pause);
    }
  }

  return {
    run(work, signal) {
      const turn = last.then(async () => {
        const held = await acquire(signal);
        try {
          return await work();
        } finally {
          held.exec('ROLLBACK');
        }
      });
      last = turn.catch(() => undefined);
      return turn;
    },
    close() {
      connection?.close();
      connection = undefined;
    },
  };
}
