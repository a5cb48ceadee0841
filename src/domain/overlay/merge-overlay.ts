import type { EdgeKind, EdgeSite, GraphEdge, GraphNode, NodeKind, SymbolId } from '../graph-node.js';
import { EdgeCollector } from '../linking/edge-collector.js';
import { compareText, type Partition, type UnresolvedSite } from '../partition.js';
import { isExternal } from '../symbol.js';
import type { DefinedFile } from './define-overlay.js';
import { externalOfScip } from './external-symbol.js';
import type { OverlayFile, OverlayReference, OverlaySymbols, OverlayTarget } from './overlay-file.js';

/** What became of an overlay's references in a file. */
export interface MergeCounts {
  /** Definitions that codeloom did not have. */
  readonly defined: number;
  /** Call sites that were candidates or unresolved, and are known now; calls in files that codeloom does not parse. */
  readonly calls: number;
  /** Other references that codeloom did not have. */
  readonly references: number;
  /** References that say what the graph said already. */
  readonly known: number;
  /** Calls of which codeloom is certain of something else: these stay as they are. */
  readonly contradicted: number;
}

export interface MergeRequest {
  readonly overlay: OverlayFile;
  readonly defined: DefinedFile;
  /** As codeloom linked the file; absent where it does not parse the language. */
  readonly partition: Partition | undefined;
  /** Definitions of all files of the overlay. */
  readonly symbols: OverlaySymbols;
  /** Marks what comes of it. */
  readonly source: string;
}

/**
 * A file's partition with what an overlay says of it. All that is added is certain, and marked. A call site keeps its one verdict: what codeloom is certain of stays;
 * candidates and unresolved sites become what the overlay says, with those candidates kept that override it.
 */
export function mergeOverlay(request: MergeRequest): { readonly partition: Partition; readonly counts: MergeCounts } {
  const merge = new Merge(request);
  for (const reference of request.overlay.references) merge.refer(reference);
  merge.relate();
  return merge.result();
}

const MEMBERS: ReadonlySet<NodeKind> = new Set(['method', 'field', 'constructor']);
const TYPES: ReadonlySet<NodeKind> = new Set(['class', 'interface', 'type', 'enum']);

class Merge {
  readonly #request: MergeRequest;
  readonly #places: Places;
  readonly #added = new EdgeCollector();
  readonly #dropped = new Map<GraphEdge, Set<EdgeSite>>();
  readonly #settled = new Set<UnresolvedSite>();
  readonly #verdicts: { resolved: number; candidates: number; external: number; unresolved: number };
  readonly #counts = { defined: 0, calls: 0, references: 0, known: 0, contradicted: 0 };

  constructor(request: MergeRequest) {
    const { partition, defined } = request;
    this.#request = request;
    this.#places = new Places(partition);
    this.#verdicts = { ...partition?.verdicts ?? { resolved: 0, candidates: 0, external: 0, unresolved: 0 } };
    this.#counts.defined = defined.nodes.filter((node) => node.source === request.source && node.kind !== 'file').length;
    const known = new Set(partition?.nodes.map((node) => node.id));
    for (const node of defined.nodes) if (!known.has(node.id) && node.parent !== undefined) this.#added.add('CONTAINS', node.parent, node.id, 'certain');
  }

