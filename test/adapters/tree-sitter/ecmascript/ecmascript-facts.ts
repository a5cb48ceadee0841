import type { Binding, CallSite, ClassFacts, Definition, ExprIndex, FileFacts, FunctionFacts, TypeIndex } from '../../../../src/domain/file-facts.js';
import { compiledCore, compiledGrammar } from '../../../../src/adapters/tree-sitter/grammars.js';
import { ecmascriptExtractors } from '../../../../src/adapters/tree-sitter/languages/ecmascript/index.js';
import { ParsedSource } from '../../../../src/adapters/tree-sitter/syntax-nodes.js';
import { SyntaxReader } from '../../../../src/adapters/tree-sitter/syntax-reader.js';
import { problemsOf } from '../../../../src/testing/contracts/facts-well-formed.js';

export type Language = 'typescript' | 'tsx' | 'javascript';

const reader = await SyntaxReader.start(compiledCore());
for (const { grammar } of ecmascriptExtractors) reader.add(grammar, compiledGrammar(grammar));

/** The facts of a TypeScript file. Fails where they are not well-formed or definitions and sites are out of order. */
export function ts(source: string): FileFacts {
  return factsOf('typescript', source);
}

export function tsx(source: string): FileFacts {
  return factsOf('tsx', source);
}

export function js(source: string): FileFacts {
  return factsOf('javascript', source);
}

