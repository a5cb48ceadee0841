import type { Frame, Walk } from './walk.js';

/** Reads an assignment to the module's `__all__`; `adds` for `+=`. What is no list of constant strings leaves the names known so far incomplete. */
export function notePublicNames(w: Walk, valueNode: number, adds: boolean): void {
  if (valueNode < 0) return;
  const before: Names = { names: w.publicNames ?? new Set(), complete: w.publicNamesComplete };
  const now: Names = adds ? before : { names: new Set(), complete: true };
  addNames(w, valueNode, before, now);
  w.publicNames = now.names;
  w.publicNamesComplete = now.complete;
}

/** `__all__.append('x')`, `.extend([...])`, `.remove('x')` at module level. */
export function noteCallOnPublicNames(w: Walk, method: 'append' | 'extend' | 'remove', functionNode: number, args: readonly number[], frame: Frame): void {
  const { kind } = w.syntax;
  const object = w.kind[functionNode] === kind.attribute ? w.child(functionNode, 'object') : -1;
  if (frame.level !== 'module' || w.kind[object] !== kind.identifier || w.text(object) !== '__all__') return;
  w.publicNames ??= new Set();
  const [argument] = args;
  const literal = argument === undefined ? undefined : constant(w, argument);
  if (method === 'extend') notePublicNames(w, argument ?? -1, true);
  else if (literal === undefined) w.publicNamesComplete = false;
  else if (method === 'append') w.publicNames.add(literal);
  else w.publicNames.delete(literal);
}

/**
 * At the end: which definitions of the module are exported, and `all` where it is static. A list that another module's `__all__` is part of cannot be given
 * without that module; its known names are exported besides the public ones.
 */
export function settlePublicNames(w: Walk): void {
  const { b } = w;
  const listed = w.publicNames;
  const complete = listed !== undefined && w.publicNamesComplete;
  if (listed !== undefined && complete) b.all = [...listed];
  for (const definition of b.definitions) {
    if (definition.parent !== -1 || definition.local === true) continue;
    if (listed?.has(definition.name) === true || (!complete && !definition.name.startsWith('_'))) definition.exported = true;
  }
}

interface Names {
  names: Set<string>;
  complete: boolean;
}

function addNames(w: Walk, node: number, before: Names, now: Names): void {
  const { kind } = w.syntax;
  const bare = w.bare(node);
  const k = w.kind[bare];
  if (k === kind.list || k === kind.tuple || k === kind.set || k === kind.expression_list) {
    for (const part of w.parts(bare)) {
      const name = constant(w, part);
      if (name !== undefined) now.names.add(name);
      else if (w.kind[part] === kind.list_splat) w.guarded(part, undefined, () => addNames(w, w.firstPart(part), before, now));
      else now.complete = false;
    }
  } else if (k === kind.binary_operator) {
    w.guarded(bare, undefined, () => {
      addNames(w, w.child(bare, 'left'), before, now);
      addNames(w, w.child(bare, 'right'), before, now);
    });
  } else if (k === kind.identifier && w.text(bare) === '__all__') {
    // What was there before is not needed again: taken over rather than copied where it comes first, as it mostly does.
    if (now.names.size === 0) now.names = before.names;
    else for (const name of before.names) now.names.add(name);
    now.complete &&= before.complete;
  } else now.complete = false;
}

function constant(w: Walk, node: number): string | undefined {
  const { kind } = w.syntax;
  const bare = w.bare(node);
  if (w.kind[bare] !== kind.string) return undefined;
  const content = w.source.childOfKind(bare, kind.string_content);
  return content < 0 || (w.next[content] ?? 0) > content + 1 || w.source.childOfKind(bare, kind.interpolation) >= 0 ? undefined : w.text(content);
}
