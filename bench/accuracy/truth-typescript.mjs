// Makes a truth of TypeScript or JavaScript source by the TypeScript compiler's checker, which knows nothing of codeloom:
// node bench/accuracy/truth-typescript.mjs <folder> <name> <output .jsonl.gz> [path]... The rules are those of docs/accuracy.md.
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import ts from 'typescript';

const [folder, name, output, ...paths] = process.argv.slice(2);
const root = resolve(folder);
const sources = (paths.length === 0 ? [''] : paths).flatMap((path) => filesBelow(join(root, path))).filter((file) => /\.[cm]?[jt]sx?$/.test(file)).sort();
const program = ts.createProgram(sources, {
  allowJs: true, checkJs: true, noEmit: true, strict: true, skipLibCheck: true, target: ts.ScriptTarget.ESNext, jsx: ts.JsxEmit.Preserve, experimentalDecorators: true,
  module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, allowImportingTsExtensions: true, lib: ['lib.esnext.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'], types: [],
});
const checker = program.getTypeChecker();
const files = new Map(sources.map((file, index) => [program.getSourceFile(file), { id: `F${index}`, path: relative(root, file) }]));

/** Declaration -> its definition. */
const definitions = new Map();
const rows = [];
for (const file of files.keys()) collect(file);
const calls = new Map();
const imports = new Map();
const inherits = [];
const unknown = new Map();
const sites = { calls: 0, external: 0, held: 0, unknown: 0 };
for (const [file, { id }] of files) visit(file, [{ id, scored: true }]);
const required = [...calls.values()].filter((call) => !call.opt).length;
const meta = { t: 'meta', name, oracles: [`typescript ${ts.version} checker`], counts: { defs: rows.filter((row) => !row.opt).length, calls: required, imports: imports.size, inherits: inherits.length, unresolvedNames: unknown.size }, sites };
const all = [meta, ...[...files.values()].map(({ id, path }) => ({ t: 'file', id, path })), ...rows, ...calls.values(), ...imports.values(), ...inherits, ...unknown.values()];
writeFileSync(output, gzipSync(all.map((row) => JSON.stringify(row)).join('\n'), { level: 9 }));
console.log(JSON.stringify(meta));

function filesBelow(path) {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path).filter((each) => each !== 'node_modules').flatMap((each) => filesBelow(join(path, each)));
}

function lineOf(node, position = node.getStart()) {
  return node.getSourceFile().getLineAndCharacterOfPosition(position).line + 1;
}

/** Every definition of a file; what the format does not require is optional. */
function collect(file, node = file, owner = undefined, inFunction = false) {
  let own = owner;
  const kind = kindOf(node);
  if (kind !== undefined) own = define(node, kind, owner, inFunction || kind.optional === true);
  ts.forEachChild(node, (child) => collect(file, child, own ?? owner, inFunction || ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node)));
}

