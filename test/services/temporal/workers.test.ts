import { Client, Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WorkerTuning } from '../../../src/adapters/temporal/worker.js';
import type { DurableRuns } from '../../../src/domain/ports/durable-runs.js';
import { workflowCode } from '../../../src/infrastructure/workflow-code.js';
import { eventNames } from '../../use-cases/workbench.js';
import { ADDRESS, freshQueue, memory, openTestRuns, shopRequest, startWorker, until } from './harness.js';
import { atStages, createStops, manyFiles, stoppingShop } from './stages.js';

describe('a worker', () => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await Connection.connect({ address: ADDRESS });
  });
  afterAll(() => connection.close());

  /** Runs on a worker of the shop that is tuned so. */
  async function withWorker<T>(tuning: WorkerTuning, work: (shop: ReturnType<typeof stoppingShop>, runs: DurableRuns) => Promise<T>): Promise<T> {
    const shop = stoppingShop();
    const queue = freshQueue();
    const worker = await startWorker({ ports: shop.ports, taskQueue: queue, tuning });
    const runs = await openTestRuns(queue);
    try {
      return await work(shop, runs);
    } finally {
      shop.stops.release();
      await runs.close();
      await worker.stop();
    }
  }

  it.each([1, 2])('does %d steps at once when it is told so', async (activities) => {
    await withWorker({ activities }, async ({ stops }, runs) => {
      stops.at.add('acquire');
      const started = await Promise.all([1, 2, 3].map(() => runs.start(shopRequest())));
      await until(() => stops.reached.length === activities, 'as many are begun');
      await new Promise((resolve) => setTimeout(resolve, 700));
      expect(stops.reached).toHaveLength(activities);
      stops.release();
      for (const { id } of started) await runs.result(id);
    });
  });

  it.each([[0, false], [100, true]])('that keeps %d workflows between decisions comes to the same', async (cachedWorkflows, sticky) => {
    await withWorker({ cachedWorkflows, workflowTasks: 2 }, async (_, runs) => {
      const { id } = await runs.start(shopRequest());
      expect(await runs.result(id)).toMatchObject({ changed: true, counts: { indexed_files: 3 } });
      const { events } = await new Client({ connection }).workflow.getHandle(id).fetchHistory();
      const kinds = new Set((events ?? []).map((event) => event.workflowTaskScheduledEventAttributes?.taskQueue?.kind));
      // A queue of one worker's own is there only for what it keeps.
      expect(kinds.has(temporal.api.enums.v1.TaskQueueKind.TASK_QUEUE_KIND_STICKY)).toBe(sticky);
    });
  });

  it('makes the code of workflows by itself where the package has none for its SDK', async () => {
    const queue = freshQueue();
    const worker = await startWorker({ ports: memory().ports, taskQueue: queue, workflowCode: { ...workflowCode(), bundle: '/nowhere/workflows.js' } });
    const runs = await openTestRuns(queue);
    try {
      const { id } = await runs.start(shopRequest());
      expect(await runs.result(id)).toMatchObject({ changed: true });
    } finally {
      await runs.close();
      await worker.stop();
    }
  });

  it('that is told to stop ends the step that it is at, when that takes no longer than its grace', async () => {
    const queue = freshQueue();
    const runs = await openTestRuns(queue);
    const { ports, stops, memory: world } = stoppingShop();
    stops.at.add('link');
    const leaving = await startWorker({ ports, taskQueue: queue, tuning: { shutdownGraceSeconds: 10 } });
    const { id } = await runs.start(shopRequest());
    await until(() => stops.reached.includes('link'), 'link is reached');
    const later = createStops();
    const staying = await startWorker({ ports: atStages(world.ports, later.begin), taskQueue: queue });
    const left = leaving.stop();
    await new Promise((resolve) => setTimeout(resolve, 500));
    stops.release();
    await left;
    await runs.result(id);
    expect(stops.reached).toEqual(['acquire', 'extract', 'link']);
    expect(later.reached.filter((stage, index, all) => all.indexOf(stage) === index)).toEqual(['publish', 'record', 'retire', 'release']);
    await staying.stop();
    await runs.close();
  });

  it('that is told to stop hands over its shards, without using up an attempt', async () => {
    const queue = freshQueue();
    const runs = await openTestRuns(queue, { fanOutFrom: 100 });
    const world = memory(manyFiles(1100));
    const stops = createStops();
    stops.at.add('extract');
    const leaving = await startWorker({ ports: atStages(world.ports, stops.begin), taskQueue: queue, tuning: { shutdownGraceSeconds: 1 } });
    const { id } = await runs.start(shopRequest());
    await until(() => stops.reached.filter((stage) => stage === 'extract').length === 3, 'three shards are under way');
    const staying = await startWorker({ ports: world.ports, taskQueue: queue });
    const begun = Date.now();
    await leaving.stop();
    expect(await runs.result(id)).toMatchObject({ counts: { parsed_files: 1100 } });
    // Sooner than any retry would be.
    expect(Date.now() - begun).toBeLessThan(9000);
    expect(eventNames((await runs.summary(id)).events).filter((name) => name.startsWith('stage-retried'))).toEqual([]);
    await staying.stop();
    await runs.close();
  });
});
