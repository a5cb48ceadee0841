import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandLine, type CommandLine, type Outcome } from '../../adapters/cli/command-line.js';
import { ADDRESS, freshQueue, until } from './harness.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Git's own server of a folder's repositories: what workers of any machine read. */
async function gitDaemon(folder: string): Promise<{ readonly url: (name: string) => string; stop(): void }> {
  const port = await new Promise<number>((resolve) => {
    const free = createServer().listen(0, '127.0.0.1', () => {
      const { port: found } = free.address() as AddressInfo; // it listens on TCP
      free.close(() => resolve(found));
    });
  });
  const child = spawn('git', ['daemon', `--base-path=${folder}`, '--export-all', '--listen=127.0.0.1', `--port=${port}`, '--reuseaddr', folder], { stdio: 'ignore', detached: true });
  await until(() => new Promise<boolean>((resolve) => {
    const probe = spawn('git', ['ls-remote', `git://127.0.0.1:${port}/repository`], { stdio: 'ignore' });
    probe.on('close', (code) => resolve(code === 0));
  }), 'git daemon answers');
  return { url: (name) => `git://127.0.0.1:${port}/${name}`, stop: () => void process.kill(-(child.pid ?? 0), 'SIGTERM') };
}

/** A process that goes on, with what it says. */
function spoken(child: ChildProcess): { readonly said: () => string; readonly ended: Promise<number | null> } {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (text += part));
  child.stderr?.setEncoding('utf8').on('data', (part: string) => (text += part));
  return { said: () => text, ended: new Promise((resolve) => child.once('close', resolve)) };
}

const SOURCE = {
  'src/dates.ts': 'export function parseDate(text: string): Date {\n  return new Date(text);\n}\n',
  'src/app.ts': "import { parseDate } from './dates.js';\nexport function main(): void {\n  parseDate('2020-01-01');\n}\n",
};

