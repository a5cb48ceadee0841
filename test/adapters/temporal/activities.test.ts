import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { createActivities } from '../../../src/adapters/temporal/activities.js';
import type { RunNote } from '../../../src/adapters/temporal/activity-calls.js';
import { CodeloomError } from '../../../src/domain/errors.js';
import type { IndexingPorts } from '../../../src/use-cases/indexing-ports.js';
import { REPOSITORY, VERSION, workbench, type Workbench } from '../../use-cases/workbench.js';

const run: RunNote = { id: 'run-1', startedAt: '2026-01-01T00:00:00.000Z', events: [{ sequence: 1, at: '2026-01-01T00:00:00.000Z', type: 'run-started' }] };
const request = { location: 'shop' };

function activitiesOf({ ports }: Workbench, replaced: Partial<IndexingPorts> = {}) {
  return createActivities({ ports: { ...ports, ...replaced }, indexerVersion: VERSION });
}

/** An attempt at an activity. What fails is told by its failure, not by logs. */
function attemptOf(info: ConstructorParameters<typeof MockActivityEnvironment>[0] = {}): MockActivityEnvironment {
  return new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
}

function perform<Input, Output>(attempt: MockActivityEnvironment, activity: (call: Input) => Promise<Output>, call: Input): Promise<Output> {
  return attempt.run<[Input], Output, (call: Input) => Promise<Output>>(activity, call);
}

/** All six, one after the other, each in an environment of its own: as on six workers. */
async function goThrough(bench: Workbench) {
  const on = <I, O>(activity: (call: I) => Promise<O>, call: I): Promise<O> => perform(attemptOf(), activity, call);
  const { output: { acquired, indexerVersion } } = await on(activitiesOf(bench).clone_repo_activity, { run, input: { request } });
  const { output: extracted } = await on(activitiesOf(bench).parse_repo_activity, { run, input: { step: 'extract', revision: acquired.revision, listing: acquired.listing, maxFileBytes: 1_000_000 } });
  if (!('facts' in extracted)) throw new TypeError('no facts');
  const { output: linked } = await on(activitiesOf(bench).parse_repo_activity, { run, input: { step: 'link', repository: REPOSITORY, facts: extracted.facts, snapshot: acquired.snapshot, indexerVersion } });
  if (!('manifest' in linked)) throw new TypeError('no manifest');
  const { output: published } = await on(activitiesOf(bench).persist_kg_activity, { run, input: { acquired, linked, createdAt: run.startedAt, indexerVersion } });
  const { output: recorded } = await on(activitiesOf(bench).persist_metadata_activity, { run, input: { step: 'record', acquired, linked, snapshot: published.snapshot.id } });
  const { output: retired } = await on(activitiesOf(bench).cleanup_stale_kg_nodes_activity, { run, input: { repository: REPOSITORY, retention: { days: 7, snapshots: 1 }, now: run.startedAt, facts: extracted.facts } });
  const { output: released } = await on(activitiesOf(bench).cleanup_repo_activity, { run, input: { run: run.id, succeeded: true, acquired, extracted, linked } });
  return { acquired, extracted, linked, published, recorded, retired, released };
}

