import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../../../dist/bin/codeloom.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with a repository in it, and the built command line to run there with a store of its own. */
export interface CommandLine {
  /** The repository's folder. */
  readonly folder: string;
  readonly store: string;
  run(...argv: string[]): Promise<Outcome>;
  /** As {@link run}, elsewhere or with other variables. */
  runWith(options: { readonly folder?: string; readonly environment?: Readonly<Record<string, string | undefined>> }, ...argv: string[]): Promise<Outcome>;
  /** Starts a command and leaves it running. */
  start(...argv: string[]): ChildProcess;
  /** As {@link start}, elsewhere or with other variables. */
  startWith(options: Parameters<CommandLine['runWith']>[0], ...argv: string[]): ChildProcess;
  write(files: Readonly<Record<string, string>>): void;
  git(...argv: string[]): string;
  remove(): void;
}

export function createCommandLine(files: Readonly<Record<string, string>>): CommandLine {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'codeloom-cli-')));
  const folder = join(root, 'repository');
  const store = join(root, 'store');
  mkdirSync(folder);
  const environment = {
    PATH: process.env['PATH'], SystemRoot: process.env['SystemRoot'], HOME: root, USERPROFILE: root, CODELOOM_STORE: store,
    GIT_CONFIG_GLOBAL: join(root, 'gitconfig'), GIT_CONFIG_NOSYSTEM: '1',
  };
  writeFileSync(join(root, 'gitconfig'), '[user]\n\tname = Test\n\temail = test@example.org\n[init]\n\tdefaultBranch = main\n');

  const git = (...argv: string[]): string => execFileSync('git', argv, { cwd: folder, env: environment, encoding: 'utf8' }).trim();
  const write = (written: Readonly<Record<string, string>>): void => {
    for (const [path, content] of Object.entries(written)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  };
  const launch = (argv: readonly string[], options: Parameters<CommandLine['runWith']>[0] = {}): ChildProcess =>
    spawn(process.execPath, [PROGRAM, ...argv], { cwd: options.folder ?? folder, env: { ...environment, ...options.environment }, stdio: ['ignore', 'pipe', 'pipe'] });

  git('init', '--quiet');
  write(files);
  git('add', '--all');
  git('commit', '--quiet', '--message', 'first');
  return {
    folder, store, git, write,
    run: (...argv) => finished(launch(argv)),
    runWith: (options, ...argv) => finished(launch(argv, options)),
    start: (...argv) => launch(argv),
    startWith: (options, ...argv) => launch(argv, options),
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** What a command printed and how it ended. */
export function finished(child: ChildProcess): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => stdout += text);
  child.stderr?.setEncoding('utf8').on('data', (text: string) => stderr += text);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
