import type { DocTypeText } from './jsdoc-type.js';
import type { Walk } from './walk.js';

/** One `@tag {type} rest` of a doc comment. */
export interface DocTag {
  readonly tag: string;
  readonly type?: DocTypeText;
  /** What follows the type, up to the next tag. */
  readonly rest: string;
  /** Byte at which `rest` starts. */
  readonly offset: number;
  readonly comment: number;
}

/** Longer comments are licences and essays. */
const LONGEST_COMMENT = 50_000;
const TAG = /(?:^|\n)[ \t]*@([A-Za-z]+)/g;

/** The tags of a doc comment in order. Line starts (` * `) count as white space. */
export function docTags(walk: Walk, comment: number): readonly DocTag[] {
  if (comment < 0) return [];
  const start = walk.nodes.start[comment] ?? 0;
  const end = walk.nodes.end[comment] ?? 0;
  if (end - start > LONGEST_COMMENT) return [];
  const at = walk.source.latin1.indexOf('@', start);
  if (at < 0 || at >= end) return [];
  const text = walk.source.slice(start + 3, end - 2).replace(/(\n[ \t]*)\*/g, '$1 ').replace(/^\*+/, (stars) => ' '.repeat(stars.length));
  const found: DocTag[] = [];
  const starts: { readonly tag: string; readonly from: number; readonly behind: number }[] = [];
  TAG.lastIndex = 0;
  for (let match = TAG.exec(text); match !== null; match = TAG.exec(text)) starts.push({ tag: match[1] ?? '', from: match.index, behind: match.index + match[0].length });
  for (let i = 0; i < starts.length; i++) {
    const { tag, behind } = starts[i] ?? { tag: '', behind: 0 };
    const limit = starts[i + 1]?.from ?? text.length;
    const body = text.slice(behind, limit);
    const open = /^\s*\{/.exec(body);
    const close = open === null ? -1 : closing(body, open[0].length - 1);
    const rest = close < 0 ? body : body.slice(close + 1);
    const offset = start + 3 + behind + (body.length - rest.length);
    if (open === null || close < 0) found.push({ tag, rest, offset, comment });
    else found.push({ tag, type: { text: body.slice(open[0].length, close), offset: start + 3 + behind + open[0].length, comment }, rest, offset, comment });
  }
  return found;
}

/** The brace that closes the one at `open`, or -1. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

/** The name that a tag gives, `[name]` and `[name=default]` being optional; `index` is where it stands in `rest`. */
export function tagName(tag: DocTag): { readonly name: string; readonly optional: boolean; readonly index: number } | undefined {
  const match = /^\s*(\[)?\s*((?:[\w$.]|[^\x00-\x7f])+)/.exec(tag.rest);
  const name = match?.[2];
  if (match === null || name === undefined) return undefined;
  return { name, optional: match[1] !== undefined || tag.type?.text.trimEnd().endsWith('=') === true, index: match[0].length - name.length };
}
