import type { GraphNode, SymbolId } from '../graph-node.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';

/** Every node once, file by file; of an external only its id is kept. */
export async function* allNodes(reader: GraphReader, options: CallOptions): AsyncIterable<GraphNode> {
  const externals = new Set<SymbolId>();
  for await (const partitions of reader.partitions(undefined, options)) {
    for (const { nodes } of partitions) {
      for (const node of nodes) {
        if (node.kind === 'external') {
          if (externals.has(node.id)) continue;
          externals.add(node.id);
        }
        yield node;
      }
    }
  }
}
