import type { CallSite } from '../../../../domain/file-facts.js';
import type { FactsBuilder } from '../../facts-builder.js';

/**
 * Puts the call sites in the order of their places and their calls' numbers with them. They come in that order from the walk, except where a callee has no name:
 * the site of `f(a)(b)` stands where `f` starts, before what `a` calls.
 */
export function orderSites(b: FactsBuilder): void {
  const { sites } = b;
  if (sites.every((site, i) => i === 0 || (sites[i - 1]?.at.offset ?? 0) <= site.at.offset)) return;
  const ordered: CallSite[] = [...sites].sort((one, other) => one.at.offset - other.at.offset);
  ordered.forEach((site, index) => {
    sites[index] = site;
    const expr = b.exprs[site.expr];
    if (expr?.k === 'call') b.exprs[site.expr] = { ...expr, site: index };
  });
}
