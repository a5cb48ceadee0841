import type { ExprIndex, ScopeIndex } from '../../../../domain/file-facts.js';
import type { Walk } from './walk.js';

/** How far out the function around a block is looked for. */
const DEEPEST_BLOCK = 200;

/**
 * The scope of the statements behind `x = value`, up to `end` (the block's): in it `x` is what was assigned. Undefined where that cannot be said: nothing declares
 * `x`, the value says nothing, a loop, branch or closure further down assigns `x`, or a closure reads `x` that may run when it holds something else.
 */
export function afterAssignment(walk: Walk, assignment: number, end: number): ScopeIndex | undefined {
  const { k, f, build } = walk;
  if (assignment < 0 || walk.kind(assignment) !== k.assignment_expression) return undefined;
  const value = walk.assigned.get(assignment);
  const left = walk.child(assignment, f.left);
  if (value === undefined || !tells(walk, value) || left < 0 || walk.kind(left) !== k.identifier) return undefined;
  const outer = build.lookup(walk.at.scope, walk.text(left))?.binding;
  if (outer === undefined || outer.imports !== undefined || outer.kind === 'type-parameter') return undefined;
  if (outer.kind === 'definition' && outer.definitions?.some((index) => build.definitions[index]?.kind !== 'variable') === true) return undefined;
  if (!stands(walk, left, walk.end(assignment), end)) return undefined;
  const scope = build.scope('narrow', walk.at.scope, walk.at.owner);
  build.bind(scope, walk.text(left), { kind: 'narrowed', value, line: outer.line, column: outer.column });
  walk.settled.add(build.bindingOf(scope, walk.text(left)));
  return scope;
}

/** Whether an assigned value says more than the name's other values do. A function is called by the name of the variable that holds it. */
function tells(walk: Walk, value: ExprIndex): boolean {
  switch (walk.build.exprs[value]?.k) {
    case undefined: case 'unknown': case 'literal': case 'function': case 'class': case 'object': case 'array': case 'operator': case 'import': return false;
    default: return true;
  }
}

/** Whether the name keeps, from `start` to the `end` of the block, what was just assigned to it, save for assignments that are statements of the block. */
function stands(walk: Walk, name: number, start: number, end: number): boolean {
  const word = walk.source.latin1.slice(walk.nodes.start[name], walk.nodes.end[name]);
  let assignedLater = false;
  let readInClosure = false;
  for (let node = start; node < end; node++) {
    if (!names(walk, node, word)) continue;
    const assigned = isAssigned(walk, node);
    const closure = closureAround(walk, node, start);
    if (closure === 'declaration') return false; // it can be called before the assignment
    if (assigned && (closure !== undefined || !isStatement(walk, node, name, start))) return false;
    assignedLater ||= assigned;
    readInClosure ||= closure !== undefined;
  }
  if (!readInClosure) return true;
  const last = functionEnd(walk, name);
  for (let node = end; !assignedLater && node < last; node++) assignedLater = names(walk, node, word) && isAssigned(walk, node);
  return !assignedLater;
}

function names(walk: Walk, node: number, word: string): boolean {
  const { k } = walk;
  const kind = walk.kind(node);
  return (kind === k.identifier || kind === k.shorthand_property_identifier || kind === k.shorthand_property_identifier_pattern) && walk.is(node, word);
}

/** Whether the name stands where something is put into it: left of an assignment, in `++`, in a pattern or as a loop's variable. */
function isAssigned(walk: Walk, node: number): boolean {
  const { k, f } = walk;
  if (walk.kind(node) === k.shorthand_property_identifier_pattern) return true;
  const parent = walk.nodes.parent[node] ?? -1;
  const kind = parent < 0 ? -1 : walk.kind(parent);
  if (kind === k.update_expression || kind === k.array_pattern || kind === k.rest_pattern) return true;
  if (kind === k.pair_pattern) return walk.field(node) === f.value;
  const left = walk.field(node) === f.left;
  return left && (kind === k.assignment_expression || kind === k.augmented_assignment_expression || kind === k.for_in_statement || kind === k.assignment_pattern || kind === k.object_assignment_pattern);
}

/** `x = …;` directly in the block that starts to be read at `start`: the parent of its statement is the parent of the first assignment's. */
function isStatement(walk: Walk, node: number, name: number, start: number): boolean {
  const { parent } = walk.nodes;
  const assignment = parent[node] ?? -1;
  const statement = parent[assignment] ?? -1;
  const first = parent[parent[name] ?? -1] ?? -1;
  return node >= start && walk.kind(assignment) === walk.k.assignment_expression && walk.kind(statement) === walk.k.expression_statement && parent[statement] === parent[first];
}

/** The kind of the function between a node and the block it lies in, if there is one. */
function closureAround(walk: Walk, node: number, start: number): 'declaration' | 'expression' | undefined {
  const { k } = walk;
  let found: 'declaration' | 'expression' | undefined;
  for (let at = walk.nodes.parent[node] ?? -1; at >= start; at = walk.nodes.parent[at] ?? -1) {
    const kind = walk.kind(at);
    if (kind === k.function_declaration || kind === k.generator_function_declaration) return 'declaration';
    if (kind === k.arrow_function || kind === k.function_expression || kind === k.generator_function || kind === k.method_definition || kind === k.class_body) found = 'expression';
  }
  return found;
}

/** Where the function around a node ends, or the file. */
function functionEnd(walk: Walk, node: number): number {
  const { k } = walk;
  let at = node;
  for (let depth = 0; depth < DEEPEST_BLOCK; depth++) {
    const outer = walk.nodes.parent[at] ?? -1;
    if (outer < 0) break;
    at = outer;
    const kind = walk.kind(at);
    if (kind === k.arrow_function || kind === k.function_expression || kind === k.generator_function || kind === k.method_definition || kind === k.function_declaration || kind === k.generator_function_declaration) break;
  }
  return walk.end(at);
}
