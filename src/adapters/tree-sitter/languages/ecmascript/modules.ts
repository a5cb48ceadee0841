import type { ImportFacts } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import { constantString } from './constants.js';
import { define } from './definitions.js';
import { commentBefore, modifiers } from './documentation.js';
import { importFacts } from './import-facts.js';
import { readDeclared } from './statements.js';
import { isFunction, unwrapped } from './values.js';
import { patternNames } from './variables.js';
import type { DeclarationContext, StatementRule } from './vocabulary.js';
import type { Walk } from './walk.js';

/** Bytes of `export type *` with some room for white space. */
const LONGEST_EXPORT_TYPE = 40;

export const moduleStatements: ReadonlyMap<string, StatementRule> = new Map<string, StatementRule>([
  ['import_statement', importStatement], ['import_alias', (walk, node) => importAlias(walk, node, false)], ['export_statement', exportStatement],
]);

function importStatement(walk: Walk, node: number): void {
  const { k, f, t } = walk;
  walk.module = true;
  const equals = walk.source.childOfKind(node, k.import_require_clause);
  const source = walk.child(equals < 0 ? node : equals, f.source);
  const specifier = source < 0 ? undefined : constantString(walk, source);
  if (specifier === undefined) return;
  const erased = walk.has(node, t.type) || walk.has(node, t.typeof);
  const facts = importFacts(walk, node, equals < 0 ? 'import' : 'equals', specifier);
  const index = walk.build.import(facts);
  if (equals >= 0) {
    const local = walk.inner(equals);
    if (local >= 0 && local !== source) take(walk, facts, index, { name: local, imported: '*' });
  }
  const clause = walk.source.childOfKind(node, k.import_clause);
  let typed = 0;
  if (clause >= 0) {
    for (const child of walk.source.namedChildren(clause)) {
      const kind = walk.kind(child);
      if (kind === k.identifier) take(walk, facts, index, { name: child, imported: 'default' });
      else if (kind === k.namespace_import) {
        const local = walk.inner(child);
        if (local >= 0) take(walk, facts, index, { name: local, imported: '*' });
      } else if (kind === k.named_imports) {
        for (const specifierNode of walk.source.namedChildren(child)) {
          if (walk.kind(specifierNode) !== k.import_specifier) continue;
          const name = walk.child(specifierNode, f.name);
          const alias = walk.child(specifierNode, f.alias);
          if (name < 0) continue;
          if (walk.has(specifierNode, t.type) || walk.has(specifierNode, t.typeof)) typed++;
          take(walk, facts, index, { name: alias < 0 ? name : alias, imported: constantString(walk, name) ?? walk.text(name) });
        }
      }
    }
  }
  if (erased || (typed > 0 && typed === facts.names.length)) facts.typeOnly = true;
}

function take(walk: Walk, facts: Draft<ImportFacts>, index: number, as: { readonly name: number; readonly imported: string }): void {
  facts.names.push({ imported: as.imported, local: walk.text(as.name) });
  walk.bind(walk.at.block, as.name, { kind: 'import', import: { import: index, imported: as.imported }, constant: true });
}

/** `import A = B.C`: another name for what `B.C` is. */
function importAlias(walk: Walk, node: number, exported: boolean): void {
  const parts = walk.source.namedChildren(node);
  const name = parts[0];
  const target = parts[1];
  if (name === undefined || target === undefined) return;
  const { k, f } = walk;
  const chain = (at: number): number => {
    if (walk.kind(at) === k.nested_identifier || walk.kind(at) === k.member_expression) {
      return walk.build.expr({ k: 'member', object: chain(walk.child(at, f.object)), name: walk.text(walk.child(at, f.property)) });
    }
    return walk.name(at);
  };
  const value = chain(target);
  walk.reference(target, value, undefined, false);
  walk.bind(walk.at.block, name, { kind: 'variable', value, constant: true, exported: exported && walk.at.namespace >= 0 });
  if (exported) exportName(walk, walk.text(name), walk.text(name), node);
}

