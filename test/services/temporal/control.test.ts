import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../../src/adapters/temporal/contract.js';
import type { DurableRuns } from '../../../src/domain/ports/durable-runs.js';
import { eventNames } from '../../use-cases/workbench.js';
import { ADDRESS, freshQueue, memory, openTestRuns, OWN_SERVER, SHOP_URL, shopRequest, startWorker, until, type RunningWorker } from './harness.js';
import { stoppingShop } from './stages.js';

describe('a run under way', () => {
  const { memory: world, ports, stops, change } = stoppingShop();
  const queue = freshQueue();
  let worker: RunningWorker;
  let runs: DurableRuns;
  beforeAll(async () => {
    worker = await startWorker({ ports, taskQueue: queue });
    runs = await openTestRuns(queue);
  });
  afterEach(() => {
    stops.release();
    stops.reached.length = 0;
  });
  afterAll(async () => {
    stops.release();
    await runs.close();
    await worker.stop();
  });
  it.each(['acquire', 'extract', 'link', 'publish', 'record', 'retire'] as const)('learns within a second, in %s, that it is cancelled; what it took is let go, and the last snapshot stays', async (stage) => {
    const before = await world.ports.graphStore.heads();
    change();
    stops.at.add(stage);
    const { id } = await runs.start(shopRequest());
    await until(() => stops.reached.includes(stage), `${stage} is reached`);
    const asked = Date.now();
    await runs.cancel(id);
    await expect(runs.result(id)).rejects.toMatchObject({ code: 'aborted' });
    expect((stops.cancelledAt ?? Infinity) - asked).toBeLessThan(1000);
    const { status, progress } = await runs.progress(id);
    expect({ status, run: progress.status }).toEqual({ status: 'cancelled', run: 'cancelled' });
    expect(stops.reached.at(-1)).toBe(stage === 'acquire' ? 'acquire' : 'release');
    const names = eventNames((await runs.summary(id)).events);
    expect(names.slice(-4)).toEqual([`stage-failed ${stage}`, 'stage-started release', 'stage-finished release', 'run-finished cancelled']);
    if (!['record', 'retire'].includes(stage)) expect(await world.ports.graphStore.heads()).toEqual(before);
    const [recorded] = stage === 'acquire' ? [] : await world.ports.metadataStore.runs(`memory/${SHOP_URL}`);
    if (stage !== 'acquire') expect(recorded).toMatchObject({ status: 'cancelled', error: { code: 'aborted' } });
  });

  it('cleans up to the end when it is cancelled in the midst of that', async () => {
    change();
    stops.at.add('release');
    const { id } = await runs.start(shopRequest());
    await until(() => stops.reached.includes('release'), 'release is reached');
    await runs.cancel(id);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect((await runs.progress(id)).status).toBe('running');
    stops.release();
    await runs.result(id).catch(() => undefined);
    expect(eventNames((await runs.summary(id)).events).slice(-2)).toEqual(['stage-finished release', 'run-finished succeeded']);
  });

  it('waits before its next step while it is paused, tells so, and goes on', async () => {
    change();
    stops.at.add('acquire');
    const { id } = await runs.start(shopRequest());
    await until(() => stops.reached.includes('acquire'), 'acquire is reached');
    await runs.pause(id, true);
    stops.release();
    await until(async () => (await runs.progress(id)).progress.stage === 'extract', 'the next stage');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(stops.reached).toEqual(['acquire']);
    expect((await runs.progress(id)).progress).toMatchObject({ paused: true, status: 'running', stage: 'extract' });
    await runs.pause(id, false);
    expect(await runs.result(id)).toMatchObject({ changed: true });
  });

  it('can be cancelled while it is paused', async () => {
    change();
    stops.at.add('acquire');
    const { id } = await runs.start(shopRequest());
    await until(() => stops.reached.includes('acquire'), 'acquire is reached');
    await runs.pause(id, true);
    stops.release();
    await until(async () => (await runs.progress(id)).progress.stage === 'extract', 'the next stage');
    await runs.cancel(id);
    await expect(runs.result(id)).rejects.toMatchObject({ code: 'aborted' });
    expect(stops.reached).toEqual(['acquire', 'release']);
    expect(eventNames((await runs.summary(id)).events).slice(-4)).toEqual(['stage-failed extract', 'stage-started release', 'stage-finished release', 'run-finished cancelled']);
  });

  it('is followed by one more, at the newest commit, for all pushes that came meanwhile', async () => {
    change();
    stops.at.add('link');
    const request = shopRequest();
    expect((await runs.push(request)).status).toBe('started');
    await until(() => stops.reached.includes('link'), 'link is reached');
    const commits = [change(), change(), change()];
    for (const commit of commits) expect((await runs.push({ ...request, commit })).status).toBe('coalesced');
    const { id } = await runs.start(request);
    expect((await runs.progress(id)).progress.pushWaiting).toBe(true);
    stops.release();
    expect(await runs.result(id)).toMatchObject({ commit: commits[2], changed: true });
    expect(stops.reached.filter((stage) => stage === 'acquire')).toHaveLength(2);
  });

  it('is not followed by one more for a push of the very commit that it indexes', async () => {
    const commit = change();
    stops.at.add('link');
    const request = shopRequest();
    await runs.push({ ...request, commit });
    await until(() => stops.reached.includes('link'), 'link is reached');
    const { id } = await runs.push({ ...request, commit });
    stops.release();
    expect(await runs.result(id)).toMatchObject({ commit });
    expect(stops.reached.filter((stage) => stage === 'acquire')).toHaveLength(1);
  });

  it('is one, however many ask for it', async () => {
    change();
    stops.at.add('extract');
    const request = shopRequest();
    const asked = await Promise.all([runs.start(request), runs.start(request), runs.start(request)]);
    expect(asked.map(({ status }) => status).sort()).toEqual(['running', 'running', 'started']);
    await until(() => stops.reached.includes('extract'), 'extract is reached');
    stops.release();
    await runs.result(asked[0].id);
    expect(stops.reached.filter((stage) => stage === 'acquire')).toHaveLength(1);
  });

  it('is handed over by a worker that is told to stop, without using up an attempt', async () => {
    const own = freshQueue();
    const client = await openTestRuns(own);
    const [first, second] = [stoppingShop(), memory()];
    first.stops.at.add('link');
    const options = { taskQueue: own, tuning: { shutdownGraceSeconds: 1 } };
    const leaving = await startWorker({ ports: first.ports, ...options });
    // The stores of both are one.
    const request = shopRequest();
    const { id } = await client.start(request);
    await until(() => first.stops.reached.includes('link'), 'link is reached');
    const staying = await startWorker({ ...options, ports: { ...first.memory.ports, gitHost: second.ports.gitHost } });
    const begun = Date.now();
    await leaving.stop();
    const result = await client.result(id);
    // Sooner than any retry would be: those are 10 seconds apart.
    expect(Date.now() - begun).toBeLessThan(9000);
    expect(result.changed).toBe(true);
    expect(eventNames((await client.summary(id)).events).filter((name) => name.startsWith('stage-retried'))).toEqual([]);
    await staying.stop();
    await client.close();
  });
});

