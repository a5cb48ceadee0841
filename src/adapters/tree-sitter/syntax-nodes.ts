import { isAscii } from 'node:buffer';

/** Bits of {@link SyntaxNodes.flags}. */
export const MISSING = 1;
export const EXTRA = 2;
export const NAMED = 4;
export const HAS_ERROR = 8;

/**
 * A syntax tree in pre-order as a struct of arrays, reused from file to file. Node 0 is the root; named and anonymous nodes alike. `next[i]` is the index behind
 * i's last descendant: the first child of i is i + 1 when `next[i] > i + 1`, its next sibling is `next[i]` while that is below the parent's `next`.
 */
export class SyntaxNodes {
  count = 0;
  capacity = 0;
  /** Levels below the root of the deepest node. */
  depth = 0;
  /** Grammar symbol ids; see {@link Grammar.kind}. */
  kind = new Uint16Array(0);
  /** Grammar field ids; 0 for none. */
  field = new Uint16Array(0);
  flags = new Uint8Array(0);
  /** Byte offsets. */
  start = new Uint32Array(0);
  end = new Uint32Array(0);
  /** Row from 0 and column in bytes from 0 of `start`. */
  row = new Uint32Array(0);
  column = new Uint32Array(0);
  /** -1 for the root. */
  parent = new Int32Array(0);
  next = new Int32Array(0);

  constructor(capacity = 1 << 16) {
    this.reserve(capacity);
  }

  /** Grows every array, keeping what is there. */
  reserve(capacity: number): void {
    this.kind = grown(this.kind, new Uint16Array(capacity));
    this.field = grown(this.field, new Uint16Array(capacity));
    this.flags = grown(this.flags, new Uint8Array(capacity));
    this.start = grown(this.start, new Uint32Array(capacity));
    this.end = grown(this.end, new Uint32Array(capacity));
    this.row = grown(this.row, new Uint32Array(capacity));
    this.column = grown(this.column, new Uint32Array(capacity));
    this.parent = grown(this.parent, new Int32Array(capacity));
    this.next = grown(this.next, new Int32Array(capacity));
    this.capacity = capacity;
  }
}

function grown<A extends { set(from: A): void; readonly length: number }>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** Names and numbers of one grammar. ERROR nodes have kind 65535. */
export interface Grammar {
  /**
   * The id of a node kind, named or anonymous (`'async'`, `'('`); -1 when the grammar has none such. Where a name has several ids, they are folded into one.
   * Some names are both (a `string` literal, the `string` of a predefined type): without `named`, the named one is meant where there is one.
   */
  kind(name: string, named?: boolean): number;
  kindName(id: number): string;
  /** The id of a field; 0 when the grammar has none such. */
  field(name: string): number;
}

/** What syntax was read as: kept only where somebody asks for a place in one file. */
export interface Readings {
  /** A node was read in a scope, as an expression unless that is 0. */
  expr(node: number, scope: number, expr: number): void;
  type(node: number, scope: number, type: number): void;
}

/** One parsed file as the extractors see it. */
export class ParsedSource {
  readonly grammar: Grammar;
  readonly nodes: SyntaxNodes;
  readonly bytes: Buffer;
  /** The bytes as latin1: byte offsets are string indexes. */
  readonly latin1: string;
  readonly readings: Readings | undefined;
  /** Length of the UTF-8 byte order mark. */
  readonly #mark: 0 | 3;
  #ascii: boolean | undefined;
  #unitBlocks: Uint32Array | undefined;
  #lineStarts: Uint32Array | undefined;

