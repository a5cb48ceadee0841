import { EXTRA } from '../../syntax-nodes.js';
import type { Walk } from './walk.js';

const LONGEST_SIGNATURE = 200;
/** More than enough source for a signature once white space is folded. */
const SIGNATURE_SOURCE = 1000;

/** The `/** … *\/` comment directly before a node, or -1. */
export function commentBefore(walk: Walk, node: number): number {
  let before = node - 1;
  if (before < 1) return -1;
  const parent = walk.nodes.parent[node] ?? -1;
  // A comment is a leaf, so the node before the first child of something is that something; step out of it while the text is the same.
  let inside = parent;
  while (before === inside && before > 0 && walk.nodes.start[before] === walk.nodes.start[node]) {
    inside = walk.nodes.parent[before] ?? -1;
    before--;
  }
  return walk.nodes.parent[before] === inside && isDocComment(walk, before) ? before : -1;
}

export function isDocComment(walk: Walk, node: number): boolean {
  if (walk.kind(node) !== walk.k.comment || ((walk.nodes.flags[node] ?? 0) & EXTRA) === 0) return false;
  const start = walk.nodes.start[node] ?? 0;
  return walk.source.latin1.startsWith('/**', start) && (walk.nodes.end[node] ?? 0) - start > 4;
}

/** The first line of a doc comment's description; undefined when it starts with a tag. */
export function docLine(walk: Walk, comment: number): string | undefined {
  if (comment < 0) return undefined;
  const end = (walk.nodes.end[comment] ?? 0) - 2;
  let at = (walk.nodes.start[comment] ?? 0) + 3;
  while (at < end) {
    let stop = walk.source.latin1.indexOf('\n', at);
    if (stop < 0 || stop > end) stop = end;
    const line = walk.source.slice(at, stop).replace(/^[\s*]+/, '').trim();
    if (line !== '') return line.startsWith('@') ? undefined : line.slice(0, LONGEST_SIGNATURE);
    at = stop + 1;
  }
  return undefined;
}

/** A declaration as written between two byte offsets: on one line, without comments' line breaks, at most 200 characters. */
export function signature(walk: Walk, start: number, end: number): string {
  const text = walk.source.slice(start, Math.min(end, start + SIGNATURE_SOURCE)).replace(/\s+/g, ' ').replace(/ ?(?:=>|[={;,])? *$/, '').trim();
  return text.length > LONGEST_SIGNATURE ? `${text.slice(0, LONGEST_SIGNATURE - 1)}…` : text;
}

/** Keywords of a declaration that stand before its name, in alphabetical order. */
export function modifiers(walk: Walk, node: number, more: readonly string[] = []): string[] {
  const { t, k } = walk;
  const found = [...more];
  const end = walk.end(node);
  for (let child = node + 1; child < end; child = walk.end(child)) {
    const field = walk.field(child);
    if (field === walk.f.name || field === walk.f.property || field === walk.f.pattern) {
      // The marks behind the name.
      const mark = walk.end(child) < end ? walk.kind(walk.end(child)) : -1;
      if (mark === t['?']) found.push('optional');
      break;
    }
    const kind = walk.kind(child);
    if (kind === k.formal_parameters || kind === k.class_body) break;
    if (kind === t.async) found.push('async');
    else if (kind === t.static) found.push('static');
    else if (kind === t['static get']) found.push('getter', 'static');
    else if (kind === t.abstract) found.push('abstract');
    else if (kind === t.readonly) found.push('readonly');
    else if (kind === t.declare) found.push('declare');
    else if (kind === t.accessor) found.push('accessor');
    else if (kind === t.const) found.push('const');
    else if (kind === t.get) found.push('getter');
    else if (kind === t.set) found.push('setter');
    else if (kind === t['*']) found.push('generator');
    else if (walk.counts(child) && child + 1 <= walk.end(child)) {
      const word = walk.end(child) === child + 1 || walk.end(child) === child + 2 ? walk.source.text(child) : '';
      if (word === 'public' || word === 'private' || word === 'protected' || word === 'override') found.push(word);
    }
  }
  return found.sort();
}
