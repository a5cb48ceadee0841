import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { IndexRun, RunEvent } from '../../domain/index-run.js';
import { compareText } from '../../domain/partition.js';
import type { IndexedFile, MetadataStore } from '../../domain/ports/metadata-store.js';
import type { Repository } from '../../domain/repository.js';
import type { Snapshot, SnapshotId } from '../../domain/snapshot.js';
import { fromStored, toStored } from '../../domain/stored-text.js';
import type { PostgresConnection, SqlRow } from './connection.js';
import type { PostgresDatabase } from './database.js';
import { addGeneration, sweepGenerations } from './generations.js';
import { OPEN } from './schema.js';

const FILES_PER_BATCH = 500;
const FILES_PER_QUERY = 5000;
const FILE_COLUMNS = 'f.fid, f.path, f.blob, f.size, f.language, f.status, f.reason, f.symbols';

/**
 * What is known about repositories, snapshots and runs, in tables for people. A file's row is shared by all snapshots that have it unchanged. `release` is called once, when
 * the store closes.
 */
export function createPostgresMetadataStore({ database, release }: { database: PostgresDatabase; release: () => Promise<void> }): MetadataStore {
  const { schema } = database;
  let closed: Promise<void> | undefined;

  function check(signal: AbortSignal | undefined): void {
    throwIfAborted(signal);
    if (closed !== undefined) throw new CodeloomError('store-unavailable', 'The metadata store is closed.', { retryable: false });
  }

  return {
    async saveRepository({ id, name, location, kind, defaultBranch }, options) {
      check(options?.signal);
      await database.all(
        `INSERT INTO ${schema}.repositories (id, name, location, kind, default_branch) VALUES ($1, $2, $3, $4, $5)
          ON CONFLICT (id) DO UPDATE SET name = excluded.name, location = excluded.location, kind = excluded.kind, default_branch = excluded.default_branch`,
        [toStored(id), toStored(name), toStored(location), kind, storedOrNull(defaultBranch)], options?.signal);
    },

    async repositories(ids, options) {
      check(options?.signal);
      const rows = await database.all(`SELECT id, name, location, kind, default_branch FROM ${schema}.repositories WHERE $1::text[] IS NULL OR id = ANY($1)`, [ids === undefined ? null : ids.map(toStored)], options?.signal);
      return rows.map(([id, name, location, kind, defaultBranch]): Repository => ({
        id: fromStored(id), name: fromStored(name), location: fromStored(location), kind: kind as Repository['kind'], // written by saveRepository
        ...(defaultBranch === null ? {} : { defaultBranch: fromStored(defaultBranch) }),
      })).sort((a, b) => compareText(a.id, b.id));
    },

    async saveSnapshot({ snapshot, files }, options) {
      check(options?.signal);
      // Gathered before anything is locked: what gives the files may be slow.
      const byPath = new Map<string, IndexedFile>();
      for await (const batch of files) {
        check(options?.signal);
        for (const file of batch) byPath.set(file.path, file);
      }
      await database.transaction((connection) => saveSnapshot(connection, schema, { snapshot, files: [...byPath.values()], signal: options?.signal }), { alone: 'files', signal: options?.signal });
    },

    async *files(snapshot, options) {
      check(options?.signal);
      const { connection, found, release: unpin } = await database.pin(async (seeing) => {
        const [row] = await seeing.all(`SELECT owner, generation FROM ${schema}.repo_snapshots WHERE id = $1`, [toStored(snapshot)], options?.signal);
        // Not there in this state, so perhaps in another.
        if (row === undefined) throw new CodeloomError('unknown-snapshot', `There is no record of snapshot ${snapshot}.`);
        return [Number(row[0]), Number(row[1])];
      }, options?.signal).catch((error: unknown) => {
        if (error instanceof CodeloomError && error.code === 'unknown-snapshot') return { connection: undefined, found: [], release: async () => undefined };
        throw error;
      });
      if (connection === undefined) return;
      try {
        const rows = await connection.all(`SELECT f.fid, f.path FROM ${schema}.file_member m JOIN ${schema}.file_version f ON f.fid = m.item
          WHERE m.owner = $1 AND m.from_generation <= $2 AND m.to_generation > $2`, found, options?.signal);
        const sorted = rows.map(([fid, path]) => ({ fid: Number(fid), path: fromStored(path) })).sort((a, b) => compareText(a.path, b.path));
        for (let start = 0; start < sorted.length; start += FILES_PER_BATCH) {
          check(options?.signal);
          const fids = sorted.slice(start, start + FILES_PER_BATCH).map(({ fid }) => fid);
          const page = new Map((await connection.all(`SELECT ${FILE_COLUMNS} FROM ${schema}.file_version f WHERE f.fid = ANY($1::integer[])`, [fids], options?.signal)).map((row) => [Number(row[0]), fileFrom(row)]));
          yield fids.flatMap((fid) => page.get(fid) ?? []);
        }
      } finally {
        await unpin();
      }
    },

    async removeSnapshots(ids, options) {
      check(options?.signal);
      await database.transaction((connection) => removeSnapshots(connection, schema, ids, options?.signal), { alone: 'files', signal: options?.signal });
    },

    async saveRun(run, options) {
      check(options?.signal);
      const { id, repository, branch, status, startedAt, finishedAt, snapshot, error } = run;
      await database.all(
        `INSERT INTO ${schema}.runs (id, repository, branch, status, started_at, finished_at, snapshot_id, error_code, error_message, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
          ON CONFLICT (id) DO UPDATE SET repository = excluded.repository, branch = excluded.branch, status = excluded.status, started_at = excluded.started_at, finished_at = excluded.finished_at,
            snapshot_id = excluded.snapshot_id, error_code = excluded.error_code, error_message = excluded.error_message, data = excluded.data`,
        [toStored(id), toStored(repository), toStored(branch), status, startedAt, finishedAt ?? null, storedOrNull(snapshot), error?.code ?? null, storedOrNull(error?.message), JSON.stringify(run)], options?.signal);
    },

    async runs(repository, options) {
      check(options?.signal);
      const rows = await database.all(`SELECT data FROM ${schema}.runs WHERE repository = $1 ORDER BY started_at DESC, id LIMIT $2`, [toStored(repository), options?.limit ?? null], options?.signal);
      return rows.map(([data]) => JSON.parse(String(data)) as IndexRun); // written by saveRun
    },

    async appendEvents(run, events, options) {
      check(options?.signal);
      if (events.length === 0) return;
      // In one order, so that two who append at once do not wait for each other.
      const sorted = [...new Map([...events].reverse().map((event) => [event.sequence, event])).values()].sort((a, b) => a.sequence - b.sequence);
      const columns = sorted.map(eventRow);
      await database.all(
        `INSERT INTO ${schema}.run_events (run_id, sequence, at, type, stage, attempt, status, code, message, counts, data)
          SELECT $1, * FROM unnest($2::integer[], $3::timestamptz[], $4::text[], $5::text[], $6::integer[], $7::text[], $8::text[], $9::text[], $10::json[], $11::text[]) ON CONFLICT DO NOTHING`,
        [toStored(run), ...EVENT_COLUMNS.map((_, column) => columns.map((row) => row[column] ?? null))], options?.signal);
    },

    async events(run, options) {
      check(options?.signal);
      const rows = await database.all(`SELECT data FROM ${schema}.run_events WHERE run_id = $1 ORDER BY sequence`, [toStored(run)], options?.signal);
      return rows.map(([data]) => JSON.parse(String(data)) as RunEvent); // written by appendEvents
    },

    close() {
      return closed ??= release();
    },
  };
}

