import { describe, expect, it } from 'vitest';
import { createMemoryFactStore } from '../../../src/adapters/memory/fact-store.js';
import type { Partition } from '../../../src/domain/partition.js';
import { diffSnapshots } from '../../../src/use-cases/queries/diff-snapshots.js';
import { busiestSymbol } from '../../../src/use-cases/queries/example-symbol.js';
import { exportSnapshot, jsonLines } from '../../../src/use-cases/queries/export-snapshot.js';
import { chooseSnapshot } from '../../../src/use-cases/queries/pinned-snapshot.js';
import { history } from '../../../src/use-cases/queries/history.js';
import { statistics } from '../../../src/use-cases/queries/statistics.js';
import { status } from '../../../src/use-cases/queries/status.js';
import { verifySnapshot } from '../../../src/use-cases/queries/verify-snapshot.js';
import { REPOSITORY, SHOP, VERSION, workbench, type Workbench } from '../workbench.js';

const EDITED = { ...SHOP, 'store.toy': '# kept\ndef save\n  call write\n  call load\ndef write\ndef load\n' };

async function twoSnapshots(): Promise<Workbench> {
  const bench = workbench();
  await bench.index();
  bench.clock.advance(60_000);
  bench.git.commit('shop', EDITED);
  await bench.index();
  return bench;
}

describe('the snapshot that a question is about', () => {
  it('costs one request where there is one repository with one branch', async () => {
    const { ports, git, index } = workbench();
    const { snapshot } = await index();
    const asked: string[] = [];
    const counted = {
      graphStore: { ...ports.graphStore, heads: (...request: Parameters<typeof ports.graphStore.heads>) => (asked.push('heads'), ports.graphStore.heads(...request)) },
      metadataStore: { ...ports.metadataStore, repositories: (...request: Parameters<typeof ports.metadataStore.repositories>) => (asked.push('repositories'), ports.metadataStore.repositories(...request)) },
    };
    expect((await chooseSnapshot(counted, {}, {})).id).toBe(snapshot.id);
    expect((await chooseSnapshot(counted, { repository: REPOSITORY }, {})).id).toBe(snapshot.id);
    expect(asked).toEqual(['heads', 'heads']);
    // With a second branch, the repository says which is meant.
    git.commit('shop', EDITED, 'next');
    await index({ ref: 'next' });
    expect((await chooseSnapshot(counted, {}, {})).id).toBe(snapshot.id);
    expect(asked.splice(2)).toEqual(['heads', 'repositories']);
  });
});

describe('diff', () => {
  it('compares the head with the snapshot before it', async () => {
    const answer = await diffSnapshots((await twoSnapshots()).ports, {});
    expect(answer).toMatchObject({
      query: 'diff', from: { branch: 'main' }, completeness: 'exact',
      files: { added: [], removed: [], changed: ['store.toy'], renamed: [] },
      counts: { symbols: { added: 1, removed: 0, changed: 2, moved: 0 }, edges: { added: 1, removed: 1, changed: 0 } },
    });
    expect(answer.results.map(({ subject, change, id, what, to }) => [subject, change, id, what, to?.name])).toEqual([
      ['symbol', 'changed', 'store.toy#save().', ['body'], undefined],
      ['symbol', 'changed', 'store.toy#write().', ['body'], undefined],
      ['symbol', 'added', 'store.toy#load().', [], undefined],
      ['edge', 'added', 'store.toy#save().', [], 'load'],
      ['edge', 'removed', 'store.toy#write().', [], 'std.std_write'],
    ]);
  });

  it('compares any two, in either direction, and pages', async () => {
    const bench = await twoSnapshots();
    const [second, first] = await bench.ports.graphStore.snapshots(REPOSITORY);
    const back = await diffSnapshots(bench.ports, { from: second?.id, to: first?.id, limit: 2 });
    expect(back.counts.symbols).toEqual({ added: 0, removed: 1, changed: 2, moved: 0 });
    expect(back.results).toHaveLength(2);
    expect((await diffSnapshots(bench.ports, { from: second?.id, to: first?.id, cursor: back.cursor })).results).toHaveLength(3);
    expect(await diffSnapshots(bench.ports, { from: first?.id, to: first?.id })).toMatchObject({ results: [], nothing: { message: 'Both snapshots have the same graph.' } });
  });

  it('says when there is nothing to compare with', async () => {
    const bench = workbench();
    await bench.index();
    await expect(diffSnapshots(bench.ports, {})).rejects.toMatchObject({ code: 'unknown-snapshot' });
  });
});

