import { randomUUID } from 'node:crypto';
import { CodeloomError } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import { type Neo4jConnection, whole } from './connection.js';

/**
 * What keeps the rows of a snapshot while a reader has it open. What is retired stays for a while (`grace`) by itself, so that a reader which is soon closed writes nothing;
 * one that stays open longer than a third of it puts a Reader node with an expiry there, and renews it.
 */
export interface SnapshotLease {
  /** To be awaited before and after each read: throws when the rows can no longer be counted on, because this process stood still for too long. */
  check(options?: CallOptions): Promise<void>;
  release(): Promise<void>;
}

/** `grace`: milliseconds; with 0 the lease is there from the start. Undefined when the snapshot has been retired by then. */
export async function leaseSnapshot(connection: Neo4jConnection, { space, snapshot, grace }: { space: string; snapshot: number; grace: number }, options?: CallOptions): Promise<SnapshotLease | undefined> {
  const id = randomUUID();
  const duration = Math.max(grace, LEAST_LEASE);
  let held = false;
  let released = false;
  let certainUntil = performance.now() + grace;

  /** Whether the snapshot is still there. The first time it is locked, so that it is not retired between being found and being held. */
  async function renew(renewing?: CallOptions): Promise<boolean> {
    const begun = performance.now();
    const [row] = await connection.transaction((run) => run(
      `MATCH (v:Snapshot {number: $snapshot}) ${grace === 0 && !held ? 'SET v.opened = timestamp() WITH v WHERE v.retired IS NULL ' : ''}MERGE (r:Reader {id: $id}) SET r.space = $space, r.snapshot = v.number, r.expires = timestamp() + $duration
      RETURN v.number`, { id, space, snapshot: whole(snapshot), duration: whole(duration) }), renewing);
    if (row === undefined) return false;
    held = true;
    certainUntil = begun + duration;
    return true;
  }

  async function tryToRenew(renewing?: CallOptions): Promise<boolean> {
    try {
      return await renew(renewing);
    } catch (error) {
      // Nothing is retired from a database that cannot be written to.
      if (error instanceof CodeloomError && (error.code === 'store-read-only' || error.code === 'permission-denied')) {
        certainUntil = Infinity;
        return true;
      }
      throw error;
    }
  }

  if (grace === 0 && !await tryToRenew(options)) return undefined;
  const renewing = setInterval(() => void tryToRenew().catch(() => undefined), duration / 3);
  renewing.unref();

  return {
    async check(checking) {
      if (performance.now() < certainUntil - duration / 10) return;
      if (!await tryToRenew(checking)) {
        throw new CodeloomError('store-unavailable', 'The snapshot was retired while this process stood still for too long; open another.', { retryable: false, details: { space } });
      }
    },
    async release() {
      if (released) return;
      released = true;
      clearInterval(renewing);
      // Left behind, it runs out.
      if (held) await connection.transaction((run) => run('MATCH (r:Reader {id: $id}) DELETE r', { id })).catch(() => undefined);
    },
  };
}

const LEAST_LEASE = 10_000;
