import type { ScipRange } from '../scip/scip-index.js';

const WORD = /[#@]?[\p{ID_Continue}$\u200c\u200d]+/yu;
const MODULE = /\.*[\p{ID_Continue}]+(?:\.[\p{ID_Continue}]+)*|\.+/yu;
const QUOTED = /(["'`])(?:\\.|(?!\1)[^\\])*\1/yu;

/** How many UTF-16 units the name at a column (from 0) of a line takes: a word, a quoted text, or the dotted name of a module; 0 where none of these stands. */
export function tokenLength(line: string, column: number): number {
  for (const token of [WORD, QUOTED, MODULE]) {
    token.lastIndex = column;
    const found = token.exec(line);
    if (found !== null) return found[0].length;
  }
  return 0;
}

const SPECIFIER = /(["'])(?:\\.|(?!\1)[^\\])*\1/gu;

/** Where the module is named, for an import that begins with a word (`import x from './x'`), if that is on the same line. */
export function specifierRange(text: string | undefined, { line, column }: { readonly line: number; readonly column: number }): ScipRange | undefined {
  if (text === undefined) return undefined;
  SPECIFIER.lastIndex = column - 1;
  const found = SPECIFIER.exec(text);
  return found === null ? undefined : [line - 1, found.index, line - 1, found.index + found[0].length];
}
