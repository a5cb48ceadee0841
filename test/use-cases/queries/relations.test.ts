import { describe, expect, it } from 'vitest';
import { createMemoryGraphStore } from '../../../src/adapters/memory/graph-store.js';
import { createMemoryMetadataStore } from '../../../src/adapters/memory/metadata-store.js';
import { callees } from '../../../src/use-cases/queries/callees.js';
import { callers } from '../../../src/use-cases/queries/callers.js';
import { findPath } from '../../../src/use-cases/queries/find-path.js';
import { findSymbols } from '../../../src/use-cases/queries/find-symbols.js';
import { impact } from '../../../src/use-cases/queries/impact.js';
import { implementations } from '../../../src/use-cases/queries/implementations.js';
import { references } from '../../../src/use-cases/queries/references.js';
import { showSymbol } from '../../../src/use-cases/queries/show-symbol.js';
import { definition, edge, external, graphOf, inBatches, partition } from '../../../src/testing/contracts/sample-graph.js';
import { contains, member, storesOf } from '../../domain/querying/sample-reader.js';

const Store = definition({ path: 'store.ts', name: 'Store', kind: 'interface', line: 1 });
const get = member(Store, 'get', 'method', 2);
const Memory = definition({ path: 'memory.ts', name: 'Memory', kind: 'class', line: 1 });
const init = member(Memory, 'constructor', 'constructor', 2);
const memoryGet = member(Memory, 'get', 'method', 5);
const Cached = definition({ path: 'memory.ts', name: 'Cached', kind: 'class', line: 20 });
const cachedGet = member(Cached, 'get', 'method', 21);
const main = definition({ path: 'main.ts', name: 'main', line: 1 });
const helper = definition({ path: 'main.ts', name: 'helper', line: 10 });

/** `main` makes a Memory and calls `get` of the Store; Memory implements it, Cached extends Memory. */
const GRAPH = [
  partition('store.ts', { nodes: [Store, get], edges: contains(Store, get) }),
  partition('memory.ts', {
    nodes: [Memory, init, memoryGet, Cached, cachedGet],
    edges: [
      ...contains('memory.ts', Memory, Cached), ...contains(Memory, init, memoryGet), ...contains(Cached, cachedGet),
      edge(Memory, Store, { kind: 'IMPLEMENTS', line: 1 }), edge(Cached, Memory, { kind: 'EXTENDS', line: 20 }),
      edge(memoryGet, get, { kind: 'OVERRIDES', line: 5 }), edge(cachedGet, memoryGet, { kind: 'OVERRIDES', line: 21 }),
      edge(init, helper, { line: 3 }), edge('memory.ts', 'store.ts', { kind: 'IMPORTS', line: 1 }),
    ],
  }),
  partition('main.ts', {
    nodes: [main, helper, external('fs', 'read')],
    edges: [
      edge(main, Memory, { sites: [{ line: 2, column: 3, via: 'new' }] }), edge(main, get, { sites: [{ line: 3, column: 9 }, { line: 4, column: 9 }] }),
      edge(main, memoryGet, { certainty: 'candidate', line: 3 }), edge(main, 'external:fs#read', { line: 5 }), edge(helper, helper, { line: 11 }),
      edge('main.ts', 'memory.ts', { kind: 'IMPORTS', line: 1 }),
    ],
    unresolved: [{ from: helper.id, name: 'flush', reason: 'untyped-parameter', line: 12, column: 4 }],
  }),
];

const short = (answer: { results: readonly { id: string; certainty: string }[] }): string[] => answer.results.map(({ id, certainty }) => (certainty === 'candidate' ? `${id}?` : id));

