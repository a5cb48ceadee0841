import { FACTS_FORMAT, type Expr, type FileFacts, type Heritage, type Parameter, type Position, type TypeExpr, type TypeParameter } from '../../domain/file-facts.js';

/** What is wrong with a file's facts as data, whatever its language: indexes that name nothing, wrong order, positions outside the file. Empty when all is well. */
export function problemsOf(facts: FileFacts): string[] {
  const problems: string[] = [];
  const within = (what: string, index: number, list: readonly unknown[], orMinusOne = false): void => {
    if (!Number.isInteger(index) || index >= list.length || index < (orMinusOne ? -1 : 0)) problems.push(`${what}: ${index} of ${list.length}`);
  };
  const definition = (what: string, index: number): void => within(`${what} definition`, index, facts.definitions, true);
  const scope = (what: string, index: number): void => within(`${what} scope`, index, facts.scopes);
  const expr = (what: string, index: number | undefined): void => void (index !== undefined && within(`${what} expr`, index, facts.exprs));
  const type = (what: string, index: number | undefined): void => void (index !== undefined && within(`${what} type`, index, facts.types));
  const functionIndex = (what: string, index: number | undefined): void => void (index !== undefined && within(`${what} function`, index, facts.functions));
  const classIndex = (what: string, index: number | undefined): void => void (index !== undefined && within(`${what} class`, index, facts.classes));
  const importIndex = (what: string, index: number | undefined): void => void (index !== undefined && within(`${what} import`, index, facts.imports));
  const position = (what: string, { line, column, offset }: Position): void => {
    if (line < 1 || line > Math.max(1, facts.lines + 1) || column < 1 || offset < 0) problems.push(`${what} at ${line}:${column} (${offset}) of ${facts.lines} lines`);
  };
  const typeParameters = (what: string, list: readonly TypeParameter[] | undefined): void =>
    list?.forEach(({ constraint, default: fallback }) => {
      type(what, constraint);
      type(what, fallback);
    });
  const heritage = (what: string, list: readonly Heritage[]): void =>
    list.forEach((each) => {
      if ((each.expr === undefined) === (each.type === undefined)) problems.push(`${what} is both or neither of expression and type`);
      expr(what, each.expr);
      type(what, each.type);
      each.typeArguments?.forEach((argument) => type(what, argument));
    });
  const parameter = (what: string, each: Parameter): void => {
    type(what, each.type);
    expr(what, each.default);
    each.decorators?.forEach((decorator) => expr(what, decorator));
  };

  if (facts.format !== FACTS_FORMAT) problems.push(`format ${String(facts.format)}`);
  if (facts.exprs[0]?.k !== 'unknown') problems.push('expression 0 is not unknown');
  if (facts.types[0]?.k !== 'opaque') problems.push('type 0 is not opaque');
  if (facts.scopes[0]?.kind !== 'module' || facts.scopes[0].parent !== -1) problems.push('scope 0 is not the module');
  facts.scopes.forEach(({ parent, owner, bindings }, i) => {
    const what = `scope ${i}`;
    if (parent >= i || (i > 0 && parent < 0)) problems.push(`${what} has parent ${parent}`);
    definition(what, owner);
    if (new Set(bindings.map(({ name }) => name)).size !== bindings.length) problems.push(`${what} binds a name twice`);
    for (const binding of bindings) {
      const named = `${what} ${binding.name}`;
      binding.definitions?.forEach((index) => within(named, index, facts.definitions));
      binding.imports?.forEach((imported) => importIndex(named, imported.import));
      binding.values?.forEach((value) => expr(named, value));
      type(named, binding.type);
    }
  });
  facts.definitions.forEach((each, i) => {
    const what = `definition ${i} ${each.name}`;
    if (each.parent >= i) problems.push(`${what} has parent ${each.parent}`);
    definition(what, each.parent);
    scope(what, each.scope);
    position(what, each.at);
    position(what, each.range.start);
    position(what, each.range.end);
    if (each.range.start.offset > each.at.offset || each.at.offset > each.range.end.offset) problems.push(`${what} is named outside its range`);
    functionIndex(what, each.function);
    classIndex(what, each.class);
    type(what, each.type);
    typeParameters(what, each.typeParameters);
    each.decorators?.forEach((decorator) => expr(what, decorator));
    expr(what, each.decorated);
    if (each.body !== undefined) scope(what, each.body);
  });
  facts.functions.forEach((each, i) => {
    const what = `function ${i}`;
    definition(what, each.definition);
    scope(what, each.scope);
    each.parameters.forEach((one) => parameter(what, one));
    typeParameters(what, each.typeParameters);
    type(what, each.returnType);
    type(what, each.thisType);
    each.returns.forEach((value) => expr(what, value));
    each.yields?.forEach((value) => expr(what, value));
    classIndex(what, each.member?.class);
    expr(what, each.home);
    if (each.context !== undefined && 'call' in each.context) expr(what, each.context.call);
    else type(what, each.context?.type);
  });
  facts.classes.forEach((each, i) => {
    const what = `class ${i}`;
    definition(what, each.definition);
    scope(what, each.scope);
    typeParameters(what, each.typeParameters);
    heritage(what, each.extends);
    heritage(what, each.implements);
    expr(what, each.metaclass);
    each.decorators?.forEach((decorator) => expr(what, decorator));
    for (const member of each.members) {
      const named = `${what} ${member.name}`;
      member.definitions.forEach((index) => within(named, index, facts.definitions));
      member.functions?.forEach((index) => functionIndex(named, index));
      member.values?.forEach((value) => expr(named, value));
      member.decorators?.forEach((value) => expr(named, value));
      type(named, member.type);
    }
  });
  facts.imports.forEach((each, i) => {
    scope(`import ${i}`, each.scope);
    definition(`import ${i}`, each.owner);
  });
  facts.exports.forEach((each, i) => {
    if (each.kind === 'from' || each.kind === 'star') importIndex(`export ${i}`, each.import);
    if (each.kind === 'value' || each.kind === 'assign') {
      expr(`export ${i}`, each.value);
      if (each.definition !== undefined) definition(`export ${i}`, each.definition);
    }
  });
  facts.exprs.forEach((each, i) => exprParts(each, `expr ${i} ${each.k}`, { expr, type, scope, functionIndex, classIndex, importIndex, site: (what, index) => within(what, index, facts.sites, true) }));
  facts.types.forEach((each, i) => typeParts(each, `type ${i} ${each.k}`, { expr, type, scope, functionIndex, classIndex, importIndex }));
  let before = -1;
  facts.sites.forEach((each, i) => {
    const what = `site ${i} ${each.name}`;
    within(`${what} expr`, each.expr, facts.exprs);
    const made = facts.exprs[each.expr];
    if (made?.k !== 'call' && made?.k !== 'new') problems.push(`${what} is a ${made?.k ?? 'nothing'}`);
    else if (made.site !== i) problems.push(`${what} is said to be site ${made.site}`);
    definition(what, each.owner);
    position(what, each.at);
    before = each.at.offset;
  });
  if (before > facts.bytes * 3) problems.push('a site lies behind the end of the file');
  facts.assignments.forEach((each, i) => {
    const what = `assignment ${i} ${each.name}`;
    expr(what, each.target);
    expr(what, each.value);
    type(what, each.type);
    classIndex(what, each.class);
    definition(what, each.owner);
    if (each.definition !== undefined) definition(what, each.definition);
  });
  facts.stores?.forEach((each, i) => {
    if (facts.exprs[each.element]?.k !== 'index') problems.push(`store ${i} is to no element`);
    expr(`store ${i}`, each.value);
    if (each.always !== undefined) scope(`store ${i}`, each.always);
  });
  facts.implied?.forEach((each, i) => {
    expr(`implied call ${i}`, each.expr);
    definition(`implied call ${i}`, each.owner);
    position(`implied call ${i}`, each.at);
  });
  facts.references.forEach((each, i) => {
    expr(`reference ${i}`, each.expr);
    definition(`reference ${i}`, each.owner);
    position(`reference ${i}`, each.at);
  });
  facts.typeReferences.forEach((each, i) => {
    type(`type reference ${i}`, each.type);
    definition(`type reference ${i}`, each.owner);
    position(`type reference ${i}`, each.at);
  });
  return problems;
}

