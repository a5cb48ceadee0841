import { createClient, ErrorReply, RESP_TYPES } from '@redis/client';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';

/** What the cache asks of Redis, each in one round trip. */
export interface RedisCommands {
  get(keys: readonly string[]): Promise<readonly (Buffer | null)[]>;
  set(key: string, value: string): Promise<void>;
  /** Sets those that are not there. */
  add(entries: readonly { readonly key: string; readonly value: Buffer | string }[], seconds?: number): Promise<void>;
}

export interface RedisConnection {
  /**
   * What `work` gives, or undefined where Redis cannot be used now: it is down, too slow, or refuses. Throws `aborted`, and `authentication-failed` when it has
   * not accepted the password from the first.
   */
  use<T>(signal: AbortSignal | undefined, work: (commands: RedisCommands) => Promise<T>): Promise<T | undefined>;
  close(): void;
}

export interface RedisConnectionRequest {
  readonly url: string;
  /** Milliseconds that connecting, or one piece of work, may take. */
  readonly timeoutMs: number;
  /** Told, once, why Redis is not used. */
  readonly onNote: (note: string) => void;
}

/** For so long a server that failed is left alone. */
const PAUSE_MS = 5000;

/** A connection that gives up rather than make anybody wait. Nothing is connected before the first use. */
export function openRedis({ url, timeoutMs, onNote }: RedisConnectionRequest): RedisConnection {
  const where = addressOf(url);
  let client: Client | undefined;
  let connecting: Promise<void> | undefined;
  let ever = false;
  let refused: CodeloomError | undefined;
  let downUntil = 0;
  let noted = false;
  let closed = false;

  function note(reason: string): void {
    if (noted) return;
    noted = true;
    onNote(`Redis at ${where} is not used as a cache for now: ${reason}. Facts come from the store behind it.`);
  }

  function drop(reason: string): void {
    client?.destroy();
    client = undefined;
    downUntil = Date.now() + PAUSE_MS;
    if (!closed) note(reason);
  }

  async function connect(): Promise<void> {
    const opened = newClient(url, timeoutMs);
    // Without a listener an error that concerns no command ends the process.
    opened.on('error', (error: unknown) => {
      if (client === opened) drop(reasonOf(error));
    });
    try {
      await within(timeoutMs, undefined, opened.connect());
      if (closed) opened.destroy();
      else client = opened;
      ever = true;
    } catch (error) {
      opened.destroy();
      if (!ever && isAuthentication(error)) refused = new CodeloomError('authentication-failed', `Redis at ${where} does not accept the name and password that its address has.`, { details: { server: where } });
      else drop(reasonOf(error));
    }
  }

  return {
    async use(signal, work) {
      throwIfAborted(signal);
      if (client === undefined && connecting === undefined && refused === undefined && Date.now() >= downUntil) connecting = connect().finally(() => (connecting = undefined));
      // Only the first connection is waited for: a server that comes back is used as soon as it is there.
      if (!ever && connecting !== undefined) await within(timeoutMs * 2, signal, connecting);
      if (refused !== undefined) throw refused;
      const used = client;
      if (used === undefined) return undefined;
      try {
        return await within(timeoutMs, signal, work(commandsOf(used)));
      } catch (error) {
        throwIfAborted(signal);
        // A refusal leaves the connection whole: no memory is left, or no right to the command.
        if (error instanceof ErrorReply) note(reasonOf(error));
        else if (client === used) drop(reasonOf(error));
        return undefined;
      }
    },

    close() {
      closed = true;
      if (client !== undefined) drop('');
    },
  };
}

type Client = ReturnType<typeof newClient>;

function newClient(url: string, timeoutMs: number) {
  return createClient({ url, disableOfflineQueue: true, socket: { connectTimeout: timeoutMs, reconnectStrategy: false } }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
}

function commandsOf(client: Client): RedisCommands {
  return {
    get: async (keys) => (keys.length === 0 ? [] : client.mGet([...keys])),
    async set(key, value) {
      await client.set(key, value);
    },
    async add(entries, seconds) {
      await Promise.all(entries.map(({ key, value }) => client.set(key, value, { condition: 'NX', ...(seconds === undefined ? {} : { expiration: { type: 'EX', value: seconds } as const }) })));
    },
  };
}

class TooSlow extends Error {}

/** What a promise gives in time. What it gives later, or fails with, is nobody's business any more. */
function within<T>(milliseconds: number, signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new CodeloomError('aborted', 'The operation was cancelled.', { cause: signal?.reason }));
    const timer = setTimeout(() => reject(new TooSlow(`no answer within ${milliseconds} ms`)), milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    });
  });
}

function isAuthentication(error: unknown): boolean {
  return error instanceof Error && /^(WRONGPASS|NOAUTH)\b|invalid password|without any password configured/i.test(error.message);
}

/** In few words, of which none is a secret: replies are cut to their code. */
function reasonOf(error: unknown): string {
  if (error instanceof TooSlow) return error.message;
  if (error instanceof ErrorReply) return `it answers ${/^[A-Z]+\b/.exec(error.message)?.[0] ?? 'with an error'}`;
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined; // NodeJS.ErrnoException
  return typeof code === 'string' ? `it cannot be reached (${code})` : 'the connection was lost';
}

/** Host and port, without name and password. */
function addressOf(url: string): string {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  // Without the address: it may hold a password.
  if (address === undefined || !/^rediss?:$/.test(address.protocol) || address.hostname === '') throw new CodeloomError('invalid-argument', 'The address of Redis is redis://[user:password@]host[:port][/database], or rediss:// with TLS.');
  return address.host;
}
