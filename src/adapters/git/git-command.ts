import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { simpleGit, GitPluginError } from 'simple-git';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { Credentials } from '../../domain/ports/credential-provider.js';
import { gitEnvironment, gitSettings, type GitPurpose, type GitSetup } from './git-environment.js';
import { gitFailure } from './git-failure.js';

export interface GitCall {
  /** Folder it runs in. Must exist. */
  readonly cwd: string;
  readonly purpose: GitPurpose;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without a word from it after which it is ended, as `network`; for commands that tell of their progress. */
  readonly silenceMs?: number | undefined;
}

/** Runs commands with a short answer, and starts those whose answer is streamed as bytes. */
export interface GitRunner {
  /** Standard output as text. Throws what the failure means (see git-failure.ts), or `aborted`. */
  run(args: readonly string[], call: GitCall): Promise<string>;
  /** Like `run`; undefined when Git exits with a code other than 0 for a reason of its own (not: Git missing, aborted). */
  ask(args: readonly string[], call: GitCall): Promise<string | undefined>;
  /** Standard output with one character a byte, for what may not be UTF-8. `input` goes to standard input. Throws as `run` does. */
  bytes(args: readonly string[], call: GitCall, input?: string): Promise<string>;
  /** Starts a command to talk to. The caller ends it. */
  start(args: readonly string[], call: GitCall): GitProcess;
}

export interface GitProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it wrote to standard error so far (the last 64 KB). */
  said(): string;
  /** Ends with the exit; never rejects. `text` is what it wrote to standard error. */
  readonly exit: Promise<{ readonly code: number | null; readonly text: string }>;
  /** Ends it now; resolves once it is gone. Idempotent. */
  stop(): Promise<void>;
}

const STDERR_KEPT = 65_536;

export function createGitRunner(setup: GitSetup): GitRunner {
  async function run(args: readonly string[], call: GitCall): Promise<string> {
    throwIfAborted(call.signal);
    const result = await runOnce(setup, args, call);
    if (result instanceof Error) throw result;
    return result;
  }

  async function ask(args: readonly string[], call: GitCall): Promise<string | undefined> {
    throwIfAborted(call.signal);
    const result = await runOnce(setup, args, call);
    if (typeof result === 'string') return result;
    if (result.code === 'git-not-found' || result.code === 'aborted' || result.code === 'not-a-repository') throw result;
    return undefined;
  }

  function start(args: readonly string[], call: GitCall): GitProcess {
    throwIfAborted(call.signal);
    // Else the missing folder would look like a missing program.
    if (!existsSync(call.cwd)) throw new CodeloomError('not-a-repository', `There is no folder ${call.cwd}.`);
    const settings = gitSettings(call.purpose).flatMap((setting) => ['-c', setting]);
    const child = spawn(setup.binary, ['--no-pager', ...settings, ...args], {
      cwd: call.cwd, env: gitEnvironment(setup, call.purpose), windowsHide: true, stdio: 'pipe',
    });
    let text = '';
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (chunk: string) => { text = (text + chunk).slice(-STDERR_KEPT); });
    // A child that is gone makes its pipe fail; its exit tells why.
    child.stdin.on('error', () => undefined);
    const exit = new Promise<{ code: number | null; text: string }>((resolve) => {
      child.on('error', (error) => {
        text += `\n${error.message}`;
        // A program that could not be started closes nothing.
        if (child.pid === undefined) resolve({ code: null, text });
      });
      child.on('close', (code) => resolve({ code, text }));
    });
    const stop = async (): Promise<void> => {
      if (child.pid === undefined) return;
      child.stdin.destroy();
      child.stdout.destroy();
      if (child.exitCode === null && child.signalCode === null) child.kill();
      await exit;
    };
    if (call.signal !== undefined) {
      const onAbort = (): void => void stop();
      call.signal.addEventListener('abort', onAbort, { once: true });
      void exit.then(() => call.signal?.removeEventListener('abort', onAbort));
    }
    return { child, said: () => text, exit, stop };
  }

  async function bytes(args: readonly string[], call: GitCall, input = ''): Promise<string> {
    const process = start(args, call);
    try {
      process.child.stdout.setEncoding('latin1');
      const chunks: string[] = [];
      process.child.stdin.end(Buffer.from(input, 'latin1'));
      for await (const chunk of process.child.stdout as AsyncIterable<string>) chunks.push(chunk); // setEncoding makes chunks strings
      const { code, text } = await process.exit;
      throwIfAborted(call.signal);
      if (code !== 0) throw gitFailure({ command: args[0] ?? 'git', exitCode: code, text });
      return chunks.join('');
    } catch (error) {
      throwIfAborted(call.signal);
      throw error;
    } finally {
      await process.stop();
    }
  }

  return { run, ask, bytes, start };
}

