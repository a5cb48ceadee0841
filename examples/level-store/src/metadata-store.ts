import { compareText, type IndexRun, type IndexedFile, type MetadataStore, type Repository, type RunEvent } from 'codeloom';
import { openDatabase } from './database.js';
import { key, startingWith } from './key.js';

const BATCH = 500;

/** Repositories, files, runs and events in LevelDB, as JSON: `repository, <id>`; `file, <snapshot>, <path>`; `run, <repository>, <id>`; `event, <run>, <sequence>`. */
export async function openLevelMetadataStore(folder: string): Promise<MetadataStore> {
  const database = await openDatabase(folder);
  const { level } = database;

  /** Values below some parts of a key, in the order of their keys. `T` is what is written there. */
  async function valuesBelow<T>(...parts: readonly string[]): Promise<T[]> {
    return (await level.values(startingWith(...parts)).all()).map((value) => JSON.parse(value) as T);
  }

  return {
    saveRepository: (repository, options) =>
      database.attempt(options?.signal, () => level.put(key('repository', repository.id), JSON.stringify(repository))),

    repositories: (ids, options) => database.attempt(options?.signal, async () => {
      const wanted = ids === undefined ? undefined : new Set(ids);
      return (await valuesBelow<Repository>('repository')).filter(({ id }) => wanted?.has(id) ?? true);
    }),

    saveSnapshot: ({ snapshot, files }, options) => database.alone(options?.signal, async () => {
      // One batch, written at the end: the old files stay until the new ones are all there.
      const batch = level.batch();
      for await (const row of level.keys(startingWith('file', snapshot.id))) batch.del(row);
      for await (const some of files) {
        database.check(options?.signal);
        for (const file of some) batch.put(key('file', snapshot.id, file.path), JSON.stringify(file));
      }
      database.check(options?.signal);
      await batch.write({ sync: true });
    }),

    files: (snapshot, options) => database.stream(options?.signal, async function* () {
      const values = level.values(startingWith('file', snapshot));
      try {
        for (let some = await values.nextv(BATCH); some.length > 0; some = await values.nextv(BATCH)) yield some.map((value) => JSON.parse(value) as IndexedFile);
      } finally {
        await values.close();
      }
    }),

    removeSnapshots: (ids, options) => database.alone(options?.signal, async () => {
      for (const id of ids) await level.clear(startingWith('file', id));
    }),

    saveRun: (run, options) => database.attempt(options?.signal, () => level.put(key('run', run.repository, run.id), JSON.stringify(run))),

    runs: (repository, options) => database.attempt(options?.signal, async () =>
      (await valuesBelow<IndexRun>('run', repository)).sort((a, b) => compareText(b.startedAt, a.startedAt) || compareText(a.id, b.id)).slice(0, options?.limit)),

    appendEvents: (run, events, options) => database.alone(options?.signal, async () => {
      const there = new Set((await valuesBelow<RunEvent>('event', run)).map(({ sequence }) => sequence));
      const batch = level.batch();
      for (const event of events) {
        if (there.has(event.sequence)) continue;
        there.add(event.sequence);
        batch.put(key('event', run, String(event.sequence).padStart(12, '0')), JSON.stringify(event));
      }
      await batch.write();
    }),

    events: (run, options) => database.attempt(options?.signal, () => valuesBelow<RunEvent>('event', run)),

    close: () => database.close(),
  };
}
