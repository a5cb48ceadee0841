import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/domain/snapshot.js';
import { snapshotsToRetire } from '../../src/use-cases/retire-snapshots.js';
import { REPOSITORY, SHOP, workbench } from './workbench.js';

const NOW = new Date('2025-03-20T00:00:00.000Z');

/** A snapshot so many days old. */
function aged(id: string, days: number, more: Partial<Snapshot> = {}): Snapshot {
  return {
    id, repository: REPOSITORY, branch: 'main', dirty: false, source: '', digest: '', configuration: '', indexerVersion: '1',
    createdAt: new Date(NOW.getTime() - days * 86_400_000).toISOString(),
    stats: { files: 0, bytes: 0, symbols: 0, nodes: { constructor: 0 }, edges: {}, languages: {}, verdicts: { resolved: 0, candidates: 0, external: 0, unresolved: 0 }, unresolvedByReason: {}, diagnostics: 0, skipped: {} },
    ...more,
  };
}

function retired(snapshots: readonly Snapshot[], heads: readonly string[], retention = { days: 7, snapshots: 1 }): readonly string[] {
  return snapshotsToRetire(snapshots, { heads: new Set(heads), retention, now: NOW });
}

describe('retention', () => {
  it('keeps heads whatever their age, and what is younger than its days', () => {
    expect(retired([aged('new', 0), aged('young', 6.9), aged('old', 7.1), aged('head', 400)], ['head'])).toEqual(['old']);
    expect(retired([aged('head', 0), aged('young', 6.9), aged('old', 7.1)], ['head'])).toEqual(['old']);
  });

  it('keeps so many of the newest of each branch', () => {
    const snapshots = [aged('m1', 10), aged('n1', 11, { branch: 'next' }), aged('m2', 12), aged('n2', 13, { branch: 'next' }), aged('m3', 14)];
    expect(retired(snapshots, ['m1', 'n1'], { days: 7, snapshots: 2 })).toEqual(['m3']);
    expect(retired(snapshots, ['m1', 'n1'], { days: 7, snapshots: 1 })).toEqual(['m2', 'n2', 'm3']);
  });

  it('keeps the dirty snapshot that a head was published on, for diff to compare with, and not the one before it', () => {
    const dirty = [aged('d3', 0, { dirty: true, base: 'd2' }), aged('d2', 0.1, { dirty: true, base: 'd1' }), aged('d1', 0.2, { dirty: true, base: 'c' }), aged('c', 0.3)];
    expect(retired(dirty, ['d3'])).toEqual(['d1']);
  });

  it('drops a dirty snapshot as soon as it is no head', () => {
    expect(retired([aged('d2', 0, { dirty: true }), aged('d1', 0.1, { dirty: true }), aged('c', 0.2)], ['d2'])).toEqual(['d1']);
  });

  it('refuses a rule that would keep nothing', () => {
    expect(() => retired([], [], { days: -1, snapshots: 1 })).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    expect(() => retired([], [], { days: 7, snapshots: 0 })).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    expect(() => retired([], [], { days: Number.NaN, snapshots: 1 })).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  it('removes retired snapshots from both stores at the end of a run, and says how many', async () => {
    const bench = workbench();
    const first = await bench.index();
    bench.clock.advance(8 * 86_400_000);
    bench.git.commit('shop', { ...SHOP, 'x.toy': 'def x\n' });
    const second = await bench.index();
    expect(second.counts.retired).toBe(1);
    expect((await bench.ports.graphStore.snapshots(REPOSITORY)).map((snapshot) => snapshot.id)).toEqual([second.snapshot.id]);
    for await (const batch of bench.ports.metadataStore.files(first.snapshot.id)) expect(batch).toEqual([]);
  });

  it('lets facts go that no run put in 90 days, save those of the run at hand', async () => {
    const bench = workbench({ ...SHOP, 'old.toy': 'def old\n' });
    await bench.index();
    bench.clock.advance(91 * 86_400_000);
    bench.git.commit('shop', SHOP);
    expect((await bench.index()).counts).toMatchObject({ parsed: 0, reused: 3 });
    bench.git.commit('shop', { ...SHOP, 'old.toy': 'def old\n' });
    expect((await bench.index()).counts).toMatchObject({ parsed: 1, reused: 3 });
  });

  it('lets go of what failed runs left behind after a day', async () => {
    const bench = workbench();
    const key = 'partition/0123';
    await bench.ports.factStore.put([{ key, bytes: new Uint8Array(1) }]);
    bench.clock.advance(86_400_001);
    await bench.index();
    expect((await bench.ports.factStore.has([key])).size).toBe(0);
  });

  it.each([
    { other: 'run that is under way', minutes: 5, status: 'running', stays: true },
    { other: 'run that has ended', minutes: 5, status: 'failed', stays: false },
    { other: 'run that has been under way for more than a day', minutes: 1441, status: 'running', stays: false },
  ] as const)('keeps what another $other remembers for a head to come: $stays', async ({ minutes, status, stays }) => {
    const bench = workbench();
    const key = `linkage/${REPOSITORY}/head-to-come`;
    await bench.ports.metadataStore.saveRun({ id: 'other', repository: REPOSITORY, branch: 'next', status, startedAt: bench.clock.now().toISOString() });
    await bench.ports.factStore.put([{ key, bytes: new Uint8Array(1) }]);
    bench.clock.advance(minutes * 60_000);
    await bench.index();
    expect((await bench.ports.factStore.has([key])).has(key)).toBe(stays);
  });
});
