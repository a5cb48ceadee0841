import type { Binding, DefinitionIndex, ScopeIndex } from '../file-facts.js';
import type { GraphNode, NodeKind, SymbolId } from '../graph-node.js';
import { memberPlace, typePlace } from '../linking/builtin-types.js';
import type { Evaluation } from '../linking/evaluation.js';
import type { LinkFile } from '../linking/program.js';
import type { Value } from '../linking/value.js';
import { externalId } from '../symbol.js';

/** Where a name is declared. */
export interface Declaration {
  /** Absent for what is no symbol of the graph: local variables, parameters. */
  readonly id?: SymbolId;
  readonly kind: NodeKind | 'type-parameter';
  /** Qualified where it is a symbol. */
  readonly name: string;
  /** Empty for what lies outside the repository. */
  readonly path: string;
  /** 1-based; 0 for what lies outside the repository. */
  readonly line: number;
  readonly column: number;
  /** For an external: its package, and the name in it. */
  readonly package?: string;
  readonly member?: string;
}

/** The node that stands for a definition. */
export function nodeOf(file: LinkFile, definition: DefinitionIndex): GraphNode | undefined {
  const id = file.declarations.ids[file.declarations.primary[definition] ?? definition];
  let byId = nodes.get(file);
  if (byId === undefined) nodes.set(file, (byId = new Map(file.declarations.nodes.map((node) => [node.id, node]))));
  return id === undefined ? undefined : byId.get(id);
}

const nodes = new WeakMap<LinkFile, ReadonlyMap<SymbolId, GraphNode>>();

export function definitionDeclaration(file: LinkFile, definition: DefinitionIndex): Declaration | undefined {
  const node = nodeOf(file, definition);
  return node?.at === undefined ? undefined : { id: node.id, kind: node.kind, name: node.qualifiedName, path: file.path, line: node.at.line, column: node.at.column };
}

/** A name of a scope, apart from what it is imported as: its definitions, or itself. */
export function bindingDeclarations(file: LinkFile, scope: ScopeIndex, binding: Binding): readonly Declaration[] {
  const found = new Map<string, Declaration>();
  for (const definition of binding.definitions ?? []) {
    const declaration = definitionDeclaration(file, definition);
    if (declaration?.id !== undefined) found.set(declaration.id, declaration);
  }
  if (found.size > 0) return [...found.values()];
  const parameter = binding.kind === 'parameter' || takenFromParameter(file, scope, binding);
  const kind = binding.kind === 'type-parameter' ? 'type-parameter' : parameter ? 'parameter' : 'variable';
  return [{ kind, name: binding.name, path: file.path, line: binding.line, column: binding.column }];
}

/** A part of a parameter that is a pattern: `function ({ a })`. */
function takenFromParameter(file: LinkFile, scope: ScopeIndex, binding: Binding): boolean {
  let expr = file.facts.exprs[binding.values?.[0] ?? 0];
  for (let depth = 0; depth < DEEPEST_PATTERN; depth++) {
    if (expr?.k === 'param') return expr.function >= 0 && file.facts.functions[expr.function]?.scope === scope && file.facts.functions[expr.function]?.parameters[expr.index]?.name === undefined;
    if (expr?.k === 'member' || expr?.k === 'index') expr = file.facts.exprs[expr.object];
    else if (expr?.k === 'unpack') expr = file.facts.exprs[expr.value];
    else if (expr?.k === 'union') expr = file.facts.exprs[expr.of[0] ?? 0];
    else return false;
  }
  return false;
}

const DEEPEST_PATTERN = 32;

export function fileDeclaration(path: string): Declaration {
  return { id: path, kind: 'file', name: path, path, line: 1, column: 1 };
}

export function externalDeclaration(packageName: string, members: readonly string[]): Declaration {
  const member = members.join('.');
  return {
    id: externalId(packageName, members), kind: 'external', name: [packageName, ...members].join('.'), path: '', line: 0, column: 0, package: packageName,
    ...(member === '' ? {} : { member }),
  };
}

/** Where a value is declared; undefined for what has no name: an object literal, a nameless function, what nobody knows. */
export function valueDeclaration(ev: Evaluation, value: Value): Declaration | undefined {
  switch (value.v) {
    case 'function': case 'holder': return value.definition < 0 ? undefined : definitionDeclaration(ev.program.file(value.file), value.definition);
    case 'class': case 'instance': case 'super': {
      const file = ev.program.file(value.file);
      const definition = file.facts.classes[value.class]?.definition ?? -1;
      return definition < 0 ? undefined : definitionDeclaration(file, definition);
    }
    case 'constructed': {
      const file = ev.program.file(value.file);
      const definition = file.facts.functions[value.function]?.definition ?? -1;
      return definition < 0 ? undefined : definitionDeclaration(file, definition);
    }
    case 'namespace': return definitionDeclaration(ev.program.file(value.file), value.definition);
    case 'module': return fileDeclaration(ev.program.file(value.file).path);
    case 'package': return { kind: 'module', name: value.folders[0] ?? '', path: value.folders[0] ?? '', line: 0, column: 0 };
    case 'external': return externalDeclaration(value.package, value.members);
    case 'builtin': case 'builtin-method': {
      const place = value.v === 'builtin' ? typePlace(value.name, builtinPackage(ev, value.name)) : memberPlace(value.type, value.name, builtinPackage(ev, value.type));
      return externalDeclaration(place.package, place.members);
    }
    case 'object': case 'type-parameter': case 'argument': return undefined;
  }
}

/** The language whose tables have a type. */
function builtinPackage(ev: Evaluation, type: string): string {
  const rules = ev.program.languages.find((candidate) => candidate.builtins.type(type) !== undefined) ?? ev.program.languages[0];
  return rules?.builtinPackage ?? '';
}
