import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitHost } from '../../../src/adapters/git/git-host.js';
import type { GitHost } from '../../../src/domain/ports/git-host.js';
import { buildRepository, git, openWorkshop, type Workshop } from './build-repository.js';
import { contents, listing, one, outcome } from './reading.js';

describe('a work tree', () => {
  let workshop: Workshop;
  let host: GitHost;
  let folder: string;
  const at = (path: string) => join(folder, path);

  beforeEach(() => {
    workshop = openWorkshop();
    host = createGitHost({ cacheFolder: join(workshop.folder, 'mirrors') });
    folder = join(workshop.folder, 'r');
  });
  afterEach(() => workshop.dispose());

  const build = (tree: Parameters<typeof buildRepository>[1]['workTree'] = { 'a.ts': 'a', 'dir/b.ts': 'b', 'dir/c.ts': 'c' }) =>
    buildRepository(folder, { head: 'main', branches: { main: [tree] }, workTree: tree });
  const paths = async () => (await listing(host, { location: folder })).map((entry) => entry.path);
  /** What Git would commit now, in a copy so that the index under test stays as it is. */
  const staged = () => {
    const copy = join(workshop.folder, 'copy');
    rmSync(copy, { recursive: true, force: true });
    cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
    git(copy, ['add', '-A']);
    return Object.fromEntries(git(copy, ['ls-files', '-z', '-s']).split('\0').filter((record) => record !== '').map((record) => {
      const [, mode, blob, path] = /^(\d+) ([0-9a-f]+) \d\t(.*)$/s.exec(record) ?? [];
      return [path, `${mode} ${blob}`];
    }));
  };
  const MODES = { file: '100644', executable: '100755', symlink: '120000', submodule: '160000' };
  const listed = async () => Object.fromEntries((await listing(host, { location: folder })).map((entry) => [entry.path, `${MODES[entry.kind]} ${entry.blob}`]));

  it('leaves out what is ignored, by any of the three lists', async () => {
    build();
    writeFileSync(at('.gitignore'), '*.log\nbuild/\n!keep.log\n');
    writeFileSync(at('dir/.gitignore'), 'only-here\n');
    writeFileSync(at('.git/info/exclude'), 'private\n');
    for (const path of ['x.log', 'keep.log', 'only-here', 'private', 'new.ts']) writeFileSync(at(path), path);
    writeFileSync(at('dir/only-here'), '');
    mkdirSync(at('build'));
    writeFileSync(at('build/out.js'), '');
    expect(await paths()).toEqual(['.gitignore', 'a.ts', 'dir/.gitignore', 'dir/b.ts', 'dir/c.ts', 'keep.log', 'new.ts', 'only-here']);
  });

  it('keeps a tracked file that is ignored', async () => {
    build();
    writeFileSync(at('.git/info/exclude'), 'a.ts\n');
    expect(await paths()).toContain('a.ts');
  });

  it('has the ids that committing it would give', async () => {
    build({ 'kept': 'kept', 'edited': 'one', 'to-link': 'x', 'to-run': 'x', 'link': { link: 'kept' }, 'run': { content: 'x', executable: true }, 'gone': 'x', 'dir/f': 'x' });
    writeFileSync(at('edited'), 'two, longer');
    rmSync(at('to-link'));
    symlinkSync('kept', at('to-link'));
    chmodSync(at('to-run'), 0o755);
    rmSync(at('link'));
    symlinkSync('elsewhere', at('link'));
    rmSync(at('gone'));
    rmSync(at('dir'), { recursive: true });
    writeFileSync(at('dir'), 'a file now');
    mkdirSync(at('new'));
    writeFileSync(at('new/empty'), '');
    expect(await listed()).toEqual(staged());
  });

  it('notices a change that leaves size and time as they were', async () => {
    build({ 'a.ts': 'one' });
    // Settle the index, so that Git trusts time stamps.
    utimesSync(at('a.ts'), 1_600_000_000, 1_600_000_000);
    git(folder, ['update-index', '--refresh']);
    const { atime, mtime } = statSync(at('a.ts'));
    writeFileSync(at('a.ts'), 'two');
    utimesSync(at('a.ts'), atime, mtime);
    expect(await contents(host, { location: folder })).toEqual({ 'a.ts': 'two' });
  });

  it('notices a change in the moment the index was written', async () => {
    build({ 'a.ts': 'one' });
    for (let attempt = 0; attempt < 20; attempt++) {
      writeFileSync(at('a.ts'), `${attempt % 10}aa`);
      git(folder, ['add', 'a.ts']);
      writeFileSync(at('a.ts'), `${attempt % 10}bb`);
      expect(await contents(host, { location: folder })).toEqual({ 'a.ts': `${attempt % 10}bb` });
    }
  });

  it('trusts the index for files that are as Git last saw them, and reads those from the object store', async () => {
    build({ 'a.bin': 'committed content' });
    utimesSync(at('a.bin'), 1_600_000_000, 1_600_000_000);
    git(folder, ['update-index', '--refresh']);
    const [before] = await listing(host, { location: folder });
    // As a filter would have it: the index names other content than the file holds, with the file's stamp.
    const pointer = git(folder, ['hash-object', '-w', '--stdin'], 'pointer').trim();
    writeFileSync(at('.git/info/attributes'), '*.bin filter=x\n');
    git(folder, ['config', 'filter.x.clean', 'printf pointer']);
    git(folder, ['add', '--renormalize', 'a.bin']);
    expect(before?.blob).not.toBe(pointer);
    expect(await listing(host, { location: folder })).toEqual([{ path: 'a.bin', blob: pointer, size: 7, kind: 'file' }]);
    expect(await contents(host, { location: folder })).toEqual({ 'a.bin': 'pointer' });
  });

  it('gives the file’s own bytes when a filter would change them', async () => {
    build({ 'a.bin': 'one', '.gitattributes': '*.bin filter=x\n' });
    git(folder, ['config', 'filter.x.clean', 'printf pointer']);
    writeFileSync(at('a.bin'), 'changed');
    expect(await contents(host, { location: folder })).toMatchObject({ 'a.bin': 'changed' });
  });

  describe('never leaves its folder', () => {
    const secret = () => join(workshop.folder, 'secret');
    beforeEach(() => {
      build();
      mkdirSync(secret());
      writeFileSync(join(secret(), 'b.ts'), 'SECRET');
      writeFileSync(join(secret(), 'c.ts'), 'SECRET');
    });

    it('through a file that became a symbolic link', async () => {
      rmSync(at('a.ts'));
      symlinkSync(join(secret(), 'b.ts'), at('a.ts'));
      const found = await contents(host, { location: folder });
      expect(found['a.ts']).toBe(join(secret(), 'b.ts'));
    });

    it('through a folder that became a symbolic link', async () => {
      rmSync(at('dir'), { recursive: true });
      symlinkSync(secret(), at('dir'));
      expect(await contents(host, { location: folder })).toEqual({ 'a.ts': 'a', 'dir': secret() });
    });

    it('when a folder becomes a symbolic link between listing and reading', async () => {
      writeFileSync(at('dir/b.ts'), 'SECRET');
      const revision = await host.resolve({ location: folder });
      const entries = await listing(host, revision);
      rmSync(at('dir'), { recursive: true });
      symlinkSync(secret(), at('dir'));
      const found: string[] = [];
      for await (const blob of host.read(revision, one(entries))) found.push(`${blob.entry.path} ${outcome(blob)}`);
      expect(found.sort()).toEqual(['a.ts a', 'dir/b.ts (unreadable)', 'dir/c.ts c']);
    });

    it('through paths that no index should hold', async () => {
      const revision = await host.resolve({ location: folder });
      const [entry] = await listing(host, revision);
      if (entry === undefined) throw new Error('a file was listed');
      const blob = git(folder, ['hash-object', '--stdin'], 'SECRET').trim();
      for (const path of ['../secret/b.ts', 'dir/../../secret/b.ts', join(secret(), 'b.ts'), '.git/config', 'dir//b.ts', '%2E%2E/secret/b.ts']) {
        const found: string[] = [];
        for await (const result of host.read(revision, one([{ ...entry, path, blob, size: 6 }]))) found.push(outcome(result));
        expect([path, ...found]).toEqual([path, '(unreadable)']);
      }
    });
  });

  it('says what changed between listing and reading, and never gives other content under an id', async () => {
    build();
    writeFileSync(at('new.ts'), 'as listed');
    writeFileSync(at('gone.ts'), 'as listed too');
    const revision = await host.resolve({ location: folder });
    const entries = await listing(host, revision);
    writeFileSync(at('new.ts'), 'as changed');
    rmSync(at('gone.ts'));
    writeFileSync(at('a.ts'), 'changed, yet its old content is in the store');
    const found: Record<string, string> = {};
    for await (const blob of host.read(revision, one(entries))) found[blob.entry.path] = 'error' in blob ? `${blob.error.code}: ${blob.error.message}` : outcome(blob);
    expect(found).toEqual({
      'a.ts': 'a', 'dir/b.ts': 'b', 'dir/c.ts': 'c',
      'gone.ts': 'unreadable: There is no such file.', 'new.ts': 'unreadable: The file changed after it was listed.',
    });
  });

  it.skipIf(process.platform === 'win32')('lists what cannot be read, says why, and does not hang on a pipe', async () => {
    build();
    rmSync(at('a.ts'));
    execFileSync('mkfifo', [at('a.ts')]);
    execFileSync('mkfifo', [at('untracked-pipe')]);
    writeFileSync(at('closed.ts'), 'x');
    chmodSync(at('closed.ts'), 0);
    const found = await contents(host, { location: folder });
    expect(found).toMatchObject({ 'a.ts': '(unreadable)', 'dir/b.ts': 'b' });
    if (process.getuid?.() !== 0) expect(found['closed.ts']).toBe('(unreadable)');
    expect(found).not.toHaveProperty('untracked-pipe');
  });

  it('lists submodules and repositories inside it, and looks into neither', async () => {
    build();
    buildRepository(join(workshop.folder, 'library'), { head: 'main', branches: { main: [{ 'lib.ts': 'lib' }] } });
    git(folder, ['-c', 'protocol.file.allow=always', 'submodule', 'add', '--quiet', join(workshop.folder, 'library'), 'libs/one']);
    git(folder, ['commit', '--quiet', '-m', 'submodule']);
    buildRepository(at('nested'), { head: 'main', branches: { main: [{ 'n.ts': 'n' }] }, workTree: { 'n.ts': 'n' } });
    const commit = git(at('libs/one'), ['rev-parse', 'HEAD']).trim();
    const entries = await listing(host, { location: folder });
    expect(entries.filter((entry) => entry.kind === 'submodule')).toEqual([
      { path: 'libs/one', blob: commit, size: -1, kind: 'submodule' }, { path: 'nested', blob: '0'.repeat(40), size: -1, kind: 'submodule' },
    ]);
    expect(await contents(host, { location: folder })).toMatchObject({ 'libs/one': '(unreadable)', 'nested': '(unreadable)' });
    rmSync(at('nested'), { recursive: true });
    expect(await listed()).toEqual(staged());
    // Not checked out: still there as an empty folder.
    git(folder, ['submodule', 'deinit', '--force', '--quiet', 'libs/one']);
    expect((await listing(host, { location: folder })).find((entry) => entry.path === 'libs/one')).toMatchObject({ kind: 'submodule', blob: commit });
  });

  it('shows a conflict as the file stands, once', async () => {
    build({ 'a.ts': 'base\n' });
    git(folder, ['checkout', '--quiet', '-b', 'other']);
    writeFileSync(at('a.ts'), 'theirs\n');
    git(folder, ['commit', '--quiet', '-am', 'theirs']);
    git(folder, ['checkout', '--quiet', 'main']);
    writeFileSync(at('a.ts'), 'ours\n');
    git(folder, ['commit', '--quiet', '-am', 'ours']);
    expect(() => git(folder, ['merge', '--quiet', 'other'])).toThrow();
    expect(await paths()).toEqual(['a.ts']);
    expect((await contents(host, { location: folder }))['a.ts']).toContain('<<<<<<<');
  });

  it('shows a file that is only intended to be added, or marked as unchanged', async () => {
    build();
    writeFileSync(at('intended.ts'), 'intended');
    git(folder, ['add', '--intent-to-add', 'intended.ts']);
    git(folder, ['update-index', '--assume-unchanged', 'a.ts']);
    writeFileSync(at('a.ts'), 'changed in secret');
    expect(await contents(host, { location: folder })).toMatchObject({ 'intended.ts': 'intended', 'a.ts': 'changed in secret' });
  });

  it('of a sparse checkout is what is there', async () => {
    build();
    git(folder, ['sparse-checkout', 'set', '--cone']);
    expect(await paths()).toEqual(['a.ts']);
    expect((await host.resolve({ location: folder })).notes.join()).toMatch(/sparse checkout/);
  });

  it('with a split index is read whole', async () => {
    build();
    git(folder, ['update-index', '--split-index']);
    writeFileSync(at('new.ts'), 'new');
    git(folder, ['add', 'new.ts']);
    expect(await contents(host, { location: folder })).toEqual({ 'a.ts': 'a', 'dir/b.ts': 'b', 'dir/c.ts': 'c', 'new.ts': 'new' });
  });

  it('that was copied elsewhere, so that every stamp differs, is the same', async () => {
    build({ 'a.ts': 'a', 'crlf.txt': 'x\r\ny\r\n', '.gitattributes': '*.ts text eol=crlf\n' });
    const before = await listing(host, { location: folder });
    const copy = join(workshop.folder, 'moved');
    cpSync(folder, copy, { recursive: true });
    expect(await listing(host, { location: copy })).toEqual(before);
  });

  it('takes the executable bit from the index where the file system has none', async () => {
    build({ 'run': { content: 'x', executable: true }, 'a': 'a' });
    git(folder, ['config', 'core.fileMode', 'false']);
    chmodSync(at('run'), 0o644);
    chmodSync(at('a'), 0o755);
    writeFileSync(at('new'), '');
    chmodSync(at('new'), 0o755);
    expect((await listing(host, { location: folder })).map((entry) => [entry.path, entry.kind])).toEqual([['a', 'file'], ['new', 'file'], ['run', 'executable']]);
  });

  it('hashes a large file piece by piece', async () => {
    build();
    writeFileSync(at('large'), Buffer.alloc(20_000_000, 'content '));
    const entry = (await listing(host, { location: folder })).find(({ path }) => path === 'large');
    expect(entry).toEqual({ path: 'large', blob: git(folder, ['hash-object', 'large']).trim(), size: 20_000_000, kind: 'file' });
    const revision = await host.resolve({ location: folder });
    for await (const blob of host.read(revision, one(entry === undefined ? [] : [entry]), { maxBytes: 1_000_000 })) expect(outcome(blob)).toBe('(too-large)');
    for await (const blob of host.read(revision, one(entry === undefined ? [] : [entry]))) expect(outcome(blob)).toHaveLength(20_000_000);
  });

  it('is not written to, in no file of it and none of .git', async () => {
    build();
    writeFileSync(at('a.ts'), 'changed');
    writeFileSync(at('new.ts'), 'new');
    // A stale index tempts Git to refresh it.
    utimesSync(at('dir/b.ts'), 1_500_000_000, 1_500_000_000);
    const state = () => {
      const found: string[] = [];
      const walk = (path: string): void => {
        for (const name of readdirSync(path).sort()) {
          const full = join(path, name);
          const stats = statSync(full, { bigint: true });
          found.push(`${full} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.size} ${stats.isDirectory() ? '' : readFileSync(full).toString('base64').slice(0, 200)}`);
          if (stats.isDirectory()) walk(full);
        }
      };
      walk(folder);
      return found;
    };
    const before = state();
    await contents(host, { location: folder });
    await contents(host, { location: folder, ref: 'HEAD' });
    await contents(host, { location: join(folder, 'dir') });
    expect(state()).toEqual(before);
  });

  it('stops listing when cancelled', async () => {
    build();
    for (let file = 0; file < 2_500; file++) writeFileSync(at(`f${file}`), `content ${file}`);
    const revision = await host.resolve({ location: folder });
    const controller = new AbortController();
    await expect((async () => {
      for await (const batch of host.list(revision, { signal: controller.signal })) {
        expect(batch.length).toBeGreaterThan(0);
        controller.abort();
      }
    })()).rejects.toMatchObject({ code: 'aborted' });
  });

  it('is the same after Git has packed everything away', async () => {
    build();
    const before = await contents(host, { location: folder });
    git(folder, ['gc', '--quiet']);
    appendFileSync(at('.git/config'), '');
    renameSync(folder, `${folder}2`);
    expect(await contents(host, { location: `${folder}2` })).toEqual(before);
  });
});