describe('the activities', () => {
  it('do together what a run in process does', async () => {
    const bench = workbench();
    const { published, recorded, released } = await goThrough(bench);
    expect(published.snapshot).toEqual(expect.objectContaining({ digest: (await workbench().index()).snapshot.digest }));
    expect(recorded).toEqual({ files: 4 });
    expect(released).toBeNull();
    expect(await bench.ports.metadataStore.runs(REPOSITORY)).toMatchObject([{ id: 'run-1', status: 'running' }]);
  });

  it.each([
    ['clone_repo_activity', { request: { location: 7 } }, 'input.request.location'], ['parse_repo_activity', { step: 'compile' }, 'input.step'], ['parse_repo_activity', { step: 'link', facts: 'listing/1' }, 'input.repository'],
    ['persist_metadata_activity', { step: 'record' }, 'input.acquired'], ['persist_kg_activity', {}, 'input.acquired'], ['cleanup_stale_kg_nodes_activity', { repository: 'r' }, 'input.retention'], ['cleanup_repo_activity', { run: 'r' }, 'input.succeeded'],
  ] as const)('%s refuses %j for good', async (name, input, path) => {
    const call = { run, input } as never; // not as the types have it: that is the point
    const failure: unknown = await perform(attemptOf(), activitiesOf(workbench())[name] as (call: never) => Promise<unknown>, call).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'ApplicationFailure', type: 'invalid-argument', nonRetryable: true, message: expect.stringContaining(`\`${path}\``) });
  });

  it('fail with the code of the error, and leave it for the next attempt', async () => {
    const bench = workbench();
    const environment = attemptOf({ attempt: 2, heartbeatDetails: { failed: ['network'] } });
    const beats: unknown[] = [];
    environment.on('heartbeat', (details) => beats.push(details));
    const broken = activitiesOf(bench, { gitHost: { ...bench.git, resolve: () => Promise.reject(new CodeloomError('store-busy', 'Later.')) } });
    await expect(perform(environment, broken.clone_repo_activity, { run, input: { request } })).rejects.toMatchObject({ type: 'store-busy', nonRetryable: false, details: [{ failed: ['network'] }] });
    expect(beats.at(-1)).toMatchObject({ failed: ['network', 'store-busy'] });
  });

  it('tell what earlier attempts failed with, and of a worker that was lost that it was', async () => {
    const environment = attemptOf({ attempt: 4, heartbeatDetails: { failed: ['network', 'conflict'] } });
    const { failed } = await perform(environment, activitiesOf(workbench()).clone_repo_activity, { run, input: { request } });
    expect(failed).toEqual(['network', 'conflict', 'timed-out']);
  });

  it('tell by heartbeats how far they are', async () => {
    const environment = attemptOf();
    const beats: { readonly progress?: { readonly stage: string } }[] = [];
    environment.on('heartbeat', (details) => beats.push(details));
    const bench = workbench();
    const slow = activitiesOf(bench, {
      async *link(...linking: Parameters<IndexingPorts['link']>) {
        await new Promise((resolve) => setTimeout(resolve, 600));
        yield* bench.ports.link(...linking);
      },
    } as Partial<IndexingPorts>);
    const { output: { acquired, indexerVersion } } = await perform(environment, slow.clone_repo_activity, { run, input: { request } });
    const { output: extracted } = await perform(environment, slow.parse_repo_activity, { run, input: { step: 'extract', revision: acquired.revision, listing: acquired.listing, maxFileBytes: 1_000_000 } });
    await perform(environment, slow.parse_repo_activity, { run, input: { step: 'link', repository: REPOSITORY, facts: 'facts' in extracted ? extracted.facts : '', snapshot: acquired.snapshot, indexerVersion } });
    expect(beats.map((beat) => beat.progress?.stage)).toEqual(expect.arrayContaining(['link']));
    expect(JSON.stringify(beats).length).toBeLessThan(10_000);
  });

  it('end as cancelled when they are, whatever the step made of it', async () => {
    const environment = attemptOf();
    const bench = workbench();
    const hanging = activitiesOf(bench, {
      gitHost: { ...bench.git, resolve: (_, options) => new Promise((_resolve, reject) => options?.signal?.addEventListener('abort', () => reject(new CodeloomError('git-failed', 'Git was killed.')))) },
    });
    const ended = perform(environment, hanging.clone_repo_activity, { run, input: { request } });
    environment.cancel('CANCELLED');
    await expect(ended).rejects.toBeInstanceOf(CancelledFailure);
  });

  it('begin a run anew that was begun by other rules of linking', async () => {
    const bench = workbench();
    const { output: { acquired } } = await perform(attemptOf(), activitiesOf(bench).clone_repo_activity, { run, input: { request } });
    const newer = createActivities({ ports: bench.ports, indexerVersion: 'test-2' });
    const linking = perform(attemptOf(), newer.parse_repo_activity, { run, input: { step: 'link', repository: REPOSITORY, facts: acquired.listing, snapshot: acquired.snapshot, indexerVersion: VERSION } });
    await expect(linking).rejects.toMatchObject({ type: 'facts-missing', nonRetryable: true });
  });

  it('do not fail for a store that takes no records of the run', async () => {
    const bench = workbench();
    const { metadataStore } = bench.ports;
    const deaf = activitiesOf(bench, { metadataStore: { ...metadataStore, saveRun: () => Promise.reject(new CodeloomError('store-full', 'No space.')) } });
    await expect(perform(attemptOf(), deaf.clone_repo_activity, { run, input: { request } })).resolves.toMatchObject({ recorded: false });
  });
});
