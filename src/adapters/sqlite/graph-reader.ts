import { sitesFromText } from '../../domain/edge-sites.js';
import { CodeloomError } from '../../domain/errors.js';
import { EDGE_KINDS, NODE_KINDS, type GraphEdge, type GraphNode, type SymbolId } from '../../domain/graph-node.js';
import { nodeFrom, type NodeRow } from '../../domain/partition-codec.js';
import { UNRESOLVED_REASONS, type Diagnostic, type Partition, type UnresolvedSite } from '../../domain/partition.js';
import type { FindRequest, GraphReader, NeighboursRequest } from '../../domain/ports/graph-store.js';
import { compareEdges, compareSites, foldCase, compareMatches, matchRank } from '../../domain/reading-order.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { endOfPrefix, fromStored, isOdd, ODD_END, ODD_MARK, toStored } from '../../domain/stored-text.js';
import type { PinnedConnection } from './database.js';
import type { SqliteConnection, SqlRow, SqlValue } from './driver.js';
import { digestText, unpackPartition } from './partition-rows.js';

/** Ids and partitions asked for in one statement. */
const IDS_PER_QUERY = 1000;
const PARTITIONS_PER_BATCH = 64;

/**
 * Reads one snapshot through a pinned connection, which sees the data as they were when it was opened: what is retired meanwhile stays readable here.
 * Rows of all snapshots stand side by side; those of this one are told by the numbers of its partitions, `pids`, which are in order of path.
 */
