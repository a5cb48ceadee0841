import type { Binding, CallSite, ClassFacts, Definition, ExprIndex, FileFacts, FunctionFacts, TypeIndex } from '../../../../src/domain/file-facts.js';
import { compiledCore, compiledGrammar } from '../../../../src/adapters/tree-sitter/grammars.js';
import { pythonExtractors } from '../../../../src/adapters/tree-sitter/languages/python/index.js';
import { ParsedSource } from '../../../../src/adapters/tree-sitter/syntax-nodes.js';
import { SyntaxReader } from '../../../../src/adapters/tree-sitter/syntax-reader.js';
import { problemsOf } from '../../../../src/testing/contracts/facts-well-formed.js';

const [extractor] = pythonExtractors;
if (extractor === undefined) throw new Error('no extractor');
const reader = await SyntaxReader.start(compiledCore());
reader.add(extractor.grammar, compiledGrammar(extractor.grammar));

/** The facts of a Python file. Fails where they are not well-formed or definitions and sites are out of order. */
export function factsOf(source: string): FileFacts {
  if (extractor === undefined) throw new Error('no extractor');
  const bytes = Buffer.from(source);
  const reading = reader.read(extractor.grammar, bytes, 60_000);
  if (reading.outcome !== 'read') throw new Error(reading.outcome);
  const facts = extractor.extract(new ParsedSource(reading.grammar, reading.nodes, bytes));
  const problems = problemsOf(facts);
  for (const list of [facts.definitions, facts.sites]) {
    list.forEach((each, i) => {
      if (i > 0 && (list[i - 1]?.at.offset ?? 0) > each.at.offset) problems.push(`out of order: ${each.name} in line ${each.at.line}`);
    });
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return facts;
}

/** The only definition of a (dotted) name. */
export function definition(facts: FileFacts, path: string): Definition {
  const found = facts.definitions.filter((_, i) => pathOf(facts, i) === path);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} definitions of ${path}: ${facts.definitions.map((_, i) => pathOf(facts, i)).join(', ')}`);
  return found[0];
}

/** `C.m` for a method m of a class C; `f.g` for a function g in f. */
export function pathOf(facts: FileFacts, index: number): string {
  const each = facts.definitions[index];
  if (each === undefined) return '';
  return each.parent < 0 ? each.name : `${pathOf(facts, each.parent)}.${each.name}`;
}

export function functionOf(facts: FileFacts, path: string): FunctionFacts {
  const found = facts.functions[definition(facts, path).function ?? -1];
  if (found === undefined) throw new Error(`${path} is no function`);
  return found;
}

export function classOf(facts: FileFacts, path: string): ClassFacts {
  const found = facts.classes[definition(facts, path).class ?? -1];
  if (found === undefined) throw new Error(`${path} is no class`);
  return found;
}

/** The binding of a name in the module (`''`) or in the scope of a function or class. */
export function binding(facts: FileFacts, path: string, name: string): Binding | undefined {
  const scope = path === '' ? 0 : definition(facts, path).class === undefined ? functionOf(facts, path).scope : classOf(facts, path).scope;
  return facts.scopes[scope]?.bindings.find((each) => each.name === name);
}

/** The values of a name there, as {@link show} gives them. */
export function values(facts: FileFacts, path: string, name: string): string[] {
  return (binding(facts, path, name)?.values ?? []).map((value) => show(facts, value));
}

/** The bindings of all narrow scopes, as `x: C`. */
export function narrowed(facts: FileFacts): string[] {
  return facts.scopes.filter(({ kind }) => kind === 'narrow').flatMap(({ bindings }) => bindings.map((each) => `${each.name}: ${(each.values ?? []).map((value) => show(facts, value)).join(' | ')}`));
}

/** The only call site of a name. */
export function site(facts: FileFacts, name: string): CallSite {
  const found = facts.sites.filter((each) => each.name === name);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} sites of ${name}`);
  return found[0];
}

