import { CodeloomError } from '../domain/errors.js';
import type { PushedBranch } from '../domain/hosted-repository.js';
import type { RunStarter, RunTarget } from '../domain/ports/run-starter.js';

export interface RunQueueOptions {
  /** Indexes a branch; what it rejects with is told to `onEnd` and ends nothing else. */
  readonly run: (request: PushedBranch, options: { readonly signal: AbortSignal }) => Promise<unknown>;
  /** How many runs are under way at once, of different branches; default 1. */
  readonly atOnce?: number | undefined;
  /** How many branches may wait; beyond it `push` throws `store-busy`. Default 10,000. */
  readonly mostWaiting?: number | undefined;
  /** Called when these numbers change: branches that are being indexed, and those that wait. */
  readonly onChange?: ((queue: { readonly running: number; readonly waiting: number }) => void) | undefined;
  /** Called when a run has ended, with its error if it failed. */
  readonly onEnd?: ((request: PushedBranch, error?: CodeloomError) => void) | undefined;
}

/** A {@link RunStarter} in this process: runs in the order of the first push, one of a branch at a time. What waits is lost with the process. */
export function createRunQueue({ run, atOnce = 1, mostWaiting = 10_000, onEnd, onChange }: RunQueueOptions): RunStarter {
  const running = new Map<string, Running>();
  /** By branch, oldest first. */
  const waiting = new Map<string, PushedBranch>();
  let closed = false;
  const changed = (): void => onChange?.({ running: running.size, waiting: waiting.size });

  function startNext(): void {
    for (const [key, request] of waiting) {
      if (closed || running.size >= atOnce) return;
      if (running.has(key)) continue;
      waiting.delete(key);
      start(key, request);
    }
  }

  function start(key: string, request: PushedBranch): void {
    const cancel = new AbortController();
    const ended = Promise.resolve().then(() => run(request, { signal: cancel.signal })).then(() => undefined, (error: unknown) => CodeloomError.from(error)).then((error) => {
      running.delete(key);
      onEnd?.(request, error);
      startNext();
      changed();
    });
    running.set(key, { request, cancel, ended });
  }

  return {
    async push(request) {
      if (closed) throw new CodeloomError('store-unavailable', 'No more runs are taken: this process ends.');
      const key = keyOf(request.repository.id, request.branch);
      const coalesced = waiting.has(key) || running.has(key);
      if (!coalesced && waiting.size >= mostWaiting) throw new CodeloomError('store-busy', `${mostWaiting} branches are waiting to be indexed.`, { details: { waiting: waiting.size } });
      // The newest request in the place of the one that waited.
      waiting.set(key, request);
      startNext();
      changed();
      return { status: coalesced ? 'coalesced' : 'started' };
    },
    async retire(target) {
      const retired = new Set<string>();
      for (const [key, request] of waiting) {
        if (!isOf(request, target)) continue;
        waiting.delete(key);
        retired.add(key);
      }
      for (const [key, { request, cancel }] of running) {
        if (!isOf(request, target)) continue;
        cancel.abort(new Error('retired'));
        retired.add(key);
      }
      changed();
      return { retired: retired.size };
    },
    async close() {
      closed = true;
      waiting.clear();
      changed();
      const under = [...running.values()];
      for (const { cancel } of under) cancel.abort(new Error('closed'));
      await Promise.all(under.map(({ ended }) => ended));
    },
  };
}

interface Running {
  readonly request: PushedBranch;
  readonly cancel: AbortController;
  readonly ended: Promise<void>;
}

function keyOf(repositoryId: string, branch: string): string {
  return `${repositoryId} ${branch}`;
}

function isOf({ repository, branch }: PushedBranch, target: RunTarget): boolean {
  return repository.id === target.repositoryId && (target.branch === undefined || target.branch === branch);
}
