import { describe, expect, it } from 'vitest';
import { EDGE_KINDS, type EdgeKind, type GraphNode } from '../../../domain/graph-node.js';
import type { Partition } from '../../../domain/partition.js';
import type { GraphReader } from '../../../domain/ports/graph-store.js';
import { walk, type WalkRequest } from '../../../domain/querying/traversal.js';
import { definition, edge, external, graphOf, partition } from '../sample-graph.js';
import { type GraphStoreSubject } from './subject.js';

/** Surroundings, where the store has them: what they say, and that a walk with them is the walk without. */
export function traversalContract(subject: GraphStoreSubject): void {
  const { publish, read, readerOf } = subject;

  describe('surroundings', () => {
    it('are there where the capabilities say so', async () => {
      const reader = await readerOf([]);
      expect(reader.surroundings !== undefined).toBe(subject.store.capabilities.traversal === true);
    });

    it('are what neighbours and nodes give', async ({ skip }) => {
      if (subject.store.capabilities.traversal !== true) return skip('the store has none');
      const random = randomNumbers(7);
      const before = graphOf(randomGraph(random));
      const graph = graphOf(randomGraph(random));
      await publish(before);
      await publish(graph);
      const reader = await read(graph.snapshot);
      for (const direction of ['in', 'out'] as const) {
        for (const [ids, depth] of [[[name(0)], 1], [[name(1), name(2), 'nowhere', 'external:lodash#sum'], 3], [[], 2]] as const) {
          const kinds = ['EXTENDS', 'CALLS'] as const;
          const around = await reader.surroundings?.({ ids, direction, kinds, depth });
          const expanded = [...around?.expanded ?? []];
          expect(expanded).toEqual(expect.arrayContaining([...ids]));
          const edges = await reader.neighbours({ ids: expanded, direction, kinds });
          const end = direction === 'in' ? 'to' as const : 'from' as const;
          for (const id of expanded) expect(around?.edges.filter((each) => each[end] === id)).toEqual(edges.filter((each) => each[end] === id));
          expect(around?.edges).toHaveLength(edges.length);
          const ends = edges.map(({ from, to }) => (direction === 'in' ? from : to));
          expect(new Map([...around?.nodes ?? []].sort(byId))).toEqual(new Map([...await reader.nodes(ends)].sort(byId)));
          if (depth === 1) expect(expanded).toEqual(ids);
        }
        expect(await reader.surroundings?.({ ids: [name(0)], direction, kinds: [], depth: 4 })).toMatchObject({ edges: [] });
      }
    });

    it('lead a walk to where it comes to without them, on random graphs', async ({ skip }) => {
      if (subject.store.capabilities.traversal !== true) return skip('the store has none');
      const random = randomNumbers(42);
      for (let round = 0; round < 4; round++) {
        const graph = graphOf(randomGraph(random), { branch: `b${round}` });
        await publish(graph);
        const reader = await read(graph.snapshot);
        const known = new Map(graph.entries.flatMap((entry) => entry.partition.nodes.map((node) => [node.id, node] as const)));
        for (let question = 0; question < 6; question++) {
          const starts = [random(NAMES), random(NAMES)].flatMap((place): readonly GraphNode[] => {
            const node = known.get(name(place));
            return node === undefined ? [] : [node];
          });
          const kinds: readonly EdgeKind[] = question % 2 === 0 ? EDGE_KINDS : ['CALLS', 'OVERRIDES'];
          const request: WalkRequest = { starts, direction: question % 3 === 0 ? 'out' : 'in', kinds, maxDepth: 1 + random(5), maxNodes: question === 5 ? 3 : 1000 };
          expect(await walk(reader, request)).toEqual(await walk(without(reader), request));
        }
      }
    });

    it('of a hub are whole', async ({ skip }) => {
      if (subject.store.capabilities.traversal !== true) return skip('the store has none');
      const hub = definition({ path: 'hub.ts', name: 'hub' });
      const callers = Array.from({ length: 6000 }, (_, index) => definition({ path: `c${index % 4}.ts`, name: `c${index}` }));
      const reader = await readerOf([partition('hub.ts', { nodes: [hub] }), ...[0, 1, 2, 3].map((file) => {
        const own = callers.filter(({ path }) => path === `c${file}.ts`);
        return partition(`c${file}.ts`, { nodes: own, edges: own.flatMap((caller, index) => [edge(caller, hub), ...(index === 0 ? [] : [edge(caller, own[index - 1] ?? hub)])]) });
      })]);
      const request: WalkRequest = { starts: [hub], direction: 'in', kinds: ['CALLS'], maxDepth: 2, maxNodes: 10_000 };
      const { visits, gaps } = await walk(reader, request);
      expect({ reached: visits.length, gaps }).toEqual({ reached: 6000, gaps: [] });
    });
  });
}

const NAMES = 40;
const FILES = 6;

/** The id of the n-th symbol. */
function name(place: number): string {
  return symbol(place).id;
}

function symbol(place: number): GraphNode {
  const path = `f${place % FILES}.ts`;
  // Classes with constructors, which a walk goes through at no cost.
  if (place % 10 === 3) return { ...definition({ path, name: 'constructor', kind: 'constructor', parents: [`n${place - FILES}`] }), parent: definition({ path, name: `n${place - FILES}`, kind: 'class' }).id };
  return definition({ path, name: `n${place}`, kind: (place + FILES) % 10 === 3 ? 'class' : 'function' });
}

/** Files with edges at random, to symbols that are declared, that are not, and outside. */
function randomGraph(random: (below: number) => number): readonly Partition[] {
  const declared = Array.from({ length: NAMES }, (_, place) => place).filter(() => random(8) > 0);
  return Array.from({ length: FILES }, (_, file) => {
    const own = declared.filter((place) => place % FILES === file).map(symbol);
    const drawn = own.flatMap((from) => Array.from({ length: random(4) }, () =>
      edge(from, random(12) === 0 ? external('lodash', 'sum') : symbol(random(NAMES)), { kind: EDGE_KINDS[random(EDGE_KINDS.length)] ?? 'CALLS', certainty: random(3) === 0 ? 'candidate' : 'certain', line: 1 + random(90) })));
    const edges = [...new Map(drawn.map((each) => [JSON.stringify([each.kind, each.from, each.to, each.certainty]), each])).values()];
    return partition(`f${file}.ts`, { nodes: [...own, ...(edges.some(({ to }) => to.startsWith('external:')) ? [external('lodash', 'sum')] : [])], edges });
  });
}

/** The same numbers in every run: a linear congruential generator, constants of Numerical Recipes. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function without(reader: GraphReader): GraphReader {
  const { surroundings: _, ...plain } = reader;
  return plain;
}

function byId([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