/** `owner: call` of every site; the file's own have no owner. */
export function calls(facts: FileFacts): string[] {
  return facts.sites.map((each) => `${each.owner < 0 ? '' : `${pathOf(facts, each.owner)}: `}${each.via === 'call' ? '' : `@ `}${show(facts, each.expr)}`);
}

/** An expression in one line; what Python has no words for stands in angle brackets. */
export function show(facts: FileFacts, index: ExprIndex | undefined): string {
  const expr = facts.exprs[index ?? 0];
  const all = (list: readonly ExprIndex[]): string => list.map((each) => show(facts, each)).join(', ');
  const classPath = (at: number): string => pathOf(facts, facts.classes[at]?.definition ?? -1);
  switch (expr?.k) {
    case undefined: case 'unknown': return '?';
    case 'literal': return expr.value === undefined ? `<${expr.type}>` : expr.type === 'string' ? `'${expr.value}'` : expr.type === 'bytes' ? `b'${expr.value}'` : expr.value;
    case 'name': return expr.name;
    case 'this': return `<${expr.static === true ? 'class' : 'self'} ${classPath(expr.class ?? -1)}>`;
    case 'super': return `<super${expr.static === true ? ' class' : ''} ${classPath(expr.class)}>`;
    case 'member': return `${show(facts, expr.object)}.${expr.name}`;
    case 'index': return `${show(facts, expr.object)}[${expr.key === undefined ? '' : show(facts, expr.key)}]`;
    case 'call': case 'new': {
      const given = expr.arguments.map((each, i) => (expr.spread === i ? '*' : '') + show(facts, each));
      return `${show(facts, expr.callee)}(${[...given, ...(expr.keywords ?? []).map((each) => `${each.name}=${show(facts, each.value)}`)].join(', ')})`;
    }
    case 'await': return `await ${show(facts, expr.value)}`;
    case 'iterate': return `<${expr.async === true ? 'async ' : ''}each of ${show(facts, expr.value)}>`;
    case 'unpack': return `<${show(facts, expr.value)} at ${expr.index}${expr.rest === true ? '...' : ''}>`;
    case 'enter': return `<${expr.async === true ? 'async ' : ''}enter ${show(facts, expr.value)}>`;
    case 'function': return `<function ${pathOf(facts, facts.functions[expr.function]?.definition ?? -1)}>`;
    case 'class': return `<class ${classPath(expr.class)}>`;
    case 'array': return `<${expr.container} ${all(expr.elements)}>`;
    case 'object': return `<dict ${[...expr.properties.map((each) => `${each.name}: ${show(facts, each.value)}`), ...expr.spreads.map((each) => `**${show(facts, each)}`), ...(expr.values ?? []).map((each) => `?: ${show(facts, each)}`)].join(', ')}>`;
    case 'union': return `<${expr.of.map((each) => show(facts, each)).join(' | ')}>`;
    case 'cast': return `<${show(facts, expr.value)} as ${showType(facts, expr.type)}>`;
    case 'instance': return `<${expr.unless === undefined ? '' : 'no '}${expr.itself === true ? 'subclass' : 'instance'} of ${show(facts, expr.class)}>`;
    case 'param': return `<parameter ${expr.index}>`;
    case 'import': return `<module ${facts.imports[expr.import]?.specifier ?? ''}>`;
    case 'operator': return `<${expr.operator}: ${all(expr.operands)}>`;
  }
}

/** A type in one line. */
export function showType(facts: FileFacts, index: TypeIndex | undefined): string {
  const type = index === undefined ? undefined : facts.types[index];
  const all = (list: readonly TypeIndex[], by = ', '): string => list.map((each) => showType(facts, each)).join(by);
  switch (type?.k) {
    case undefined: return '-';
    case 'ref': return type.path.join('.') + (type.arguments === undefined ? '' : `[${all(type.arguments)}]`);
    case 'union': return all(type.of, ' | ');
    case 'tuple': return `(${all(type.elements)})`;
    case 'literal': return type.type === 'string' ? `'${type.value}'` : type.value;
    case 'this': return '<Self>';
    default: return '?';
  }
}
