/** A step from a name towards what it means. `rule` is one of a closed list, for programs; `text` says it to people. */
export interface Step {
  readonly rule: StepRule;
  readonly text: string;
  /** Where it stands in source; absent where it stands nowhere in the repository. */
  readonly path?: string;
  readonly line?: number;
  readonly column?: number;
  /** What it rests on, in order. */
  readonly steps?: readonly Step[];
}

export type StepRule =
  /** A name: what declares it, in or out of the file. */
  | 'declaration' | 'import' | 're-export' | 'export' | 'star-import' | 'shared-name' | 'language' | 'external' | 'unknown-name'
  /** A value: what says what it is. */
  | 'declared-type' | 'assigned-value' | 'parameter' | 'handed-parameter' | 'untyped-parameter' | 'narrowed' | 'literal' | 'this' | 'module' | 'choice' | 'derived-value' | 'unknown-value'
  /** A member: where its object has it from. */
  | 'own-member' | 'inherited-member' | 'attached-member' | 'exported-member' | 'external-member' | 'builtin-member' | 'no-such-member' | 'member'
  /** A call: what it gives. */
  | 'call' | 'declared-return' | 'inferred-return' | 'construction' | 'external-result' | 'builtin-result'
  /** A site: what decided its verdict. */
  | 'certain' | 'several-values' | 'open-value' | 'held-value' | 'override' | 'next-in-line' | 'name-match' | 'nameless-function' | 'outside' | 'unresolved'
  /** An index made elsewhere says so. */
  | 'imported-index'
  /** The walk ends: the rest is too long to tell. */
  | 'left-out';

/** A place in a step. */
export function at(path: string, line: number, column?: number): Pick<Step, 'path' | 'line' | 'column'> {
  return line <= 0 ? { path } : { path, line, ...(column === undefined ? {} : { column }) };
}
