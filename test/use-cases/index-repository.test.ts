import { describe, expect, it } from 'vitest';
import { CodeloomError } from '../../src/domain/errors.js';
import type { GitHost } from '../../src/domain/ports/git-host.js';
import type { GraphStore } from '../../src/domain/ports/graph-store.js';
import type { RunEventBody } from '../../src/domain/index-run.js';
import { indexRepository } from '../../src/use-cases/index-repository.js';
import { inProcessSteps } from '../../src/use-cases/in-process-steps.js';
import type { StepContext, Steps, Undo } from '../../src/use-cases/steps.js';
import { DEFAULT_RETRY_POLICY } from '../../src/use-cases/retry-policy.js';
import { createMemoryGraphStore } from '../../src/adapters/memory/graph-store.js';
import { eventNames, REPOSITORY, SHOP, VERSION, workbench, type Workbench } from './workbench.js';

async function edgesOf({ ports }: Workbench, snapshot: string): Promise<string[]> {
  const reader = await ports.graphStore.open(snapshot);
  const edges: string[] = [];
  for await (const partitions of reader.partitions()) {
    for (const partition of partitions) for (const { kind, from, to, certainty } of partition.edges) if (kind !== 'CONTAINS') edges.push(`${from} ${kind}${certainty === 'candidate' ? '?' : ''} ${to}`);
  }
  return edges;
}

const STAGES = ['acquire', 'extract', 'link', 'publish', 'record', 'retire', 'release'].flatMap((stage) => [`stage-started ${stage}`, `stage-finished ${stage}`]);