describe('schedules', () => {
  const queue = freshQueue();
  const { ports } = memory();
  let runs: DurableRuns;
  beforeAll(async () => {
    runs = await openTestRuns(queue);
  });
  afterAll(() => runs.close());

  it('are added, replaced, listed and removed', async () => {
    const request = shopRequest({ repositoryId: `scheduled-${randomUUID()}` });
    const { id } = await runs.schedules.add({ ...request, everySeconds: 3600 });
    await runs.schedules.add({ ...request, everySeconds: 7200 });
    await until(async () => (await runs.schedules.list()).some((each) => each.id === id && each.everySeconds === 7200), 'the list has it');
    expect((await runs.schedules.list()).filter((each) => each.id === id)).toEqual([expect.objectContaining({ repository: 'acme/shop', branch: 'main', everySeconds: 7200, next: expect.any(String) })]);
    expect(await runs.schedules.remove(id)).toBe(true);
    expect(await runs.schedules.remove(id)).toBe(false);
  });

  it('refuse what would run without a pause', async () => {
    await expect(runs.schedules.add({ ...shopRequest(), everySeconds: 5 })).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('start the one run of their branch', async () => {
    const worker = await startWorker({ ports, taskQueue: queue });
    const request = shopRequest();
    const { id } = await runs.schedules.add({ ...request, everySeconds: 3600 });
    const connection = await Connection.connect({ address: ADDRESS });
    try {
      await new Client({ connection }).schedule.getHandle(id).trigger();
      const run = `repo-index-${request.repositoryId}-main`;
      await until(() => runs.progress(run).then(() => true, () => false), 'the run is there');
      expect(await runs.result(run)).toMatchObject({ changed: true });
    } finally {
      await runs.schedules.remove(id);
      await connection.close();
      await worker.stop();
    }
  });
});

describe('search attributes', () => {
  // The tests' own server is started with them declared.
  it.skipIf(!OWN_SERVER)('say what a run is about and how it ended, where they are asked for', async () => {
    const queue = freshQueue();
    const worker = await startWorker({ ports: memory().ports, taskQueue: queue });
    const runs = await openTestRuns(queue, { searchAttributes: true });
    const connection = await Connection.connect({ address: ADDRESS });
    try {
      const name = `acme/${randomUUID()}`;
      const { id } = await runs.start(shopRequest({ name }));
      const { commit } = await runs.result(id);
      const client = new Client({ connection });
      const query = `${SEARCH_ATTRIBUTES.repository} = "${name}" AND ${SEARCH_ATTRIBUTES.branch} = "main" AND ${SEARCH_ATTRIBUTES.commit} = "${commit}" AND ${SEARCH_ATTRIBUTES.status} = "succeeded"`;
      await until(async () => (await client.workflow.count(query)).count === 1, 'the run is found');
      const failed = await runs.start(shopRequest({ name, branch: 'nowhere' }));
      await expect(runs.result(failed.id)).rejects.toMatchObject({ code: 'unknown-ref' });
      await until(async () => (await client.workflow.count(`${SEARCH_ATTRIBUTES.repository} = "${name}" AND ${SEARCH_ATTRIBUTES.status} = "failed"`)).count === 1, 'the failed run is found');
    } finally {
      await connection.close();
      await runs.close();
      await worker.stop();
    }
  });
});
