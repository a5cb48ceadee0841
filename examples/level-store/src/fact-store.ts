import type { FactEntry, FactKey, FactStore } from 'codeloom';
import { openDatabase } from './database.js';
import { continuing, key, partsOf } from './key.js';

const BATCH = 64;

/**
 * Facts in LevelDB. `fact, <key>` has the bytes and `put, <key>` when they came, in milliseconds since 1970, so that pruning reads no bytes. Both are written
 * together.
 */
export async function openLevelFactStore(folder: string): Promise<FactStore> {
  const database = await openDatabase(folder);
  const { level } = database;
  const bytesOf = { valueEncoding: 'buffer' } as const;

  async function held(keys: readonly FactKey[]): Promise<Set<FactKey>> {
    const there = await level.hasMany(keys.map((each) => key('put', each)));
    return new Set(keys.filter((_, index) => there[index] === true));
  }

  return {
    capabilities: { durable: true, shared: false },

    has: (keys, options) => database.attempt(options?.signal, () => held(keys)),

    get: (keys, options) => database.stream(options?.signal, async function* () {
      for (const some of batches([...new Set(keys)])) {
        const found = await level.getMany<Buffer, Buffer>(some.map((each) => key('fact', each)), bytesOf);
        const entries = some.flatMap((each, index): FactEntry[] => {
          const bytes = found[index];
          return bytes === undefined ? [] : [{ key: each, bytes }];
        });
        if (entries.length > 0) yield entries;
      }
    }),

    put: (entries, options) => database.attempt(options?.signal, async () => {
      const now = String(Date.now());
      for (const some of batches(entries)) {
        database.check(options?.signal);
        const taken = await held(some.map((entry) => entry.key));
        const batch = level.batch();
        for (const entry of some) {
          if (taken.has(entry.key)) continue;
          taken.add(entry.key);
          batch.put<Buffer, Buffer>(key('fact', entry.key), Buffer.from(entry.bytes), bytesOf).put(key('put', entry.key), now);
        }
        await batch.write();
      }
    }),

    prune: ({ prefixes, keep, olderThan }, options) => database.attempt(options?.signal, async () => {
      let removed = 0;
      for (const prefix of prefixes) {
        let batch = level.batch();
        for await (const [row, at] of level.iterator(continuing(['put'], prefix))) {
          database.check(options?.signal);
          const [, name = ''] = partsOf(row);
          if (keep.has(name) || Number(at) >= olderThan.getTime()) continue;
          batch.del(row).del(key('fact', name));
          removed++;
          if (batch.length < 2000) continue;
          await batch.write();
          batch = level.batch();
        }
        await batch.write();
      }
      return removed;
    }),

    close: () => database.close(),
  };
}

export function* batches<T>(items: readonly T[], size = BATCH): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
