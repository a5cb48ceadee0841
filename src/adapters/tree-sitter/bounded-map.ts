import { setMaxListeners } from 'node:events';
import { throwIfAborted } from '../../domain/errors.js';

export interface BoundedMap<S, T> {
  /** Works on one item; the signal fires when its result is no longer wanted. */
  readonly run: (item: S, signal: AbortSignal) => Promise<T>;
  readonly weigh: (item: S) => number;
  /** At most so many items, and of so much weight together, are taken from the source beyond those whose results the reader has. One item is always let through. */
  readonly maxItems: number;
  readonly maxWeight: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Maps items concurrently and gives results as they are ready, in any order. Takes no more from the source than the bounds allow until results are read. Fails with
 * the first error of the source or of `run`, or with `aborted`; either way, and when the reader stops, what runs is cancelled and the source is closed.
 */
export async function* boundedMap<S, T>(source: AsyncIterable<S> | Iterable<S>, options: BoundedMap<S, T>): AsyncGenerator<T, void, undefined> {
  const { signal } = options;
  throwIfAborted(signal);
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const rest = new AbortController();
  setMaxListeners(0, rest.signal); // one a running item: Node would warn of a leak
  const ready: { readonly result: T; readonly weight: number }[] = [];
  let items = 0;
  let weight = 0;
  let pulling = false;
  let exhausted = false;
  let failed: { readonly error: unknown } | undefined;
  let wake = (): void => undefined;

  const fail = (error: unknown): void => {
    failed ??= { error };
    wake();
  };
  const start = (item: S): void => {
    const own = options.weigh(item);
    items++;
    weight += own;
    options.run(item, rest.signal).then((result) => {
      ready.push({ result, weight: own });
      wake();
    }, fail);
  };
  const pull = async (): Promise<void> => {
    pulling = true;
    try {
      const next = await iterator.next();
      if (next.done === true) exhausted = true;
      else if (!rest.signal.aborted) start(next.value);
    } catch (error) {
      exhausted = true;
      fail(error);
    }
    pulling = false;
    wake();
  };
  const onAbort = (): void => wake();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      throwIfAborted(signal);
      if (failed !== undefined) throw failed.error;
      const done = ready.shift();
      if (done !== undefined) {
        yield done.result;
        items--;
        weight -= done.weight;
        continue;
      }
      if (exhausted && items === 0) return;
      const awake = new Promise<void>((resolve) => (wake = resolve));
      if (!exhausted && !pulling && (items === 0 || (items < options.maxItems && weight < options.maxWeight))) void pull();
      await awake;
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    rest.abort();
    if (!exhausted) {
      // Not awaited while a pull is under way: a source that never answers would hold the reader.
      const closing = Promise.resolve(iterator.return?.()).catch(() => undefined);
      if (!pulling) await closing;
    }
  }
}
