import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { FactEntry, FactKey, FactStore } from '../../domain/ports/fact-store.js';

const BATCH = 64;

/** Facts in this process's memory. `now` decides when an entry was put (default: the system's time). */
export function createMemoryFactStore(request: { readonly now?: () => Date } = {}): FactStore {
  const now = request.now ?? (() => new Date());
  const entries = new Map<FactKey, { readonly bytes: Uint8Array; readonly putAt: number }>();
  let closed = false;

  function check(signal: AbortSignal | undefined): void {
    throwIfAborted(signal);
    if (closed) throw new CodeloomError('store-unavailable', 'The fact store is closed.', { retryable: false });
  }

  return {
    capabilities: { durable: false, shared: false },

    async has(keys, options) {
      check(options?.signal);
      return new Set(keys.filter((key) => entries.has(key)));
    },

    async *get(keys, options) {
      check(options?.signal);
      let batch: FactEntry[] = [];
      for (const key of new Set(keys)) {
        const entry = entries.get(key);
        if (entry === undefined) continue;
        batch.push({ key, bytes: entry.bytes.slice() });
        if (batch.length === BATCH) {
          yield batch;
          check(options?.signal);
          batch = [];
        }
      }
      if (batch.length > 0) yield batch;
    },

    async put(added, options) {
      check(options?.signal);
      const putAt = now().getTime();
      for (const { key, bytes } of added) {
        // A copy: the giver may use its buffer again.
        if (!entries.has(key)) entries.set(key, { bytes: bytes.slice(), putAt });
      }
    },

    async prune({ prefixes, keep, olderThan }, options) {
      check(options?.signal);
      let removed = 0;
      for (const [key, { putAt }] of entries) {
        if (putAt >= olderThan.getTime() || keep.has(key) || !prefixes.some((prefix) => key.startsWith(prefix))) continue;
        entries.delete(key);
        removed++;
      }
      return removed;
    },

    async close() {
      closed = true;
      entries.clear();
    },
  };
}