function kindOf(node) {
  if (ts.isFunctionDeclaration(node)) return { kind: 'function' };
  if (ts.isClassDeclaration(node)) return { kind: 'class' };
  if (ts.isInterfaceDeclaration(node)) return { kind: 'interface' };
  if (ts.isTypeAliasDeclaration(node)) return { kind: 'type' };
  if (ts.isEnumDeclaration(node)) return { kind: 'enum' };
  if (ts.isConstructorDeclaration(node)) return { kind: 'constructor' };
  if (ts.isMethodDeclaration(node) || ts.isGetAccessor(node) || ts.isSetAccessor(node)) return { kind: 'method', optional: !ts.isClassLike(node.parent) };
  if (ts.isMethodSignature(node)) return { kind: 'method', optional: !ts.isInterfaceDeclaration(node.parent) };
  if (ts.isPropertyDeclaration(node)) return isFunction(node.initializer) ? { kind: 'method' } : { kind: 'field', optional: true };
  if (ts.isPropertySignature(node) || ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) return { kind: 'field', optional: true };
  if (ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent)) return { kind: 'field', optional: true };
  if (ts.isVariableDeclaration(node)) {
    const statement = node.parent.parent;
    const top = ts.isVariableStatement(statement) && (ts.isSourceFile(statement.parent) || ts.isModuleBlock(statement.parent));
    if (!ts.isIdentifier(node.name)) return undefined;
    return { kind: holdsFunction(node.initializer) ? 'function' : ts.isClassExpression(node.initializer ?? node) ? 'class' : 'variable', optional: !top || isRequired(node.initializer) };
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken && ts.isPropertyAccessExpression(node.left)) {
    // CommonJS: what is assigned to a member is a definition of the graph, which the format does not require
    const value = assigned(node);
    if (isFunction(value)) return { kind: 'function', optional: true };
    if (value !== undefined && ts.isClassExpression(value)) return { kind: 'class', optional: true };
  }
  if (ts.isBindingElement(node) && ts.isIdentifier(node.name)) return { kind: 'variable', optional: true };
  if ((ts.isFunctionExpression(node) || ts.isClassExpression(node)) && node.name !== undefined) return { kind: ts.isClassExpression(node) ? 'class' : 'function', optional: true };
  if (ts.isExportAssignment(node) && (isFunction(node.expression) || ts.isClassExpression(node.expression))) return { kind: isFunction(node.expression) ? 'function' : 'class' };
  return undefined;
}

/** The value behind `a.b = c.d = value`. */
function assigned(node) {
  const right = unwrapped(node.right);
  return ts.isBinaryExpression(right) && right.operatorToken.kind === ts.SyntaxKind.EqualsToken ? assigned(right) : right;
}

/** `require('m')`, and a member of it: what it names is the module's. */
function isRequired(node) {
  const inner = unwrapped(node);
  if (inner === undefined) return false;
  if (ts.isPropertyAccessExpression(inner) || ts.isCallExpression(inner)) return (ts.isIdentifier(inner.expression) && inner.expression.text === 'require') || isRequired(inner.expression);
  return false;
}

function unwrapped(node) {
  return node !== undefined && (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isNonNullExpression(node)) ? unwrapped(node.expression) : node;
}

function isFunction(node) {
  const inner = unwrapped(node);
  return inner !== undefined && (ts.isArrowFunction(inner) || ts.isFunctionExpression(inner));
}

/** `() => …`, and `wrap(() => …)`. */
function holdsFunction(node) {
  const inner = unwrapped(node);
  return isFunction(inner) || (inner !== undefined && ts.isCallExpression(inner) && inner.arguments.some(isFunction));
}

function define(node, { kind, optional }, parent, nested) {
  const symbol = node.symbol ?? node.localSymbol;
  // overloads, merged declarations and a pair of accessors are one definition
  const same = symbol?.declarations?.map((each) => definitions.get(each)).find((each) => each !== undefined && (each.kind === kind || kind !== 'class'));
  const left = ts.isBinaryExpression(node) ? node.left : undefined;
  const nameNode = node.name ?? left?.name ?? node;
  const place = { line: kind === 'constructor' ? lineOf(node) : lineOf(nameNode), start: Math.min(lineOf(node), lineOf(ts.isVariableDeclaration(node) && !nested ? node.parent.parent : node)) };
  if (same !== undefined && (kind === same.kind || (kind === 'interface' && same.kind === 'class') || (kind === 'variable' && same.kind === 'type') || (kind === 'type' && same.kind === 'variable')) && kind !== 'variable' && same.file === files.get(node.getSourceFile()).id) {
    (same.also ??= []).push([place.line, place.start]);
    definitions.set(node, same);
    return same;
  }
  const row = {
    t: 'def', id: rows.length, kind, name: left !== undefined ? (left.getText() === 'module.exports' ? 'default' : left.name.text) : node.name === undefined ? (kind === 'constructor' ? 'constructor' : 'default') : ts.isStringLiteral(node.name) ? node.name.text : node.name.getText(), file: files.get(node.getSourceFile()).id, ...place,
    ...(parent === undefined ? {} : { parent: parent.id }), ...(optional || nested || (parent?.opt && kind !== 'constructor') || parent?.opt ? { opt: 1 } : {}),
    ...(kind === 'constructor' ? { ctor: 1 } : {}), ...(node.name === undefined && left === undefined && kind !== 'constructor' ? { anon: 1 } : {}),
  };
  rows.push(row);
  if (left !== undefined) definitions.set(left, row);
  definitions.set(node, row);
  return row;
}