describe('indexing a repository', () => {
  it('goes from Git objects to a published graph', async () => {
    const bench = workbench();
    const outcome = await bench.index();

    expect(outcome).toMatchObject({
      status: 'indexed',
      repository: { id: REPOSITORY },
      snapshot: { repository: REPOSITORY, branch: 'main', dirty: false, stats: { files: 3, symbols: 7, languages: { toy: 3 }, verdicts: { resolved: 4, candidates: 0, external: 2, unresolved: 1 }, skipped: { language: 1 } } },
      counts: { listed: 4, selected: 3, skipped: 1, parsed: 3, reused: 0, added: 3, replaced: 0, removed: 0, written: 3, retired: 0 },
    });
    expect(await edgesOf(bench, outcome.snapshot.id)).toEqual([
      'main.toy IMPORTS shop.toy',
      'main.toy IMPORTS store.toy',
      'main.toy#main(). CALLS shop.toy#Shop#',
      'main.toy#main(). CALLS store.toy#save().',
      'shop.toy#Place.open(). CALLS store.toy#save().',
      'shop.toy#Shop.close(). CALLS external:std#std_exit',
      'shop.toy#Shop# EXTENDS shop.toy#Place#',
      'store.toy#save(). CALLS store.toy#write().',
      'store.toy#write(). CALLS external:std#std_write',
    ]);
    expect((await bench.ports.graphStore.heads()).map((head) => head.id)).toEqual([outcome.snapshot.id]);
  });

  it('records the repository, the files with what became of them, and the run', async () => {
    const bench = workbench();
    const outcome = await bench.index();
    const { metadataStore } = bench.ports;

    expect((await metadataStore.repositories()).map((repository) => repository.id)).toEqual([REPOSITORY]);
    const files = [];
    for await (const batch of metadataStore.files(outcome.snapshot.id)) files.push(...batch);
    expect(files.map(({ path, status, reason, symbols, language }) => [path, status, reason, symbols, language])).toEqual([
      ['README.md', 'skipped', 'language', 0, ''],
      ['main.toy', 'indexed', undefined, 1, 'toy'],
      ['shop.toy', 'indexed', undefined, 4, 'toy'],
      ['store.toy', 'indexed', undefined, 2, 'toy'],
    ]);
    expect(await metadataStore.runs(REPOSITORY)).toMatchObject([{ id: outcome.run, status: 'succeeded', branch: 'main', snapshot: outcome.snapshot.id }]);
  });

  it('tells its events in order, numbered without gaps, and keeps them', async () => {
    const bench = workbench();
    let appended = 0;
    const { appendEvents } = bench.ports.metadataStore;
    bench.ports.metadataStore.appendEvents = (run, events, options) => {
      appended += events.length;
      return appendEvents(run, events, options);
    };
    const outcome = await bench.index();

    expect(appended).toBe(bench.events.length);
    expect(eventNames(bench.events)).toEqual(['run-started', ...STAGES, 'run-finished succeeded']);
    expect(bench.events.map((event) => event.sequence)).toEqual(bench.events.map((_, index) => index + 1));
    expect(await bench.ports.metadataStore.events(outcome.run)).toEqual(bench.events);
  });

  it('leaves nothing in the fact store but facts, configuration and its digest', async () => {
    const bench = workbench({ ...SHOP, 'names.conf': 'mystery=save\n' });
    const kept: string[] = [];
    const { factStore } = bench.ports;
    const put = factStore.put.bind(factStore);
    factStore.put = async (entries, options) => {
      kept.push(...entries.map((entry) => entry.key));
      await put(entries, options);
    };
    await bench.index();
    const left = [...await factStore.has(kept)].map((key) => key.split('/')[0]);
    expect([...new Set(left)].sort()).toEqual(['configuration', 'facts', 'source']);
    expect(kept.some((key) => key.startsWith('partition/'))).toBe(true);
  });

  it('does nothing for a state that is indexed already, and says so', async () => {
    const bench = workbench();
    const first = await bench.index();
    const second = await bench.index();

    expect(second).toMatchObject({ status: 'unchanged', snapshot: first.snapshot, counts: { parsed: 0, reused: 0, written: 0 } });
    expect(eventNames(bench.events)).toEqual(['run-started', 'stage-started acquire', 'stage-finished acquire', 'stage-started release', 'stage-finished release', 'run-finished unchanged']);
    expect(await bench.ports.graphStore.snapshots(REPOSITORY)).toHaveLength(1);
  });

  it('indexes again when the indexer, the parser\'s languages or the selection changed', async () => {
    const bench = workbench();
    const first = await bench.index();
    expect((await bench.index({}, { indexerVersion: 'test-2' })).status).toBe('indexed');
    const selected = await bench.index({ exclude: ['shop.toy'] });
    expect(selected.snapshot).toMatchObject({ stats: { files: 2, skipped: { language: 1, excluded: 1 } } });
    expect(selected.snapshot.configuration).not.toBe(first.snapshot.configuration);
  });

  it('records a head that an earlier run published and did not record', async () => {
    const bench = workbench();
    const first = await bench.index();
    await bench.ports.metadataStore.removeSnapshots([first.snapshot.id]);
    expect((await bench.index()).status).toBe('indexed');
    const files = [];
    for await (const batch of bench.ports.metadataStore.files(first.snapshot.id)) files.push(...batch);
    expect(files).toHaveLength(4);
  });

  it('parses and publishes only what changed', async () => {
    const bench = workbench();
    await bench.index();
    bench.git.commit('shop', { ...SHOP, 'store.toy': 'def save\n  call write\ndef write\n  call std_write\ndef extra\n' });
    const second = await bench.index();
    expect(second).toMatchObject({ status: 'indexed', counts: { parsed: 1, reused: 2, added: 0, replaced: 1, removed: 0, written: 1 } });
  });

  it('hands on only partitions that the branch\'s head does not have', async () => {
    const bench = workbench();
    await bench.index();
    const partitions: string[] = [];
    const put = bench.ports.factStore.put;
    bench.ports.factStore.put = (entries, options) => {
      partitions.push(...entries.map((entry) => entry.key).filter((key) => key.startsWith('partition/')));
      return put(entries, options);
    };
    bench.git.commit('shop', { ...SHOP, 'x.toy': 'def x\n' });
    await bench.index();
    expect(partitions).toHaveLength(1);
  });

  it('publishes no partition whose bytes are not those that were linked', async () => {
    const bench = workbench();
    const { factStore } = bench.ports;
    const get = factStore.get;
    factStore.get = async function* (keys, options) {
      for await (const entries of get(keys, options)) {
        yield entries.map(({ key, bytes }) => ({ key, bytes: key.startsWith('partition/') ? new TextEncoder().encode(new TextDecoder().decode(bytes).replace('save', 'load')) : bytes }));
      }
    };
    await expect(bench.index()).rejects.toMatchObject({ code: 'store-corrupt' });
    expect(await bench.ports.graphStore.heads()).toEqual([]);
  });

  it('links again what an edit elsewhere touches', async () => {
    const bench = workbench();
    await bench.index();
    bench.git.commit('shop', { ...SHOP, 'more.toy': 'def mystery\n' });
    const second = await bench.index();
    expect(second).toMatchObject({ counts: { parsed: 1, added: 1, replaced: 1, written: 2 } });
    expect(await edgesOf(bench, second.snapshot.id)).toContain('main.toy#main(). CALLS more.toy#mystery().');
  });

  it('reads configuration files for linking', async () => {
    const bench = workbench({ ...SHOP, 'names.conf': 'mystery=save\n' });
    const outcome = await bench.index();
    expect(outcome.snapshot.stats).toMatchObject({ verdicts: { resolved: 5, unresolved: 0 }, skipped: { configuration: 1, language: 1 } });
  });

  it('parses one content once, however many paths hold it', async () => {
    const bench = workbench({ 'a.toy': 'def same\n', 'b.toy': 'def same\n', 'c/d.toy': 'def same\n' });
    expect(await bench.index()).toMatchObject({ counts: { selected: 3, parsed: 1 }, snapshot: { stats: { files: 3, symbols: 3 } } });
  });

  it('keeps branches apart and shares their facts', async () => {
    const bench = workbench();
    const main = await bench.index();
    bench.git.commit('shop', { ...SHOP, 'store.toy': 'def save\n' }, 'next');
    const next = await bench.index({ ref: 'next' });
    expect(next).toMatchObject({ snapshot: { branch: 'next' }, counts: { parsed: 1, reused: 2 } });
    expect((await bench.ports.graphStore.heads(REPOSITORY)).map(({ branch, id }) => [branch, id])).toEqual([['main', main.snapshot.id], ['next', next.snapshot.id]]);
  });

  it('tells a dirty work tree from a clean one, and keeps a dirty snapshot while the head was published on it', async () => {
    const bench = workbench();
    bench.git.setWorkTree('shop', SHOP);
    const clean = await bench.index();
    expect(clean.snapshot.dirty).toBe(false);
    expect((await bench.index({ ref: 'main' })).status).toBe('unchanged');

    bench.git.setWorkTree('shop', { ...SHOP, 'a.toy': 'def a\n' });
    const first = await bench.index();
    expect(first.snapshot).toMatchObject({ dirty: true, commit: clean.snapshot.commit, base: clean.snapshot.id });
    bench.git.setWorkTree('shop', { ...SHOP, 'b.toy': 'def b\n' });
    const second = await bench.index();
    expect(second.counts.retired).toBe(0);
    bench.git.setWorkTree('shop', { ...SHOP, 'c.toy': 'def c\n' });
    const third = await bench.index();
    expect(third.counts.retired).toBe(1);
    expect((await bench.ports.graphStore.snapshots(REPOSITORY)).map((snapshot) => snapshot.id).sort()).toEqual([clean.snapshot.id, third.snapshot.id, second.snapshot.id].sort());
  });

  it('gives the same snapshot id and digest to the same state, whatever came before', async () => {
    const bench = workbench();
    const first = await bench.index();
    bench.git.commit('shop', { ...SHOP, 'x.toy': 'def x\n' });
    await bench.index();
    const fresh = await workbench().index();
    expect([fresh.snapshot.id, fresh.snapshot.digest]).toEqual([first.snapshot.id, first.snapshot.digest]);
    const back = await bench.index({ ref: 'main~1', branch: 'main' });
    expect(back.snapshot).toEqual(first.snapshot);
    expect(await bench.ports.graphStore.heads(REPOSITORY)).toEqual([first.snapshot]);
  });

  it('indexes a repository without a single source file', async () => {
    const bench = workbench({ 'README.md': 'nothing here\n' });
    expect(await bench.index()).toMatchObject({ status: 'indexed', snapshot: { stats: { files: 0, skipped: { language: 1 } } } });
    expect((await bench.index()).status).toBe('unchanged');
  });
});

