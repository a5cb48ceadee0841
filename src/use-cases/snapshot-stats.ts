import type { EdgeKind, NodeKind, SymbolId } from '../domain/graph-node.js';
import { EDGE_KINDS, NODE_KINDS } from '../domain/graph-node.js';
import { compareText, UNRESOLVED_REASONS, type Diagnostic, type UnresolvedReason } from '../domain/partition.js';
import type { SnapshotStats } from '../domain/snapshot.js';
import type { PartitionCounts } from './partition-counts.js';

export interface StatsTally {
  /** Adds what was counted in a partition made from `bytes` of source. */
  add(partition: PartitionCounts, bytes: number): void;
  /** The sums, in an order that does not depend on that of the partitions; `skipped` has the reason of each path that was left out. */
  stats(skipped: Iterable<string>, configuration: readonly Diagnostic[]): SnapshotStats;
}

/** More of them than this would say no more. */
const MAX_CONFIGURATION = 100;

/** Every kind is there: a lookup of `constructor` in an object without it finds a function that every object has. */
const NO_NODES = Object.fromEntries(NODE_KINDS.map((kind) => [kind, 0])) as Record<NodeKind, number>; // fromEntries forgets the key type

/** Sums up a snapshot's statistics, one partition at a time. An external that many partitions declare counts once. */
export function createStatsTally(): StatsTally {
  const nodes = new Map<NodeKind, number>();
  const edges = new Map<EdgeKind, number>();
  const languages = new Map<string, number>();
  const reasons = new Map<UnresolvedReason, number>();
  const externals = new Set<SymbolId>();
  const verdicts = { resolved: 0, candidates: 0, external: 0, unresolved: 0 };
  let files = 0;
  let bytes = 0;
  let symbols = 0;
  let diagnostics = 0;
  return {
    add(partition, sourceBytes) {
      for (const id of partition.externals) externals.add(id);
      for (const [kind, count] of partition.nodes) increment(nodes, kind, count);
      for (const [kind, count] of partition.edges) increment(edges, kind, count);
      for (const [reason, count] of partition.reasons) increment(reasons, reason, count);
      increment(languages, partition.language);
      verdicts.resolved += partition.verdicts.resolved;
      verdicts.candidates += partition.verdicts.candidates;
      verdicts.external += partition.verdicts.external;
      verdicts.unresolved += partition.verdicts.unresolved;
      files++;
      bytes += Math.max(0, sourceBytes);
      symbols += partition.symbols;
      diagnostics += partition.diagnostics;
    },
    stats(skipped, configuration) {
      const kept = [...configuration].sort((a, b) => compareText(a.path, b.path) || compareText(a.code, b.code) || compareText(a.message, b.message)).slice(0, MAX_CONFIGURATION);
      const bySkip = new Map<string, number>();
      for (const reason of skipped) increment(bySkip, reason);
      if (externals.size > 0) nodes.set('external', externals.size);
      return {
        files, bytes, symbols,
        nodes: { ...NO_NODES, ...ordered(nodes, NODE_KINDS) }, edges: ordered(edges, EDGE_KINDS),
        languages: Object.fromEntries([...languages].sort(([a], [b]) => compareText(a, b))),
        verdicts: { ...verdicts }, unresolvedByReason: ordered(reasons, UNRESOLVED_REASONS), diagnostics: diagnostics + configuration.length,
        ...(kept.length === 0 ? {} : { configuration: kept }),
        skipped: Object.fromEntries([...bySkip].sort(([a], [b]) => compareText(a, b))),
      };
    },
  };
}

function increment<K>(counts: Map<K, number>, key: K, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function ordered<K extends string>(counts: ReadonlyMap<K, number>, keys: readonly K[]): Partial<Record<K, number>> {
  const entries = keys.flatMap((key): [K, number][] => {
    const count = counts.get(key);
    return count === undefined ? [] : [[key, count]];
  });
  return Object.fromEntries(entries) as Partial<Record<K, number>>; // fromEntries forgets the key type
}
