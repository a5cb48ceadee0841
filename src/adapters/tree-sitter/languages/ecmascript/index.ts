import type { FileFacts, LanguageId } from '../../../../domain/file-facts.js';
import type { LanguageExtractor } from '../../language-extractor.js';
import { HAS_ERROR, MISSING, type Grammar, type ParsedSource } from '../../syntax-nodes.js';
import { callExpressions } from './calls.js';
import { classExpressions } from './classes.js';
import { assignmentExpressions } from './commonjs.js';
import { plainExpressions } from './expressions.js';
import { finish } from './finish.js';
import { functionExpressions } from './functions.js';
import { castBefore } from './jsdoc.js';
import { jsxExpressions } from './jsx.js';
import { moduleStatements } from './modules.js';
import { objectExpressions } from './objects.js';
import { findShadows } from './shadowing.js';
import { declarations, declarationStatements, plainStatements, readStatements } from './statements.js';
import { readType } from './types.js';
import { vocabularyOf, type ExpressionRule, type Vocabulary } from './vocabulary.js';
import { Walk, type Rules } from './walk.js';

const VERSION = 1;
const ERROR = 65535;

/** TypeScript, TSX and JavaScript (with JSX): one set of rules over three grammars. */
export const ecmascriptExtractors: readonly LanguageExtractor[] = [
  { language: 'typescript', grammar: 'tree-sitter-typescript.wasm', version: VERSION, extensions: ['.ts', '.mts', '.cts'], interpreters: [], extract: (source) => extract('typescript', source) },
  { language: 'tsx', grammar: 'tree-sitter-tsx.wasm', version: VERSION, extensions: ['.tsx'], interpreters: [], extract: (source) => extract('tsx', source) },
  {
    language: 'javascript', grammar: 'tree-sitter-javascript.wasm', version: VERSION, extensions: ['.js', '.jsx', '.mjs', '.cjs'], interpreters: ['node'],
    extract: (source) => extract('javascript', source),
  },
];

const expressions: ReadonlyMap<string, ExpressionRule> = new Map([
  ...plainExpressions, ...functionExpressions, ...classExpressions, ...objectExpressions, ...callExpressions, ...assignmentExpressions, ...jsxExpressions,
]);
const statements = new Map([...plainStatements, ...declarationStatements, ...moduleStatements]);
const rules: Rules = { type: readType, block: readStatements, castBefore };
const vocabularies = new WeakMap<Grammar, Vocabulary>();

function extract(language: LanguageId, source: ParsedSource): FileFacts {
  let vocabulary = vocabularies.get(source.grammar);
  if (vocabulary === undefined) {
    vocabulary = vocabularyOf(source.grammar, { expressions, statements, declarations });
    vocabularies.set(source.grammar, vocabulary);
  }
  const walk = new Walk(source, vocabulary, rules, language === 'javascript');
  if (source.nodes.count > 0) {
    noteDamage(walk);
    findShadows(walk);
    walk.sloppy = language === 'javascript' && !hasModuleSyntax(walk);
    if (walk.kind(0) === walk.k.program) readStatements(walk, 0);
    else walk.anything(0);
  }
  finish(walk);
  return walk.build.build({ language, lines: source.lineCount, bytes: source.bytes.length });
}

function hasModuleSyntax(walk: Walk): boolean {
  return walk.has(0, walk.k.import_statement) || walk.has(0, walk.k.export_statement);
}

/** One diagnostic for a file whose tree has damage, at the first place. */
function noteDamage(walk: Walk): void {
  const { nodes } = walk;
  if (((nodes.flags[0] ?? 0) & HAS_ERROR) === 0 && nodes.kind[0] !== ERROR) return;
  for (let node = 0; node < nodes.count; node++) {
    if (nodes.kind[node] !== ERROR && ((nodes.flags[node] ?? 0) & MISSING) === 0) continue;
    const { line } = walk.position(node);
    walk.build.diagnostics.push({ code: 'syntax-error', message: `The grammar could not read what stands at line ${line}; the rest of the file is used.`, line });
    return;
  }
}
