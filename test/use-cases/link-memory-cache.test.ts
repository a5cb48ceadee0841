import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { createMemoryClock } from '../../src/adapters/memory/clock.js';
import { createMemoryFactStore } from '../../src/adapters/memory/fact-store.js';
import { createMemoryGitHost, type MemoryTree } from '../../src/adapters/memory/git-host.js';
import { createMemoryGraphStore } from '../../src/adapters/memory/graph-store.js';
import { createMemoryMetadataStore } from '../../src/adapters/memory/metadata-store.js';
import { createTreeSitterParser } from '../../src/adapters/tree-sitter/parser.js';
import { linkIncrementally } from '../../src/domain/linking/incremental.js';
import { isConfiguration } from '../../src/domain/linking/languages/index.js';
import type { LinkRequest } from '../../src/domain/linking/linker.js';
import type { FactKey } from '../../src/domain/ports/fact-store.js';
import { createLinkMemoryCache, type LinkMemoryCache } from '../../src/use-cases/link-memory-cache.js';
import { memoryKeys } from '../../src/use-cases/link-memory.js';
import { verifySnapshot } from '../../src/use-cases/queries/verify-snapshot.js';
import { runIndex } from '../../src/use-cases/run-index.js';

const VERSION = 'test-1';
const parser = createTreeSitterParser({ workers: 0 });
afterAll(() => parser.close());

/** More files than three chunks of what is remembered hold; each calls the next, and the first the last, too. */
function program(changes: MemoryTree = {}): MemoryTree {
  const files = Array.from({ length: 400 }, (_, index): [string, string] => [
    `src/f${String(index).padStart(3, '0')}.ts`, `import { f${index + 1} } from './f${String(index + 1).padStart(3, '0')}.js';\nexport function f${index}() { return f${index + 1}(); }\n`,
  ]);
  return { ...Object.fromEntries(files), 'src/f000.ts': `${files[0]?.[1] ?? ''}import { f399 } from './f399.js';\nf399();\n`, ...changes };
}

/** The pipeline with the real linker, all in memory; it counts what is read of linking's memory, and notes what linking was asked. */
function bench(linkMemories: LinkMemoryCache | undefined, tree: MemoryTree = program()) {
  const clock = createMemoryClock();
  const git = createMemoryGitHost({ repositories: [{ location: 'shop', branches: { main: [tree] } }] });
  const facts = createMemoryFactStore({ now: () => clock.now() });
  const read: FactKey[] = [];
  const requests: LinkRequest[] = [];
  const ports = {
    gitHost: git, parser, clock, graphStore: createMemoryGraphStore(), metadataStore: createMemoryMetadataStore(), sha256: (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex'),
    factStore: { ...facts, get: (...[keys, options]: Parameters<typeof facts.get>) => (read.push(...keys.filter((key) => key.startsWith('linkage/'))), facts.get(keys, options)) },
    link: (request: LinkRequest, options: Parameters<typeof linkIncrementally>[1]) => (requests.push(request), linkIncrementally(request, options)),
    isConfiguration, linkMemories,
  };
  return {
    ports, git, read, requests,
    index: () => runIndex(ports, { location: 'shop' }, { indexerVersion: VERSION }),
    async remembered() {
      const [head] = await ports.graphStore.heads();
      return head === undefined ? [] : memoryKeys(facts, { repository: head.repository, snapshot: head.id });
    },
  };
}

const CHANGES: readonly [what: string, tree: MemoryTree][] = [
  ['one file', program({ 'src/f200.ts': 'export function f200() { return 1; }\n' })],
  ['a file more, which all places behind it are counted from', program({ 'src/f200.ts': 'export function f200() { return 1; }\n', 'src/f200a.ts': 'export const a = 1;\n' })],
  ['files in two chunks', program({ 'src/f001.ts': 'export function f1() {}\n', 'src/f399.ts': 'export function f399() {}\nf399();\n', 'src/f200a.ts': 'export const a = 1;\n' })],
];

describe('what linking remembers, in a process that stays', () => {
  it('is what is written and read without it, and what a link from nothing writes', async () => {
    const [staying, leaving] = [bench(createLinkMemoryCache()), bench(undefined)];
    await Promise.all([staying.index(), leaving.index()]);
    for (const [what, tree] of CHANGES) {
      for (const each of [staying, leaving]) each.git.commit('shop', tree);
      const [a, b] = [await staying.index(), await leaving.index()];
      expect(a.snapshot.digest, what).toBe(b.snapshot.digest);
      expect(a.counts, what).toEqual(b.counts);
      expect(await staying.remembered(), what).toEqual(await leaving.remembered());
      const clean = bench(undefined, tree);
      await clean.index();
      expect((await staying.remembered()).slice(1), what).toEqual((await clean.remembered()).slice(1));
    }
  });

  it('is not read from the store again', async () => {
    const staying = bench(createLinkMemoryCache());
    await staying.index();
    staying.git.commit('shop', program({ 'src/f200.ts': 'export function f200() {}\n' }));
    const chunks = new Set((await staying.remembered()).slice(1));
    staying.read.length = 0;
    await staying.index();
    expect(staying.requests.at(-1)?.previous?.files).toHaveLength(400);
    // Retiring looks at what is to be kept: at the list of its chunks.
    expect(staying.read.filter((key) => chunks.has(key))).toEqual([]);
  });

  it('is not held when there is too much of it', async () => {
    const staying = bench(createLinkMemoryCache({ maxFiles: 399 }));
    await staying.index();
    const chunks = new Set((await staying.remembered()).slice(1));
    staying.git.commit('shop', program({ 'src/f200.ts': 'export function f200() {}\n' }));
    await staying.index();
    expect(staying.read.filter((key) => chunks.has(key)).length).toBe(chunks.size);
  });

  it('is written anew where the store has lost it', async () => {
    const staying = bench(createLinkMemoryCache());
    await staying.index();
    await staying.ports.factStore.prune({ prefixes: ['linkage/'], keep: new Set(), olderThan: new Date(8.64e15) });
    staying.git.commit('shop', program({ 'src/f200.ts': 'export function f200() {}\n' }));
    await staying.index();
    const keys = await staying.remembered();
    expect(keys.length).toBeGreaterThan(3);
    expect((await staying.ports.factStore.has(keys)).size).toBe(keys.length);
  });

  it('is not what verify builds on', async () => {
    const staying = bench(createLinkMemoryCache());
    await staying.index();
    const answer = await verifySnapshot({ ...staying.ports, indexerVersion: VERSION, scratch: createMemoryFactStore }, {});
    expect(answer.ok).toBe(true);
    expect(staying.requests.at(-1)).toMatchObject({ previous: undefined });
    expect(staying.requests).toHaveLength(2);
  });
});
