import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { throwIfAborted } from '../../domain/errors.js';

/** A holder shows that it lives this often, and is given up when it has not for so long. */
const HEARTBEAT_MS = 2_000;
const STALE_AFTER_MS = 30_000;
const POLL_MS = 50;

/**
 * Does work that no other process does at the same time under the same name. The lock is a folder, which the file system makes for one process only; it holds
 * who has it, and its time stamp is kept fresh. The lock of a process that is gone is taken over. Waits as long as it takes. Errors: `aborted`.
 */
export async function withLock<T>(folder: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const token = randomUUID();
  while (!(await take(folder, token))) {
    throwIfAborted(signal);
    if (await isAbandoned(folder)) await remove(folder);
    else await delay(POLL_MS, undefined, signal === undefined ? {} : { signal }).catch(() => throwIfAborted(signal));
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(folder, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  try {
    throwIfAborted(signal);
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await owner(folder))?.token === token) await remove(folder);
  }
}

interface Owner {
  readonly token: string;
  readonly pid: number;
  readonly host: string;
}

async function take(folder: string, token: string): Promise<boolean> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  const holder: Owner = { token, pid: process.pid, host: hostname() };
  await writeFile(join(folder, 'owner.json'), JSON.stringify(holder));
  return true;
}

async function owner(folder: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'owner.json'), 'utf8')) as Owner; // written by `take`; a torn write does not parse
  } catch {
    return undefined;
  }
}

async function isAbandoned(folder: string): Promise<boolean> {
  const [holder, stats] = await Promise.all([owner(folder), stat(folder).catch(() => undefined)]);
  if (stats === undefined) return false;
  if (Date.now() - stats.mtimeMs > STALE_AFTER_MS) return true;
  return holder !== undefined && holder.host === hostname() && !isAlive(holder.pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** By way of a new name: of several that try, one succeeds, and a new lock is never half removed. */
async function remove(folder: string): Promise<void> {
  const aside = `${folder}.${randomUUID()}`;
  try {
    await rename(folder, aside);
  } catch {
    return;
  }
  await rm(aside, { recursive: true, force: true });
}
