import { afterEach, describe, expect, it } from 'vitest';
import type { GitHost, Revision, SourceBlob, SourceEntry } from '../../domain/ports/git-host.js';

/** A repository that the suite needs. The factory builds it, with the same blob ids as Git. */
export interface DescribedRepository {
  /** The commits of each branch, oldest first, each a whole tree. Branches that begin alike share those commits or repeat them, as the factory likes. */
  readonly branches: Readonly<Record<string, readonly DescribedTree[]>>;
  /** The branch that HEAD is on. */
  readonly head: string;
  /** Tag to branch and position in it. */
  readonly tags?: Readonly<Record<string, readonly [branch: string, position: number]>>;
  /** The files as they stand. Absent: no work tree. */
  readonly workTree?: DescribedTree;
}

/** Path to file. */
export type DescribedTree = Readonly<Record<string, DescribedFile>>;

export type DescribedFile =
  | string | Uint8Array
  | { readonly content: string | Uint8Array; readonly executable?: boolean }
  | { readonly link: string }
  | { readonly submodule: string };

export interface GitHostFixture {
  readonly host: GitHost;
  /** What a request names the repository by. */
  readonly location: string;
  /** Removes what the factory made. */
  readonly dispose?: () => Promise<void>;
}

/** What every GitHost must do: run it with a factory of repositories. */
export function gitHostContract(name: string, factory: (repository: DescribedRepository) => Promise<GitHostFixture>): void {
  describe(`${name} as a GitHost`, () => {
    const fixtures: GitHostFixture[] = [];

    afterEach(async () => {
      for (const fixture of fixtures.splice(0)) await fixture.dispose?.();
    });

    async function build(repository: DescribedRepository): Promise<GitHostFixture> {
      const fixture = await factory(repository);
      fixtures.push(fixture);
      return fixture;
    }

    const one: DescribedRepository = { head: 'main', branches: { main: [{ 'a.ts': 'one\n' }] } };
    const submodule = 'c0ffee0000000000000000000000000000000001';

    describe('resolve', () => {
      const history: DescribedRepository = {
        head: 'main',
        branches: { main: [{ 'a.ts': '1' }, { 'a.ts': '2' }, { 'a.ts': '3' }], 'feature/x': [{ 'b.ts': 'x' }] },
        tags: { v1: ['main', 0] },
      };

      it('takes the default branch where there is no work tree and no ref', async () => {
        const { host, location } = await build(history);
        const revision = await host.resolve({ location });
        expect(revision).toMatchObject({ branch: 'main', source: 'objects', root: '', repository: { defaultBranch: 'main' } });
        expect(revision.commit).toMatch(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
        expect(await textsAt(host, revision)).toEqual({ 'a.ts': '3' });
      });

      it.each([
        ['a branch', 'feature/x', { 'b.ts': 'x' }, 'feature/x'],
        ['a tag', 'v1', { 'a.ts': '1' }, 'v1'],
        ['HEAD', 'HEAD', { 'a.ts': '3' }, 'main'],
        ['a full ref name', 'refs/heads/main', { 'a.ts': '3' }, 'main'],
      ])('finds %s', async (_, ref, files, branch) => {
        const { host, location } = await build(history);
        const revision = await host.resolve({ location, ref });
        expect(await textsAt(host, revision)).toEqual(files);
        expect(revision.branch).toBe(branch);
      });

      it('finds a commit by its id, by an ancestry expression, and names its branch by its first digits', async () => {
        const { host, location } = await build(history);
        const parent = await host.resolve({ location, ref: 'main~1' });
        expect(await textsAt(host, parent)).toEqual({ 'a.ts': '2' });
        expect(parent.branch).toBe(parent.commit?.slice(0, 12));
        expect(await host.resolve({ location, ref: String(parent.commit) })).toEqual(parent);
      });

      it('keeps the snapshot under the branch that the request names', async () => {
        const { host, location } = await build(history);
        expect(await host.resolve({ location, ref: 'v1', branch: 'releases' })).toMatchObject({ branch: 'releases' });
      });

      it('is idempotent, and gives plain data', async () => {
        const { host, location } = await build(history);
        const revision = await host.resolve({ location, ref: 'main' });
        expect(await host.resolve({ location, ref: 'main' })).toEqual(revision);
        expect(await textsAt(host, JSON.parse(JSON.stringify(revision)) as Revision)).toEqual({ 'a.ts': '3' }); // what crosses a process boundary
      });

      it.each(['none', 'none/such', '0000000000000000000000000000000000000001', '--all', '-x', 'a b', 'main..v1', ''])('knows no revision %j', async (ref) => {
        const { host, location } = await build(history);
        await expect(host.resolve({ location, ref })).rejects.toMatchObject({ name: 'CodeloomError', code: 'unknown-ref' });
      });

      it('says that a repository is empty', async () => {
        const { host, location } = await build({ head: 'main', branches: {} });
        await expect(host.resolve({ location })).rejects.toMatchObject({ code: 'empty-repository' });
        await expect(host.resolve({ location, ref: 'main' })).rejects.toMatchObject({ code: 'empty-repository' });
      });

      it('says that the default branch has no commits', async () => {
        const { host, location } = await build({ head: 'trunk', branches: one.branches });
        await expect(host.resolve({ location })).rejects.toMatchObject({ code: 'unborn-branch' });
        await expect(host.resolve({ location, ref: 'trunk' })).rejects.toMatchObject({ code: 'unborn-branch' });
        expect(await textsAt(host, await host.resolve({ location, ref: 'main' }))).toEqual({ 'a.ts': 'one\n' });
      });

      it('says that a location is not a repository', async () => {
        const { host, location } = await build(one);
        await expect(host.resolve({ location: `${location}-and-nothing-here` })).rejects.toMatchObject({ code: 'not-a-repository' });
      });
    });

    describe('list', () => {
      it('gives ids as Git does, sizes and kinds', async () => {
        const { host, location } = await build({
          head: 'main',
          branches: { main: [{ 'empty': '', 'hello.txt': 'hello\n', 'run.sh': { content: '#!/bin/sh\n', executable: true }, 'to': { link: 'hello.txt' }, 'lib': { submodule } }] },
        });
        expect(await entriesOf(host, await host.resolve({ location }))).toEqual([
          { path: 'empty', blob: 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391', size: 0, kind: 'file' },
          { path: 'hello.txt', blob: 'ce013625030ba8dba906f756967f9e9ca394464a', size: 6, kind: 'file' },
          { path: 'lib', blob: submodule, size: -1, kind: 'submodule' },
          { path: 'run.sh', blob: '1a2485251c33a70432394c93fb89330ef214bfc9', size: 10, kind: 'executable' },
          { path: 'to', blob: 'a5162f80d4a6782b7cb2a0a197f834e683cb9eb1', size: 9, kind: 'symlink' },
        ]);
      });

      it('orders paths by their bytes', async () => {
        const paths = ['a.b', 'a/b', 'a-b', 'a', 'B', 'é', 'z', '\u{1F600}', '\uFFFD'];
        const { host, location } = await build({ head: 'main', branches: { main: [Object.fromEntries(paths.filter((path) => path !== 'a').map((path) => [path, path]))] } });
        const listed = (await entriesOf(host, await host.resolve({ location }))).map((entry) => entry.path);
        expect(listed).toEqual(['B', 'a-b', 'a.b', 'a/b', 'z', 'é', '\uFFFD', '\u{1F600}']);
      });

      it('takes any path', async () => {
        const paths = [' leading', '--help', '-x/-y', '"quoted"', "it's", 'a\\b', 'a\tb', 'line\nbreak', 'percent%41', 'trailing ', 'ünï/ĉødé', '日本語.ts', '$(x)`y`', ':(top)a', '*?[a]', '.git-like'];
        const tree = Object.fromEntries(paths.map((path) => [path, `content of ${path}`]));
        const { host, location } = await build({ head: 'main', branches: { main: [tree] } });
        expect(await textsAt(host, await host.resolve({ location }))).toEqual(tree);
      });

      it('gives nothing for an empty tree', async () => {
        const { host, location } = await build({ head: 'main', branches: { main: [{}] } });
        expect(await entriesOf(host, await host.resolve({ location }))).toEqual([]);
      });

      it('lists many files in batches, and may be left early', async () => {
        const tree = Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`src/${String(at).padStart(5, '0')}.ts`, `${at}`]));
        const { host, location } = await build({ head: 'main', branches: { main: [tree] } });
        const revision = await host.resolve({ location });
        expect((await entriesOf(host, revision)).map((entry) => entry.path)).toEqual(Object.keys(tree));
        for await (const batch of host.list(revision)) {
          expect(batch.length).toBeGreaterThan(0);
          break;
        }
        await host.release(revision);
      });
    });

    describe('read', () => {
      it('gives the bytes as they are', async () => {
        const every = Uint8Array.from({ length: 256 }, (_, at) => at);
        const large = new Uint8Array(3_000_000).map((_, at) => (at * 7919) >> 5);
        const tree = { 'every': every, 'large': large, 'crlf': 'a\r\nb\r\n', 'empty': '', 'text': 'no end of line', 'link': { link: 'text' } };
        const { host, location } = await build({ head: 'main', branches: { main: [tree] } });
        const contents = await contentsAt(host, await host.resolve({ location }));
        expect(contents.map(([path]) => path).sort()).toEqual(Object.keys(tree).sort());
        const of = new Map(contents);
        expect(of.get('every')).toEqual(every);
        expect(Buffer.compare(of.get('large') ?? new Uint8Array(), large)).toBe(0);
        expect(text(of.get('crlf'))).toBe('a\r\nb\r\n');
        expect(text(of.get('empty'))).toBe('');
        expect(text(of.get('link'))).toBe('text');
      });

      it('answers each entry once, in whatever order they are named', async () => {
        const tree = Object.fromEntries(Array.from({ length: 700 }, (_, at) => [`f${at}`, `content ${at % 90}`]));
        const { host, location } = await build({ head: 'main', branches: { main: [tree] } });
        const revision = await host.resolve({ location });
        const entries = (await entriesOf(host, revision)).toReversed();
        const blobs = await gather(host.read(revision, from(entries)));
        expect(blobs.map((blob) => blob.entry.path).sort()).toEqual(Object.keys(tree).sort());
        for (const blob of blobs) expect('bytes' in blob && text(blob.bytes)).toBe(tree[blob.entry.path]);
      });

      it('reports what it cannot give, and goes on', async () => {
        const { host, location } = await build({ head: 'main', branches: { main: [{ 'a': 'a', 'b': 'b', 'lib': { submodule } }] } });
        const revision = await host.resolve({ location });
        const [a, b, lib] = await entriesOf(host, revision);
        if (a === undefined || b === undefined || lib === undefined) throw new Error('three entries were committed');
        const lacking = { ...a, path: 'x', blob: '1234567890123456789012345678901234567890' };
        const blobs = await gather(host.read(revision, from([lacking, a, lib, b])));
        expect(Object.fromEntries(blobs.map((blob) => [blob.entry.path, 'error' in blob ? blob.error.code : text(blob.bytes)]))).toEqual({ x: 'missing', a: 'a', lib: 'unreadable', b: 'b' });
      });

      it('does not read what is larger than wanted', async () => {
        const { host, location } = await build({ head: 'main', branches: { main: [{ 'eleven': 'x'.repeat(11), 'ten': 'x'.repeat(10) }] } });
        const revision = await host.resolve({ location });
        const entries = await entriesOf(host, revision);
        const outcome = (blobs: readonly SourceBlob[]) => Object.fromEntries(blobs.map((blob) => [blob.entry.path, 'error' in blob ? blob.error.code : blob.bytes.length]));
        expect(outcome(await gather(host.read(revision, from(entries), { maxBytes: 10 })))).toEqual({ eleven: 'too-large', ten: 10 });
        // A size that was not known beforehand makes no difference.
        expect(outcome(await gather(host.read(revision, from(entries.map((entry) => ({ ...entry, size: -1 }))), { maxBytes: 10 })))).toEqual({ eleven: 'too-large', ten: 10 });
      });

      it('gives a blob before it needs the next entry', async () => {
        const { host, location } = await build({ head: 'main', branches: { main: [{ 'a': 'a', 'b': 'b', 'c': 'c' }] } });
        const revision = await host.resolve({ location });
        const entries = await entriesOf(host, revision);
        const order: string[] = [];
        let answered = (): void => {};
        const oneByOne = async function* (): AsyncGenerator<SourceEntry> {
          for (const entry of entries) {
            const answer = new Promise<void>((resolve) => { answered = resolve; });
            order.push(`ask ${entry.path}`);
            yield entry;
            await answer;
          }
        };
        for await (const blob of host.read(revision, oneByOne())) {
          order.push(`got ${blob.entry.path}`);
          answered();
        }
        expect(order).toEqual(['ask a', 'got a', 'ask b', 'got b', 'ask c', 'got c']);
      });

      it('takes entries no faster than blobs are taken', async () => {
        const tree = Object.fromEntries(Array.from({ length: 4_000 }, (_, at) => [`f${at}`, `content ${at}`]));
        const { host, location } = await build({ head: 'main', branches: { main: [tree] } });
        const revision = await host.resolve({ location });
        let asked = 0;
        const counted = async function* (): AsyncGenerator<SourceEntry> {
          for (const entry of await entriesOf(host, revision)) {
            asked += 1;
            yield entry;
          }
        };
        for await (const blob of host.read(revision, counted())) {
          expect(blob).toHaveProperty('bytes');
          await new Promise((resolve) => setTimeout(resolve, 50));
          break;
        }
        expect(asked).toBeLessThan(2_000);
      });

      it('passes on what the entries throw', async () => {
        const { host, location } = await build(one);
        const revision = await host.resolve({ location });
        const failing = async function* (): AsyncGenerator<SourceEntry> {
          yield* await entriesOf(host, revision);
          throw new Error('no more');
        };
        await expect(gather(host.read(revision, failing()))).rejects.toThrow('no more');
      });

      it('gives nothing for nothing', async () => {
        const { host, location } = await build(one);
        const revision = await host.resolve({ location });
        expect(await gather(host.read(revision, from([])))).toEqual([]);
      });
    });

    describe('the work tree', () => {
      const dirty: DescribedRepository = {
        head: 'main',
        branches: { main: [{ 'kept.ts': 'kept\n', 'edited.ts': 'before\n', 'deleted.ts': 'gone\n', 'dir/inner.ts': 'inner\n' }] },
        workTree: { 'kept.ts': 'kept\n', 'edited.ts': 'after\n', 'dir/inner.ts': 'inner\n', 'dir/untracked.ts': 'new\n', 'run': { content: 'x', executable: true }, 'link': { link: 'kept.ts' } },
      };

      it('is taken as it stands when no ref is named', async ({ skip }) => {
        const { host, location } = await build(dirty);
        if (!host.capabilities.workTree) return skip();
        const revision = await host.resolve({ location });
        expect(revision).toMatchObject({ source: 'work-tree', branch: 'main', root: '' });
        expect(revision.commit).toBe((await host.resolve({ location, ref: 'HEAD' })).commit);
        expect(await textsAt(host, revision)).toEqual({
          'kept.ts': 'kept\n', 'edited.ts': 'after\n', 'dir/inner.ts': 'inner\n', 'dir/untracked.ts': 'new\n', 'run': 'x', 'link': 'kept.ts',
        });
      });

      it('is listed in the order, with the ids, sizes and kinds it would have if committed', async ({ skip }) => {
        const { host, location } = await build({ ...dirty, branches: { ...dirty.branches, next: [dirty.workTree ?? {}] } });
        if (!host.capabilities.workTree) return skip();
        expect(await entriesOf(host, await host.resolve({ location }))).toEqual(await entriesOf(host, await host.resolve({ location, ref: 'next' })));
      });

      it('is not seen when a ref is named', async () => {
        const { host, location } = await build(dirty);
        const revision = await host.resolve({ location, ref: 'main' });
        expect(revision.source).toBe('objects');
        expect(Object.keys(await textsAt(host, revision))).toContain('deleted.ts');
      });

      it('has no commit before the first one', async ({ skip }) => {
        const { host, location } = await build({ head: 'main', branches: {}, workTree: { 'a.ts': 'first' } });
        if (!host.capabilities.workTree) return skip();
        const revision = await host.resolve({ location });
        expect(revision).toMatchObject({ source: 'work-tree', branch: 'main' });
        expect(revision).not.toHaveProperty('commit');
        expect(await textsAt(host, revision)).toEqual({ 'a.ts': 'first' });
      });
    });

    describe('cancelling', () => {
      it('stops before anything is done', async () => {
        const { host, location } = await build(one);
        const revision = await host.resolve({ location });
        const signal = AbortSignal.abort();
        const aborted = { name: 'CodeloomError', code: 'aborted' };
        await expect(host.resolve({ location }, { signal })).rejects.toMatchObject(aborted);
        await expect(gather(host.list(revision, { signal }))).rejects.toMatchObject(aborted);
        await expect(gather(host.read(revision, from([]), { signal }))).rejects.toMatchObject(aborted);
      });

      it('stops in the middle of reading', async () => {
        const tree = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`f${at}`, `content ${at}`.repeat(50)]));
        const { host, location } = await build({ head: 'main', branches: { main: [tree] } });
        const revision = await host.resolve({ location });
        const controller = new AbortController();
        const entries = await entriesOf(host, revision);
        let taken = 0;
        await expect((async () => {
          for await (const blob of host.read(revision, from(entries), { signal: controller.signal })) {
            taken += 'bytes' in blob ? 1 : 0;
            if (taken === 10) controller.abort();
          }
        })()).rejects.toMatchObject({ code: 'aborted' });
        expect(taken).toBeLessThan(2_000);
      });
    });

    it('releases a revision any number of times', async () => {
      const { host, location } = await build(one);
      const revision = await host.resolve({ location });
      await host.release(revision);
      await host.release(revision);
    });
  });
}

async function entriesOf(host: GitHost, revision: Revision): Promise<readonly SourceEntry[]> {
  return (await gather(host.list(revision))).flat();
}

async function contentsAt(host: GitHost, revision: Revision): Promise<readonly (readonly [string, Uint8Array])[]> {
  const blobs = await gather(host.read(revision, from(await entriesOf(host, revision))));
  return blobs.map((blob) => {
    if ('error' in blob) throw new Error(`${blob.entry.path}: ${blob.error.code} ${blob.error.message}`);
    expect(blob.bytes.length).toBe(blob.entry.size);
    return [blob.entry.path, blob.bytes] as const;
  });
}

async function textsAt(host: GitHost, revision: Revision): Promise<Record<string, string>> {
  return Object.fromEntries((await contentsAt(host, revision)).map(([path, bytes]) => [path, text(bytes)]));
}

function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

async function gather<T>(source: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