type Check = (what: string, index: number) => void;
type OptionalCheck = (what: string, index: number | undefined) => void;
interface Checks {
  readonly expr: OptionalCheck;
  readonly type: OptionalCheck;
  readonly scope: Check;
  readonly functionIndex: OptionalCheck;
  readonly classIndex: OptionalCheck;
  readonly importIndex: OptionalCheck;
}

function exprParts(each: Expr, what: string, check: Checks & { readonly site: Check }): void {
  switch (each.k) {
    case 'name': return check.scope(what, each.scope);
    case 'this':
      check.functionIndex(what, each.function);
      return check.classIndex(what, each.class);
    case 'super': case 'class': return check.classIndex(what, each.class);
    case 'instance':
      check.expr(what, each.unless);
      return check.expr(what, each.class);
    case 'member': return check.expr(what, each.object);
    case 'index':
      check.expr(what, each.key);
      return check.expr(what, each.object);
    case 'call': case 'new':
      check.expr(what, each.callee);
      each.arguments.forEach((argument) => check.expr(what, argument));
      each.keywords?.forEach(({ value }) => check.expr(what, value));
      each.typeArguments?.forEach((argument) => check.type(what, argument));
      return check.site(what, each.site);
    case 'await': case 'iterate': case 'unpack': case 'enter': return check.expr(what, each.value);
    case 'function': return check.functionIndex(what, each.function);
    case 'param': return check.functionIndex(what, each.function);
    case 'array': return each.elements.forEach((element) => check.expr(what, element));
    case 'object':
      each.properties.forEach(({ value }) => check.expr(what, value));
      each.values?.forEach((value) => check.expr(what, value));
      each.keys?.forEach((key) => check.expr(what, key));
      return each.spreads.forEach((spread) => check.expr(what, spread));
    case 'union': return each.of.forEach((part) => check.expr(what, part));
    case 'cast':
      check.type(what, each.type);
      return check.expr(what, each.value);
    case 'import': return check.importIndex(what, each.import);
    case 'operator': return each.operands.forEach((operand) => check.expr(what, operand));
    case 'unknown': case 'literal': return undefined;
  }
}

function typeParts(each: TypeExpr, what: string, check: Checks): void {
  switch (each.k) {
    case 'ref':
      each.arguments?.forEach((argument) => check.type(what, argument));
      return check.scope(what, each.scope);
    case 'union': case 'intersection': return each.of.forEach((part) => check.type(what, part));
    case 'array': return check.type(what, each.element);
    case 'tuple': return each.elements.forEach((element) => check.type(what, element));
    case 'function': return check.functionIndex(what, each.function);
    case 'object': return check.classIndex(what, each.class);
    case 'typeof': return check.expr(what, each.expr);
    case 'index': return check.type(what, each.object);
    case 'predicate': return check.type(what, each.type);
    case 'import':
      each.arguments?.forEach((argument) => check.type(what, argument));
      return check.importIndex(what, each.import);
    case 'opaque': case 'literal': case 'this': return undefined;
  }
}
