import type { FileFacts } from '../../src/domain/file-facts.js';
import { EDGE_KINDS, type Certainty, type EdgeKind, type EdgeSite, type GraphEdge, type GraphNode, type SymbolId } from '../../src/domain/graph-node.js';
import type { LinkSource } from '../../src/domain/linking/linker.js';
import { compareText, type Partition, type UnresolvedSite } from '../../src/domain/partition.js';
import { descriptor, externalId, symbolId } from '../../src/domain/symbol.js';
import type { Link } from '../../src/use-cases/indexing-ports.js';

/**
 * Links the memory parser's toy language by bare names: one definition of the name anywhere is certain, several are candidates, none is unresolved; names
 * that begin with `std` leave the repository. `names.conf`, the toy's configuration, has lines `alias=name`. Enough to make every file depend on every other.
 */
export const linkToys: Link = function* ({ sources, context }, { signal }) {
  yield { kind: 'needs', sources, earlier: [] };
  const files = sources.map((source) => ({ source, facts: factsOf(source) })).map(({ source, facts }) => ({ source, facts, nodes: nodesOf(source, facts) }));
  const byName = new Map<string, GraphNode[]>();
  for (const { nodes } of files) for (const node of nodes) byName.set(node.name, [...(byName.get(node.name) ?? []), node]);
  const aliases = new Map((context.configuration(CONFIGURATION) ?? '').split('\n').filter((line) => line.includes('=')).map((line) => line.split('=', 2) as [string, string]));
  for (const { source, facts, nodes } of files) {
    signal?.throwIfAborted();
    yield { kind: 'linked', partition: partitionOf({ source, facts, nodes, byName, aliases, paths: context.paths }) };
  }
  yield { kind: 'done', linkage: undefined, diagnostics: [] };
};

function factsOf(source: LinkSource): FileFacts {
  const facts = source.facts();
  if (facts === undefined) throw new Error(`no facts of ${source.path}`);
  return facts;
}

export const CONFIGURATION = 'names.conf';

export function isToyConfiguration(path: string): boolean {
  return path === CONFIGURATION;
}

function nodesOf({ path }: LinkSource, facts: FileFacts): GraphNode[] {
  const seen = new Map<string, number>();
  const names: string[][] = [];
  const ids: SymbolId[] = [];
  return facts.definitions.map((definition, index): GraphNode => {
    const parents = names[definition.parent] ?? [];
    const key = [...parents, definition.name, definition.kind].join('.');
    const duplicate = seen.get(key) ?? 0;
    seen.set(key, duplicate + 1);
    names[index] = [...parents, descriptor(definition.name, duplicate)];
    const id = symbolId({ path, parents, name: definition.name, kind: definition.kind, duplicate });
    ids[index] = id;
    return {
      id, kind: definition.kind, name: definition.name, qualifiedName: [...parents, definition.name].join('.'), path, language: facts.language,
      range: definition.range, at: definition.at, parent: ids[definition.parent] ?? path, exported: definition.exported === true,
    };
  });
}

function partitionOf({ source, facts, nodes, byName, aliases, paths }: {
  source: LinkSource; facts: FileFacts; nodes: readonly GraphNode[]; byName: ReadonlyMap<string, readonly GraphNode[]>; aliases: ReadonlyMap<string, string>; paths: ReadonlySet<string>;
}): Partition {
  const { path } = source;
  const edges = new Map<string, { -readonly [K in keyof GraphEdge]: GraphEdge[K] } & { sites: EdgeSite[] }>();
  const externals = new Map<SymbolId, GraphNode>();
  const unresolved: UnresolvedSite[] = [];
  const verdicts = { resolved: 0, candidates: 0, external: 0, unresolved: 0 };
  const add = (kind: EdgeKind, from: SymbolId, to: SymbolId, certainty: Certainty, site?: EdgeSite): void => {
    const key = JSON.stringify([EDGE_KINDS.indexOf(kind), from, to, certainty]);
    const edge = edges.get(key) ?? { kind, from, to, certainty, sites: [] };
    edges.set(key, edge);
    if (site !== undefined) edge.sites.push(site);
  };
  for (const node of nodes) add('CONTAINS', node.parent ?? path, node.id, 'certain');
  for (const { specifier, line, column } of facts.imports) {
    const target = `${specifier.replace(/^\.\//, '')}.toy`;
    if (paths.has(target)) add('IMPORTS', path, target, 'certain', { line, column });
  }
  for (const { definition, extends: bases } of facts.classes) {
    for (const { expr, line, column } of bases) {
      const base = facts.exprs[expr ?? 0];
      for (const target of byName.get(base?.k === 'name' ? base.name : '') ?? []) add('EXTENDS', nodes[definition]?.id ?? path, target.id, 'certain', { line, column });
    }
  }
  for (const site of facts.sites) {
    const from = nodes[site.owner]?.id ?? path;
    const name = aliases.get(site.name) ?? site.name;
    const place: EdgeSite = { line: site.at.line, column: site.at.column, ...(site.via === 'new' ? { via: 'new' as const } : {}) };
    const targets = byName.get(name) ?? [];
    if (name.startsWith('std')) {
      const id = externalId('std', [name]);
      externals.set(id, { id, kind: 'external', name, qualifiedName: `std.${name}`, path: '', package: 'std' });
      add('CALLS', from, id, 'certain', place);
      verdicts.external++;
    } else if (targets.length === 0) {
      unresolved.push({ from, name, reason: 'unknown-name', line: site.at.line, column: site.at.column });
      verdicts.unresolved++;
    } else {
      for (const target of targets) add('CALLS', from, target.id, targets.length === 1 ? 'certain' : 'candidate', place);
      if (targets.length === 1) verdicts.resolved++;
      else verdicts.candidates++;
    }
  }
  const file: GraphNode = {
    id: path, kind: 'file', name: path.slice(path.lastIndexOf('/') + 1), qualifiedName: path, path, language: facts.language,
    range: { start: { line: 1, column: 1, offset: 0 }, end: { line: Math.max(1, facts.lines), column: 1, offset: facts.bytes } }, at: { line: 1, column: 1, offset: 0 },
  };
  return {
    path, language: facts.language, blob: source.blob,
    nodes: [file, ...nodes, ...[...externals.values()].sort((a, b) => compareText(a.id, b.id))],
    edges: [...edges.values()].sort((a, b) => EDGE_KINDS.indexOf(a.kind) - EDGE_KINDS.indexOf(b.kind) || compareText(a.from, b.from) || compareText(a.to, b.to)),
    unresolved, verdicts,
    diagnostics: facts.diagnostics.map(({ code, message, line }) => ({ code, message, path, ...(line === undefined ? {} : { line }) })),
  };
}
