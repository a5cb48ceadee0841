import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DurableRuns } from '../../../src/domain/ports/durable-runs.js';
import { workflowId, type RunResult } from '../../../src/adapters/temporal/contract.js';
import { eventNames } from '../../use-cases/workbench.js';
import { ADDRESS, freshQueue, memory, openTestRuns, shopInput, shopRequest, startWorker, type RunningWorker } from './harness.js';

const STAGES = ['acquire', 'extract', 'link', 'publish', 'record', 'retire', 'release'].flatMap((stage) => [`stage-started ${stage}`, `stage-finished ${stage}`]);

describe('a run on Temporal', () => {
  const { ports, git } = memory();
  const queue = freshQueue();
  let worker: RunningWorker;
  let runs: DurableRuns;
  beforeAll(async () => {
    worker = await startWorker({ ports, taskQueue: queue });
    runs = await openTestRuns(queue);
  });
  afterAll(async () => {
    await runs.close();
    await worker.stop();
  });

  it('is what a client of the published contract starts, and gets the published result', async () => {
    const connection = await Connection.connect({ address: ADDRESS });
    try {
      const input = shopInput();
      // As a Python client would: by names alone.
      const result = await new Client({ connection }).workflow.execute('RepoIndexingWorkflow', { taskQueue: queue, workflowId: `repo-index-${input.repo_id}-${input.default_branch}`, args: [input] }) as RunResult;
      expect(result).toMatchObject({ status: 'success', repo: 'acme/shop', commit_sha: expect.stringMatching(/^[0-9a-f]{40}$/), stats: { total_symbols: 7, indexed_files: 3 }, stale_nodes_deleted: 0 });
      expect((await ports.graphStore.heads()).map((head) => head.id)).toEqual([result.snapshot_id]);
    } finally {
      await connection.close();
    }
  });

  it('records the run and its numbered events where in-process runs do', async () => {
    git.commit(SHOP, { 'main.toy': 'def main\n' });
    const { id } = await runs.start(shopRequest());
    const result = await runs.result(id);
    const [run] = await ports.metadataStore.runs(`memory/${SHOP}`);
    expect(run).toMatchObject({ status: 'succeeded', branch: 'main', snapshot: result.snapshot, finishedAt: expect.any(String) });
    const events = await ports.metadataStore.events(run?.id ?? '');
    expect(eventNames(events)).toEqual(['run-started', ...STAGES, 'run-finished succeeded']);
    expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index + 1));
  });

  it('does nothing for a state that is indexed already, and says so', async () => {
    const { id } = await runs.start(shopRequest());
    await runs.result(id);
    const again = await runs.start(shopRequest());
    expect(await runs.result(again.id)).toMatchObject({ changed: false });
  });

  it('tells by queries where it stands, also when it has ended', async () => {
    const { id } = await runs.start(shopRequest());
    await runs.result(id);
    const { status, progress } = await runs.progress(id);
    expect(status).toBe('succeeded');
    expect(progress).toMatchObject({ repository: 'acme/shop', branch: 'main', commit: expect.stringMatching(/^[0-9a-f]{40}$/), status: 'unchanged', stage: null, paused: false });
    expect(progress.stages.map(({ stage, state }) => `${stage} ${state}`)).toEqual(['acquire finished', 'release finished']);
    expect(eventNames((await runs.summary(id)).events).at(-1)).toBe('run-finished unchanged');
  });

  it.each([
    ['repo_url', { repo_url: '/srv/repositories/shop' }], ['repo_url', { repo_url: 'https://user:secret@code.example/acme/shop' }], ['default_branch', { default_branch: '' }], ['repo_id', { repo_id: undefined }],
  ])('refuses an input with a wrong %s at once, naming it and not repeating it', async (field, wrong) => {
    const connection = await Connection.connect({ address: ADDRESS });
    try {
      const input = { ...shopInput(), ...wrong };
      const failure: unknown = await new Client({ connection }).workflow.execute('RepoIndexingWorkflow', { taskQueue: queue, workflowId: workflowId(shopInput()), args: [input] }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ cause: { type: 'invalid-argument', nonRetryable: true, message: expect.stringContaining(`\`${field}\``) } });
      expect(String((failure as Error).cause)).not.toContain('secret');
    } finally {
      await connection.close();
    }
  });

  it('fails with the code of the error, and what a caller needs of it', async () => {
    const { id } = await runs.start(shopRequest({ branch: 'nowhere' }));
    await expect(runs.result(id)).rejects.toMatchObject({ name: 'CodeloomError', code: 'unknown-ref', retryable: false });
    expect(await runs.progress(id)).toMatchObject({ status: 'failed', progress: { status: 'failed' } });
  });

  it('says of what there is no run that there is none', async () => {
    await expect(runs.progress('repo-index-nobody-main')).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(runs.cancel('repo-index-nobody-main')).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

const SHOP = 'https://code.example/acme/shop';
