import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import { type Neo4jConnection, type RunStatement, whole } from './connection.js';

/**
 * One writer for each space, of all processes that share the database: a lease on the Space node. Whoever has died is taken over from when its lease has run out.
 * Each turn has a number (`fence`), and every transaction of the turn begins by locking the node and comparing it, so that a writer which only seemed dead
 * changes nothing any more; the transactions of a turn are numbered too, so that one whose acknowledgement was lost is not done twice.
 */
export interface SpaceWriter {
  /** Runs `work` alone in the space; waiters of this process in order. Throws `store-busy` when others keep the lease beyond the timeout. */
  run<T>(work: (turn: WriterTurn) => Promise<T>, options?: CallOptions): Promise<T>;
}

export interface WriterTurn {
  /** An earlier turn has begun a publication and not finished it. */
  readonly unfinished: boolean;
  /** A transaction of this turn. Throws `conflict` when the lease was lost. Gives undefined when it turns out to have been done already. */
  write<T>(work: (run: RunStatement) => Promise<T>, options?: CallOptions): Promise<T | undefined>;
  /** The last transaction of the turn, which also gives the lease back. */
  finish<T>(work: (run: RunStatement) => Promise<T>, options?: CallOptions): Promise<T | undefined>;
}

export interface WriterOptions {
  readonly space: string;
  /** Milliseconds after which a writer that was not heard of is taken for dead. */
  readonly lease: number;
  /** Milliseconds to wait for other writers. */
  readonly timeout: number;
}

export function createSpaceWriter(connection: Neo4jConnection, { space, lease, timeout }: WriterOptions): SpaceWriter {
  let last: Promise<unknown> = Promise.resolve();

  /** Takes the lease when it is free; undefined when it is not. */
  async function take(owner: string, options: CallOptions | undefined): Promise<{ fence: number; unfinished: boolean } | undefined> {
    const [row] = await connection.transaction((run) => run(
      `MERGE (w:Space {name: $space}) ON CREATE SET w.fence = 0, w.visible = 0
      SET w.asked = timestamp()
      WITH w WHERE coalesce(w.expires, 0) <= timestamp() OR w.owner = $owner
      SET w.owner = $owner, w.fence = w.fence + 1, w.turn = 0, w.expires = timestamp() + $lease
      RETURN w.fence, w.unfinished IS NOT NULL`,
      { space, owner, lease: whole(lease) },
    ), options);
    return row === undefined ? undefined : { fence: Number(row[0]), unfinished: row[1] === true };
  }

  async function acquire(owner: string, options: CallOptions | undefined): Promise<{ fence: number; unfinished: boolean }> {
    const deadline = Date.now() + timeout;
    for (let pause = 5; ; pause = Math.min(pause * 2, 250)) {
      throwIfAborted(options?.signal);
      // Looked at without a lock, save the first time: who waits must not slow down who writes.
      const [seen] = pause === 5 ? [] : await connection.read('MATCH (w:Space {name: $space}) RETURN w.expires > timestamp()', { space }, options);
      const taken = seen?.[0] === true ? undefined : await take(owner, options);
      if (taken !== undefined) return taken;
      if (Date.now() >= deadline) {
        throw new CodeloomError('store-busy', `Another process has been writing to the store for ${Math.round(timeout / 1000)} seconds; try again later.`, { details: { address: connection.address, space } });
      }
      await sleep(pause, undefined, options?.signal === undefined ? {} : { signal: options.signal }).catch(() => throwIfAborted(options?.signal));
    }
  }

  async function turnOf<T>(work: (turn: WriterTurn) => Promise<T>, options: CallOptions | undefined): Promise<T> {
    const { fence, unfinished } = await acquire(randomUUID(), options);
    let count = 0;
    let finished = false;
    const renewing = setInterval(() => {
      connection.transaction((run) => run(
        'MATCH (w:Space {name: $space}) WHERE w.fence = $fence AND w.owner IS NOT NULL SET w.expires = timestamp() + $lease', { space, fence: whole(fence), lease: whole(lease) },
      )).catch(() => undefined); // the next transaction of the turn tells
    }, lease / 3);
    renewing.unref();
    const write = <R>(transaction: (run: RunStatement) => Promise<R>, writing?: CallOptions): Promise<R | undefined> => {
      const number = ++count;
      return connection.transaction(async (run) => {
        // Sent together with what follows; setting locks the node before it is compared.
        const fenced = run(
          `MATCH (w:Space {name: $space}) SET w.expires = CASE WHEN w.fence = $fence THEN timestamp() + $lease ELSE w.expires END
          WITH w, w.turn AS done SET w.turn = CASE WHEN w.fence = $fence THEN $number ELSE done END RETURN w.fence = $fence, done`,
          { space, fence: whole(fence), number: whole(number), lease: whole(lease) },
        );
        fenced.catch(() => undefined);
        const outcome = transaction(run);
        outcome.catch(() => undefined);
        const [row] = await fenced;
        if (row?.[0] !== true) throw new CodeloomError('conflict', 'Another process took over the writing, since nothing was heard of this one for too long; publish again.', { details: { space } });
        if (Number(row[1]) >= number) throw DONE;
        return await outcome;
      }, writing).catch((error: unknown) => {
        if (error instanceof CodeloomError && error.cause === DONE_MARK) return undefined;
        throw error;
      });
    };
    try {
      return await work({
        unfinished, write,
        async finish(transaction, writing) {
          const result = await write(async (run) => {
            const [value] = await Promise.all([transaction(run), run(GIVE_BACK, { space, fence: whole(fence) })]);
            return value;
          }, writing);
          finished = true;
          return result;
        },
      });
    } finally {
      clearInterval(renewing);
      if (!finished) {
        // Whoever is killed here has its lease run out.
        await connection.transaction((run) => run(GIVE_BACK, { space, fence: whole(fence) })).catch(() => undefined);
      }
    }
  }

  return {
    run(work, options) {
      const signal = options?.signal;
      let begun = false;
      const turn = last.then(() => {
        begun = true;
        return turnOf(work, options);
      });
      last = turn.catch(() => undefined);
      // Who waits behind another and is told to stop does not wait to the end; nor, for long, for a server that is slow to clean up.
      return new Promise((resolve, reject) => {
        let waiting: NodeJS.Timeout | undefined;
        const onAbort = (): void => {
          waiting = setTimeout(() => reject(new CodeloomError('aborted', 'The operation was cancelled.', { cause: signal?.reason })), begun ? 500 : 0);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        void turn.then(resolve, reject).finally(() => {
          clearTimeout(waiting);
          signal?.removeEventListener('abort', onAbort);
        });
      });
    },
  };
}

const GIVE_BACK = 'MATCH (w:Space {name: $space}) WHERE w.fence = $fence REMOVE w.owner, w.expires';
const DONE_MARK = new Error('done before');
/** Rolls back a transaction that was done before. */
const DONE = new CodeloomError('internal', 'The transaction was done already.', { cause: DONE_MARK });