describe('callers', () => {
  it('are those who call, with the places in their own file', async () => {
    const answer = await callers(await storesOf(GRAPH), { symbol: 'Store.get' });
    expect(answer).toMatchObject({
      query: 'callers', symbol: { id: get.id, qualifiedName: 'Store.get', path: 'store.ts', line: 2 }, completeness: 'exact', gaps: [],
      snapshot: { repository: 'github.com/acme/shop', branch: 'main', dirty: false },
      results: [{ id: main.id, kind: 'function', name: 'main', path: 'main.ts', line: 1, certainty: 'certain', sites: [{ path: 'main.ts', line: 3, column: 9 }, { path: 'main.ts', line: 4, column: 9 }], relations: ['CALLS'] }],
    });
  });

  it('of a class are those who make its objects, and so of its constructor', async () => {
    const stores = await storesOf(GRAPH);
    expect(short(await callers(stores, { symbol: 'Memory' }))).toEqual([main.id]);
    expect(short(await callers(stores, { symbol: 'Memory.constructor' }))).toEqual([main.id]);
  });

  it('that are candidates make the answer a lower bound', async () => {
    const answer = await callers(await storesOf(GRAPH), { symbol: 'Memory.get' });
    expect(short(answer)).toEqual([`${main.id}?`]);
    expect(answer).toMatchObject({ completeness: 'lower-bound', gaps: [{ reason: 'candidates', count: 1, sites: [{ path: 'main.ts', line: 3 }] }] });
  });

  it('are a lower bound while a call written with the name is unresolved', async () => {
    const flush = definition({ path: 'z.ts', name: 'flush' });
    const answer = await callers(await storesOf([...GRAPH, partition('z.ts', { nodes: [flush] })]), { symbol: 'flush' });
    expect(answer).toMatchObject({ completeness: 'lower-bound', gaps: [{ reason: 'unresolved-sites', count: 1, sites: [{ path: 'main.ts', line: 12, column: 4 }] }], nothing: { reason: 'no-relation' } });
  });

  it('of a constructor are a lower bound while a call written with its class\'s name is unresolved', async () => {
    const unresolved = partition('z.ts', { unresolved: [{ from: 'z.ts', name: 'Memory', reason: 'missing-import', line: 7, column: 1 }] });
    for (const symbol of ['Memory', 'Memory.constructor']) expect(await callers(await storesOf([...GRAPH, unresolved]), { symbol })).toMatchObject({ completeness: 'lower-bound', gaps: [{ sites: [{ path: 'z.ts', line: 7 }] }] });
  });

  it('are a lower bound while source could not be read, or only in part', async () => {
    const [first] = GRAPH;
    if (first === undefined) throw new Error('the sample is empty');
    const { stats } = graphOf(GRAPH).snapshot;
    const skipped = await storesOf(GRAPH, { stats: { ...stats, skipped: { 'too-large': 2, language: 40, excluded: 3 } } });
    expect(await callers(skipped, { symbol: 'main' })).toMatchObject({ completeness: 'lower-bound', gaps: [{ reason: 'skipped-files', count: 2 }] });
    const broken = await storesOf([...GRAPH, partition('z.ts', { diagnostics: ['expected ;'] })], { stats: { ...stats, diagnostics: 1 } });
    expect(await callers(broken, { symbol: 'main' })).toMatchObject({ completeness: 'lower-bound', gaps: [{ reason: 'skipped-files', count: 1, sites: [{ path: 'z.ts', line: 7 }] }] });
  });

  it('include the symbol itself when it calls itself', async () => {
    expect(short(await callers(await storesOf(GRAPH), { symbol: 'helper' }))).toEqual([helper.id, init.id]);
  });

  it('come in pages', async () => {
    const stores = await storesOf(GRAPH);
    const first = await callers(stores, { symbol: 'helper', limit: 1 });
    expect(short(first)).toEqual([helper.id]);
    const second = await callers(stores, { symbol: 'helper', limit: 1, cursor: first.cursor });
    expect(short(second)).toEqual([init.id]);
    expect(second.cursor).toBeUndefined();
    await expect(callers(stores, { symbol: 'main', cursor: first.cursor })).rejects.toMatchObject({ code: 'invalid-cursor' });
    await expect(callees(stores, { symbol: 'helper', cursor: first.cursor })).rejects.toMatchObject({ code: 'invalid-cursor' });
  });
});

