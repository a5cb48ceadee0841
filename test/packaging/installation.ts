import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The package as it would be published, and a new project of somebody who knows nothing of it: an empty home, and whatever npm has downloaded before. */
export interface Installation {
  readonly tarball: string;
  /** The project's folder, a Git repository. */
  readonly project: string;
  /** Runs a program there. */
  run(program: string, ...argv: string[]): Promise<Outcome>;
  /** Runs npm, or npx, there. */
  npm(...argv: string[]): Promise<Outcome>;
  npx(...argv: string[]): Promise<Outcome>;
  write(files: Readonly<Record<string, string>>): void;
  commit(): Promise<void>;
  remove(): void;
}

export async function createInstallation(files: Readonly<Record<string, string>>): Promise<Installation> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'codeloom-package-')));
  const [home, project, cache] = ['home', 'project', 'cache'].map((name) => join(folder, name)) as [string, string, string];
  for (const each of [home, project, cache]) mkdirSync(each);
  const npmCli = join(dirname(npmProgram()), 'npm-cli.js');
  const setting = (name: string): string => execFileSync(process.execPath, [npmCli, 'config', 'get', name], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  // What npm downloaded before is used again; what it makes besides (logs, npx's folders) stays here.
  const downloads = join(setting('cache'), '_cacache');
  mkdirSync(downloads, { recursive: true });
  symlinkSync(downloads, join(cache, '_cacache'), 'dir');
  const environment = {
    PATH: process.env['PATH'], SystemRoot: process.env['SystemRoot'], HOME: home, USERPROFILE: home, CODELOOM_STORE: join(folder, 'store'),
    npm_config_cache: cache, npm_config_registry: setting('registry'), npm_config_prefer_offline: 'true', npm_config_update_notifier: 'false', npm_config_fund: 'false', npm_config_audit: 'false',
    GIT_CONFIG_NOSYSTEM: '1', GIT_AUTHOR_NAME: 'Test', GIT_AUTHOR_EMAIL: 'test@example.org', GIT_COMMITTER_NAME: 'Test', GIT_COMMITTER_EMAIL: 'test@example.org',
  };

  const start = (cwd: string, program: string, argv: readonly string[]): Promise<Outcome> => new Promise((resolve) => {
    const child = execFile(program, argv, { cwd, env: environment, maxBuffer: 64 << 20 }, (error, stdout, stderr) => resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr }));
    child.stdin?.end();
  });
  const must = async (outcome: Promise<Outcome>): Promise<Outcome> => {
    const done = await outcome;
    if (done.code !== 0) throw new Error(`exit ${done.code}\n${done.stdout}\n${done.stderr}`);
    return done;
  };
  const run = (program: string, ...argv: string[]): Promise<Outcome> => start(project, program, argv);
  const write = (written: Readonly<Record<string, string>>): void => {
    for (const [path, content] of Object.entries(written)) {
      mkdirSync(dirname(join(project, path)), { recursive: true });
      writeFileSync(join(project, path), content);
    }
  };
  const commit = async (): Promise<void> => {
    await must(run('git', 'add', '--all'));
    await must(run('git', 'commit', '--quiet', '--message', 'state'));
  };

  const packed: unknown = JSON.parse((await must(start(ROOT, process.execPath, [npmCli, 'pack', '--json', '--pack-destination', folder]))).stdout);
  const [{ filename }] = packed as readonly [{ readonly filename: string }]; // npm's documented form
  write({ '.gitignore': 'node_modules/\n', ...files });
  await must(run('git', 'init', '--quiet', '--initial-branch', 'main'));
  await commit();
  return {
    tarball: join(folder, filename), project, run, write, commit,
    npm: (...argv) => run(process.execPath, npmCli, ...argv),
    npx: (...argv) => run(process.execPath, join(dirname(npmCli), 'npx-cli.js'), ...argv),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Bytes of all files below a folder. */
export function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce((sum, entry) => sum + (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : 0), 0);
}

/** npm's own program: the one that runs this, or the one on the PATH. */
function npmProgram(): string {
  const running = process.env['npm_execpath'];
  if (running !== undefined) return running;
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    try {
      return realpathSync(join(folder, 'npm'));
    } catch {
      // not there
    }
  }
  throw new Error('npm is not on the PATH');
}
