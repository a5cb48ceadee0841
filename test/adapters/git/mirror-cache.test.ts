import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitHost } from '../../../src/adapters/git/git-host.js';
import { withLock } from '../../../src/adapters/git/mirror-lock.js';
import type { GitHost } from '../../../src/domain/ports/git-host.js';
import { gitHostContract } from '../../../src/testing/contracts/git-host.js';
import { buildRepository, git, openWorkshop, type Workshop } from './build-repository.js';
import { plainEnvironment } from './http-backend.js';
import { contents, listing } from './reading.js';

gitHostContract('Git over a URL', async ({ workTree: _, ...repository }) => {
  const workshop = openWorkshop();
  const folder = join(workshop.folder, 'repository.git');
  buildRepository(folder, repository);
  const inner = createGitHost({ cacheFolder: join(workshop.folder, 'mirrors'), allowedProtocols: ['file'] });
  return {
    // A remote has no work tree, and a wrong URL is a repository that was not found.
    host: {
      ...inner, capabilities: { remote: true, workTree: false },
      resolve: (request, options) => inner.resolve(request, options).catch((error: unknown) => {
        if (request.location.endsWith('nothing-here') && error instanceof Error && 'code' in error && error.code === 'repository-not-found') throw Object.assign(error, { code: 'not-a-repository' });
        throw error;
      }),
    },
    location: `file://${folder}`, dispose: workshop.dispose,
  };
});

