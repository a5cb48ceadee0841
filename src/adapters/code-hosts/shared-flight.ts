import { throwIfAborted } from '../../domain/errors.js';
import { untilAborted } from '../../domain/until-aborted.js';

/**
 * Work that several want at once is done once for all of them, by key. One that goes away (its signal fires) leaves the others waiting; the work itself is
 * cancelled when the last one has gone.
 */
export function createSharedFlights<T>(): (key: string, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal) => Promise<T> {
  const flights = new Map<string, { readonly result: Promise<T>; readonly cancel: AbortController; waiting: number }>();

  return async (key, work, signal) => {
    throwIfAborted(signal);
    let flight = flights.get(key);
    if (flight === undefined) {
      const cancel = new AbortController();
      flight = { result: work(cancel.signal), cancel, waiting: 0 };
      flights.set(key, flight);
      const ended = flight;
      const land = (): void => {
        if (flights.get(key) === ended) flights.delete(key);
      };
      flight.result.then(land, land);
    }
    const current = flight;
    current.waiting += 1;
    try {
      return await untilAborted(current.result, signal);
    } finally {
      current.waiting -= 1;
      if (current.waiting === 0) {
        if (flights.get(key) === current) flights.delete(key);
        current.cancel.abort();
      }
    }
  };
}
