import type { ExprIndex } from '../../../../domain/file-facts.js';
import { nameRead, place } from './chains.js';
import { bindName } from './names.js';
import { narrow } from './narrowing.js';
import type { Frame, Walk } from './walk.js';

/** `match`: captures are bound; a class pattern narrows the subject within its case. */
export function matchStatement(w: Walk, node: number, frame: Frame): void {
  const { kind } = w.syntax;
  const subjects = w.source.childrenByField(node, w.syntax.field.subject);
  const values = subjects.map((subject) => w.expr(subject, frame));
  const single = values.length === 1;
  const value = single ? values[0] ?? 0 : w.b.expr({ k: 'array', container: 'tuple', elements: values });
  const subject = w.bare(subjects[0] ?? -1);
  const name = single && w.kind[subject] === kind.identifier ? w.text(subject) : undefined;
  const body = w.child(node, 'body');
  if (body < 0) return;
  for (const clause of w.parts(body)) {
    if (w.kind[clause] === kind.case_clause) caseClause(w, clause, frame, { value, name, node: subject });
    else w.statement(clause, frame);
  }
}

interface Subject {
  readonly value: ExprIndex;
  readonly name: string | undefined;
  readonly node: number;
}

function caseClause(w: Walk, clause: number, frame: Frame, subject: Subject): void {
  const { kind } = w.syntax;
  const patterns = w.parts(clause).filter((part) => w.kind[part] === kind.case_pattern);
  let matched: ExprIndex[] | undefined;
  if (patterns.length === 1) matched = capture(w, patterns[0] ?? -1, subject.value, frame);
  else patterns.forEach((pattern, index) => void capture(w, pattern, element(w, subject.value, index), frame));
  const narrowed = subject.name !== undefined && matched !== undefined ? narrow(w, frame, matched.map((value) => ({ name: subject.name ?? '', node: subject.node, value }))) : frame;
  const guard = w.child(clause, 'guard');
  if (guard >= 0) w.expr(w.firstPart(guard), narrowed);
  w.block(w.child(clause, 'consequence'), narrowed);
}

/** Binds the names of a pattern to the parts of a value; gives the instances that the value must be, where class patterns say so. */
function capture(w: Walk, pattern: number, value: ExprIndex, frame: Frame): ExprIndex[] | undefined {
  if (pattern < 0) return undefined;
  return w.guarded(pattern, undefined, () => captureIn(w, pattern, value, frame));
}

function captureIn(w: Walk, pattern: number, value: ExprIndex, frame: Frame): ExprIndex[] | undefined {
  const { kind, token } = w.syntax;
  switch (w.kind[pattern]) {
    case kind.case_pattern:
      return capture(w, w.firstPart(pattern), value, frame);
    case kind.as_pattern: {
      const [inner, name] = w.parts(pattern);
      const matched = capture(w, inner ?? -1, value, frame);
      if (name !== undefined) for (const one of matched ?? [value]) bindCapture(w, name, one, frame);
      return matched;
    }
    case kind.dotted_name: {
      const names = w.parts(pattern);
      if (names.length === 1 && names[0] !== undefined) bindCapture(w, names[0], value, frame);
      else dotted(w, pattern, frame);
      return undefined;
    }
    case kind.class_pattern:
      return [classPattern(w, pattern, frame)];
    case kind.union_pattern: {
      const alternatives = w.parts(pattern).map((part) => capture(w, part, value, frame));
      return alternatives.every((one) => one !== undefined) ? alternatives.flat() : undefined;
    }
    case kind.tuple_pattern:
    case kind.list_pattern: {
      const parts = w.parts(pattern);
      if (w.kind[pattern] === kind.tuple_pattern && parts.length === 1 && !w.hasToken(pattern, token[','])) return capture(w, parts[0] ?? -1, value, frame);
      let starred = false;
      parts.forEach((part, index) => {
        const inner = w.kind[part] === kind.case_pattern ? w.firstPart(part) : part;
        const isSplat = inner >= 0 && w.kind[inner] === kind.splat_pattern;
        if (isSplat) bindSplat(w, inner, value === 0 ? 0 : w.b.expr({ k: 'unpack', value, index, rest: true }), frame);
        else capture(w, part, starred ? (value === 0 ? 0 : w.b.expr({ k: 'iterate', value })) : element(w, value, index), frame);
        starred ||= isSplat;
      });
      return undefined;
    }
    case kind.dict_pattern:
      dictPattern(w, pattern, value, frame);
      return undefined;
    case kind.splat_pattern:
      bindSplat(w, pattern, value, frame);
      return undefined;
    default:
      w.expr(pattern, frame);
      return undefined;
  }
}

/** `C(x, y=p)`: an instance of C whose attributes are captured. */
function classPattern(w: Walk, pattern: number, frame: Frame): ExprIndex {
  const { kind } = w.syntax;
  const parts = w.parts(pattern);
  const [name] = parts;
  const instance = name !== undefined && w.kind[name] === kind.dotted_name ? w.b.expr({ k: 'instance', class: dotted(w, name, frame) }) : 0;
  for (const part of parts.slice(1)) {
    const inner = w.kind[part] === kind.case_pattern ? w.firstPart(part) : part;
    if (inner < 0) continue;
    if (w.kind[inner] === kind.keyword_pattern) {
      const [attribute, sub] = w.parts(inner);
      if (attribute !== undefined && sub !== undefined) capture(w, sub, w.b.expr({ k: 'member', object: instance, name: w.text(attribute) }), frame);
      // Positions stand for `__match_args__`, except that `str(x)` and the other built-ins capture the value itself.
    } else capture(w, part, 0, frame);
  }
  return instance;
}

function dictPattern(w: Walk, pattern: number, value: ExprIndex, frame: Frame): void {
  const { kind, field } = w.syntax;
  let key: ExprIndex = 0;
  for (const part of w.parts(pattern)) {
    if (w.kind[part] === kind.splat_pattern) bindSplat(w, part, value, frame);
    else if (w.field[part] === field.key) key = w.kind[part] === kind.dotted_name ? dotted(w, part, frame) : w.expr(part, frame);
    else capture(w, part, value === 0 ? 0 : w.b.expr(key === 0 ? { k: 'index', object: value } : { k: 'index', object: value, key }), frame);
  }
}

function bindSplat(w: Walk, splat: number, value: ExprIndex, frame: Frame): void {
  const name = w.firstPart(splat);
  if (name >= 0) bindCapture(w, name, value, frame);
}

function bindCapture(w: Walk, node: number, value: ExprIndex, frame: Frame): void {
  const name = w.text(node);
  if (name === '_') return;
  bindName(w, frame, name, { kind: 'variable', value, ...place(w, node) });
}

function element(w: Walk, value: ExprIndex, index: number): ExprIndex {
  return value === 0 ? 0 : w.b.expr({ k: 'unpack', value, index });
}

/** A dotted name that is read, as in `case Color.RED:`. */
function dotted(w: Walk, node: number, frame: Frame): ExprIndex {
  const names = w.parts(node);
  const [first] = names;
  if (first === undefined) return 0;
  let expr = nameRead(w, first, frame, names.length === 1);
  names.slice(1).forEach((name, i) => {
    expr = w.b.expr({ k: 'member', object: expr, name: w.text(name) });
    w.read(expr, name, frame, i === names.length - 2);
  });
  return expr;
}