function exportStatement(walk: Walk, node: number): void {
  const { k, f, t } = walk;
  if (walk.at.namespace < 0) walk.module = true;
  const { line } = walk.position(node);
  const source = walk.child(node, f.source);
  // `export type * from` is newer than the grammar, which leaves its `type` among what it could not read.
  const typeOnly = walk.has(node, t.type) || /^export\s+type\s*\*/.test(walk.source.latin1.slice(walk.nodes.start[node] ?? 0, (walk.nodes.start[node] ?? 0) + LONGEST_EXPORT_TYPE));
  const clause = walk.source.childOfKind(node, k.export_clause);
  if (source >= 0) return exportFrom(walk, node, { source, clause, typeOnly, line });
  if (clause >= 0) {
    for (const specifier of walk.source.namedChildren(clause)) {
      if (walk.kind(specifier) !== k.export_specifier) continue;
      const names = specifierNames(walk, specifier);
      if (names !== undefined) exportName(walk, names.outside, names.inside, specifier, typeOnly || walk.has(specifier, t.type), true);
    }
    return;
  }
  const decorators = walk.source.namedChildren(node).filter((child) => walk.kind(child) === k.decorator);
  const isDefault = walk.has(node, t.default);
  const declaration = walk.child(node, f.declaration);
  if (declaration >= 0) return exportDeclaration(walk, node, declaration, { isDefault, decorators, line });
  const value = walk.child(node, f.value);
  if (value >= 0) return exportDefaultValue(walk, node, value, line);
  if (walk.has(node, t['='])) {
    const inner = walk.inner(node);
    if (inner < 0) return;
    const named = valueDefinition(walk, node, inner);
    const expr = walk.read(inner);
    if (walk.at.namespace < 0) walk.build.exports.push({ kind: 'assign', value: expr, ...(named < 0 ? {} : { definition: named }), line });
  } else if (!walk.has(node, t.namespace)) walk.anything(node);
}

function specifierNames(walk: Walk, node: number): { readonly inside: string; readonly outside: string } | undefined {
  const name = walk.child(node, walk.f.name);
  const alias = walk.child(node, walk.f.alias);
  if (name < 0) return undefined;
  const inside = constantString(walk, name) ?? walk.text(name);
  return { inside, outside: alias < 0 ? inside : (constantString(walk, alias) ?? walk.text(alias)) };
}

function exportFrom(walk: Walk, node: number, of: { readonly source: number; readonly clause: number; readonly typeOnly: boolean; readonly line: number }): void {
  const { k, t, build } = walk;
  const specifier = constantString(walk, of.source);
  if (specifier === undefined) return;
  const facts = importFacts(walk, node, 'export', specifier);
  const index = build.import(facts);
  const kind = of.typeOnly ? { typeOnly: true as const } : {};
  const space = walk.source.childOfKind(node, k.namespace_export);
  let typed = 0;
  if (of.clause >= 0) {
    for (const child of walk.source.namedChildren(of.clause)) {
      const names = walk.kind(child) === k.export_specifier ? specifierNames(walk, child) : undefined;
      if (names === undefined) continue;
      const erased = of.typeOnly || walk.has(child, t.type);
      if (erased) typed++;
      facts.names.push({ imported: names.inside, local: '' });
      build.exports.push({ kind: 'from', name: names.outside, import: index, imported: names.inside, ...(erased ? { typeOnly: true } : {}), line: walk.position(child).line });
    }
  } else if (space >= 0) {
    const name = walk.inner(space);
    facts.names.push({ imported: '*', local: '' });
    if (name >= 0) build.exports.push({ kind: 'from', name: constantString(walk, name) ?? walk.text(name), import: index, imported: '*', ...kind, line: of.line });
  } else {
    facts.names.push({ imported: '*', local: '' });
    build.exports.push({ kind: 'star', import: index, ...kind, line: of.line });
  }
  if (of.typeOnly || (typed > 0 && typed === facts.names.length)) facts.typeOnly = true;
}

