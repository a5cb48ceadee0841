import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Stage } from '../../../src/index.js';
import { PROGRAM, type CommandLine } from '../../adapters/cli/command-line.js';

/** Starts the built command for a repository, in a folder for temporary files of its own, so that what it leaves there is seen. */
export function startCommand({ folder, store }: Pick<CommandLine, 'folder' | 'store'>, argv: readonly string[], options: { readonly through?: readonly string[] } = {}): RunningCommand {
  const root = join(folder, '..');
  const temporary = join(root, 'temporary');
  mkdirSync(temporary, { recursive: true });
  const [program = process.execPath, ...before] = [...(options.through ?? []), process.execPath];
  const child = spawn(program, [...before, PROGRAM, ...argv], {
    cwd: folder, stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: root, CODELOOM_STORE: store, TMPDIR: temporary, GIT_CONFIG_GLOBAL: join(root, 'gitconfig'), GIT_CONFIG_NOSYSTEM: '1' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => stdout += text);
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr += text);
  const ended = new Promise<CommandEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return {
    child, ended,
    async reached(stage) {
      while (!stderr.includes(` ${stage} begins`) && child.exitCode === null && child.signalCode === null) {
        await Promise.race([new Promise((resolve) => child.stderr.once('data', resolve)), ended]);
      }
    },
  };
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandEnd>;
  /** Resolves when the command says, being told `--verbose`, that a stage begins; or when it has ended. */
  reached(stage: Stage): Promise<void>;
}

export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How long each stage took, in milliseconds, as `--verbose` tells. */
export function stageTimes(stderr: string): ReadonlyMap<string, number> {
  const begun = new Map<string, number>();
  const times = new Map<string, number>();
  for (const [, at = '', stage = '', what] of stderr.matchAll(/^(\S+) (\w+) (begins|ends)/gm)) {
    if (what === 'begins') begun.set(stage, Date.parse(at));
    else times.set(stage, Date.parse(at) - (begun.get(stage) ?? 0));
  }
  return times;
}

/** Processes that still work on a repository some seconds after they had reason to end: command lines, by /proc; nothing where there is none. */
export async function processesLeft({ folder, store }: Pick<CommandLine, 'folder' | 'store'>, except: readonly (number | undefined)[] = []): Promise<readonly string[]> {
  if (!existsSync('/proc/self/cmdline')) return [];
  let left: readonly string[] = [];
  for (let attempt = 0; attempt < 100; attempt += 1) {
    left = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && !except.includes(Number(name))).flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return (command.includes(folder) || command.includes(store) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)) ? [`${pid} ${command}`] : [];
      } catch {
        return []; // it has ended, or is another user's
      }
    });
    if (left.length === 0) return left;
    await delay(50);
  }
  return left;
}
