import { setTimeout as sleep } from 'node:timers/promises';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { PostgresConnection } from './connection.js';

export interface PinnedConnection {
  readonly connection: PostgresConnection;
  /** May be called more than once. */
  release(): Promise<void>;
}

type Look<T> = (connection: Pick<PostgresConnection, 'all'>) => Promise<T>;

interface Pin {
  readonly connection: PostgresConnection;
  readonly end: () => Promise<void>;
  users: number;
}

/** Milliseconds between two looks for a free connection. */
const PAUSE = 20;

/**
 * Transactions that go on seeing one state, at most `most` at once. Beyond that they are shared: whatever is immutable reads alike in every state that has it, so a
 * reader may join any transaction in which it finds what it looks for. Without that, tasks that each hold one reader and open a second would wait for each other.
 */
export function createPins({ most, patience, begin }: {
  most: number; patience: number; begin: (signal: AbortSignal | undefined) => Promise<{ readonly connection: PostgresConnection; readonly end: () => Promise<void> }>;
}): {
  /** `look` throws when what it looks for is not there. `now` sees the newest state. Throws `store-busy` when no connection comes free in time. */
  pin<T>(look: Look<T>, now: Pick<PostgresConnection, 'all'>, signal: AbortSignal | undefined): Promise<PinnedConnection & { readonly found: T }>;
  close(): Promise<void>;
} {
  const pins = new Set<Pin>();
  let beginning = 0;

  async function leave(pin: Pin): Promise<void> {
    if (--pin.users > 0 || !pins.delete(pin)) return;
    await pin.end();
  }

  async function use<T>(pin: Pin, look: Look<T>): Promise<PinnedConnection & { readonly found: T }> {
    pin.users++;
    let released = false;
    try {
      return {
        connection: pin.connection, found: await look(pin.connection),
        async release() {
          if (released) return;
          released = true;
          await leave(pin);
        },
      };
    } catch (error) {
      await leave(pin);
      throw error;
    }
  }

  async function own<T>(look: Look<T>, signal: AbortSignal | undefined): Promise<PinnedConnection & { readonly found: T }> {
    beginning++;
    let pin: Pin;
    try {
      pin = { ...(await begin(signal)), users: 0 };
      pins.add(pin);
    } finally {
      beginning--;
    }
    return use(pin, look);
  }

  return {
    async pin(look, now, signal) {
      const deadline = Date.now() + patience;
      for (;;) {
        throwIfAborted(signal);
        if (pins.size + beginning < most) return own(look, signal);
        // An older state may still have what is gone by now; this looks at the newest, and throws.
        await look(now);
        for (const pin of [...pins].sort((a, b) => a.users - b.users)) {
          if (pin.connection.broken || !pins.has(pin)) continue;
          const shared = await use(pin, look).catch((error: unknown) => {
            if (error instanceof CodeloomError && error.code === 'unknown-snapshot') return undefined;
            throw error;
          });
          if (shared !== undefined) return shared;
        }
        if (Date.now() >= deadline) {
          throw new CodeloomError('store-busy', `All ${most} connections for readers have been in use for ${Math.round(patience / 1000)} seconds; close readers, or allow more connections.`);
        }
        await sleep(PAUSE);
      }
    },

    async close() {
      const left = [...pins];
      pins.clear();
      await Promise.all(left.map((pin) => pin.end()));
    },
  };
}
