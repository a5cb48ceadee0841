import { constantString } from './constants.js';
import type { Walk } from './walk.js';

/** What of a CommonJS module an expression names: the export object as a whole, or one member of it. */
export type ExportTarget = { readonly kind: 'module'; readonly name: '' } | { readonly kind: 'name'; readonly name: string };

/** `module.exports` is the module; `exports.a`, `module.exports.a` and `exports['a']` are names. Undefined for anything else, and where the names are shadowed. */
export function exportTarget(walk: Walk, node: number): ExportTarget | undefined {
  const { k, f } = walk;
  const kind = walk.kind(node);
  if (kind !== k.member_expression && kind !== k.subscript_expression) return undefined;
  const object = walk.child(node, f.object);
  if (object < 0) return undefined;
  const name = memberName(walk, node);
  if (name === undefined) return undefined;
  if (walk.isCommonJsName(object, 'module')) return name === 'exports' ? { kind: 'module', name: '' } : undefined;
  return isExportObject(walk, object) ? { kind: 'name', name } : undefined;
}

/** `exports` or `module.exports`. */
export function isExportObject(walk: Walk, node: number): boolean {
  if (walk.isCommonJsName(node, 'exports')) return true;
  const { k, f } = walk;
  const kind = walk.kind(node);
  if (kind !== k.member_expression && kind !== k.subscript_expression) return false;
  const object = walk.child(node, f.object);
  return object >= 0 && walk.isCommonJsName(object, 'module') && memberName(walk, node) === 'exports';
}

function memberName(walk: Walk, node: number): string | undefined {
  const { k, f } = walk;
  if (walk.kind(node) === k.subscript_expression) {
    const key = walk.child(node, f.index);
    return key < 0 ? undefined : constantString(walk, key);
  }
  const property = walk.child(node, f.property);
  return property < 0 ? undefined : walk.text(property);
}
