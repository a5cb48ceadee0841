import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { SHARD_WORKFLOW } from '../../../src/adapters/temporal/contract.js';
import { NOTHING, type ShardInput } from '../../../src/adapters/temporal/fan-out.js';
import { CodeloomError } from '../../../src/domain/errors.js';
import type { RunEvent } from '../../../src/domain/index-run.js';
import { createCodeloom, createGitHost } from '../../../src/index.js';
import { acquireSource } from '../../../src/use-cases/acquire-source.js';
import { git } from '../../adapters/git/build-repository.js';
import { eventNames, VERSION } from '../../use-cases/workbench.js';
import { ADDRESS, freshQueue, memory, openTestRuns, OWN_SERVER, server, serverIsUp, SHOP_URL, shopRequest, startWorker, until } from './harness.js';
import { manyFiles, STAGES, stoppingShop } from './stages.js';

const FILES = 600;
/** More than go into the fact store at once. */
const STORED_BEFORE = 300;

/** A repository with two commits, of which the first is indexed; the second is what runs are about. */
interface Place {
  readonly folder: string;
  readonly url: string;
  readonly store: string;
  readonly repository: string;
  readonly first: string;
}

async function place(store?: string): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'codeloom-temporal-'));
  return fill(folder, store ?? join(folder, 'store')).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
}

async function fill(folder: string, store: string): Promise<Place> {
  const repository = join(folder, 'repository');
  mkdirSync(repository);
  git(repository, ['init', '--quiet', '--initial-branch=main']);
  writeFileSync(join(repository, 'first.ts'), 'export function first(): number {\n  return 1;\n}\n');
  git(repository, ['add', '.']);
  git(repository, ['commit', '--quiet', '-m', 'first']);
  const url = `file://${repository}`;
  const codeloom = await createCodeloom({ store, gitHost: createGitHost({ cacheFolder: join(folder, 'mirrors-of-the-test'), allowedProtocols: ['file'] }) });
  const { snapshot } = await codeloom.index({ location: url, ref: 'main', branch: 'main' }).finally(() => codeloom.close());
  for (let index = 0; index < FILES; index++) {
    writeFileSync(join(repository, `file${index}.ts`), `import { first } from './first.js';\nexport function f${index}(): number {\n  return first() + ${index};\n}\n`);
  }
  git(repository, ['add', '.']);
  git(repository, ['commit', '--quiet', '-m', 'second']);
  return { folder, url, store, repository: snapshot.repository, first: snapshot.id };
}

interface WorkerProcess {
  readonly child: ChildProcess;
  /** All that it has said. */
  said(): string;
  gone(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('./worker-process.mjs', import.meta.url));

/** A worker with a disk of its own for all but the stores. */
function workerProcess({ folder, store }: Pick<Place, 'folder' | 'store'>, { name, ...settings }: { readonly name: string; readonly taskQueue: string; readonly stopAt?: string; readonly frozen?: number }): WorkerProcess {
  const temporary = join(folder, `temporary-of-${name}`);
  mkdirSync(temporary, { recursive: true });
  const child = spawn(process.execPath, [PROGRAM], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: temporary, WORKER: JSON.stringify({ address: ADDRESS, store, mirrors: join(folder, `mirrors-of-${name}`), after: STORED_BEFORE, ...settings }) },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return { child, said: () => text, gone: () => ended };
}

/** What a worker left on its disk besides mirrors. */
function unfinished({ folder }: Place, name: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.startsWith(`temporary-of-${name}/`) || (path.startsWith(`mirrors-of-${name}/`) && /\.unfinished|\.lock$/.test(path)));
}

/** What an in-process run makes of the second commit, from nothing. */
async function clean({ folder, url }: Place): Promise<string> {
  const codeloom = await createCodeloom({ store: 'memory', gitHost: createGitHost({ cacheFolder: join(folder, 'mirrors-of-the-test'), allowedProtocols: ['file'] }) });
  try {
    return (await codeloom.index({ location: url, ref: 'main', branch: 'main' })).snapshot.digest;
  } finally {
    await codeloom.close();
  }
}

async function headOf({ store, repository }: Place): Promise<{ readonly id: string; readonly symbols: number }> {
  const codeloom = await createCodeloom({ store });
  try {
    const { id } = await codeloom.snapshot({ repository, branch: 'main' });
    const found = await codeloom.symbols({ repository, text: 'first', kinds: ['function'] });
    return { id, symbols: found.results.length };
  } finally {
    await codeloom.close();
  }
}

