import { sitesFromText } from '../../domain/edge-sites.js';
import { CodeloomError } from '../../domain/errors.js';
import { EDGE_KINDS, NODE_KINDS, type EdgeKind, type GraphEdge, type GraphNode, type SymbolId } from '../../domain/graph-node.js';
import { nodeFrom, type NodeRow } from '../../domain/partition-codec.js';
import { UNRESOLVED_REASONS, compareText, type Diagnostic, type Manifest, type Partition, type UnresolvedSite } from '../../domain/partition.js';
import type { FindRequest, GraphReader, NeighboursRequest } from '../../domain/ports/graph-store.js';
import { compareEdges, compareMatches, compareSites, foldCase, matchRank } from '../../domain/reading-order.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { endOfPrefix, fromStored, isOdd, ODD_END, ODD_MARK, toStored } from '../../domain/stored-text.js';
import type { SqlParameter, SqlRow } from './connection.js';
import { digestText, findSymbols, unpackPartition } from './partition-rows.js';
import type { PinnedConnection } from './pins.js';

/** A snapshot, and which generation of which branch's members it is. */
export interface OpenedSnapshot {
  readonly snapshot: Snapshot;
  readonly owner: number;
  readonly generation: number;
}

type Pinned = PinnedConnection & { readonly found: OpenedSnapshot };

/** Ids and names asked for in one statement. */
const IDS_PER_QUERY = 5000;
const PARTITIONS_PER_BATCH = 64;
/** Symbols whose numbers are remembered: a walk asks for those that it has just been told of. */
const REMEMBERED = 200_000;
/** Letters of a name, and of a path, that their index holds. */
const NAME_INDEXED = 128;
const PATH_INDEXED = 256;

/**
 * Reads one snapshot in a transaction that sees the data as they were when it began: what is retired meanwhile stays readable here. A statement that failed or was stopped ends the
 * transaction; the next one begins another (`pin`), in which the snapshot reads the same, unless it has been retired: then that throws `unknown-snapshot`.
 */
