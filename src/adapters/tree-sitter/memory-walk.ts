import { CodeloomError } from '../../domain/errors.js';
import type { GrammarTables } from './grammar-tables.js';
import { EXTRA, HAS_ERROR, MISSING, NAMED, type SyntaxNodes } from './syntax-nodes.js';

/** Views of the WebAssembly memory, taken anew for each walk because growth replaces them. */
export interface CoreMemory {
  readonly HEAPU16: Uint16Array;
  readonly HEAPU32: Uint32Array;
}

const VISITS_PER_BYTE = 64;
const SPARE_VISITS = 4096;
const FRAME = 8;
let stack: Int32Array = new Int32Array(FRAME * 4096);

/*
 * Layout of lib/src/subtree.h on wasm32, the same in web-tree-sitter 0.25.10 to 0.27.1. A Subtree is 8 bytes; bit 0 of its first word tells a leaf kept inline.
 *   inline, word 0: bits 1 visible, 2 named, 3 extra, 5 missing; byte 1 symbol. Word 1: padding columns, padding rows (low nibble), padding bytes, size.
 *   heap, u32 index: 1 padding bytes, 2 its rows, 3 its columns, 4 size in bytes, 5 its rows, 6 its columns, 8 error cost, 9 child count, 12 visible child count;
 *   u16 at byte 40 symbol, at 44 bits (0 visible, 1 named, 2 extra, 9 missing), at 66 production id. Its children lie directly below it.
 * A TSTree begins with its root.
 */

/**
 * Reads a finished tree out of WebAssembly memory into `out`, in pre-order, every visible node. About 50 ns a node, a tenth of its parse; the official cursor takes
 * ten times as long. Throws `parser-failed` when what it reads does not add up: an end behind that of the text (`length`, in the tree's own unit), more visits than a
 * tree of this size can have, or an end that is not the root's.
 */
