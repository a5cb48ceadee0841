import type { Tree } from 'web-tree-sitter';
import type { KindNames } from './grammar-tables.js';
import { EXTRA, HAS_ERROR, MISSING, NAMED, type SyntaxNodes } from './syntax-nodes.js';

/**
 * Reads a tree through the library's own cursor: the same arrays as {@link walkMemory} gives, about four times slower for a parse and its walk together. `byteOf`
 * maps the tree's UTF-16 indexes to byte offsets; null where they are equal.
 */
export function walkCursor(tree: Tree, names: KindNames, out: SyntaxNodes, byteOf: Uint32Array | null): void {
  const cursor = tree.walk();
  const up: number[] = [];
  const bytes = (unit: number): number => (byteOf === null ? unit : (byteOf[unit] ?? 0));
  let n = 0;
  let deepest = 0;
  try {
    for (;;) {
      if (n === out.capacity) out.reserve(n * 2);
      const me = n++;
      const node = cursor.currentNode;
      const { row, column } = cursor.startPosition;
      const named = cursor.nodeIsNamed;
      out.kind[me] = names.folded(cursor.nodeTypeId);
      out.field[me] = cursor.currentFieldId;
      out.parent[me] = up[up.length - 1] ?? -1;
      out.flags[me] = (node.isExtra ? EXTRA : 0) | (named ? NAMED : 0) | (cursor.nodeIsMissing ? MISSING : 0) | (node.hasError ? HAS_ERROR : 0);
      out.start[me] = bytes(cursor.startIndex);
      out.end[me] = bytes(cursor.endIndex);
      out.row[me] = row;
      out.column[me] = bytes(cursor.startIndex) - bytes(cursor.startIndex - column);
      out.next[me] = n;
      if (cursor.gotoFirstChild()) {
        if (up.push(me) > deepest) deepest = up.length;
        continue;
      }
      while (!cursor.gotoNextSibling()) {
        const parent = up.pop();
        if (parent === undefined || !cursor.gotoParent()) {
          out.count = n;
          out.depth = deepest;
          return;
        }
        out.next[parent] = n;
      }
    }
  } finally {
    cursor.delete();
  }
}

/** Byte offset of every UTF-16 unit of a text (both halves of a pair: that of its first), and of its end. */
export function byteOffsets(text: string): Uint32Array {
  const offsets = new Uint32Array(text.length + 1);
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    offsets[i] = bytes;
    const unit = text.charCodeAt(i);
    const low = text.charCodeAt(i + 1);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
      offsets[++i] = bytes;
      bytes += 4;
    } else bytes += 3;
  }
  offsets[text.length] = bytes;
  return offsets;
}
