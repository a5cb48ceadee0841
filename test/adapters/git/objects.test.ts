import { chownSync, mkdirSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitHost } from '../../../src/adapters/git/git-host.js';
import type { GitHost, SourceBlob } from '../../../src/domain/ports/git-host.js';
import { buildRepository, git, openWorkshop, type Workshop } from './build-repository.js';
import { contents, listing, one, outcome } from './reading.js';

describe('a repository of this machine', () => {
  let workshop: Workshop;
  let host: GitHost;
  let folder: string;

  beforeEach(() => {
    workshop = openWorkshop();
    host = createGitHost({ cacheFolder: join(workshop.folder, 'mirrors') });
    folder = join(workshop.folder, 'Some Folder');
  });
  afterEach(() => workshop.dispose());

  const tree = { 'a.ts': 'a', 'src/b.ts': 'b', 'src/deep/c.ts': 'c', 'srcx/d.ts': 'd' };
  const plain = { head: 'main', branches: { main: [tree] } };

  describe('is named', () => {
    it('by a folder of its work tree, which is then the root, and a repository of its own', async () => {
      buildRepository(folder, { ...plain, workTree: { ...tree, 'src/new.ts': 'n' } });
      const whole = await host.resolve({ location: folder });
      expect(whole).toMatchObject({ root: '', repository: { location: folder, kind: 'work-tree', name: 'Some Folder', id: expect.stringMatching(/^local\/Some-Folder-[0-9a-f]{8}$/) } });
      const part = await host.resolve({ location: join(folder, 'src') });
      const { id, name } = whole.repository;
      expect(part).toEqual({ ...whole, root: 'src', repository: { ...whole.repository, id: `${id}/src`, name: `${name}/src`, location: join(folder, 'src') } });
      expect(await contents(host, part)).toEqual({ 'b.ts': 'b', 'deep/c.ts': 'c', 'new.ts': 'n' });
      expect(await contents(host, { location: join(folder, 'src', 'deep'), ref: 'main' })).toEqual({ 'c.ts': 'c' });
    });

    it('by a folder that another commit does not have', async () => {
      buildRepository(folder, { head: 'main', branches: { main: [{ 'a.ts': 'a' }, tree] }, workTree: tree });
      await expect(host.resolve({ location: join(folder, 'src'), ref: 'HEAD~1' })).rejects.toMatchObject({ code: 'unknown-ref' });
    });

    it('through a symbolic link, a relative path and a trailing slash alike', async () => {
      buildRepository(folder, { ...plain, workTree: tree });
      symlinkSync(folder, join(workshop.folder, 'link'));
      const expected = await host.resolve({ location: folder });
      expect(await host.resolve({ location: join(workshop.folder, 'link') })).toEqual(expected);
      expect(await host.resolve({ location: `${folder}/` })).toEqual(expected);
    });

    it('by its .git folder', async () => {
      buildRepository(folder, { ...plain, workTree: tree });
      expect(await host.resolve({ location: join(folder, '.git') })).toEqual(await host.resolve({ location: folder }));
    });

    it('by the folder of a bare repository', async () => {
      buildRepository(`${folder}.git`, plain);
      const revision = await host.resolve({ location: `${folder}.git` });
      expect(revision).toMatchObject({ source: 'objects', repository: { kind: 'bare', location: `${folder}.git`, name: 'Some Folder', defaultBranch: 'main' } });
      expect(await contents(host, revision)).toEqual(tree);
    });

    it('by one of several work trees, which share its id', async () => {
      buildRepository(folder, { ...plain, workTree: tree });
      git(folder, ['worktree', 'add', '--quiet', '-b', 'other', join(workshop.folder, 'second')]);
      writeFileSync(join(workshop.folder, 'second', 'a.ts'), 'changed');
      const second = await host.resolve({ location: join(workshop.folder, 'second') });
      expect(second).toMatchObject({ branch: 'other', repository: { id: (await host.resolve({ location: folder })).repository.id, location: join(workshop.folder, 'second') } });
      expect(await contents(host, second)).toEqual({ ...tree, 'a.ts': 'changed' });
    });

    it('whatever repository the environment points at', async () => {
      buildRepository(folder, { ...plain, workTree: tree });
      buildRepository(join(workshop.folder, 'other'), { head: 'main', branches: { main: [{ 'x': 'x' }] }, workTree: { x: 'x' } });
      const environment = { ...process.env, GIT_DIR: join(workshop.folder, 'other', '.git'), GIT_WORK_TREE: '/', GIT_INDEX_FILE: '/none', GIT_OBJECT_DIRECTORY: '/none' };
      const astray = createGitHost({ cacheFolder: join(workshop.folder, 'mirrors'), environment });
      expect(await contents(astray, { location: folder })).toEqual(tree);
      expect(await contents(astray, { location: folder, ref: 'HEAD' })).toEqual(tree);
    });
  });

  describe('is not there', () => {
    it('in a folder without one, in a file, in nothing', async () => {
      mkdirSync(folder);
      writeFileSync(join(folder, 'file'), '');
      await expect(host.resolve({ location: folder })).rejects.toMatchObject({ code: 'not-a-repository', message: expect.stringContaining('git init') });
      await expect(host.resolve({ location: join(folder, 'file') })).rejects.toMatchObject({ code: 'not-a-repository', message: expect.stringContaining('is a file') });
      await expect(host.resolve({ location: join(folder, 'none') })).rejects.toMatchObject({ code: 'not-a-repository', message: expect.stringContaining('There is no folder') });
    });

    it('where its work tree is said to be elsewhere', async () => {
      buildRepository(folder, { ...plain, workTree: tree });
      mkdirSync(join(workshop.folder, 'private'));
      git(folder, ['config', 'core.worktree', join(workshop.folder, 'private')]);
      await expect(host.resolve({ location: join(folder, 'src') })).rejects.toMatchObject({ code: 'not-a-repository', message: expect.stringContaining('elsewhere') });
    });

    it('without Git', async () => {
      buildRepository(folder, { ...plain, workTree: tree });
      const without = createGitHost({ cacheFolder: workshop.folder, gitBinary: join(workshop.folder, 'no-such-git') });
      await expect(without.resolve({ location: folder })).rejects.toMatchObject({ code: 'git-not-found', message: expect.stringContaining('Install Git') });
      const revision = await host.resolve({ location: folder, ref: 'HEAD' });
      await expect(listing(without, revision)).rejects.toMatchObject({ code: 'git-not-found' });
      await expect(contents(without, await host.resolve({ location: folder }))).rejects.toMatchObject({ code: 'git-not-found' });
    });
  });

  it.runIf(process.getuid?.() === 0)('of another user is read all the same', async () => {
    buildRepository(folder, { ...plain, workTree: tree });
    for (const path of [folder, join(folder, '.git')]) chownSync(path, 12_345, 12_345);
    expect(() => git(folder, ['status'])).toThrow(/dubious ownership/);
    expect(await contents(host, { location: folder })).toEqual(tree);
    expect(await contents(host, { location: folder, ref: 'main' })).toEqual(tree);
  });

  it('that uses SHA-256 works throughout', async () => {
    buildRepository(folder, { ...plain, workTree: { ...tree, 'a.ts': 'changed', 'new.ts': 'new' } }, { format: 'sha256' });
    const committed = await host.resolve({ location: folder, ref: 'main' });
    expect(committed.commit).toHaveLength(64);
    expect(await contents(host, committed)).toEqual(tree);
    expect(await contents(host, { location: folder })).toEqual({ ...tree, 'a.ts': 'changed', 'new.ts': 'new' });
    git(folder, ['add', '-A']);
    const staged = git(folder, ['ls-files', '-s']).trim().split('\n').map((line) => line.split(/\s/)[1]);
    expect((await listing(host, { location: folder })).map((entry) => entry.blob)).toEqual(staged);
  });

  it('holds paths that are not UTF-8', async () => {
    buildRepository(folder, { head: 'main', branches: {}, workTree: {} });
    const paths = [Buffer.from('lit%FF'), Buffer.from('lit\xff', 'latin1'), Buffer.from('d\xe9\xe8/f%1', 'latin1'), Buffer.from('é')];
    mkdirSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from('d\xe9\xe8', 'latin1')]));
    for (const [at, path] of paths.entries()) writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), path]), `content ${at}`);
    const expected = { 'd%E9%E8/f%251': 'content 2', 'lit%FF': 'content 0', 'lit%25FF': 'content 1', 'é': 'content 3' };
    expect(await contents(host, { location: folder })).toEqual(expected);
    git(folder, ['add', '-A']);
    git(folder, ['commit', '--quiet', '-m', 'c']);
    expect(await contents(host, { location: folder, ref: 'main' })).toEqual(expected);
    expect(await contents(host, { location: folder })).toEqual(expected);
  });

  it('is told apart from an unborn branch only by its refs', async () => {
    buildRepository(folder, { head: 'trunk', branches: plain.branches, workTree: tree });
    const revision = await host.resolve({ location: folder });
    expect(revision).toMatchObject({ branch: 'trunk', source: 'work-tree' });
    expect(revision).not.toHaveProperty('commit');
    await expect(host.resolve({ location: folder, ref: 'HEAD' })).rejects.toMatchObject({ code: 'unborn-branch', details: { known: ['main'] } });
  });

  it('keeps a detached HEAD under its first digits', async () => {
    buildRepository(folder, { ...plain, workTree: tree });
    git(folder, ['checkout', '--quiet', '--detach']);
    const revision = await host.resolve({ location: folder });
    expect(revision.branch).toBe(revision.commit?.slice(0, 12));
  });

  it.each([
    ['an annotated tag', 'v2', 'v2'], ['a remote branch', 'upstream/next', 'upstream/next'], ['an expression', 'HEAD^{/c}', undefined], ['the reflog', 'main@{0}', undefined],
  ])('resolves %s', async (_, ref, branch) => {
    buildRepository(folder, { ...plain, workTree: tree });
    git(folder, ['tag', '-a', 'v2', '-m', 'two']);
    git(folder, ['update-ref', 'refs/remotes/upstream/next', 'HEAD']);
    git(folder, ['reflog', 'expire', '--expire=never', '--all']);
    git(folder, ['update-ref', '-m', 'x', '--create-reflog', 'refs/heads/main', 'HEAD']);
    const revision = await host.resolve({ location: folder, ref });
    expect(revision.commit).toBe(git(folder, ['rev-parse', 'HEAD']).trim());
    expect(revision.branch).toBe(branch ?? revision.commit?.slice(0, 12));
  });

  it.each(['main:a.ts', 'main^{tree}', 'main:src', '--output=/tmp/x', '--git-dir=/x'])('has no commit at %s', async (ref) => {
    buildRepository(folder, { ...plain, workTree: tree });
    await expect(host.resolve({ location: folder, ref })).rejects.toMatchObject({ code: 'unknown-ref' });
  });

  it('ignores replacement objects, so that content is what its id says', async () => {
    buildRepository(folder, { ...plain, workTree: tree });
    const [was, is] = [git(folder, ['rev-parse', 'HEAD:a.ts']).trim(), git(folder, ['hash-object', '-w', '--stdin'], 'replaced').trim()];
    git(folder, ['replace', was, is]);
    expect(await contents(host, { location: folder, ref: 'HEAD' })).toEqual(tree);
  });

  describe('with damaged objects', () => {
    const objectFile = (id: string) => join(folder, 'objects', id.slice(0, 2), id.slice(2));
    const noise = (seed: number) => {
      let state = seed;
      return Array.from({ length: 20_000 }, () => String.fromCharCode(33 + ((state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 16) % 90)).join('');
    };
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`f${String(at).padStart(2, '0')}`, noise(at + 3)]));

    beforeEach(() => {
      buildRepository(folder, { head: 'main', branches: { main: [many] } });
      // Loose, so that one can be damaged by itself.
      for (const pack of readdirSync(join(folder, 'objects', 'pack')).filter((name) => name.endsWith('.pack'))) {
        const bytes = readFileSync(join(folder, 'objects', 'pack', pack));
        rmSync(join(folder, 'objects', 'pack'), { recursive: true });
        git(folder, ['unpack-objects', '-q'], bytes);
        break;
      }
    });

    it('gives an error for each, and all the others', async () => {
      const revision = await host.resolve({ location: folder });
      const entries = await listing(host, revision);
      const file = (at: number) => objectFile(entries[at]?.blob ?? '');
      rmSync(file(5));
      rmSync(file(10)); writeFileSync(file(10), 'garbage');
      const half = readFileSync(file(20)); rmSync(file(20)); writeFileSync(file(20), half); truncateSync(file(20), half.length >> 1);
      rmSync(file(25)); writeFileSync(file(25), '');
      const other = readFileSync(file(31)); rmSync(file(30)); writeFileSync(file(30), other);
      const last = readFileSync(file(39)); rmSync(file(39)); writeFileSync(file(39), last); truncateSync(file(39), last.length >> 1);

      const again = await listing(host, revision);
      expect(again.map((entry) => entry.path)).toEqual(Object.keys(many));
      expect(again[5]?.size).toBe(-1);
      const blobs: SourceBlob[] = [];
      for await (const blob of host.read(revision, one(again))) blobs.push(blob);
      const found = blobs.filter((blob) => outcome(blob) !== many[blob.entry.path]).map((blob) => [blob.entry.path, outcome(blob)]);
      expect(blobs).toHaveLength(40);
      expect(Object.fromEntries(found)).toEqual({ f05: '(missing)', f10: '(corrupt)', f20: '(corrupt)', f25: '(corrupt)', f30: '(corrupt)', f39: '(corrupt)' });
    });

    it('says so when the tree is among them', async () => {
      const revision = await host.resolve({ location: folder });
      const root = objectFile(git(folder, ['rev-parse', 'HEAD^{tree}']).trim());
      rmSync(root);
      writeFileSync(root, 'garbage');
      await expect(listing(host, revision)).rejects.toMatchObject({ code: 'corrupt-object' });
    });

    it('says so when the commit is among them', async () => {
      const commit = objectFile(git(folder, ['rev-parse', 'HEAD']).trim());
      rmSync(commit);
      writeFileSync(commit, 'garbage');
      await expect(host.resolve({ location: folder })).rejects.toMatchObject({ code: 'corrupt-object' });
    });
  });

  describe('has notes', () => {
    it('that it is shallow', async () => {
      buildRepository(folder, { head: 'main', branches: { main: [{ a: '1' }, { a: '2' }] } });
      git(workshop.folder, ['clone', '--quiet', '--depth=1', `file://${folder}`, 'shallow']);
      const revision = await host.resolve({ location: join(workshop.folder, 'shallow') });
      expect(revision.notes.join('\n')).toMatch(/shallow clone/);
      expect(await contents(host, revision)).toEqual({ a: '2' });
    });

    it('that it is partial, and what it lacks is missing without asking its remote', async () => {
      const big = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`f${String(at).padStart(2, '0')}`, `content ${at}`]));
      buildRepository(folder, { head: 'main', branches: { main: [big] } });
      git(folder, ['config', 'uploadpack.allowFilter', 'true']);
      git(workshop.folder, ['clone', '--quiet', '--no-checkout', '--filter=blob:none', `file://${folder}`, 'partial']);
      const partial = join(workshop.folder, 'partial');
      git(partial, ['reset', '--quiet', '--', 'f03']);
      git(partial, ['cat-file', 'blob', 'HEAD:f03']);
      const revision = await host.resolve({ location: partial, ref: 'HEAD' });
      expect(revision.notes.join('\n')).toMatch(/partial clone/);
      expect(await contents(host, revision)).toEqual({ ...Object.fromEntries(Object.keys(big).map((path) => [path, '(missing)'])), f03: 'content 3' });
    });

    it('about submodules and Git LFS, for commits and work trees', async () => {
      const files = {
        '.gitmodules': '[submodule "x"]\n\tpath = libs/x\n\turl = https://example.org/x\n[submodule "y"]\n\tpath = y\n\turl = https://example.org/y\n',
        '.gitattributes': '# comment filter=lfs\n*.bin filter=lfs diff=lfs merge=lfs -text\n', 'y': { submodule: '1'.repeat(40) },
      };
      buildRepository(folder, { head: 'main', branches: { main: [files] }, workTree: files });
      for (const ref of [undefined, 'main']) {
        const { notes } = await host.resolve({ location: folder, ref });
        expect(notes).toEqual(['2 submodules are listed and not followed: libs/x, y.', 'Some files are kept in Git LFS: their pointers are read, not their content.']);
      }
    });

    it('about nothing where there is nothing to say', async () => {
      buildRepository(folder, { ...plain, workTree: tree });
      expect((await host.resolve({ location: folder })).notes).toEqual([]);
    });
  });

  it('ends its process when a reader leaves early or cancels', async () => {
    const children = (): number => readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('cat-file') && readlinkSync(`/proc/${pid}/cwd`).startsWith(realpathSync(folder));
      } catch {
        return false;
      }
    }).length;
    if (process.platform !== 'linux') return;
    const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`f${at}`, `content ${at}`.repeat(100)]));
    buildRepository(folder, { head: 'main', branches: { main: [many] } });
    const revision = await host.resolve({ location: folder });
    const entries = await listing(host, revision);
    for await (const blob of host.read(revision, one(entries))) {
      expect(blob).toHaveProperty('bytes');
      expect(children()).toBe(1);
      break;
    }
    expect(children()).toBe(0);
    const controller = new AbortController();
    await expect((async () => {
      for await (const blob of host.read(revision, one(entries), { signal: controller.signal })) {
        expect(blob).toHaveProperty('bytes');
        controller.abort();
      }
    })()).rejects.toMatchObject({ code: 'aborted' });
    expect(children()).toBe(0);
  });
});