describe('a remote', () => {
  let workshop: Workshop;
  let host: GitHost;
  let folder: string;
  let mirrors: string;
  let location: string;

  beforeEach(() => {
    workshop = openWorkshop();
    mirrors = join(workshop.folder, 'cache', 'mirrors');
    host = open();
    folder = join(workshop.folder, 'remote');
    location = `file://${folder}`;
    buildRepository(folder, { head: 'main', branches: { main: [{ a: '1' }, { a: '2' }], old: [{ o: 'o' }] }, workTree: { a: '2' } });
  });
  afterEach(() => workshop.dispose());

  const open = () => createGitHost({ cacheFolder: mirrors, allowedProtocols: ['file'] });
  const commit = (content: string) => {
    writeFileSync(join(folder, 'a'), content);
    git(folder, ['commit', '--quiet', '--all', '--message', content]);
    return git(folder, ['rev-parse', 'HEAD']).trim();
  };
  const mirror = () => {
    const names = readdirSync(mirrors).filter((name) => name.endsWith('.git'));
    expect(names).toHaveLength(1);
    return join(mirrors, names[0] ?? '');
  };

  it('is mirrored once, and followed from then on', async () => {
    expect(await contents(host, { location })).toEqual({ a: '2' });
    const is = commit('3');
    expect(await host.resolve({ location })).toMatchObject({ commit: is, branch: 'main', source: 'objects', repository: { kind: 'remote', location, defaultBranch: 'main' } });
    expect(await contents(host, { location })).toEqual({ a: '3' });
    expect(readdirSync(mirrors)).toEqual([mirror().split('/').at(-1)]);
  });

  it('may lose a branch, gain one under its name, be rewritten and change its default', async () => {
    expect(await contents(host, { location, ref: 'old' })).toEqual({ o: 'o' });
    git(folder, ['branch', '--quiet', '-D', 'old']);
    git(folder, ['branch', 'old/er', 'main']);
    git(folder, ['reset', '--quiet', '--hard', 'HEAD~1']);
    git(folder, ['commit', '--quiet', '--amend', '-m', 'rewritten']);
    git(folder, ['tag', 'v1']);
    await expect(host.resolve({ location, ref: 'old' })).rejects.toMatchObject({ code: 'unknown-ref' });
    expect(await contents(host, { location, ref: 'old/er' })).toEqual({ a: '2' });
    expect(await contents(host, { location, ref: 'v1' })).toEqual({ a: '1' });
    expect((await host.resolve({ location })).commit).toBe(git(folder, ['rev-parse', 'HEAD']).trim());
    git(folder, ['checkout', '--quiet', '-b', 'trunk']);
    git(folder, ['tag', '-f', 'v1', 'old/er']);
    expect(await host.resolve({ location })).toMatchObject({ branch: 'trunk', repository: { defaultBranch: 'trunk' } });
    expect(await contents(host, { location, ref: 'v1' })).toEqual({ a: '2' });
  });

  describe('with a long history', () => {
    const commits = () => git(mirror(), ['rev-list', '--all', '--count']).trim();

    it('is copied without it, and followed so', async () => {
      expect(await contents(host, { location })).toEqual({ a: '2' });
      expect(commits()).toBe('1');
      commit('3');
      const is = commit('4');
      expect(await host.resolve({ location })).toMatchObject({ commit: is, branch: 'main', notes: [] });
      expect(await contents(host, { location })).toEqual({ a: '4' });
      expect(commits()).toBe('1');
    });

    it('has it once a revision counts on it, and from then on', async () => {
      const first = git(folder, ['rev-parse', 'HEAD~1']).trim();
      await host.resolve({ location });
      expect(await contents(host, { location, ref: 'main~1' })).toEqual({ a: '1' });
      expect(commits()).toBe('3');
      commit('3');
      await host.resolve({ location });
      expect(commits()).toBe('4');
      rmSync(mirrors, { recursive: true });
      expect(await host.resolve({ location, ref: first.slice(0, 9) })).toMatchObject({ commit: first });
    });

    it('gives one commit of it by its id', async () => {
      const second = git(folder, ['rev-parse', 'HEAD']).trim();
      commit('3');
      expect(await contents(host, { location, ref: second })).toEqual({ a: '2' });
      expect(await host.resolve({ location, ref: second })).toMatchObject({ repository: { defaultBranch: 'main' } });
      expect(git(mirror(), ['cat-file', '--batch-all-objects', '--batch-check']).match(/ commit /g)).toHaveLength(1);
    });

    it('loses branches that are in the way of others', async () => {
      git(folder, ['branch', 'topic', 'main']);
      expect(await contents(host, { location, ref: 'topic' })).toEqual({ a: '2' });
      git(folder, ['branch', '-D', 'topic']);
      git(folder, ['branch', 'topic/one', 'main']);
      expect(await contents(host, { location, ref: 'topic/one' })).toEqual({ a: '2' });
      expect(commits()).toBe('1');
      await expect(host.resolve({ location, ref: 'topic' })).rejects.toMatchObject({ code: 'unknown-ref' });
    });

    it('has both of a tag and a branch of one name, of which Git takes the tag', async () => {
      git(folder, ['tag', 'old', 'main']);
      expect(await host.resolve({ location, ref: 'old' })).toMatchObject({ commit: git(folder, ['rev-parse', 'main']).trim() });
      expect(await contents(host, { location, ref: 'heads/old' })).toEqual({ o: 'o' });
    });

    it('is not copied for a branch that is not there', async () => {
      git(folder, ['tag', '-a', '-m', 'v', 'v1']);
      await expect(host.resolve({ location, ref: 'mian' })).rejects.toMatchObject({ code: 'unknown-ref', details: { known: ['main', 'old', 'v1'] } });
      expect(readdirSync(mirrors)).toEqual([]);
    });

    it('is copied whole from a server that gives nothing else', async () => {
      git(folder, ['update-server-info']);
      const files = createServer((request, response) => {
        const path = join(folder, '.git', decodeURIComponent((request.url ?? '').split('?')[0] ?? '').replace('/repository.git', ''));
        if (!existsSync(path) || !statSync(path).isFile()) return void response.writeHead(404).end();
        response.end(readFileSync(path));
      });
      await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
      try {
        const { port } = files.address() as AddressInfo; // it listens on a port
        const plain = createGitHost({ cacheFolder: mirrors, allowedProtocols: ['http'], environment: plainEnvironment() });
        expect(await contents(plain, { location: `http://127.0.0.1:${port}/repository.git` })).toEqual({ a: '2' });
        expect(commits()).toBe('3');
      } finally {
        await new Promise((resolve) => files.close(resolve));
      }
    });
  });

  it('is not asked for a commit that is there already', async () => {
    const { commit: known } = await host.resolve({ location });
    rmSync(folder, { recursive: true });
    expect(await contents(host, { location, ref: String(known) })).toEqual({ a: '2' });
    await expect(host.resolve({ location, ref: 'main' })).rejects.toMatchObject({ code: 'repository-not-found' });
  });

  it('is asked by name for what no branch holds', async () => {
    await host.resolve({ location });
    const lost = commit('lost');
    git(folder, ['update-ref', 'refs/pull/7/head', 'HEAD']);
    git(folder, ['reset', '--quiet', '--hard', 'HEAD~1']);
    expect(await contents(host, { location, ref: 'refs/pull/7/head' })).toEqual({ a: 'lost' });
    rmSync(mirrors, { recursive: true });
    git(folder, ['config', 'uploadpack.allowAnySHA1InWant', 'true']);
    expect(await contents(host, { location, ref: lost })).toEqual({ a: 'lost' });
    await expect(host.resolve({ location, ref: '1234567890123456789012345678901234567890' })).rejects.toMatchObject({ code: 'unknown-ref' });
  });

  it('is read on another machine from the plain revision', async () => {
    const revision = JSON.parse(JSON.stringify(await host.resolve({ location }))) as Awaited<ReturnType<GitHost['resolve']>>; // what crosses a process boundary
    rmSync(mirrors, { recursive: true });
    commit('3');
    expect(await contents(open(), revision)).toEqual({ a: '2' });
  });

  it('of SHA-256 works', async () => {
    const other = join(workshop.folder, 'sha256');
    buildRepository(other, { head: 'main', branches: { main: [{ a: 'x' }] } }, { format: 'sha256' });
    expect(await contents(host, { location: `file://${other}` })).toEqual({ a: 'x' });
    expect((await host.resolve({ location: `file://${other}` })).commit).toHaveLength(64);
  });

  it('that was empty is followed once it is not', async () => {
    const other = join(workshop.folder, 'empty');
    buildRepository(other, { head: 'main', branches: {}, workTree: { f: 'f' } });
    await expect(host.resolve({ location: `file://${other}` })).rejects.toMatchObject({ code: 'empty-repository' });
    git(other, ['add', 'f']);
    git(other, ['commit', '--quiet', '-m', 'first']);
    expect(await contents(host, { location: `file://${other}` })).toEqual({ f: 'f' });
  });

  it('that is not there is said so, and leaves nothing behind', async () => {
    await expect(host.resolve({ location: `file://${workshop.folder}/none` })).rejects.toMatchObject({ code: 'repository-not-found', retryable: false });
    expect(readdirSync(mirrors)).toEqual([]);
  });

  it('leaves its address in no file', async () => {
    await host.resolve({ location });
    await host.resolve({ location });
    expect(readFileSync(join(mirror(), 'config'), 'utf8')).not.toContain('remote');
    expect(existsSync(join(mirror(), 'FETCH_HEAD'))).toBe(false);
  });

  it('may be resolved by many at once', async () => {
    const hosts = Array.from({ length: 4 }, open);
    const first = await Promise.all(hosts.map((each) => contents(each, { location })));
    expect(first).toEqual(Array.from({ length: 4 }, () => ({ a: '2' })));
    commit('3');
    expect(await Promise.all(hosts.map((each) => contents(each, { location })))).toEqual(Array.from({ length: 4 }, () => ({ a: '3' })));
    expect(readdirSync(mirrors)).toEqual([mirror().split('/').at(-1)]);
  });

  describe('after a crash', () => {
    it('during the first copy is copied anew', async () => {
      await host.resolve({ location });
      const path = mirror();
      rmSync(path, { recursive: true });
      mkdirSync(`${path}.0000.unfinished/objects`, { recursive: true });
      expect(await contents(host, { location })).toEqual({ a: '2' });
      expect(readdirSync(mirrors)).toEqual([path.split('/').at(-1)]);
    });

    it('that left Git’s own locks, or half a mirror, is copied anew', async () => {
      await host.resolve({ location });
      writeFileSync(join(mirror(), 'packed-refs.lock'), '');
      git(folder, ['branch', '-D', 'old']);
      commit('3');
      expect(await contents(host, { location })).toEqual({ a: '3' });
      rmSync(join(mirror(), 'HEAD'));
      expect(await contents(host, { location })).toEqual({ a: '3' });
      expect(readdirSync(mirrors)).toEqual([mirror().split('/').at(-1)]);
    });

    it('of the one who held the lock goes on at once', async () => {
      await host.resolve({ location });
      const gone = spawn(process.execPath, ['-e', '']);
      await new Promise((resolve) => gone.on('exit', resolve));
      mkdirSync(`${mirror()}.lock`);
      writeFileSync(join(`${mirror()}.lock`, 'owner.json'), JSON.stringify({ token: 't', pid: gone.pid, host: hostname() }));
      expect(await contents(host, { location })).toEqual({ a: '2' });
    });
  });

  it('gives up waiting when cancelled', async () => {
    await host.resolve({ location });
    mkdirSync(`${mirror()}.lock`);
    writeFileSync(join(`${mirror()}.lock`, 'owner.json'), JSON.stringify({ token: 't', pid: process.pid, host: hostname() }));
    await expect(host.resolve({ location }, { signal: AbortSignal.timeout(200) })).rejects.toMatchObject({ code: 'aborted' });
    // Reading what is there already needs no lock.
    const known = git(folder, ['rev-parse', 'HEAD']).trim();
    expect(await listing(host, { location, ref: known })).toHaveLength(1);
  });
});

