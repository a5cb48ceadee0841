import type { NodeKind, SymbolId } from './graph-node.js';

/**
 * Symbol ids: the path, `#`, then a descriptor for each enclosing definition, joined by `.`, in the manner of SCIP
 * (https://github.com/sourcegraph/scip, "Symbol"): `src/app.ts#App.listen().`, `pkg/models.py#Model#`, `src/a.ts#limit.`.
 * The last descriptor carries the suffix of its kind; those before it are bare names. A file's id is its path; an external's is
 * `external:package` or `external:package#member.path`.
 */
const SUFFIX: Readonly<Record<NodeKind, string>> = {
  file: '', external: '', module: '/', class: '#', interface: '#', type: '#', enum: '#',
  function: '().', method: '().', constructor: '().', field: '.', variable: '.', parameter: '.',
};

const SIMPLE_NAME = /^[\p{ID_Continue}$#+\-]+$/u;

/** One name as it stands in an id: bare when it is a plain identifier, else between backticks, doubled inside. */
export function escapeName(name: string): string {
  return SIMPLE_NAME.test(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}

/** The id of a definition. `parents` are the escaped names (with disambiguators) of what encloses it; `duplicate` counts earlier ones with the same id. */
export function symbolId(request: { path: string; parents: readonly string[]; name: string; kind: NodeKind; duplicate: number }): SymbolId {
  return `${request.path}#${[...request.parents, descriptor(request.name, request.duplicate)].join('.')}${SUFFIX[request.kind]}`;
}

/** A name with its disambiguator: `load`, `load(+1)`. */
export function descriptor(name: string, duplicate: number): string {
  return escapeName(name) + (duplicate > 0 ? `(+${duplicate})` : '');
}

/** The id of something outside the repository; `members` may be empty. */
export function externalId(packageName: string, members: readonly string[]): SymbolId {
  return members.length === 0 ? `external:${packageName}` : `external:${packageName}#${members.map(escapeName).join('.')}`;
}

/** Whether an id names something outside the repository. */
export function isExternal(id: SymbolId): boolean {
  return id.startsWith('external:');
}

/** A symbol as an answer shows it. `qualifiedName` is what a person types. */
export interface Symbol {
  readonly id: SymbolId;
  readonly kind: NodeKind;
  readonly name: string;
  readonly qualifiedName: string;
  readonly path: string;
  /** 1-based; 0 for externals. */
  readonly line: number;
}
