import type { ClassicLevel } from 'classic-level';
import {
  CodeloomError, compareEdges, compareMatches, compareSites, decodePartition, foldCase, matchRank, throwIfAborted,
  type Digest, type FindRequest, type GraphEdge, type GraphNode, type GraphReader, type Partition, type SymbolId,
} from 'codeloom';
import type { Database } from './database.js';
import { batches } from './fact-store.js';
import type { StoredSnapshot } from './graph-store.js';
import { continuing, key, partsOf, startingWith } from './key.js';

/** Decoded partitions kept by one reader. */
const CACHED = 256;

/**
 * Reads one snapshot. `pinned` is LevelDB's view of its data when the reader was opened: what is removed later is still there. An index row leads to a
 * partition; those of the manifest are decoded and looked through.
 */
export function createLevelGraphReader(database: Database, pinned: ReturnType<ClassicLevel['snapshot']>, { snapshot, manifest }: StoredSnapshot): GraphReader {
  const { level } = database;
  const view = { snapshot: pinned };
  const placeOf = new Map(manifest.map(({ digest }, place) => [digest, place]));
  const cache = new Map<Digest, Opened>();
  let closed = false;

  function check(signal: AbortSignal | undefined): void {
    throwIfAborted(signal);
    if (closed) throw new CodeloomError('store-unavailable', 'The reader is closed.', { retryable: false });
  }

  function attempt<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return database.attempt(signal, () => {
      check(signal);
      return work();
    });
  }

  /** Partitions in the order of the manifest, whatever the order of `digests`; those of other snapshots are left out. */
  async function* opened(digests: Iterable<Digest>, signal: AbortSignal | undefined): AsyncGenerator<readonly Opened[]> {
    const own = [...new Set(digests)].filter((digest) => placeOf.has(digest)).sort((a, b) => (placeOf.get(a) ?? 0) - (placeOf.get(b) ?? 0));
    for (const some of batches(own)) {
      check(signal);
      const missing = some.filter((digest) => !cache.has(digest));
      const texts = await level.getMany(missing.map((digest) => key('partition', digest)), view);
      missing.forEach((digest, index) => cache.set(digest, open(texts[index], digest)));
      yield some.flatMap((digest) => cache.get(digest) ?? []);
      for (const digest of cache.keys()) if (cache.size > CACHED) cache.delete(digest);
    }
  }

  /** Digests of the partitions that an index names for any of the terms. */
  async function lookUp(kind: 'node' | 'out' | 'in' | 'call', terms: readonly string[], signal: AbortSignal | undefined): Promise<Set<Digest>> {
    const found = new Set<Digest>();
    for (const some of batches([...new Set(terms)])) {
      check(signal);
      const rows = await Promise.all(some.map((term) => level.keys({ ...startingWith(kind, term), ...view }).all()));
      for (const row of rows.flat()) found.add(partsOf(row)[2] ?? '');
    }
    return found;
  }

  /** Digests of the partitions with a name that may match: without regard to case, whatever the kind of match. */
  async function candidates({ text, match }: FindRequest, signal: AbortSignal | undefined): Promise<Set<Digest>> {
    const wanted = foldCase(text);
    const range = match === 'exact' ? startingWith('name', wanted) : match === 'prefix' ? continuing(['name'], wanted) : startingWith('name');
    const found = new Set<Digest>();
    for await (const row of level.keys({ ...range, ...view })) {
      check(signal);
      const [, name = '', digest = ''] = partsOf(row);
      if (match !== 'substring' || name.includes(wanted)) found.add(digest);
    }
    return found;
  }

  return {
    snapshot,

    nodes: (ids, options) => attempt(options?.signal, async () => {
      const found = new Map<SymbolId, GraphNode>();
      for await (const some of opened(await lookUp('node', ids, options?.signal), options?.signal)) {
        for (const { nodes } of some) {
          for (const id of ids) {
            const node = nodes.get(id);
            if (node !== undefined && !found.has(id)) found.set(id, node);
          }
        }
      }
      return new Map(ids.flatMap((id) => {
        const node = found.get(id);
        return node === undefined ? [] : [[id, node] as const];
      }));
    }),

    find: (request, options) => attempt(options?.signal, async () => {
      const kinds = request.kinds === undefined ? undefined : new Set(request.kinds);
      const matches = new Map<SymbolId, { readonly id: SymbolId; readonly rank: number; readonly node: GraphNode }>();
      for await (const some of opened(await candidates(request, options?.signal), options?.signal)) {
        for (const node of some.flatMap(({ partition }) => partition.nodes)) {
          const rank = matchRank(node, request);
          if (rank !== undefined && !matches.has(node.id) && (kinds?.has(node.kind) ?? true)) matches.set(node.id, { id: node.id, rank, node });
        }
      }
      const { offset = 0, limit = 100 } = request;
      return [...matches.values()].sort(compareMatches).slice(offset, offset + limit).map(({ node }) => node);
    }),

    neighbours: ({ ids, direction, kinds, certainty }, options) => attempt(options?.signal, async () => {
      const wanted = new Set(kinds);
      const found = new Map<SymbolId, GraphEdge[]>(ids.map((id) => [id, []]));
      for await (const some of opened(await lookUp(direction, ids, options?.signal), options?.signal)) {
        for (const { out, into } of some) {
          for (const [id, edges] of found) {
            for (const edge of (direction === 'out' ? out : into).get(id) ?? []) {
              if (wanted.has(edge.kind) && (certainty === undefined || edge.certainty === certainty)) edges.push(edge);
            }
          }
        }
      }
      return [...found.values()].flatMap((edges) => edges.sort((a, b) => compareEdges(a, b, direction)));
    }),

    unresolved: (names, options) => attempt(options?.signal, async () => {
      const wanted = new Set(names);
      const sites = [];
      for await (const some of opened(await lookUp('call', names, options?.signal), options?.signal)) {
        for (const { partition } of some) sites.push(...partition.unresolved.filter(({ name }) => wanted.has(name)).sort(compareSites));
      }
      return sites;
    }),

    manifest: (options) => attempt(options?.signal, async () => manifest),

    partitions: (paths, options) => database.stream(options?.signal, async function* () {
      check(options?.signal);
      const wanted = paths === undefined ? undefined : new Set(paths);
      const digests = manifest.filter(({ path }) => wanted?.has(path) ?? true).map(({ digest }) => digest);
      for await (const some of opened(digests, options?.signal)) yield some.map(({ partition }) => partition);
    }),

    diagnostics: (options) => attempt(options?.signal, async () => {
      const all = [];
      for await (const some of opened(placeOf.keys(), options?.signal)) for (const { partition } of some) all.push(...partition.diagnostics);
      return all;
    }),

    async close() {
      if (closed) return;
      closed = true;
      cache.clear();
      await pinned.close();
    },
  };
}

/** A partition with its nodes by id and its edges by either end. */
interface Opened {
  readonly partition: Partition;
  readonly nodes: ReadonlyMap<SymbolId, GraphNode>;
  readonly out: ReadonlyMap<SymbolId, readonly GraphEdge[]>;
  readonly into: ReadonlyMap<SymbolId, readonly GraphEdge[]>;
}

function open(text: string | undefined, digest: Digest): Opened {
  if (text === undefined) throw new CodeloomError('store-corrupt', `The partition ${digest} is not there.`);
  const partition = decodePartition(text);
  return {
    partition, nodes: new Map(partition.nodes.map((node) => [node.id, node])),
    out: grouped(partition.edges, ({ from }) => from), into: grouped(partition.edges, ({ to }) => to),
  };
}

function grouped(edges: readonly GraphEdge[], end: (edge: GraphEdge) => SymbolId): Map<SymbolId, GraphEdge[]> {
  const groups = new Map<SymbolId, GraphEdge[]>();
  for (const edge of edges) {
    const group = groups.get(end(edge));
    if (group === undefined) groups.set(end(edge), [edge]);
    else group.push(edge);
  }
  return groups;
}