export function createPostgresGraphReader(
  { schema, check, pin, pinned, onClose }:
  { schema: string; check: (signal?: AbortSignal) => void; pin: (signal: AbortSignal | undefined) => Promise<Pinned>; pinned: Pinned; onClose: () => void },
): GraphReader {
  const { snapshot } = pinned.found;
  let current: Promise<Pinned> = Promise.resolve(pinned);
  let sids = new Map<SymbolId, number>();
  let closed = false;

  /** The transaction to ask. Its numbers of symbols are its own: `numbers` go with it. */
  async function ready(signal: AbortSignal | undefined): Promise<Pinned & { readonly numbers: Map<SymbolId, number> }> {
    check(signal);
    if (closed) throw new CodeloomError('store-unavailable', 'The reader is closed.', { retryable: false });
    const before = current;
    const there = await before.catch(() => undefined);
    if (there === undefined || there.connection.broken) {
      // Whoever comes first begins anew; the others wait for the same.
      if (current === before) {
        sids = new Map();
        current = (async () => {
          await there?.release();
          return pin(signal);
        })();
        current.catch(() => undefined); // told below, and tried again by the next
      }
      return { ...(await current), numbers: sids };
    }
    return { ...there, numbers: sids };
  }

  /** Rows that `sql` gives in the snapshot: `$1` and `$2` are its owner and generation. */
  async function rows(sql: string, parameters: readonly SqlParameter[], signal: AbortSignal | undefined): Promise<readonly SqlRow[]> {
    const { connection, found } = await ready(signal);
    return connection.all(sql, [found.owner, found.generation, ...parameters], signal);
  }

  // How a statement is to be carried out stands in it: rows by their index first (MATERIALIZED), then the rest row by row. The server's own plan is as good only where it has counted the
  // tables, which it does some time after they were filled; until then it was seen to take seconds for what takes milliseconds so.

  /** Whether a row of partition `pid` is in the snapshot. The limit keeps this from being made a join. */
  const member = (pid: string): string =>
    `(SELECT true FROM ${schema}.graph_member m WHERE m.item = ${pid} AND m.owner = $1 AND m.from_generation <= $2 AND m.to_generation > $2 LIMIT 1)`;

  function* chunks<T>(items: readonly T[], size: number, signal: AbortSignal | undefined): Generator<readonly T[]> {
    for (let start = 0; start < items.length; start += size) {
      check(signal);
      yield items.slice(start, start + size);
    }
  }

  /** Numbers of those ids that the database knows. */
  async function numbered(ids: readonly SymbolId[], signal: AbortSignal | undefined): Promise<ReadonlyMap<SymbolId, number>> {
    const { connection, numbers } = await ready(signal);
    const unknown = ids.filter((id) => !numbers.has(id));
    const fetched = unknown.length === 0 ? [] : await findSymbols(connection, schema, unknown, signal);
    const known = new Map(ids.flatMap((id) => {
      const sid = numbers.get(id);
      return sid === undefined ? [] : [[id, sid] as const];
    }));
    if (numbers.size > REMEMBERED) numbers.clear();
    for (const [id, sid] of fetched) {
      numbers.set(id, sid);
      known.set(id, sid);
    }
    return known;
  }

  async function nodesById(ids: readonly SymbolId[], signal: AbortSignal | undefined): Promise<Map<SymbolId, GraphNode>> {
    await ready(signal);
    const found = new Map<SymbolId, { readonly path: string; readonly node: GraphNode }>();
    for (const chunk of chunks([...new Set(ids)], IDS_PER_QUERY, signal)) {
      const bySid = new Map([...(await numbered(chunk, signal))].map(([id, sid]) => [sid, id]));
      const answered = await rows(
        `WITH n AS MATERIALIZED (SELECT * FROM ${schema}.graph_node n WHERE n.sid = ANY($3::integer[]) AND ${member('n.pid')})
          SELECT n.sid, p.path, p.language, n.kind, n.name, n.qualified_name, n.exported, n.signature, n.doc, n.detail FROM n JOIN ${schema}.graph_partition p ON p.pid = n.pid`,
        [[...bySid.keys()]], signal);
      for (const row of answered) {
        const id = bySid.get(Number(row[0])) ?? '';
        const path = fromStored(row[1]);
        // Externals stand in many partitions: the first by path is the one.
        const known = found.get(id);
        if (known === undefined || compareText(path, known.path) < 0) found.set(id, { path, node: nodeOf(id, path, row) });
      }
    }
    return new Map(ids.flatMap((id) => {
      const node = found.get(id)?.node;
      return node === undefined ? [] : [[id, node] as const];
    }));
  }

  async function find(request: FindRequest, signal: AbortSignal | undefined): Promise<readonly GraphNode[]> {
    await ready(signal);
    if (request.kinds?.length === 0) return [];
    const kinds = (request.kinds ?? NODE_KINDS).map((kind) => NODE_KINDS.indexOf(kind));
    const matches = new Map<SymbolId, number>();
    for (const { condition, parameters } of candidates(request)) {
      const answered = await rows(
        `WITH n AS MATERIALIZED (SELECT n.sid, n.name, n.qualified_name FROM ${schema}.graph_node n WHERE ${condition} AND n.kind = ANY($3::smallint[]) AND ${member('n.pid')})
          SELECT s.id, n.name, n.qualified_name FROM n JOIN ${schema}.graph_symbol s ON s.sid = n.sid`, [kinds, ...parameters], signal);
      for (const [id, stored, qualified] of answered) {
        const name = fromStored(stored);
        const rank = matchRank({ name, qualifiedName: qualified === null ? name : fromStored(qualified) }, request);
        if (rank === undefined) continue;
        const key = fromStored(id);
        matches.set(key, Math.min(rank, matches.get(key) ?? rank));
      }
    }
    const offset = request.offset ?? 0;
    const ids = [...matches].map(([id, rank]) => ({ id, rank })).sort(compareMatches).slice(offset, offset + (request.limit ?? 100)).map(({ id }) => id);
    return [...(await nodesById(ids, signal)).values()];
  }

  async function neighbours(request: NeighboursRequest, signal: AbortSignal | undefined): Promise<readonly GraphEdge[]> {
    await ready(signal);
    const { direction, certainty } = request;
    const kinds = request.kinds.map((kind) => EDGE_KINDS.indexOf(kind));
    if (kinds.length === 0) return [];
    const [own, other] = direction === 'out' ? ['src', 'dst'] : ['dst', 'src'];
    const sql = `WITH e AS MATERIALIZED (
        SELECT * FROM ${schema}.graph_edge e WHERE e.${own} = ANY($3::integer[]) AND e.kind = ANY($4::smallint[])
          ${certainty === undefined ? '' : `AND ${certainty === 'candidate' ? '' : 'NOT '}e.candidate`} AND ${member('e.pid')})
      SELECT e.${own}, e.pid, e.kind, e.candidate, e.sites, e.${other}, o.id FROM e JOIN ${schema}.graph_symbol o ON o.sid = e.${other}`;
    const answer: GraphEdge[] = [];
    for (const chunk of chunks([...new Set(request.ids)], IDS_PER_QUERY, signal)) {
      const known = await numbered(chunk, signal);
      if (known.size === 0) continue;
      const lists = new Map<number, PlacedEdge[]>();
      const { numbers } = await ready(signal);
      const ids = new Map([...known].map(([id, sid]) => [sid, id]));
      for (const [at, pid, kind, candidate, sites, sid, stored] of await rows(sql, [[...known.values()], kinds], signal)) {
        const end = fromStored(stored);
        numbers.set(end, Number(sid));
        const id = ids.get(Number(at)) ?? '';
        const edge: GraphEdge = {
          kind: itemAt(EDGE_KINDS, kind), from: direction === 'out' ? id : end, to: direction === 'out' ? end : id,
          certainty: candidate === true ? 'candidate' : 'certain', sites: sitesFromText(String(sites)),
        };
        const list = lists.get(Number(at));
        if (list === undefined) lists.set(Number(at), [{ pid: Number(pid), edge }]);
        else list.push({ pid: Number(pid), edge });
      }
      for (const id of chunk) {
        const list = lists.get(known.get(id) ?? -1);
        if (list !== undefined) for (const edge of await sorted(list, direction, signal)) answer.push(edge);
      }
    }
    return answer;
  }

  /** In the order of the port. Edges that differ in their partition alone are ordered by its path, which is looked up for those only. */
  async function sorted(list: readonly PlacedEdge[], direction: NeighboursRequest['direction'], signal: AbortSignal | undefined): Promise<readonly GraphEdge[]> {
    const equal = new Set<number>();
    const ordered = [...list].sort((a, b) => {
      const order = compareEdges(a.edge, b.edge, direction);
      if (order === 0) equal.add(a.pid).add(b.pid);
      return order;
    });
    if (equal.size > 0) {
      const { connection } = await ready(signal);
      const paths = new Map((await connection.all(`SELECT pid, path FROM ${schema}.graph_partition WHERE pid = ANY($1::integer[])`, [[...equal]], signal)).map(([pid, path]) => [Number(pid), fromStored(path)]));
      ordered.sort((a, b) => compareEdges(a.edge, b.edge, direction) || compareText(paths.get(a.pid) ?? '', paths.get(b.pid) ?? ''));
    }
    return ordered.map(({ edge }) => edge);
  }

  async function unresolved(names: readonly string[], signal: AbortSignal | undefined): Promise<readonly UnresolvedSite[]> {
    await ready(signal);
    const sites: { readonly path: string; readonly place: number; readonly site: UnresolvedSite }[] = [];
    for (const chunk of chunks([...new Set(names)], IDS_PER_QUERY, signal)) {
      const stored = chunk.map(toStored);
      const answered = await rows(
        `WITH u AS MATERIALIZED (SELECT * FROM ${schema}.graph_unresolved u WHERE left(u.name, ${NAME_INDEXED}) = ANY($3::text[]) AND u.name = ANY($4::text[]) AND ${member('u.pid')})
          SELECT s.id, u.name, u.reason, u.line, u.col, p.path, u.place FROM u JOIN ${schema}.graph_symbol s ON s.sid = u.src JOIN ${schema}.graph_partition p ON p.pid = u.pid`, [stored.map((name) => beginning(name, NAME_INDEXED)), stored], signal);
      for (const [from, name, reason, line, column, path, place] of answered) {
        const site = { from: fromStored(from), name: fromStored(name), reason: itemAt(UNRESOLVED_REASONS, reason), line: Number(line), column: Number(column) };
        sites.push({ path: fromStored(path), place: Number(place), site });
      }
    }
    return sites.sort((a, b) => compareText(a.path, b.path) || compareSites(a.site, b.site) || a.place - b.place).map(({ site }) => site);
  }

  /** The snapshot's partitions, all or of these paths, by path. */
  async function listed(paths: readonly string[] | undefined, signal: AbortSignal | undefined): Promise<readonly (Manifest[number] & { readonly pid: number })[]> {
    const found: (Manifest[number] & { readonly pid: number })[] = [];
    const take = (answered: readonly SqlRow[]): void => {
      for (const [pid, path, digest] of answered) found.push({ pid: Number(pid), path: fromStored(path), digest: digestText(digest) });
    };
    if (paths === undefined) {
      take(await rows(`SELECT p.pid, p.path, p.digest FROM ${schema}.graph_member m JOIN ${schema}.graph_partition p ON p.pid = m.item
        WHERE m.owner = $1 AND m.from_generation <= $2 AND m.to_generation > $2`, [], signal));
    }
    for (const chunk of chunks([...new Set(paths ?? [])], IDS_PER_QUERY, signal)) {
      const stored = chunk.map(toStored);
      take(await rows(`SELECT p.pid, p.path, p.digest FROM ${schema}.graph_partition p WHERE left(p.path, ${PATH_INDEXED}) = ANY($3::text[]) AND p.path = ANY($4::text[]) AND ${member('p.pid')}`,
        [stored.map((path) => beginning(path, PATH_INDEXED)), stored], signal));
    }
    return found.sort((a, b) => compareText(a.path, b.path));
  }

  async function* partitions(paths: readonly string[] | undefined, signal: AbortSignal | undefined): AsyncGenerator<readonly Partition[]> {
    await ready(signal);
    for (const chunk of chunks(await listed(paths, signal), PARTITIONS_PER_BATCH, signal)) {
      const { connection } = await ready(signal);
      const answered = await connection.all(`SELECT pid, content FROM ${schema}.graph_content WHERE pid = ANY($1::integer[])`, [chunk.map(({ pid }) => pid)], signal);
      const contents = new Map(answered.map(([pid, content]) => [Number(pid), content]));
      yield chunk.map(({ pid }) => unpackPartition(contents.get(pid)));
    }
  }

  return {
    snapshot,
    nodes: (ids, options) => nodesById(ids, options?.signal),
    find: (request, options) => find(request, options?.signal),
    neighbours: (request, options) => neighbours(request, options?.signal),
    unresolved: (names, options) => unresolved(names, options?.signal),
    manifest: async (options) => (await listed(undefined, options?.signal)).map(({ path, digest }) => ({ path, digest })),
    partitions: (paths, options) => partitions(paths, options?.signal),

    async diagnostics(options) {
      const answered = await rows(`SELECT p.path, p.diagnostics FROM ${schema}.graph_member m JOIN ${schema}.graph_partition p ON p.pid = m.item
        WHERE m.owner = $1 AND m.from_generation <= $2 AND m.to_generation > $2 AND p.diagnostics IS NOT NULL`, [], options?.signal);
      return answered.map(([path, diagnostics]) => ({ path: fromStored(path), diagnostics })).sort((a, b) => compareText(a.path, b.path))
        .flatMap(({ diagnostics }) => JSON.parse(String(diagnostics)) as Diagnostic[]); // written by PartitionWriter
    },

    async close() {
      if (closed) return;
      closed = true;
      onClose();
      await (await current.catch(() => undefined))?.release();
    },
  };
}