/**
 * simple-git 4 refuses settings and variables that can start programs, whatever their value. Here such settings are passed to make them harmless (see
 * git-environment.ts), and the user's own environment may hold others (GIT_CONFIG_COUNT); so the categories are allowed. Nothing of them comes from a
 * request: what a request names stands behind `--` or `--end-of-options`.
 */
const ALLOWED = {
  allowUnsafeAlias: true, allowUnsafeAskPass: true, allowUnsafeCommandBinaries: true, allowUnsafeConfigEnvCount: true, allowUnsafeConfigPaths: true,
  allowUnsafeCredentialHelper: true, allowUnsafeCustomBinary: true, allowUnsafeDiffExternal: true, allowUnsafeDiffTextConv: true, allowUnsafeEditor: true,
  allowUnsafeExec: true, allowUnsafeFilter: true, allowUnsafeFsMonitor: true, allowUnsafeGitProxy: true, allowUnsafeGpgProgram: true,
  allowUnsafeHooksPath: true, allowUnsafeInclude: true, allowUnsafeMergeDriver: true, allowUnsafePack: true, allowUnsafePager: true,
  allowUnsafeProtocolOverride: true, allowUnsafeSshCommand: true, allowUnsafeSubmodule: true, allowUnsafeTemplateDir: true, allowUnsafeUrlRewrite: true,
} as const;

async function runOnce(setup: GitSetup, args: readonly string[], call: GitCall): Promise<string | CodeloomError> {
  const environment = gitEnvironment(setup, call.purpose);
  const secrets = call.purpose.kind === 'remote' && call.purpose.secrets !== undefined ? spellings(call.purpose.secrets) : [];
  const command = args.find((argument) => !argument.startsWith('-')) ?? 'git';
  if (!(await isFolder(call.cwd))) return new CodeloomError('not-a-repository', `There is no folder ${call.cwd}.`);
  const guarded = Object.keys(environment).filter((name) => /^GIT_/i.test(name));
  let ended: { readonly code: number; readonly text: string } | undefined;
  try {
    const git = simpleGit({
      baseDir: call.cwd, binary: setup.binary, config: [...gitSettings(call.purpose)], trimmed: false, maxConcurrentProcesses: 1,
      unsafe: ALLOWED, allowEnvironment: guarded,
      ...(call.signal === undefined ? {} : { abort: call.signal }),
      ...(call.silenceMs === undefined ? {} : { timeout: { block: call.silenceMs } }),
      // By default a failure that prints nothing passes for success.
      errors(error, result) {
        if (error === undefined && result.exitCode === 0) return undefined;
        ended = { code: result.exitCode, text: Buffer.concat(result.stdErr).toString('utf8') };
        return error ?? new Error('git failed');
      },
    });
    return await git.env(environment).raw([...args]);
  } catch (error) {
    if (call.signal?.aborted === true || (error instanceof GitPluginError && error.plugin === 'abort')) {
      return new CodeloomError('aborted', 'The operation was cancelled.', { cause: call.signal?.reason });
    }
    if (error instanceof GitPluginError && error.plugin === 'timeout') {
      return new CodeloomError('network', `The remote sent nothing for ${Math.round((call.silenceMs ?? 0) / 1000)} s.`, { details: { command, silenceMs: call.silenceMs } });
    }
    if (ended === undefined) return new CodeloomError('internal', `git ${command} could not be started: ${error instanceof Error ? error.message : 'unknown reason'}`);
    return gitFailure({ command, exitCode: ended.code, text: ended.text, secrets });
  }
}

/** As Git is given them, and as it sends them: a server may say back what it was told. */
function spellings({ username, password }: Credentials): readonly string[] {
  return [Buffer.from(`${username}:${password}`).toString('base64'), password, username];
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