describe('callees', () => {
  it('are what the symbol\'s own code calls, externals included', async () => {
    const answer = await callees(await storesOf(GRAPH), { symbol: 'main' });
    expect(short(answer)).toEqual(['external:fs#read', Memory.id, get.id, `${memoryGet.id}?`]);
    expect(answer.results.map((result) => result.sites[0]?.path)).toEqual(['main.ts', 'main.ts', 'main.ts', 'main.ts']);
  });

  it('are a lower bound when a call in it is unresolved', async () => {
    const stores = await storesOf(GRAPH);
    expect(await callees(stores, { symbol: 'helper' })).toMatchObject({ completeness: 'lower-bound', gaps: [{ reason: 'unresolved-sites', count: 1, sites: [{ path: 'main.ts', line: 12, column: 4 }] }] });
    expect(await callees(stores, { symbol: 'Store.get' })).toMatchObject({ completeness: 'exact', nothing: { reason: 'no-relation' } });
  });

  it('of a class are what its constructor and initialisers call', async () => {
    expect(short(await callees(await storesOf(GRAPH), { symbol: 'Memory' }))).toEqual([helper.id]);
  });
});

describe('references', () => {
  it('are all uses, each with the ways it uses', async () => {
    const answer = await references(await storesOf(GRAPH), { symbol: 'Memory' });
    expect(answer.results.map(({ id, relations }) => [id, relations])).toEqual([[main.id, ['CALLS']], [Cached.id, ['EXTENDS']]]);
  });

  it('of a file are its importers', async () => {
    expect(short(await references(await storesOf(GRAPH), { symbol: 'store.ts' }))).toEqual(['memory.ts']);
  });
});

describe('implementations', () => {
  it('are direct ones, then those of these', async () => {
    const stores = await storesOf(GRAPH);
    expect((await implementations(stores, { symbol: 'Store' })).results.map(({ id, depth, through }) => [id, depth, through])).toEqual([[Memory.id, 1, Store.id], [Cached.id, 2, Memory.id]]);
    expect(short(await implementations(stores, { symbol: 'Store.get' }))).toEqual([memoryGet.id, cachedGet.id]);
    expect(await implementations(stores, { symbol: 'Cached' })).toMatchObject({ completeness: 'exact', nothing: { reason: 'no-relation', message: 'Nothing extends, implements or overrides Cached.' } });
  });
});

