import { sitesFromText } from '../../domain/edge-sites.js';
import { CodeloomError } from '../../domain/errors.js';
import { EDGE_KINDS, NODE_KINDS, type EdgeKind, type GraphEdge, type GraphNode, type SymbolId } from '../../domain/graph-node.js';
import { UNRESOLVED_REASONS, type Diagnostic, type Partition, type UnresolvedSite } from '../../domain/partition.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { FindRequest, GraphReader, NeighboursRequest, Surroundings, SurroundingsRequest } from '../../domain/ports/graph-store.js';
import { compareEdges, compareMatches, compareSites, foldCase, matchRank } from '../../domain/reading-order.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { fromStored } from '../../domain/stored-text.js';
import { isExternal } from '../../domain/symbol.js';
import { type Neo4jConnection, type Parameters, type Row, whole } from './connection.js';
import { type DeclarationRow, namesOf, nodeOf } from './declarations.js';
import type { SnapshotLease } from './lease.js';
import { namesFrom, unpackPartition } from './partition-rows.js';
import { toKey } from './stored-text.js';

/** Ids asked for in one statement. */
const IDS_PER_QUERY = 2000;
const PARTITIONS_PER_BATCH = 64;
/** Symbols whose edges are fetched by one look around. */
const SYMBOLS_PER_LOOK = 5000;

/**
 * Reads one snapshot. Rows of all snapshots stand side by side; the server tells those of this one by the list of partitions in its Snapshot node, which never changes,
 * so that statements need not see one state of the database. `partitions` is that list, in order of path.
 */
