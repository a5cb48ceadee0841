import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNeo4jGraphStore } from '../../../src/neo4j.js';
import { definition, edge, external, graphOf, inBatches, partition } from '../../../src/testing/contracts/sample-graph.js';
import { clear, freshSpace, openConsole, url } from './server.js';

const document = readFileSync(new URL('../../../docs/neo4j-schema.md', import.meta.url), 'utf8');
const queries = [...document.matchAll(/^```cypher\n([^]*?)^```/gm)].map(([, text = '']) => text);

// Two versions of a shop, so that a query which forgets the partitions shows what has gone.
const cart = definition({ path: 'src/cart.ts', name: 'Cart', kind: 'class', line: 2 });
const total = definition({ path: 'src/cart.ts', name: 'total', kind: 'method', parents: ['Cart'], line: 4 });
const round = definition({ path: 'src/money.ts', name: 'round', line: 1 });
const main = definition({ path: 'src/app.ts', name: 'main', line: 3 });
const basket = definition({ path: 'src/app.ts', name: 'Basket', kind: 'class', line: 9 });
const old = definition({ path: 'src/old.ts', name: 'old' });
const now = [
  partition('src/app.ts', {
    nodes: [main, basket, external('react', 'useState')],
    edges: [edge('src/app.ts', 'src/cart.ts', { kind: 'IMPORTS' }), edge(main, total, { line: 5 }), edge(basket, cart, { kind: 'EXTENDS' })],
    unresolved: [{ from: main.id, name: 'render', reason: 'dynamic-receiver', line: 6, column: 1 }, { from: main.id, name: 'render', reason: 'dynamic-receiver', line: 7, column: 1 }],
  }),
  partition('src/cart.ts', { nodes: [cart, total], edges: [edge('src/cart.ts', 'src/app.ts', { kind: 'IMPORTS' }), edge(total, round)] }),
  partition('src/money.ts', { nodes: [round] }),
];
const before = [...now.slice(1), partition('src/app.ts', { nodes: [main] }), partition('src/old.ts', { nodes: [old, external('lodash')], edges: [edge(old, total), edge(old, round), edge('src/old.ts', 'src/cart.ts', { kind: 'IMPORTS' })] })];

const ANSWERS: readonly (readonly Readonly<Record<string, unknown>>[])[] = [
  [{ 'caller.qualifiedName': 'main', 'caller.path': 'src/app.ts', 'call.certainty': 'certain', 'call.sites': '5:5' }],
  [{ 'callee.qualifiedName': 'round', 'callee.path': 'src/money.ts', callers: 1 }],
  [{ 'f.qualifiedName': 'main', 'p.path': 'src/app.ts', 'declared.line': 3 }],
  [{ 'affected.qualifiedName': 'main', 'affected.path': 'src/app.ts' }],
  [{ chain: ['main', 'Cart.total', 'round'] }],
  [{ 'below.qualifiedName': 'Basket', 'below.path': 'src/app.ts' }],
  [
    { 'symbol.kind': 'file', 'symbol.qualifiedName': 'src/cart.ts', 'declared.line': 1, 'declared.signature': null, 'declared.doc': null },
    { 'symbol.kind': 'class', 'symbol.qualifiedName': 'Cart', 'declared.line': 2, 'declared.signature': cart.signature, 'declared.doc': 'Does Cart.' },
    { 'symbol.kind': 'method', 'symbol.qualifiedName': 'Cart.total', 'declared.line': 4, 'declared.signature': total.signature, 'declared.doc': 'Does total.' },
  ],
  [{ 'a.path': 'src/app.ts', 'b.path': 'src/cart.ts' }],
  [{ 'used.package': 'react', files: 1 }],
  [{ 'name.name': 'render', calls: 2 }],
  [{ 'p.path': 'src/app.ts' }, { 'p.path': 'src/old.ts' }],
];

describe('the queries of docs/neo4j-schema.md', () => {
  const space = freshSpace();
  const console = openConsole();
  beforeAll(async () => {
    const store = await createNeo4jGraphStore({ url, space });
    for (const [index, partitions] of [before, now].entries()) {
      const graph = graphOf(partitions, { createdAt: `2025-03-0${index + 1}T00:00:00.000Z` });
      await store.publish({ ...graph, partitions: inBatches(graph.entries) });
    }
    const other = graphOf([...now, partition('src/x.ts', { nodes: [old], edges: [edge(old, total)] })], { repository: 'github.com/acme/other' });
    await store.publish({ ...other, partitions: inBatches(other.entries) });
    await store.close();
  });
  afterAll(async () => {
    await console.close();
    await clear(space);
  });

  it('are eleven, each with the answer that it should have', () => {
    expect(queries).toHaveLength(ANSWERS.length);
    expect(queries.length).toBeGreaterThan(10);
  });

  it.each(queries.map((query, index) => [(/^\/\/ (.*)/.exec(query)?.[1] ?? 'Who calls it'), query, ANSWERS[index] ?? []] as const))('%s', async (_, query, answer) => {
    const rows = await console.ask(query.replaceAll("'default'", '$space'), { space });
    expect([...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))).toEqual([...answer].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)));
  });

  it('find a head, a symbol and a name by an index', async () => {
    const operators = async (query: string): Promise<string> => {
      const session = console.driver.session();
      try {
        return JSON.stringify((await session.run(`EXPLAIN ${query}`, { space, names: ['a'] })).summary.plan);
      } finally {
        await session.close();
      }
    };
    expect(await operators("MATCH (n:Symbol {space: $space, qualifiedName: 'Cart.total'}) RETURN n")).toContain('NodeIndexSeek');
    expect(await operators("MATCH (n:Head {space: $space, repository: 'r', branch: 'b'}) RETURN n")).toContain('NodeUniqueIndexSeek');
  });
});