describe('a stage that fails', () => {
  /** A graph store whose `publish` fails so many times with an error of the given code. */
  function failing(code: ConstructorParameters<typeof CodeloomError>[0], times: number): GraphStore {
    const store = createMemoryGraphStore();
    let left = times;
    return {
      ...store,
      async publish(publication, options) {
        if (left-- > 0) throw new CodeloomError(code, 'It does not work.');
        return store.publish(publication, options);
      },
    };
  }

  it('is tried again after a pause when the error may pass, and tells so', async () => {
    const bench = workbench(SHOP, { graphStore: failing('store-busy', 2) });
    const started = bench.clock.now().getTime();
    expect((await bench.index()).status).toBe('indexed');
    expect(bench.events.filter((event) => event.type === 'stage-retried')).toMatchObject([
      { stage: 'publish', attempt: 2, code: 'store-busy' }, { stage: 'publish', attempt: 3, code: 'store-busy' },
    ]);
    expect(bench.clock.now().getTime() - started).toBe(10_000 + 20_000);
  });

  it.each([[300, 300_000], [5, 10_000], [86_400, 3_600_000]])('is tried again no sooner than a host asks for that wants %d s of peace, up to an hour', async (retryAfterSeconds, expected) => {
    const bench = workbench();
    let limited = true;
    const gitHost: GitHost = { ...bench.git, async resolve(...request) {
      const refused = limited;
      limited = false;
      if (refused) throw new CodeloomError('rate-limited', 'Not now.', { details: { retryAfterSeconds } });
      return bench.git.resolve(...request);
    } };
    const asking = workbench(SHOP, { gitHost });
    const started = asking.clock.now().getTime();
    expect((await asking.index()).status).toBe('indexed');
    expect(asking.clock.now().getTime() - started).toBe(expected);
  });

  it('fails the run after the last attempt, having released what it took', async () => {
    const bench = workbench(SHOP, { graphStore: failing('store-busy', 3) });
    await expect(bench.index()).rejects.toMatchObject({ code: 'store-busy' });
    expect(eventNames(bench.events).slice(-5)).toEqual(['stage-retried publish', 'stage-failed publish', 'stage-started release', 'stage-finished release', 'run-finished failed']);
    expect(await bench.ports.metadataStore.runs(REPOSITORY)).toMatchObject([{ status: 'failed', error: { code: 'store-busy', message: 'It does not work.' } }]);
  });

  it('is not tried again when another attempt cannot help', async () => {
    for (const code of ['authentication-failed', 'store-full'] as const) {
      const bench = workbench(SHOP, { graphStore: failing(code, 1) });
      await expect(bench.index()).rejects.toMatchObject({ code });
      expect(eventNames(bench.events)).not.toContain('stage-retried publish');
    }
  });

  it('is never tried again for authentication, whatever the error says', async () => {
    const bench = workbench();
    const gitHost = { ...bench.git, resolve: () => Promise.reject(new CodeloomError('authentication-failed', 'No.', { retryable: true })) };
    const refused = workbench(SHOP, { gitHost });
    await expect(refused.index()).rejects.toMatchObject({ code: 'authentication-failed' });
    expect(eventNames(refused.events)).toEqual(['run-started', 'stage-started acquire', 'stage-failed acquire', 'stage-started release', 'stage-finished release', 'run-finished failed']);
  });

  it('of a later run leaves the last published snapshot, and the next run succeeds', async () => {
    const graphStore = createMemoryGraphStore();
    const bench = workbench(SHOP, { graphStore });
    const first = await bench.index();
    bench.git.commit('shop', { ...SHOP, 'x.toy': 'def x\n' });
    const publish = graphStore.publish;
    graphStore.publish = () => Promise.reject(new CodeloomError('store-full', 'Full.'));
    await expect(bench.index()).rejects.toMatchObject({ code: 'store-full' });
    expect(await graphStore.heads(REPOSITORY)).toEqual([first.snapshot]);
    graphStore.publish = publish;
    // Facts and partitions of the failed run are used.
    expect(await bench.index()).toMatchObject({ status: 'indexed', counts: { parsed: 0, reused: 4 } });
  });

  it('turns what is no CodeloomError into one', async () => {
    const bench = workbench(SHOP, { link: () => { throw new RangeError('too deep'); } });
    await expect(bench.index()).rejects.toMatchObject({ name: 'CodeloomError', code: 'internal', message: 'too deep' });
  });

  it('begins once more when what lay in the fact store is gone', async () => {
    const bench = workbench();
    const { factStore, clock } = bench.ports;
    let taken = false;
    const thief = workbench(SHOP, {
      factStore, clock, link: bench.ports.link,
      graphStore: { ...bench.ports.graphStore, async holds(digests) {
        // Another run takes the partitions along between linking and publishing.
        if (!taken) await factStore.prune({ prefixes: ['partition/'], keep: new Set(), olderThan: new Date(clock.now().getTime() + 1) });
        taken = true;
        return bench.ports.graphStore.holds(digests);
      } },
    });
    expect((await thief.index()).status).toBe('indexed');
    expect(thief.events.filter((event) => event.type === 'stage-failed')).toMatchObject([{ stage: 'publish', code: 'facts-missing' }]);
    expect(eventNames(thief.events).filter((name) => name === 'stage-started acquire')).toHaveLength(2);
    expect(thief.events.map((event) => event.sequence)).toEqual(thief.events.map((_, index) => index + 1));
  });
});

