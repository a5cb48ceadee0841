import { CodeloomError, compareSnapshots, decodeManifest, decodePartition, encodeManifest, encodePartition, foldCase, type Digest, type GraphStore, type Manifest, type Partition, type Snapshot } from 'codeloom';
import { openDatabase, type Database, type Level } from './database.js';
import { createLevelGraphReader } from './graph-reader.js';
import { key, partsOf, startingWith } from './key.js';

/**
 * Graphs in LevelDB.
 *
 *     snapshot, <id>              the snapshot and its manifest
 *     head, <repository, branch>  a snapshot's id
 *     partition, <digest>         its canonical text
 *     held, <digest>              there when a published snapshot has the partition
 *     stray, <digest>             there when none has (not yet, or no longer)
 *     node | out | in | name | call, <term>, <digest>    partitions that declare a symbol, have an edge from or to it, a node of that name (in lower case), an
 *                                 unresolved call of that name
 *
 * LevelDB writes a batch whole or not at all, and batches live in memory. So partitions are written first, in many batches, as strays; a last batch makes them
 * held, with snapshot and head. Retiring goes the other way. What is still a stray when the store is opened was left by a process that died.
 */
export async function openLevelGraphStore(folder: string): Promise<GraphStore> {
  const database = await openDatabase(folder);
  const { level } = database;
  await database.alone(undefined, async () => removeStrays(level, (await level.keys(startingWith('stray')).all()).map((row) => partsOf(row)[1] ?? '')));

  return {
    capabilities: { durable: true, shared: false },

    holds: (digests, options) => database.attempt(options?.signal, () => heldOf(level, digests)),

    publish: ({ snapshot, manifest, partitions }, options) => database.alone(options?.signal, async () => {
      const head = key('head', snapshot.repository, snapshot.branch);
      if (await level.has(key('snapshot', snapshot.id))) {
        await level.put(head, snapshot.id, { sync: true });
        return { created: false, written: 0 };
      }
      const digests = manifest.map(({ digest }) => digest);
      const held = await heldOf(level, digests);
      const missing = new Set(digests.filter((digest) => !held.has(digest)));
      const written: Digest[] = [];
      try {
        for await (const entries of partitions) {
          database.check(options?.signal);
          const wanted = entries.filter(({ digest }) => missing.delete(digest));
          written.push(...wanted.map(({ digest }) => digest));
          await writeStrays(level, wanted);
        }
        database.check(options?.signal);
        const lost = manifest.find(({ digest }) => missing.has(digest));
        if (lost !== undefined) throw new CodeloomError('conflict', `The partition of ${lost.path} is neither brought nor held.`, { details: { ...lost } });

        const batch = level.batch();
        for (const digest of written) batch.del(key('stray', digest)).put(key('held', digest), '');
        batch.put(key('snapshot', snapshot.id), encodeSnapshot({ snapshot, manifest })).put(head, snapshot.id);
        await batch.write({ sync: true });
      } catch (error) {
        await removeStrays(level, written);
        throw error;
      }
      return { created: true, written: written.length };
    }),

    heads: (repository, options) => database.attempt(options?.signal, async () => {
      const ids = await level.values(repository === undefined ? startingWith('head') : startingWith('head', repository)).all();
      return (await level.getMany(ids.map((id) => key('snapshot', id)))).flatMap((text) => (text === undefined ? [] : [decodeSnapshot(text).snapshot]));
    }),

    snapshots: (repository, options) => database.attempt(options?.signal, async () =>
      (await allSnapshots(level)).map(({ snapshot }) => snapshot).filter((snapshot) => snapshot.repository === repository).sort(compareSnapshots)),

    open: (id, options) => database.attempt(options?.signal, async () => {
      const pinned = level.snapshot();
      const text = await level.get(key('snapshot', id), { snapshot: pinned });
      if (text === undefined) {
        await pinned.close();
        throw new CodeloomError('unknown-snapshot', `There is no snapshot ${id}.`, { details: { snapshot: id } });
      }
      return createLevelGraphReader(database, pinned, decodeSnapshot(text));
    }),

    retire: ({ repository, snapshots, branches = [] }, options) => database.alone(options?.signal, async () => {
      const named = new Set(snapshots);
      const forgotten = new Set(branches);
      const heads = new Set<string>();
      const batch = level.batch();
      for await (const [row, id] of level.iterator(startingWith('head'))) {
        const [, of, branch = ''] = partsOf(row);
        if (of === repository && forgotten.has(branch)) batch.del(row);
        else heads.add(id);
      }
      const all = await allSnapshots(level);
      const gone = all.filter(({ snapshot: { id, branch, ...one } }) => one.repository === repository && !heads.has(id) && (named.has(id) || forgotten.has(branch)));
      const doomed = new Set(gone.flatMap(({ manifest }) => manifest.map(({ digest }) => digest)));
      for (const one of all) if (!gone.includes(one)) for (const { digest } of one.manifest) doomed.delete(digest);
      for (const { snapshot } of gone) batch.del(key('snapshot', snapshot.id));
      for (const digest of doomed) batch.del(key('held', digest)).put(key('stray', digest), '');
      await batch.write({ sync: true });
      return { snapshots: gone.length, ...(await removeStrays(level, [...doomed])) };
    }),

    close: () => database.close(),
  };
}