// Most of the time they wait for what is silent.
describe.skipIf(!OWN_SERVER)('a worker', { concurrent: true }, () => {
  it.each(STAGES)('that is killed in %s is stood in for by another, and what was finished is not done again', async (stage) => {
    const queue = freshQueue();
    const runs = await openTestRuns(queue, { heartbeatSeconds: 2 });
    const there = await place();
    const first = workerProcess(there, { name: 'first', taskQueue: queue, stopAt: stage });
    let second: WorkerProcess | undefined;
    try {
      const { id } = await runs.start(shopRequest({ url: there.url }));
      await until(() => first.said().includes(`reached ${stage}`), `${stage} is reached; ${first.said()}`, 60_000);
      const published = ['record', 'retire', 'release'].includes(stage);
      // Between two beats, what is stored is there to be read, whole.
      const during = await headOf(there);
      if (!published) expect(during).toEqual({ id: there.first, symbols: 1 });
      await new Promise((resolve) => setTimeout(resolve, 500));
      first.child.kill('SIGKILL');
      await first.gone();
      second = workerProcess(there, { name: 'second', taskQueue: queue });
      const result = await runs.result(id);
      expect(result).toMatchObject({ digest: await clean(there), changed: true });
      expect(await headOf(there)).toEqual({ id: result.snapshot, symbols: 1 });

      const { events } = await runs.summary(id);
      expect(events.filter((event) => event.type === 'stage-retried').map(withoutTime)).toEqual([{ type: 'stage-retried', stage, attempt: 2, code: 'timed-out' }]);
      // Each stage was begun once, but for the one that was cut off.
      const begun = [...`${first.said()}${second.said()}`.matchAll(/^began (\w+)$/gm)].map(([, name]) => name);
      for (const each of ['acquire', 'extract', 'link', 'record', 'retire', 'release']) expect([each, begun.filter((name) => name === each).length]).toEqual([each, each === stage ? 2 : 1]);
      // What the first had stored, the second did not parse.
      const parsed = Number(result.counts['parsed_files']);
      if (stage === 'extract') expect(parsed).toBeLessThanOrEqual(FILES + 1 - 256);
      expect(parsed + Number(result.counts['reused_files'])).toBe(FILES + 1);
      expect(Number(/^parsed (\d+)$/m.exec(second.said())?.[1] ?? parsed)).toBe(parsed);
      // Nothing half made is left on the disk of the one that finished.
      expect(unfinished(there, 'second')).toEqual([]);
    } finally {
      first.child.kill('SIGKILL');
      second?.child.kill('SIGTERM');
      await Promise.all([first.gone(), second?.gone(), runs.close()]);
      rmSync(there.folder, { recursive: true, force: true });
    }
  }, 180_000);

  it.each(['link', 'publish'] as const)('that is silent for so long in %s that another does the same, and goes on then, does no harm', async (stage) => {
    const queue = freshQueue();
    const runs = await openTestRuns(queue, { heartbeatSeconds: 2 });
    const there = await place();
    // Longer than it takes until it is not waited for any more (2 s), and tried again (10 s).
    const silent = workerProcess(there, { name: 'silent', taskQueue: queue, stopAt: stage, frozen: 14_000 });
    let other: WorkerProcess | undefined;
    try {
      const { id } = await runs.start(shopRequest({ url: there.url }));
      await until(() => silent.said().includes(`reached ${stage}`), `${stage} is reached; ${silent.said()}`, 60_000);
      other = workerProcess(there, { name: 'other', taskQueue: queue });
      const result = await runs.result(id);
      expect(result).toMatchObject({ digest: await clean(there), changed: true });
      // A third attempt may follow: the silent one holds the store's lock until it goes on.
      expect((await runs.summary(id)).events.filter((event) => event.type === 'stage-retried').map(withoutTime)[0]).toEqual({ type: 'stage-retried', stage, attempt: 2, code: 'timed-out' });
      await until(() => silent.said().includes('goes on'), 'it goes on', 60_000);
      for (const worker of [silent, other]) worker.child.kill('SIGTERM');
      await Promise.all([silent.gone(), other.gone()]);
      expect([silent.child.exitCode, other.child.exitCode]).toEqual([0, 0]);
      expect(await headOf(there)).toEqual({ id: result.snapshot, symbols: 1 });
      expect([...unfinished(there, 'silent'), ...unfinished(there, 'other')]).toEqual([]);
    } finally {
      silent.child.kill('SIGKILL');
      other?.child.kill('SIGKILL');
      await Promise.all([silent.gone(), other?.gone(), runs.close()]);
      rmSync(there.folder, { recursive: true, force: true });
    }
  }, 180_000);
});

