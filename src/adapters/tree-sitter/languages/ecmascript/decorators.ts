import type { ExprIndex, SiteIndex } from '../../../../domain/file-facts.js';
import { openSite, readCall } from './sites.js';
import type { Walk } from './walk.js';

/** Reads `@f` or `@f(x)`: one site each. Gives the decorator itself, which for `@f(x)` is the call. */
export function readDecorator(walk: Walk, node: number): ExprIndex {
  const { k } = walk;
  let inner = walk.inner(node);
  while (inner >= 0 && walk.kind(inner) === k.parenthesized_expression) inner = walk.inner(inner);
  if (inner < 0) return 0;
  if (walk.kind(inner) === k.call_expression) return readCall(walk, inner, 'decorator');
  const callee = walk.quiet(inner);
  const site: SiteIndex = openSite(walk, inner, 'decorator');
  const call = walk.build.expr({ k: 'call', callee, arguments: [], site });
  walk.closeSite(site, call);
  return callee;
}
