import type { DefinitionIndex, FunctionFacts, TypeIndex } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import { parseFunctionTypeText, parseTypeText } from './type-strings.js';
import type { Frame, Walk } from './walk.js';

const LINE_COMMENT = /[ \t]*[,):]*[ \t]*#[ \t]*type:(?![ \t]*ignore\b)[ \t]*/y;
const FUNCTION_COMMENT = /#[ \t]*type:[ \t]*(?=\()([^\n]*)/;

/** The type in a comment (PEP 484) on the line where something ends: `x = []  # type: list[int]`. */
export function lineComment(w: Walk, end: number, frame: Frame, owner: DefinitionIndex): TypeIndex | undefined {
  const { latin1 } = w.source;
  LINE_COMMENT.lastIndex = end;
  if (!LINE_COMMENT.test(latin1)) return undefined;
  const offset = LINE_COMMENT.lastIndex;
  const newline = latin1.indexOf('\n', offset);
  const lineEnd = newline < 0 ? latin1.length : newline;
  const type = parseTypeText(w, { text: w.source.slice(offset, lineEnd), offset, scope: frame.scope, owner });
  return type === 0 ? undefined : type;
}

/** `# type: (int, str) -> bool` between a `def` line and the first statement: fills in what has no annotation. */
export function functionComment(w: Walk, node: number, frame: Frame, facts: Draft<FunctionFacts>): void {
  const parameters = w.child(node, 'parameters');
  const body = w.child(node, 'body');
  if (parameters < 0 || body < 0) return;
  const from = w.end[parameters] ?? 0;
  const first = w.firstPart(body);
  const to = w.start[first < 0 ? body : first] ?? 0;
  const match = FUNCTION_COMMENT.exec(w.source.latin1.slice(from, to));
  if (match === null) return;
  const offset = from + match.index + match[0].length - (match[1] ?? '').length;
  const types = parseFunctionTypeText(w, { text: w.source.slice(offset, offset + (match[1] ?? '').length), offset, scope: frame.scope, owner: facts.definition });
  if (types === undefined) return;
  facts.returnType = types.returns;
  // A method's comment may leave out its first parameter.
  const skip = facts.member !== undefined && types.parameters.length < facts.parameters.length ? 1 : 0;
  types.parameters.forEach((type, i) => {
    const parameter = facts.parameters[i + skip];
    if (parameter === undefined || parameter.type !== undefined) return;
    facts.parameters[i + skip] = { ...parameter, type };
    const bound = parameter.form === 'rest' || parameter.form === 'keywords' ? undefined : w.b.bindingOf(facts.scope, parameter.name ?? '');
    if (bound !== undefined) bound.type ??= type;
  });
}
