import type { SymbolId } from '../../domain/graph-node.js';
import { compareText } from '../../domain/partition.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import { symbolOf } from '../../domain/querying/results.js';
import type { Symbol } from '../../domain/symbol.js';
import { withReader, type QueryPorts, type Target } from './pinned-snapshot.js';

/** Files that are looked at: enough to find something worth asking about, in bounded time. */
const FILES = 400;

/** A symbol of the repository that many others call, to show a newcomer what can be asked; undefined when nothing is called. */
export function busiestSymbol(ports: QueryPorts, request: Target = {}, options: CallOptions = {}): Promise<Symbol | undefined> {
  return withReader(ports, request, options, async (reader) => {
    const manifest = await reader.manifest(options);
    const every = Math.max(1, Math.ceil(manifest.length / FILES));
    const callers = new Map<SymbolId, number>();
    for await (const partitions of reader.partitions(manifest.filter((_, index) => index % every === 0).map((entry) => entry.path), options)) {
      for (const { path, nodes, edges } of partitions) {
        const externals = new Set(nodes.filter((node) => node.kind === 'external').map((node) => node.id));
        for (const { kind, certainty, to } of edges) {
          // Calls from other files tell more than calls within one.
          if (kind === 'CALLS' && certainty === 'certain' && !externals.has(to)) callers.set(to, (callers.get(to) ?? 0) + (to.startsWith(`${path}#`) ? 1 : 3));
        }
      }
    }
    const best = [...callers].sort(([a, m], [b, n]) => n - m || compareText(a, b)).slice(0, 20).map(([id]) => id);
    const nodes = await reader.nodes(best, options);
    for (const id of best) {
      const node = nodes.get(id);
      // A plain name that only one symbol has can be typed as it stands.
      if (node !== undefined && /^[\p{ID_Start}][\p{ID_Continue}.]*$/u.test(node.qualifiedName) && (await reader.find({ text: node.qualifiedName, match: 'exact', limit: 2 }, options)).length === 1) return symbolOf(node);
    }
    return undefined;
  });
}
