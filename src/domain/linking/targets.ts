import type { Binding, ExprIndex, ScopeIndex, TypeIndex } from '../file-facts.js';
import type { SymbolId } from '../graph-node.js';
import type { Evaluation } from './evaluation.js';
import { classId } from './hierarchy.js';
import { exportOrigins, importOrigins, type Origin } from './modules.js';
import type { LinkFile } from './program.js';

/** The functions and classes that a name or member read as a value may be. */
export function referenceTargets(ev: Evaluation, file: LinkFile, index: ExprIndex): ReadonlySet<SymbolId> {
  const out = new Set<SymbolId>();
  for (const value of ev.expr(file, index).values) {
    if (value.v === 'function' || value.v === 'holder') {
      const owner = ev.program.file(value.file);
      const id = value.definition < 0 ? undefined : owner.declarations.ids[value.definition];
      if (id !== undefined) out.add(id);
    } else if (value.v === 'class') {
      const id = classId(ev, value);
      if (id !== undefined) out.add(id);
    }
  }
  return out;
}

/** The declarations (classes, interfaces, aliases, enums) that a named type means, behind imports and re-exports. */
export function typeTargets(ev: Evaluation, file: LinkFile, index: TypeIndex): ReadonlySet<SymbolId> {
  const out = new Set<SymbolId>();
  const type = file.facts.types[index];
  let origins: readonly Origin[] = [];
  let rest: readonly string[] = [];
  if (type?.k === 'ref') {
    const [first = '', ...more] = type.path;
    const found = file.lookup(type.scope, first, 'type');
    if (found !== undefined) origins = behind(ev, file, found.scope, found.binding);
    rest = more;
  } else if (type?.k === 'import') {
    const [first = '*', ...more] = type.path;
    origins = importOrigins(ev, file, type.import, first);
    rest = more;
  }
  for (const name of rest) origins = origins.flatMap((origin) => memberOrigins(ev, origin, name));
  for (const origin of origins) {
    if (origin.o === 'binding') {
      const definitions = (origin.binding.definitions ?? []).filter((definition) => isType(origin.file, definition));
      for (const definition of definitions) out.add(origin.file.declarations.ids[definition] ?? origin.file.path);
    } else if (origin.o === 'expr') {
      for (const value of ev.expr(origin.file, origin.expr).values) {
        const id = value.v === 'class' ? classId(ev, value) : undefined;
        if (id !== undefined) out.add(id);
      }
    }
  }
  return out;
}

function behind(ev: Evaluation, file: LinkFile, scope: ScopeIndex, binding: Binding): readonly Origin[] {
  const own: Origin[] = binding.definitions === undefined ? [] : [{ o: 'binding', file, scope, binding }];
  return [...own, ...(binding.imports ?? []).flatMap((imported) => importOrigins(ev, file, imported.import, imported.imported, new Set(), imported.root))];
}

function memberOrigins(ev: Evaluation, origin: Origin, name: string): readonly Origin[] {
  if (origin.o === 'set') {
    return origin.set.values.flatMap((value) => (value.v === 'module' ? (exportOrigins(ev, ev.program.file(value.file), name) ?? []) : []));
  }
  if (origin.o !== 'binding') return [];
  return (origin.binding.definitions ?? []).flatMap((definition) => {
    const facts = origin.file.facts.definitions[definition];
    const scope = facts?.body ?? (facts?.class === undefined ? undefined : origin.file.facts.classes[facts.class]?.scope);
    const binding = scope === undefined ? undefined : origin.file.binding(scope, name);
    return scope === undefined || binding === undefined ? [] : [{ o: 'binding' as const, file: origin.file, scope, binding }];
  });
}

function isType(file: LinkFile, definition: number): boolean {
  const kind = file.facts.definitions[definition]?.kind;
  return kind === 'class' || kind === 'interface' || kind === 'type' || kind === 'enum';
}
