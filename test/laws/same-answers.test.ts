import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CodeloomError, createCodeloom, createTreeSitterParser, decodeFacts, systemClock, type Codeloom, type FactStore, type GitHost, type GraphNode, type Parser } from '../../src/index.js';
import { createMemoryFactStore } from '../../src/testing.js';
import { graphDifference } from './generated/graph-difference.js';
import { histories, statesOf } from './generated/history.js';
import { lawParameters } from './generated/law-parameters.js';
import { holdInMemory, tellStory } from './generated/repository.js';

const parser = createTreeSitterParser({ workers: 0 });
// Worker threads run built code only.
const built = await import(new URL('../../dist/index.js', import.meta.url).href) as { readonly createTreeSitterParser: typeof createTreeSitterParser }; // the same module, compiled
const four = built.createTreeSitterParser({ workers: 4 });
const folder = mkdtempSync(join(tmpdir(), 'codeloom-laws-'));
/** One moment for all, so that answers can be compared whole. */
const clock = { ...systemClock, now: () => new Date('2026-01-01T00:00:00Z') };
let stores = 0;

afterAll(async () => {
  await Promise.all([parser.close(), four.close()]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

describe('law 1: one graph, any store', () => {
  it('gives the same digest and the same answers from memory and from SQLite', async () => {
    await fc.assert(fc.asyncProperty(histories({ commits: 2 }), fc.array(fc.nat(10_000), { minLength: 6, maxLength: 6 }), async (history, places) => {
      const states = statesOf(history);
      const repository = holdInMemory(states);
      const pair = [
        await createCodeloom({ store: 'memory', parser, clock, gitHost: repository.gitHost }),
        await createCodeloom({ store: join(folder, String(stores++)), parser, clock, gitHost: repository.gitHost }),
      ] as const;
      try {
        for (const mark of states.keys()) {
          const request = repository.request(mark);
          const [memory, sqlite] = [await pair[0].index(request), await pair[1].index(request)];
          expect({ ...sqlite, run: memory.run }).toEqual(memory);
        }
        const nodes = await collect(pair[0].nodes());
        const [memory, sqlite] = [await answersOf(pair[0], nodes, places), await answersOf(pair[1], nodes, places)];
        // Together they are long: the first that differs is shown, with what was asked.
        for (const [question, answer] of memory) expect(sqlite.get(question), `${question}\n${tellStory(states)}`).toEqual(answer);
      } finally {
        await Promise.all(pair.map((codeloom) => codeloom.close()));
      }
    }), lawParameters(12, 0.4));
  }, 3_600_000);
});

describe('law 4: idempotence', () => {
  it('indexing what is indexed changes nothing and says so, in the same process and in another', async () => {
    await fc.assert(fc.asyncProperty(histories({ commits: 2 }), async (history) => {
      const states = statesOf(history);
      const repository = holdInMemory(states);
      const store = join(folder, String(stores++));
      const first = await createCodeloom({ store, parser, gitHost: repository.gitHost });
      const last = states.length - 1;
      let request = repository.request(0);
      try {
        for (const mark of states.keys()) await first.index(request = repository.request(mark));
        expect(await repeat(first)).toEqual([]);
      } finally {
        await first.close();
      }
      const second = await createCodeloom({ store, parser, gitHost: repository.gitHost });
      try {
        expect(await repeat(second), tellStory(states, last)).toEqual([]);
      } finally {
        await second.close();
      }

      /** What a further run did that it should not have done. */
      async function repeat(codeloom: Codeloom): Promise<readonly string[]> {
        const [before, rows] = [await codeloom.history(), await collect(codeloom.export())];
        const { status, counts, snapshot } = await codeloom.index(request);
        return [
          ...(status === 'unchanged' ? [] : [`says ${status}`]),
          ...Object.entries(counts).filter(([name, count]) => count !== 0 && !['listed', 'selected', 'skipped'].includes(name)).map(([name, count]) => `${name} ${count}`),
          ...(JSON.stringify(await codeloom.history()) === JSON.stringify(before) ? [] : ['the snapshots are others']),
          ...(before.results.some((entry) => entry.head && entry.snapshot.id === snapshot.id) ? [] : ['gives another snapshot']),
          ...(JSON.stringify(await collect(codeloom.export())) === JSON.stringify(rows) ? [] : ['the graph is another']),
        ];
      }
    }), lawParameters(8, 0.4));
  }, 3_600_000);
});

describe('law 6: nothing hidden', () => {
  it('every call site of every file has one verdict; every answer says whether it is exact, and why not', async () => {
    await fc.assert(fc.asyncProperty(histories({ commits: 2 }), fc.array(fc.nat(10_000), { minLength: 4, maxLength: 4 }), async (history, places) => {
      const states = statesOf(history);
      const repository = holdInMemory(states);
      const codeloom = await createCodeloom({ store: 'memory', parser, gitHost: repository.gitHost });
      try {
        for (const mark of states.keys()) await codeloom.index(repository.request(mark));
        const tree = states.at(-1)?.tree ?? new Map<string, string>();
        const sites = await sitesOf(tree);
        const total = { resolved: 0, candidates: 0, external: 0, unresolved: 0 };
        await codeloom.read({ branch: states.at(-1)?.branch ?? 'main' }, async (reader) => {
          for await (const batch of reader.partitions()) {
            for (const { path, verdicts, unresolved, edges } of batch) {
              const story = (): string => `${path}\n${tellStory(states)}`;
              expect(verdicts.resolved + verdicts.candidates + verdicts.external + verdicts.unresolved, story()).toBe(sites.get(path)?.length ?? 0);
              expect(unresolved.length, story()).toBe(verdicts.unresolved);
              const called = new Set(edges.filter(({ kind }) => kind === 'CALLS').flatMap((edge) => edge.sites.map(({ line, column }) => `${line}:${column}`)));
              // Two sites may begin at one place (`f()()`), then one of them may be without an edge.
              const places = sites.get(path) ?? [];
              const both = unresolved.filter(({ line, column }) => called.has(`${line}:${column}`) && places.filter((place) => place === `${line}:${column}`).length < 2);
              expect(both, story()).toEqual([]);
              for (const verdict of ['resolved', 'candidates', 'external', 'unresolved'] as const) total[verdict] += verdicts[verdict];
            }
          }
          expect(reader.snapshot.stats.verdicts).toEqual(total);
          expect(Object.values(reader.snapshot.stats.unresolvedByReason).reduce((sum, count) => sum + count, 0)).toBe(total.unresolved);
        });
        for (const [question, answer] of await answersOf(codeloom, await collect(codeloom.nodes()), places)) {
          if (typeof answer !== 'object' || answer === null || !('gaps' in answer) || !('completeness' in answer)) continue;
          expect(answer.completeness, question).toBe(Array.isArray(answer.gaps) && answer.gaps.length === 0 ? 'exact' : 'lower-bound');
          // `show` always has the symbol itself to show.
          if (!question.startsWith('show ') && 'results' in answer && Array.isArray(answer.results) && answer.results.length === 0) expect('nothing' in answer && answer.nothing !== undefined, question).toBe(true);
        }
      } finally {
        await codeloom.close();
      }
    }), lawParameters(8, 0.4));
  }, 3_600_000);
});

describe('the digest depends on nothing but the source', () => {
  it('neither on the number of workers nor on the order in which files are read, parsed and loaded', async () => {
    await fc.assert(fc.asyncProperty(histories({ commits: 1 }), fc.nat(), async (history, seed) => {
      const states = statesOf(history);
      const mark = states.length - 1;
      const repository = holdInMemory(states);
      const plain = await createCodeloom({ store: 'memory', parser, clock, gitHost: repository.gitHost });
      const shuffled = await createCodeloom({
        store: 'memory', clock, parser: parsingInDisorder(four, seed), gitHost: readingInDisorder(repository.gitHost, seed), factStore: givingInDisorder(createMemoryFactStore(), seed),
      });
      try {
        const [expected, found] = [await plain.index(repository.request(mark)), await shuffled.index(repository.request(mark))];
        if (found.snapshot.digest === expected.snapshot.digest) return;
        throw new Error(await graphDifference({ codeloom: shuffled, snapshot: found.snapshot }, { codeloom: plain, snapshot: expected.snapshot }) + tellStory(states));
      } finally {
        await Promise.all([plain.close(), shuffled.close()]);
      }
    }), lawParameters(12, 0.4));
  }, 3_600_000);
});

/** Questions of every kind and their answers; symbols and pairs of them by the places drawn. */
async function answersOf(codeloom: Codeloom, nodes: readonly GraphNode[], places: readonly number[]): Promise<ReadonlyMap<string, unknown>> {
  const answers = new Map<string, unknown>();
  const ask = async (question: string, work: () => Promise<unknown>): Promise<void> => {
    // That a question is refused is an answer, too.
    answers.set(question, await work().catch((error: unknown) => ({ refused: CodeloomError.from(error).code })));
  };
  const pick = (place: number): string => nodes[place % Math.max(1, nodes.length)]?.id ?? 'nothing';
  for (const place of places) {
    const symbol = pick(place);
    const name = nodes[place % Math.max(1, nodes.length)]?.name ?? 'nothing';
    await ask(`show ${symbol}`, () => codeloom.show({ symbol }));
    await ask(`callers ${symbol}`, () => codeloom.callers({ symbol }));
    await ask(`callers ${name}`, () => codeloom.callers({ symbol: name }));
    await ask(`callees ${symbol}`, () => codeloom.callees({ symbol }));
    await ask(`references ${symbol}`, () => codeloom.references({ symbol }));
    await ask(`implementations ${symbol}`, () => codeloom.implementations({ symbol }));
    await ask(`impact ${symbol}`, () => codeloom.impact({ symbol, depth: 4 }));
    await ask(`impact ${symbol}, in pages`, async () => codeloom.impact({ symbol, limit: 2, cursor: (await codeloom.impact({ symbol, limit: 2 })).cursor }));
    await ask(`path ${symbol} ${pick(place + 7)}`, () => codeloom.path({ from: symbol, to: pick(place + 7) }));
    await ask(`symbols ${name}`, () => codeloom.symbols({ text: name }));
    await ask(`symbols ${name.slice(0, 2)} by prefix`, () => codeloom.symbols({ text: name.slice(0, 2), match: 'prefix' }));
    await ask(`symbols ${name.slice(1, 2)}, streamed`, () => collect(codeloom.symbolsStream({ text: name.slice(1, 2), match: 'substring', limit: 5 })));
  }
  await ask('diff', () => codeloom.diff());
  await ask('history', () => codeloom.history());
  await ask('statistics', () => codeloom.statistics());
  await ask('diagnostics', () => codeloom.diagnostics());
  await ask('nodes', () => collect(codeloom.nodes()));
  await ask('export', () => collect(codeloom.export()));
  await ask('verify', () => codeloom.verify());
  await ask('busiest symbol', () => codeloom.busiestSymbol());
  return answers;
}

/** The place of every call site of every file that is code. */
async function sitesOf(tree: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, readonly string[]>> {
  const inputs = [...tree].flatMap(([key, text]) => {
    const language = parser.languageOf(key);
    return language === undefined ? [] : [{ key, language, bytes: Buffer.from(text) }];
  });
  const sites = new Map<string, readonly string[]>();
  for await (const { key, facts } of parser.extract(inputs)) sites.set(key, decodeFacts(facts).sites.map(({ at }) => `${at.line}:${at.column}`));
  return sites;
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of stream) all.push(each);
  return all;
}

/** All that a stream gives, in an order of its own. */
async function* disordered<T>(stream: AsyncIterable<T>, seed: number): AsyncGenerator<T> {
  const all = await collect(stream);
  for (let left = all.length, state = seed + 1; left > 0; left -= 1) {
    state = (state * 48_271) % 2_147_483_647;
    yield* all.splice(state % left, 1);
  }
}

function parsingInDisorder(inner: Parser, seed: number): Parser {
  return {
    version: inner.version, languages: inner.languages, close: async () => {},
    languageOf: (path, firstLine) => inner.languageOf(path, firstLine),
    extract: (sources, options) => disordered(inner.extract(sources, options), seed),
  };
}

function readingInDisorder(inner: GitHost, seed: number): GitHost {
  return { ...inner, read: (revision, entries, options) => disordered(inner.read(revision, entries, options), seed) };
}

function givingInDisorder(inner: FactStore, seed: number): FactStore {
  return {
    ...inner,
    async *get(keys, options) {
      for await (const entries of inner.get(keys, options)) for await (const entry of disordered((async function* () { yield* entries; })(), seed)) yield [entry];
    },
  };
}
