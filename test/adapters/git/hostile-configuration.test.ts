import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitHost } from '../../../src/adapters/git/git-host.js';
import type { GitHost } from '../../../src/domain/ports/git-host.js';
import { buildRepository, git, openWorkshop, type Workshop } from './build-repository.js';
import { contents } from './reading.js';

describe.skipIf(process.platform === 'win32')('a repository whose configuration names programs', () => {
  let workshop: Workshop;
  let host: GitHost;
  let folder: string;
  let traps: string;

  /** A program that leaves a file with its name when it runs. */
  function trap(name: string): string {
    const path = join(traps, `${name}.sh`);
    writeFileSync(path, `#!/bin/sh\ntouch "${join(traps, `${name}.ran`)}"\ncat 2>/dev/null\n`);
    chmodSync(path, 0o755);
    return path;
  }

  const sprung = () => readdirSync(traps).filter((name) => name.endsWith('.ran'));

  beforeEach(() => {
    workshop = openWorkshop();
    host = createGitHost({ cacheFolder: join(workshop.folder, 'mirrors'), allowedProtocols: ['https', 'file'] });
    folder = join(workshop.folder, 'r');
    traps = join(workshop.folder, 'traps');
    mkdirSync(traps);
    const tree = { '.gitattributes': '* filter=trap diff=trap merge=trap text=auto\n', '.gitmodules': '[submodule "s"]\n\tpath = s\n\turl = ext::touch x\n\tupdate = !touch x\n', 'a.ts': 'a\n', 'b.ts': 'b' };
    buildRepository(folder, { head: 'main', branches: { main: [tree] }, workTree: tree });
    const config = [
      '[core]', `\tfsmonitor = ${trap('fsmonitor')}`, `\thooksPath = ${join(traps, 'hooks')}`, `\tsshCommand = ${trap('ssh')}`, `\tpager = ${trap('pager')}`, `\teditor = ${trap('editor')}`,
      `\taskPass = ${trap('askpass')}`, `\tgitProxy = ${trap('proxy')}`, `\talternateRefsCommand = ${trap('alternate')}`, '\tuntrackedCache = true', '\tautocrlf = true',
      '[filter "trap"]', `\tclean = ${trap('clean')}`, `\tsmudge = ${trap('smudge')}`, `\tprocess = ${trap('process')}`, '\trequired = true',
      '[diff]', `\texternal = ${trap('external')}`, '[diff "trap"]', `\ttextconv = ${trap('textconv')}`, `\tcommand = ${trap('diff')}`, '\tcachetextconv = true',
      '[merge "trap"]', `\tdriver = ${trap('merge')}`,
      '[credential]', `\thelper = ${trap('credential')}`,
      '[gpg]', `\tprogram = ${trap('gpg')}`, '[log]', '\tshowSignature = true',
      '[uploadpack]', `\tpackObjectsHook = ${trap('upload')}`,
      '[remote "origin"]', `\turl = ${folder}`, '\tpromisor = true', '\tpartialclonefilter = blob:none', `\tuploadpack = ${trap('remote')}`, '\tfetch = +refs/*:refs/*',
      '[remote "other"]', `\turl = ext::${trap('ext')}`, '\tpromisor = true', '\tpartialclonefilter = blob:none',
      '[protocol "ext"]', '\tallow = always', '[protocol]', '\tallow = always',
      '[extensions]', '\tpartialClone = origin', '[include]', `\tpath = ${join(workshop.folder, 'included')}`,
      '[sequence]', `\teditor = ${trap('sequence')}`, '[gc]', '\tauto = 1', '[trailer "x"]', `\tcommand = ${trap('trailer')}`, '[tar "x"]', `\tcommand = ${trap('tar')}`,
      '[init]', `\ttemplateDir = ${traps}`, '[interactive]', `\tdiffFilter = ${trap('interactive')}`, '[submodule "s"]', `\tupdate = !${trap('submodule')}`, '\turl = ext::x',
      '',
    ];
    for (const command of ['rev-parse', 'ls-files', 'ls-tree', 'cat-file', 'config', 'symbolic-ref', 'for-each-ref', 'check-attr', 'rev-list', 'clone', 'fetch']) {
      config.push('[alias]', `\t${command} = !${trap(`alias-${command}`)}`, '[pager]', `\t${command} = ${trap(`pager-${command}`)}`);
    }
    appendFileSync(join(folder, '.git', 'config'), `${config.join('\n')}\n`);
    writeFileSync(join(workshop.folder, 'included'), `[core]\n\tfsmonitor = ${trap('included-fsmonitor')}\n`);
    mkdirSync(join(traps, 'hooks'));
    const hooks = ['post-index-change', 'fsmonitor-watchman', 'reference-transaction', 'post-checkout', 'pre-commit', 'pre-auto-gc', 'post-upload-pack', 'update', 'sendemail-validate'];
    for (const hook of hooks) {
      for (const place of [join(traps, 'hooks'), join(folder, '.git', 'hooks')]) {
        mkdirSync(place, { recursive: true });
        writeFileSync(join(place, hook), `#!/bin/sh\ntouch "${join(traps, `hook-${hook}.ran`)}"\n`);
        chmodSync(join(place, hook), 0o755);
      }
    }
  });
  afterEach(() => workshop.dispose());

  it('runs none of them, whatever is asked', async () => {
    // Everything that makes Git look twice: a racy index, changed and new files, an index with the monitor's extension, a missing object.
    utimesSync(join(folder, 'b.ts'), new Date(), new Date());
    writeFileSync(join(folder, 'a.ts'), 'changed\r\n');
    writeFileSync(join(folder, 'new.ts'), 'new\r\n');
    const missing = git(folder, ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', 'rev-parse', 'HEAD:b.ts']).trim();
    rmSync(join(folder, '.git', 'objects', missing.slice(0, 2), missing.slice(2)), { force: true });

    expect(await contents(host, { location: folder })).toMatchObject({ 'a.ts': 'changed\n', 'b.ts': 'b', 'new.ts': 'new\n' });
    await contents(host, { location: folder, ref: 'HEAD' });
    await contents(host, { location: folder, ref: 'main~0' });
    await host.resolve({ location: folder, ref: 'none' }).catch(() => undefined);
    await host.resolve({ location: join(folder, '.git'), ref: 'main' });
    expect(sprung()).toEqual([]);
  });

  it('runs none of them when it is a remote', async () => {
    const revision = await host.resolve({ location: `file://${folder}` });
    await contents(host, revision);
    await contents(host, { location: `file://${folder}`, ref: 'main' });
    expect(sprung()).toEqual([]);
  });

  it('of the user’s own has no hooks run on mirrors', async () => {
    const configuration = join(workshop.folder, 'gitconfig');
    mkdirSync(join(workshop.folder, 'template'));
    cpSync(join(traps, 'hooks'), join(workshop.folder, 'template', 'hooks'), { recursive: true });
    for (const text of [`[core]\n\thooksPath = ${join(traps, 'hooks')}\n`, `[init]\n\ttemplateDir = ${join(workshop.folder, 'template')}\n`]) {
      writeFileSync(configuration, text);
      const environment = { ...process.env, GIT_CONFIG_GLOBAL: configuration };
      const theirs = createGitHost({ cacheFolder: join(workshop.folder, 'mirrors2'), allowedProtocols: ['file'], environment });
      await theirs.resolve({ location: `file://${folder}` });
      await theirs.resolve({ location: `file://${folder}` });
      rmSync(join(workshop.folder, 'mirrors2'), { recursive: true });
    }
    expect(sprung()).toEqual([]);
  });

  it('would run them without care', () => {
    // The traps themselves work: this is what the tests above are worth.
    writeFileSync(join(folder, 'a.ts'), 'changed');
    try {
      git(folder, ['status']);
      git(folder, ['diff']);
    } catch {
      // Filters that fail make Git fail; they ran all the same.
    }
    expect(sprung()).toEqual(expect.arrayContaining(['included-fsmonitor.ran', 'process.ran']));
    expect(existsSync(join(traps, 'ext.ran'))).toBe(false);
  });
});