describe('cancellation', () => {
  const stages = ['acquire', 'extract', 'link', 'publish', 'record', 'retire'] as const;

  for (const stage of stages) {
    it(`in ${stage} stops the run, releases, and leaves the store whole`, async () => {
      const released: boolean[] = [];
      const bench = workbench();
      const gitHost = { ...bench.git, release: async () => { released.push(true); } };
      const own = workbench(SHOP, { ...bench.ports, gitHost });
      const before = await own.index();
      bench.git.commit('shop', { ...SHOP, 'x.toy': 'def x\n' });
      released.length = 0;

      const controller = new AbortController();
      const run = own.index({}, {
        signal: controller.signal,
        onEvent: (event) => {
          own.events.push(event);
          if (event.type === 'stage-started' && event.stage === stage) controller.abort();
        },
      });
      await expect(run).rejects.toMatchObject({ code: 'aborted' });
      expect(eventNames(own.events).slice(-4)).toEqual([`stage-failed ${stage}`, 'stage-started release', 'stage-finished release', 'run-finished cancelled']);
      if (stage !== 'acquire') expect(released).toHaveLength(1);
      const heads = await own.ports.graphStore.heads(REPOSITORY);
      if (stage === 'record' || stage === 'retire') expect(heads[0]?.base).toBe(before.snapshot.id);
      else expect(heads).toEqual([before.snapshot]);

      const after = await own.index();
      expect(after.snapshot.stats.files).toBe(4);
    });
  }

  it('in the middle of a stage stops it there', async () => {
    for (const [port, stage] of [['gitHost', 'acquire'], ['parser', 'extract'], ['link', 'link'], ['graphStore', 'publish'], ['metadataStore', 'record']] as const) {
      const controller = new AbortController();
      const inner = workbench();
      const stopping = {
        gitHost: { ...inner.ports.gitHost, async *list(revision: never, options: never) { controller.abort(); yield* inner.ports.gitHost.list(revision, options); } },
        parser: { ...inner.ports.parser, async *extract(sources: never, options: never) { for await (const output of inner.ports.parser.extract(sources, options)) { controller.abort(); yield output; } } },
        link: async function* (request: never, options: never) { for await (const partition of inner.ports.link(request, options)) { controller.abort(); yield partition; } },
        graphStore: { ...inner.ports.graphStore, async publish(publication: never, options: never) { controller.abort(); return inner.ports.graphStore.publish(publication, options); } },
        metadataStore: { ...inner.ports.metadataStore, async saveRepository() {}, async saveSnapshot(record: never, options: never) { controller.abort(); return inner.ports.metadataStore.saveSnapshot(record, options); } },
      };
      const bench = workbench(SHOP, { [port]: stopping[port] });
      await expect(bench.index({}, { signal: controller.signal }), port).rejects.toMatchObject({ code: 'aborted' });
      expect(eventNames(bench.events), port).toContain(`stage-failed ${stage}`);
    }
  });

  it('is what counts when the interrupted work fails in another way', async () => {
    const controller = new AbortController();
    const inner = workbench();
    const gitHost = { ...inner.git, resolve: () => { controller.abort(); return Promise.reject(new CodeloomError('git-failed', 'Git was killed.')); } };
    const bench = workbench(SHOP, { gitHost });
    await expect(bench.index({}, { signal: controller.signal })).rejects.toMatchObject({ code: 'aborted' });
    expect(eventNames(bench.events).at(-1)).toBe('run-finished cancelled');
  });

  it('stops linking at once', async () => {
    const controller = new AbortController();
    const inner = workbench();
    let given = 0;
    const link: typeof inner.ports.link = async function* (request) {
      for await (const partition of inner.ports.link(request, {})) {
        given++;
        controller.abort();
        yield partition;
      }
    };
    await expect(workbench(SHOP, { link }).index({}, { signal: controller.signal })).rejects.toMatchObject({ code: 'aborted' });
    expect(given).toBe(1);
  });

  it('ends the pause before another attempt', async () => {
    const controller = new AbortController();
    const store = createMemoryGraphStore();
    const bench = workbench(SHOP, { graphStore: { ...store, publish: () => { controller.abort(); return Promise.reject(new CodeloomError('store-busy', 'Busy.')); } } });
    await expect(bench.index({}, { signal: controller.signal, retryPolicy: { ...DEFAULT_RETRY_POLICY, attempts: 10 } })).rejects.toMatchObject({ code: 'aborted' });
    expect(eventNames(bench.events)).not.toContain('stage-retried publish');
  });
});

