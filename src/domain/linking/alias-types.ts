import type { ExprIndex } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import { instancesOf } from './modules.js';
import type { LinkFile } from './program.js';
import { applied, namedTypes, type TypeArguments } from './types.js';
import { only, open, unite, type Value, type ValueSet } from './value.js';

const MAX_NESTING = 12;

/** Python: the type that an expression stands for where it is written as a value (`Alias = Union[A, 'B']`); undefined where it is written like no type. */
export function typeOfValue(ev: Evaluation, file: LinkFile, index: ExprIndex, depth = 0): ValueSet | undefined {
  const expr = file.facts.exprs[index];
  if (depth > MAX_NESTING) return open('too-complex');
  switch (expr?.k) {
    case 'index': {
      const form = ev.expr(file, expr.object);
      if (!form.values.some((value) => value.v === 'class' || isForm(file, value))) return undefined;
      return applied(ev, file, instancesOf(ev, form), argumentsOf(ev, file, expr.key ?? 0, depth));
    }
    case 'operator': {
      if (expr.operator !== '|') return undefined;
      const parts = expr.operands.map((operand) => part(ev, file, operand, depth));
      return unite(parts);
    }
    case 'literal': {
      if (expr.type === 'null') return only(ev.values.builtin('undefined'));
      return expr.type === 'string' && expr.value !== undefined && /^[\p{ID_Start}_][\p{ID_Continue}.]*$/u.test(expr.value) ? namedTypes(ev, file, expr.value.split('.')) : undefined;
    }
    default: return undefined;
  }
}

function part(ev: Evaluation, file: LinkFile, index: ExprIndex, depth: number): ValueSet {
  return typeOfValue(ev, file, index, depth + 1) ?? named(ev, file, index);
}

/** A name or member that stands for a type. */
function named(ev: Evaluation, file: LinkFile, index: ExprIndex): ValueSet {
  const expr = file.facts.exprs[index];
  if (expr?.k !== 'name' && expr?.k !== 'member') return open('opaque-type');
  const found = expr.k === 'name' ? file.lookup(expr.scope, expr.name, 'type') : undefined;
  const set = found === undefined ? instancesOf(ev, ev.expr(file, index)) : ev.typeBinding(file, found.scope, found.binding);
  return applied(ev, file, set, undefined);
}

function argumentsOf(ev: Evaluation, file: LinkFile, key: ExprIndex, depth: number): TypeArguments {
  const written = file.facts.exprs[key];
  const list = written?.k === 'array' && written.container === 'tuple' ? written.elements : [key];
  return {
    length: list.length,
    at: (at) => part(ev, file, list[at] ?? 0, depth),
    isEllipsis: (at) => list[at] === 0,
    parts: (at) => {
      const inner = file.facts.exprs[list[at] ?? 0];
      return inner?.k === 'array' ? inner.elements.map((element) => part(ev, file, element, depth)) : undefined;
    },
  };
}

/** A generic form of the language or its typing modules. */
function isForm(file: LinkFile, value: Value): boolean {
  if (value.v !== 'external' || value.derived === true) return false;
  const dotted = value.members.join('.');
  return file.rules.typeAliases.has(value.package === file.rules.builtinPackage ? dotted : `${value.package}.${dotted}`);
}
