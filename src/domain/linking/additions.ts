import type { Binding, ExprIndex } from '../file-facts.js';
import type { Evaluation } from './evaluation.js';
import type { LinkFile } from './program.js';
import { usesIn, type Use } from './uses.js';
import { open, unite, type ValueSet } from './value.js';

/** What a file puts into an array, set or map after it was made, by the expression that makes it. */
interface Addition {
  readonly elements: ExprIndex[];
  readonly keys: ExprIndex[];
  /** The container is handed to others, who may put something in too. */
  shared: boolean;
}

/** Methods that put their arguments in, and from which argument on; `set` puts in a key and a value. */
const ADDING: ReadonlyMap<string, number> = new Map([['push', 0], ['unshift', 0], ['add', 0], ['set', 1], ['splice', 2]]);

const known = new WeakMap<LinkFile, ReadonlyMap<ExprIndex, Addition>>();

/** Elements and keys that the file adds to the container that an expression makes, where a variable without a type or a member of `this` holds it; undefined when none. */
export function added(ev: Evaluation, file: LinkFile, made: ExprIndex): { readonly elements: ValueSet; readonly keys: ValueSet } | undefined {
  let additions = known.get(file);
  if (additions === undefined) known.set(file, (additions = gather(file)));
  const found = additions.get(made);
  if (found === undefined || found.elements.length === 0) return undefined;
  const sets = (list: readonly ExprIndex[]): ValueSet => unite([...list.map((expr) => ev.expr(file, expr)), ...(found.shared ? [open('untyped-value')] : [])]);
  return { elements: sets(found.elements), keys: sets(found.keys) };
}

function gather(file: LinkFile): ReadonlyMap<ExprIndex, Addition> {
  const out = new Map<ExprIndex, Addition>();
  if (file.rules.inheritance !== 'single') return out;
  const { facts } = file;
  const uses = usesIn(file);
  const ofBinding = new Map<Binding, Addition[]>();
  const ofMember = new Map<string, Addition[]>();
  const isMade = (expr: ExprIndex): boolean => facts.exprs[expr]?.k === 'array' || facts.exprs[expr]?.k === 'new';
  const make = <K>(map: Map<K, Addition[]>, key: K, expr: ExprIndex, shared: boolean): void => {
    const addition: Addition = { elements: [], keys: [], shared };
    out.set(expr, addition);
    map.set(key, [...(map.get(key) ?? []), addition]);
  };
  for (const scope of facts.scopes) {
    for (const binding of scope.bindings) {
      if (binding.type !== undefined || binding.kind === 'parameter') continue;
      for (const value of binding.values ?? []) if (isMade(value)) make(ofBinding, binding, value, uses.handing.has(binding));
    }
  }
  for (const { class: of, name, value, type } of facts.assignments) if (of !== undefined && value !== undefined && type === undefined && isMade(value)) make(ofMember, `${of} ${name}`, value, false);
  facts.classes.forEach(({ members }, of) => {
    for (const { kind, name, type, values } of members) if (kind === 'field' && type === undefined) for (const value of values ?? []) if (isMade(value)) make(ofMember, `${of} ${name}`, value, false);
  });
  if (out.size === 0) return out;
  const heldIn = (index: ExprIndex): readonly Addition[] => {
    const expr = facts.exprs[index];
    if (expr?.k === 'name') {
      const binding = file.declaration(expr.scope, expr.name)?.binding;
      return binding === undefined ? [] : (ofBinding.get(binding) ?? []);
    }
    const object = expr?.k === 'member' ? facts.exprs[expr.object] : undefined;
    return expr?.k === 'member' && object?.k === 'this' ? (ofMember.get(`${object.class ?? ''} ${expr.name}`) ?? []) : [];
  };
  const put = ({ facts: call }: Use, from: number): void => {
    const callee = facts.exprs[call.callee];
    if (callee?.k !== 'member') return;
    for (const addition of heldIn(callee.object)) {
      addition.elements.push(...call.arguments.slice(from));
      if (from === 1) addition.keys.push(...call.arguments.slice(0, 1));
    }
  };
  for (const [name, from] of ADDING) for (const use of uses.ofMember.get(name) ?? []) put(use, from);
  for (const { target, name, value } of facts.assignments) if (name === '' && value !== undefined) for (const addition of heldIn(target)) addition.elements.push(value);
  return out;
}
