import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeFacts } from '../../../src/domain/facts-codec.js';
import type { ParserOutput } from '../../../src/domain/ports/parser.js';
import type { LanguageExtractor } from '../../../src/adapters/tree-sitter/language-extractor.js';
import { WorkerPool } from '../../../src/adapters/tree-sitter/pool.js';

/** How the pool treats its workers; pool-worker.mjs does what each source says. */
describe('the worker pool', () => {
  const extractor: LanguageExtractor = {
    language: 'python', grammar: 'tree-sitter-python.wasm', version: 1, extensions: [], interpreters: [],
    extract: () => {
      throw new Error('extraction is the worker’s');
    },
  };
  const limits = { maxBytes: 1_000, timeoutMs: 1_000 };
  const pools: WorkerPool[] = [];
  const poolOf = (size: number, options: { readonly patienceMs?: number; readonly idleMs?: number; readonly limits?: typeof limits } = {}): WorkerPool => {
    const pool = new WorkerPool({ size, limits, worker: new URL('./pool-worker.mjs', import.meta.url), ...options });
    pools.push(pool);
    return pool;
  };
  const job = (text: string): Parameters<WorkerPool['run']>[0] => ({ input: { key: text, language: 'python', bytes: new TextEncoder().encode(text) }, extractor });
  const run = (pool: WorkerPool, text: string): Promise<ParserOutput> => pool.run(job(text), new AbortController().signal);
  const answer = ({ facts }: ParserOutput): { text: string; grammar: string | null } => JSON.parse(Buffer.from(facts).toString()) as { text: string; grammar: string | null }; // what pool-worker.mjs writes

  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
  });

  it('answers every job with its own result', async () => {
    const texts = Array.from({ length: 50 }, (_, i) => `file ${i}`);
    const pool = poolOf(2);
    const outputs = await Promise.all(texts.map((text) => run(pool, text)));
    expect(outputs.map(({ key }) => key)).toEqual(texts);
    expect(outputs.map((output) => answer(output).text)).toEqual(texts);
  });

  it('sends a grammar to a worker once', async () => {
    const pool = poolOf(1);
    const outputs = [await run(pool, 'a'), await run(pool, 'b'), await run(pool, 'c')];
    expect(outputs.map((output) => answer(output).grammar !== null)).toEqual([true, false, false]);
  });

  it('lets an idle worker go, and has another when there is work again', async () => {
    const pool = poolOf(1, { idleMs: 10 });
    expect(answer(await run(pool, 'a')).grammar).not.toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(answer(await run(pool, 'b')).grammar).not.toBeNull(); // a new worker, which knows no grammar yet
  });

  it.each(['die', 'throw', 'fill'])('replaces a worker that a file kills (%s), and charges that file alone', { timeout: 60_000 }, async (killer) => {
    const pool = poolOf(2);
    const texts = ['a', 'b', killer, 'c', 'd', 'e', 'f', 'g'];
    const outputs = await Promise.all(texts.map((text) => run(pool, text)));
    expect(outputs.map(({ diagnostics }) => diagnostics.map(({ code }) => code))).toEqual(texts.map((text) => (text === killer ? ['parser-failed'] : [])));
    const failed = outputs[2];
    expect(failed === undefined ? undefined : decodeFacts(failed.facts)).toMatchObject({ language: 'python', lines: 1, bytes: killer.length, definitions: [], diagnostics: failed?.diagnostics });
    expect(answer(await run(pool, 'after')).text).toBe('after');
  });

  it('gives a file over which a worker died another chance', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'codeloom-pool-'));
    const text = `die once ${join(folder, 'died')}`;
    const outputs = await Promise.all(['a', text, 'b'].map((each) => run(pools[0] ?? poolOf(1), each)));
    expect(outputs.map((output) => answer(output).text)).toEqual(['a', text, 'b']);
    rmSync(folder, { recursive: true });
  });

  it('ends a worker that falls silent', async () => {
    const pool = poolOf(1, { patienceMs: 500 });
    const [hung, next] = await Promise.all([run(pool, 'hang'), run(pool, 'next')]);
    expect(hung.diagnostics).toMatchObject([{ code: 'timeout' }]);
    expect(answer(next).text).toBe('next');
  });

  it('replaces a worker that retires, and loses none of the files that waited in it', async () => {
    const pool = poolOf(1);
    const texts = ['retire', 'a', 'b', 'retire', 'c'];
    expect((await Promise.all(texts.map((text) => run(pool, text)))).map((output) => answer(output).text)).toEqual(texts);
  });

  it('fails when no worker can start, and when a worker says that nothing can be parsed', async () => {
    await expect(run(poolOf(2, { limits: { ...limits, maxBytes: 13 } }), 'a')).rejects.toMatchObject({ code: 'parser-failed' });
    await expect(run(poolOf(1), 'error')).rejects.toMatchObject({ code: 'parser-failed', message: 'no such grammar' });
  });

  it('rejects at once what is cancelled, queued or running, and goes on with the rest', async () => {
    const pool = poolOf(1);
    const abort = new AbortController();
    const cancelled = ['a', 'b', 'c', 'd'].map((text) => pool.run(job(text), abort.signal));
    const kept = run(pool, 'kept');
    abort.abort();
    for (const each of await Promise.allSettled(cancelled)) expect(each).toMatchObject({ status: 'rejected', reason: { code: 'aborted' } });
    expect(answer(await kept).text).toBe('kept');
    await expect(pool.run(job('late'), abort.signal)).rejects.toMatchObject({ code: 'aborted' });
  });

  it('ends what runs when it is closed', async () => {
    const pool = poolOf(1);
    const hung = expect(run(pool, 'hang')).rejects.toMatchObject({ code: 'aborted' });
    await run(poolOf(1), 'a');
    await pool.close();
    await hung;
    await expect(run(pool, 'late')).rejects.toMatchObject({ code: 'aborted' });
  });
});
