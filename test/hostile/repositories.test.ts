import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildRepository, git } from '../adapters/git/build-repository.js';
import { exitCodeOf } from '../../src/adapters/cli/failure.js';
import { CodeloomError, createCodeloom, type IndexRequest } from '../../src/index.js';
import { createCommandLine, type CommandLine } from '../adapters/cli/command-line.js';

const GOOD = { 'lib.ts': 'export function save(): void {}\n', 'main.ts': "import { save } from './lib.js';\nexport function run(): void { save(); }\n" };

/** What a repository may be that is not as it should: through the built command, with real Git. */
describe('a repository', () => {
  let cli: CommandLine;
  let around: string;

  beforeEach(() => {
    cli = createCommandLine(GOOD);
    around = join(cli.folder, '..');
  });
  afterEach(() => cli.remove());

  /** The code that indexing is refused with, and what the command would exit with. */
  async function refusal(request: Partial<IndexRequest>): Promise<readonly [string, number]> {
    await using codeloom = await createCodeloom({ store: 'memory', workers: 0 });
    const error: unknown = await codeloom.index({ location: cli.folder, ...request }).then(() => undefined, (reason: unknown) => reason);
    if (!(error instanceof CodeloomError)) throw new Error(`expected a CodeloomError, got ${String(error)}`);
    return [error.code, exitCodeOf(error)];
  }

  /** The same through the command, which says it in JSON and in words, without a stack. */
  async function refusedCommand(...argv: string[]): Promise<readonly [string, number | null]> {
    const { code, stdout, stderr } = await cli.runWith({ environment: { GIT_CEILING_DIRECTORIES: around } }, '--json', ...argv);
    expect(stderr).toMatch(/^error: /m);
    expect(stderr).not.toMatch(/^ +at /m);
    const { error } = JSON.parse(stdout) as { readonly error: { readonly code: string } };
    return [error.code, code];
  }

  /** The graph is there: its one call is known. */
  async function expectWhole(...target: string[]): Promise<void> {
    const { code, stdout } = await cli.run('callers', 'save', '--json', ...target);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ id: 'main.ts#run().' }] });
  }

  it('is none, is a file, or is not there', async () => {
    mkdirSync(join(around, 'plain'));
    writeFileSync(join(around, 'file'), '');
    expect(await refusedCommand('index', join(around, 'plain'))).toEqual(['not-a-repository', 2]);
    expect(await refusal({ location: join(around, 'file') })).toEqual(['not-a-repository', 2]);
    expect(await refusal({ location: join(around, 'nothing') })).toEqual(['not-a-repository', 2]);
  });

  it('is empty', async () => {
    buildRepository(join(around, 'bare'), { head: 'main', branches: {} });
    expect(await refusal({ location: join(around, 'bare') })).toEqual(['empty-repository', 2]);
    buildRepository(join(around, 'empty'), { head: 'main', branches: {}, workTree: {} });
    expect(await refusal({ location: join(around, 'empty'), ref: 'HEAD' })).toEqual(['empty-repository', 2]);
    // A work tree without a commit has files all the same, or none.
    expect(JSON.parse((await cli.run('index', join(around, 'empty'), '--json')).stdout)).toMatchObject({ status: 'indexed', snapshot: { stats: { files: 0 } } });
  });

  it('is on an unborn branch', async () => {
    buildRepository(join(around, 'unborn'), { head: 'next', branches: { main: [GOOD] } });
    expect(await refusal({ location: join(around, 'unborn') })).toEqual(['unborn-branch', 2]);
    expect(JSON.parse((await cli.run('index', join(around, 'unborn'), '--ref', 'main', '--json')).stdout)).toMatchObject({ status: 'indexed' });
    await expectWhole('--repo', 'unborn', '--branch', 'main');
  });

  it('has no such revision, or one that is no commit', async () => {
    for (const ref of ['nowhere', 'f'.repeat(40), 'main:lib.ts', 'main..main', 'a b', '', '@{-9}', ':/nothing']) expect([ref, ...await refusal({ ref })]).toEqual([ref, 'unknown-ref', 2]);
    expect(await refusedCommand('index', '--ref', 'nowhere')).toEqual(['unknown-ref', 2]);
  });

  it('is asked for refs, branches and places that look like options', async () => {
    const marker = join(around, 'marker');
    for (const ref of ['--upload-pack=touch x', `--output=${marker}`, '--all', '-x', '--exec=sh']) {
      expect(await refusal({ ref })).toEqual(['unknown-ref', 2]);
      expect(await refusal({ branch: ref })).toEqual(['invalid-argument', 2]);
      expect(await refusal({ location: ref })).toEqual(['unsupported-url', 2]);
    }
    expect(await refusedCommand('index', '--ref', '--upload-pack=touch x')).toEqual(['unknown-ref', 2]);
    expect(await refusedCommand('index', '--branch', '-x')).toEqual(['invalid-argument', 2]);
    expect(await refusedCommand('index', '--', '--upload-pack=touch x')).toEqual(['unsupported-url', 2]);
    expect(await cli.run('index', '--upload-pack=touch x')).toMatchObject({ code: 2, stderr: expect.stringContaining('unknown option') });
    expect(existsSync(marker)).toBe(false);
  });

  it('is asked for through transports that run programs or read this machine', async () => {
    const marker = join(around, 'marker');
    for (const url of [`ext::sh -c touch% ${marker}`, `ext::touch ${marker}`, `fd::3`, `file://${cli.folder}`, `FILE://${cli.folder}`, 'http://127.0.0.1:9/a/b', `ssh://-oProxyCommand=touch%20${marker}/a/b`,
      `git@-oProxyCommand=touch:a/b`, 'https://-x/a/b', 'javascript://a/b/c', 'https://host/../..', 'git://host/']) {
      expect([url, ...await refusal({ location: url })]).toEqual([url, 'unsupported-url', 2]);
    }
    expect(await refusedCommand('index', `ext::touch ${marker}`)).toEqual(['unsupported-url', 2]);
    expect(await refusedCommand('index', `file://${cli.folder}`)).toEqual(['unsupported-url', 2]);
    expect(existsSync(marker)).toBe(false);
  });

  it('is shallow: said so, and read', async () => {
    cli.write({ 'lib.ts': `${GOOD['lib.ts']}// two\n` });
    cli.git('commit', '-qam', 'second');
    git(around, ['clone', '-q', '--depth', '1', `file://${cli.folder}`, 'shallow']);
    const { code, stdout } = await cli.run('index', join(around, 'shallow'), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ notes: [expect.stringMatching(/shallow/i)], snapshot: { stats: { files: 2 } } });
    await expectWhole('--repo', 'shallow');
    expect(await refusal({ location: join(around, 'shallow'), ref: 'HEAD~1' })).toEqual(['unknown-ref', 2]);
  });

  it('has damaged and missing objects: each costs its own file', async () => {
    cli.write({ 'bad.ts': 'export const bad = 1;\n', 'gone.ts': 'export const gone = 1;\n' });
    cli.git('add', '--all');
    cli.git('commit', '-qm', 'second');
    const objectOf = (path: string): string => {
      const id = cli.git('rev-parse', `HEAD:${path}`);
      return join(cli.folder, '.git', 'objects', id.slice(0, 2), id.slice(2));
    };
    const bad = objectOf('bad.ts');
    chmodSync(bad, 0o644);
    writeFileSync(bad, 'no object at all');
    rmSync(objectOf('gone.ts'), { force: true });
    const { code, stdout } = await cli.run('index', '--ref', 'HEAD', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ snapshot: { stats: { files: 2, skipped: { corrupt: 1, missing: 1 } } } });
    await expectWhole();
    const asked = await cli.run('callers', 'gone.ts:1', '--json');
    expect(JSON.parse(asked.stdout)).toMatchObject({ nothing: { reason: 'not-indexed', message: expect.stringContaining('missing') } });
  });

  it('has a damaged tree or commit: an error, and what was published stays', async () => {
    expect((await cli.run('index', '--ref', 'HEAD')).code).toBe(0);
    cli.write({ 'lib.ts': `${GOOD['lib.ts']}// two\n` });
    cli.git('commit', '-qam', 'second');
    for (const revision of ['HEAD^{tree}', 'HEAD']) {
      const id = cli.git('rev-parse', revision);
      const file = join(cli.folder, '.git', 'objects', id.slice(0, 2), id.slice(2));
      chmodSync(file, 0o644);
      writeFileSync(file, '');
      expect(await refusedCommand('index', '--ref', 'HEAD')).toEqual(['corrupt-object', 2]);
      await expectWhole();
    }
  });

  it('borrows objects from places that are not there, or from itself', async () => {
    writeFileSync(join(cli.folder, '.git', 'objects', 'info', 'alternates'), `/nowhere/objects\n${join(cli.folder, '.git', 'objects')}\n../objects\n"\\n"\n-x\n`);
    expect((await cli.run('index', '--ref', 'HEAD')).code).toBe(0);
    await expectWhole();
  });

  it.skipIf(process.platform === 'win32')('names programs in its configuration, and in what is included from it: none runs', async () => {
    const trap = join(around, 'trap.sh');
    const marker = join(around, 'sprung');
    writeFileSync(trap, `#!/bin/sh\ntouch "${marker}"\n`);
    chmodSync(trap, 0o755);
    const config = [
      ['core.fsmonitor', trap], ['core.hooksPath', join(around, 'hooks')], ['core.pager', trap], ['pager.ls-tree', trap], ['core.sshCommand', trap], ['core.askPass', trap], ['core.gitProxy', trap],
      ['core.editor', trap], ['core.alternateRefsCommand', trap], ['filter.x.clean', trap], ['filter.x.smudge', trap], ['filter.x.process', trap], ['filter.x.required', 'true'], ['diff.x.textconv', trap], ['diff.external', trap],
      ['credential.helper', `!${trap}`], ['alias.ls-tree', `!${trap}`], ['gpg.program', trap], ['uploadpack.packObjectsHook', trap], ['remote.origin.url', `ext::${trap}`], ['remote.origin.promisor', 'true'],
      ['extensions.partialClone', 'origin'], ['protocol.ext.allow', 'always'], ['include.path', join(around, 'more')],
    ] as const;
    mkdirSync(join(around, 'hooks'));
    for (const hook of ['post-index-change', 'fsmonitor-watchman', 'post-checkout', 'reference-transaction']) {
      for (const folder of [join(around, 'hooks'), join(cli.folder, '.git', 'hooks')]) symlinkSync(trap, join(folder, hook));
    }
    writeFileSync(join(around, 'more'), `[core]\n\tfsmonitor = ${trap}\n`);
    cli.write({ '.gitattributes': '* filter=x diff=x text=auto\n', 'new.ts': 'export {};\r\n' });
    for (const [key, value] of config) git(cli.folder, ['config', '--file', '.git/config', key, value]);
    for (const argv of [['index'], ['index', '--ref', 'HEAD'], ['index', '--ref', 'nowhere'], ['status'], ['diff'], ['verify'], ['index', '--ref', 'f'.repeat(40)]]) await cli.run(...argv);
    expect(readdirSync(around)).not.toContain('sprung');
    await expectWhole();
  });
});
