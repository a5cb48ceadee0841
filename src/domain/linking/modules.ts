import type { Binding, ImportIndex, ScopeIndex } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import type { ModuleTarget } from './module-resolver.js';
import type { LinkFile } from './program.js';
import { NOTHING, only, open, unite, type ValueSet } from './value.js';

/** Where a name that a module gives comes from, behind all re-exports. */
export type Origin =
  | { readonly o: 'binding'; readonly file: LinkFile; readonly scope: ScopeIndex; readonly binding: Binding }
  | { readonly o: 'expr'; readonly file: LinkFile; readonly expr: number; readonly definition?: number }
  | { readonly o: 'set'; readonly set: ValueSet };

/** What a module gives under a name; undefined when it gives no such name. Cycles of re-exports end where they close. */
export function exportOrigins(ev: Evaluation, file: LinkFile, name: string, visited: Set<string> = new Set()): readonly Origin[] | undefined {
  const key = `${file.index} ${name}`;
  if (visited.has(key)) return undefined;
  visited.add(key);
  return file.rules.exportsBindings ? topLevelName(ev, file, name, visited) : declaredExport(ev, file, name, visited);
}

function declaredExport(ev: Evaluation, file: LinkFile, name: string, visited: Set<string>): readonly Origin[] | undefined {
  const found: Origin[] = [];
  for (const entry of file.facts.exports) {
    if ((entry.kind === 'local' || entry.kind === 'from' || entry.kind === 'value') && entry.name !== name) continue;
    if (entry.kind === 'local') {
      const binding = file.binding(0, entry.local);
      if (binding !== undefined) found.push(...bindingOrigins(ev, file, 0, binding, visited));
    } else if (entry.kind === 'from') {
      found.push(...importOrigins(ev, file, entry.import, entry.imported, visited));
    } else if (entry.kind === 'value') {
      found.push({ o: 'expr', file, expr: entry.value, ...(entry.definition === undefined ? {} : { definition: entry.definition }) });
    }
  }
  if (found.length > 0) return found;
  if (name !== 'default') {
    const givers = file.facts.exports.some((entry) => entry.kind === 'star') ? ev.program.inquiry.givers(file, name) : undefined;
    for (const entry of file.facts.exports) {
      if (entry.kind !== 'star') continue;
      const target = file.target(entry.import);
      if (target.kind === 'file' && givers?.has(target.path) !== true) continue;
      const origins = targetOrigins(ev, file, target, name, visited);
      if (origins !== undefined && !origins.every((origin) => origin.o === 'set' && origin.set.values.length === 0)) found.push(...origins);
    }
    if (found.length > 0) return found;
  }
  const assigned = file.facts.exports.some((entry) => entry.kind === 'assign');
  if (assigned) {
    const set = ev.required(file);
    if (name === 'default') return [{ o: 'set', set }];
    const member = ev.member(set, name);
    return member.values.length > 0 ? [{ o: 'set', set: member }] : undefined;
  }
  if (name === 'default' && file.facts.moduleKind === 'commonjs') return [{ o: 'set', set: only(ev.values.module(file.index)) }];
  return undefined;
}

function topLevelName(ev: Evaluation, file: LinkFile, name: string, visited: Set<string>): readonly Origin[] | undefined {
  const binding = file.binding(0, name);
  if (binding !== undefined) return bindingOrigins(ev, file, 0, binding, visited);
  const starred = starOrigins(ev, file, 0, name, visited);
  if (starred !== undefined) return starred;
  const submodule = file.submodule({ kind: 'file', path: file.path }, name);
  if (submodule !== undefined) return [{ o: 'set', set: moduleSet(ev, submodule) }];
  if (file.binding(0, '__getattr__') !== undefined) return [{ o: 'set', set: open('dynamic-receiver') }];
  return undefined;
}

/** What a star-import of a scope brings under a name; `__all__` or the leading underscore decide. */
export function starOrigins(ev: Evaluation, file: LinkFile, scope: ScopeIndex, name: string, visited: Set<string> = new Set()): readonly Origin[] | undefined {
  let uncertain: readonly Origin[] | undefined;
  for (let index = file.facts.imports.length - 1; index >= 0; index--) {
    const facts = file.facts.imports[index];
    if (facts?.star !== true || facts.scope !== scope) continue;
    const target = file.target(index);
    if (target.kind === 'file') {
      const other = ev.program.at(target.path);
      if (other === undefined) continue;
      if (other.facts.all !== undefined ? !other.facts.all.includes(name) : name.startsWith('_')) continue;
      const origins = exportOrigins(ev, other, name, visited);
      if (origins !== undefined) return origins;
    } else if (target.kind === 'external') {
      // `from typing import *`: what nothing else binds comes from there
      const sole = facts.scope === 0 && !name.startsWith('_') && !file.rules.isGlobal(name) && file.facts.imports.every((each, at) => each.star !== true || at === index || file.target(at).kind === 'file');
      uncertain ??= sole ? [{ o: 'set', set: only(ev.values.external(target.package, [...moduleMembers(target), name])) }] : [{ o: 'set', set: { values: [ev.values.external(target.package, [...moduleMembers(target), name])], open: 'unknown-name' } }];
    }
  }
  return uncertain;
}

