import type { Grammar } from '../../syntax-nodes.js';

/** The node kinds that rules compare with; kinds that only have a rule of their own are named in the rule tables. */
const KINDS = [
  'aliased_import', 'argument_list', 'as_pattern', 'as_pattern_target', 'assignment', 'attribute', 'augmented_assignment', 'binary_operator', 'block',
  'boolean_operator', 'break_statement', 'call', 'case_clause', 'case_pattern', 'class_definition', 'class_pattern', 'comment', 'concatenated_string',
  'constrained_type', 'continue_statement', 'decorator', 'default_parameter', 'dict_pattern', 'dictionary_splat', 'dictionary_splat_pattern', 'dotted_name',
  'elif_clause', 'ellipsis', 'else_clause', 'expression_list', 'expression_statement', 'false', 'for_in_clause', 'for_statement', 'function_definition',
  'generic_type', 'global_statement', 'identifier', 'if_clause', 'if_statement', 'integer', 'interpolation', 'keyword_argument', 'keyword_pattern', 'keyword_separator', 'lambda',
  'list', 'list_pattern', 'list_splat', 'list_splat_pattern', 'match_statement', 'member_type', 'named_expression', 'none', 'nonlocal_statement', 'not_operator', 'pair', 'parameters', 'parenthesized_expression', 'pattern_list',
  'positional_separator', 'raise_statement', 'return_statement', 'set', 'slice', 'splat_pattern', 'splat_type', 'string', 'string_content', 'string_start',
  'subscript', 'true', 'try_statement', 'tuple', 'tuple_pattern', 'type', 'type_parameter', 'typed_default_parameter', 'typed_parameter', 'unary_operator', 'union_pattern',
  'union_type', 'while_statement', 'wildcard_import', 'with_clause', 'with_item', 'with_statement',
] as const;

const TOKENS = ['async', 'from', 'and', ',', '|', '*'] as const;

const FIELDS = [
  'alias', 'alternative', 'argument', 'arguments', 'attribute', 'body', 'condition', 'consequence', 'definition', 'function', 'guard', 'key', 'left', 'module_name',
  'name', 'object', 'operator', 'operators', 'parameters', 'return_type', 'right', 'subject', 'subscript', 'superclasses', 'type', 'type_parameters', 'value',
] as const;

export type KindName = (typeof KINDS)[number];
export type TokenName = (typeof TOKENS)[number];
export type FieldName = (typeof FIELDS)[number];

/** The numbers that one loaded grammar gives to what the rules know by name; -1 (kinds, tokens) and 0 (fields) where it has none such. */
export interface PythonSyntax {
  readonly kind: Readonly<Record<KindName, number>>;
  readonly token: Readonly<Record<TokenName, number>>;
  readonly field: Readonly<Record<FieldName, number>>;
}

/** Kind of the nodes that stand for what could not be parsed. */
export const ERROR_KIND = 65535;

const known = new WeakMap<Grammar, PythonSyntax>();

/** Looks every name up once for a grammar. */
export function syntaxOf(grammar: Grammar): PythonSyntax {
  let syntax = known.get(grammar);
  if (syntax === undefined) {
    syntax = {
      kind: numbers(KINDS, (name) => grammar.kind(name, true)),
      token: numbers(TOKENS, (name) => grammar.kind(name, false)),
      field: numbers(FIELDS, (name) => grammar.field(name)),
    };
    known.set(grammar, syntax);
  }
  return syntax;
}

/** Rules by the number of the node kind they are written for. */
export function ruleTable<R>(grammar: Grammar, rules: Readonly<Record<string, R>>): (R | undefined)[] {
  const table: (R | undefined)[] = [];
  for (const [name, rule] of Object.entries(rules)) {
    const kind = grammar.kind(name, true);
    if (kind < 0 || kind === ERROR_KIND) continue;
    while (table.length <= kind) table.push(undefined);
    table[kind] = rule;
  }
  return table;
}

function numbers<N extends string>(names: readonly N[], find: (name: N) => number): Readonly<Record<N, number>> {
  // Every name of N is a key: fromEntries only knows them as strings.
  return Object.fromEntries(names.map((name) => [name, find(name)])) as Record<N, number>;
}
