import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import { compareText } from '../../domain/partition.js';
import type { FactEntry, FactKey, FactStore } from '../../domain/ports/fact-store.js';
import { endOfPrefix, fromStored, isOdd, ODD_MARK, toStored } from '../../domain/stored-text.js';
import type { SqlParameter, SqlRow } from './connection.js';
import type { PostgresDatabase } from './database.js';

const KEYS_PER_QUERY = 5000;
const ENTRIES_PER_BATCH = 64;
/** Bytes from which an entry is packed, and from which on zlib's threads: below, handing it over costs more than the packing. */
const PACK_FROM = 1024;
const PACK_ELSEWHERE_FROM = 64 << 10;
/** Bytes sent in one statement; a statement has at most 1 GB, and a larger entry is one by itself. */
const BYTES_PER_STATEMENT = 8 << 20;

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Facts in PostgreSQL. `now` decides when an entry was put; `release` is called once, when the store closes. */
export function createPostgresFactStore({ database, now, release }: { database: PostgresDatabase; now: () => Date; release: () => Promise<void> }): FactStore {
  const { schema } = database;
  let closed: Promise<void> | undefined;

  function check(signal: AbortSignal | undefined): void {
    throwIfAborted(signal);
    if (closed !== undefined) throw new CodeloomError('store-unavailable', 'The fact store is closed.', { retryable: false });
  }

  /** Keys that begin with any of some stored texts, put before a moment, page by page; some more than once. */
  async function* beginningWith(prefixes: readonly string[], olderThan: Date, signal: AbortSignal | undefined): AsyncGenerator<readonly string[]> {
    const ranges = prefixes.map((prefix) => [prefix, endOfPrefix(prefix)] as const);
    const bounded = ranges.filter((range): range is readonly [string, string] => range[1] !== undefined);
    if (bounded.length > 0) {
      const [starts, ends] = [bounded.map(([start]) => start), bounded.map(([, end]) => end)];
      yield* pages('unnest($3::text[], $4::text[]) AS asked(first, beyond)', 'key >= first AND key < beyond', { parameters: [starts, ends], olderThan, signal });
    }
    for (const [start, end] of ranges) if (end === undefined) yield* pages('(SELECT $3::text AS first) AS asked', 'key >= first', { parameters: [start], olderThan, signal });
  }

  /** Each begins behind the last key of the one before. A range at a time, by the index: joined, all keys would be held against all ranges. */
  async function* pages(
    asked: string, condition: string, { parameters, olderThan, signal }: { readonly parameters: readonly SqlParameter[]; readonly olderThan: Date; readonly signal: AbortSignal | undefined },
  ): AsyncGenerator<readonly string[]> {
    const one = `SELECT key FROM ${schema}.fact WHERE ${condition} AND key > $1 AND put_at < $2 ORDER BY key LIMIT ${KEYS_PER_QUERY}`;
    for (let after = ''; ;) {
      check(signal);
      const rows = await database.all(`SELECT key FROM ${asked} CROSS JOIN LATERAL (${one}) AS found ORDER BY key LIMIT ${KEYS_PER_QUERY}`, [after, olderThan, ...parameters], signal);
      const keys = rows.map(([key]) => String(key));
      if (keys.length > 0) yield keys;
      after = keys.at(-1) ?? '';
      if (keys.length < KEYS_PER_QUERY) return;
    }
  }

  return {
    capabilities: { durable: true, shared: true },

    async has(keys, options) {
      check(options?.signal);
      const found = new Set<FactKey>();
      for (let start = 0; start < keys.length; start += KEYS_PER_QUERY) {
        check(options?.signal);
        const rows = await database.all(`SELECT key FROM ${schema}.fact WHERE key = ANY($1::text[])`, [keys.slice(start, start + KEYS_PER_QUERY).map(toStored)], options?.signal);
        for (const [key] of rows) found.add(fromStored(key));
      }
      return found;
    },

    async *get(keys, options) {
      check(options?.signal);
      const wanted = [...new Set(keys)];
      for (let start = 0; start < wanted.length; start += ENTRIES_PER_BATCH) {
        check(options?.signal);
        const rows = await database.all(`SELECT key, packed, bytes FROM ${schema}.fact WHERE key = ANY($1::text[])`, [wanted.slice(start, start + ENTRIES_PER_BATCH).map(toStored)], options?.signal);
        if (rows.length > 0) yield await Promise.all(rows.map(entryFrom));
      }
    },

    async put(entries, options) {
      check(options?.signal);
      // In one order, so that two who put at once do not wait for each other.
      const first = new Map<FactKey, FactEntry>();
      for (const entry of entries) if (!first.has(entry.key)) first.set(entry.key, entry);
      const sorted = [...first.values()].sort((a, b) => compareText(a.key, b.key));
      for (const batch of bySize(sorted)) {
        check(options?.signal);
        const putAt = now();
        const rows = await Promise.all(batch.map((entry) => rowOf(entry, putAt)));
        // Parameters one by one: bytes in an array would go over as hexadecimal text.
        const values = rows.map((_, row) => `($${row * 4 + 1}, $${row * 4 + 2}, $${row * 4 + 3}, $${row * 4 + 4})`).join(', ');
        await database.all(`INSERT INTO ${schema}.fact (key, put_at, packed, bytes) VALUES ${values} ON CONFLICT DO NOTHING`, rows.flat(), options?.signal);
      }
    },

    async prune({ prefixes, keep, olderThan }, options) {
      check(options?.signal);
      let removed = 0;
      const remove = async (stored: readonly string[], doomed: (key: FactKey) => boolean): Promise<void> => {
        const keys = stored.filter((key) => doomed(fromStored(key)));
        if (keys.length === 0) return;
        const rows = await database.all(`DELETE FROM ${schema}.fact WHERE key = ANY($1::text[]) AND put_at < $2 RETURNING 1`, [keys, olderThan], options?.signal);
        removed += rows.length;
      };
      if (prefixes.length === 0) return 0;
      const begins = (key: FactKey): boolean => prefixes.some((prefix) => key.startsWith(prefix));
      for await (const keys of beginningWith(prefixes.filter((prefix) => !isOdd(prefix)), olderThan, options?.signal)) await remove(keys, (key) => !keep.has(key));
      // Keys that are stored as something else all begin with the same mark.
      for await (const keys of beginningWith([ODD_MARK], olderThan, options?.signal)) await remove(keys, (key) => !keep.has(key) && begins(key));
      return removed;
    },

    close() {
      return closed ??= release();
    },
  };
}