export function createSqliteGraphReader(
  { snapshot, pids, pinned, check }:
  { snapshot: Snapshot; pids: readonly number[]; pinned: PinnedConnection; check: (signal?: AbortSignal) => void },
): GraphReader {
  const rankOf = placeOf(pids);
  let closed = false;

  function ready(signal: AbortSignal | undefined): SqliteConnection {
    check(signal);
    if (closed) throw new CodeloomError('store-unavailable', 'The reader is closed.', { retryable: false });
    return pinned.connection;
  }

  function* chunks<T>(items: readonly T[], size: number, signal: AbortSignal | undefined): Generator<readonly T[]> {
    for (let start = 0; start < items.length; start += size) {
      ready(signal);
      yield items.slice(start, start + size);
    }
  }

  function nodesById(ids: readonly SymbolId[], signal: AbortSignal | undefined): Map<SymbolId, GraphNode> {
    const connection = ready(signal);
    const found = new Map<SymbolId, { readonly rank: number; readonly node: GraphNode }>();
    for (const chunk of chunks([...new Set(ids)], IDS_PER_QUERY, signal)) {
      const [[json] = []] = connection.all(
        `SELECT json_group_array(json_array(s.id, n.pid, n.kind, n.name, n.qualified_name, json(n.detail), p.path, p.language))
          FROM json_each(?) j CROSS JOIN symbol s ON s.id = j.value CROSS JOIN node n ON n.sid = s.sid CROSS JOIN partition p ON p.pid = n.pid`,
        [JSON.stringify(chunk.map(toStored))],
      );
      for (const row of JSON.parse(String(json)) as NodeColumns[]) {
        const rank = rankOf(row[1]);
        if (rank === undefined) continue;
        const id = fromStored(row[0]);
        // Externals stand in many partitions: the first by path is the one.
        const known = found.get(id);
        if (known === undefined || rank < known.rank) found.set(id, { rank, node: nodeOf(id, row) });
      }
    }
    return new Map([...found].map(([id, { node }]) => [id, node]));
  }

  function find(request: FindRequest, signal: AbortSignal | undefined): readonly GraphNode[] {
    const connection = ready(signal);
    const kinds = request.kinds === undefined ? undefined : new Set(request.kinds);
    const matches = new Map<SymbolId, number>();
    for (const [id, pid, kind, name, qualifiedName] of candidates(connection, request)) {
      const kindName = NODE_KINDS[Number(kind)];
      if (rankOf(pid) === undefined || kindName === undefined || (kinds !== undefined && !kinds.has(kindName))) continue;
      const rank = matchRank({ name: fromStored(name), qualifiedName: fromStored(qualifiedName) }, request);
      if (rank !== undefined) matches.set(fromStored(id), rank);
    }
    const offset = request.offset ?? 0;
    const ids = [...matches].map(([id, rank]) => ({ id, rank })).sort(compareMatches).slice(offset, offset + (request.limit ?? 100)).map(({ id }) => id);
    const nodes = nodesById(ids, signal);
    return ids.flatMap((id) => nodes.get(id) ?? []);
  }

  function neighbours(request: NeighboursRequest, signal: AbortSignal | undefined): readonly GraphEdge[] {
    const connection = ready(signal);
    const kinds = request.kinds.map((kind) => EDGE_KINDS.indexOf(kind)).join(',');
    const certainty = request.certainty === undefined ? '' : ` AND e.candidate = ${request.certainty === 'candidate' ? 1 : 0}`;
    const [own, other] = request.direction === 'out' ? ['src', 'dst'] : ['dst', 'src'];
    const sql = `SELECT j.key,
        (SELECT json_group_array(json_array(e.pid, e.kind, o.id, e.candidate, e.sites)) FROM edge e CROSS JOIN symbol o ON o.sid = e.${other}
          WHERE e.${own} = s.sid AND e.kind IN (${kinds})${certainty})
      FROM json_each(?) j CROSS JOIN symbol s ON s.id = j.value`;
    const answer: GraphEdge[] = [];
    for (const chunk of chunks([...new Set(request.ids)], IDS_PER_QUERY, signal)) {
      const edges = chunk.map((): { readonly rank: number; readonly edge: GraphEdge }[] => []);
      for (const [key, json] of connection.all(sql, [JSON.stringify(chunk.map(toStored))])) {
        const id = chunk[Number(key)];
        if (id === undefined) continue;
        for (const row of JSON.parse(String(json)) as EdgeColumns[]) {
          const rank = rankOf(row[0]);
          if (rank !== undefined) edges[Number(key)]?.push({ rank, edge: edgeOf(id, row, request.direction) });
        }
      }
      for (const list of edges) {
        list.sort((a, b) => compareEdges(a.edge, b.edge, request.direction) || a.rank - b.rank);
        for (const { edge } of list) answer.push(edge);
      }
    }
    return answer;
  }

  function unresolved(names: readonly string[], signal: AbortSignal | undefined): readonly UnresolvedSite[] {
    const connection = ready(signal);
    const sites: { readonly rank: number; readonly place: number; readonly site: UnresolvedSite }[] = [];
    for (const chunk of chunks([...new Set(names)], IDS_PER_QUERY, signal)) {
      const rows = connection.all(
        `SELECT s.id, u.name, u.reason, u.line, u.col, u.pid, u.place
          FROM json_each(?) j CROSS JOIN unresolved u ON u.name = j.value CROSS JOIN symbol s ON s.sid = u.src`,
        [JSON.stringify(chunk.map(toStored))],
      );
      for (const [from, name, reason, line, column, pid, place] of rows) {
        const rank = rankOf(pid);
        if (rank === undefined) continue;
        const site = { from: fromStored(from), name: fromStored(name), reason: at(UNRESOLVED_REASONS, reason), line: Number(line), column: Number(column) };
        sites.push({ rank, place: Number(place), site });
      }
    }
    return sites.sort((a, b) => a.rank - b.rank || compareSites(a.site, b.site) || a.place - b.place).map(({ site }) => site);
  }

  /** Of this snapshot: the partitions of these paths, in order of path. */
  function pidsOf(connection: SqliteConnection, paths: readonly string[], signal: AbortSignal | undefined): readonly number[] {
    const found: number[] = [];
    for (const chunk of chunks([...new Set(paths)], IDS_PER_QUERY, signal)) {
      const rows = connection.all('SELECT p.pid FROM json_each(?) j CROSS JOIN partition p ON p.path = j.value', [JSON.stringify(chunk.map(toStored))]);
      for (const [pid] of rows) if (rankOf(pid) !== undefined) found.push(Number(pid));
    }
    return found.sort((a, b) => (rankOf(a) ?? 0) - (rankOf(b) ?? 0));
  }

  async function* partitions(paths: readonly string[] | undefined, signal: AbortSignal | undefined): AsyncGenerator<readonly Partition[]> {
    const chosen = paths === undefined ? pids : pidsOf(ready(signal), paths, signal);
    ready(signal);
    for (const chunk of chunks(chosen, PARTITIONS_PER_BATCH, signal)) {
      const rows = ready(signal).all(
        'SELECT c.content FROM json_each(?) j LEFT JOIN partition_content c ON c.pid = j.value ORDER BY j.key', [JSON.stringify(chunk)]);
      yield rows.map(([content]) => unpackPartition(content));
    }
  }

  return {
    snapshot,
    nodes: async (ids, options) => nodesById(ids, options?.signal),
    find: async (request, options) => find(request, options?.signal),
    neighbours: async (request, options) => neighbours(request, options?.signal),
    unresolved: async (names, options) => unresolved(names, options?.signal),

    async manifest(options) {
      ready(options?.signal);
      return [...chunks(pids, IDS_PER_QUERY, options?.signal)].flatMap((chunk) =>
        pinned.connection.all('SELECT p.path, p.digest FROM json_each(?) j CROSS JOIN partition p ON p.pid = j.value ORDER BY j.key', [JSON.stringify(chunk)])
          .map(([path, digest]) => ({ path: fromStored(path), digest: digestText(digest) })));
    },

    partitions: (paths, options) => partitions(paths, options?.signal),

    async diagnostics(options) {
      return ready(options?.signal).all('SELECT pid, diagnostics FROM partition WHERE diagnostics IS NOT NULL')
        .flatMap(([pid, diagnostics]) => ({ rank: rankOf(pid), diagnostics })).filter(({ rank }) => rank !== undefined)
        .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
        .flatMap(({ diagnostics }) => JSON.parse(String(diagnostics)) as Diagnostic[]); // written by PartitionWriter
    },

    async close() {
      closed = true;
      pinned.release();
    },
  };
}

