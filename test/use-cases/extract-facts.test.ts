import { describe, expect, it } from 'vitest';
import type { SourceEntry } from '../../src/domain/ports/git-host.js';
import type { IndexedFile } from '../../src/domain/ports/metadata-store.js';
import type { MemoryTree } from '../../src/adapters/memory/git-host.js';
import { workbench, type Workbench } from './workbench.js';

async function recorded(bench: Workbench): Promise<IndexedFile[]> {
  const outcome = await bench.index();
  const files: IndexedFile[] = [];
  for await (const batch of bench.ports.metadataStore.files(outcome.snapshot.id)) files.push(...batch);
  return files;
}

const LFS = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n';

describe('extracting facts', () => {
  it('skips what cannot be read, says why, and indexes the rest', async () => {
    const bench = workbench({ 'a.toy': 'def a\n', 'gone.toy': { content: 'def gone\n', broken: 'missing' }, 'locked.toy': { content: 'def locked\n', broken: 'unreadable' }, 'model.toy': LFS });
    expect((await recorded(bench)).map(({ path, status, reason }) => [path, status, reason])).toEqual([
      ['a.toy', 'indexed', undefined], ['gone.toy', 'skipped', 'missing'], ['locked.toy', 'skipped', 'unreadable'], ['model.toy', 'skipped', 'lfs-pointer'],
    ]);
    const [head] = await bench.ports.graphStore.heads();
    expect(head?.stats).toMatchObject({ files: 1, skipped: { missing: 1, unreadable: 1, 'lfs-pointer': 1 } });
    expect(bench.events.find((event) => event.type === 'stage-finished' && event.stage === 'extract')).toMatchObject({ counts: { parsed: 1, diagnostics: 3 } });
  });

  it('keeps a file that does not parse, with its diagnostics', async () => {
    const bench = workbench({ 'a.toy': 'def a\n', 'b.toy': '%%%\ndef b\n', 'c.toy': 'def\0c' });
    const outcome = await bench.index();
    expect(outcome).toMatchObject({ diagnostics: 2, snapshot: { stats: { files: 3, symbols: 2, diagnostics: 2 } } });
  });

  it('goes on without a configuration file that cannot be read', async () => {
    const bench = workbench({ 'a.toy': 'def a\n', 'names.conf': { content: 'x=y', broken: 'unreadable' } });
    expect((await recorded(bench)).map(({ path, status, reason }) => [path, status, reason])).toEqual([['a.toy', 'indexed', undefined], ['names.conf', 'skipped', 'unreadable']]);
  });

  it('reads no faster than it parses and stores', async () => {
    const tree: MemoryTree = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}.toy`, `def f${index}\n`]));
    const bench = workbench(tree);
    let read = 0;
    let parsed = 0;
    let ahead = 0;
    const gitHost = {
      ...bench.git,
      async *read(revision: never, entries: AsyncIterable<SourceEntry>, options: never) {
        for await (const blob of bench.git.read(revision, entries, options)) {
          ahead = Math.max(ahead, ++read - parsed);
          yield blob;
        }
      },
    };
    const parser = {
      ...bench.ports.parser,
      async *extract(sources: never, options: never) {
        for await (const output of bench.ports.parser.extract(sources, options)) {
          parsed++;
          yield output;
        }
      },
    };
    await workbench(tree, { gitHost, parser }).index();
    expect(read).toBe(500);
    expect(ahead).toBeLessThan(5);
  });

  it('puts facts in bounded batches', async () => {
    const bench = workbench(Object.fromEntries(Array.from({ length: 700 }, (_, index) => [`f${index}.toy`, `def f${index}\n`])));
    const sizes: number[] = [];
    const put = bench.ports.factStore.put;
    bench.ports.factStore.put = (entries, options) => {
      sizes.push(entries.length);
      return put(entries, options);
    };
    await bench.index();
    expect(Math.max(...sizes)).toBeLessThanOrEqual(256);
  });
});