  refer(reference: OverlayReference): void {
    const target = this.#target(reference.symbol);
    if (target === undefined) return;
    const place = `${reference.line}:${reference.column}`;
    const callee = target.class ?? target.id;
    const calls = this.#places.calls.get(place);
    const unresolved = this.#places.unresolved.get(place);
    if (calls?.some(({ edge }) => edge.certainty === 'certain') === true) {
      if (calls.some(({ edge }) => edge.certainty === 'certain' && (edge.to === callee || edge.to === target.id))) this.#counts.known++;
      else if (!isExternal(callee)) this.#counts.contradicted++;
      return;
    }
    if (calls !== undefined || unresolved !== undefined) {
      this.#settle(reference, { callee, name: target.name, calls: calls ?? [], unresolved });
      return;
    }
    if (this.#request.partition === undefined && reference.call !== undefined) this.#call(reference, callee, reference.call);
    else this.#mention(reference, target, place);
  }

  /** A call site that codeloom could not resolve for certain. */
  #settle(reference: OverlayReference, { callee, name, calls, unresolved }: { readonly callee: SymbolId; readonly name: string; readonly calls: readonly SitedEdge[]; readonly unresolved: UnresolvedSite | undefined }): void {
    const first = calls[0];
    const from = first?.edge.from ?? unresolved?.from ?? this.#request.overlay.path;
    if (first === undefined && (unresolved === undefined || this.#settled.has(unresolved))) return;
    for (const { edge, site } of calls) {
      if (edge.to !== callee && lastNameOf(edge.to) === name && !isExternal(callee)) continue; // may override what is called
      const sites = this.#dropped.get(edge) ?? new Set<EdgeSite>();
      this.#dropped.set(edge, sites.add(site));
    }
    // settled once, also where every candidate stays
    if (first !== undefined) this.#places.settle(`${reference.line}:${reference.column}`);
    else if (unresolved !== undefined) this.#settled.add(unresolved);
    // one of several externals is a candidate of a site whose verdict is external
    this.#verdicts[first === undefined ? 'unresolved' : calls.every(({ edge }) => isExternal(edge.to)) ? 'external' : 'candidates']--;
    this.#verdicts[isExternal(callee) ? 'external' : 'resolved']++;
    this.#added.add('CALLS', from, callee, 'certain', this.#site(reference, first?.site.via));
    this.#counts.calls++;
  }

  /** A call in a file of a language that codeloom does not parse: only where the index says how far definitions reach. */
  #call(reference: OverlayReference, callee: SymbolId, call: 'call' | 'new'): void {
    const from = this.#owner(reference);
    this.#added.add('CALLS', from, callee, 'certain', this.#site(reference, call === 'new' ? 'new' : undefined));
    this.#verdicts[isExternal(callee) ? 'external' : 'resolved']++;
    this.#counts.calls++;
  }

  #mention(reference: OverlayReference, target: OverlayTarget, place: string): void {
    const { partition, overlay } = this.#request;
    const there = this.#places.mentions.get(place);
    if (there !== undefined && (there.has(target.id) || (target.class !== undefined && there.has(target.class)))) {
      this.#counts.known++;
      return;
    }
    // of files that codeloom parses, what lies outside is of interest where it is called
    if (partition !== undefined && isExternal(target.id)) return;
    const imports = reference.import === true || target.kind === 'file';
    const to = imports && !isExternal(target.id) ? pathOf(target.id) : target.id;
    const from = imports ? overlay.path : this.#owner(reference);
    if (to === from) return;
    const kind: EdgeKind = imports ? 'IMPORTS' : target.kind === 'interface' || target.kind === 'type' ? 'USES_TYPE' : 'REFERENCES';
    if (this.#places.certain.has(`${kind} ${from} ${to}`) && kind === 'IMPORTS') {
      this.#counts.known++;
      return;
    }
    this.#added.add(kind, from, to, 'certain', this.#site(reference));
    this.#counts.references++;
  }

