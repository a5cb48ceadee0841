import type { DefinitionIndex, ScopeIndex, TypeIndex } from '../../../../domain/file-facts.js';
import { isImportedName } from './names.js';
import type { Walk } from './walk.js';

/** A reference by name, noted as a use; `Self` of the typing modules is the class itself. `offset` is where the last name stands. */
export function namedType(w: Walk, named: { path: readonly string[]; scope: ScopeIndex; owner: DefinitionIndex; offset: number; arguments?: readonly TypeIndex[] | undefined }): TypeIndex {
  const { b } = w;
  const [first = '', second] = named.path;
  if (first === 'None' && second === undefined) return nullType(w);
  if (named.path.at(-1) === 'Self' && (second === undefined ? isImportedName(b, named.scope, first, 'Self') : named.path.length === 2 && isImportedName(b, named.scope, first, '*'))) return b.type({ k: 'this' });
  const path = named.path.map((name) => b.intern(name));
  const index = b.type(named.arguments === undefined ? { k: 'ref', path, scope: named.scope } : { k: 'ref', path, scope: named.scope, arguments: named.arguments });
  w.typeUses.push(index, named.offset, named.owner);
  return index;
}

/** `None`. */
export function nullType(w: Walk): TypeIndex {
  return w.b.type({ k: 'literal', type: 'null', value: 'None' });
}

/** Unions of unions are one union. */
export function unionType(w: Walk, members: readonly TypeIndex[]): TypeIndex {
  const of: TypeIndex[] = [];
  for (const member of members) {
    const type = w.b.types[member];
    if (type?.k === 'union') of.push(...type.of);
    else of.push(member);
  }
  return of.length === 1 ? of[0] ?? 0 : w.b.type({ k: 'union', of });
}
