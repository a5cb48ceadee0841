import type { DefinitionIndex, ScopeIndex } from '../../../../domain/file-facts.js';
import { isExportObject } from './export-target.js';
import type { Walk } from './walk.js';

/** What can be said only when every binding of the file is known: assignments, references, what is exported, what is never reassigned. */
export function finish(walk: Walk): void {
  settleAssignments(walk);
  settleReferences(walk);
  settleExports(walk);
  orderSites(walk);
  walk.build.moduleKind = walk.module ? 'module' : walk.requires ? 'commonjs' : 'script';
}

function settleAssignments(walk: Walk): void {
  const { build } = walk;
  const reassigned = new Set<unknown>();
  for (const { scope, name, value } of walk.pendingAssignments) {
    for (let at: ScopeIndex = scope; at >= 0; ) {
      const found = build.lookup(at, name);
      if (found === undefined) break;
      const { binding } = found;
      if (walk.settled.has(binding)) {
        at = build.scopes[found.scope]?.parent ?? -1;
        continue;
      }
      reassigned.add(binding);
      if (value !== undefined && value !== 0 && binding.values?.includes(value) !== true) (binding.values ??= []).push(value);
      // A narrowed name is the same variable outside.
      if (binding.kind !== 'narrowed') break;
      at = build.scopes[found.scope]?.parent ?? -1;
    }
  }
  for (const scope of build.scopes) {
    for (const binding of scope.bindings) {
      if (binding.constant === true || binding.kind === 'narrowed' || binding.kind === 'type-parameter') continue;
      if (!reassigned.has(binding) && (binding.values?.length ?? 0) <= 1) binding.constant = true;
    }
  }
}

function settleReferences(walk: Walk): void {
  const { build } = walk;
  for (const { expr, scope, owner, node, name, chain } of walk.pendingReferences) {
    if (name !== undefined) {
      const binding = plainBinding(walk, scope, name);
      // CommonJS's own names are no names of the graph.
      if (binding === undefined && (name === 'exports' || name === 'module' || name === 'require')) continue;
      if (binding === undefined ? chain : binding.definitions === undefined && binding.imports === undefined) continue;
    }
    else if (isExportObject(walk, node)) continue;
    const at = walk.kind(node) === walk.k.member_expression ? walk.child(node, walk.f.property) : node;
    build.references.push({ expr, owner, at: walk.position(at < 0 ? node : at) });
  }
}

/** The binding that a name has apart from narrowing. */
function plainBinding(walk: Walk, scope: ScopeIndex, name: string): NonNullable<ReturnType<typeof walk.build.lookup>>['binding'] | undefined {
  for (let at = scope; ; ) {
    const found = walk.build.lookup(at, name);
    if (found === undefined || found.binding.kind !== 'narrowed') return found?.binding;
    at = walk.build.scopes[found.scope]?.parent ?? -1;
  }
}

function settleExports(walk: Walk): void {
  const { build } = walk;
  const show = (definition: DefinitionIndex): void => {
    const draft = build.definitions[definition];
    if (draft !== undefined) draft.exported = true;
  };
  for (const fact of build.exports) {
    if (fact.kind === 'local') build.bindingOf(0, fact.local)?.definitions?.forEach(show);
    else if (fact.kind === 'value' || fact.kind === 'assign') {
      if (fact.definition !== undefined) show(fact.definition);
      const value = build.exprs[fact.value];
      if (value?.k === 'name') plainBinding(walk, value.scope, value.name)?.definitions?.forEach(show);
    }
  }
  for (const { scope, name } of walk.visibleInNamespace) {
    const binding = build.bindingOf(scope, name);
    if (binding === undefined) continue;
    binding.exported = true;
    binding.definitions?.forEach(show);
  }
}

/** A callee without a name stands where it starts, before the sites inside it: `(function () { f(); })()`. */
function orderSites(walk: Walk): void {
  const { sites, exprs } = walk.build;
  let sorted = true;
  for (let i = 1; i < sites.length; i++) if ((sites[i - 1]?.at.offset ?? 0) > (sites[i]?.at.offset ?? 0)) sorted = false;
  if (sorted) return;
  const order = sites.map((_, index) => index).sort((a, b) => (sites[a]?.at.offset ?? 0) - (sites[b]?.at.offset ?? 0) || a - b);
  const moved = new Int32Array(sites.length);
  order.forEach((from, to) => {
    moved[from] = to;
  });
  const before = [...sites];
  order.forEach((from, to) => {
    const site = before[from];
    if (site !== undefined) sites[to] = site;
  });
  for (let i = 0; i < exprs.length; i++) {
    const expr = exprs[i];
    if ((expr?.k === 'call' || expr?.k === 'new') && expr.site >= 0) exprs[i] = { ...expr, site: moved[expr.site] ?? expr.site };
  }
}
