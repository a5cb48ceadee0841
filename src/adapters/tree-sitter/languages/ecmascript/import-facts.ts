import type { ImportFacts, ImportIndex } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import type { Walk } from './walk.js';

/** An import at the walk's place, its position that of `node`. Names may be added later. */
export function importFacts(walk: Walk, node: number, kind: ImportFacts['kind'], specifier: string): Draft<ImportFacts> {
  const { line, column } = walk.position(node);
  return { specifier, kind, names: [], scope: walk.at.scope, owner: walk.at.owner, line, column };
}

/** `import('m').A.B` in a type: takes the first name of the path, or the module itself. */
export function addTypeImport(walk: Walk, node: number, specifier: string, path: readonly string[]): ImportIndex {
  const facts = importFacts(walk, node, 'type', specifier);
  facts.names.push({ imported: path[0] ?? '*', local: '' });
  facts.typeOnly = true;
  return walk.build.import(facts);
}
