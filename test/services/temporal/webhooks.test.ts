import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HostedRepository } from '../../../src/domain/hosted-repository.js';
import type { DurableRuns } from '../../../src/domain/ports/durable-runs.js';
import type { RunStarter } from '../../../src/domain/ports/run-starter.js';
import { durableRunStarter } from '../../../src/use-cases/durable-run-starter.js';
import { freshQueue, memory, openTestRuns, shopRequest, startWorker, until, type RunningWorker } from './harness.js';

describe('durable runs that webhooks ask for', () => {
  let queue: string;
  let runs: DurableRuns;
  let starter: RunStarter;
  let worker: RunningWorker | undefined;

  beforeEach(async () => {
    queue = freshQueue();
    runs = await openTestRuns(queue);
    starter = durableRunStarter(runs);
  });
  afterEach(async () => {
    await worker?.stop();
    worker = undefined;
    await starter.close();
  });

  const repository = (): HostedRepository => ({ id: randomUUID(), name: 'acme/shop', location: shopRequest().url, defaultBranch: 'main', archived: false, installation: '4711' });
  const idOf = ({ id }: HostedRepository, branch: string): string => `repo-index-${id}-${branch}`;

  it('are one for several pushes, and end', async () => {
    const pushed = repository();
    expect(await starter.push({ repository: pushed, branch: 'main' })).toEqual({ status: 'started' });
    expect(await starter.push({ repository: pushed, branch: 'main' })).toEqual({ status: 'coalesced' });
    worker = await startWorker({ ports: memory().ports, taskQueue: queue });
    expect(await runs.result(idOf(pushed, 'main'))).toMatchObject({ repository: 'acme/shop' });
  });

  it('are retired for a repository, or for one branch of it, and no other', async () => {
    const [gone, stays] = [repository(), repository()];
    for (const branch of ['main', 'dev', 'release/1']) await starter.push({ repository: gone, branch });
    await starter.push({ repository: stays, branch: 'main' });
    expect(await starter.retire({ repositoryId: gone.id, branch: 'dev' })).toEqual({ retired: 1 });
    expect(await starter.retire({ repositoryId: gone.id, branch: 'none' })).toEqual({ retired: 0 });
    // What can be looked for lags a little behind what is.
    await until(async () => (await starter.retire({ repositoryId: gone.id })).retired === 3, 'all three are found');
    worker = await startWorker({ ports: memory().ports, taskQueue: queue });
    for (const branch of ['main', 'dev', 'release/1']) await expect(runs.result(idOf(gone, branch))).rejects.toMatchObject({ code: 'aborted' });
    expect(await runs.result(idOf(stays, 'main'))).toMatchObject({ repository: 'acme/shop' });
    await until(async () => (await starter.retire({ repositoryId: gone.id })).retired === 0, 'none is left');
  });
});