describe('the orchestration', () => {
  it('starts no stage once cancelled, and releases out of reach of the cancellation', async () => {
    const controller = new AbortController();
    const { ports } = workbench();
    const calls: string[] = [];
    const real = inProcessSteps(ports);
    // Steps that pay no heed to the signal.
    const steps: Steps = {
      ...real,
      acquire: async (input) => { controller.abort(); return real.acquire(input, {}); },
      extract: async (input) => { calls.push('extract'); return real.extract(input, {}); },
      release: async (input, { signal }) => { calls.push(`release ${input.acquired === undefined ? 'nothing' : 'the source'} ${signal === undefined ? 'without' : 'with'} a signal`); },
    };
    const run = indexRepository({ run: 'r', request: { location: 'shop' }, indexerVersion: VERSION }, steps, { now: () => '', emit: () => {} }, { signal: controller.signal });
    await expect(run).rejects.toMatchObject({ code: 'aborted' });
    expect(calls).toEqual(['release the source without a signal']);
  });

  it('succeeds though what it took cannot be released, and tells so', async () => {
    const { ports } = workbench();
    const events: RunEventBody[] = [];
    const steps: Steps = { ...inProcessSteps(ports), release: () => Promise.reject(new CodeloomError('store-unavailable', 'Gone.')) };
    const outcome = await indexRepository({ run: 'r', request: { location: 'shop' }, indexerVersion: VERSION }, steps, { now: () => '2025-01-01T00:00:00.000Z', emit: (event) => { events.push(event); } });
    expect(outcome.status).toBe('indexed');
    expect(events.slice(-2)).toMatchObject([{ type: 'stage-failed', stage: 'release', code: 'store-unavailable' }, { type: 'run-finished', status: 'succeeded' }]);
  });

  it('records the repository by itself, for engines that keep no runs', async () => {
    const { ports } = workbench();
    await indexRepository({ run: 'r', request: { location: 'shop' }, indexerVersion: VERSION }, inProcessSteps(ports), { now: () => '2025-01-01T00:00:00.000Z', emit: () => {} });
    expect((await ports.metadataStore.repositories()).map((repository) => repository.id)).toEqual([REPOSITORY]);
  });
});