/** Gives a partition's place in the list, undefined for those of other snapshots. A lookup for every row that is read: an array over the range of numbers. */
function placeOf(pids: readonly number[]): (pid: SqlValue | undefined) => number | undefined {
  let least = Infinity;
  let greatest = -Infinity;
  for (const pid of pids) {
    if (pid < least) least = pid;
    if (pid > greatest) greatest = pid;
  }
  const places = new Int32Array(pids.length === 0 ? 0 : greatest - least + 1).fill(-1);
  pids.forEach((pid, place) => {
    places[pid - least] = place;
  });
  return (pid) => {
    const place = places[Number(pid) - least];
    return place === undefined || place < 0 ? undefined : place;
  };
}

/** All rows that may match, of any snapshot: id, partition, kind, name, qualified name. What does match is for {@link matchRank} to say. */
function candidates(connection: SqliteConnection, { text, match }: FindRequest): readonly SqlRow[] {
  const select = 'SELECT s.id, n.pid, n.kind, n.name, n.qualified_name FROM node n JOIN symbol s ON s.sid = n.sid WHERE ';
  const either = (condition: (column: string) => string, parameters: readonly SqlValue[]): readonly SqlRow[] =>
    ['n.name', 'n.qualified_name'].flatMap((column) => connection.all(select + condition(column), parameters));
  if (match === 'exact') return either((column) => `${column} = ? COLLATE NOCASE`, [toStored(text)]);
  // Text with halves of surrogate pairs or NULs is compared in full, here: SQLite does not see into what domain/stored-text.ts does with it.
  if (isOdd(text)) return connection.all(`${select}1`);
  const range = (column: string): string => `${column} >= ? COLLATE NOCASE AND ${column} < ? COLLATE NOCASE`;
  const odd = either(range, [ODD_MARK, ODD_END]);
  if (match === 'substring') {
    return [...connection.all(`${select}instr(lower(n.qualified_name), ?1) OR instr(lower(n.name), ?1)`, [foldCase(text)]), ...odd];
  }
  const end = endOfPrefix(foldCase(text));
  return end === undefined ? connection.all(`${select}1`) : [...either(range, [text, end]), ...odd];
}

// Rows that come in great numbers come as JSON, which crosses from SQLite to here in one piece: three times faster from a hub with libsql.
type NodeColumns = readonly [id: string, pid: number, kind: number, name: string, qualifiedName: string, detail: NodeDetail, path: string, language: string];
type EdgeColumns = readonly [pid: number, kind: number, other: string, candidate: number, sites: string];
/** What a NodeRow has behind its first four. */
type NodeDetail = NodeRow extends [unknown, unknown, unknown, unknown, ...infer Rest] ? Rest : never;

function nodeOf(id: SymbolId, [, , kind, name, qualifiedName, detail, path, language]: NodeColumns): GraphNode {
  return nodeFrom([id, kind, fromStored(name), fromStored(qualifiedName), ...detail], fromStored(path), language);
}

function edgeOf(id: SymbolId, [, kind, other, candidate, sites]: EdgeColumns, direction: NeighboursRequest['direction']): GraphEdge {
  const end = fromStored(other);
  return {
    kind: at(EDGE_KINDS, kind), from: direction === 'out' ? id : end, to: direction === 'out' ? end : id,
    certainty: candidate === 1 ? 'candidate' : 'certain', sites: sitesFromText(sites),
  };
}

function at<T>(list: readonly T[], place: SqlValue | undefined): T {
  const item = list[Number(place)];
  if (item === undefined) throw new CodeloomError('store-corrupt', `The store holds a kind that this codeloom does not know (${String(place)}).`);
  return item;
}

