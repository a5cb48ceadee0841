import type { EdgeKind, EdgeSite, GraphEdge, GraphNode, NodeKind, SymbolId } from '../graph-node.js';
import { compareText, type Partition } from '../partition.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import { encodeScipPart } from '../scip/codec.js';
import { ROLE, SYNTAX, type ScipDocument, type ScipOccurrence, type ScipRange, type ScipRelationship, type ScipSymbol } from '../scip/scip-index.js';
import type { ExportChunk } from './export-format.js';
import { ScipSymbols } from './scip-symbols.js';
import { specifierRange, tokenLength } from './token-length.js';

export interface ScipExportRequest {
  readonly reader: GraphReader;
  /** URI of the folder that paths are relative to. */
  readonly projectRoot: string;
  /** The texts of these files, by blob, as far as they can be had: where names end is read from them. */
  readonly texts: (files: readonly Partition[]) => Promise<ReadonlyMap<string, string>>;
}

/**
 * A SCIP index: a document a file, a definition for each node, a reference for each site of a certain edge. What SCIP has no word for is left out: candidates,
 * containment (symbols tell it), unresolved calls.
 */
export async function* scipExport({ reader, projectRoot, texts }: ScipExportRequest, options: CallOptions): AsyncIterable<ExportChunk> {
  const file = 'index.scip';
  yield { file, bytes: encodeScipPart({ part: 'metadata', metadata: { tool: 'codeloom', toolVersion: reader.snapshot.indexerVersion, projectRoot } }) };
  const symbols = new ScipSymbols(reader, options);
  const externals = new Map<SymbolId, ScipSymbol>();
  for await (const partitions of reader.partitions(undefined, options)) {
    const sources = await texts(partitions);
    for (const partition of partitions) {
      await symbols.load(partition.nodes, partition.edges.flatMap(({ from, to }) => [from, to]));
      yield { file, bytes: encodeScipPart({ part: 'document', document: documentOf(partition, symbols, sources.get(partition.blob)) }) };
      for (const node of partition.nodes) if (node.kind === 'external' && !externals.has(node.id)) externals.set(node.id, symbolOf(node, symbols.of(node.id) ?? '', []));
    }
  }
  for (const symbol of [...externals.values()].sort((a, b) => compareText(a.symbol, b.symbol))) yield { file, bytes: encodeScipPart({ part: 'external', symbol }) };
}

/** As SCIP calls languages; others stay as they are. */
const LANGUAGES: Readonly<Record<string, string>> = { typescript: 'TypeScript', tsx: 'TypeScriptReact', javascript: 'JavaScript', python: 'Python' };

function documentOf(partition: Partition, symbols: ScipSymbols, text: string | undefined): ScipDocument {
  const lines = text?.split(/\r\n|[\n\r\u2028\u2029]/);
  const language = LANGUAGES[partition.language] ?? partition.language;
  const occurrences = new Map<string, ScipOccurrence>();
  const add = (occurrence: ScipOccurrence): void => {
    const key = `${occurrence.range.join(' ')} ${occurrence.roles} ${occurrence.symbol}`;
    const known = occurrences.get(key);
    if (known === undefined || known.syntax < occurrence.syntax) occurrences.set(key, occurrence);
  };
  const own = partition.nodes.filter((node) => node.kind !== 'external');
  for (const node of own) add(definitionOf(node, symbols.of(node.id) ?? '', lines));
  const nodes = new Map(partition.nodes.map((node) => [node.id, node]));
  for (const edge of partition.edges) {
    const symbol = symbols.of(edge.to);
    if (edge.certainty === 'certain' && symbol !== undefined) for (const occurrence of referencesOf(edge, { symbol, lines, name: nodes.get(edge.to)?.name ?? lastName(edge.to) })) add(occurrence);
  }
  const relations = relationshipsOf(partition.edges, symbols);
  return {
    path: partition.path, language, encoding: 'utf-16', occurrences: [...occurrences.values()].sort(compareOccurrences),
    symbols: own.map((node) => symbolOf(node, symbols.of(node.id) ?? '', relations.get(node.id) ?? [], language)),
  };
}

