import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { expect, it } from 'vitest';
import { ADDRESS, freshQueue, memory, openTestRuns, shopRequest, startWorker } from './harness.js';

const FILES = 5500;
const LIMIT = 32 * 1024;

/** The largest of the payloads that a history holds, in bytes, and how many there are. */
function measure(value: unknown): { readonly largest: number; readonly count: number } {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return { largest: 0, count: 0 };
  const own = 'data' in value && value.data instanceof Uint8Array && 'metadata' in value ? { largest: value.data.length, count: 1 } : { largest: 0, count: 0 };
  return Object.values(value).map(measure).reduce((sum, each) => ({ largest: Math.max(sum.largest, each.largest), count: sum.count + each.count }), own);
}

/** Minutes that the last of each activity had; the last record is the run's end, whatever its size. */
function timesOf({ events }: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>): Readonly<Record<string, number>> {
  return Object.fromEntries((events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => (
    scheduled == null ? [] : [[scheduled.activityType?.name ?? '', Number(scheduled.startToCloseTimeout?.seconds) / 60]] // the server sends null for what is not there
  )));
}

it(`what a run of ${FILES} files hands from step to step is small, shared out or not, and steps have the time that so many need`, async () => {
  // With files that have diagnostics, are skipped, and are configuration: all that is counted.
  const tree = Object.fromEntries(Array.from({ length: FILES }, (_, index) => [
    `packages/part-${index % 50}/source/of/some/depth/file-${index}.${index % 40 === 0 ? 'md' : index % 60 === 1 ? 'conf' : 'toy'}`, `class C${index}\n  def f${index}\n    call f${(index * 7) % FILES}\n`,
  ]));
  for (const fanOutFrom of [1_000_000, 1000]) {
    const queue = freshQueue();
    const worker = await startWorker({ ports: memory(tree).ports, taskQueue: queue });
    const runs = await openTestRuns(queue, { fanOutFrom });
    const connection = await Connection.connect({ address: ADDRESS });
    try {
      const { id } = await runs.start(shopRequest());
      const indexed = Number((await runs.result(id)).counts['indexed_files']);
      expect(indexed).toBeGreaterThan(5000);
      const client = new Client({ connection });
      const { run } = (await runs.progress(id)).progress;
      const count = Math.ceil(indexed / 500);
      const shards = fanOutFrom < FILES ? Array.from({ length: count }, (_, index) => `${id}/${run.slice(0, 8)}/extract-${index + 1}-of-${count}`) : [];
      expect(timesOf(await client.workflow.getHandle(id).fetchHistory())).toMatchObject({ clone_repo_activity: 5, parse_repo_activity: 10, persist_kg_activity: 20, persist_metadata_activity: 2, cleanup_stale_kg_nodes_activity: 10 });
      for (const each of [id, ...shards]) {
        const { largest, count } = measure(await client.workflow.getHandle(each).fetchHistory());
        expect(count, each).toBeGreaterThan(3);
        expect(largest, each).toBeLessThan(LIMIT);
        if (each === id) console.log(`${count} payloads, the largest of ${largest} bytes${fanOutFrom < FILES ? ', shared out' : ''}`);
      }
    } finally {
      await connection.close();
      await runs.close();
      await worker.stop();
    }
  }
}, 180_000);
