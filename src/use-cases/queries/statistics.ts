import type { CallOptions } from '../../domain/ports/call-options.js';
import type { UnresolvedReason, VerdictCounts } from '../../domain/partition.js';
import type { AnswerSnapshot } from '../../domain/querying/answer.js';
import type { SnapshotStats } from '../../domain/snapshot.js';
import { answerSnapshot, chooseSnapshot, type QueryPorts, type Target } from './pinned-snapshot.js';

export interface StatisticsAnswer {
  readonly query: 'statistics';
  readonly snapshot: AnswerSnapshot;
  readonly stats: SnapshotStats;
  readonly callSites: number;
  /** Shares of the call sites, from 0 to 1; 0 when there are none. */
  readonly shares: VerdictCounts;
  /** Why call sites are unresolved, most frequent first. */
  readonly reasons: readonly { readonly reason: UnresolvedReason; readonly count: number }[];
}

/** The counts of a snapshot, and what became of its call sites. */
export async function statistics(ports: QueryPorts, request: Target = {}, options: CallOptions = {}): Promise<StatisticsAnswer> {
  const snapshot = await chooseSnapshot(ports, request, options);
  const { verdicts, unresolvedByReason } = snapshot.stats;
  const callSites = verdicts.resolved + verdicts.candidates + verdicts.external + verdicts.unresolved;
  const share = (count: number): number => (callSites === 0 ? 0 : count / callSites);
  return {
    query: 'statistics', snapshot: answerSnapshot(snapshot), stats: snapshot.stats, callSites,
    shares: { resolved: share(verdicts.resolved), candidates: share(verdicts.candidates), external: share(verdicts.external), unresolved: share(verdicts.unresolved) },
    reasons: Object.entries(unresolvedByReason).map(([reason, count]) => ({ reason: reason as UnresolvedReason, count })) // entries() forgets the key type
      .sort((a, b) => b.count - a.count),
  };
}
