import { EDGE_KINDS, NODE_KINDS, type EdgeKind, type NodeKind, type SymbolId } from '../domain/graph-node.js';
import { UNRESOLVED_REASONS, type Partition, type UnresolvedReason, type VerdictCounts } from '../domain/partition.js';

/** What a snapshot's statistics need of one partition: small plain data. */
export interface PartitionCounts {
  readonly language: string;
  /** Nodes that are neither files nor externals. */
  readonly symbols: number;
  readonly nodes: readonly (readonly [NodeKind, number])[];
  readonly edges: readonly (readonly [EdgeKind, number])[];
  readonly reasons: readonly (readonly [UnresolvedReason, number])[];
  readonly externals: readonly SymbolId[];
  readonly verdicts: VerdictCounts;
  readonly diagnostics: number;
}

export function countPartition(partition: Partition): PartitionCounts {
  const own = partition.nodes.filter((node) => node.kind !== 'external');
  return {
    language: partition.language, symbols: own.filter((node) => node.kind !== 'file').length,
    nodes: tallied(own, (node) => node.kind, NODE_KINDS), edges: tallied(partition.edges, (edge) => edge.kind, EDGE_KINDS),
    reasons: tallied(partition.unresolved, (site) => site.reason, UNRESOLVED_REASONS),
    externals: partition.nodes.flatMap((node) => (node.kind === 'external' ? [node.id] : [])),
    verdicts: partition.verdicts, diagnostics: partition.diagnostics.length,
  };
}

function tallied<T, K>(items: readonly T[], key: (item: T) => K, keys: readonly K[]): readonly (readonly [K, number])[] {
  const counts = new Map<K, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return keys.flatMap((each): [K, number][] => {
    const count = counts.get(each);
    return count === undefined ? [] : [[each, count]];
  });
}
