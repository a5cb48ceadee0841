import type { Definition, DefinitionIndex, FileFacts } from '../file-facts.js';
import type { GraphNode, SymbolId } from '../graph-node.js';
import { descriptor, symbolId } from '../symbol.js';

/** The nodes a file declares and the id of each definition. */
export interface Declarations {
  /** By definition index: the id of the node it is shown as (overloads share one). */
  readonly ids: readonly SymbolId[];
  /** By definition index: the definition whose node stands for it. */
  readonly primary: readonly DefinitionIndex[];
  /** The file's node, then one for each primary definition in source order. */
  readonly nodes: readonly GraphNode[];
}

/** Gives every definition of a file its id and node. An overload set is one node, at its implementation; a getter and a setter are two. */
export function declare(path: string, facts: FileFacts): Declarations {
  const primary = primaries(facts);
  const ids: SymbolId[] = [];
  const descriptors: string[] = [];
  const qualified: string[] = [];
  const taken = new Map<SymbolId, number>();
  const nodes: GraphNode[] = [fileNode(path, facts)];
  facts.definitions.forEach((definition, index) => {
    if (primary[index] !== index) return;
    const parents = parentChain(facts, primary, index).map((parent) => descriptors[parent] ?? facts.definitions[parent]?.name ?? '');
    const plain = symbolId({ path, parents, name: definition.name, kind: definition.kind, duplicate: 0 });
    const duplicate = taken.get(plain) ?? 0;
    taken.set(plain, duplicate + 1);
    descriptors[index] = descriptor(definition.name, duplicate);
    const id = duplicate === 0 ? plain : symbolId({ path, parents, name: definition.name, kind: definition.kind, duplicate });
    ids[index] = id;
    const parent = definition.parent < 0 ? -1 : (primary[definition.parent] ?? -1);
    qualified[index] = parent < 0 ? definition.name : `${qualified[parent] ?? ''}.${definition.name}`;
    nodes.push(definitionNode(path, facts, definition, { id, qualifiedName: qualified[index] ?? definition.name, parent: parent < 0 ? path : (ids[parent] ?? path) }));
  });
  for (let index = 0; index < facts.definitions.length; index++) ids[index] ??= ids[primary[index] ?? index] ?? path;
  return { ids, primary, nodes };
}

function fileNode(path: string, facts: FileFacts): GraphNode {
  const start = { line: 1, column: 1, offset: 0 };
  const end = { line: Math.max(facts.lines, 1), column: 1, offset: facts.bytes };
  return { id: path, kind: 'file', name: path.slice(path.lastIndexOf('/') + 1), qualifiedName: path, path, range: { start, end }, at: start, language: facts.language };
}

function definitionNode(path: string, facts: FileFacts, definition: Definition, names: { id: SymbolId; qualifiedName: string; parent: SymbolId }): GraphNode {
  return {
    id: names.id, kind: definition.kind, name: definition.name, qualifiedName: names.qualifiedName, path,
    range: definition.range, at: definition.at, language: facts.language, exported: definition.exported === true,
    ...(definition.modifiers === undefined || definition.modifiers.length === 0 ? {} : { modifiers: definition.modifiers }),
    ...(definition.signature === undefined ? {} : { signature: definition.signature }),
    ...(definition.doc === undefined ? {} : { doc: definition.doc }),
    parent: names.parent,
  };
}

/** Primary definitions from the outermost to the one around `index`. */
function parentChain(facts: FileFacts, primary: readonly DefinitionIndex[], index: DefinitionIndex): DefinitionIndex[] {
  const chain: DefinitionIndex[] = [];
  for (let at = facts.definitions[index]?.parent ?? -1; at >= 0; at = facts.definitions[at]?.parent ?? -1) chain.unshift(primary[at] ?? at);
  return chain;
}

function primaries(facts: FileFacts): DefinitionIndex[] {
  const primary = facts.definitions.map((_, index) => index);
  const bodiless = (index: DefinitionIndex): boolean => {
    const at = facts.definitions[index]?.function;
    return at !== undefined && facts.functions[at]?.bodiless === true;
  };
  const join = (group: readonly DefinitionIndex[], to: DefinitionIndex): void => {
    for (const index of group) primary[index] = to;
  };
  for (const facts_ of facts.classes) {
    for (const member of facts_.members) {
      const [first] = member.definitions;
      if (first === undefined || member.definitions.length < 2) continue;
      if (member.kind === 'property') continue; // a getter and a setter run apart: two nodes
      if (member.definitions.slice(0, -1).every(bodiless)) join(member.definitions, bodiless(member.definitions.at(-1) ?? first) ? first : (member.definitions.at(-1) ?? first));
    }
  }
  for (const scope of facts.scopes) {
    for (const binding of scope.bindings) {
      const group = (binding.definitions ?? []).filter((index) => facts.definitions[index]?.kind === 'function');
      const [first] = group;
      if (first === undefined || group.length < 2) continue;
      // overload signatures belong to the next implementation; a redefinition with a body of its own stays apart
      let pending: DefinitionIndex[] = [];
      for (const index of group) {
        pending.push(index);
        if (!bodiless(index)) {
          join(pending, index);
          pending = [];
        }
      }
      if (pending.length > 0) join(pending, pending[0] ?? first);
    }
  }
  return primary;
}