/** Walks a file with the definitions around each node, the file first. */
function visit(node, around) {
  const own = definitions.get(node);
  const inner = own === undefined || (own.kind === 'field' && !isFunction(node.initializer)) ? around : [...around, { id: own.id, scored: !own.opt, variable: own.kind === 'variable' || (ts.isVariableDeclaration(node) && !isFunction(node.initializer)) }];
  if (ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isTaggedTemplateExpression(node) || ts.isDecorator(node) || ts.isJsxOpeningLikeElement(node)) site(node, around);
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) imported(node, node.moduleSpecifier);
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) imported(node, node.moduleReference.expression);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) imported(node, node.argument.literal, true);
  if (ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(node.expression) && node.expression.text === 'require')) && node.arguments[0] !== undefined) imported(node, node.arguments[0]);
  if (ts.isClassLike(node) || ts.isInterfaceDeclaration(node)) for (const clause of node.heritageClauses ?? []) for (const base of clause.types) derived(node, clause, base);
  ts.forEachChild(node, (child) => visit(child, inner));
}

function site(node, around) {
  const via = viaOf(node);
  const callee = unwrapped(node.expression ?? node.tag ?? node.tagName);
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return;
  if (via === 'decorator' && ts.isCallExpression(callee)) return; // the call in it is a site of its own
  if (via === 'jsx' && /^[a-z]/.test(callee.getText())) return;
  sites.calls++;
  const named = ts.isPropertyAccessExpression(callee) ? callee.name : callee;
  const from = [...around].reverse().find((each) => each.scored);
  const position = around.indexOf(from);
  const others = around.slice(position + 1).map(({ id }) => id);
  if (from.variable) others.push(around[0].id);
  const declarations = declarationsOf(node, named);
  const text = ts.isIdentifier(named) || ts.isPrivateIdentifier(named) ? named.text : callee.kind === ts.SyntaxKind.SuperKeyword ? 'super' : undefined;
  const open = () => text !== undefined && unknown.set(`${from.id}>${text}`, { t: 'unk', from: from.id, name: text, ...(others.length > 0 ? { altFrom: others } : {}) });
  if (declarations === undefined || declarations.length === 0) {
    sites.unknown++;
    open();
    return;
  }
  const targets = [...new Set(declarations.map((each) => definitions.get(each)).filter((each) => each !== undefined))];
  if (targets.length === 0 && !declarations.some((each) => files.has(each.getSourceFile()))) sites.external++;
  else if (targets.every(isHolder)) {
    // a parameter, a variable, a field: the checker names what holds the function, not the function
    sites.held++;
    open();
  }
  for (const target of targets) {
    const key = `${from.id}>${target.id}`;
    const optional = target.opt || isHolder(target) || targets.length > 1;
    const known = calls.get(key);
    if (known !== undefined && (!known.opt || optional)) {
      known.altFrom = [...new Set([...(known.altFrom ?? []), ...others])];
      continue;
    }
    const alternative = target.kind === 'class' ? rows.filter((row) => row.ctor && row.parent === target.id).map(({ id }) => id) : target.ctor ? [target.parent] : [];
    calls.set(key, { t: 'call', from: from.id, to: target.id, via, line: lineOf(named), ...(others.length > 0 ? { altFrom: others } : {}), ...(alternative.length > 0 ? { altTo: alternative } : {}), ...(optional ? { opt: 1 } : {}) });
  }
}