describe('the lock of a mirror', () => {
  let workshop: Workshop;
  let lock: string;
  beforeEach(() => {
    workshop = openWorkshop();
    lock = join(workshop.folder, 'lock');
  });
  afterEach(() => workshop.dispose());

  it('lets one work at a time', async () => {
    let working = 0;
    let most = 0;
    await Promise.all(Array.from({ length: 12 }, () => withLock(lock, async () => {
      most = Math.max(most, ++working);
      await new Promise((resolve) => setTimeout(resolve, 5));
      working -= 1;
    })));
    expect(most).toBe(1);
    expect(readdirSync(workshop.folder)).toEqual([]);
  });

  it('is given back when the work fails', async () => {
    await expect(withLock(lock, async () => { throw new Error('work'); })).rejects.toThrow('work');
    expect(await withLock(lock, async () => 'done')).toBe('done');
  });

  it('of a holder on another machine is taken over when it has been silent for long', async () => {
    mkdirSync(lock);
    writeFileSync(join(lock, 'owner.json'), JSON.stringify({ token: 't', pid: 1, host: 'elsewhere' }));
    await expect(withLock(lock, async () => 'done', AbortSignal.timeout(150))).rejects.toMatchObject({ code: 'aborted' });
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(lock, longAgo, longAgo);
    expect(await withLock(lock, async () => 'done')).toBe('done');
  });
});