async function saveSnapshot(connection: PostgresConnection, schema: string, { snapshot, files, signal }: { snapshot: Snapshot; files: readonly IndexedFile[]; signal: AbortSignal | undefined }): Promise<void> {
  const branch = [toStored(snapshot.repository), toStored(snapshot.branch)];
  const [before] = await connection.all(`DELETE FROM ${schema}.repo_snapshots WHERE id = $1 RETURNING owner, repository, branch`, [toStored(snapshot.id)], signal);
  // A branch's records are its generations; what was recorded under the same id is dropped below, when the new one stands.
  const [same] = await connection.all(`SELECT owner FROM ${schema}.repo_snapshots WHERE repository = $1 AND branch = $2 LIMIT 1`, branch, signal);
  const own = before !== undefined && before[1] === branch[0] && before[2] === branch[1] ? before[0] : undefined;
  const [next] = await connection.all(`SELECT 1 + greatest(0, max(owner)) FROM ${schema}.file_member`, [], signal);
  const [free] = await connection.all(`SELECT 1 + greatest(0, max(owner)) FROM ${schema}.repo_snapshots`, [], signal);
  const owner = Number(own ?? same?.[0] ?? Math.max(Number(next?.[0]), Number(free?.[0])));

  const open = new Map<string, number>();
  for (const row of await connection.all(`SELECT ${FILE_COLUMNS} FROM ${schema}.file_member m JOIN ${schema}.file_version f ON f.fid = m.item WHERE m.owner = $1 AND m.to_generation = ${OPEN}`, [owner], signal)) {
    open.set(identity(fileFrom(row)), Number(row[0]));
  }
  const items = await numberFiles(connection, schema, { files, known: open, signal });
  const [last] = await connection.all(
    `SELECT 1 + greatest(0, (SELECT max(generation) FROM ${schema}.repo_snapshots WHERE owner = $1), (SELECT max(from_generation) FROM ${schema}.file_member WHERE owner = $1),
      (SELECT max(to_generation) FROM ${schema}.file_member WHERE owner = $1 AND to_generation < ${OPEN}))`, [owner], signal);
  const generation = Number(last?.[0]);
  await addGeneration(connection, { table: `${schema}.file_member`, owner }, { generation, open: new Set(open.values()), items, signal });
  const { stats } = snapshot;
  await connection.all(
    `INSERT INTO ${schema}.repo_snapshots (id, repository, branch, commit_sha, dirty, created_at, indexer_version, digest, files, bytes, symbols,
      calls_resolved, calls_candidates, calls_external, calls_unresolved, diagnostics, owner, generation) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
    [toStored(snapshot.id), ...branch, snapshot.commit ?? null, snapshot.dirty, snapshot.createdAt, toStored(snapshot.indexerVersion), snapshot.digest, stats.files, stats.bytes, stats.symbols,
      stats.verdicts.resolved, stats.verdicts.candidates, stats.verdicts.external, stats.verdicts.unresolved, stats.diagnostics, owner, generation], signal);
  if (before !== undefined) await sweep(connection, schema, [...new Set([Number(before[0]), owner])], signal);
}

/** The number of each file's row, made where there is none like it. */
async function numberFiles(
  connection: PostgresConnection, schema: string, { files, known, signal }: { files: readonly IndexedFile[]; known: ReadonlyMap<string, number>; signal: AbortSignal | undefined },
): Promise<number[]> {
  const numbers = new Map<string, number>();
  const unknown = files.filter((file) => {
    const number = known.get(identity(file));
    if (number !== undefined) numbers.set(identity(file), number);
    return number === undefined;
  });
  const [last] = await connection.all(`SELECT greatest(0, max(fid)) FROM ${schema}.file_version`, [], signal);
  let next = 1 + Number(last?.[0]);
  for (let start = 0; start < unknown.length; start += FILES_PER_QUERY) {
    const chunk = unknown.slice(start, start + FILES_PER_QUERY);
    const paths = chunk.map(({ path }) => toStored(path));
    for (const row of await connection.all(`SELECT ${FILE_COLUMNS} FROM unnest($1::text[]) AS wanted(path) JOIN ${schema}.file_version f ON left(f.path, 256) = left(wanted.path COLLATE "C", 256) AND f.path = wanted.path`, [paths], signal)) {
      numbers.set(identity(fileFrom(row)), Number(row[0]));
    }
    const fresh = chunk.filter((file) => !numbers.has(identity(file)));
    const column = <T>(of: (file: IndexedFile) => T): T[] => fresh.map(of);
    const first = next;
    fresh.forEach((file) => numbers.set(identity(file), next++));
    if (fresh.length === 0) continue;
    await connection.all(
      `INSERT INTO ${schema}.file_version (fid, path, blob, size, language, status, reason, symbols)
        SELECT * FROM unnest($1::integer[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::integer[])`,
      [fresh.map((_, index) => first + index), column(({ path }) => toStored(path)), column(({ blob }) => toStored(blob)), column(({ size }) => size), column(({ language }) => toStored(language)),
        column(({ status }) => status), column(({ reason }) => storedOrNull(reason)), column(({ symbols }) => symbols)], signal);
  }
  return files.map((file) => numbers.get(identity(file)) ?? 0);
}

async function removeSnapshots(connection: PostgresConnection, schema: string, ids: readonly SnapshotId[], signal: AbortSignal | undefined): Promise<void> {
  const removed = await connection.all(`DELETE FROM ${schema}.repo_snapshots WHERE id = ANY($1::text[]) RETURNING owner`, [ids.map(toStored)], signal);
  await sweep(connection, schema, [...new Set(removed.map(([owner]) => Number(owner)))], signal);
}

/** Drops the members of records that are gone, and files that no record has any more. */
async function sweep(connection: PostgresConnection, schema: string, owners: readonly number[], signal: AbortSignal | undefined): Promise<void> {
  for (const owner of owners) {
    const kept = await connection.all(`SELECT generation FROM ${schema}.repo_snapshots WHERE owner = $1`, [owner], signal);
    const unused = await sweepGenerations(connection, { table: `${schema}.file_member`, owner }, { kept: kept.map(([generation]) => Number(generation)), signal });
    if (unused.length > 0) await connection.all(`DELETE FROM ${schema}.file_version WHERE fid = ANY($1::integer[])`, [unused], signal);
  }
}

function fileFrom([, path, blob, size, language, status, reason, symbols]: SqlRow): IndexedFile {
  return {
    path: fromStored(path), blob: fromStored(blob), size: Number(size), language: fromStored(language), status: status === 'indexed' ? 'indexed' : 'skipped',
    ...(reason === null ? {} : { reason: fromStored(reason) }), symbols: Number(symbols),
  };
}

function identity(file: IndexedFile): string {
  const { path, blob, size, language, status, reason, symbols } = file;
  return `${blob} ${size} ${symbols} ${status} ${JSON.stringify(language)} ${reason === undefined ? '' : JSON.stringify(reason)} ${path}`;
}

const EVENT_COLUMNS = ['sequence', 'at', 'type', 'stage', 'attempt', 'status', 'code', 'message', 'counts', 'data'] as const;

/** An event as its columns: what a kind of event has not is null. */
function eventRow(event: RunEvent): readonly (string | number | null)[] {
  const { sequence, at, type, stage, attempt, status, code, message, counts } = event as RunEvent & { // of every kind of event
    stage?: string; attempt?: number; status?: string; code?: string; message?: string; counts?: object;
  };
  return [sequence, at, type, stage ?? null, attempt ?? null, status ?? null, code ?? null, storedOrNull(message), counts === undefined ? null : JSON.stringify(counts), JSON.stringify(event)];
}

function storedOrNull(text: string | undefined): string | null {
  return text === undefined ? null : toStored(text);
}