const withoutTime = ({ at: _, sequence: __, ...event }: RunEvent): unknown => event;

describe('workers', () => {
  it('share a large repository: each extracts a part of it', async () => {
    const world = memory(manyFiles(2500));
    const queue = freshQueue();
    const done = [0, 0];
    const workers = await Promise.all(done.map((_, which) => startWorker({
      taskQueue: queue, tuning: { activities: 1 },
      ports: {
        ...world.ports,
        parser: { ...world.ports.parser, extract: async function* (...request) {
          for await (const output of world.ports.parser.extract(...request)) {
            done[which] = (done[which] ?? 0) + 1;
            yield output;
          }
        } },
      },
    })));
    const runs = await openTestRuns(queue, { fanOutFrom: 1000 });
    try {
      const { id } = await runs.start(shopRequest());
      expect(await runs.result(id)).toMatchObject({ counts: { parsed_files: 2500, reused_files: 0, indexed_files: 2500 } });
      expect(done.reduce((sum, each) => sum + each)).toBe(2500);
      expect(Math.min(...done)).toBeGreaterThan(0);
    } finally {
      await runs.close();
      await Promise.all(workers.map((worker) => worker.stop()));
    }
  });

  it('fail a run whose shard fails, once the other shards have been stopped', async () => {
    const world = memory(manyFiles(1600));
    const queue = freshQueue();
    let begun = 0;
    let stopped = 0;
    const worker = await startWorker({
      taskQueue: queue,
      ports: {
        ...world.ports,
        parser: { ...world.ports.parser, extract: async function* (sources, options) {
          begun += 1;
          if (begun === 3) throw new CodeloomError('store-full', 'No space.');
          // The others go on until they are told.
          await new Promise((_, reject) => options?.signal?.addEventListener('abort', () => (stopped += 1, reject(options.signal?.reason))));
          yield* world.ports.parser.extract(sources, options);
        } },
      },
    });
    const runs = await openTestRuns(queue, { fanOutFrom: 100, shardsInFlight: 3 });
    try {
      const { id } = await runs.start(shopRequest());
      await expect(runs.result(id)).rejects.toMatchObject({ code: 'store-full' });
      expect({ begun, stopped }).toEqual({ begun: 3, stopped: 2 });
      expect(eventNames((await runs.summary(id)).events).slice(-4)).toEqual(['stage-failed extract', 'stage-started release', 'stage-finished release', 'run-finished failed']);
    } finally {
      await runs.close();
      await worker.stop();
    }
  }, 60_000);

  it('stop with all their shards when a run is cancelled', async () => {
    const world = memory(manyFiles(1600));
    const queue = freshQueue();
    let begun = 0;
    const stopped: number[] = [];
    const worker = await startWorker({
      taskQueue: queue,
      ports: {
        ...world.ports,
        parser: { ...world.ports.parser, extract: async function* (sources, options) {
          begun += 1;
          await new Promise((_, reject) => options?.signal?.addEventListener('abort', () => (stopped.push(Date.now()), reject(options.signal?.reason))));
          yield* world.ports.parser.extract(sources, options);
        } },
      },
    });
    const runs = await openTestRuns(queue, { fanOutFrom: 100, shardsInFlight: 3 });
    try {
      const { id } = await runs.start(shopRequest());
      await until(() => begun === 3, 'shards are under way');
      const asked = Date.now();
      await runs.cancel(id);
      await expect(runs.result(id)).rejects.toMatchObject({ code: 'aborted' });
      expect(stopped).toHaveLength(3);
      expect(Math.max(...stopped) - asked).toBeLessThan(1500);
    } finally {
      await runs.close();
      await worker.stop();
    }
  }, 60_000);

  it('work off a very large part in several runs, each with a short history', async () => {
    const { ports } = memory(manyFiles(5600));
    const queue = freshQueue();
    const worker = await startWorker({ ports, taskQueue: queue });
    const connection = await Connection.connect({ address: ADDRESS });
    try {
      const { listing, revision } = await acquireSource(ports, { request: { location: SHOP_URL, ref: 'main', branch: 'main' }, indexerVersion: VERSION }, {});
      const workflowId = `part-of-${queue}`;
      const shard: ShardInput = { what: { revision, listing, maxFileBytes: 1000 }, part: { from: 0, to: 5600 }, heartbeatSeconds: 5, counts: NOTHING, failed: [] };
      const handle = await new Client({ connection }).workflow.start(SHARD_WORKFLOW, { taskQueue: queue, workflowId, args: [shard] });
      expect(await handle.result()).toMatchObject({ counts: { parsed: 5600, reused: 0 }, failed: [] });
      const first = await new Client({ connection }).workflow.getHandle(workflowId, handle.firstExecutionRunId).fetchHistory();
      expect(first.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes).toMatchObject({ newExecutionRunId: expect.any(String) });
      expect(first.events?.length).toBeLessThan(100);
    } finally {
      await connection.close();
      await worker.stop();
    }
  });

  it('that are given the same branch under two names end alike, one after the other or at once', async () => {
    const world = memory();
    const queue = freshQueue();
    const workers = await Promise.all([0, 1].map(() => startWorker({ ports: world.ports, taskQueue: queue })));
    const runs = await openTestRuns(queue);
    try {
      const ids = await Promise.all([runs.start(shopRequest()), runs.start(shopRequest())]);
      const [one, other] = await Promise.all(ids.map(({ id }) => runs.result(id)));
      expect(one?.digest).toBe(other?.digest);
      expect(one?.snapshot).toBe(other?.snapshot);
      expect((await world.ports.graphStore.heads()).map((head) => head.id)).toEqual([one?.snapshot]);
    } finally {
      await runs.close();
      await Promise.all(workers.map((worker) => worker.stop()));
    }
  });
});

