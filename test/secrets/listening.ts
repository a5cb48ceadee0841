import { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { basename, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { format } from 'node:util';
import { CodeloomError } from '../../src/domain/errors.js';
import type { SecretWatch } from './watch.js';

/**
 * Has a watch hear what this thread's tests print, what the commands that they start print and are given, and each error that is made; see files before they are removed; and learn of
 * the secrets that commands get in their environment and servers of tests in their requests. Gives the temporary folders that are still there.
 */
export function listenTo(watch: SecretWatch): { remaining(): readonly string[] } {
  hearCommands(watch);
  hearProcess(watch);
  hearErrors(watch);
  learnFromRequests(watch);
  return { remaining: seeFolders(watch) };
}

/** What is spawned; the environment tells what is secret in it. */
function hearCommands(watch: SecretWatch): void {
  interface Spawned { readonly file: string; readonly args?: readonly string[]; readonly envPairs?: readonly string[] }
  // Undocumented, and where spawn, exec, execFile and fork meet.
  const prototype = ChildProcess.prototype as unknown as { spawn(this: ChildProcess, options: Spawned): unknown };
  const { spawn } = prototype;
  prototype.spawn = function (options) {
    for (const pair of options.envPairs ?? []) learnFromVariable(watch, pair);
    const isGit = basename(options.file) === 'git';
    const name = `${basename(options.file)} ${(options.args ?? []).slice(1).map((each) => basename(each)).join(' ')}`.slice(0, 100);
    const result = spawn.call(this, options);
    if (ofServers(options.args)) return result;
    // What Git says is for who called it, content of repositories and words of remotes; what it is told anybody on the machine sees.
    if (isGit) watch.said(`the arguments of ${name}`, `${(options.args ?? []).join(' ')}\n`);
    else for (const stream of ['stdout', 'stderr'] as const) hear(watch, `${stream} of ${name}`, this[stream]);
    return result;
  };
}

/** The scripts that start the tests' servers say where one is, password and all, to who asked for it. */
function ofServers(args: readonly string[] = []): boolean {
  return args.some((each) => /[\\/]test[\\/]services[\\/]servers[\\/]\w+\.sh$/.test(each));
}

/** Without making it flow: who reads it gets it all. */
function hear(watch: SecretWatch, source: string, stream: Readable | null): void {
  if (stream === null) return;
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding) => {
    if (chunk instanceof Uint8Array || typeof chunk === 'string') watch.said(source, chunk);
    return push(chunk, encoding);
  };
}

const SECRET_NAME = /^(?:CODELOOM|NEO4J|AWS|PG|TEMPORAL)\w*(?:TOKEN|SECRET|PASSWORD|KEY)$/;

function learnFromVariable(watch: SecretWatch, pair: string): void {
  const [, name = '', value = ''] = /^(\w+)=([^]*)$/.exec(pair) ?? [];
  if (SECRET_NAME.test(name)) watch.secret(value);
  if (/^CODELOOM_\w+_URL$/.test(name)) learnFromUrl(watch, value);
  const named = /^(\w+)_FILE$/.exec(name)?.[1] ?? '';
  if (!SECRET_NAME.test(named)) return;
  watch.keeps(value);
  if (fs.existsSync(value)) watch.secret(fs.readFileSync(value, 'utf8'));
}

export function learnFromUrl(watch: SecretWatch, text: string | undefined): void {
  if (text === undefined || !URL.canParse(text)) return;
  watch.secret(decodeURIComponent(new URL(text).password));
}

function hearProcess(watch: SecretWatch): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name];
    const write = stream.write.bind(stream) as (...all: unknown[]) => boolean; // of its overloads, the widest
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      watch.said(`${name} of the tests`, chunk);
      return write(chunk, ...rest);
    };
  }
  for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
    const original = console[name].bind(console);
    console[name] = (...values: unknown[]): void => {
      watch.said(`console.${name} of the tests`, `${format(...values)}\n`);
      original(...values);
    };
  }
}

/** So many errors of a test file are looked at; what makes more of them repeats itself. */
const MOST_ERRORS = 20_000;

/** The one error class, by what it calls as its parent. */
function hearErrors(watch: SecretWatch): void {
  let made = 0;
  class Heard extends Error {
    constructor(message: string, options?: ErrorOptions) {
      super(message, options);
      // Its details are there, and a test has had it, before anything else gets its turn.
      if (made++ < MOST_ERRORS) queueMicrotask(() => watch.said('an error', wordsOf(this)));
    }
  }
  Object.setPrototypeOf(CodeloomError, Heard);
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const details = 'details' in error ? inJson(error.details) : '';
  return `${error.message} ${details}\n${wordsOf(error.cause)}`;
}

function inJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return ''; // circular, or a bigint
  }
}

/** Credentials that a server of a test is shown. */
function learnFromRequests(watch: SecretWatch): void {
  for (const { prototype } of [http.Server, https.Server]) {
    const { emit } = prototype;
    prototype.emit = function (this: http.Server, event: string, ...values: unknown[]): boolean {
      const [request] = values;
      if (event === 'request' && request instanceof http.IncomingMessage) learnFromHeaders(watch, request.headers);
      return (emit as (event: string, ...values: unknown[]) => boolean).call(this, event, ...values); // of its overloads, the widest
    } as typeof emit;
  }
}

function learnFromHeaders(watch: SecretWatch, { authorization = '', 'x-gitlab-token': gitlab }: http.IncomingHttpHeaders): void {
  const [, scheme = '', value = ''] = /^(Bearer|token|Basic) (.+)$/i.exec(authorization) ?? [];
  if (value !== '') watch.secret(value);
  if (scheme === 'Basic') watch.secret(Buffer.from(value, 'base64').toString().replace(/^[^:]*:/, ''));
  if (typeof gitlab === 'string') watch.secret(gitlab);
}

/** Folders that this thread makes in the temporary folder are looked through before they go. */
function seeFolders(watch: SecretWatch): () => readonly string[] {
  const made = new Set<string>();
  const note = (folder: string): string => {
    made.add(fs.realpathSync(folder));
    made.add(folder);
    return folder;
  };
  const look = (path: unknown): void => {
    if (typeof path === 'string' && [...made].some((folder) => `${resolve(path)}${sep}`.startsWith(`${folder}${sep}`))) watch.left(path);
  };
  const { mkdtempSync, rmSync } = fs;
  const { mkdtemp, rm } = fs.promises;
  type Sync = (...values: unknown[]) => string;
  type Later = (...values: unknown[]) => Promise<string>;
  // Their overloads, which differ in what they are asked for, are all served by handing on.
  Object.assign(fs, {
    mkdtempSync: (...values: unknown[]) => note((mkdtempSync as unknown as Sync)(...values)),
    rmSync: (...values: Parameters<typeof rmSync>) => (look(values[0]), rmSync(...values)),
  });
  Object.assign(fs.promises, {
    mkdtemp: async (...values: unknown[]) => note(await (mkdtemp as unknown as Later)(...values)),
    rm: (...values: Parameters<typeof rm>) => (look(values[0]), rm(...values)),
  });
  syncBuiltinESMExports();
  return () => [...made].filter((folder) => fs.existsSync(folder));
}
