import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPath } from '../../../src/domain/querying/find-path.js';
import { walk } from '../../../src/domain/querying/traversal.js';
import { definition, edge, partition } from '../../../src/testing/contracts/sample-graph.js';
import { callGraph, contains, member, readerOf } from './sample-reader.js';

const SIZE = 9;
const calls = fc.uniqueArray(fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1), fc.boolean()), { maxLength: 24, selector: ([from, to]) => `${from} ${to}` });

/** Shortest distances by relaxing every edge until nothing changes. */
function distances(edges: readonly (readonly [number, number])[], start: number): Map<number, number> {
  const found = new Map([[start, 0]]);
  for (let round = 0; round < SIZE; round++) {
    for (const [from, to] of edges) {
      const next = (found.get(from) ?? Infinity) + 1;
      if (next < (found.get(to) ?? Infinity)) found.set(to, next);
    }
  }
  return found;
}

describe('walking the graph', () => {
  it('reaches what brute force reaches, at the same depth and with the same certainty', async () => {
    await fc.assert(fc.asyncProperty(calls, fc.nat(SIZE - 1), fc.constantFrom('in' as const, 'out' as const), fc.integer({ min: 1, max: SIZE }), async (edges, start, direction, maxDepth) => {
      const { partition: content, id } = callGraph(SIZE, edges.map(([from, to, candidate]) => (candidate ? [from, to, '?'] : [from, to])));
      const reader = await readerOf([content]);
      const starts = [...(await reader.nodes([id(start)])).values()];
      const { visits, gaps } = await walk(reader, { starts, direction, kinds: ['CALLS'], maxDepth, maxNodes: 100 });

      const directed = edges.map(([from, to, candidate]) => (direction === 'out' ? [from, to, candidate] as const : [to, from, candidate] as const));
      const all = distances(directed.map(([from, to]) => [from, to]), start);
      const certain = distances(directed.filter(([, , candidate]) => !candidate).map(([from, to]) => [from, to]), start);
      const expected = [...all].filter(([node, depth]) => node !== start && depth <= maxDepth)
        .map(([node, depth]) => [id(node), depth, (certain.get(node) ?? Infinity) <= maxDepth ? 'certain' : 'candidate']);
      expect(visits.map(({ node, depth, certainty }) => [node.id, depth, certainty]).sort()).toEqual(expected.sort());
      expect(gaps.some((gap) => gap.reason === 'depth-limit')).toBe([...all.values()].some((depth) => depth > maxDepth));
      // The way back leads through neighbours, one step nearer each time.
      const byId = new Map(visits.map((visit) => [visit.node.id, visit]));
      for (const visit of visits) expect((byId.get(visit.through)?.depth ?? 0) + 1).toBe(visit.depth);
    }), { numRuns: 300, examples: [[[[0, 5, false], [6, 0, false], [0, 1, true], [5, 1, false]], 6, 'out', 2]] });
  });

  it('stops at its count and says so', async () => {
    const { partition: content, id } = callGraph(6, [[1, 0], [2, 0], [3, 0], [4, 0], [5, 0]]);
    const reader = await readerOf([content]);
    const starts = [...(await reader.nodes([id(0)])).values()];
    const { visits, gaps } = await walk(reader, { starts, direction: 'in', kinds: ['CALLS'], maxDepth: 5, maxNodes: 3 });
    expect(visits.map((visit) => visit.node.id)).toEqual([id(1), id(2), id(3)]);
    expect(gaps).toMatchObject([{ reason: 'count-limit', count: 3 }]);
  });

  it('goes on from a constructor to those who make objects of its class', async () => {
    const Shop = definition({ path: 'a.ts', name: 'Shop', kind: 'class', line: 1 });
    const init = member(Shop, 'constructor', 'constructor', 2);
    const helper = definition({ path: 'a.ts', name: 'helper', line: 6 });
    const main = definition({ path: 'b.ts', name: 'main', line: 1 });
    const reader = await readerOf([
      partition('a.ts', { nodes: [Shop, init, helper], edges: [...contains('a.ts', Shop, helper), ...contains(Shop, init), edge(init, helper)] }),
      partition('b.ts', { nodes: [main], edges: [edge(main, Shop)] }),
    ]);
    const { visits } = await walk(reader, { starts: [helper], direction: 'in', kinds: ['CALLS'], maxDepth: 5, maxNodes: 100 });
    expect(visits.map(({ node, depth }) => [node.id, depth])).toEqual([[Shop.id, 1], [init.id, 1], [main.id, 2]]);

    const path = await findPath(reader, { from: main, to: helper, kinds: ['CALLS'], maxDepth: 10, maxNodes: 100 });
    expect(path.results.map(({ id, relations }) => [id, relations])).toEqual([[main.id, []], [Shop.id, ['CALLS']], [init.id, ['CONTAINS']], [helper.id, ['CALLS']]]);
  });
});

/** Calls dense enough that there are several ways and detours. */
const manyCalls = fc.uniqueArray(fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1), fc.boolean()), { minLength: 14, maxLength: 24, selector: ([from, to]) => `${from} ${to}` });

