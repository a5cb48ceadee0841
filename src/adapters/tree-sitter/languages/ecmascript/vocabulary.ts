import type { ExprIndex } from '../../../../domain/file-facts.js';
import type { Grammar } from '../../syntax-nodes.js';
import type { Walk } from './walk.js';

/** What reads one kind of expression: gives its index, having recorded all facts inside it. */
export type ExpressionRule = (walk: Walk, node: number) => ExprIndex;
/** What reads one kind of statement or declaration. */
export type StatementRule = (walk: Walk, node: number) => void;

/** What reads one kind of declaration. */
export type DeclarationRule = (walk: Walk, node: number, context: DeclarationContext) => unknown;

/** How a declaration stands: inside which statement, and who sees it. */
export interface DeclarationContext {
  /** The statement around it: the `export` or `declare`, else itself. */
  readonly outer: number;
  readonly exported: boolean;
  readonly ambient: boolean;
  /** Decorators before `export`. */
  readonly decorators: readonly number[];
}

/** Named node kinds that the rules compare with. A kind that a grammar does not have gets -1 and never matches. */
const KINDS = [
  'abstract_class_declaration', 'abstract_method_signature', 'ambient_declaration', 'arguments', 'array', 'array_pattern', 'array_type', 'arrow_function',
  'as_expression', 'asserts', 'asserts_annotation', 'assignment_expression', 'assignment_pattern', 'augmented_assignment_expression', 'await_expression',
  'binary_expression', 'break_statement', 'call_expression', 'call_signature', 'catch_clause', 'class', 'class_body', 'class_declaration', 'class_heritage',
  'class_static_block', 'comment', 'computed_property_name', 'conditional_type', 'constraint', 'construct_signature', 'constructor_type', 'continue_statement', 'decorator',
  'default_type', 'else_clause', 'enum_assignment', 'enum_declaration', 'escape_sequence', 'export_clause', 'export_specifier', 'export_statement',
  'expression_statement', 'extends_clause', 'extends_type_clause', 'field_definition', 'finally_clause', 'flow_maybe_type', 'for_in_statement', 'formal_parameters',
  'function_declaration', 'function_expression', 'function_signature', 'function_type', 'generator_function', 'generator_function_declaration', 'generic_type',
  'identifier', 'if_statement', 'implements_clause', 'import', 'import_alias', 'import_clause', 'import_require_clause', 'import_specifier', 'import_statement',
  'index_signature', 'index_type_query', 'infer_type', 'instantiation_expression', 'interface_declaration', 'internal_module', 'intersection_type',
  'jsx_attribute', 'jsx_element', 'jsx_expression', 'jsx_namespace_name', 'jsx_opening_element', 'jsx_self_closing_element', 'jsx_text', 'lexical_declaration',
  'literal_type', 'lookup_type', 'mapped_type_clause', 'member_expression', 'method_definition', 'method_signature', 'module', 'named_imports',
  'namespace_export', 'namespace_import', 'nested_identifier', 'nested_type_identifier', 'new_expression', 'non_null_expression', 'null', 'number', 'object',
  'object_assignment_pattern', 'object_pattern', 'object_type', 'optional_parameter', 'optional_type', 'pair', 'pair_pattern', 'parenthesized_expression',
  'parenthesized_type', 'predefined_type', 'private_property_identifier', 'program', 'property_identifier', 'property_signature', 'public_field_definition',
  'readonly_type', 'required_parameter', 'rest_pattern', 'rest_type', 'return_statement', 'satisfies_expression', 'sequence_expression',
  'shorthand_property_identifier', 'shorthand_property_identifier_pattern', 'spread_element', 'statement_block', 'string', 'string_fragment',
  'subscript_expression', 'super', 'switch_case', 'switch_default', 'template_literal_type', 'template_string', 'template_substitution', 'ternary_expression',
  'this', 'this_type', 'throw_statement', 'tuple_type', 'type_alias_declaration', 'type_annotation', 'type_arguments', 'type_assertion', 'type_identifier',
  'type_parameter', 'type_predicate', 'type_predicate_annotation', 'type_query', 'unary_expression', 'undefined', 'union_type', 'update_expression', 'using_declaration',
  'variable_declaration', 'variable_declarator',
] as const;

/** Anonymous nodes: keywords and punctuation. */
const TOKENS = [
  '!', '*', ',', '.', '=', '?', 'abstract', 'accessor', 'as', 'async', 'await', 'const', 'declare', 'default', 'get', 'global', 'new', 'override', 'private',
  'protected', 'public', 'readonly', 'set', 'static', 'static get', 'type', 'typeof', 'namespace', 'using', 'await using', 'export',
] as const;

const FIELDS = [
  'alias', 'alternative', 'argument', 'arguments', 'attribute', 'body', 'condition', 'consequence', 'constraint', 'constructor', 'declaration', 'decorator',
  'function', 'handler', 'finalizer', 'increment', 'index', 'index_type', 'initializer', 'key', 'kind', 'left', 'module', 'name', 'object', 'open_tag',
  'operator', 'parameter', 'parameters', 'pattern', 'property', 'return_type', 'right', 'source', 'type', 'type_arguments', 'type_parameters', 'value',
] as const;

type Numbers<N extends string> = { readonly [K in N]: number };

/** The ids of one grammar, resolved once, and the rules by kind id. */
export interface Vocabulary {
  readonly kinds: Numbers<(typeof KINDS)[number]>;
  readonly tokens: Numbers<(typeof TOKENS)[number]>;
  readonly fields: Numbers<(typeof FIELDS)[number]>;
  readonly expressions: readonly (ExpressionRule | undefined)[];
  readonly statements: readonly (StatementRule | undefined)[];
  readonly declarations: readonly (DeclarationRule | undefined)[];
}

/** Resolves the vocabulary of a grammar. The rules are by the name of the node kind. */
export function vocabularyOf(
  grammar: Grammar,
  rules: {
    readonly expressions: ReadonlyMap<string, ExpressionRule>; readonly statements: ReadonlyMap<string, StatementRule>;
    readonly declarations: ReadonlyMap<string, DeclarationRule>;
  },
): Vocabulary {
  return {
    kinds: numbers(KINDS, (name) => grammar.kind(name, true)),
    tokens: numbers(TOKENS, (name) => grammar.kind(name, false)),
    fields: numbers(FIELDS, (name) => grammar.field(name)),
    expressions: byKind(grammar, rules.expressions),
    statements: byKind(grammar, rules.statements),
    declarations: byKind(grammar, rules.declarations),
  };
}

function numbers<N extends string>(names: readonly N[], idOf: (name: N) => number): Numbers<N> {
  // The entries hold exactly the names, which the type of Object.fromEntries cannot say.
  return Object.fromEntries(names.map((name) => [name, idOf(name)])) as Numbers<N>;
}

function byKind<R>(grammar: Grammar, rules: ReadonlyMap<string, R>): (R | undefined)[] {
  const table: (R | undefined)[] = [];
  for (const [name, rule] of rules) {
    const id = grammar.kind(name, true);
    if (id >= 0) table[id] = rule;
  }
  for (let id = 0; id < table.length; id++) table[id] ??= undefined;
  return table;
}
