import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { FactEntry, FactKey, FactStore } from '../../domain/ports/fact-store.js';
import { openBucket, type S3Credentials } from './bucket.js';
import { kindOf, mayHold, onlyKind, prefixMatcher } from './fact-kinds.js';
import { createFormatCheck } from './format.js';
import { PackedKind } from './packed-kind.js';

export interface S3FactStoreOptions {
  /** The bucket; it must exist. */
  readonly bucket: string;
  /** What the names of all objects begin with; stores with different prefixes know nothing of one another. Default: `codeloom`. */
  readonly prefix?: string;
  /** Default: what the SDK finds; `us-east-1` when there is an endpoint. */
  readonly region?: string;
  /** Address of a server other than AWS. Keys have no place in it. */
  readonly endpoint?: string;
  /** Whether the bucket is in the path rather than in the host's name. Default: with an endpoint, yes. */
  readonly forcePathStyle?: boolean;
  /** Default: what the SDK finds in the environment, the profile or the machine's role. */
  readonly credentials?: S3Credentials | (() => Promise<S3Credentials>);
  /** Milliseconds that one request may take. Default: 30,000. */
  readonly timeoutMs?: number;
  /** Bytes of entries that go into one object. Default: 8 MiB. */
  readonly packBytes?: number;
  /** When an entry was put. Default: the system's time. */
  readonly now?: () => Date;
}

const DEFAULT_PREFIX = 'codeloom';
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_PACK_BYTES = 8 << 20;

/**
 * Facts in a bucket, for workers that share no disk. The server must be strongly consistent and know `If-None-Match: *`, as S3 itself is and does. Many entries
 * lie in one object: a `put` of any number costs three requests and one for every 8 MB, `has` of any number one, `get` one for what lies close together.
 * Nothing is sent until the first call. Errors: those of FactStore, and `authentication-failed`, `permission-denied`, `invalid-configuration`, `store-too-new`.
 */
export function createS3FactStore(options: S3FactStoreOptions): FactStore {
  const { prefix = DEFAULT_PREFIX, timeoutMs = DEFAULT_TIMEOUT_MS, packBytes = DEFAULT_PACK_BYTES, now = () => new Date() } = options;
  const root = rootOf(options.bucket, prefix, options.endpoint);
  const bucket = openBucket({ ...options, timeoutMs });
  const format = createFormatCheck(bucket, `${root}format`);
  const kinds = new Map<string, PackedKind>();
  let closed = false;

  function check(signal: AbortSignal | undefined): void {
    throwIfAborted(signal);
    if (closed) throw new CodeloomError('store-unavailable', 'The fact store is closed.', { retryable: false });
  }

  function kind(name: string): PackedKind {
    let found = kinds.get(name);
    if (found === undefined) kinds.set(name, found = new PackedKind({ bucket, prefix: `${root}${name}/`, packBytes }));
    return found;
  }

  return {
    capabilities: { durable: true, shared: true },

    async has(keys, { signal } = {}) {
      check(signal);
      const found = new Set<FactKey>();
      if (keys.length === 0) return found;
      await format.check(signal);
      await Promise.all(byKind(keys, (key) => key).map(async ([name, some]) => {
        for (const key of await kind(name).has(some, signal)) found.add(key);
      }));
      return found;
    },

    async *get(keys, { signal } = {}) {
      check(signal);
      if (keys.length === 0) return;
      await format.check(signal);
      for (const [name, some] of byKind([...new Set(keys)], (key) => key)) {
        for await (const batch of kind(name).get(some, signal)) {
          yield batch;
          check(signal);
        }
      }
    },

    async put(entries, { signal } = {}) {
      check(signal);
      if (entries.length === 0) return;
      await format.makeSure(signal);
      const first = new Map<FactKey, FactEntry>();
      for (const entry of entries) if (!first.has(entry.key)) first.set(entry.key, entry);
      const putAt = now().getTime();
      for (const [name, some] of byKind([...first.values()], (entry) => entry.key)) await kind(name).put(some, putAt, signal);
    },

    async prune({ prefixes, keep, olderThan }, { signal } = {}) {
      check(signal);
      if (prefixes.length === 0) return 0;
      await format.check(signal);
      let removed = 0;
      for (const name of await kindsOf(prefixes, signal)) {
        const matches = prefixMatcher(prefixes.filter((each) => mayHold(name, each)));
        removed += await kind(name).prune(({ key, putAt }) => putAt < olderThan.getTime() && matches(key) && !keep.has(key), signal);
      }
      return removed;
    },

    async close() {
      if (closed) return;
      closed = true;
      kinds.clear();
      bucket.close();
    },
  };

  async function kindsOf(prefixes: readonly string[], signal: AbortSignal | undefined): Promise<readonly string[]> {
    const only = prefixes.map(onlyKind);
    // Where each prefix names its kind, nobody has to be asked which there are.
    const named = [...new Set(only.filter((name) => name !== undefined))];
    if (!only.includes(undefined)) return named;
    return (await bucket.folders(root, signal)).filter((name) => prefixes.some((prefix) => mayHold(name, prefix)));
  }
}

function rootOf(bucket: string, prefix: string, endpoint: string | undefined): string {
  if (bucket === '' || bucket.includes('/')) throw new CodeloomError('invalid-argument', `${JSON.stringify(bucket)} is no name of a bucket.`);
  if (endpoint !== undefined) {
    const address = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
    // Without the address: it may hold a key.
    if (address === undefined || !/^https?:$/.test(address.protocol)) throw new CodeloomError('invalid-argument', 'The endpoint of a bucket is an http or https address.');
    if (address.username !== '' || address.password !== '') throw new CodeloomError('invalid-argument', 'Keys have no place in the endpoint of a bucket: give them as credentials, or leave them to the AWS SDK.');
  }
  const clean = prefix.replace(/^\/+|\/+$/g, '');
  if (clean === '' || clean.length > 500 || /\/\/|[^\w!.*'()/=@+-]/.test(clean)) throw new CodeloomError('invalid-argument', `${JSON.stringify(prefix)} is no prefix of a fact store: letters, digits and ! - _ . * ' ( ) = @ +, with single slashes between.`);
  return `${clean}/`;
}

function byKind<T>(items: readonly T[], keyOf: (item: T) => FactKey): (readonly [kind: string, items: T[]])[] {
  const kinds = new Map<string, T[]>();
  for (const item of items) {
    const name = kindOf(keyOf(item));
    const some = kinds.get(name);
    if (some === undefined) kinds.set(name, [item]);
    else some.push(item);
  }
  return [...kinds];
}
