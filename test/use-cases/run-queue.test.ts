import { describe, expect, it } from 'vitest';
import { CodeloomError } from '../../src/domain/errors.js';
import type { PushedBranch } from '../../src/domain/hosted-repository.js';
import { createRunQueue, type RunQueueOptions } from '../../src/use-cases/run-queue.js';

describe('runs in this process', () => {
  it('start at once, and only one of a branch at a time', async () => {
    const { queue, started, finish, ended } = open({ atOnce: 5 });
    expect(await queue.push(pushed('1', 'main', 'c1'))).toEqual({ status: 'started' });
    expect(await queue.push(pushed('1', 'dev', 'c2'))).toEqual({ status: 'started' });
    expect(await queue.push(pushed('1', 'main', 'c3'))).toEqual({ status: 'coalesced' });
    expect(await started(2)).toEqual(['1 main c1', '1 dev c2']);
    finish('1 main c1');
    expect(await started(3)).toEqual(['1 main c1', '1 dev c2', '1 main c3']);
    expect(ended).toEqual(['1 main c1']);
  });

  it('coalesce pushes meanwhile into one more, at the newest commit', async () => {
    const { queue, started, finish, settled } = open();
    await queue.push(pushed('1', 'main', 'c1'));
    for (const commit of ['c2', 'c3', 'c4']) expect(await queue.push(pushed('1', 'main', commit))).toEqual({ status: 'coalesced' });
    await started(1);
    finish('1 main c1');
    await started(2);
    finish('1 main c4');
    expect(await settled()).toEqual(['1 main c1', '1 main c4']);
  });

  it('wait their turn in the order of the first push of each branch', async () => {
    const { queue, started, finish } = open({ atOnce: 1 });
    for (const [id, commit] of [['1', 'a'], ['2', 'b'], ['3', 'c'], ['2', 'd']] as const) await queue.push(pushed(id, 'main', commit));
    await started(1);
    finish('1 main a');
    await started(2);
    finish('2 main d');
    expect(await started(3)).toEqual(['1 main a', '2 main d', '3 main c']);
  });

  it('that fail end nothing but themselves, and are told of', async () => {
    const { queue, started, fail, failures } = open();
    await queue.push(pushed('1', 'main', 'a'));
    await queue.push(pushed('2', 'main', 'b'));
    await started(1);
    fail('1 main a', new CodeloomError('repository-not-found', 'gone'));
    expect(await started(2)).toEqual(['1 main a', '2 main b']);
    expect(failures.map(({ code }) => code)).toEqual(['repository-not-found']);
  });

  it('are retired: what waits is dropped, what runs is cancelled', async () => {
    const { queue, started, failures, settled } = open({ atOnce: 2 });
    for (const [id, branch] of [['1', 'main'], ['2', 'main'], ['1', 'dev'], ['1', 'old']] as const) await queue.push(pushed(id, branch, 'a'));
    await started(2);
    expect(await queue.retire({ repositoryId: '1', branch: 'old' })).toEqual({ retired: 1 });
    expect(await queue.retire({ repositoryId: '1' })).toEqual({ retired: 2 });
    expect(await settled()).toEqual(['1 main a', '2 main a']);
    expect(failures.map(({ code }) => code)).toEqual(['aborted']);
    expect(await queue.retire({ repositoryId: '1' })).toEqual({ retired: 0 });
  });

  it('are bounded in what may wait', async () => {
    const { queue } = open({ mostWaiting: 2 });
    for (const id of ['1', '2', '3']) await queue.push(pushed(id, 'main', 'a'));
    await expect(queue.push(pushed('4', 'main', 'a'))).rejects.toMatchObject({ code: 'store-busy', retryable: true });
    expect(await queue.push(pushed('3', 'main', 'b'))).toEqual({ status: 'coalesced' });
  });

  it('are cancelled and waited for when it closes; then none is taken', async () => {
    const { queue, started, failures } = open();
    await queue.push(pushed('1', 'main', 'a'));
    await queue.push(pushed('2', 'main', 'b'));
    await started(1);
    await queue.close();
    expect(failures.map(({ code }) => code)).toEqual(['aborted']);
    expect(await started(1)).toEqual(['1 main a']);
    await expect(queue.push(pushed('1', 'main', 'a'))).rejects.toMatchObject({ code: 'store-unavailable' });
  });
});

function pushed(id: string, branch: string, commit: string): PushedBranch {
  return { repository: { id, name: `acme/${id}`, location: `https://git.example/acme/${id}.git`, defaultBranch: 'main', archived: false }, branch, commit };
}

/** A queue whose runs end when they are told to, or cancelled. */
function open(options: Omit<RunQueueOptions, 'run' | 'onEnd'> = {}) {
  const begun: string[] = [];
  const ended: string[] = [];
  const failures: CodeloomError[] = [];
  const under = new Map<string, { readonly resolve: () => void; readonly reject: (error: Error) => void }>();
  const queue = createRunQueue({
    ...options,
    run: ({ repository, branch, commit }, { signal }) => new Promise<void>((resolve, reject) => {
      const name = `${repository.id} ${branch} ${commit ?? ''}`;
      begun.push(name);
      under.set(name, { resolve, reject });
      signal.addEventListener('abort', () => reject(new CodeloomError('aborted', 'cancelled')));
    }),
    onEnd: ({ repository, branch, commit }, error) => {
      ended.push(`${repository.id} ${branch} ${commit ?? ''}`);
      if (error !== undefined) failures.push(error);
    },
  });
  const turns = async (): Promise<void> => { for (let turn = 0; turn < 20; turn++) await Promise.resolve(); };
  return {
    queue, ended, failures,
    finish: (name: string) => under.get(name)?.resolve(),
    fail: (name: string, error: Error) => under.get(name)?.reject(error),
    /** What has begun, once it should be so many. */
    async started(count: number): Promise<readonly string[]> {
      await turns();
      expect(begun).toHaveLength(count);
      return begun;
    },
    async settled(): Promise<readonly string[]> {
      await turns();
      return begun;
    },
  };
}