describe('history, status, statistics', () => {
  it('history lists the kept snapshots, newest first, and marks heads', async () => {
    const bench = await twoSnapshots();
    const answer = await history(bench.ports, {});
    expect(answer.results.map(({ head, snapshot }) => [head, snapshot.createdAt])).toEqual([[true, '2025-01-01T00:01:00.000Z'], [false, '2025-01-01T00:00:00.000Z']]);
    const page = await history(bench.ports, { limit: 1 });
    expect((await history(bench.ports, { limit: 1, cursor: page.cursor })).results[0]?.head).toBe(false);
    await expect(history(bench.ports, { branch: 'nope' })).rejects.toMatchObject({ code: 'not-indexed' });
  });

  it('status tells repositories, heads and runs', async () => {
    const bench = await twoSnapshots();
    expect(await status(bench.ports)).toMatchObject({ repositories: [{ repository: { id: REPOSITORY }, heads: [{ branch: 'main' }], snapshots: 2, runs: [{ status: 'succeeded' }, { status: 'succeeded' }] }] });
    expect(await status(workbench().ports)).toEqual({ query: 'status', repositories: [] });
  });

  it('statistics tells what became of the call sites', async () => {
    const bench = workbench();
    await bench.index();
    const answer = await statistics(bench.ports);
    expect(answer).toMatchObject({ callSites: 7, reasons: [{ reason: 'unknown-name', count: 1 }] });
    expect(Object.values(answer.shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
  });

  it('names a symbol worth asking about', async () => {
    const bench = workbench();
    expect(await busiestSymbol((await bench.index(), bench.ports))).toMatchObject({ id: 'store.toy#save().' });
    const empty = workbench({});
    expect(await busiestSymbol((await empty.index(), empty.ports))).toBeUndefined();
  });
});

describe('export', () => {
  it('writes a JSON object a line', async () => {
    const bench = workbench();
    await bench.index();
    let text = '';
    for await (const rows of exportSnapshot(bench.ports)) text += jsonLines(rows);
    const rows = text.trimEnd().split('\n').map((line) => JSON.parse(line) as { type: string; kind: string });
    expect(text.endsWith('}\n')).toBe(true);
    expect(rows.filter((row) => row.type === 'node')).toHaveLength(10);
    expect(rows.filter((row) => row.type === 'edge').map((row) => row.kind).sort()).toEqual(['CALLS', 'CALLS', 'CALLS', 'CALLS', 'EXTENDS', 'IMPORTS', 'IMPORTS']);
  });
});

describe('verify', () => {
  const verify = (bench: Workbench, ports = bench.ports, indexerVersion = VERSION) => verifySnapshot({ ...ports, indexerVersion, scratch: () => createMemoryFactStore() });

  it('finds a sound snapshot sound, against every digest and a clean build', async () => {
    const bench = await twoSnapshots();
    expect(await verify(bench)).toMatchObject({ ok: true, checks: [{ name: 'partitions', status: 'ok', checked: 3 }, { name: 'manifest', status: 'ok' }, { name: 'clean-build', status: 'ok', checked: 3 }] });
  });

  it('builds under the configuration of the snapshot', async () => {
    const bench = workbench();
    await bench.index({ exclude: ['shop.toy'] });
    expect(await verify(bench)).toMatchObject({ ok: true, checks: [{}, {}, { status: 'ok', checked: 2 }] });
  });

  /** The bench's ports with a reader that shows its partitions through a glass. */
  function through(bench: Workbench, glass: (partition: Partition) => Partition[]): Workbench['ports'] {
    const { graphStore } = bench.ports;
    return {
      ...bench.ports,
      graphStore: {
        ...graphStore,
        async open(id, options) {
          const reader = await graphStore.open(id, options);
          return { ...reader, async *partitions(paths, more) { for await (const batch of reader.partitions(paths, more)) yield batch.flatMap(glass); } };
        },
      },
    };
  }

  it('names the partitions that are not what the manifest says', async () => {
    const bench = workbench();
    await bench.index();
    const changed = through(bench, (partition) => [partition.path === 'store.toy' ? { ...partition, edges: partition.edges.slice(1) } : partition]);
    expect(await verify(bench, changed)).toMatchObject({ ok: false, checks: [{ name: 'partitions', status: 'failed', differences: [{ path: 'store.toy', what: 'does not have the digest that the manifest gives' }] }, {}, {}] });
    const lost = through(bench, (partition) => (partition.path === 'main.toy' ? [] : [partition]));
    expect(await verify(bench, lost)).toMatchObject({ ok: false, checks: [{ differences: [{ path: 'main.toy', what: 'is in the manifest and not stored' }] }, {}, {}] });
  });

  it('names the files that a clean build makes otherwise, and how', async () => {
    const bench = workbench();
    const wrong = workbench(SHOP, {
      ...bench.ports,
      link: async function* (request, options) {
        for await (const step of bench.ports.link(request, options)) yield step.kind === 'linked' && step.partition.path === 'main.toy' ? { ...step, partition: { ...step.partition, edges: step.partition.edges.filter((edge) => edge.kind !== 'CALLS') } } : step;
      },
    });
    await wrong.index();
    expect(await verify(bench)).toMatchObject({ ok: false, checks: [{ status: 'ok' }, { status: 'ok' }, { name: 'clean-build', status: 'failed', differences: [{ path: 'main.toy', what: 'edges: 2 missing, 0 extra' }] }] });
  });

  it('leaves the clean build out, saying why, when the source or the indexer is another', async () => {
    const bench = workbench();
    bench.git.setWorkTree('shop', { ...SHOP, 'a.toy': 'def a\n' });
    await bench.index();
    expect(await verify(bench, bench.ports, 'other')).toMatchObject({ ok: true, checks: [{}, {}, { status: 'skipped', message: expect.stringContaining('another version') as string }] });
    bench.git.setWorkTree('shop', { ...SHOP, 'b.toy': 'def b\n' });
    expect(await verify(bench)).toMatchObject({ ok: true, checks: [{}, {}, { status: 'skipped', message: 'The work tree is no longer as it was indexed.' }] });
    const gone = { ...bench.ports, gitHost: { ...bench.git, resolve: () => Promise.reject(new Error('gone')) } };
    await expect(verify(bench, gone)).rejects.toThrow('gone');
  });

  it('leaves nothing behind and changes nothing', async () => {
    const bench = await twoSnapshots();
    const before = await status(bench.ports);
    await verify(bench);
    expect(await status(bench.ports)).toEqual(before);
    expect((await bench.index()).status).toBe('unchanged');
  });
});
