import type { Walk } from './walk.js';

const NAMES = ['require', 'module', 'exports'] as const;

/**
 * Finds where `require`, `module` or `exports` is an ordinary variable: one pass over the identifiers, which are few of those names. A bundle's
 * `function (module, exports, require) { … }` is one.
 */
export function findShadows(walk: Walk): void {
  const { nodes, k } = walk;
  if (!/\b(?:require|module|exports)\b/.test(walk.source.latin1)) return;
  for (let node = 0; node < nodes.count; node++) {
    if (nodes.kind[node] !== k.identifier && nodes.kind[node] !== k.shorthand_property_identifier_pattern) continue;
    const length = (nodes.end[node] ?? 0) - (nodes.start[node] ?? 0);
    if (length !== 6 && length !== 7) continue;
    const name = NAMES.find((word) => walk.is(node, word));
    if (name === undefined) continue;
    const around = declaredIn(walk, node);
    if (around < 0) continue;
    const known = walk.shadowed.get(name);
    if (known === undefined) walk.shadowed.set(name, new Set([around]));
    else known.add(around);
  }
}

/** The function, block or file in which an identifier declares its name; -1 when it declares nothing. */
function declaredIn(walk: Walk, node: number): number {
  const { k, f, nodes } = walk;
  let at = node;
  let parent = nodes.parent[at] ?? -1;
  const patterns = [k.object_pattern, k.array_pattern, k.assignment_pattern, k.object_assignment_pattern, k.pair_pattern, k.rest_pattern, k.required_parameter, k.optional_parameter];
  while (parent >= 0 && patterns.includes(walk.kind(parent))) {
    if (walk.field(at) === f.right || walk.field(at) === f.value || walk.field(at) === f.key) {
      if (walk.kind(parent) !== k.pair_pattern || walk.field(at) === f.key) return -1;
    }
    at = parent;
    parent = nodes.parent[at] ?? -1;
  }
  if (parent < 0) return -1;
  const kind = walk.kind(parent);
  if (kind === k.formal_parameters) return nodes.parent[parent] ?? -1;
  if (kind === k.arrow_function) return walk.field(at) === f.parameter ? parent : -1;
  if (kind === k.catch_clause) return walk.field(at) === walk.f.parameter ? parent : -1;
  if (kind === k.variable_declarator && walk.field(at) === f.name) return makesRequire(walk, parent) ? -1 : blockAround(walk, parent);
  if ((kind === k.function_declaration || kind === k.generator_function_declaration || kind === k.class_declaration) && walk.field(at) === f.name) return blockAround(walk, parent);
  if (kind === k.import_clause || kind === k.namespace_import || kind === k.import_specifier) return 0;
  return -1;
}

/** `const require = createRequire(import.meta.url)` is CommonJS's `require` again. */
function makesRequire(walk: Walk, declarator: number): boolean {
  const value = walk.child(declarator, walk.f.value);
  if (value < 0 || walk.kind(value) !== walk.k.call_expression) return false;
  return walk.source.text(walk.child(value, walk.f.function)).endsWith('createRequire');
}

function blockAround(walk: Walk, node: number): number {
  const { k, nodes } = walk;
  const isVar = walk.kind(nodes.parent[node] ?? -1) === k.variable_declaration;
  for (let at = nodes.parent[node] ?? -1; at >= 0; at = nodes.parent[at] ?? -1) {
    const kind = walk.kind(at);
    if (kind === k.program) return at;
    if (kind !== k.statement_block) continue;
    const owner = walk.kind(nodes.parent[at] ?? -1);
    const ofFunction = owner === k.function_declaration || owner === k.function_expression || owner === k.arrow_function || owner === k.method_definition
      || owner === k.generator_function || owner === k.generator_function_declaration;
    if (!isVar || ofFunction) return at;
  }
  return 0;
}