  constructor(grammar: Grammar, nodes: SyntaxNodes, bytes: Buffer, readings?: Readings) {
    this.readings = readings;
    this.grammar = grammar;
    this.nodes = nodes;
    this.bytes = bytes;
    this.latin1 = bytes.toString('latin1');
    this.#mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  }

  /** The text of a node. */
  text(node: number): string {
    return this.slice(this.nodes.start[node] ?? 0, this.nodes.end[node] ?? 0);
  }

  /** The text between two byte offsets. */
  slice(start: number, end: number): string {
    if (this.#isAscii()) return this.latin1.slice(start, end);
    const text = this.latin1.slice(start, end);
    return /^[\x00-\x7f]*$/.test(text) ? text : this.bytes.toString('utf8', start, end);
  }

  /** 1-based line; 1-based UTF-16 column; byte offset. */
  startOf(node: number): { line: number; column: number; offset: number } {
    return this.position(this.nodes.start[node] ?? 0, this.nodes.row[node] ?? 0, this.nodes.column[node] ?? 0);
  }

  endOf(node: number): { line: number; column: number; offset: number } {
    return this.at(this.nodes.end[node] ?? 0);
  }

  /** The position of any byte offset. */
  at(offset: number): { line: number; column: number; offset: number } {
    const starts = this.lineStarts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return this.position(offset, low, offset - (starts[low] ?? 0));
  }

  /** Number of lines; a file without a final newline counts its last one, an empty file has none. */
  get lineCount(): number {
    const starts = this.lineStarts();
    const last = starts[starts.length - 1] ?? 0;
    return last === this.bytes.length ? starts.length - 1 : starts.length;
  }

  /** First child of any sort, or -1. */
  firstChild(node: number): number {
    return (this.nodes.next[node] ?? 0) > node + 1 ? node + 1 : -1;
  }

  /** Next sibling of any sort, or -1. */
  nextSibling(node: number): number {
    const next = this.nodes.next[node] ?? 0;
    const parent = this.nodes.parent[node] ?? -1;
    return parent >= 0 && next < (this.nodes.next[parent] ?? 0) ? next : -1;
  }

  isNamed(node: number): boolean {
    return ((this.nodes.flags[node] ?? 0) & NAMED) !== 0;
  }

  /** Named children without comments (extras). */
  namedChildren(node: number): number[] {
    const out: number[] = [];
    const end = this.nodes.next[node] ?? 0;
    for (let child = node + 1; child < end; child = this.nodes.next[child] ?? end) {
      const flags = this.nodes.flags[child] ?? 0;
      if ((flags & NAMED) !== 0 && (flags & EXTRA) === 0) out.push(child);
    }
    return out;
  }

  /** The first child in a field, or -1. */
  childByField(node: number, field: number): number {
    if (field === 0) return -1;
    const end = this.nodes.next[node] ?? 0;
    for (let child = node + 1; child < end; child = this.nodes.next[child] ?? end) if (this.nodes.field[child] === field) return child;
    return -1;
  }

  /** All children in a field. */
  childrenByField(node: number, field: number): number[] {
    const out: number[] = [];
    const end = this.nodes.next[node] ?? 0;
    for (let child = node + 1; child < end; child = this.nodes.next[child] ?? end) if (this.nodes.field[child] === field) out.push(child);
    return out;
  }

  /** The first child of a kind, or -1. */
  childOfKind(node: number, kind: number): number {
    const end = this.nodes.next[node] ?? 0;
    for (let child = node + 1; child < end; child = this.nodes.next[child] ?? end) if (this.nodes.kind[child] === kind) return child;
    return -1;
  }

  private position(offset: number, row: number, column: number): { line: number; column: number; offset: number } {
    const units = this.#isAscii() ? column : this.#units(offset) - this.#units(offset - column);
    return { line: row + 1, column: units + 1, offset };
  }

  private lineStarts(): Uint32Array {
    if (this.#lineStarts !== undefined) return this.#lineStarts;
    const starts = [0];
    for (let at = this.bytes.indexOf(10); at >= 0; at = this.bytes.indexOf(10, at + 1)) starts.push(at + 1);
    return (this.#lineStarts = Uint32Array.from(starts));
  }

  #isAscii(): boolean {
    return (this.#ascii ??= isAscii(this.bytes));
  }

  /**
   * UTF-16 units from the file's start to a byte offset, a byte order mark not counted. Counts within one block, so that a position in a line of a megabyte costs
   * no more than another.
   */
  #units(offset: number): number {
    const blocks = (this.#unitBlocks ??= this.#countUnits());
    let units = blocks[offset >> BLOCK_BITS] ?? 0;
    for (let i = (offset >> BLOCK_BITS) << BLOCK_BITS; i < offset; i++) units += unitsOf(this.bytes[i] ?? 0);
    return offset >= this.#mark ? units - (this.#mark === 0 ? 0 : 1) : 0;
  }

  #countUnits(): Uint32Array {
    const { bytes } = this;
    const blocks = new Uint32Array((bytes.length >> BLOCK_BITS) + 1);
    let units = 0;
    for (let i = 0; i < bytes.length; i++) {
      if ((i & (BLOCK - 1)) === 0) blocks[i >> BLOCK_BITS] = units;
      units += unitsOf(bytes[i] ?? 0);
    }
    if ((bytes.length & (BLOCK - 1)) === 0) blocks[bytes.length >> BLOCK_BITS] = units;
    return blocks;
  }
}

const BLOCK_BITS = 7;
const BLOCK = 1 << BLOCK_BITS;

/** A UTF-8 lead byte stands for one unit, that of four bytes for two, a continuation byte for none. */
function unitsOf(byte: number): number {
  return byte < 0x80 ? 1 : byte < 0xc0 ? 0 : byte < 0xf0 ? 1 : 2;
}