interface PlacedEdge {
  readonly pid: number;
  readonly edge: GraphEdge;
}

/**
 * Conditions on node n, one of which every match meets; parameters from $4 on. What does match is for {@link matchRank} to say. Odd text is stored in a form that the
 * server does not see into: where it may match, all of it is a candidate.
 */
function* candidates({ text, match }: FindRequest): Generator<{ readonly condition: string; readonly parameters: readonly SqlParameter[] }> {
  const columns = ['n.name', 'n.qualified_name'];
  const indexed = (column: string): string => `left(lower(${column}), ${NAME_INDEXED})`;
  if (match === 'exact') {
    const stored = toStored(text);
    for (const column of columns) yield { condition: `${indexed(column)} = $4 AND ${column} = $5`, parameters: [beginning(foldCase(stored), NAME_INDEXED), stored] };
    return;
  }
  const wanted = foldCase(text);
  const end = endOfPrefix(beginning(wanted, NAME_INDEXED));
  if (isOdd(text) || wanted === '' || (match === 'prefix' && end === undefined)) {
    yield { condition: 'true', parameters: [] };
    return;
  }
  const range = (column: string): string => `${indexed(column)} >= $4 AND ${indexed(column)} < $5`;
  for (const column of columns) {
    yield { condition: range(column), parameters: [ODD_MARK, ODD_END] };
    if (match === 'prefix') yield { condition: range(column), parameters: [beginning(wanted, NAME_INDEXED), end ?? ''] };
  }
  // A LIKE of exactly this form can be served by an index of pg_trgm, where somebody makes one.
  if (match === 'substring') yield { condition: '(lower(n.name) LIKE $4 OR lower(n.qualified_name) LIKE $4)', parameters: [`%${wanted.replace(/[\\%_]/g, '\\$&')}%`] };
}