export function walkMemory(memory: CoreMemory, tree: number, length: number, tables: GrammarTables, out: SyntaxNodes): void {
  const words = memory.HEAPU32;
  const halves = memory.HEAPU16;
  const symbols = tables.symbols;
  const symbolNamed = tables.named;
  const fieldOf = tables.fields;
  const aliasOf = tables.aliases;
  const width = tables.width;
  let frames = stack;
  let { kind, field, flags, start, end, row, column, parent, next, capacity } = out;
  let n = 0;
  let level = 0;
  let deepest = 0;
  let bytes = 0;
  let rows = 0;
  let columns = 0;
  let depth = 0;
  let budget = SPARE_VISITS;
  let rootEnd = -1;
  let list = tree;
  let i = 0;
  let count = 1;
  let slot = 0;
  let production = -1;
  let up = -1;
  let inherited = 0;
  let owner = -1;
  for (;;) {
    if (i === count) {
      if (owner >= 0) {
        next[owner] = n;
        level--;
      }
      if (depth === 0) break;
      depth -= FRAME;
      list = frames[depth] ?? 0;
      i = frames[depth + 1] ?? 0;
      count = frames[depth + 2] ?? 0;
      slot = frames[depth + 3] ?? 0;
      production = frames[depth + 4] ?? 0;
      up = frames[depth + 5] ?? 0;
      inherited = frames[depth + 6] ?? 0;
      owner = frames[depth + 7] ?? 0;
      continue;
    }
    const at = (list >> 2) + (i << 1);
    const word = words[at] ?? 0;
    const inline = word & 1;
    const second = inline !== 0 ? (words[at + 1] ?? 0) : 0;
    const heap = word >> 2;
    const bits = inline !== 0 ? 0 : (halves[(word + 44) >> 1] ?? 0);
    if (i !== 0 || rootEnd < 0) {
      // A first child's padding is in its parent's already.
      const paddingRows = inline !== 0 ? (second >>> 8) & 15 : (words[heap + 2] ?? 0);
      const paddingColumns = inline !== 0 ? second & 255 : (words[heap + 3] ?? 0);
      bytes += inline !== 0 ? (second >>> 16) & 255 : (words[heap + 1] ?? 0);
      if (paddingRows !== 0) {
        rows += paddingRows;
        columns = paddingColumns;
      } else columns += paddingColumns;
    }
    const size = inline !== 0 ? second >>> 24 : (words[heap + 4] ?? 0);
    if (rootEnd < 0) {
      rootEnd = bytes + size;
      if (rootEnd > length) throw unreadable('it ends behind the text');
      budget += VISITS_PER_BYTE * rootEnd;
    }
    if (--budget < 0) throw unreadable('it does not end');
    const extra = inline !== 0 ? word & 8 : bits & 4;
    // Alias and field go by the place among the children that are not extras.
    let alias = 0;
    let fieldId = 0;
    if (extra === 0) {
      if (production >= 0 && slot < width) {
        alias = aliasOf[production + slot] ?? 0;
        fieldId = fieldOf[production + slot] ?? 0;
      }
      slot++;
      if (fieldId === 0) fieldId = inherited;
    }
    const named = alias !== 0 ? symbolNamed[alias] : inline !== 0 ? word & 4 : bits & 2;
    const visible = alias !== 0 || (inline !== 0 ? word & 2 : bits & 1) !== 0;
    let me = -1;
    if (visible) {
      if (n === capacity) {
        out.reserve(capacity * 2);
        ({ kind, field, flags, start, end, row, column, parent, next, capacity } = out);
      }
      me = n++;
      const missing = inline !== 0 ? word & 32 : bits & 512;
      kind[me] = symbols[alias !== 0 ? alias : inline !== 0 ? (word >>> 8) & 255 : (halves[(word + 40) >> 1] ?? 0)] ?? 0;
      field[me] = fieldId;
      flags[me] =
        (extra !== 0 ? EXTRA : 0) | (named !== 0 ? NAMED : 0) | (missing !== 0 ? MISSING | HAS_ERROR : 0) | (inline === 0 && words[heap + 8] !== 0 ? HAS_ERROR : 0);
      start[me] = bytes;
      end[me] = bytes + size;
      row[me] = rows;
      column[me] = columns;
      parent[me] = up;
      next[me] = n;
    }
    i++;
    const children = inline !== 0 ? 0 : (words[heap + 9] ?? 0);
    if (children !== 0 && words[heap + 12] !== 0) {
      if (depth + FRAME > frames.length) frames = stack = grownStack(frames);
      frames[depth] = list;
      frames[depth + 1] = i;
      frames[depth + 2] = count;
      frames[depth + 3] = slot;
      frames[depth + 4] = production;
      frames[depth + 5] = up;
      frames[depth + 6] = inherited;
      frames[depth + 7] = owner;
      depth += FRAME;
      list = word - (children << 3);
      i = 0;
      count = children;
      slot = 0;
      production = (halves[(word + 66) >> 1] ?? 0) * width;
      owner = me;
      inherited = visible ? 0 : fieldId; // a hidden node hands its field down
      if (me >= 0) {
        up = me;
        if (++level > deepest) deepest = level;
      }
    } else {
      bytes += size;
      const sizeRows = inline !== 0 ? 0 : (words[heap + 5] ?? 0);
      const sizeColumns = inline !== 0 ? size : (words[heap + 6] ?? 0);
      if (sizeRows !== 0) {
        rows += sizeRows;
        columns = sizeColumns;
      } else columns += sizeColumns;
    }
  }
  if (bytes !== rootEnd) throw unreadable('its sizes do not add up');
  if (n === 0) throw unreadable('it has no root');
  out.count = n;
  out.depth = deepest;
}

function grownStack(from: Int32Array): Int32Array {
  const to = new Int32Array(from.length * 2);
  to.set(from);
  return to;
}

function unreadable(why: string): CodeloomError {
  return new CodeloomError('parser-failed', `The syntax tree cannot be read from memory: ${why}.`, { retryable: false });
}
