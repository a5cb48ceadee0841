import type { GraphNode } from '../../domain/graph-node.js';
import { type NodeRow, nodeFrom, nodeRow } from '../../domain/partition-codec.js';
import { fromStored } from '../../domain/stored-text.js';
import { toStored } from './stored-text.js';

/**
 * What a DECLARES relationship says of a symbol in one version of its file: columns for people (`line`, `exported`, `signature`, `doc`), and `detail`, JSON of
 * what else there is. A name stands in `detail` only where it is another than the symbol's own.
 */
export type DeclarationRow = readonly [line: number | null, exported: boolean | null, signature: string | null, doc: string | null, detail: string];

/** The names that a Symbol node has. */
export interface SymbolNames {
  readonly name: string;
  readonly qualifiedName: string;
}

type Detail = [
  kind: number, start: NodeRow[4], end: NodeRow[5], at: NodeRow[6], modifiers: NodeRow[8], shared: number | null, rest: string | null,
  packageName: string | null, source: string | null, name?: string, qualifiedName?: string,
];

export function declarationRow(node: GraphNode, names: SymbolNames): DeclarationRow {
  const [id, kind, , , start, end, at, , modifiers, , , parent, packageName, source] = nodeRow(node);
  // A parent's id is nearly always the beginning of its own, so that little of it has to be said.
  const shared = parent === null ? null : sharedLength(id, parent);
  const detail: Detail = [kind, start, end, at, modifiers, shared, parent === null ? null : parent.slice(shared ?? 0), packageName, source ?? null];
  if (node.name !== names.name || node.qualifiedName !== names.qualifiedName) detail.push(node.name, node.qualifiedName);
  return [
    node.at?.line ?? node.range?.start.line ?? null, node.exported ?? null, node.signature === undefined ? null : toStored(node.signature),
    node.doc === undefined ? null : toStored(node.doc), JSON.stringify(detail),
  ];
}

/** The node that {@link declarationRow} was made from. */
export function nodeOf(id: string, names: SymbolNames, row: DeclarationRow, file: { readonly path: string; readonly language: string }): GraphNode {
  const [, exported, signature, doc, json] = row;
  const [kind, start, end, at, modifiers, shared, rest, packageName, source, name, qualifiedName] = JSON.parse(json) as Detail; // written by declarationRow
  const columns: NodeRow = [
    id, kind, name ?? names.name, qualifiedName ?? names.qualifiedName, start, end, at, exported === null ? null : exported ? 1 : 0, modifiers,
    signature === null ? null : fromStored(signature), doc === null ? null : fromStored(doc), shared === null ? null : id.slice(0, shared) + (rest ?? ''), packageName,
  ];
  if (source !== null) columns[13] = source;
  return nodeFrom(columns, file.path, file.language);
}

/** The names that a declaration gives the symbol, and its kind's place in NODE_KINDS. */
export function namesOf(names: SymbolNames, json: string): SymbolNames & { readonly kind: number } {
  const detail = JSON.parse(json) as Detail; // written by declarationRow
  return { name: detail[9] ?? names.name, qualifiedName: detail[10] ?? names.qualifiedName, kind: detail[0] };
}

function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}