describe.skipIf(!OWN_SERVER)('a server that is killed and started again', () => {
  it.each(['extract', 'publish'] as const)('in the midst of %s finds the run where it was', async (stage) => {
    const { ports, stops } = stoppingShop();
    stops.at.add(stage);
    const queue = freshQueue();
    const worker = await startWorker({ ports, taskQueue: queue });
    const runs = await openTestRuns(queue);
    try {
      const { id } = await runs.start(shopRequest());
      await until(() => stops.reached.includes(stage), `${stage} is reached`);
      await server('crash');
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await server('start');
      await serverIsUp();
      stops.release();
      const result = await until(() => runs.result(id).then(() => true, () => false), 'the run ends', 60_000).then(() => runs.result(id));
      expect(result).toMatchObject({ changed: true, counts: { indexed_files: 3 } });
      const names = eventNames((await runs.summary(id)).events).filter((name) => !name.startsWith('stage-retried'));
      expect(names).toEqual(['run-started', ...STAGES.flatMap((each) => [`stage-started ${each}`, `stage-finished ${each}`]), 'run-finished succeeded']);
    } finally {
      stops.release();
      await runs.close();
      await worker.stop();
    }
  });
});

/** A small disk, where this machine lets us have one. */
function smallDisk(size: '2500k' | '60k'): { readonly folder: string; remove(): void } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'codeloom-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'ignore' });
    return { folder, remove: () => (execFileSync('umount', ['-l', folder]), rmSync(folder, { recursive: true })) };
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

describe.skipIf(!OWN_SERVER)('a worker whose disk is full', () => {
  it.for([['for stores', '2500k'], ['for mirrors', '60k']] as const)('%s fails the run with a clear error, at once, and leaves the last snapshot to be read', async ([what, capacity], { skip }) => {
    const disk = smallDisk(capacity);
    if (disk === undefined) return skip('no file system can be mounted here');
    const queue = freshQueue();
    const there = await place(what === 'for stores' ? join(disk.folder, 'store') : undefined).catch((error: unknown) => {
      disk.remove();
      throw error;
    });
    const runs = await openTestRuns(queue);
    const { folder } = what === 'for stores' ? there : disk;
    const worker = workerProcess({ folder, store: there.store }, { name: 'full', taskQueue: queue });
    try {
      const { id } = await runs.start(shopRequest({ url: there.url }));
      await expect(runs.result(id)).rejects.toMatchObject({ code: 'store-full', retryable: false, message: expect.stringMatching(/full|space/i) });
      expect((await runs.summary(id)).events.filter((event) => event.type === 'stage-retried')).toEqual([]);
      expect(await headOf(there)).toEqual({ id: there.first, symbols: 1 });
      expect(unfinished({ ...there, folder }, 'full')).toEqual([]);
    } finally {
      worker.child.kill('SIGTERM');
      await worker.gone();
      await runs.close();
      disk.remove();
      rmSync(there.folder, { recursive: true, force: true });
    }
  });
});
