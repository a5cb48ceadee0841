import type { ExprIndex, Position, ScopeIndex, TypeIndex } from './file-facts.js';

/** A name as it stands in a source, and what the facts of that source make of the place: indexes are those of the facts. */
export interface NamePlace {
  /** As written; what stands between the quotes of a string. */
  readonly name: string;
  readonly at: Position;
  readonly end: Position;
  /** `variable`: a name that scopes are asked for; `member`: one that only an object has; `key`: of an object literal; `keyword`: of an argument; `text`: the inside of a string. */
  readonly role: 'variable' | 'member' | 'key' | 'keyword' | 'text';
  /** The scope in which it stands. */
  readonly scope: ScopeIndex;
  /** What it is part of, the innermost first, itself included. */
  readonly around: readonly SyntaxPlace[];
}

/** A piece of syntax, and the expression or type that it was read as. */
export interface SyntaxPlace {
  readonly start: Position;
  readonly end: Position;
  readonly expr?: ExprIndex;
  readonly type?: TypeIndex;
}

/** A line and a column, both from 1, the column in UTF-16 code units. */
export interface LineColumn {
  readonly line: number;
  readonly column: number;
}