describe('on the command line', () => {
  const queue = freshQueue();
  let line: CommandLine;
  let daemon: Awaited<ReturnType<typeof gitDaemon>>;
  let worker: ChildProcess;
  let words: ReturnType<typeof spoken>;
  let url = '';
  const environment = { CODELOOM_TEMPORAL_ADDRESS: ADDRESS, CODELOOM_TASK_QUEUE: queue };
  const run = (...argv: string[]): Promise<Outcome> => line.runWith({ environment }, ...argv);
  beforeAll(async () => {
    line = createCommandLine(SOURCE);
    daemon = await gitDaemon(join(line.folder, '..'));
    url = daemon.url('repository');
    worker = line.start('worker', '--address', ADDRESS, '--task-queue', queue);
    words = spoken(worker);
    await until(() => words.said().includes('Working on'), 'the worker works', 60_000);
  });
  afterAll(async () => {
    worker.kill('SIGTERM');
    await words.ended;
    daemon.stop();
    line.remove();
  });

  it('a run is started, waited for, and asked about as any other', async () => {
    const { code, stdout, stderr } = await run('run', 'start', url, '--wait');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^repo-index-127\.0\.0\.1:\d+\/repository-main is started\nrepository [0-9a-f]{12}: 2 files, 2 symbols; 2 parsed\n$/);
    expect((await run('callers', 'parseDate', '--repo', 'repository')).stdout).toMatch(/main +function/);
    expect((await run('status', '--repo', 'repository')).stdout).toContain('succeeded');
  });

  it('a run that has ended is shown, for people and for programs', async () => {
    const { id } = JSON.parse((await run('run', 'start', url, '--json')).stdout) as { readonly id: string };
    expect((await run('run', 'watch', id)).stdout).toContain('nothing to do');
    const shown = await run('run', 'status', id);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/^succeeded\n[^]*acquire +finished[^]*release +finished/);
    expect(JSON.parse((await run('run', 'status', id, '--json')).stdout)).toMatchObject({ id, status: 'succeeded', progress: { status: 'unchanged', branch: 'main' } });
    expect(await run('run', 'cancel', id)).toMatchObject({ code: 2, stderr: expect.stringContaining('or none that is under way') });
  });

  it('a run that fails says why, and so do its exit codes', async () => {
    const failed = await run('run', 'start', url, '--branch', 'nowhere', '--wait');
    expect({ code: failed.code, stderr: failed.stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: .*nowhere/m) });
    expect((await run('run', 'status', failed.stdout.split(' ')[0] ?? '')).code).toBe(1);
  });

  it('a run is started for a pushed commit, in place of the newest', async () => {
    const old = line.git('rev-parse', 'HEAD');
    line.write({ 'src/more.ts': 'export const more = 1;\n' });
    line.git('add', '--all');
    line.git('commit', '--quiet', '--message', 'second');
    const outcome = await run('run', 'start', url, '--push', '--commit', old, '--wait', '--json');
    expect(JSON.parse(outcome.stdout)).toMatchObject({ commit: old });
    expect(JSON.parse((await run('run', 'start', url, '--wait', '--json')).stdout)).toMatchObject({ commit: line.git('rev-parse', 'HEAD'), changed: true, counts: { indexed_files: 3 } });
  });

  it('schedules are added, listed and removed', async () => {
    const added = await run('schedule', 'add', url, '--every', '6h');
    expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/ runs every 6h\n$/) });
    const id = added.stdout.split(' ')[0] ?? '';
    await until(async () => new RegExp(`^${id} +.*main +6h `, 'm').test((await run('schedule', 'list')).stdout), 'it is listed');
    expect((await run('schedule', 'remove', id)).code).toBe(0);
    expect((await run('schedule', 'remove', id)).code).toBe(1);
    expect(await run('schedule', 'add', url, '--every', 'often')).toMatchObject({ code: 2, stderr: expect.stringContaining('no length of time') });
  });

  it.each([
    [['run', 'status', 'repo-index-nothing-main'], 'There is no run'], [['run', 'start', '/srv/repository'], 'named by a URL'], [['run', 'start', 'git://127.0.0.1:9/none', '--address', 'http://x:1'], 'host:port'],
  ])('%j is told what is wrong', async (argv, message) => {
    expect(await run(...argv)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });

  it('a server that is not there is told by its address', async () => {
    expect(await run('worker', '--address', '127.0.0.1:9')).toMatchObject({ code: 1, stderr: expect.stringContaining('Temporal cannot be reached at 127.0.0.1:9') });
  });

  it('a worker ends at once where there is no such namespace, and says no more than that', async () => {
    const { code, stdout, stderr } = await run('worker', '--namespace', 'nowhere', '--log-level', 'warn');
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(/^error: Temporal at .* has no namespace nowhere\.\nhint: .*\n$/) });
  }, 20_000);

  it('a worker that is told to stop ends well', async () => {
    const other = line.start('worker', '--address', ADDRESS, '--task-queue', `${queue}-other`);
    const { said, ended } = spoken(other);
    await until(() => said().includes('Working on'), 'it works', 60_000);
    other.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(said()).toContain('Stopped');
  });
});

describe('the example', () => {
  it('works, as its README says', async () => {
    const line = createCommandLine(SOURCE);
    const daemon = await gitDaemon(join(line.folder, '..'));
    const folder = mkdtempSync(join(tmpdir(), 'codeloom-example-'));
    const queue = freshQueue();
    const start = (program: string, ...argv: string[]): ChildProcess => spawn(process.execPath, [join(folder, `${program}.js`), ...argv], {
      cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'], HOME: folder, TEMPORAL_ADDRESS: ADDRESS, TASK_QUEUE: queue },
    });
    try {
      mkdirSync(join(folder, 'node_modules'));
      symlinkSync(ROOT, join(folder, 'node_modules/codeloom'));
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
      for (const program of ['worker', 'start-run']) {
        const { outputText } = ts.transpileModule(readFileSync(join(ROOT, `examples/worker/src/${program}.ts`), 'utf8'), { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } });
        writeFileSync(join(folder, `${program}.js`), outputText);
      }
      const worker = start('worker');
      const { said, ended } = spoken(worker);
      await until(() => said().includes('working on'), 'the worker works', 60_000);
      const run = spoken(start('start-run', daemon.url('repository'), 'acme/dates'));
      expect(await run.ended).toBe(0);
      expect(run.said()).toMatch(/repo-index-acme\/dates-main is started\nacme\/dates at [0-9a-f]{40}: 2 files, 2 symbols\n/);
      worker.kill('SIGTERM');
      expect(await ended).toBe(0);
      expect(said()).toContain('stopped');
      expect(existsSync(join(folder, 'data/graph.db'))).toBe(true);
    } finally {
      daemon.stop();
      line.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
