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

  /** By kind, from, to, certainty. A candidate that is certain as well is left out. */
  edges(): GraphEdge[] {
    const all = [...this.#edges.values()].filter((edge) => edge.certainty === 'certain' || !this.#edges.has(`${edge.kind} certain ${edge.from} ${edge.to}`));
    for (const edge of all) edge.sites.sort((a, b) => a.line - b.line || a.column - b.column);
    return all.sort((a, b) => kindOrder(a.kind) - kindOrder(b.kind) || compareText(a.from, b.from) || compareText(a.to, b.to) || compareText(a.certainty, b.certainty));
  }
}

function kindOrder(kind: EdgeKind): number {
  return EDGE_KINDS.indexOf(kind);
}
