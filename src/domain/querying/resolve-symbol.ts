import type { GraphNode } from '../graph-node.js';
import { compareText } from '../partition.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import { nearNames } from './near-names.js';
import { lineOf } from './results.js';

export type Resolution =
  /** `others` have the same bare name within something else; absent when there are none. */
  | { readonly kind: 'found'; readonly node: GraphNode; readonly others?: readonly GraphNode[] }
  /** Several fit equally well; by path and line. */
  | { readonly kind: 'ambiguous'; readonly candidates: readonly GraphNode[] }
  /** What comes near, as a person would type it; `beyond` is the file of a `path:line` that it does not reach. */
  | { readonly kind: 'unknown'; readonly suggestions: readonly string[]; readonly beyond?: { readonly path: string; readonly lines: number } };

const CANDIDATES = 1000;

/**
 * Finds the symbol that a person means: an id; `path:line` (what is declared there, or the innermost definition around it); `path#Name`; a qualified name
 * (`App.listen`, with or without `()`); a bare name; the end of a qualified name; a member that a class inherits, by the class's name. The first of these that fits anything decides. A path may be given by its
 * last parts.
 */
export async function resolveSymbol(reader: GraphReader, text: string, options?: CallOptions): Promise<Resolution> {
  const wanted = text.trim();
  const tries = [byId, byPlace, byPathAndName, byQualifiedName, byName, byEnd, byInheritance];
  for (const attempt of tries) {
    const found = await attempt(reader, wanted, options);
    const [first] = found;
    if (first === undefined) continue;
    if (found.length > 1) return { kind: 'ambiguous', candidates: inOrder(found) };
    const others = attempt === byQualifiedName ? (await byName(reader, wanted, options)).filter((node) => node.id !== first.id) : [];
    return { kind: 'found', node: first, ...(others.length === 0 ? {} : { others: inOrder(others) }) };
  }
  const beyond = await fileOfPlace(reader, wanted, options);
  return { kind: 'unknown', ...(beyond === undefined ? { suggestions: await nearNames(reader, withoutCall(wanted), options) } : { suggestions: [], beyond }) };
}

function inOrder(nodes: readonly GraphNode[]): readonly GraphNode[] {
  return [...nodes].sort((a, b) => compareText(a.path, b.path) || lineOf(a) - lineOf(b) || compareText(a.id, b.id));
}

async function byId(reader: GraphReader, text: string, options?: CallOptions): Promise<readonly GraphNode[]> {
  return [...(await reader.nodes([text, normalPath(text)], options)).values()].slice(0, 1);
}

/** `path:line` or `path:line:column`. */
const PLACE = /^(.+?):(\d+)(?::(\d+))?$/;

async function byPlace(reader: GraphReader, text: string, options?: CallOptions): Promise<readonly GraphNode[]> {
  const match = PLACE.exec(text);
  if (match === null) return [];
  const line = Number(match[2]);
  const column = match[3] === undefined ? undefined : Number(match[3]);
  const found: GraphNode[] = [];
  for (const path of await pathsLike(reader, match[1] ?? '', options)) {
    for await (const partitions of reader.partitions([path], options)) {
      for (const partition of partitions) {
        if (line < 1 || line > linesOf(partition.nodes[0])) continue;
        const definitions = partition.nodes.filter((node) => node.kind !== 'external' && node.kind !== 'file');
        const here = definitions.filter((node) => node.at?.line === line);
        const exact = column === undefined ? here : here.filter((node) => node.at !== undefined && node.at.column <= column && column < node.at.column + node.name.length);
        if (exact.length > 0) found.push(...exact);
        else found.push(...(innermost(definitions, line) ?? (here.length > 0 ? here : partition.nodes.slice(0, 1))));
      }
    }
  }
  return found;
}

/** A file that a `path:line` names: asked once nothing was found there. */
async function fileOfPlace(reader: GraphReader, text: string, options?: CallOptions): Promise<{ readonly path: string; readonly lines: number } | undefined> {
  const match = PLACE.exec(text);
  if (match === null) return undefined;
  const [path] = await pathsLike(reader, match[1] ?? '', options);
  const node = path === undefined ? undefined : (await reader.nodes([path], options)).get(path);
  return path === undefined || node === undefined ? undefined : { path, lines: linesOf(node) };
}

function linesOf(file: GraphNode | undefined): number {
  return file?.range?.end.line ?? Infinity;
}

