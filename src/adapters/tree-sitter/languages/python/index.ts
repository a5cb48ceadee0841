import type { FileFacts } from '../../../../domain/file-facts.js';
import type { LanguageExtractor } from '../../language-extractor.js';
import { HAS_ERROR, MISSING, type Grammar, type ParsedSource } from '../../syntax-nodes.js';
import { EXPRESSION_RULES } from './expressions.js';
import { settlePublicNames } from './public-names.js';
import { collectReferences } from './references.js';
import { orderSites } from './site-order.js';
import { STATEMENT_RULES } from './statements.js';
import { ERROR_KIND, ruleTable, syntaxOf } from './syntax.js';
import { Walk, type RuleTables } from './walk.js';

const LANGUAGE = 'python';

/** Python 2 and 3, sources and stubs. */
export const pythonExtractors: readonly LanguageExtractor[] = [
  {
    language: LANGUAGE,
    grammar: 'tree-sitter-python.wasm',
    version: 2,
    extensions: ['.py', '.pyi', '.pyw'],
    interpreters: ['python', 'python3', 'python2', 'pypy'],
    extract,
  },
];

function extract(source: ParsedSource): FileFacts {
  const { grammar, nodes } = source;
  const w = new Walk(source, syntaxOf(grammar), rulesOf(grammar));
  w.b.moduleKind = 'module';
  if (nodes.count > 0) w.block(0, { scope: 0, home: 0, level: 'module', owner: -1, class: undefined, function: undefined, local: false, typeOnly: false });
  orderSites(w.b);
  collectReferences(w);
  settlePublicNames(w);
  noteSyntaxError(w);
  return w.b.build({ language: LANGUAGE, lines: source.lineCount, bytes: source.bytes.length });
}

const tables = new WeakMap<Grammar, RuleTables>();

function rulesOf(grammar: Grammar): RuleTables {
  let rules = tables.get(grammar);
  if (rules === undefined) {
    rules = { expressions: ruleTable(grammar, EXPRESSION_RULES), statements: ruleTable(grammar, STATEMENT_RULES) };
    tables.set(grammar, rules);
  }
  return rules;
}

/** One diagnostic with the line of the first thing that did not parse. */
function noteSyntaxError(w: Walk): void {
  const { nodes } = w.source;
  if (nodes.count === 0 || ((nodes.flags[0] ?? 0) & HAS_ERROR) === 0) return;
  for (let node = 0; node < nodes.count; node++) {
    if (nodes.kind[node] !== ERROR_KIND && ((nodes.flags[node] ?? 0) & MISSING) === 0) continue;
    w.b.diagnostics.push({ code: 'syntax-error', message: 'not all of the file could be parsed', line: (nodes.row[node] ?? 0) + 1 });
    return;
  }
}
