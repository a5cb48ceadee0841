import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withCircuitBreaker } from '../../src/adapters/cockatiel/circuit-breaker.js';
import { withRateLimit } from '../../src/adapters/cockatiel/rate-limit.js';
import { createRetry } from '../../src/adapters/cockatiel/retry.js';
import { createMemoryFactStore } from '../../src/adapters/memory/fact-store.js';
import { CodeloomError } from '../../src/domain/errors.js';
import type { FactEntry, FactStore } from '../../src/domain/ports/fact-store.js';
import { PORT_METHODS } from '../../src/domain/ports/port-methods.js';
import { factStoreContract } from '../../src/testing/contracts/fact-store.js';

const away = new CodeloomError('store-unavailable', 'The store is away.');
const entries = (count: number): FactEntry[] => Array.from({ length: count }, (_, index) => ({ key: `facts/${index}`, bytes: new Uint8Array([index]) }));

/** A store in memory that counts its calls and fails while it is told to. */
function troubled() {
  const inner = createMemoryFactStore();
  const state = { failure: undefined as CodeloomError | undefined, calls: 0 };
  const attempt = (): void => {
    state.calls += 1;
    if (state.failure !== undefined) throw state.failure;
  };
  const store: FactStore = {
    capabilities: inner.capabilities, close: () => inner.close(), prune: (...request) => inner.prune(...request),
    async has(...request) {
      attempt();
      return inner.has(...request);
    },
    async *get(...request) {
      attempt();
      yield* inner.get(...request);
    },
    async put(...request) {
      attempt();
      return inner.put(...request);
    },
  };
  return { store, state };
}

async function all<T>(stream: AsyncIterable<readonly T[]>): Promise<T[]> {
  const found: T[] = [];
  for await (const batch of stream) found.push(...batch);
  return found;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a circuit breaker before a port', () => {
  const open = (more = {}) => {
    const { store, state } = troubled();
    const changes: boolean[] = [];
    return { state, changes, store: withCircuitBreaker(store, PORT_METHODS.factStore, { name: 'fact-store', failures: 3, openMs: 5000, onChange: (isOpen) => void changes.push(isOpen), ...more }) };
  };

  it('refuses calls after some failures in a row, without making them, and lets one through after a while', async () => {
    const { store, state, changes } = open();
    state.failure = away;
    for (let call = 0; call < 3; call++) await expect(store.has(['facts/1'])).rejects.toBe(away);
    expect(changes).toEqual([true]);
    await expect(store.has(['facts/1'])).rejects.toMatchObject({ code: 'store-unavailable', retryable: true, details: { port: 'fact-store' } });
    await expect(all(store.get(['facts/1']))).rejects.toMatchObject({ code: 'store-unavailable', details: { port: 'fact-store' } });
    expect(state.calls).toBe(3);
    state.failure = undefined;
    vi.advanceTimersByTime(5000);
    await expect(store.has(['facts/1'])).resolves.toEqual(new Set());
    expect(changes).toEqual([true, false]);
  });

  it('counts a stream that fails as a call that failed, and one that is left early as one that did not', async () => {
    const { store, state, changes } = open();
    await store.put(entries(3));
    for (let call = 0; call < 4; call++) {
      const stream = store.get(['facts/0', 'facts/1']);
      for await (const _ of stream) break;
    }
    state.failure = away;
    for (let call = 0; call < 3; call++) await expect(all(store.get(['facts/0']))).rejects.toBe(away);
    expect(changes).toEqual([true]);
  });

  it('takes no note of failures that are not the server\'s', async () => {
    const { store, state, changes } = open();
    state.failure = new CodeloomError('store-full', 'The disk is full.');
    for (let call = 0; call < 9; call++) await expect(store.has([])).rejects.toMatchObject({ code: 'store-full' });
    expect(changes).toEqual([]);
  });
});

describe('a rate limit before a port', () => {
  it('lets so many calls through in any such time, in their order', async () => {
    const { store, state } = troubled();
    const limited = withRateLimit(store, PORT_METHODS.factStore, { calls: 2, perMs: 1000 });
    const made: number[] = [];
    const calls = [1, 2, 3, 4, 5].map((number) => limited.has([]).then(() => made.push(number)));
    await vi.advanceTimersByTimeAsync(0);
    expect(made).toEqual([1, 2]);
    await vi.advanceTimersByTimeAsync(999);
    expect(made).toEqual([1, 2]);
    await vi.advanceTimersByTimeAsync(601);
    expect(made).toEqual([1, 2, 3, 4]);
    await vi.advanceTimersByTimeAsync(1000);
    await Promise.all(calls);
    expect(state.calls).toBe(5);
  });

  it('lets a call go that is cancelled while it waits', async () => {
    const { store, state } = troubled();
    const limited = withRateLimit(store, PORT_METHODS.factStore, { calls: 1, perMs: 60_000 });
    await limited.has([]);
    const cancel = new AbortController();
    const waiting = all(limited.get(['facts/1'], { signal: cancel.signal }));
    cancel.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
    expect(state.calls).toBe(1);
  });
});

describe('retry', () => {
  it('tries again what may pass, with pauses, and gives up with the last error', async () => {
    const attempts: number[] = [];
    const result = createRetry({ attempts: 3 })(async (attempt) => {
      attempts.push(attempt);
      throw away;
    });
    const expectation = expect(result).rejects.toBe(away);
    await vi.advanceTimersByTimeAsync(120_000);
    await expectation;
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('leaves alone what will not pass', async () => {
    const refused = new CodeloomError('permission-denied', 'No.');
    let attempts = 0;
    await expect(createRetry()(() => {
      attempts += 1;
      return Promise.reject(refused);
    })).rejects.toBe(refused);
    expect(attempts).toBe(1);
  });
});

describe('decorated', () => {
  beforeEach(() => void vi.useRealTimers());
  factStoreContract('a store behind a breaker and a limit', async () => ({
    store: withRateLimit(withCircuitBreaker(createMemoryFactStore(), PORT_METHODS.factStore, { name: 'fact-store' }), PORT_METHODS.factStore, { calls: 10_000 }),
  }));
});