function* bySize(entries: readonly FactEntry[]): Generator<readonly FactEntry[]> {
  let batch: FactEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    batch.push(entry);
    bytes += entry.bytes.length;
    if (bytes < BYTES_PER_STATEMENT && batch.length < ENTRIES_PER_BATCH) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  // By powers of two, so that few statements have to be prepared.
  for (let start = 0; start < batch.length;) {
    const size = 2 ** Math.floor(Math.log2(batch.length - start));
    yield batch.slice(start, start + size);
    start += size;
  }
}

async function rowOf({ key, bytes }: FactEntry, putAt: Date): Promise<SqlParameter[]> {
  if (bytes.length >= PACK_FROM) {
    const packed = bytes.length < PACK_ELSEWHERE_FROM ? deflateRawSync(bytes, { level: 1 }) : await deflate(bytes, { level: 1 });
    if (packed.length < bytes.length) return [toStored(key), putAt, true, packed];
  }
  return [toStored(key), putAt, false, Uint8Array.from(bytes)];
}

async function entryFrom([stored, packed, bytes]: SqlRow): Promise<FactEntry> {
  const key = fromStored(stored);
  if (!(bytes instanceof Uint8Array)) throw new CodeloomError('store-corrupt', `The entry ${key} has no content.`);
  if (packed !== true) return { key, bytes };
  try {
    return { key, bytes: bytes.length < PACK_ELSEWHERE_FROM ? inflateRawSync(bytes) : await inflate(bytes) };
  } catch (error) {
    throw new CodeloomError('store-corrupt', `The entry ${key} cannot be unpacked.`, { cause: error });
  }
}