function compareOccurrences(a: ScipOccurrence, b: ScipOccurrence): number {
  for (let index = 0; index < 4; index++) {
    const difference = (a.range[index] ?? 0) - (b.range[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return b.roles - a.roles || compareText(a.symbol, b.symbol);
}

function definitionOf(node: GraphNode, symbol: string, lines: readonly string[] | undefined): ScipOccurrence {
  const { range, at = range?.start } = node;
  const enclosing: ScipRange | undefined = range === undefined ? undefined : [range.start.line - 1, range.start.column - 1, range.end.line - 1, range.end.column - 1];
  const place: ScipRange = node.kind === 'file' ? [0, 0, 0, 0] : nameRange(at ?? { line: 1, column: 1 }, { lines, name: node.name });
  // a declaration without a name begins where its name would stand, so that a word of it may reach further than a very short one
  return { range: place, symbol, roles: ROLE.definition, syntax: SYNTAX.none, ...(enclosing !== undefined && encloses(enclosing, place) ? { enclosing } : {}) };
}

function encloses(outer: ScipRange, inner: ScipRange): boolean {
  const after = (line: number, column: number, thanLine: number, thanColumn: number): boolean => line > thanLine || (line === thanLine && column >= thanColumn);
  return after(inner[0], inner[1], outer[0], outer[1]) && after(outer[2], outer[3], inner[2], inner[3]);
}

const REFERRING: Readonly<Record<EdgeKind, { readonly roles: number; readonly syntax: number } | undefined>> = {
  CONTAINS: undefined, OVERRIDES: undefined,
  IMPORTS: { roles: ROLE.import, syntax: SYNTAX.none }, CALLS: { roles: 0, syntax: SYNTAX.call }, REFERENCES: { roles: 0, syntax: SYNTAX.none },
  EXTENDS: { roles: 0, syntax: SYNTAX.type }, IMPLEMENTS: { roles: 0, syntax: SYNTAX.type }, USES_TYPE: { roles: 0, syntax: SYNTAX.type },
};

function referencesOf(edge: GraphEdge, { symbol, lines, name }: { readonly symbol: string; readonly lines: readonly string[] | undefined; readonly name: string }): ScipOccurrence[] {
  const how = REFERRING[edge.kind];
  const place = (site: EdgeSite): ScipRange => (edge.kind === 'IMPORTS' ? specifierRange(lines?.[site.line - 1], site) : undefined) ?? nameRange(site, { lines, name });
  return how === undefined ? [] : edge.sites.map((site) => ({ range: place(site), symbol, ...how }));
}

/** The name of what an id names, for a guess of its length. */
function lastName(id: SymbolId): string {
  const bare = id.replace(/(?:\(\)\.|[#./])$/, '').replace(/\(\+\d+\)$/, '');
  return bare.endsWith('`') ? bare.slice(bare.lastIndexOf('`', bare.length - 2) + 1, -1) : bare.slice(bare.search(id.includes('#') ? /[^.#]*$/ : /[^/]*$/));
}

/** From where a name begins to its end in the text; without the text, as far as the name is long. */
function nameRange({ line, column }: { readonly line: number; readonly column: number }, { lines, name }: { readonly lines: readonly string[] | undefined; readonly name: string }): ScipRange {
  const text = lines?.[line - 1];
  const length = text === undefined ? name.length : tokenLength(text, column - 1);
  return [line - 1, column - 1, line - 1, column - 1 + length];
}

const KINDS: Readonly<Record<Exclude<NodeKind, 'external'>, number>> = {
  file: 16, module: 30, class: 7, interface: 21, type: 55, enum: 11, function: 17, method: 26, constructor: 9, field: 15, variable: 61, parameter: 37,
};

function symbolOf(node: GraphNode, symbol: string, relationships: readonly ScipRelationship[], language = ''): ScipSymbol {
  return {
    symbol, relationships, kind: node.kind === 'external' ? 0 : KINDS[node.kind], displayName: node.name, documentation: node.doc === undefined ? [] : [node.doc],
    ...(node.signature === undefined ? {} : { signature: { language, text: node.signature } }),
  };
}

/** A class implements what it extends, a member what it overrides; asked for references of the one, a tool shows those of the other member too. */
function relationshipsOf(edges: readonly GraphEdge[], symbols: ScipSymbols): ReadonlyMap<SymbolId, readonly ScipRelationship[]> {
  const found = new Map<SymbolId, Map<string, ScipRelationship>>();
  for (const { kind, from, to, certainty } of edges) {
    const symbol = symbols.of(to);
    if (certainty !== 'certain' || symbol === undefined || (kind !== 'EXTENDS' && kind !== 'IMPLEMENTS' && kind !== 'OVERRIDES')) continue;
    const of = found.get(from) ?? new Map<string, ScipRelationship>();
    found.set(from, of);
    of.set(symbol, { symbol, implementation: true, reference: kind === 'OVERRIDES' || of.get(symbol)?.reference === true });
  }
  return new Map([...found].map(([id, relations]) => [id, [...relations.values()]]));
}
