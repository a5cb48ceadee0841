import type { Expr, ExprIndex } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import { importOrigins } from './modules.js';
import type { LinkFile } from './program.js';
import { NOTHING, unite, type ValueSet } from './value.js';

const MAX_DEPTH = 4;

/**
 * What is called through a member or element of something whose declared type says only how it is called (`const handlers: Record<string, () => void> = { … }`):
 * the functions that are put there where it is declared. Others may be put there later.
 */
export function storedFunctions(ev: Evaluation, file: LinkFile, callee: Extract<Expr, { k: 'member' | 'index' }>): ValueSet {
  const held = heldBy(ev, file, callee.object, 0);
  const key = callee.k === 'index' && callee.key !== undefined ? file.facts.exprs[callee.key] : undefined;
  const name = callee.k === 'member' ? callee.name : key?.k === 'literal' ? key.value : undefined;
  const parts = held.values.flatMap((value): readonly ValueSet[] => {
    if (name !== undefined) return [ev.memberOf(value, name)];
    if (value.v === 'builtin') return value.name === 'Array' || value.name === 'tuple' ? [ev.iterated({ values: [value] })] : [];
    if (value.v !== 'object') return [];
    const owner = ev.program.file(value.file);
    const literal = owner.facts.exprs[value.expr];
    return literal?.k === 'object' ? literal.properties.map((property) => ev.memberOf(value, property.name)) : [];
  });
  return { values: unite(parts).values.filter((value) => value.v === 'function' || value.v === 'class' || value.v === 'holder') };
}

/** What an expression holds by what is assigned to it, whatever it is declared to be. */
function heldBy(ev: Evaluation, file: LinkFile, index: ExprIndex, depth: number): ValueSet {
  const expr = file.facts.exprs[index];
  if (depth > MAX_DEPTH) return NOTHING;
  switch (expr?.k) {
    case 'name': {
      const binding = file.declaration(expr.scope, expr.name)?.binding;
      if (binding?.imports === undefined) return unite((binding?.values ?? []).map((value) => heldBy(ev, file, value, depth + 1)));
      return unite(binding.imports.flatMap((imported) => importOrigins(ev, file, imported.import, imported.imported, new Set(), imported.root)).map((origin) =>
        origin.o === 'set' ? NOTHING : unite((origin.o === 'expr' ? [origin.expr] : (origin.binding.values ?? [])).map((value) => heldBy(ev, origin.file, value, depth + 1)))));
    }
    case 'member': return unite(ev.expr(file, expr.object).values.flatMap((value): readonly ValueSet[] => {
      if (value.v !== 'instance' && value.v !== 'class') return [];
      return ev.lineage(value.file, value.class).entries.flatMap((entry) => [
        ...(entry.file.facts.classes[entry.class]?.members.find((member) => member.name === expr.name && member.kind === 'field')?.values ?? []),
        ...entry.file.assignmentsIn(entry.class).flatMap((assignment) => (assignment.name === expr.name && assignment.value !== undefined ? [assignment.value] : [])),
      ].map((each) => heldBy(ev, entry.file, each, depth + 1)));
    }));
    case 'cast': return heldBy(ev, file, expr.value, depth + 1);
    case 'object': case 'array': return ev.expr(file, index);
    default: return NOTHING;
  }
}
