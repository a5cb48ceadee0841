import { EventEmitter, once } from 'node:events';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPostgresStores } from '../../../src/postgres.js';
import { collect, definition, graphOf, inBatches, partition, type SampleGraph } from '../../../src/testing/contracts/sample-graph.js';
import { createProxy, type Proxy } from './proxy.js';
import { addressWith, serverUrl, sql, temporaryStores, type TemporaryStores } from './server.js';

const url = serverUrl();
const large = () => graphOf(Array.from({ length: 400 }, (_, file) => partition(`src/${file}.ts`, { nodes: Array.from({ length: 30 }, (__, index) => definition({ path: `src/${file}.ts`, name: `f${index}` })) })));
const small = graphOf([partition('src/a.ts')], { branch: 'small' });

describe('faults between codeloom and a server', () => {
  let there: TemporaryStores;
  beforeEach(async () => {
    there = await temporaryStores();
  });
  afterEach(() => there.dispose());

  const publish = (graph: SampleGraph, store = there.stores.graphStore) => store.publish({ ...graph, partitions: inBatches(graph.entries, 64) });

  describe('a network that breaks', () => {
    let proxy: Proxy;
    beforeEach(async () => {
      proxy = await createProxy(url);
    });
    afterEach(() => proxy.close());
    const beyond = () => there.another({ url: addressWith(url, { port: proxy.port }), connectTimeout: 2000 });

    it('in the middle of a COPY leaves nothing, and the next publication succeeds', async () => {
      const before = await there.size();
      const stores = await beyond();
      proxy.cutAfter(300_000, 'to');
      const graph = large();
      await expect(publish(graph, stores.graphStore)).rejects.toMatchObject({ code: 'store-unavailable', retryable: true });
      expect(await there.size()).toBe(before);
      expect((await publish(graph, stores.graphStore)).written).toBe(400);
    });

    it('in the middle of what is read fails the stream, and the reader can be asked again', async () => {
      const graph = large();
      await publish(graph);
      const stores = await beyond();
      const reader = await stores.graphStore.open(graph.snapshot.id);
      proxy.cutAfter(150_000, 'from');
      await expect(collect(reader.partitions())).rejects.toMatchObject({ code: 'store-unavailable', retryable: true });
      expect(await collect(reader.partitions())).toHaveLength(400);
      await reader.close();
    });

    it('while nothing is asked is noticed by nobody', async () => {
      const stores = await beyond();
      await publish(small, stores.graphStore);
      await Promise.all([1, 2, 3].map(() => stores.graphStore.heads()));
      proxy.cut();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await stores.graphStore.heads()).toEqual([small.snapshot]);
    });

    it('by standing still does not keep whoever stops waiting', async () => {
      const stores = await beyond();
      await publish(small, stores.graphStore);
      proxy.stall();
      const begun = performance.now();
      await expect(stores.graphStore.heads(undefined, { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({ code: 'aborted' });
      await expect(stores.factStore.put([{ key: 'a', bytes: new Uint8Array(5) }], { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({ code: 'aborted' });
      expect(performance.now() - begun).toBeLessThan(1200);
    });
  });

  describe('a signal', () => {
    /** Holds a table, so that whatever needs it waits, until `work` is done. */
    const holding = (table: string, work: () => Promise<void>) => sql(url, async (query) => {
      await query(`BEGIN; LOCK TABLE "${there.schema}".${table} IN ACCESS EXCLUSIVE MODE`);
      await work();
      await query('ROLLBACK');
    });
    const waiting = () => sql(url, async (query) => (await query(
      "SELECT query FROM pg_stat_activity WHERE application_name = 'codeloom' AND state = 'active' AND query LIKE $1", [`%${there.schema}%`])).map((row) => row['query']));
    const nothingWaits = async () => {
      for (let i = 0; i < 50 && (await waiting()).length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await waiting()).toEqual([]);
    };

    it('stops a statement that waits, here and on the server, within a second', async () => {
      await holding('graph_branch', async () => {
        const stop = new AbortController();
        const asked = there.stores.graphStore.heads(undefined, { signal: stop.signal });
        while ((await waiting()).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
        const begun = performance.now();
        stop.abort();
        await expect(asked).rejects.toMatchObject({ code: 'aborted', retryable: false });
        await nothingWaits();
        expect(performance.now() - begun).toBeLessThan(1000);
      });
      expect(await there.stores.graphStore.heads()).toEqual([]);
    });

    it('stops a publication in the middle of a COPY, and leaves nothing', async () => {
      const before = await there.size();
      const graph = large();
      await holding('graph_node', async () => {
        const stop = new AbortController();
        const published = there.stores.graphStore.publish({ ...graph, partitions: inBatches(graph.entries, 64) }, { signal: stop.signal });
        while (!(await waiting()).some((query) => String(query).startsWith('COPY'))) await new Promise((resolve) => setTimeout(resolve, 10));
        const begun = performance.now();
        stop.abort();
        await expect(published).rejects.toMatchObject({ code: 'aborted' });
        await nothingWaits();
        expect(performance.now() - begun).toBeLessThan(1000);
      });
      expect(await there.size()).toBe(before);
      expect((await publish(small)).created).toBe(true);
    });

    it('stops whoever waits for another writer, of this process or another', async () => {
      const other = await there.another();
      const held = graphOf([partition('src/held.ts')], { branch: 'held' });
      const [writing, done] = [new EventEmitter(), new EventEmitter()];
      const [begun, ended] = [once(writing, 'now'), once(done, 'now')];
      async function* slow() {
        writing.emit('now');
        await ended;
        yield held.entries;
      }
      const first = there.stores.graphStore.publish({ ...held, partitions: slow() });
      try {
        await begun;
        for (const store of [there.stores.graphStore, other.graphStore]) {
          const asked = performance.now();
          await expect(store.publish({ ...small, partitions: inBatches(small.entries) }, { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({ code: 'aborted' });
          expect(performance.now() - asked).toBeLessThan(1100);
        }
      } finally {
        done.emit('now');
      }
      expect((await first).written).toBe(1);
      expect((await publish(small, other.graphStore)).created).toBe(true);
    });

    it('that fires in a question leaves the reader usable', async () => {
      await publish(small);
      const reader = await there.stores.graphStore.open(small.snapshot.id);
      await holding('graph_node', async () => {
        await expect(reader.find({ text: 'a', match: 'prefix' }, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ code: 'aborted' });
      });
      expect(await reader.find({ text: 'a', match: 'prefix' })).toHaveLength(1);
      await reader.close();
    });
  });

  describe('a server that refuses', () => {
    it.each(['s3cret/w@rd', 'plain-but-secret'])('the password %s: not retried, and nowhere in the error', async (password) => {
      const failure: unknown = await createPostgresStores({ url: addressWith(url, { password }), schema: there.schema }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'authentication-failed', retryable: false });
      const said = `${inspect(failure, { depth: 20, showHidden: true })} ${JSON.stringify(failure)} ${(failure as Error).stack}`;
      for (const secret of [password, encodeURIComponent(password), decodeURIComponent(new URL(url).password)]) expect(said).not.toContain(secret);
    });

    it('an address that is none, without repeating it', async () => {
      for (const address of ['postgres://me:hush-hush@[nowhere', 'me:hush-hush@host', 'mysql://me:hush-hush@host/db', 'postgres://me:hush-hush%@host/db']) {
        const failure: unknown = await createPostgresStores({ url: address }).catch((error: unknown) => error);
        expect(failure).toMatchObject({ code: 'invalid-argument' });
        expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain('hush-hush');
      }
    });

    it('a password that is asked for, each time', async () => {
      let asked = 0;
      const { password, hostname, port, username, pathname } = new URL(url);
      const stores = await createPostgresStores({ host: hostname, port: Number(port), user: username, database: pathname.slice(1), schema: there.schema, password: async () => {
        asked++;
        return decodeURIComponent(password);
      } });
      expect(await stores.graphStore.heads()).toEqual([]);
      expect(asked).toBeGreaterThan(0);
      await stores.close();
    });

    it('a database that is not there: not worth a retry', async () => {
      await expect(createPostgresStores({ url: addressWith(url, { database: 'no_such_database' }) })).rejects.toMatchObject({ code: 'store-unavailable', retryable: false });
    });

    it('writes, because it is read-only', async () => {
      await publish(small);
      const address = new URL(url);
      address.searchParams.set('options', '-c default_transaction_read_only=on');
      const stores = await there.another({ url: address.href });
      expect(await stores.graphStore.heads()).toEqual([small.snapshot]);
      await expect(publish(large(), stores.graphStore)).rejects.toMatchObject({ code: 'store-read-only', retryable: false });
      await expect(stores.factStore.put([{ key: 'a', bytes: new Uint8Array(5) }])).rejects.toMatchObject({ code: 'store-read-only' });
    });

    it('rows, because its disk is full: nothing stays, and it goes on when there is room', async () => {
      const before = await there.size();
      const s = `"${there.schema}"`;
      // What the server says then, said in the middle of a COPY.
      await sql(url, (query) => query(`CREATE FUNCTION ${s}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON ${s}.graph_edge FOR EACH STATEMENT EXECUTE FUNCTION ${s}.refuse()`));
      try {
        const graph = graphOf([partition('src/b.ts', { edges: [{ kind: 'CALLS', from: 'src/b.ts', to: 'src/c.ts', certainty: 'certain', sites: [] }] })]);
        await expect(publish(graph)).rejects.toMatchObject({ code: 'store-full', retryable: false });
        expect(await there.size()).toBe(before);
      } finally {
        await sql(url, (query) => query(`DROP FUNCTION ${s}.refuse CASCADE`));
      }
      expect((await publish(small)).created).toBe(true);
    });

    it('one of two who wait for each other', async () => {
      await sql(url, async (query) => {
        const s = `"${there.schema}"`;
        await query(`SET deadlock_timeout = '20s'; BEGIN; LOCK TABLE ${s}.graph_snapshot IN ACCESS EXCLUSIVE MODE`);
        const published = publish(small);
        published.catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 300));
        const second = query(`LOCK TABLE ${s}.migration IN ACCESS EXCLUSIVE MODE`);
        await expect(published).rejects.toMatchObject({ code: 'store-busy', retryable: true, details: { state: '40P01' } });
        await second;
        await query('ROLLBACK');
      });
      expect((await publish(small)).created).toBe(true);
    });

    it('to wait longer for a lock, or a statement, than it was told', async () => {
      const impatient = await there.another({ lockTimeout: 200 });
      const hasty = await there.another({ statementTimeout: 200 });
      await sql(url, async (query) => {
        await query(`BEGIN; LOCK TABLE "${there.schema}".graph_branch IN ACCESS EXCLUSIVE MODE`);
        await expect(publish(small, impatient.graphStore)).rejects.toMatchObject({ code: 'store-busy', retryable: true });
        await expect(hasty.graphStore.heads()).rejects.toMatchObject({ code: 'store-busy', retryable: true });
        await query('ROLLBACK');
      });
    });
  });
});
