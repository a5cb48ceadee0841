import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createMemoryFactStore } from '../../src/adapters/memory/fact-store.js';
import { createMemoryGraphStore } from '../../src/adapters/memory/graph-store.js';
import { createMemoryMetadataStore } from '../../src/adapters/memory/metadata-store.js';
import { createSqliteStores } from '../../src/adapters/sqlite/stores.js';
import { sha256 } from '../../src/infrastructure/sha256.js';
import { copySnapshots, type CopyPlace } from '../../src/use-cases/copying/copy-snapshots.js';
import { REPOSITORY, SHOP, workbench, type Workbench } from './workbench.js';

const folder = mkdtempSync(join(tmpdir(), 'codeloom-copy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

function inMemory(): CopyPlace {
  return { graphStore: createMemoryGraphStore(), metadataStore: createMemoryMetadataStore(), factStore: createMemoryFactStore() };
}

/** Three commits on main, and another branch. */
async function history(): Promise<Workbench> {
  const bench = workbench();
  await bench.index();
  for (const text of ['def save\n', 'def save\n  call close\n']) {
    bench.clock.advance(60_000);
    bench.git.commit('shop', { ...SHOP, 'store.toy': text });
    await bench.index();
  }
  bench.clock.advance(60_000);
  await bench.index({ branch: 'other' });
  return bench;
}

async function contentOf(place: CopyPlace): Promise<unknown> {
  const snapshots = [];
  for (const snapshot of await place.graphStore.snapshots(REPOSITORY)) {
    const reader = await place.graphStore.open(snapshot.id);
    const [partitions, files] = [[], []] as [unknown[], unknown[]];
    for await (const batch of reader.partitions()) partitions.push(...batch);
    for await (const batch of place.metadataStore.files(snapshot.id)) files.push(...batch);
    snapshots.push({ snapshot, manifest: await reader.manifest(), partitions, files });
    await reader.close();
  }
  const runs = await Promise.all((await place.metadataStore.runs(REPOSITORY)).map(async (run) => ({ run, events: await place.metadataStore.events(run.id) })));
  return { heads: await place.graphStore.heads(), repositories: await place.metadataStore.repositories(), snapshots, runs };
}

describe('copying snapshots', () => {
  it.each([['memory', async () => inMemory()], ['SQLite', async () => createSqliteStores({ folder: join(folder, 'first') })]])('gives %s all that was there: history, heads, records, runs', async (_name, open) => {
    const { ports } = await history();
    const to = await open();
    const answer = await copySnapshots({ from: ports, to, sha256 });
    expect(answer.snapshots.map(({ snapshot, created, head }) => [snapshot.branch, created, head])).toEqual([['main', true, false], ['main', true, false], ['main', true, true], ['other', true, true]]);
    expect(answer.runs).toBe(4);
    expect(await contentOf(to)).toEqual(await contentOf(ports));
    await to.graphStore.close();
  });

  it('writes of later snapshots only what changed, and nothing the second time; both are proved', async () => {
    const { ports } = await history();
    const to = inMemory();
    expect((await copySnapshots({ from: ports, to, sha256 })).snapshots.map(({ written }) => written)).toEqual([3, 1, 1, 0]);
    const before = await contentOf(to);
    const again = await copySnapshots({ from: ports, to, sha256 });
    expect(again.snapshots.map(({ created, written, digest }) => ({ created, written, digest }))).toEqual([...await ports.graphStore.snapshots(REPOSITORY)].reverse().map(({ digest }) => ({ created: false, written: 0, digest })));
    expect(again.facts).toBe(0);
    expect(await contentOf(to)).toEqual(before);
  });

  it('takes one branch, or the heads alone', async () => {
    const { ports } = await history();
    const [branch, heads] = [inMemory(), inMemory()];
    await copySnapshots({ from: ports, to: branch, sha256 }, { branch: 'other' });
    expect((await branch.graphStore.heads()).map((head) => head.branch)).toEqual(['other']);
    expect((await branch.metadataStore.runs(REPOSITORY)).map((run) => run.branch)).toEqual(['other']);
    await copySnapshots({ from: ports, to: heads, sha256 }, { repository: REPOSITORY, history: false });
    expect(await heads.graphStore.heads()).toEqual(await ports.graphStore.heads());
    expect(await heads.graphStore.snapshots(REPOSITORY)).toHaveLength(2);
  });

  it('goes on where it was interrupted', async () => {
    const { ports } = await history();
    const to = inMemory();
    const abort = new AbortController();
    let told = 0;
    await expect(copySnapshots({ from: ports, to, sha256 }, {}, { signal: abort.signal, onProgress: () => ++told === 4 && abort.abort() })).rejects.toMatchObject({ code: 'aborted' });
    const half = (await to.graphStore.snapshots(REPOSITORY)).length;
    expect(half).toBeGreaterThan(0);
    expect(half).toBeLessThan(4);
    const { snapshots } = await copySnapshots({ from: ports, to, sha256 });
    expect(snapshots.filter(({ created }) => created)).toHaveLength(4 - half);
    expect(await contentOf(to)).toEqual(await contentOf(ports));
  });

  it('leaves a branch at its head where that is newer, also while it writes history below it', async () => {
    const { ports, git, clock, index } = await history();
    const to = inMemory();
    clock.advance(60_000);
    git.commit('shop', { ...SHOP, 'store.toy': 'def newest\n' });
    await index();
    await copySnapshots({ from: ports, to, sha256 }, { branch: 'main', history: false });
    const newest = await to.graphStore.heads();
    const retired = (await ports.graphStore.heads()).filter(({ branch }) => branch === 'main').map(({ id }) => id);
    const source = inMemory();
    await copySnapshots({ from: ports, to: source, sha256 }, { branch: 'main' });
    // the source without its newest: its head is the one before
    const older = (await source.graphStore.snapshots(REPOSITORY))[1];
    const reader = await source.graphStore.open(older?.id ?? '');
    await source.graphStore.publish({ snapshot: reader.snapshot, manifest: await reader.manifest(), partitions: (async function* () {})() });
    await source.graphStore.retire({ repository: REPOSITORY, snapshots: retired });

    const { snapshots } = await copySnapshots({ from: source, to, sha256 });
    expect(snapshots.map(({ head, created }) => [head, created])).toEqual([[false, true], [false, true], [false, true]]);
    expect(await to.graphStore.heads()).toEqual(newest);
  });

  it('brings on request what the next run builds on: nothing is parsed again', async () => {
    const bench = await history();
    const [bare, whole] = [inMemory(), inMemory()];
    expect((await copySnapshots({ from: bench.ports, to: bare, sha256 })).facts).toBeGreaterThan(0);
    expect((await copySnapshots({ from: bench.ports, to: whole, sha256 }, { facts: true })).facts).toBeGreaterThan(4);
    bench.clock.advance(60_000);
    bench.git.commit('shop', { ...SHOP, 'new.toy': 'def fresh\n' });
    const parsedIn = async (to: CopyPlace): Promise<number> => {
      const next = workbench(SHOP, { ...to, gitHost: bench.git, clock: bench.clock });
      return (await next.index()).counts.parsed;
    };
    expect([await parsedIn(whole), await parsedIn(bare)]).toEqual([1, 4]);
  });

  it('refuses a source or a target that does not give back what it should', async () => {
    const { ports } = await history();
    const lying = (place: CopyPlace): CopyPlace => ({
      ...place,
      graphStore: { ...place.graphStore, open: async (id, options) => {
        const reader = await place.graphStore.open(id, options);
        return { ...reader, async *partitions(paths, more) {
          for await (const batch of reader.partitions(paths, more)) yield batch.map((partition) => (partition.path === 'store.toy' ? { ...partition, edges: [] } : partition));
        } };
      } },
    });
    await expect(copySnapshots({ from: lying(ports), to: inMemory(), sha256 })).rejects.toMatchObject({ code: 'store-corrupt', message: expect.stringMatching(/source.*store\.toy/) });
    await expect(copySnapshots({ from: ports, to: lying(inMemory()), sha256 })).rejects.toMatchObject({ code: 'store-corrupt', message: expect.stringMatching(/target.*store\.toy/) });
  });

  it('refuses a target that has another graph under the id, an empty source, and copying a store into itself', async () => {
    const { ports } = await history();
    const to = inMemory();
    const [first] = (await ports.graphStore.snapshots(REPOSITORY)).slice(-1);
    if (first === undefined) throw new Error('nothing was indexed');
    await to.graphStore.publish({ snapshot: { ...first, digest: sha256('') }, manifest: [], partitions: (async function* () {})() });
    await expect(copySnapshots({ from: ports, to, sha256 })).rejects.toMatchObject({ code: 'conflict', retryable: false });
    await expect(copySnapshots({ from: inMemory(), to, sha256 })).rejects.toMatchObject({ code: 'not-indexed' });
    await expect(copySnapshots({ from: ports, to: inMemory(), sha256 }, { branch: 'nowhere' })).rejects.toMatchObject({ code: 'not-indexed' });
    await expect(copySnapshots({ from: ports, to: { ...inMemory(), graphStore: ports.graphStore }, sha256 })).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});
