import type { ExprIndex, ScopeIndex, TypeIndex } from '../../domain/file-facts.js';
import type { LineColumn, NamePlace, SyntaxPlace } from '../../domain/name-place.js';
import { NAMED, type ParsedSource, type Readings } from './syntax-nodes.js';

const NAME = /^#?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
/** No more of what is around a name than this: what tells its meaning stands near. */
const MOST_AROUND = 24;

/** Remembers what the syntax of one file is read as, and finds the name at a place in it. */
export class NameFinder implements Readings {
  readonly #exprs = new Map<number, ExprIndex>();
  readonly #types = new Map<number, TypeIndex>();
  readonly #scopes = new Map<number, ScopeIndex>();

  expr(node: number, scope: ScopeIndex, expr: ExprIndex): void {
    this.#scopes.set(node, scope);
    if (expr !== 0) this.#exprs.set(node, expr);
  }

  type(node: number, scope: ScopeIndex, type: TypeIndex): void {
    this.#scopes.set(node, scope);
    if (type !== 0) this.#types.set(node, type);
  }

  /** The name at a place, or that ends there; `source` is the one that was read. */
  find(source: ParsedSource, place: LineColumn): NamePlace | undefined {
    const node = tokenAt(source, place);
    if (node < 0) return undefined;
    const around: SyntaxPlace[] = [];
    let scope: ScopeIndex | undefined;
    for (let at = node; at >= 0; at = source.nodes.parent[at] ?? -1) {
      const expr = this.#exprs.get(at);
      const type = this.#types.get(at);
      scope ??= this.#scopes.get(at);
      if (around.length < MOST_AROUND) around.push({ start: source.startOf(at), end: source.endOf(at), ...(expr === undefined ? {} : { expr }), ...(type === undefined ? {} : { type }) });
    }
    return { name: source.text(node), at: source.startOf(node), end: source.endOf(node), role: roleOf(source, node), scope: scope ?? 0, around };
  }
}

/** The leaf that holds a place: a name, or the inside of a string. A name that ends at the place counts where none begins there. */
function tokenAt(source: ParsedSource, { line, column }: LineColumn): number {
  const { nodes } = source;
  let behind = -1;
  for (let node = 0; node < nodes.count; node++) {
    const row = (nodes.row[node] ?? 0) + 1;
    if (row > line) break;
    if (row < line || (nodes.next[node] ?? 0) > node + 1) continue; // has children, or ends before the line: names do not span lines
    const start = source.startOf(node).column;
    if (start > column) break;
    const text = source.text(node);
    const end = start + text.length;
    if (column > end || !isName(source, node, text)) continue;
    if (column < end) return node;
    behind = node;
  }
  return behind;
}

function isName(source: ParsedSource, node: number, text: string): boolean {
  if (((source.nodes.flags[node] ?? 0) & NAMED) === 0) return false;
  const parent = source.nodes.parent[node] ?? -1;
  return NAME.test(text) || (parent >= 0 && source.grammar.kindName(source.nodes.kind[parent] ?? 0) === 'string' && !/[\s'"]/.test(text));
}

const MEMBER_KINDS: ReadonlySet<string> = new Set(['property_identifier', 'private_property_identifier', 'statement_identifier']);

function roleOf(source: ParsedSource, node: number): NamePlace['role'] {
  const { grammar, nodes } = source;
  const parent = nodes.parent[node] ?? -1;
  const around = parent < 0 ? '' : grammar.kindName(nodes.kind[parent] ?? 0);
  if (MEMBER_KINDS.has(grammar.kindName(nodes.kind[node] ?? 0))) return around === 'pair' ? 'key' : 'member';
  if (around === 'string') return 'text';
  if (around === 'attribute' && source.childByField(parent, grammar.field('attribute')) === node) return 'member';
  return around === 'keyword_argument' && source.childByField(parent, grammar.field('name')) === node ? 'keyword' : 'variable';
}
