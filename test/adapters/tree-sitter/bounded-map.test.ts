import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { boundedMap, type BoundedMap } from '../../../src/adapters/tree-sitter/bounded-map.js';

describe('boundedMap', () => {
  const options = (changes: Partial<BoundedMap<number, number>> = {}): BoundedMap<number, number> => ({ run: async (n) => n * 10, weigh: () => 1, maxItems: 3, maxWeight: 100, ...changes });
  const collect = async (results: AsyncIterable<number>): Promise<number[]> => {
    const all: number[] = [];
    for await (const result of results) all.push(result);
    return all;
  };

  it('gives each result as it is ready', async () => {
    const run = async (ms: number): Promise<number> => {
      await sleep(ms);
      return ms;
    };
    expect(await collect(boundedMap([90, 50, 10], options({ run })))).toEqual([10, 50, 90]);
  });

  it('runs at most maxItems at a time, and counts results that wait for the reader', async () => {
    let running = 0;
    let most = 0;
    let taken = 0;
    const source = function* (): Generator<number> {
      for (let i = 0; i < 20; i++) {
        taken++;
        yield i;
      }
    };
    const run = async (n: number): Promise<number> => {
      most = Math.max(most, ++running);
      await sleep(2);
      running--;
      return n;
    };
    const results = boundedMap(source(), options({ run }));
    expect((await results.next()).done).toBe(false);
    await sleep(30);
    expect(taken).toBe(3);
    expect((await collect(results)).length).toBe(19);
    expect(most).toBe(3);
  });

  it('bounds the weight, and lets one item through that is heavier alone', async () => {
    let running = 0;
    const seen: number[] = [];
    const run = async (n: number): Promise<number> => {
      running += n;
      seen.push(running);
      await sleep(2);
      running -= n;
      return n;
    };
    expect((await collect(boundedMap([500, 60, 60, 60, 500], options({ run, weigh: (n) => n })))).sort()).toEqual([500, 500, 60, 60, 60]);
    expect(Math.max(...seen)).toBeLessThan(700);
    expect(seen).toContain(120);
  });

  it('fails with the first error, cancels what runs and closes the source', async () => {
    const cancelled: number[] = [];
    let closed = false;
    const source = function* (): Generator<number> {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        closed = true;
      }
    };
    const run = (n: number, signal: AbortSignal): Promise<number> =>
      n === 2 ? Promise.reject(new Error('two')) : new Promise(() => signal.addEventListener('abort', () => cancelled.push(n)));
    await expect(collect(boundedMap(source(), options({ run })))).rejects.toThrow('two');
    expect(cancelled).toEqual([0, 1]);
    expect(closed).toBe(true);
  });

  it('does not wait for a source that never answers', async () => {
    const silent: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined), return: () => new Promise(() => undefined) }) };
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 20);
    await expect(collect(boundedMap(silent, options({ signal: abort.signal })))).rejects.toMatchObject({ code: 'aborted' });
  });
});
