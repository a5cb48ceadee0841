import type { Partition } from '../../../src/domain/partition.js';
import { definition, edge, external, graphOf, partition, type SampleGraph } from '../../../src/testing/contracts/sample-graph.js';

/** A graph of many files: each has ten functions, which call one another, one in the next file and one outside. About 45 rows a file. */
export function largeGraph(files: number, more: { readonly branch?: string; readonly changed?: number } = {}): SampleGraph {
  const named = (file: number, place: number) => definition({ path: `src/f${file}.ts`, name: `f${file}n${place}`, line: place * 5 + 1 });
  const partitions = Array.from({ length: files }, (_, file): Partition => {
    const path = `src/f${file}.ts`;
    const own = Array.from({ length: 10 }, (_unused, place) => named(file, place));
    return partition(path, {
      nodes: [...own, external('lodash', 'sum')],
      blob: file < (more.changed ?? 0) ? 'b'.repeat(40) : 'a'.repeat(40),
      edges: own.flatMap((node, place) => [
        edge(path, node, { kind: 'CONTAINS' }), edge(node, own[(place + 1) % 10] ?? node, { line: place + 1 }), edge(node, named((file + 1) % files, place), { line: place + 2 }), edge(node, external('lodash', 'sum')),
      ]),
      unresolved: [{ from: own[0]?.id ?? path, name: `m${file % 20}`, reason: 'dynamic-receiver', line: 3, column: 2 }],
    });
  });
  return graphOf(partitions, more.branch === undefined ? {} : { branch: more.branch });
}