  /** What implements, extends and overrides what. */
  relate(): void {
    const { overlay, defined, source } = this.#request;
    for (const definition of overlay.definitions) {
      const of = defined.symbols.get(definition.symbol) ?? defined.locals.get(definition.symbol);
      if (of === undefined) continue;
      for (const symbol of definition.implements) {
        const to = this.#request.symbols.get(symbol) ?? defined.locals.get(symbol);
        if (to === undefined || to.id === of.id) continue;
        const kind = TYPES.has(of.kind) && TYPES.has(to.kind) ? (to.kind === 'interface' && of.kind !== 'interface' ? 'IMPLEMENTS' : 'EXTENDS') : MEMBERS.has(of.kind) && MEMBERS.has(to.kind) ? 'OVERRIDES' : undefined;
        if (kind === undefined || ['EXTENDS', 'IMPLEMENTS', 'OVERRIDES'].some((each) => this.#places.certain.has(`${each} ${of.id} ${to.id}`))) continue;
        const at = definition.name.start;
        this.#added.add(kind, of.id, to.id, 'certain', { line: at.line, column: at.column, source });
        for (const edge of this.#request.partition?.edges ?? []) {
          if (edge.kind === kind && edge.certainty === 'candidate' && edge.from === of.id && edge.to === to.id) this.#dropped.set(edge, new Set(edge.sites));
        }
      }
    }
  }

  result(): { readonly partition: Partition; readonly counts: MergeCounts } {
    const { partition, overlay, defined } = this.#request;
    const externals = new Map((partition?.nodes ?? []).filter((node) => node.kind === 'external').map((node) => [node.id, node]));
    const edges = this.#edges();
    const wanted = new Set(edges.flatMap(({ to }) => (isExternal(to) ? [to] : [])));
    for (const node of this.#added.externals()) if (!externals.has(node.id)) externals.set(node.id, node);
    const merged: Partition = {
      path: overlay.path, language: partition?.language ?? overlay.language, blob: overlay.blob,
      nodes: [...defined.nodes, ...[...externals.values()].filter(({ id }) => wanted.has(id)).sort((a, b) => compareText(a.id, b.id))],
      edges, unresolved: (partition?.unresolved ?? []).filter((site) => !this.#settled.has(site)), verdicts: this.#verdicts, diagnostics: partition?.diagnostics ?? [],
    };
    return { partition: merged, counts: this.#counts };
  }

  #edges(): GraphEdge[] {
    const all = new EdgeCollector();
    for (const edge of this.#request.partition?.edges ?? []) {
      const dropped = this.#dropped.get(edge);
      const sites = dropped === undefined ? edge.sites : edge.sites.filter((site) => !dropped.has(site));
      if (edge.sites.length === 0 && dropped === undefined) all.add(edge.kind, edge.from, edge.to, edge.certainty);
      for (const site of sites) all.add(edge.kind, edge.from, edge.to, edge.certainty, site);
    }
    for (const edge of this.#added.edges()) {
      if (edge.sites.length === 0) all.add(edge.kind, edge.from, edge.to, edge.certainty);
      for (const site of edge.sites) all.add(edge.kind, edge.from, edge.to, edge.certainty, site);
    }
    return all.edges();
  }

  #target(symbol: string): OverlayTarget | undefined {
    if (symbol.startsWith('local ')) return this.#request.defined.locals.get(symbol);
    return this.#request.symbols.get(symbol) ?? this.#external(symbol);
  }

  #external(symbol: string): OverlayTarget | undefined {
    const outside = externalOfScip(symbol);
    if (outside === undefined) return undefined;
    return { id: this.#added.external(outside.package, outside.members), kind: 'external', name: outside.members.at(-1) ?? outside.package };
  }

  #site({ line, column }: OverlayReference, via?: EdgeSite['via']): EdgeSite {
    return { line, column, ...(via === undefined ? {} : { via }), source: this.#request.source };
  }

  /** The definition whose code a place is in. */
  #owner({ line, column }: OverlayReference): SymbolId {
    let found: GraphNode | undefined;
    for (const node of this.#request.defined.nodes) {
      if (node.kind === 'file' || node.range === undefined || !OWNERS.has(node.kind)) continue;
      const { start, end } = node.range;
      const inside = (start.line < line || (start.line === line && start.column <= column)) && (line < end.line || (line === end.line && column < end.column));
      if (inside && (found?.range === undefined || end.offset - start.offset <= found.range.end.offset - found.range.start.offset)) found = node;
    }
    return found?.id ?? this.#request.overlay.path;
  }
}

const OWNERS: ReadonlySet<NodeKind> = new Set(['class', 'interface', 'type', 'enum', 'function', 'method', 'constructor']);

interface SitedEdge {
  readonly edge: GraphEdge;
  readonly site: EdgeSite;
}

/** What a partition says, by the places where it says it. */
class Places {
  readonly calls = new Map<string, SitedEdge[]>();
  readonly unresolved = new Map<string, UnresolvedSite>();
  /** Ends of all edges with a site there. */
  readonly mentions = new Map<string, Set<SymbolId>>();
  /** `kind from to` of what is certain. */
  readonly certain = new Set<string>();

  constructor(partition: Partition | undefined) {
    for (const edge of partition?.edges ?? []) {
      if (edge.certainty === 'certain') this.certain.add(`${edge.kind} ${edge.from} ${edge.to}`);
      for (const site of edge.sites) {
        const place = `${site.line}:${site.column}`;
        this.mentions.set(place, (this.mentions.get(place) ?? new Set<SymbolId>()).add(edge.to));
        if (edge.kind === 'CALLS') this.calls.set(place, [...this.calls.get(place) ?? [], { edge, site }]);
      }
    }
    for (const site of partition?.unresolved ?? []) if (site.name !== '') this.unresolved.set(`${site.line}:${site.column}`, site);
  }

  /** The site there has its verdict. */
  settle(place: string): void {
    this.calls.set(place, (this.calls.get(place) ?? []).map(({ edge, site }) => ({ edge: { ...edge, certainty: 'certain' }, site })));
  }
}

function lastNameOf(id: SymbolId): string {
  const bare = id.replace(/(?:\(\)\.|[#./])$/, '').replace(/\(\+\d+\)$/, '');
  return bare.endsWith('`') ? bare.slice(bare.lastIndexOf('`', bare.length - 2) + 1, -1) : bare.slice(bare.search(/[^.#]*$/));
}

function pathOf(id: SymbolId): string {
  const hash = id.indexOf('#');
  return hash < 0 ? id : id.slice(0, hash);
}
