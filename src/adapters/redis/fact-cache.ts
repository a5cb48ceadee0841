import { randomBytes } from 'node:crypto';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { FactEntry, FactKey, FactStore } from '../../domain/ports/fact-store.js';
import { openRedis } from './connection.js';

export interface RedisFactCacheOptions {
  /** `redis://[user:password@]host[:port][/database]`, or `rediss://` with TLS. */
  readonly url: string;
  /** The store that holds what is cached. It belongs to the cache: closing that closes it. */
  readonly inner: FactStore;
  /** What all keys in Redis begin with; one for each inner store. Default: `codeloom`. */
  readonly prefix?: string;
  /** Larger entries are not cached. Default: 512 KiB. */
  readonly maxEntryBytes?: number;
  /** Seconds that an entry stays. Default: a day. */
  readonly ttlSeconds?: number;
  /** Milliseconds that Redis may take for an answer; then the inner store is asked. Default: 1000. */
  readonly timeoutMs?: number;
  /** Told, once, when Redis cannot be used, and why. Default: a warning of the process. */
  readonly onNote?: (note: string) => void;
}

const DEFAULT_MAX_ENTRY_BYTES = 512 << 10;
const DEFAULT_TTL_SECONDS = 86_400;
const DEFAULT_TIMEOUT_MS = 1000;
const KEYS_AT_ONCE = 32;
const BYTES_AT_ONCE = 4 << 20;

/**
 * A cache in front of a FactStore: bytes come from Redis where it has them, and go there when they are read or put. Which keys there are is always the inner
 * store's word. Redis may be down, slow or empty at any time: then the inner store does the work, and it is noted once. Only a password that Redis does not accept
 * when it is first asked is an error, `authentication-failed`: with it the cache would never work.
 *
 * Entries lie under a generation, which is replaced whenever something of their kind is pruned: what was pruned is not found any more, not even where it is
 * cached a moment later by somebody who had read it before. Where Redis cannot be told, an entry that was pruned may be given back until it expires.
 */
export function createRedisFactCache(options: RedisFactCacheOptions): FactStore {
  const { inner, prefix = 'codeloom', maxEntryBytes = DEFAULT_MAX_ENTRY_BYTES, ttlSeconds = DEFAULT_TTL_SECONDS, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds < 1) throw new CodeloomError('invalid-argument', `ttlSeconds is a whole number of 1 or more, not ${ttlSeconds}.`);
  const redis = openRedis({ url: options.url, timeoutMs, onNote: options.onNote ?? ((note) => process.emitWarning(note, { code: 'CODELOOM_REDIS' })) });
  /** Generations that are to be replaced, and that Redis could not be told. */
  const owed = new Set<string>();
  let closed: Promise<void> | undefined;

  function check(signal: AbortSignal | undefined): void {
    throwIfAborted(signal);
    if (closed !== undefined) throw new CodeloomError('store-unavailable', 'The fact store is closed.', { retryable: false });
  }

  /** Where entries of the keys lie at this moment; undefined where Redis cannot be used. */
  function namesOf(keys: readonly FactKey[], signal: AbortSignal | undefined): Promise<((key: FactKey) => string) | undefined> {
    return redis.use(signal, async (commands) => {
      for (const name of owed) {
        await commands.set(name, newGeneration());
        owed.delete(name);
      }
      const kinds = [...new Set(keys.map(kindOf))];
      const names = [ofAll, ...kinds.map(ofKind)];
      let found = await commands.get(names);
      if (found.includes(null)) {
        // Evicted or never there: a new one, so that nothing of an earlier one is found again.
        await commands.add(names.flatMap((key, index) => (found[index] === null ? [{ key, value: newGeneration() }] : [])));
        found = await commands.get(names);
      }
      const [all, ...rest] = found.map(String);
      const generations = new Map(kinds.map((kind, index) => [kind, `${all}.${rest[index]}`]));
      return (key: FactKey) => `${prefix}:${generations.get(kindOf(key))}:${key}`;
    });
  }
  const ofAll = `${prefix}:generation`;
  const ofKind = (kind: string): string => `${prefix}:generation:${kind}`;

  async function keep(entries: readonly FactEntry[], nameOf: (key: FactKey) => string, signal: AbortSignal | undefined): Promise<void> {
    for (const batch of bySize(entries.filter(({ key, bytes }) => bytes.length <= maxEntryBytes && isPlain(key)))) {
      const values = batch.map(({ key, bytes }) => ({ key: nameOf(key), value: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) }));
      if (await redis.use(signal, async (commands) => (await commands.add(values, ttlSeconds), true)) === undefined) return;
    }
  }

  return {
    capabilities: inner.capabilities,

    async has(keys, given) {
      check(given?.signal);
      return inner.has(keys, given);
    },

    async *get(keys, given) {
      const signal = given?.signal;
      check(signal);
      const wanted = [...new Set(keys)];
      const nameOf = wanted.length === 0 ? undefined : await namesOf(wanted, signal);
      const missing = new Set(wanted);
      if (nameOf !== undefined) {
        const plain = wanted.filter(isPlain);
        for (let start = 0; start < plain.length; start += KEYS_AT_ONCE) {
          const some = plain.slice(start, start + KEYS_AT_ONCE);
          const values = await redis.use(signal, (commands) => commands.get(some.map(nameOf)));
          if (values === undefined) break;
          const found = some.flatMap((key, index): FactEntry[] => {
            const value = values[index];
            return value === null || value === undefined ? [] : [{ key, bytes: new Uint8Array(value) }];
          });
          for (const { key } of found) missing.delete(key);
          if (found.length > 0) yield found;
          check(signal);
        }
      }
      if (missing.size === 0) return;
      for await (const entries of inner.get([...missing], given)) {
        // While the taker is at work. It may change its bytes, and they are sent as they are: these are copies.
        const kept = nameOf === undefined ? undefined : keep(entries.map(({ key, bytes }) => ({ key, bytes: bytes.slice() })), nameOf, undefined);
        yield entries;
        await kept;
        check(signal);
      }
    },

    async put(entries, given) {
      check(given?.signal);
      // Before the inner store has them: what is pruned from now on is not to be found under these names.
      const nameOf = entries.length === 0 ? undefined : await namesOf(entries.map(({ key }) => key), given?.signal);
      await inner.put(entries, given);
      if (nameOf !== undefined) await keep(entries, nameOf, undefined);
    },

    async prune(request, given) {
      check(given?.signal);
      const removed = await inner.prune(request, given);
      if (removed === 0) return 0;
      for (const each of request.prefixes) owed.add(each.includes('/') ? ofKind(kindOf(each)) : ofAll);
      await namesOf([], undefined);
      return removed;
    },

    close() {
      redis.close();
      return closed ??= inner.close();
    },
  };
}

/** What is before the first slash. */
function kindOf(key: FactKey): string {
  return key.slice(0, key.indexOf('/') + 1);
}

/** Half a surrogate pair becomes a replacement character on its way, and two keys one. */
function isPlain(key: FactKey): boolean {
  return !/\p{Surrogate}/u.test(key);
}

function newGeneration(): string {
  return randomBytes(9).toString('base64url');
}

function* bySize(entries: readonly FactEntry[]): Generator<readonly FactEntry[]> {
  let batch: FactEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (bytes + entry.bytes.length > BYTES_AT_ONCE && batch.length > 0) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += entry.bytes.length;
  }
  if (batch.length > 0) yield batch;
}