describe('finding a path', () => {
  it('prefers certain edges to fewer steps, and of equal ways the one whose ids come first', async () => {
    const path = async (...edges: Parameters<typeof callGraph>[1]): Promise<string[]> => {
      const { partition: content, id } = callGraph(5, edges);
      const reader = await readerOf([content]);
      const nodes = await reader.nodes([id(0), id(4)]);
      const [from, to] = [nodes.get(id(0)), nodes.get(id(4))];
      if (from === undefined || to === undefined) throw new Error('the sample lacks a node');
      return (await findPath(reader, { from, to, kinds: ['CALLS'], maxDepth: 9, maxNodes: 100 })).results.map(({ name, certainty }) => (certainty === 'candidate' ? `${name}?` : name));
    };
    expect(await path([0, 4, '?'], [0, 1], [1, 4])).toEqual(['f0', 'f1', 'f4']);
    expect(await path([0, 4, '?'], [0, 1], [1, 2])).toEqual(['f0', 'f4?']);
    expect(await path([0, 3], [0, 2], [2, 4], [3, 4])).toEqual(['f0', 'f2', 'f4']);
  });

  it('gives a shortest one, of certain edges where there is any, and the first by ids', async () => {
    await fc.assert(fc.asyncProperty(manyCalls, fc.nat(SIZE - 1), fc.nat(SIZE - 1), async (edges, from, to) => {
      const { partition: content, id } = callGraph(SIZE, edges.map(([a, b, candidate]) => (candidate ? [a, b, '?'] : [a, b])));
      const reader = await readerOf([content]);
      const nodes = await reader.nodes([id(from), id(to)]);
      const [start, goal] = [nodes.get(id(from)), nodes.get(id(to))];
      if (start === undefined || goal === undefined) throw new Error('the sample lacks a node');
      const { results } = await findPath(reader, { from: start, to: goal, kinds: ['CALLS'], maxDepth: SIZE, maxNodes: 100 });

      const certain = edges.filter(([, , candidate]) => !candidate);
      const usable = distances(certain.map(([a, b]) => [a, b]), from).has(to) ? certain : edges;
      const best = shortestPaths(usable.map(([a, b]) => [a, b]), from, to).map((path) => path.map(id)).sort((a, b) => (a.join() < b.join() ? -1 : 1));
      expect(results.map((result) => result.id)).toEqual(best[0] ?? []);
    }), { numRuns: 300 });
  });

  it('says what could hide a path when it finds none', async () => {
    const { partition: content, id } = callGraph(3, [[1, 2]]);
    const reader = await readerOf([{ ...content, unresolved: [{ from: id(0), name: 'f1', reason: 'unknown-member', line: 1, column: 4 }] }]);
    const nodes = await reader.nodes([id(0), id(2)]);
    const [from, to] = [nodes.get(id(0)), nodes.get(id(2))];
    if (from === undefined || to === undefined) throw new Error('the sample lacks a node');
    const { results, gaps } = await findPath(reader, { from, to, kinds: ['CALLS'], maxDepth: 10, maxNodes: 100 });
    expect(results).toEqual([]);
    expect(gaps).toMatchObject([{ reason: 'unresolved-sites', count: 1, sites: [{ path: 'g.ts', line: 1, column: 4 }] }]);
  });

  it('looks for what could hide a path on the side where none goes on', async () => {
    const { partition: content, id } = callGraph(5, [[0, 1], [0, 3], [4, 2]]);
    const sites = [{ from: id(3), name: 'any', line: 4 }, { from: id(1), name: 'f4', line: 2 }].map((site) => ({ ...site, reason: 'unknown-member' as const, column: 2 }));
    const reader = await readerOf([{ ...content, unresolved: sites }]);
    const path = async (from: number, to: number) => {
      const nodes = await reader.nodes([id(from), id(to)]);
      const [start, goal] = [nodes.get(id(from)), nodes.get(id(to))];
      if (start === undefined || goal === undefined) throw new Error('the sample lacks a node');
      return findPath(reader, { from: start, to: goal, kinds: ['CALLS'], maxDepth: 10, maxNodes: 100 });
    };
    // what leads to f2 is f2 and f4: a call of something named f4 could be the missing step
    expect(await path(0, 2)).toMatchObject({ results: [], gaps: [{ reason: 'unresolved-sites', count: 1, sites: [{ line: 2 }] }] });
    // what f3 leads to is f3 alone, whatever its call means
    expect(await path(3, 2)).toMatchObject({ results: [], gaps: [{ reason: 'unresolved-sites', count: 1, sites: [{ line: 4 }] }] });
  });

  it('says when it stopped looking', async () => {
    const { partition: content, id } = callGraph(5, [[0, 1], [1, 2], [2, 3], [3, 4]]);
    const reader = await readerOf([content]);
    const nodes = await reader.nodes([id(0), id(4)]);
    const [from, to] = [nodes.get(id(0)), nodes.get(id(4))];
    if (from === undefined || to === undefined) throw new Error('the sample lacks a node');
    expect((await findPath(reader, { from, to, kinds: ['CALLS'], maxDepth: 4, maxNodes: 100 })).results).toHaveLength(5);
    expect((await findPath(reader, { from, to, kinds: ['CALLS'], maxDepth: 3, maxNodes: 100 })).gaps).toMatchObject([{ reason: 'depth-limit' }]);
    expect((await findPath(reader, { from, to, kinds: ['CALLS'], maxDepth: 9, maxNodes: 2 })).gaps).toMatchObject([{ reason: 'count-limit' }]);
  });
});

function shortestPaths(edges: readonly (readonly [number, number])[], from: number, to: number): number[][] {
  let paths: number[][] = [[from]];
  for (let length = 0; length <= SIZE; length++) {
    const there = paths.filter((path) => path[path.length - 1] === to);
    if (there.length > 0) return there;
    paths = paths.flatMap((path) => edges.filter(([a, b]) => a === path[path.length - 1] && !path.includes(b)).map(([, b]) => [...path, b]));
  }
  return [];
}
