import type { Expr, ExprIndex } from '../../../../domain/file-facts.js';
import { openSite } from './sites.js';
import type { ExpressionRule } from './vocabulary.js';
import type { Walk } from './walk.js';

export const jsxExpressions: ReadonlyMap<string, ExpressionRule> = new Map<string, ExpressionRule>([
  ['jsx_element', element], ['jsx_self_closing_element', element], ['jsx_expression', (walk, node) => walk.read(walk.inner(node))],
]);

type Properties = { name: string; value: ExprIndex }[];

/** `<Foo a={x}>…</Foo>`: a component is called with its attributes; an intrinsic element is none. The element itself is no value that linking follows. */
function element(walk: Walk, node: number): ExprIndex {
  const { k, f, build } = walk;
  const paired = walk.kind(node) === k.jsx_element;
  const tag = paired ? walk.child(node, f.open_tag) : node;
  const name = tag < 0 ? -1 : walk.child(tag, f.name);
  const component = name >= 0 && isComponent(walk, name);
  const callee = component ? walk.quiet(name) : 0;
  const site = component ? openSite(walk, name, 'jsx') : -1;
  if (tag >= 0 && component) walk.typeArguments(tag);
  const properties: Properties = [];
  const spreads: ExprIndex[] = [];
  if (tag >= 0) attributes(walk, tag, properties, spreads);
  if (paired) children(walk, node);
  if (component) {
    const props: Expr = { k: 'object', container: 'object', properties, spreads };
    walk.closeSite(site, build.expr({ k: 'call', callee, arguments: [build.expr(props)], site }));
  }
  return 0;
}

function isComponent(walk: Walk, name: number): boolean {
  const kind = walk.kind(name);
  if (kind === walk.k.member_expression || kind === walk.k.nested_identifier) return true;
  if (kind !== walk.k.identifier) return false;
  const first = walk.source.text(name);
  return first.includes('-') ? false : first.charAt(0) !== first.charAt(0).toLowerCase() || first.startsWith('_') || first.startsWith('$');
}

function attributes(walk: Walk, tag: number, properties: Properties, spreads: ExprIndex[]): void {
  const { k, f } = walk;
  const end = walk.end(tag);
  for (let child = tag + 1; child < end; child = walk.end(child)) {
    if (walk.field(child) !== f.attribute) continue;
    if (walk.kind(child) === k.jsx_attribute) {
      let name = '';
      let value: ExprIndex = 0;
      const stop = walk.end(child);
      for (let part = child + 1; part < stop; part = walk.end(part)) {
        if (!walk.counts(part)) continue;
        if (name === '') name = walk.text(part);
        else value = walk.read(part);
      }
      properties.push({ name, value });
    } else {
      const inner = walk.inner(child);
      if (inner >= 0) spreads.push(walk.read(walk.kind(inner) === k.spread_element ? walk.inner(inner) : inner));
    }
  }
}

function children(walk: Walk, node: number): void {
  const end = walk.end(node);
  for (let child = node + 1; child < end; child = walk.end(child)) {
    const kind = walk.kind(child);
    if (kind === walk.k.jsx_element || kind === walk.k.jsx_self_closing_element || kind === walk.k.jsx_expression) walk.read(child);
  }
}