export interface StoredSnapshot {
  readonly snapshot: Snapshot;
  readonly manifest: Manifest;
}

/** Which partitions can have to do with a term: the rows that lead to a partition, without its digest. */
function termsOf(partition: Partition): Buffer[] {
  const terms = new Map<string, readonly [string, string]>();
  const add = (kind: 'node' | 'out' | 'in' | 'name' | 'call', term: string): void => void terms.set(`${kind} ${term}`, [kind, term]);
  for (const { id, name, qualifiedName } of partition.nodes) {
    add('node', id);
    add('name', foldCase(name));
    add('name', foldCase(qualifiedName));
  }
  for (const { from, to } of partition.edges) {
    add('out', from);
    add('in', to);
  }
  for (const { name } of partition.unresolved) add('call', name);
  return [...terms.values()].map(([kind, term]) => key(kind, term));
}

async function heldOf(level: Level, digests: readonly Digest[]): Promise<Set<Digest>> {
  const there = await level.hasMany(digests.map((digest) => key('held', digest)));
  return new Set(digests.filter((_, index) => there[index] === true));
}

async function writeStrays(level: Level, entries: readonly { readonly digest: Digest; readonly partition: Partition }[]): Promise<void> {
  const batch = level.batch();
  for (const { digest, partition } of entries) {
    batch.put(key('stray', digest), '').put(key('partition', digest), encodePartition(partition));
    for (const term of termsOf(partition)) batch.put(Buffer.concat([term, key(digest)]), '');
  }
  await batch.write();
}

/** Removes partitions with all that leads to them, one batch each, so that dying in between leaves strays. Counts them and their nodes. */
async function removeStrays(level: Level, digests: readonly Digest[]): Promise<{ partitions: number; nodes: number }> {
  let nodes = 0;
  for (const digest of digests) {
    const batch = level.batch().del(key('stray', digest)).del(key('partition', digest));
    const text = await level.get(key('partition', digest));
    if (text !== undefined) {
      const partition = decodePartition(text);
      nodes += partition.nodes.length;
      for (const term of termsOf(partition)) batch.del(Buffer.concat([term, key(digest)]));
    }
    await batch.write();
  }
  return { partitions: digests.length, nodes };
}

async function allSnapshots(level: Database['level']): Promise<StoredSnapshot[]> {
  return (await level.values(startingWith('snapshot')).all()).map(decodeSnapshot);
}

function encodeSnapshot({ snapshot, manifest }: StoredSnapshot): string {
  return JSON.stringify([snapshot, encodeManifest(manifest)]);
}

function decodeSnapshot(text: string): StoredSnapshot {
  const [snapshot, manifest] = JSON.parse(text) as [Snapshot, string]; // as encodeSnapshot wrote it
  return { snapshot, manifest: decodeManifest(manifest) };
}