export function factsOf(language: Language, source: string): FileFacts {
  const extractor = ecmascriptExtractors.find((each) => each.language === language);
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

/** `C.m` for a method m of a class C; `f.g` for a function g in f. */
export function pathOf(facts: FileFacts, index: number): string {
  const each = facts.definitions[index];
  if (each === undefined) return '';
  return each.parent < 0 ? each.name : `${pathOf(facts, each.parent)}.${each.name}`;
}

/** Every definition as `kind path modifiers`, in order. */
export function definitions(facts: FileFacts): string[] {
  return facts.definitions.map((each, i) => [each.kind, pathOf(facts, i), ...(each.modifiers ?? []), ...(each.exported === true ? ['exported'] : []), ...(each.local === true ? ['local'] : [])].join(' '));
}

/** The only definition of a (dotted) name. */
export function definition(facts: FileFacts, path: string): Definition {
  const found = facts.definitions.filter((_, i) => pathOf(facts, i) === path);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} definitions of ${path}: ${definitions(facts).join(', ')}`);
  return found[0];
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

/** The binding of a name in the file (`''`) or in the scope of a function, class or namespace. */
export function binding(facts: FileFacts, path: string, name: string): Binding | undefined {
  const each = path === '' ? undefined : definition(facts, path);
  const scope = each === undefined ? 0 : (each.body ?? (each.class === undefined ? functionOf(facts, path).scope : classOf(facts, path).scope));
  return facts.scopes[scope]?.bindings.find((found) => found.name === name);
}

/** The values of a name there, as {@link show} gives them. */
export function values(facts: FileFacts, path: string, name: string): string[] {
  return (binding(facts, path, name)?.values ?? []).map((value) => show(facts, value));
}

/** The names bound in every scope, as `kind: name, name`. */
export function scopes(facts: FileFacts): string[] {
  return facts.scopes.map((scope) => `${scope.kind} of ${pathOf(facts, scope.owner) || 'file'}: ${scope.bindings.map(({ name }) => name).join(', ')}`);
}

/** The members of a class as `static kind name?: type`. */
export function members(facts: FileFacts, of: ClassFacts): string[] {
  return of.members.map((each) => `${each.static === true ? 'static ' : ''}${each.kind} ${each.name}${each.optional === true ? '?' : ''}${each.type === undefined ? '' : `: ${showType(facts, each.type)}`}`);
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

/** `owner: via call` of every site; the file's own have no owner. */
export function calls(facts: FileFacts): string[] {
  return facts.sites.map((each) => `${each.owner < 0 ? '' : `${pathOf(facts, each.owner)}: `}${each.via === 'call' || each.via === 'new' ? '' : `${each.via} `}${show(facts, each.expr)}`);
}

/** `owner: read` of every reference. */
export function references(facts: FileFacts): string[] {
  return facts.references.map((each) => `${each.owner < 0 ? '' : `${pathOf(facts, each.owner)}: `}${show(facts, each.expr)}`);
}

/** `owner: type` of every named type used. */
export function typeReferences(facts: FileFacts): string[] {
  return facts.typeReferences.map((each) => `${each.owner < 0 ? '' : `${pathOf(facts, each.owner)}: `}${showType(facts, each.type)}`);
}

export function imports(facts: FileFacts): string[] {
  return facts.imports.map((each) => `${each.kind} ${each.specifier} {${each.names.map(({ imported, local }) => (imported === local ? local : `${imported} as ${local}`)).join(', ')}}${each.typeOnly === true ? ' type' : ''}`);
}

export function exports(facts: FileFacts): string[] {
  return facts.exports.map((each) => {
    const type = 'typeOnly' in each && each.typeOnly === true ? ' type' : '';
    const defines = 'definition' in each && each.definition !== undefined ? ` defines ${pathOf(facts, each.definition)}` : '';
    switch (each.kind) {
      case 'local': return `${each.name} = ${each.local}${type}`;
      case 'from': return `${each.name} = ${each.imported} of ${facts.imports[each.import]?.specifier ?? ''}${type}`;
      case 'star': return `* of ${facts.imports[each.import]?.specifier ?? ''}${type}`;
      case 'value': return `${each.name} = ${show(facts, each.value)}${each.commonjs === true ? ' commonjs' : ''}${defines}`;
      case 'assign': return `module = ${show(facts, each.value)}${defines}`;
    }
  });
}

export function assignments(facts: FileFacts): string[] {
  return facts.assignments.map((each) => {
    const known = each.class === undefined ? '' : ` in ${each.static === true ? 'static ' : ''}${pathOf(facts, facts.classes[each.class]?.definition ?? -1)}`;
    const defines = each.definition === undefined ? '' : ` defines ${pathOf(facts, each.definition)}`;
    return `${show(facts, each.target)}.${each.name} = ${show(facts, each.value)}${each.type === undefined ? '' : `: ${showType(facts, each.type)}`}${known}${defines}`;
  });
}

/** An expression in one line; what has no words in the language stands in angle brackets. */
export function show(facts: FileFacts, index: ExprIndex | undefined): string {
  const expr = facts.exprs[index ?? 0];
  const all = (list: readonly ExprIndex[]): string => list.map((each) => show(facts, each)).join(', ');
  const classPath = (at: number): string => pathOf(facts, facts.classes[at]?.definition ?? -1);
  switch (expr?.k) {
    case undefined: case 'unknown': return '?';
    case 'literal': return expr.value === undefined ? `<${expr.type}>` : expr.type === 'string' ? `'${expr.value}'` : expr.value;
    case 'name': return expr.name;
    case 'this': {
      if (expr.class !== undefined) return `<this ${expr.static === true ? 'static ' : ''}${classPath(expr.class)}>`;
      return expr.function === undefined ? '<this>' : `<this of ${pathOf(facts, facts.functions[expr.function]?.definition ?? -1) || 'function'}>`;
    }
    case 'super': return `<super ${expr.static === true ? 'static ' : ''}${classPath(expr.class)}>`;
    case 'member': return `${show(facts, expr.object)}.${expr.name}`;
    case 'index': return `${show(facts, expr.object)}[${expr.key === undefined ? '' : show(facts, expr.key)}]`;
    case 'call': case 'new': {
      const given = expr.arguments.map((each, i) => (expr.spread === i ? '...' : '') + show(facts, each));
      const types = expr.typeArguments === undefined ? '' : `<${expr.typeArguments.map((each) => showType(facts, each)).join(', ')}>`;
      return `${expr.k === 'new' ? 'new ' : ''}${show(facts, expr.callee)}${types}(${given.join(', ')})`;
    }
    case 'await': return `await ${show(facts, expr.value)}`;
    case 'iterate': return `<${expr.async === true ? 'async ' : ''}each of ${show(facts, expr.value)}>`;
    case 'unpack': return `<${show(facts, expr.value)} at ${expr.index}${expr.rest === true ? '...' : ''}>`;
    case 'enter': return `<enter ${show(facts, expr.value)}>`;
    case 'function': return `<function ${pathOf(facts, facts.functions[expr.function]?.definition ?? -1)}>`;
    case 'class': return `<class ${classPath(expr.class)}>`;
    case 'array': return `[${all(expr.elements)}]`;
    case 'object': return `{${[...expr.properties.map((each) => `${each.name}: ${show(facts, each.value)}`), ...expr.spreads.map((each) => `...${show(facts, each)}`), ...(expr.values ?? []).map((each) => `[?]: ${show(facts, each)}`)].join(', ')}}`;
    case 'union': return `<${expr.of.map((each) => show(facts, each)).join(' | ')}>`;
    case 'cast': return `<${show(facts, expr.value)} as ${showType(facts, expr.type)}>`;
    case 'instance': return `<instance of ${show(facts, expr.class)}>`;
    case 'param': return `<parameter ${expr.index}>`;
    case 'import': return `<module ${facts.imports[expr.import]?.specifier ?? ''}>`;
    case 'operator': return `<${expr.operator}: ${all(expr.operands)}>`;
  }
}

/** A function as `(a: A, b?) => R`. */
export function showFunction(facts: FileFacts, of: FunctionFacts | undefined): string {
  if (of === undefined) return '-';
  const parameters = of.parameters.map((each) => `${each.form === 'rest' ? '...' : ''}${each.name ?? '{}'}${each.optional === true ? '?' : ''}${each.type === undefined ? '' : `: ${showType(facts, each.type)}`}`);
  if (of.thisType !== undefined) parameters.unshift(`this: ${showType(facts, of.thisType)}`);
  const generics = of.typeParameters === undefined ? '' : `<${of.typeParameters.map(({ name, constraint }) => name + (constraint === undefined ? '' : ` extends ${showType(facts, constraint)}`)).join(', ')}>`;
  return `${generics}(${parameters.join(', ')})${of.returnType === undefined ? '' : ` => ${showType(facts, of.returnType)}`}`;
}

/** A type in one line. */
export function showType(facts: FileFacts, index: TypeIndex | undefined): string {
  const type = index === undefined ? undefined : facts.types[index];
  const all = (list: readonly TypeIndex[], by = ', '): string => list.map((each) => showType(facts, each)).join(by);
  switch (type?.k) {
    case undefined: return '-';
    case 'opaque': return '?';
    case 'ref': return type.path.join('.') + (type.arguments === undefined ? '' : `<${all(type.arguments)}>`);
    case 'union': return all(type.of, ' | ');
    case 'intersection': return all(type.of, ' & ');
    case 'array': return `${showType(facts, type.element)}[]`;
    case 'tuple': return `[${all(type.elements)}]`;
    case 'function': return `${type.constructs === true ? 'new ' : ''}${showFunction(facts, facts.functions[type.function])}`;
    case 'object': {
      const of = facts.classes[type.class];
      return `{${of === undefined ? '' : of.members.map((each) => `${each.kind === 'field' ? '' : `${each.kind} `}${each.name}${each.optional === true ? '?' : ''}: ${each.type === undefined ? (each.functions ?? []).map((f) => showFunction(facts, facts.functions[f])).join(' & ') : showType(facts, each.type)}`).join('; ')}}`;
    }
    case 'literal': return type.type === 'string' ? `'${type.value}'` : type.value;
    case 'typeof': return `typeof ${show(facts, type.expr)}`;
    case 'this': return 'this';
    case 'index': return `${showType(facts, type.object)}[${type.key ?? ''}]`;
    case 'predicate': return `${type.parameter} is ${showType(facts, type.type)}`;
    case 'import': return `import(${facts.imports[type.import]?.specifier ?? ''})${type.path.map((name) => `.${name}`).join('')}${type.arguments === undefined ? '' : `<${all(type.arguments)}>`}`;
  }
}
