import type { Range } from '../file-facts.js';
import type { GraphNode, NodeKind, SymbolId } from '../graph-node.js';
import { compareText, type Partition } from '../partition.js';
import { escapeName, symbolId } from '../symbol.js';
import type { OverlayDefinition, OverlayFile, OverlayTarget } from './overlay-file.js';

/** A file's nodes with those that an overlay adds, and what its definitions are in the graph. */
export interface DefinedFile {
  /** The file's node first, then definitions in source order; no externals. */
  readonly nodes: readonly GraphNode[];
  /** Symbols that other files may name. */
  readonly symbols: ReadonlyMap<string, OverlayTarget>;
  /** Those of this file alone. */
  readonly locals: ReadonlyMap<string, OverlayTarget>;
}

/**
 * Finds for each definition of an overlay its node: the one whose name stands at the same place; where there is none, a new one, if it is a definition that the
 * graph has (no parameter, no local variable).
 */
export function defineOverlay(overlay: OverlayFile, partition: Partition | undefined, source: string): DefinedFile {
  const own = partition?.nodes.filter((node) => node.kind !== 'external') ?? [fileNode(overlay, source)];
  const nodes = new Map(own.map((node) => [node.id, node]));
  const byPlace = new Map<string, GraphNode>();
  for (const node of own) if (node.at !== undefined && node.kind !== 'file' && !byPlace.has(placeOf(node.at))) byPlace.set(placeOf(node.at), node);
  const symbols = new Map<string, OverlayTarget>();
  const locals = new Map<string, OverlayTarget>();
  // what contains others comes before them
  const definitions = [...overlay.definitions].sort((a, b) => a.parents.length - b.parents.length || a.name.start.offset - b.name.start.offset || compareText(a.symbol, b.symbol));
  const name = (symbol: string, node: GraphNode): void => {
    const into = symbol.startsWith('local ') ? locals : symbols;
    if (!into.has(symbol)) into.set(symbol, targetOf(node, nodes));
  };
  for (const { kind, symbol, name: { start } } of definitions) {
    const there = kind === 'file' ? own[0] : byPlace.get(placeOf(start));
    if (there !== undefined) name(symbol, there);
  }
  // what has a node already has another place besides: an overload, a merged declaration
  for (const definition of definitions) {
    if (symbols.has(definition.symbol) || locals.has(definition.symbol)) continue;
    const node = newNode(overlay, definition, { nodes, symbols, source, parsed: partition !== undefined });
    if (node === undefined) continue;
    nodes.set(node.id, node);
    name(definition.symbol, node);
  }
  const [file, ...rest] = nodes.values();
  return { nodes: file === undefined ? [] : [file, ...rest.sort((a, b) => offsetOf(a) - offsetOf(b) || compareText(a.id, b.id))], symbols, locals };
}

function fileNode({ path, language, range }: OverlayFile, source: string): GraphNode {
  return { id: path, kind: 'file', name: path.slice(path.lastIndexOf('/') + 1), qualifiedName: path, path, range, at: range.start, language, source };
}

function placeOf({ line, column }: { readonly line: number; readonly column: number }): string {
  return `${line}:${column}`;
}

function offsetOf(node: GraphNode): number {
  return node.at?.offset ?? 0;
}

/** Construction is a call of the class. */
function targetOf(node: GraphNode, nodes: ReadonlyMap<SymbolId, GraphNode>): OverlayTarget {
  const parent = node.kind === 'constructor' && node.parent !== undefined ? nodes.get(node.parent) : undefined;
  return { id: node.id, kind: node.kind, name: node.name, ...(parent?.kind === 'class' ? { class: parent.id } : {}) };
}

const CONTAINERS: ReadonlySet<NodeKind> = new Set(['module', 'class', 'interface', 'type', 'enum', 'function', 'method', 'constructor']);

function newNode(
  { path, language }: OverlayFile, definition: OverlayDefinition,
  { nodes, symbols, source, parsed }: { readonly nodes: ReadonlyMap<SymbolId, GraphNode>; readonly symbols: ReadonlyMap<string, OverlayTarget>; readonly source: string; readonly parsed: boolean },
): GraphNode | undefined {
  const { name: { start }, displayName, doc, signature } = definition;
  if (definition.kind === undefined || definition.kind === 'file' || displayName === '') return undefined;
  const around = symbols.get(definition.parent);
  const parent = (around === undefined ? undefined : nodes.get(around.id)) ?? (definition.parents.length === 0 ? nodes.get(path) : innermost(nodes.values(), start.offset));
  const kind = memberKind(definition.kind, parent);
  const parents = parent === undefined || parent.kind === 'file' ? definition.parents.map(escapeName) : idParts(parent);
  // an overload set is one node, which codeloom has found
  const whole = nodes.get(symbolId({ path, parents, name: displayName, kind, duplicate: 0 }));
  if (parsed && whole !== undefined && whole.source === undefined && CODE.has(kind)) return whole;
  let duplicate = 0;
  while (nodes.has(symbolId({ path, parents, name: displayName, kind, duplicate }))) duplicate++;
  const above = parent === undefined || parent.kind === 'file' ? definition.parents : [parent.qualifiedName];
  return {
    id: symbolId({ path, parents, name: displayName, kind, duplicate }), kind, name: displayName, qualifiedName: [...above, displayName].join('.'), path, language,
    range: definition.range ?? definition.name, at: start, parent: parent?.id ?? path, source,
    ...(signature === undefined ? {} : { signature }), ...(doc === undefined ? {} : { doc }),
  };
}

const CODE: ReadonlySet<NodeKind> = new Set(['function', 'method', 'constructor']);
const TYPES: ReadonlySet<NodeKind> = new Set(['class', 'interface', 'type', 'enum']);

function memberKind(kind: NodeKind, parent: GraphNode | undefined): NodeKind {
  if (parent === undefined || !TYPES.has(parent.kind)) return kind;
  return kind === 'variable' ? 'field' : kind === 'function' ? 'method' : kind;
}

/** The names of an id as those below it take them: with their disambiguators, without the last one's suffix. */
function idParts({ id, path }: GraphNode): string[] {
  const text = id.slice(path.length + 1).replace(/(?:\(\)\.|[#./])$/, '');
  return text === '' ? [] : [text];
}

/** The smallest node that is code or holds some, and that reaches over a place; the file where there is none. */
function innermost(nodes: Iterable<GraphNode>, offset: number): GraphNode | undefined {
  let found: GraphNode | undefined;
  for (const node of nodes) {
    if (node.kind !== 'file' && (!CONTAINERS.has(node.kind) || !reaches(node.range, offset))) continue;
    if (found === undefined || found.kind === 'file' || sizeOf(node) <= sizeOf(found)) found = node;
  }
  return found;
}

function reaches(range: Range | undefined, offset: number): boolean {
  return range !== undefined && range.start.offset <= offset && offset < range.end.offset;
}

function sizeOf({ range }: GraphNode): number {
  return range === undefined ? 0 : range.end.offset - range.start.offset;
}