function bindingOrigins(ev: Evaluation, file: LinkFile, scope: ScopeIndex, binding: Binding, visited: Set<string>): readonly Origin[] {
  if (binding.imports === undefined) return [{ o: 'binding', file, scope, binding }];
  const own = binding.definitions !== undefined || binding.values !== undefined;
  const out: Origin[] = own ? [{ o: 'binding', file, scope, binding }] : [];
  if (!own) for (const imported of binding.imports) out.push(...importOrigins(ev, file, imported.import, imported.imported, visited, imported.root));
  return out;
}

/** What an import statement gives under a name (`*`: the module itself). */
export function importOrigins(ev: Evaluation, file: LinkFile, index: ImportIndex, name: string, visited: Set<string> = new Set(), root = false): readonly Origin[] {
  const facts = file.facts.imports[index];
  if (facts === undefined) return [];
  if (root) {
    const first = facts.specifier.split('.')[0] ?? facts.specifier;
    return [{ o: 'set', set: moduleSet(ev, file.resolve(first)) }];
  }
  const target = file.target(index);
  if (name === '*') {
    const module = target.kind === 'file' ? ev.program.at(target.path) : undefined;
    const asValue = facts.kind === 'require' || facts.kind === 'equals' || (module !== undefined && module.facts.exports.some((entry) => entry.kind === 'assign'));
    if (module !== undefined && asValue) return [{ o: 'set', set: ev.required(module) }];
    return [{ o: 'set', set: moduleSet(ev, target) }];
  }
  return targetOrigins(ev, file, target, name, visited) ?? [{ o: 'set', set: open('missing-import') }];
}

function targetOrigins(ev: Evaluation, file: LinkFile, target: ModuleTarget, name: string, visited: Set<string>): readonly Origin[] | undefined {
  switch (target.kind) {
    case 'file': {
      const other = ev.program.at(target.path);
      if (other === undefined) return [{ o: 'set', set: open('missing-import') }];
      const found = exportOrigins(ev, other, name, visited);
      if (found !== undefined || !other.rules.exportsBindings) return found;
      // Python: `from . import part` in the package itself, whose name `part` is what is being looked for
      const submodule = other.submodule(target, name);
      return submodule === undefined ? undefined : [{ o: 'set', set: moduleSet(ev, submodule) }];
    }
    case 'namespace': {
      const submodule = file.submodule(target, name);
      return submodule === undefined ? undefined : [{ o: 'set', set: moduleSet(ev, submodule) }];
    }
    case 'external':
      return [{ o: 'set', set: only(ev.values.external(target.package, [...moduleMembers(target), ...(name === 'default' ? [] : [name])])) }];
    case 'asset':
      return [{ o: 'set', set: NOTHING }];
    case 'missing':
      return [{ o: 'set', set: open('missing-import') }];
  }
}

/** A module as a value. */
export function moduleSet(ev: Evaluation, target: ModuleTarget): ValueSet {
  switch (target.kind) {
    case 'file': {
      const file = ev.program.at(target.path);
      return file === undefined ? open('missing-import') : only(ev.values.module(file.index));
    }
    case 'namespace': return only(ev.values.package(target.folders));
    case 'external': return only(ev.values.external(target.package, moduleMembers(target)));
    case 'asset': return NOTHING;
    case 'missing': return open('missing-import');
  }
}

/** `os.path` of `os` is the member `path`; `lodash/fp` of `lodash` is `fp`. */
function moduleMembers(target: Extract<ModuleTarget, { readonly kind: 'external' }>): readonly string[] {
  if (!target.module.startsWith(target.package) || target.module === target.package) return [];
  return target.module.slice(target.package.length + 1).split(/[./]/).filter((part) => part !== '');
}

/** The values behind origins. */
export function originValues(ev: Evaluation, origins: readonly Origin[]): ValueSet {
  return unite(origins.map((origin) => (origin.o === 'set' ? origin.set : origin.o === 'expr' ? ev.expr(origin.file, origin.expr) : ev.binding(origin.file, origin.scope, origin.binding))));
}

/** What origins stand for in a type. */
export function originTypes(ev: Evaluation, origins: readonly Origin[]): ValueSet {
  return unite(
    origins.map((origin) => {
      if (origin.o === 'binding') return ev.typeBinding(origin.file, origin.scope, origin.binding);
      return instancesOf(ev, origin.o === 'set' ? origin.set : ev.expr(origin.file, origin.expr));
    }),
  );
}

/** Values of classes seen as the types they name. */
export function instancesOf(ev: Evaluation, set: ValueSet): ValueSet {
  const parts = set.values.map((value): ValueSet => {
    switch (value.v) {
      case 'class': return only(ev.values.instance(value.file, value.class, value.arguments));
      case 'function': return only(ev.values.constructed(value.file, value.function));
      case 'external': return only(ev.values.external(value.package, value.members, { derived: true }));
      case 'type-parameter': return only(value);
      case 'module': case 'namespace': case 'package': return only(value);
      default: return open('opaque-type');
    }
  });
  if (set.open !== undefined) parts.push(open(set.open));
  return unite(parts);
}