describe('impact', () => {
  it('follows callers, heritage and overrides, nearest first, with the way', async () => {
    const answer = await impact(await storesOf(GRAPH), { symbol: 'helper' });
    expect(answer.results.map(({ id, depth, through, relations }) => [id, depth, through, relations])).toEqual([
      [Memory.id, 1, init.id, []], [init.id, 1, helper.id, ['CALLS']],
      [main.id, 2, Memory.id, ['CALLS']], [Cached.id, 2, Memory.id, ['EXTENDS']],
    ]);
  });

  it('of a class is that of all it contains', async () => {
    expect(short(await impact(await storesOf(GRAPH), { symbol: 'Store' }))).toEqual([main.id, Memory.id, memoryGet.id, cachedGet.id, Cached.id].sort((a, b) => order(a) - order(b)));
    function order(id: string): number {
      return [main.id, Memory.id, memoryGet.id, Cached.id, cachedGet.id].indexOf(id);
    }
  });

  it('of a file has those who import it', async () => {
    expect(short(await impact(await storesOf(GRAPH), { symbol: 'store.ts' }))).toContain('memory.ts');
  });

  it('stops at its depth and says so', async () => {
    const answer = await impact(await storesOf(GRAPH), { symbol: 'helper', depth: 1 });
    expect(short(answer)).toEqual([Memory.id, init.id]);
    expect(answer).toMatchObject({ completeness: 'lower-bound', gaps: [{ reason: 'depth-limit', count: 2 }] });
    await expect(impact(await storesOf(GRAPH), { symbol: 'helper', depth: 0 })).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('is a lower bound when a call that could mean anything on the way is unresolved', async () => {
    const unresolved = partition('z.ts', { unresolved: [{ from: 'z.ts', name: 'main', reason: 'unknown-name', line: 7, column: 1 }] });
    expect(await impact(await storesOf([...GRAPH, unresolved]), { symbol: 'helper' })).toMatchObject({ completeness: 'lower-bound', gaps: [{ reason: 'unresolved-sites', count: 1 }] });
  });
});

describe('path', () => {
  it('gives the steps from one symbol to another, with the places', async () => {
    const answer = await findPath(await storesOf(GRAPH), { from: 'main', to: 'helper' });
    expect(answer).toMatchObject({ symbol: { id: main.id }, to: { id: helper.id }, completeness: 'exact' });
    expect(answer.results.map(({ id, step, relations, sites }) => [id, step, relations, sites[0]?.line])).toEqual([
      [main.id, 0, [], undefined], [Memory.id, 1, ['CALLS'], 2], [init.id, 2, ['CONTAINS'], undefined], [helper.id, 3, ['CALLS'], 3],
    ]);
  });

  it('between files follows imports', async () => {
    expect(short(await findPath(await storesOf(GRAPH), { from: 'main.ts', to: 'store.ts' }))).toEqual(['main.ts', 'memory.ts', 'store.ts']);
  });

  it('says when there is none', async () => {
    expect(await findPath(await storesOf(GRAPH), { from: 'Store.get', to: 'main' })).toMatchObject({ results: [], completeness: 'exact', nothing: { reason: 'no-path' } });
    expect(await findPath(await storesOf(GRAPH), { from: 'main', to: 'nobody' })).toMatchObject({ results: [], nothing: { reason: 'no-such-symbol' } });
  });
});

describe('symbols', () => {
  it('finds by a part of the name, best first, in pages', async () => {
    const stores = await storesOf(GRAPH);
    const all = await findSymbols(stores, { text: 'get' });
    expect(all.results.map((result) => result.name)).toEqual(['Cached.get', 'Memory.get', 'Store.get']);
    expect(all.results[0]?.signature).toBe('async function get(): Promise<void>');
    const first = await findSymbols(stores, { text: 'get', limit: 2 });
    const second = await findSymbols(stores, { text: 'get', limit: 2, cursor: first.cursor });
    expect([...first.results, ...second.results]).toEqual(all.results);
    expect(second.cursor).toBeUndefined();
  });

  it('finds only the kinds asked for, and says when there is nothing', async () => {
    const stores = await storesOf(GRAPH);
    expect(short(await findSymbols(stores, { text: 'memory', kinds: ['class'] }))).toEqual([Memory.id]);
    expect(await findSymbols(stores, { text: 'memoryy' })).toMatchObject({ results: [], nothing: { reason: 'no-such-symbol', suggestions: ['Memory', 'Memory.constructor', 'Memory.get'] } });
    await expect(findSymbols(stores, { text: '' })).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

describe('show', () => {
  it('gives what is known of a symbol, and its direct relations both ways', async () => {
    const answer = await showSymbol(await storesOf(GRAPH), { symbol: 'Memory' });
    expect(answer).toMatchObject({
      symbol: { id: Memory.id },
      details: { language: 'typescript', exported: true, signature: 'async function Memory(): Promise<void>', doc: 'Does Memory.', parent: { id: 'memory.ts' }, counts: { out: { CONTAINS: 2, IMPLEMENTS: 1 }, in: { CALLS: 1, CONTAINS: 1, EXTENDS: 1 } } },
    });
    expect(answer.results.map(({ id, direction, relations }) => [direction, relations[0], id])).toEqual([
      ['out', 'CONTAINS', init.id], ['out', 'CONTAINS', memoryGet.id], ['out', 'IMPLEMENTS', Store.id],
      ['in', 'CALLS', main.id], ['in', 'CONTAINS', 'memory.ts'], ['in', 'EXTENDS', Cached.id],
    ]);
  });
});

describe('a question about a name', () => {
  it('that several symbols have fails with the candidates', async () => {
    await expect(callers(await storesOf(GRAPH), { symbol: 'get' })).rejects.toMatchObject({
      code: 'ambiguous-symbol', details: { candidates: [{ id: memoryGet.id, qualifiedName: 'Memory.get' }, { id: cachedGet.id }, { id: get.id, path: 'store.ts', line: 2 }] },
    });
  });

  it('that nothing has gives suggestions', async () => {
    expect(await callers(await storesOf(GRAPH), { symbol: 'Stor' })).toMatchObject({ results: [], completeness: 'exact', nothing: { reason: 'no-such-symbol', suggestions: ['Store', 'Store.get'] } });
  });

  it('that is empty is refused', async () => {
    await expect(callers(await storesOf(GRAPH), { symbol: ' ' })).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('in a file that was not indexed says why', async () => {
    const stores = await storesOf(GRAPH);
    const skipped = (path: string, reason: string) => ({ path, blob: '0', size: 1, language: '', status: 'skipped' as const, reason, symbols: 0 });
    await stores.metadataStore.saveSnapshot({ snapshot: stores.snapshot, files: inBatches([skipped('big.ts', 'too-large'), skipped('x.cob', 'language')]) });
    expect(await callers(stores, { symbol: 'big.ts#load' })).toMatchObject({ nothing: { reason: 'not-indexed', message: 'big.ts was listed and not indexed (too-large).' } });
    expect(await callers(stores, { symbol: 'x.cob:12' })).toMatchObject({ nothing: { reason: 'language-not-supported' } });
  });

  it('stops when its signal has fired', async () => {
    await expect(callers(await storesOf(GRAPH), { symbol: 'main' }, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('which snapshot is asked', () => {
  async function stores() {
    const graphStore = createMemoryGraphStore();
    const metadataStore = createMemoryMetadataStore();
    const snapshots = [];
    for (const [branch, name, createdAt, dirty] of [['main', 'one', '2025-03-01', false], ['main', 'two', '2025-03-02', false], ['next', 'three', '2025-03-03', true]] as const) {
      const { snapshot, manifest, entries } = graphOf([partition('a.ts', { nodes: [definition({ path: 'a.ts', name })] })], { branch, dirty, id: `s-${name}`, commit: `${name}ab12`.replace(/[^0-9a-f]/g, 'c'), createdAt: `${createdAt}T00:00:00.000Z` });
      await graphStore.publish({ snapshot, manifest, partitions: inBatches(entries) });
      snapshots.push(snapshot);
    }
    await metadataStore.saveRepository({ id: 'github.com/acme/shop', name: 'acme/shop', location: 'https://github.com/acme/shop', kind: 'remote', defaultBranch: 'main' });
    return { graphStore, metadataStore, snapshots };
  }
  const asked = async (target: object): Promise<string> => (await findSymbols(await stores(), { text: 'a', ...target })).snapshot.id;

  it('is the default branch\'s head, a named branch\'s, or a snapshot by id, its beginning or its commit', async () => {
    expect(await asked({})).toBe('s-two');
    expect(await asked({ branch: 'next' })).toBe('s-three');
    expect(await asked({ snapshot: 's-one' })).toBe('s-one');
    expect(await asked({ snapshot: 's-o' })).toBe('s-one');
    const commit = (await stores()).snapshots[0]?.commit ?? '';
    expect(await asked({ snapshot: commit.slice(0, 6) })).toBe('s-one');
  });

  it('fails clearly when there is none', async () => {
    await expect(asked({ snapshot: 's-' })).rejects.toMatchObject({ code: 'unknown-snapshot' });
    await expect(asked({ snapshot: 'nope' })).rejects.toMatchObject({ code: 'unknown-snapshot' });
    await expect(asked({ branch: 'nope' })).rejects.toMatchObject({ code: 'not-indexed', details: { branches: ['main', 'next'] } });
    await expect(asked({ repository: 'nope' })).rejects.toMatchObject({ code: 'not-indexed' });
    await expect(findSymbols({ graphStore: createMemoryGraphStore(), metadataStore: createMemoryMetadataStore() }, { text: 'a' })).rejects.toMatchObject({ code: 'not-indexed' });
  });
});
