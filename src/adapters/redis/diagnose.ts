import { createClient } from '@redis/client';
import type { Check } from '../../domain/check.js';
import { throwIfAborted } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';

const TIMEOUT_MS = 5000;

/** Looks at a Redis: whether it answers, its version, and what it does when its memory is full. A cache that is down is a warning: everything works without it. */
export async function* diagnoseRedis({ url }: { readonly url: string }, { signal }: CallOptions = {}): AsyncGenerator<Check> {
  const { hostname, port } = new URL(url);
  const where = `${hostname}:${port === '' ? '6379' : port}`;
  const client = createClient({ url, disableOfflineQueue: true, socket: { connectTimeout: TIMEOUT_MS, reconnectStrategy: false }, commandOptions: { timeout: TIMEOUT_MS } });
  client.on('error', () => undefined); // told by the call that fails
  try {
    const begun = performance.now();
    let facts: ReadonlyMap<string, string>;
    try {
      await client.connect();
      throwIfAborted(signal);
      facts = linesOf(await client.info());
    } catch (error) {
      throwIfAborted(signal);
      yield { name: 'Redis', ...refusal(error, where) };
      return;
    }
    yield { name: 'Redis', status: 'ok', found: `${facts.get('redis_version') ?? 'unknown version'} at ${where}, answers after ${Math.round(performance.now() - begun)} ms` };
    yield { name: 'Redis memory', ...memoryFinding(facts) };
  } finally {
    client.destroy();
  }
}

function refusal(error: unknown, where: string): Omit<Check, 'name'> {
  const message = error instanceof Error ? error.message : '';
  if (/WRONGPASS|NOAUTH|AUTH /.test(message)) return { status: 'fail', found: `${where} does not accept the user or password`, advice: 'See CODELOOM_REDIS_URL, or CODELOOM_REDIS_USER and CODELOOM_REDIS_PASSWORD (or the files that …_FILE name).' };
  if (/NOPERM/.test(message)) return { status: 'warn', found: `${where} answers; the user may not ask for INFO`, advice: 'GET, MGET and SET are enough for the cache.' };
  return { status: 'warn', found: `${where} does not answer`, advice: 'Everything works without the cache, only slower. See that the server runs, and that host and port are right.' };
}

function memoryFinding(facts: ReadonlyMap<string, string>): Omit<Check, 'name'> {
  const [most, policy] = [Number(facts.get('maxmemory') ?? 0), facts.get('maxmemory_policy') ?? 'noeviction'];
  const used = `${facts.get('used_memory_human') ?? '?'} used`;
  if (most === 0) return { status: 'ok', found: `${used}, no limit (maxmemory 0)` };
  const found = `${used} of ${facts.get('maxmemory_human') ?? most}, ${policy}`;
  return policy === 'noeviction' ? { status: 'warn', found, advice: 'Once it is full, nothing new is cached: set maxmemory-policy allkeys-lru.' } : { status: 'ok', found };
}

/** What INFO says, by name. */
function linesOf(text: unknown): ReadonlyMap<string, string> {
  return new Map(String(text).split(/\r?\n/).flatMap((line) => {
    const colon = line.indexOf(':');
    return colon < 1 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
  }));
}
