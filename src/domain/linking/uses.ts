import type { Binding, ClassIndex, Expr, ExprIndex, FunctionIndex, ScopeIndex } from '../file-facts.js';
import type { LinkFile } from './program.js';

/** Stands for all that a function is handed (`arguments`) instead of one parameter. */
export const ALL_ARGUMENTS = -1;

type CallExpr = Extract<Expr, { readonly k: 'call' | 'new' }>;

/** A call in a file, and how it hands arguments over: as they stand, behind a receiver (`f.call(x, a)`, `f.bind(x, a)`), or as the elements of one (`f.apply(x, list)`). */
export interface Use {
  readonly index: ExprIndex;
  readonly facts: CallExpr;
  readonly form: 'direct' | 'call' | 'bind' | 'apply';
}

export interface Handing {
  readonly use: Use;
  readonly position: number;
}

/** What the expressions of one file say of who calls what, before anything is evaluated: by the variable that is called, by the function, by the member's name. */
export interface Uses {
  readonly ofBinding: ReadonlyMap<Binding, readonly Use[]>;
  /** Functions that are called where they stand. */
  readonly ofFunction: ReadonlyMap<FunctionIndex, readonly Use[]>;
  readonly ofMember: ReadonlyMap<string, readonly Use[]>;
  /** `super(…)` by the class in whose member it stands. */
  readonly ofSuper: ReadonlyMap<ClassIndex, readonly Use[]>;
  /** How often a variable is read otherwise than as what is called. */
  readonly reads: ReadonlyMap<Binding, number>;
  /** Calls that hand over a variable, with the position. */
  readonly handing: ReadonlyMap<Binding, readonly Handing[]>;
  /** Nameless functions that a call is handed by keyword. */
  readonly byKeyword: ReadonlyMap<FunctionIndex, { readonly call: ExprIndex; readonly argument: string }>;
  /** Functions by the scope of their body. */
  readonly byScope: ReadonlyMap<ScopeIndex, FunctionIndex>;
}

const known = new WeakMap<LinkFile, Uses>();

/** The uses in a file; found once. */
export function usesIn(file: LinkFile): Uses {
  let uses = known.get(file);
  if (uses === undefined) known.set(file, (uses = gather(file)));
  return uses;
}

function gather(file: LinkFile): Uses {
  const { exprs } = file.facts;
  const ofBinding = new Map<Binding, Use[]>();
  const ofFunction = new Map<FunctionIndex, Use[]>();
  const ofMember = new Map<string, Use[]>();
  const ofSuper = new Map<ClassIndex, Use[]>();
  const handing = new Map<Binding, Handing[]>();
  const reads = new Map<Binding, number>();
  const byKeyword = new Map<FunctionIndex, { readonly call: ExprIndex; readonly argument: string }>();
  const bindings = new Map<ExprIndex, Binding | undefined>();
  const bindingOf = (index: ExprIndex): Binding | undefined => {
    const expr = exprs[index];
    if (expr?.k !== 'name') return undefined;
    if (!bindings.has(index)) bindings.set(index, file.declaration(expr.scope, expr.name)?.binding);
    return bindings.get(index);
  };
  const place = (index: ExprIndex, use: Use): void => {
    const callee = exprs[index];
    const binding = bindingOf(index);
    if (binding !== undefined) push(ofBinding, binding, use);
    else if (callee?.k === 'function') push(ofFunction, callee.function, use);
    else if (callee?.k === 'super') push(ofSuper, callee.class, use);
    else if (callee?.k === 'member') push(ofMember, callee.name, use);
  };
  exprs.forEach((expr, index) => {
    if (expr.k !== 'call' && expr.k !== 'new') return;
    const use: Use = { index, facts: expr, form: 'direct' };
    expr.arguments.forEach((argument, position) => {
      const binding = bindingOf(argument);
      if (binding !== undefined) push(handing, binding, { use, position });
    });
    for (const { name, value } of expr.keywords ?? []) {
      const handed = exprs[value];
      if (handed?.k === 'function' && file.facts.functions[handed.function]?.definition === -1) byKeyword.set(handed.function, { call: index, argument: name });
    }
    const callee = exprs[expr.callee];
    const form = callee?.k === 'member' && (callee.name === 'call' || callee.name === 'apply' || callee.name === 'bind') ? callee.name : undefined;
    if (callee?.k === 'member' && form !== undefined) place(callee.object, { ...use, form });
    place(expr.callee, use);
  });
  const read = (binding: Binding | undefined): unknown => binding !== undefined && reads.set(binding, (reads.get(binding) ?? 0) + 1);
  for (const { expr } of file.facts.references) read(bindingOf(expr));
  for (const entry of file.facts.exports) if (entry.kind === 'local') read(file.binding(0, entry.local));
  return { ofBinding, ofFunction, ofMember, ofSuper, reads, handing, byKeyword, byScope: new Map(file.facts.functions.map((facts, index) => [facts.scope, index])) };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