/** A name that is visible outside: of the file, or of the namespace it stands in. `list`: by `export { … }`. */
function exportName(walk: Walk, name: string, local: string, node: number, typeOnly = false, list = false): void {
  const { line, column } = walk.position(node);
  if (walk.at.namespace < 0) {
    walk.build.exports.push({ kind: 'local', name, local, ...(typeOnly ? { typeOnly: true } : {}), line });
    return;
  }
  if (!list) return;
  if (name === local) walk.visibleInNamespace.push({ scope: walk.at.block, name });
  else walk.build.bind(walk.at.block, name, { kind: 'variable', value: walk.build.expr({ k: 'name', name: walk.build.intern(local), scope: walk.at.scope }), exported: true, constant: true, line, column });
}

function exportDeclaration(walk: Walk, node: number, declaration: number, of: { readonly isDefault: boolean; readonly decorators: readonly number[]; readonly line: number }): void {
  const { k, f } = walk;
  const context: DeclarationContext = { outer: node, exported: true, ambient: walk.kind(declaration) === k.ambient_declaration, decorators: of.decorators };
  const names: { readonly node: number; readonly name: string }[] = [];
  let inner = declaration;
  if (walk.kind(inner) === k.ambient_declaration) inner = walk.source.namedChildren(inner)[0] ?? inner;
  const kind = walk.kind(inner);
  if (kind === k.import_alias) return importAlias(walk, inner, true);
  if (kind === k.variable_declaration || kind === k.lexical_declaration || kind === k.using_declaration) {
    for (const declarator of walk.source.namedChildren(inner)) {
      const pattern = walk.kind(declarator) === k.variable_declarator ? walk.child(declarator, f.name) : -1;
      if (pattern >= 0) for (const name of patternNames(walk, pattern)) names.push({ node: name, name: walk.text(name) });
    }
  } else {
    const name = walk.child(inner, f.name);
    if (name >= 0 && walk.kind(name) !== k.string) names.push({ node: name, name: walk.text(rootName(walk, name)) });
  }
  const declare = walk.declarationRule(declaration);
  if (declare === undefined) readDeclared(walk, node, context);
  else declare(walk, declaration, context);
  for (const { node: at, name } of names) {
    const outside = of.isDefault ? 'default' : name;
    if (walk.at.namespace >= 0 || walk.exportedNames.has(outside)) continue;
    walk.exportedNames.add(outside);
    exportName(walk, outside, name, at);
  }
}

function rootName(walk: Walk, node: number): number {
  let at = node;
  while (walk.kind(at) === walk.k.nested_identifier || walk.kind(at) === walk.k.member_expression) at = walk.child(at, walk.f.object);
  return at;
}

function exportDefaultValue(walk: Walk, node: number, value: number, line: number): void {
  const inner = unwrapped(walk, value);
  if (inner === value && walk.kind(value) === walk.k.identifier) {
    exportName(walk, 'default', walk.text(value), value);
    return;
  }
  const definition = valueDefinition(walk, node, value);
  const expr = walk.read(value);
  if (walk.at.namespace < 0) walk.build.exports.push({ kind: 'value', name: 'default', value: expr, ...(definition < 0 ? {} : { definition }), line });
}

/** A nameless function or class that is exported is a definition called `default`. */
export function valueDefinition(walk: Walk, whole: number, value: number): number {
  const { k, f } = walk;
  const inner = unwrapped(walk, value);
  if (inner < 0) return -1;
  const isClass = walk.kind(inner) === k.class;
  if (!isClass && !isFunction(walk, inner)) return -1;
  const nameNode = walk.kind(inner) === k.arrow_function ? -1 : walk.child(inner, f.name);
  const doc = commentBefore(walk, whole);
  const definition = define(walk, {
    kind: isClass ? 'class' : 'function', name: nameNode < 0 ? 'default' : walk.text(nameNode), at: nameNode < 0 ? inner : nameNode, whole, body: walk.child(inner, f.body),
    modifiers: modifiers(walk, inner), doc, exported: true,
  });
  if (isClass) walk.holders.set(inner, definition);
  else walk.functionNotes.set(inner, { ...walk.functionNotes.get(inner), definition, doc });
  return definition;
}
