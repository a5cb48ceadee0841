import type { Binding, Expr, ScopeIndex } from '../../../../domain/file-facts.js';
import type { Draft, FactsBuilder, BindingSource } from '../../facts-builder.js';
import type { Frame, Walk } from './walk.js';

export interface ResolvedName {
  readonly scope: ScopeIndex;
  readonly binding: Draft<Binding>;
}

/**
 * What a name read in a scope is bound to in this file: local, enclosing function, module; class scopes are seen from their own body only
 * (https://docs.python.org/3/reference/executionmodel.html#resolution-of-names). Narrowing is looked through. Built-in names give undefined.
 */
export function resolveName(b: FactsBuilder, scope: ScopeIndex, name: string): ResolvedName | undefined {
  let classVisible = true;
  for (let at = scope; at >= 0; ) {
    const here = b.scopes[at];
    if (here === undefined) return undefined;
    if (here.kind !== 'class' || classVisible) {
      const binding = here.byName.get(name);
      if (binding !== undefined && binding.kind !== 'narrowed' && binding.kind !== 'nonlocal') {
        if (binding.kind !== 'global') return { scope: at, binding };
        const global = b.bindingOf(0, name);
        return global === undefined ? undefined : { scope: 0, binding: global };
      }
    }
    if (here.kind === 'function' || here.kind === 'class' || here.kind === 'comprehension') classVisible = false;
    at = here.parent;
  }
  return undefined;
}

/**
 * Adds a source to the name that an assignment in this frame binds, following `global` and `nonlocal`; narrowed names in between take the value too,
 * save those of the block itself where the rest of it is `settled`: a narrow scope of its own.
 */
export function bindName(w: Walk, frame: Frame, name: string, source: BindingSource, settled = false): void {
  const { b } = w;
  let within = settled;
  for (let at = frame.scope; at !== frame.home && at >= 0; at = b.scopes[at]?.parent ?? -1) {
    within &&= at !== w.blockScope;
    if (within) continue;
    const narrowed = b.bindingOf(at, name);
    if (narrowed?.kind === 'narrowed' && source.value !== undefined) b.bind(at, name, { kind: 'narrowed', value: source.value, line: source.line, column: source.column });
  }
  b.bind(homeOf(b, frame.home, name), name, source);
}

/** The scope that an assignment to a name binds in. */
function homeOf(b: FactsBuilder, home: ScopeIndex, name: string): ScopeIndex {
  const declared = b.bindingOf(home, name)?.kind;
  if (declared === 'global') return 0;
  if (declared !== 'nonlocal') return home;
  let nearest = -1;
  for (let at = b.scopes[home]?.parent ?? -1; at >= 0; at = b.scopes[at]?.parent ?? -1) {
    const scope = b.scopes[at];
    if (scope?.kind !== 'function') continue;
    if (nearest < 0) nearest = at;
    const kind = scope.byName.get(name)?.kind;
    if (kind === 'global') return 0;
    if (kind !== undefined && kind !== 'nonlocal') return at;
  }
  return nearest < 0 ? home : nearest;
}

/** Whether an expression is the first parameter of a method, still bound to nothing else; gives what it stands for. */
export function selfOf(b: FactsBuilder, expr: Expr | undefined): Extract<Expr, { k: 'this' }> | undefined {
  if (expr?.k === 'this') return expr;
  if (expr?.k !== 'name') return undefined;
  const binding = resolveName(b, expr.scope, expr.name)?.binding;
  if (binding?.kind !== 'parameter' || binding.values?.length !== 1) return undefined;
  const value = b.exprs[binding.values[0] ?? 0];
  return value?.k === 'this' ? value : undefined;
}

/** The same for the class of it: `type(self)`, `self.__class__`, besides the first parameter of a class method. */
export function selfOrItsClass(b: FactsBuilder, expr: Expr | undefined): Extract<Expr, { k: 'this' }> | undefined {
  let inner: Expr | undefined;
  if (expr?.k === 'member' && expr.name === '__class__') inner = b.exprs[expr.object];
  else if (expr?.k === 'call' && expr.arguments.length === 1) {
    const callee = b.exprs[expr.callee];
    if (callee?.k === 'name' && callee.name === 'type' && resolveName(b, callee.scope, 'type') === undefined) inner = b.exprs[expr.arguments[0] ?? 0];
  }
  const self = selfOf(b, inner ?? expr);
  if (inner === undefined) return self;
  // The class of a class is another one.
  return self === undefined || self.static === true ? undefined : { ...self, static: true };
}

const TYPING = new Set(['typing', 'typing_extensions']);

/** Whether a callee or annotation `a` or `m.a` (as expression) is the named thing of one of the modules, by the imports of this file. */
export function isImported(b: FactsBuilder, expr: Expr | undefined, wanted: string, modules: ReadonlySet<string> = TYPING): boolean {
  if (expr?.k === 'name') return isImportedName(b, expr.scope, expr.name, wanted, modules);
  if (expr?.k !== 'member' || expr.name !== wanted) return false;
  const object = b.exprs[expr.object];
  return object?.k === 'name' && isImportedName(b, object.scope, object.name, '*', modules);
}

/** The same for a name; `*` asks for the module itself. */
export function isImportedName(b: FactsBuilder, scope: ScopeIndex, name: string, wanted: string, modules: ReadonlySet<string> = TYPING): boolean {
  const imports = resolveName(b, scope, name)?.binding.imports;
  if (imports === undefined) return false;
  for (const one of imports) if (one.imported === wanted && modules.has(b.imports[one.import]?.specifier ?? '')) return true;
  return false;
}