function innermost(definitions: readonly GraphNode[], line: number): readonly GraphNode[] | undefined {
  let best: GraphNode | undefined;
  for (const node of definitions) {
    if (node.range === undefined || node.range.start.line > line || node.range.end.line < line) continue;
    if (best?.range === undefined || node.range.end.offset - node.range.start.offset <= best.range.end.offset - best.range.start.offset) best = node;
  }
  return best === undefined ? undefined : [best];
}

async function byPathAndName(reader: GraphReader, text: string, options?: CallOptions): Promise<readonly GraphNode[]> {
  const hash = text.indexOf('#');
  if (hash <= 0) return [];
  const path = normalPath(text.slice(0, hash));
  const name = withoutCall(text.slice(hash + 1).replace(/[#./]$/, ''));
  const found = await reader.find({ text: name, match: 'exact', limit: CANDIDATES }, options);
  const within = found.filter((node) => node.path === path || node.path.endsWith(`/${path}`));
  const qualified = within.filter((node) => node.qualifiedName === name);
  return qualified.length > 0 ? qualified : within;
}

async function byQualifiedName(reader: GraphReader, text: string, options?: CallOptions): Promise<readonly GraphNode[]> {
  const name = withoutCall(text);
  return preferOwn((await reader.find({ text: name, match: 'exact', limit: CANDIDATES }, options)).filter((node) => node.qualifiedName === name));
}

async function byName(reader: GraphReader, text: string, options?: CallOptions): Promise<readonly GraphNode[]> {
  return preferOwn(await reader.find({ text: withoutCall(text), match: 'exact', limit: CANDIDATES }, options));
}

async function byEnd(reader: GraphReader, text: string, options?: CallOptions): Promise<readonly GraphNode[]> {
  const end = `.${withoutCall(text)}`;
  if (end === '.') return [];
  const named = preferOwn((await reader.find({ text: end, match: 'substring', limit: CANDIDATES }, options)).filter((node) => node.qualifiedName.endsWith(end)));
  if (named.length > 0 || !text.includes('/')) return named;
  return fileNodes(reader, await pathsLike(reader, text, options), options);
}

/** `Flask.route` where `route` is declared by a class that `Flask` extends: the nearest declaration on each way up. */
async function byInheritance(reader: GraphReader, text: string, options?: CallOptions): Promise<readonly GraphNode[]> {
  const name = withoutCall(text);
  const dot = name.lastIndexOf('.');
  if (dot <= 0) return [];
  const member = name.slice(dot + 1);
  const className = name.slice(0, dot);
  const named = await reader.find({ text: className, match: 'exact', kinds: ['class', 'interface'], limit: CANDIDATES }, options);
  let frontier = named.filter((node) => node.qualifiedName === className || node.name === className).map((node) => node.id);
  const seen = new Set(frontier);
  while (frontier.length > 0) {
    const above = await reader.neighbours({ ids: frontier, direction: 'out', kinds: ['EXTENDS', 'IMPLEMENTS'] }, options);
    frontier = [...new Set(above.map((edge) => edge.to))].filter((id) => !seen.has(id));
    for (const id of frontier) seen.add(id);
    const contained = await reader.neighbours({ ids: frontier, direction: 'out', kinds: ['CONTAINS'] }, options);
    const members = await reader.nodes([...new Set(contained.map((edge) => edge.to))], options);
    const found = [...members.values()].filter((node) => node.name === member);
    if (found.length > 0) return found;
  }
  return [];
}

/** What the repository declares goes before what it merely uses. */
function preferOwn(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const own = nodes.filter((node) => node.kind !== 'external');
  return own.length > 0 ? own : nodes;
}

async function fileNodes(reader: GraphReader, paths: readonly string[], options?: CallOptions): Promise<readonly GraphNode[]> {
  return [...(await reader.nodes(paths, options)).values()];
}

/** The file with this path, or those whose path ends so. */
async function pathsLike(reader: GraphReader, text: string, options?: CallOptions): Promise<readonly string[]> {
  const path = normalPath(text);
  if ((await reader.nodes([path], options)).has(path)) return [path];
  return (await reader.manifest(options)).filter((entry) => entry.path.endsWith(`/${path}`)).map((entry) => entry.path);
}

function normalPath(text: string): string {
  return text.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
}

function withoutCall(text: string): string {
  return text.replace(/\(\)$/, '');
}