/** The first characters of a text, as the server counts them. */
function beginning(text: string, characters: number): string {
  return text.length <= characters ? text : [...text].slice(0, characters).join('');
}

/** What a NodeRow has besides columns of their own. */
type NodeDetail = [NodeRow[4], NodeRow[5], NodeRow[6], NodeRow[8], NodeRow[11], NodeRow[12], NodeRow[13]];

function nodeOf(id: SymbolId, path: string, [, , language, kind, name, qualifiedName, exported, signature, doc, detail]: SqlRow): GraphNode {
  const [start, end, at, modifiers, parent, packageName, source] = JSON.parse(String(detail)) as NodeDetail; // written by PartitionWriter
  const text = (stored: unknown): string | null => (stored === null ? null : fromStored(stored));
  const row: NodeRow = [
    id, Number(kind), fromStored(name), text(qualifiedName) ?? fromStored(name), start, end, at, exported === null ? null : exported === true ? 1 : 0, modifiers, text(signature), text(doc), parent, packageName,
  ];
  if (source !== undefined) row[13] = source;
  return nodeFrom(row, path, fromStored(language));
}

function itemAt<T extends EdgeKind | UnresolvedSite['reason']>(list: readonly T[], place: unknown): T {
  const item = list[Number(place)];
  if (item === undefined) throw new CodeloomError('store-corrupt', `The store holds a kind that this codeloom does not know (${String(place)}).`);
  return item;
}
