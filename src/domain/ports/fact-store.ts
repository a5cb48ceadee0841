import type { CallOptions } from './call-options.js';

/**
 * Bytes under content-derived keys: facts, configuration files, listings, manifests, partitions on their way. A key's content never changes; putting it
 * again changes nothing. Errors: `store-unavailable`, `store-busy`, `store-full`, `store-read-only`, `store-corrupt`, `authentication-failed`, `permission-denied`.
 */
export interface FactStore {
  readonly capabilities: { readonly durable: boolean; readonly shared: boolean };
  /** Those of `keys` that are there. */
  has(keys: readonly FactKey[], options?: CallOptions): Promise<ReadonlySet<FactKey>>;
  /** The entries that are there, in any order, in bounded batches; missing keys are left out. */
  get(keys: readonly FactKey[], options?: CallOptions): AsyncIterable<readonly FactEntry[]>;
  /** All of them or, on failure, possibly some: each entry is there whole or not at all. */
  put(entries: readonly FactEntry[], options?: CallOptions): Promise<void>;
  /** Removes the keys with one of the prefixes that `keep` does not hold and that were put before `olderThan`; gives how many. */
  prune(request: { readonly prefixes: readonly string[]; readonly keep: ReadonlySet<FactKey>; readonly olderThan: Date }, options?: CallOptions): Promise<number>;
  close(): Promise<void>;
}

/** `kind/…`: for example `facts/<parser version>/<language>/<blob>`, `source/<blob>`, `listing/<digest>`, `partition/<digest>`, `manifest/<digest>`. */
export type FactKey = string;

export interface FactEntry {
  readonly key: FactKey;
  readonly bytes: Uint8Array;
}