export function createNeo4jGraphReader(
  { connection, space, snapshot, number, partitions, lease, check }: {
    connection: Neo4jConnection; space: string; snapshot: Snapshot; number: number; partitions: readonly number[]; lease: SnapshotLease; check: (signal?: AbortSignal) => void;
  },
): GraphReader {
  const ranks = new Map(partitions.map((partition, rank) => [partition, rank]));
  let closed = false;

  function ready(signal: AbortSignal | undefined): void {
    check(signal);
    if (closed) throw new CodeloomError('store-unavailable', 'The reader is closed.', { retryable: false });
  }

  const rankOf = (partition: unknown): number => ranks.get(Number(partition)) ?? 0;

  /** Rows of a statement, in which `members` is the list of this snapshot's partitions. */
  async function ask(query: string, parameters: Parameters, options: CallOptions | undefined): Promise<readonly Row[]> {
    ready(options?.signal);
    await lease.check(options);
    const rows = await connection.read(`MATCH (v:Snapshot {number: $snapshot}) WITH v.partitions AS members ${query}`, { space, snapshot: whole(number), ...parameters }, options);
    await lease.check(options);
    return rows;
  }

  /** The distinct ones in pieces of bounded size. */
  function* pieces<T>(items: readonly T[], size: number): Generator<readonly T[]> {
    const distinct = [...new Set(items)];
    for (let start = 0; start < distinct.length; start += size) yield distinct.slice(start, start + size);
  }

  async function nodes(ids: readonly SymbolId[], options?: CallOptions): Promise<Map<SymbolId, GraphNode>> {
    ready(options?.signal);
    const found = new Map<SymbolId, { readonly rank: number; readonly node: GraphNode }>();
    for (const piece of pieces(ids, IDS_PER_QUERY)) {
      const rows: (readonly [id: SymbolId | undefined, ...Row])[] = [];
      const own = piece.filter((id) => !isExternal(id));
      const externals = piece.filter(isExternal);
      const keep = (asked: readonly SymbolId[]) => ([place, ...rest]: Row): void => void rows.push([asked[Number(place)], ...rest]);
      const answers = await Promise.all([
        own.length === 0 ? [] : ask(`UNWIND range(0, size($ids) - 1) AS i MATCH (s:Symbol {space: $space, id: $ids[i]})<-[d:DECLARES]-(p) WHERE d.partition IN members
          RETURN i, s.name, s.qualifiedName, d.line, d.exported, d.signature, d.doc, d.detail, coalesce(p.fullPath, p.path), p.language, d.partition`, { ids: own.map(toKey) }, options),
        // Thousands of files declare some externals, nearly always alike.
        externals.length === 0 ? [] : ask(`UNWIND range(0, size($ids) - 1) AS i MATCH (s:Symbol {space: $space, id: $ids[i]})<-[d:DECLARES]-() WHERE d.partition IN members
          WITH i, s, d.line AS line, d.exported AS exported, d.signature AS signature, d.doc AS doc, d.detail AS detail, collect(d.partition) AS declared
          WITH i, s, collect([line, exported, signature, doc, detail, declared]) AS versions UNWIND versions AS one
          RETURN i, s.name, s.qualifiedName, one[0], one[1], one[2], one[3], one[4], '' AS path, '' AS language, CASE WHEN size(versions) = 1 THEN one[5][0..1] ELSE one[5] END`, { ids: externals.map(toKey) }, options),
      ]);
      answers[0].forEach(keep(own));
      answers[1].forEach(keep(externals));
      for (const [id, name, qualifiedName, line, exported, signature, doc, detail, path, language, declared] of rows) {
        if (id === undefined) continue;
        const rank = Array.isArray(declared) ? declared.reduce((least: number, one) => Math.min(least, rankOf(one)), Infinity) : rankOf(declared);
        const known = found.get(id);
        if (known !== undefined && known.rank <= rank) continue;
        const columns = [line, exported, signature, doc, detail] as unknown as DeclarationRow; // written by declarationRow
        found.set(id, { rank, node: nodeOf(id, namesFrom({ name: String(name), qualifiedName: String(qualifiedName) }), columns, { path: fromStored(path), language: String(language) }) });
      }
    }
    return new Map(ids.flatMap((id) => {
      const one = found.get(id);
      return one === undefined ? [] : [[id, one.node] as const];
    }));
  }

  async function find(request: FindRequest, options?: CallOptions): Promise<readonly GraphNode[]> {
    ready(options?.signal);
    const kinds = request.kinds === undefined ? undefined : new Set(request.kinds.map((kind) => NODE_KINDS.indexOf(kind)));
    const matches = new Map<SymbolId, { readonly rank: number; readonly declared: number }>();
    const query = `MATCH (v:Snapshot {number: $snapshot}) WITH v.partitions AS members ${candidates(request)}
      WITH DISTINCT members, s MATCH (s)<-[d:DECLARES]-() WHERE d.partition IN members RETURN coalesce(s.fullId, s.id), s.name, s.qualifiedName, d.detail, d.partition`;
    await lease.check(options);
    await connection.each(query, { space, snapshot: whole(number), ...wanted(request) }, ([stored, name, qualifiedName, detail, partition]) => {
      const id = fromStored(stored);
      const declared = rankOf(partition);
      const known = matches.get(id);
      // Externals are declared in many partitions: the first by path is the one.
      if (known !== undefined && known.declared <= declared) return;
      const node = namesOf(namesFrom({ name: String(name), qualifiedName: String(qualifiedName) }), String(detail));
      const rank = kinds !== undefined && !kinds.has(node.kind) ? undefined : matchRank(node, request);
      // What is none is kept in mind as well: the first declaration decides.
      matches.set(id, { rank: rank ?? -1, declared });
    }, options);
    await lease.check(options);
    const offset = request.offset ?? 0;
    const ids = [...matches].flatMap(([id, { rank }]) => (rank < 0 ? [] : [{ id, rank }])).sort(compareMatches).slice(offset, offset + (request.limit ?? 100)).map(({ id }) => id);
    const found = await nodes(ids, options);
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  async function neighbours(request: NeighboursRequest, options?: CallOptions): Promise<readonly GraphEdge[]> {
    ready(options?.signal);
    if (request.kinds.length === 0) return [];
    const answer: GraphEdge[] = [];
    for (const piece of pieces(request.ids, IDS_PER_QUERY)) {
      const rows = await ask(
        `UNWIND range(0, size($ids) - 1) AS i MATCH (s:Symbol {space: $space, id: $ids[i]})${arrow('r', request)}(o) WHERE r.partition IN members${request.certainty === undefined ? '' : ' AND r.certainty = $certainty'}
        RETURN i, type(r), coalesce(o.fullId, o.id), r.certainty, r.sites, r.partition`, { ids: piece.map(toKey), certainty: request.certainty ?? '' }, options);
      append(answer, sortedEdges(piece, rows, request.direction));
    }
    return answer;
  }

  /** Edges by the id that they touch, in the order of the ids. */
  function sortedEdges(ids: readonly SymbolId[], rows: readonly Row[], direction: NeighboursRequest['direction']): GraphEdge[] {
    const edges = ids.map((): { readonly rank: number; readonly edge: GraphEdge }[] => []);
    for (const [place, kind, other, certainty, sites, partition] of rows) {
      const id = ids[Number(place)] ?? '';
      const end = fromStored(other);
      edges[Number(place)]?.push({
        rank: rankOf(partition),
        edge: {
          kind: kindOf(kind), from: direction === 'out' ? id : end, to: direction === 'out' ? end : id, certainty: certainty === 'candidate' ? 'candidate' : 'certain', sites: sitesFromText(String(sites)),
        },
      });
    }
    return edges.flatMap((list) => list.sort((a, b) => compareEdges(a.edge, b.edge, direction) || a.rank - b.rank).map(({ edge }) => edge));
  }

  async function surroundings(request: SurroundingsRequest, options?: CallOptions): Promise<Surroundings> {
    ready(options?.signal);
    const starts = [...new Set(request.ids)];
    if (starts.length === 0 || request.kinds.length === 0) return { expanded: new Set(starts), edges: [], nodes: new Map() };
    const expanded: SymbolId[] = [...starts];
    const places = new Map(starts.map((id, place) => [id, place]));
    const edges: unknown[][] = [];
    // The symbols within reach first, each once, then the edges of all of them.
    const rows = await ask(
      `MATCH (s:Symbol {space: $space}) WHERE s.id IN $ids
      MATCH (s)${arrow('path', request, `*0..${Math.min(Math.max(request.depth - 1, 0), 30)}`)}(t) WHERE all(r IN path WHERE r.partition IN members)
      WITH DISTINCT members, t LIMIT $limit
      MATCH (t)${arrow('r', request)}(o) WHERE r.partition IN members
      RETURN coalesce(t.fullId, t.id), type(r), coalesce(o.fullId, o.id), r.certainty, r.sites, r.partition`, { ids: starts.map(toKey), limit: whole(SYMBOLS_PER_LOOK) }, options);
    const others = new Set<SymbolId>();
    for (const [stored, kind, other, ...rest] of rows) {
      const id = fromStored(stored);
      let place = places.get(id);
      if (place === undefined) {
        place = expanded.length;
        places.set(id, place);
        expanded.push(id);
      }
      others.add(fromStored(other));
      edges.push([place, kind, other, ...rest]);
    }
    return { expanded: new Set(expanded), edges: sortedEdges(expanded, edges, request.direction), nodes: await nodes([...others], options) };
  }

  async function unresolved(names: readonly string[], options?: CallOptions): Promise<readonly UnresolvedSite[]> {
    ready(options?.signal);
    const sites: { readonly rank: number; readonly place: number; readonly site: UnresolvedSite }[] = [];
    for (const piece of pieces(names, IDS_PER_QUERY)) {
      const rows = await ask(
        `UNWIND range(0, size($names) - 1) AS i MATCH (:Name {space: $space, name: $names[i]})<-[u:UNRESOLVED]-(s) WHERE u.partition IN members
        RETURN i, coalesce(s.fullId, s.id), u.sites, u.partition`, { names: piece.map(toKey) }, options);
      for (const [index, from, text, partition] of rows) {
        const rank = rankOf(partition);
        for (const site of String(text).split(',')) {
          const [line, column, reason, place] = site.split(':').map(Number);
          const known = UNRESOLVED_REASONS[reason ?? -1];
          if (known === undefined) throw new CodeloomError('store-corrupt', `The store holds a reason that this codeloom does not know (${reason}).`);
          sites.push({ rank, place: place ?? 0, site: { from: fromStored(from), name: piece[Number(index)] ?? '', reason: known, line: line ?? 0, column: column ?? 0 } });
        }
      }
    }
    return sites.sort((a, b) => a.rank - b.rank || compareSites(a.site, b.site) || a.place - b.place).map(({ site }) => site);
  }

  async function* stream(paths: readonly string[] | undefined, options: CallOptions | undefined): AsyncGenerator<readonly Partition[]> {
    ready(options?.signal);
    let chosen = partitions;
    if (paths !== undefined) {
      const named: number[] = [];
      for (const piece of pieces(paths, IDS_PER_QUERY)) {
        const rows = await ask('UNWIND $paths AS path MATCH (p:Partition {space: $space, path: path}) WHERE p.number IN members RETURN p.number', { paths: piece.map(toKey) }, options);
        named.push(...rows.map(([found]) => Number(found)));
      }
      chosen = named.sort((a, b) => rankOf(a) - rankOf(b));
    }
    for (let start = 0; start < chosen.length; start += PARTITIONS_PER_BATCH) {
      const rows = await ask(
        'UNWIND range(0, size($numbers) - 1) AS i MATCH (p:Partition {number: $numbers[i]}) RETURN p.content, i ORDER BY i',
        { numbers: chosen.slice(start, start + PARTITIONS_PER_BATCH).map(whole) }, options);
      yield rows.map(([content]) => unpackPartition(content));
      ready(options?.signal);
    }
  }

  return {
    snapshot, nodes, find, neighbours, unresolved, surroundings,

    async manifest(options) {
      const rows = await ask('UNWIND range(0, size(members) - 1) AS i MATCH (p:Partition {number: members[i]}) RETURN p.path, coalesce(p.digest, p.retiredDigest), i, p.fullPath ORDER BY i', {}, options);
      return rows.map(([path, digest, , fullPath]) => ({ path: fromStored(fullPath ?? path), digest: String(digest) }));
    },

    partitions: (paths, options) => stream(paths, options),

    async diagnostics(options) {
      const rows = await ask('UNWIND range(0, size(members) - 1) AS i MATCH (p:Partition {number: members[i]}) WHERE p.diagnostics IS NOT NULL RETURN p.diagnostics, i ORDER BY i', {}, options);
      return rows.flatMap(([diagnostics]) => JSON.parse(String(diagnostics)) as Diagnostic[]); // written by the partition writer
    },

    async close() {
      closed = true;
      await lease.release();
    },
  };
}

/** The pattern of a relationship of these kinds from a symbol in this direction. */
function arrow(name: string, { direction, kinds }: Pick<NeighboursRequest, 'direction' | 'kinds'>, times = ''): string {
  const types = EDGE_KINDS.filter((kind) => kinds.includes(kind)).join('|');
  return direction === 'out' ? `-[${name}:${types}${times}]->` : `<-[${name}:${types}${times}]-`;
}

/**
 * Finds all symbols that may match, of any snapshot; what does match is for {@link matchRank} to say. Keys that do not show their text, and symbols that have other names
 * in some partitions, always may.
 */
function candidates({ match }: FindRequest): string {
  const either = (condition: (property: string) => string): string => `${['name', 'qualifiedName'].map((property) => `MATCH (s:Symbol) WHERE s.space = $space AND ${condition(`s.${property}`)} RETURN s`).join(' UNION ')}
    UNION MATCH (s:Variant) WHERE s.space = $space RETURN s`;
  if (match === 'exact') return `CALL { ${either((property) => `${property} = $text`)} }`;
  const marked = (property: string): string => `UNION UNWIND $marks AS mark MATCH (s:Symbol) WHERE s.space = $space AND ${property} STARTS WITH mark RETURN s`;
  const odd = `${marked('s.name')} ${marked('s.qualifiedName')}`;
  if (match === 'substring') return `CALL { ${either((property) => `${property} IS NOT NULL AND toLower(${property}) CONTAINS $piece`)} ${odd} }`;
  return `CALL { ${['name', 'qualifiedName'].map((property) => `UNWIND $beginnings AS beginning MATCH (s:Symbol) WHERE s.space = $space AND s.${property} STARTS WITH beginning AND toLower(s.${property}) STARTS WITH $piece RETURN s`).join(' UNION ')}
    UNION MATCH (s:Variant) WHERE s.space = $space RETURN s ${odd} }`;
}

/** Parameters of {@link candidates}. Case is that of A to Z, so what the server compares without regard to case is plain ASCII. */
function wanted({ text, match }: FindRequest): Parameters {
  if (match === 'exact') return { text: toKey(text) };
  const plain = match === 'prefix' ? /^[ -~]*/.exec(text)?.[0] ?? '' : (text.match(/[ -~]+/g) ?? []).reduce((longest, run) => (run.length > longest.length ? run : longest), '');
  return { piece: foldCase(plain).slice(0, 200), beginnings: spellings(plain.slice(0, 3)), marks: ['\u0001', '\u0002'] };
}

/** All ways to write a text with capitals and without. */
function spellings(text: string): string[] {
  return [...text].reduce<string[]>((before, letter) => before.flatMap((beginning) => [...new Set([letter.toLowerCase(), letter.toUpperCase()])].map((each) => beginning + each)), ['']);
}

function kindOf(type: unknown): EdgeKind {
  const kind = EDGE_KINDS.find((one) => one === type);
  if (kind === undefined) throw new CodeloomError('store-corrupt', `The store holds a kind that this codeloom does not know (${String(type)}).`);
  return kind;
}

function append<T>(list: T[], items: readonly T[]): void {
  for (const item of items) list.push(item);
}

