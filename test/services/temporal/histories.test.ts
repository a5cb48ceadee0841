import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { Client, Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CodeloomError } from '../../../src/domain/errors.js';
import type { DurableRuns } from '../../../src/domain/ports/durable-runs.js';
import { linkIncrementally } from '../../../src/domain/linking/incremental.js';
import { workflowCode } from '../../../src/infrastructure/workflow-code.js';
import { ADDRESS, freshQueue, memory, openTestRuns, shopRequest, startWorker, until, type RunningWorker } from './harness.js';
import { atStages, manyFiles, stoppingShop } from './stages.js';

// What workflows did, as a server keeps it, is replayed by the very code that did it. With CODELOOM_RECORD_HISTORIES=<version> it is kept, for the code of later versions: see
// test/adapters/temporal/replay.test.ts.

const version = process.env['CODELOOM_RECORD_HISTORIES'];
const folder = new URL(`../../adapters/temporal/histories/${version ?? ''}/`, import.meta.url);

/** In the server's own encoding, without what it says of the machine that it was made on. */
function keep(name: string, workflowId: string, history: temporal.api.history.v1.IHistory): void {
  mkdirSync(folder, { recursive: true });
  withoutMachine(history);
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify({ workflowId, history: gzipSync(temporal.api.history.v1.History.encode(history).finish()).toString('base64') })}\n`);
}

function withoutMachine(value: unknown): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  const fields = value as Record<string, unknown>; // a message, or a list of such
  for (const [name, field] of Object.entries(fields)) {
    if (name === 'identity' && typeof field === 'string') fields[name] = 'worker';
    else if (name === 'stackTrace') fields[name] = '';
    else withoutMachine(field);
  }
}

describe('the history of a run', () => {
  const queue = freshQueue();
  let fail: CodeloomError | undefined;
  let failures = 0;
  const { ports: shop, stops, change } = stoppingShop();
  const large = memory(manyFiles(1100));
  let worker: RunningWorker;
  let largeWorker: RunningWorker;
  let runs: DurableRuns;
  let largeRuns: DurableRuns;
  let connection: Connection;
  beforeAll(async () => {
    const ports = atStages(shop, (stage) => {
      if (stage === 'link' && failures-- > 0 && fail !== undefined) throw fail;
    });
    worker = await startWorker({ ports, taskQueue: queue });
    largeWorker = await startWorker({ ports: large.ports, taskQueue: `${queue}-large` });
    runs = await openTestRuns(queue);
    largeRuns = await openTestRuns(`${queue}-large`, { fanOutFrom: 100 });
    connection = await Connection.connect({ address: ADDRESS });
  });
  afterAll(async () => {
    await Promise.all([runs.close(), largeRuns.close(), connection.close()]);
    await Promise.all([worker.stop(), largeWorker.stop()]);
  });
  async function replayed(name: string, workflowId: string, runId?: string): Promise<void> {
    const history = await new Client({ connection }).workflow.getHandle(workflowId, runId).fetchHistory();
    await Worker.runReplayHistory({ workflowBundle: { codePath: workflowCode().bundle } }, history, workflowId);
    if (version !== undefined) keep(name, workflowId, history);
  }

  it('that succeeds', async () => {
    const { id } = await runs.start(shopRequest());
    await runs.result(id);
    await replayed('succeeded', id);
  });

  it('that finds nothing to do', async () => {
    const { id } = await runs.start(shopRequest());
    await runs.result(id);
    await replayed('unchanged', id);
  });

  it('of which a step is tried again', async () => {
    change();
    [fail, failures] = [new CodeloomError('network', 'Away.'), 1];
    const { id } = await runs.start(shopRequest());
    await runs.result(id);
    await replayed('retried', id);
  });

  it('that fails', async () => {
    change();
    [fail, failures] = [new CodeloomError('store-full', 'No space.'), 1];
    const { id } = await runs.start(shopRequest());
    await expect(runs.result(id)).rejects.toMatchObject({ code: 'store-full' });
    await replayed('failed', id);
  });

  it('that fails late, and undoes what its steps did', async () => {
    const { ports } = memory({ 'a.ts': 'export const a = 1;\n' }, { link: linkIncrementally });
    const own = `${queue}-late`;
    const failing = await startWorker({ taskQueue: own, ports: { ...ports, graphStore: { ...ports.graphStore, publish: () => Promise.reject(new CodeloomError('store-full', 'No space.')) } } });
    const client = await openTestRuns(own);
    try {
      const { id } = await client.start(shopRequest());
      await expect(client.result(id)).rejects.toMatchObject({ code: 'store-full' });
      await replayed('failed-late', id);
    } finally {
      await client.close();
      await failing.stop();
    }
  });

  it('that begins anew, because facts have gone', async () => {
    change();
    [fail, failures] = [new CodeloomError('facts-missing', 'Gone.'), 1];
    const { id } = await runs.start(shopRequest());
    await runs.result(id);
    await replayed('began-anew', id);
  });

  it('that is paused, resumed, and followed by one more for a push', async () => {
    change();
    stops.at.add('link');
    const request = shopRequest();
    await runs.start(request);
    const id = `repo-index-${request.repositoryId}-main`;
    await until(async () => (await runs.progress(id)).progress.stage === 'link', 'linking');
    const { run } = (await runs.progress(id)).progress;
    await runs.pause(id, true);
    await runs.push({ ...request, commit: change() });
    stops.release();
    await until(async () => (await runs.progress(id)).progress.stage === 'publish', 'the next step');
    await runs.pause(id, false);
    await runs.result(id);
    await replayed('pushed', id, run);
    await replayed('follower', id);
  });

  it('that is cancelled', async () => {
    change();
    stops.at.add('link');
    const { id } = await runs.start(shopRequest());
    await until(async () => (await runs.progress(id)).progress.stage === 'link', 'linking');
    await runs.cancel(id);
    await expect(runs.result(id)).rejects.toMatchObject({ code: 'aborted' });
    stops.release();
    await replayed('cancelled', id);
  });

  it('that is shared out, and of a shard', async () => {
    const { id } = await largeRuns.start(shopRequest());
    await largeRuns.result(id);
    await replayed('shared-out', id);
    const { run } = (await largeRuns.progress(id)).progress;
    await replayed('shard', `${id}/${run.slice(0, 8)}/extract-1-of-3`);
  });

  it('that is refused for its input', async () => {
    const handle = await new Client({ connection }).workflow.start('RepoIndexingWorkflow', { taskQueue: queue, workflowId: `refused-${queue}`, args: [{ repo_id: 1 }] });
    await handle.result().catch(() => undefined);
    await replayed('refused', handle.workflowId);
  });

  it('of a schedule', async () => {
    const handle = await new Client({ connection }).workflow.start('RepoReconciliationWorkflow', { taskQueue: queue, workflowId: `reconciled-${queue}`, args: [{ installation_id: null, github_repo_name: 'acme/shop', repo_id: queue, default_branch: 'main', repo_url: shopRequest().url }] });
    expect(await handle.result()).toEqual({ started: true });
    await replayed('reconciliation', handle.workflowId);
  });
});
