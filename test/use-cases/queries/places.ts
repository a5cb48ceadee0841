import { linkIncrementally } from '../../../src/domain/linking/incremental.js';
import { isConfiguration } from '../../../src/domain/linking/languages/index.js';
import { createTreeSitterParser } from '../../../src/adapters/tree-sitter/parser.js';
import type { MemoryTree } from '../../../src/adapters/memory/git-host.js';
import { definition, type DefinitionAnswer } from '../../../src/use-cases/queries/definition.js';
import { explain, type ExplainAnswer } from '../../../src/use-cases/queries/explain.js';
import type { LinkedPorts } from '../../../src/use-cases/queries/linked-snapshot.js';
import type { IndexingPorts } from '../../../src/use-cases/indexing-ports.js';
import { VERSION, workbench, type Workbench } from '../workbench.js';

/** An indexed repository whose places can be asked about by a piece of their line, in which `^` stands before the name. */
export interface Places {
  readonly bench: Workbench;
  readonly ports: IndexingPorts & LinkedPorts;
  /** `path:line:column` of a marked piece. */
  at(path: string, marked: string): string;
  definition(path: string, marked: string): Promise<DefinitionAnswer>;
  /** In short: `class src/a.ts:3:14`, with `?` before a candidate; `none reason` where it is not known. */
  defined(path: string, marked: string): Promise<readonly string[]>;
  explain(path: string, marked: string): Promise<ExplainAnswer>;
}

export async function places(tree: MemoryTree, replaced: Partial<IndexingPorts> = {}): Promise<Places> {
  const bench = workbench(tree, { parser: createTreeSitterParser({ workers: 0 }), link: linkIncrementally, isConfiguration, ...replaced });
  await bench.index();
  const ports = { ...bench.ports, indexerVersion: VERSION };
  const at = (path: string, marked: string): string => {
    const text = tree[path];
    const piece = marked.replace('^', '');
    const lines = typeof text === 'string' ? text.split('\n') : [];
    const line = lines.findIndex((each) => each.includes(piece));
    if (line < 0) throw new RangeError(`${path} has no ${piece}`);
    return `${path}:${line + 1}:${(lines[line] ?? '').indexOf(piece) + marked.indexOf('^') + 1}`;
  };
  const ask = (path: string, marked: string): Promise<DefinitionAnswer> => definition(ports, { at: at(path, marked) });
  return {
    bench, ports, at, definition: ask,
    async defined(path, marked) {
      const { results, reason, nothing } = await ask(path, marked);
      if (results.length === 0) return [`none ${reason ?? nothing?.reason ?? ''}`];
      return results.map(({ kind, path: where, line, column, certainty, name }) => `${certainty === 'candidate' ? '? ' : ''}${kind} ${where === '' ? name : `${where}:${line}:${column}`}`);
    },
    explain: (path, marked) => explain(ports, { at: at(path, marked) }),
  };
}
