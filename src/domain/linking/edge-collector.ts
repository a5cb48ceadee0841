import { EDGE_KINDS, type Certainty, type EdgeKind, type EdgeSite, type GraphEdge, type GraphNode, type SymbolId } from '../graph-node.js';
import { compareText } from '../partition.js';
import { externalId } from '../symbol.js';

/** Gathers the edges that start in one file: one for each kind, ends and certainty, with its sites; and the externals they point at. */
export class EdgeCollector {
  readonly #edges = new Map<string, { kind: EdgeKind; from: SymbolId; to: SymbolId; certainty: Certainty; sites: EdgeSite[] }>();
  readonly #externals = new Map<SymbolId, GraphNode>();

  add(kind: EdgeKind, from: SymbolId, to: SymbolId, certainty: Certainty, site?: EdgeSite): void {
    const key = `${kind} ${certainty} ${from} ${to}`;
    let edge = this.#edges.get(key);
    if (edge === undefined) this.#edges.set(key, (edge = { kind, from, to, certainty, sites: [] }));
    if (site !== undefined && !edge.sites.some((known) => known.line === site.line && known.column === site.column)) edge.sites.push(site);
  }

  /** The id of something outside, whose node the file then brings along. */
  external(packageName: string, members: readonly string[]): SymbolId {
    const id = externalId(packageName, members);
    if (!this.#externals.has(id)) {
      this.#externals.set(id, { id, kind: 'external', name: members.at(-1) ?? packageName, qualifiedName: [packageName, ...members].join('.'), path: '', package: packageName });
    }
    return id;
  }

  /** Externals by id. */
  externals(): GraphNode[] {
    return [...this.#externals.values()].sort((a, b) => compareText(a.id, b.id));
  }

  /** By kind, from, to, certainty. What is certain at a place is no candidate there. */
  edges(): GraphEdge[] {
    const all: GraphEdge[] = [];
    for (const edge of this.#edges.values()) {
      const certain = edge.certainty === 'candidate' ? this.#edges.get(`${edge.kind} certain ${edge.from} ${edge.to}`) : undefined;
      const sites = certain === undefined ? edge.sites : edge.sites.filter((site) => !certain.sites.some((known) => known.line === site.line && known.column === site.column));
      if (certain !== undefined && sites.length === 0) continue;
      all.push({ ...edge, sites: sites.sort((a, b) => a.line - b.line || a.column - b.column) });
    }
    return all.sort((a, b) => kindOrder(a.kind) - kindOrder(b.kind) || compareText(a.from, b.from) || compareText(a.to, b.to) || compareText(a.certainty, b.certainty));
  }
}

function kindOrder(kind: EdgeKind): number {
  return EDGE_KINDS.indexOf(kind);
}