describe('progress', () => {
  it('tells files and bytes of each stage', async () => {
    const bench = workbench();
    const last = new Map<string, unknown>();
    await bench.index({}, { onProgress: (progress) => last.set(progress.stage, progress) });
    expect(last.get('acquire')).toMatchObject({ done: 4 });
    expect(last.get('extract')).toMatchObject({ done: 3, total: 3, bytes: Object.entries(SHOP).filter(([path]) => path.endsWith('.toy')).reduce((sum, [, text]) => sum + String(text).length, 0) });
    expect(last.get('link')).toMatchObject({ done: 3, total: 3 });
    expect(last.get('publish')).toMatchObject({ done: 3, total: 3 });
  });
});

describe('what a failed run undoes', () => {
  const request = { location: 'shop' };
  const effects = { now: () => '2026-01-01T00:00:00.000Z', emit: () => undefined };
  const wanted = (name: string): Undo => ({ kind: 'forget-links', repository: REPOSITORY, snapshot: name });

  /** Steps of which each asks for its own undoing, and one fails. */
  function registering(failing: string, { undo = () => undefined }: { readonly undo?: (what: Undo) => void } = {}): { readonly steps: Steps; readonly undone: string[] } {
    const steps = inProcessSteps(workbench().ports);
    const undone: string[] = [];
    const asking = <I, O extends object>(name: string, step: (input: I, context: StepContext) => Promise<O>) => async (input: I, context: StepContext): Promise<O> => {
      if (name === failing) throw new CodeloomError('store-full', 'No space.');
      return { ...await step(input, context), undo: [wanted(`${name} 1`), wanted(`${name} 2`)] };
    };
    return {
      undone,
      steps: {
        ...steps, acquire: asking('acquire', steps.acquire), extract: asking('extract', steps.extract), link: asking('link', steps.link), publish: asking('publish', steps.publish),
        undo: async (what) => {
          undone.push(what.snapshot);
          undo(what);
        },
        release: async () => void undone.push('release'),
      },
    };
  }

  it('is what its steps registered, the last first, before it releases', async () => {
    const { steps, undone } = registering('publish');
    await expect(indexRepository({ run: 'r', request, indexerVersion: VERSION }, steps, effects)).rejects.toMatchObject({ code: 'store-full' });
    expect(undone).toEqual(['link 2', 'link 1', 'extract 2', 'extract 1', 'acquire 2', 'acquire 1', 'release']);
  });

  it('is nothing of what did not succeed, and all of the rest when some of it cannot be undone', async () => {
    const { steps, undone } = registering('extract', { undo: () => { throw new CodeloomError('store-unavailable', 'Away.'); } });
    await expect(indexRepository({ run: 'r', request, indexerVersion: VERSION }, steps, effects)).rejects.toMatchObject({ code: 'store-full' });
    expect(undone).toEqual(['acquire 2', 'acquire 1', 'release']);
  });

  it('is nothing when it succeeds', async () => {
    const { steps, undone } = registering('nothing');
    await indexRepository({ run: 'r', request, indexerVersion: VERSION }, steps, effects);
    expect(undone).toEqual(['release']);
  });

  it('is undone out of reach of the cancellation that ended it', async () => {
    const { steps, undone } = registering('nothing');
    const stopping = new AbortController();
    const cancelled: Steps = { ...steps, publish: async () => (stopping.abort(), Promise.reject(new CodeloomError('aborted', 'Stopped.'))), undo: async (what, { signal }) => void undone.push(`${what.snapshot} ${String(signal?.aborted)}`) };
    await expect(indexRepository({ run: 'r', request, indexerVersion: VERSION }, cancelled, effects, { signal: stopping.signal })).rejects.toMatchObject({ code: 'aborted' });
    expect(undone[0]).toBe('link 2 undefined');
  });
});
