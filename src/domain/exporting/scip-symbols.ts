import type { GraphNode, NodeKind, SymbolId } from '../graph-node.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import { scipName, scipPackagePart } from '../scip/symbol-text.js';
import { isExternal } from '../symbol.js';

const SCHEME = 'codeloom';
/** Of so many symbols the text is remembered. */
const REMEMBERED = 50_000;

/**
 * The SCIP symbols of a snapshot's nodes: package is the repository, descriptors are the path's parts and then the definitions around, each with the suffix of its
 * kind. A symbol of another file needs the kinds of what is around it: these nodes are asked for in batches, and the newest texts kept.
 */
export class ScipSymbols {
  readonly #reader: GraphReader;
  readonly #options: CallOptions;
  readonly #prefix: string;
  #texts = new Map<SymbolId, string>();

  constructor(reader: GraphReader, options: CallOptions) {
    this.#reader = reader;
    this.#options = options;
    this.#prefix = `${SCHEME} . ${scipPackagePart(reader.snapshot.repository)} . `;
  }

  /** Makes these ids known to {@link of}. `nodes` are at hand. */
  async load(nodes: readonly GraphNode[], ids: Iterable<SymbolId>): Promise<void> {
    if (this.#texts.size > REMEMBERED) this.#texts = new Map();
    const known = new Map(nodes.map((node) => [node.id, node]));
    let missing = [...ids].filter((id) => !this.#texts.has(id) && !known.has(id));
    while (missing.length > 0) {
      const found = await this.#reader.nodes(missing, this.#options);
      for (const [id, node] of found) known.set(id, node);
      missing = [...new Set([...found.values()].flatMap(({ parent }) => (parent === undefined || known.has(parent) || this.#texts.has(parent) ? [] : [parent])))];
    }
    for (const node of known.values()) this.#name(node, known);
  }

  of(id: SymbolId): string | undefined {
    return this.#texts.get(id);
  }

  #name(node: GraphNode, known: ReadonlyMap<SymbolId, GraphNode>): string {
    const before = this.#texts.get(node.id);
    if (before !== undefined) return before;
    const text = node.kind === 'external' ? externalSymbol(node) : node.kind === 'file' ? this.#prefix + fileDescriptors(node.path) : this.#parent(node, known) + between(node).map((name) => `${scipName(name)}#`).join('') + descriptorOf(node);
    this.#texts.set(node.id, text);
    return text;
  }

  #parent({ parent, path }: GraphNode, known: ReadonlyMap<SymbolId, GraphNode>): string {
    const node = parent === undefined ? undefined : known.get(parent);
    return node !== undefined ? this.#name(node, known) : (parent === undefined ? undefined : this.#texts.get(parent)) ?? this.#prefix + fileDescriptors(path);
  }
}

function fileDescriptors(path: string): string {
  return path.split('/').map((part) => `${scipName(part)}/`).join('');
}

/** `external:express#Router.get` is of the package express: which kinds its members are is not known, so that they are terms. */
function externalSymbol({ id, name, package: packageName = name }: GraphNode): string {
  const members = isExternal(id) ? memberNames(id.slice(`external:${packageName}`.length + 1)) : [name];
  return `${SCHEME} . ${scipPackagePart(packageName)} . ${scipName(packageName)}/${members.map((member) => `${scipName(member)}.`).join('')}`;
}

/** Names joined by dots, those between backticks with their dots. */
function memberNames(text: string): string[] {
  return [...text.matchAll(/`((?:[^`]|``)*)`|([^.`]+)/g)].map(([, escaped, plain = '']) => escaped?.replaceAll('``', '`') ?? plain);
}

/** Names in an id that are no nodes around it: an imported method of a type in another file has its type's. */
function between({ id, path, parent = path }: GraphNode): string[] {
  const names = (of: SymbolId): string[] => (of === path ? [] : memberNames(of.slice(path.length + 1).replace(/(?:\(\)\.|[#./])$/, '')));
  return names(id).slice(names(parent).length, -1);
}

const SUFFIX: Readonly<Record<Exclude<NodeKind, 'file' | 'external'>, '/' | '#' | '().' | '.'>> = {
  module: '/', class: '#', interface: '#', type: '#', enum: '#', function: '().', method: '().', constructor: '().', field: '.', variable: '.', parameter: '.',
};

/** Methods have a place for what tells them apart; the others take it into their name. */
function descriptorOf(node: GraphNode): string {
  if (node.kind === 'file' || node.kind === 'external') return '';
  const suffix = SUFFIX[node.kind];
  const again = /\((\+\d+)\)(?:\(\)\.|[#./])$/.exec(node.id)?.[1];
  if (again === undefined) return scipName(node.name) + suffix;
  return suffix === '().' ? `${scipName(node.name)}(${again}).` : `${scipName(`${node.name}(${again})`)}${suffix}`;
}
