import type { ExprIndex, ScopeIndex } from '../../../../domain/file-facts.js';
import { resolveName } from './names.js';
import type { Walk } from './walk.js';

/** What the root of a chain is, as far as this file tells. */
const MISSING = 0; // not bound in this file: built-in, or from a star import
const LOCAL = 1; // a parameter or variable that is no definition: says nothing by itself
const SELF = 2; // the instance or class of a method
const NAMED = 3; // imported or defined here

/**
 * Turns the reads gathered on the walk into references. Names of plain locals and built-ins are left out; of a chain that starts at one of them only
 * the outermost member counts, as `x.run` in `submit(x.run)` may name a method. Of other chains every step does.
 */
export function collectReferences(w: Walk): void {
  const { b, reads, typeUses } = w;
  const roots = new Roots(w);
  for (let i = 0; i < reads.length; i += 4) {
    const expr = reads[i] ?? 0;
    const root = roots.of(expr);
    const isName = b.exprs[expr]?.k === 'name';
    const counts = isName ? root === NAMED || (root === MISSING && roots.star) : root === NAMED || root === SELF || (reads[i + 3] === 1 && (root === LOCAL || roots.star));
    if (counts) b.references.push({ expr, owner: reads[i + 2] ?? -1, at: w.at(reads[i + 1] ?? 0) });
  }
  for (let i = 0; i < typeUses.length; i += 3) {
    const index = typeUses[i] ?? 0;
    const type = b.types[index];
    if (type?.k !== 'ref') continue;
    const root = roots.ofName(type.scope, type.path[0] ?? '');
    if (root === NAMED || (root === MISSING && roots.star)) b.typeReferences.push({ type: index, owner: typeUses[i + 2] ?? -1, at: w.source.at(typeUses[i + 1] ?? 0) });
  }
}

class Roots {
  readonly star: boolean;
  readonly #w: Walk;
  readonly #known: (number | undefined)[] = [];
  readonly #names = new Map<string, Map<ScopeIndex, number>>();

  constructor(w: Walk) {
    this.#w = w;
    this.star = w.b.imports.some((one) => one.star === true);
  }

  of(expr: ExprIndex): number {
    const known = this.#known[expr];
    if (known !== undefined) return known;
    const { exprs } = this.#w.b;
    let at = expr;
    let value = exprs[at];
    while (value?.k === 'member') {
      at = value.object;
      value = exprs[at];
    }
    const root = value?.k === 'name' ? this.ofName(value.scope, value.name) : value?.k === 'super' || value?.k === 'this' ? SELF : LOCAL;
    this.#known[expr] = root;
    return root;
  }

  ofName(scope: ScopeIndex, name: string): number {
    let scopes = this.#names.get(name);
    if (scopes === undefined) this.#names.set(name, (scopes = new Map()));
    let root = scopes.get(scope);
    if (root === undefined) scopes.set(scope, (root = this.#classify(scope, name)));
    return root;
  }

  #classify(scope: ScopeIndex, name: string): number {
    const { b } = this.#w;
    const binding = resolveName(b, scope, name)?.binding;
    if (binding === undefined) return MISSING;
    if (binding.definitions !== undefined || binding.imports !== undefined) return NAMED;
    return binding.kind === 'parameter' && b.exprs[binding.values?.[0] ?? 0]?.k === 'this' ? SELF : LOCAL;
  }
}