function isHolder({ kind }) {
  return kind === 'variable' || kind === 'field';
}

function viaOf(node) {
  if (ts.isNewExpression(node)) return 'new';
  if (ts.isTaggedTemplateExpression(node)) return 'tag';
  if (ts.isDecorator(node)) return 'decorator';
  if (ts.isJsxOpeningLikeElement(node)) return 'jsx';
  const callee = unwrapped(node.expression);
  if (ts.isDecorator(node.parent)) return 'decorator';
  if (callee.kind === ts.SyntaxKind.SuperKeyword) return 'super';
  if (!ts.isPropertyAccessExpression(callee)) return 'direct';
  return callee.expression.kind === ts.SyntaxKind.ThisKeyword ? 'this' : callee.expression.kind === ts.SyntaxKind.SuperKeyword ? 'super' : 'method';
}

/** What the callee's name stands for; undefined when the checker has only `any`. */
function declarationsOf(node, named) {
  if (named.kind === ts.SyntaxKind.SuperKeyword) {
    const declaration = checker.getResolvedSignature(node)?.declaration;
    if (declaration !== undefined) return [ts.isConstructorDeclaration(declaration) ? declaration.parent : declaration];
    const base = ts.findAncestor(node, ts.isClassLike)?.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
    return base === undefined ? undefined : symbolOf(base.expression)?.declarations;
  }
  const symbol = symbolOf(named);
  return symbol?.declarations;
}

function symbolOf(node) {
  let symbol = checker.getSymbolAtLocation(node);
  if (symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  return symbol?.declarations === undefined && symbol !== undefined && checker.isUnknownSymbol?.(symbol) ? undefined : symbol;
}

function imported(node, specifier, optional = false) {
  if (!ts.isStringLiteralLike(specifier)) return;
  const from = node.getSourceFile();
  const found = ts.resolveModuleName(specifier.text, from.fileName, program.getCompilerOptions(), ts.sys).resolvedModule?.resolvedFileName;
  const target = found === undefined ? undefined : files.get(program.getSourceFile(found));
  const { id } = files.get(from);
  if (target === undefined || target.id === id) return;
  const key = `${id}>${target.id}`;
  if (!imports.has(key) || (imports.get(key).opt && !optional)) imports.set(key, { t: 'import', from: id, to: target.id, ...(optional ? { opt: 1 } : {}) });
}

function derived(node, clause, base) {
  const from = definitions.get(node) ?? definitions.get(node.parent);
  const target = symbolOf(ts.isPropertyAccessExpression(base.expression) ? base.expression.name : base.expression)?.declarations?.map((each) => definitions.get(each)).find((each) => each !== undefined);
  if (from === undefined) return;
  if (target === undefined) return mentions(base, clause, from, undefined);
  const plain = ['class', 'interface'].includes(target.kind) && !target.opt && !from.opt;
  const k = clause.token === ts.SyntaxKind.ExtendsKeyword ? 'extends' : 'implements';
  inherits.push({ t: 'inherit', k, from: from.id, to: target.id, ...(plain ? {} : { opt: 1 }) });
  if (target.kind === 'type') mentions(base, clause, from, target);
}

/** What an alias, or a type from outside (`Omit<A, 'b'>`), makes of its arguments may be said to derive from them. */
function mentions(base, clause, from, target) {
  const k = clause.token === ts.SyntaxKind.ExtendsKeyword ? 'extends' : 'implements';
  const mention = (each) => {
    const named = ts.isIdentifier(each) ? symbolOf(each)?.declarations?.map((declaration) => definitions.get(declaration)).find((row) => row !== undefined) : undefined;
    if (named !== undefined && named !== target && !inherits.some((row) => row.from === from.id && row.to === named.id)) inherits.push({ t: 'inherit', k, from: from.id, to: named.id, opt: 1 });
    ts.forEachChild(each, mention);
  };
  for (const argument of base.typeArguments ?? []) mention(argument);
}
