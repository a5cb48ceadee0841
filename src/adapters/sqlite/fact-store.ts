import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { FactEntry, FactKey, FactStore } from '../../domain/ports/fact-store.js';
import { fromStored, isOdd, ODD_MARK, toStored } from '../../domain/stored-text.js';
import { giveBackSpace, type SqliteDatabase } from './database.js';
import type { SqliteConnection, SqlRow } from './driver.js';

const KEYS_PER_QUERY = 2000;
const ENTRIES_PER_BATCH = 32;
/** Bytes from which an entry is packed, and from which on zlib's threads: below, handing it over costs more than the packing. */
const PACK_FROM = 1024;
const PACK_ELSEWHERE_FROM = 64 << 10;
/** Bytes put in one transaction. */
const BYTES_PER_WRITE = 16 << 20;

const deflate = promisify(deflateRaw);

/** Facts in facts.db. `now` decides when an entry was put; `release` is called once, when the store closes. */
export function createSqliteFactStore({ database, now, release }: { database: SqliteDatabase; now: () => Date; release: () => Promise<void> }): FactStore {
  let closed: Promise<void> | undefined;

  function check(signal: AbortSignal | undefined): void {
    throwIfAborted(signal);
    if (closed !== undefined) throw new CodeloomError('store-unavailable', 'The fact store is closed.', { retryable: false });
  }

  return {
    capabilities: { durable: true, shared: true },

    async has(keys, options) {
      check(options?.signal);
      const found = new Set<FactKey>();
      for (let start = 0; start < keys.length; start += KEYS_PER_QUERY) {
        check(options?.signal);
        const some = keys.slice(start, start + KEYS_PER_QUERY);
        // Their places as one value: a row for each costs more than finding it.
        const [row] = database.read((connection) => connection.all('SELECT json_group_array(j.key) FROM json_each(?) j CROSS JOIN fact f ON f.key = j.value', [JSON.stringify(some.map(toStored))]));
        for (const place of JSON.parse(String(row?.[0])) as number[]) found.add(some[place] ?? ''); // as the statement makes it
      }
      return found;
    },

    async *get(keys, options) {
      check(options?.signal);
      const wanted = [...new Set(keys)];
      for (let start = 0; start < wanted.length; start += ENTRIES_PER_BATCH) {
        check(options?.signal);
        const some = JSON.stringify(wanted.slice(start, start + ENTRIES_PER_BATCH).map(toStored));
        const rows = database.read((connection) => connection.all('SELECT f.key, f.packed, f.bytes FROM json_each(?) j CROSS JOIN fact f ON f.key = j.value', [some]));
        if (rows.length > 0) yield rows.map(entryFrom);
      }
    },

    async put(entries, options) {
      check(options?.signal);
      for (const batch of bySize(entries)) {
        check(options?.signal);
        const putAt = now().getTime();
        // Packed before the lock is taken.
        const rows = await Promise.all(batch.map((entry) => rowOf(entry, putAt)));
        await database.write((connection) => {
          for (const row of rows) connection.run('INSERT INTO fact (key, put_at, packed, bytes) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING', row);
        }, options?.signal);
      }
    },

    async prune({ prefixes, keep, olderThan }, options) {
      check(options?.signal);
      if (prefixes.length === 0) return 0;
      return database.write((connection) => {
        const doomed = new Set<number>();
        for (const prefix of prefixes) {
          throwIfAborted(options?.signal);
          for (const [fid, stored] of isOdd(prefix) ? [] : beginningWith(connection, prefix, olderThan)) if (!keep.has(fromStored(stored))) doomed.add(Number(fid));
        }
        // Keys that are stored as something else all begin with the same mark.
        for (const [fid, stored] of beginningWith(connection, ODD_MARK, olderThan)) {
          const key = fromStored(stored);
          if (!keep.has(key) && prefixes.some((prefix) => key.startsWith(prefix))) doomed.add(Number(fid));
        }
        remove(connection, [...doomed], options?.signal);
        return doomed.size;
      }, options?.signal);
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
    if (bytes < BYTES_PER_WRITE) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

async function rowOf({ key, bytes }: FactEntry, putAt: number): Promise<SqlRow> {
  if (bytes.length >= PACK_FROM) {
    const packed = bytes.length < PACK_ELSEWHERE_FROM ? deflateRawSync(bytes, { level: 1 }) : await deflate(bytes, { level: 1 });
    if (packed.length < bytes.length) return [toStored(key), putAt, 1, packed];
  }
  return [toStored(key), putAt, 0, bytes];
}

function entryFrom([key, packed, bytes]: SqlRow): FactEntry {
  if (!(bytes instanceof Uint8Array)) throw new CodeloomError('store-corrupt', `The entry ${fromStored(key)} has no content.`);
  if (packed !== 1) return { key: fromStored(key), bytes };
  try {
    return { key: fromStored(key), bytes: inflateRawSync(bytes) };
  } catch (error) {
    throw new CodeloomError('store-corrupt', `The entry ${fromStored(key)} cannot be unpacked.`, { cause: error });
  }
}

/** Rows whose stored key begins so, by the index: a run removes what it put by whole keys, from a table that holds every fact. */
function beginningWith(connection: SqliteConnection, start: string, olderThan: Date): readonly SqlRow[] {
  // Stored text is ordered by its bytes, and no byte of UTF-8 is 0xff.
  return connection.all("SELECT fid, key FROM fact WHERE key >= ?1 AND key < ?1 || CAST(x'ff' AS TEXT) AND put_at < ?2", [start, olderThan.getTime()]);
}

function remove(connection: SqliteConnection, fids: readonly number[], signal: AbortSignal | undefined): void {
  for (let start = 0; start < fids.length; start += KEYS_PER_QUERY) {
    throwIfAborted(signal);
    connection.run('DELETE FROM fact WHERE fid IN (SELECT value FROM json_each(?))', [JSON.stringify(fids.slice(start, start + KEYS_PER_QUERY))]);
  }
  if (fids.length > 0) giveBackSpace(connection);
}
