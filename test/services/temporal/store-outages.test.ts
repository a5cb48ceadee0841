import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { describe, expect, it } from 'vitest';
import { createMemoryGitHost, type MemoryTree } from '../../../src/adapters/memory/git-host.js';
import type { Stage } from '../../../src/domain/index-run.js';
import type { PartitionEntry } from '../../../src/domain/ports/graph-store.js';
import { NO_TELEMETRY } from '../../../src/domain/ports/telemetry.js';
import { withStoreBreakers } from '../../../src/infrastructure/store-breakers.js';
import { createNeo4jGraphStore } from '../../../src/neo4j.js';
import { createPostgresStores } from '../../../src/postgres.js';
import type { IndexingPorts } from '../../../src/use-cases/indexing-ports.js';
import { runIndex } from '../../../src/use-cases/run-index.js';
import { VERSION } from '../../use-cases/workbench.js';
import { neo4jPlace, servers } from '../places.js';
import { dropSchema, freshSchema, sql } from '../postgres/server.js';
import { freshQueue, isOwn, memory, openTestRuns, OWN_SERVER, service, shopRequest, startWorker, until } from './harness.js';
import { atStages, STAGES } from './stages.js';

// A store is killed once while several runs are under way, each in another of its stages.

type Stores = Pick<IndexingPorts, 'graphStore'> & Partial<Pick<IndexingPorts, 'factStore' | 'metadataStore'>>;

/** Stores on a server that is killed. */
interface Subject {
  readonly name: 'postgres' | 'neo4j';
  /** Those that need the server. */
  readonly stages: readonly Stage[];
  /** A place that nobody else has. */
  place(): string;
  /** As a worker has them; or for reading, which does not wait for a server that is away. */
  open(place: string, how: 'working' | 'reading'): Promise<{ readonly stores: Stores; close(): Promise<void> }>;
  /** Rows, or nodes and relationships, of all that is kept of repositories: not what is told of runs, nor facts of files, which are for later runs. */
  size(place: string): Promise<number>;
  remove(place: string): Promise<void>;
}

const postgres: Subject = {
  name: 'postgres', stages: STAGES, place: freshSchema,
  async open(schema) {
    const { graphStore, metadataStore, factStore, close } = await createPostgresStores({ url: servers.postgres, schema, connectTimeout: 2000 });
    return { stores: { graphStore, metadataStore, factStore }, close };
  },
  size: (schema) => sql(servers.postgres, async (query) => {
    const tables = await query('SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 AND tablename NOT IN (\'runs\', \'run_events\')', [schema]);
    let rows = 0;
    for (const { name } of tables) rows += Number((await query(`SELECT count(*) AS rows FROM "${schema}"."${String(name)}" ${name === 'fact' ? "WHERE key NOT LIKE 'facts/%'" : ''}`))[0]?.['rows']);
    return rows;
  }),
  remove: (schema) => dropSchema(schema, servers.postgres),
};

const neo4j: Subject = {
  name: 'neo4j', stages: ['acquire', 'link', 'publish', 'retire'], place: () => `test-${randomUUID()}`,
  async open(space, how) {
    const graphStore = await createNeo4jGraphStore({ url: servers.neo4j, space, grace: 0, ...(how === 'reading' ? { patience: 500 } : {}) });
    return { stores: { graphStore }, close: () => graphStore.close() };
  },
  async size(space) {
    // Which is there only where the server is.
    const { openConsole, sizeOf } = await import('../neo4j/server.js');
    const console = openConsole(servers.neo4j);
    return sizeOf(console, space).finally(() => console.close());
  },
  remove: (space) => neo4jPlace(space).remove(),
};

/** More than a publication hands over at once. */
const FILES = { before: 5, after: 70 };
const locationOf = (stage: Stage): string => `https://code.example/acme/${stage}`;
/** Files that no other repository has. */
const treeOf = (stage: Stage, count: number): MemoryTree => Object.fromEntries(Array.from({ length: count }, (_, index) => [`${stage}/file${index}.toy`, `def ${stage}${index}\n  call ${stage}${(index * 7) % count}\n`]));
/** So that the snapshot before goes. */
const retention = { days: 0, snapshots: 1 };

/** What holds runs up, each in the stage that it is named after, until the server has been killed; and any that comes to a stage then, until what is stored was looked at. */
function createHold() {
  const reached = new Set<Stage>();
  const opened = (): { readonly promise: Promise<void>; open(): void } => {
    let open = (): void => undefined;
    return { promise: new Promise((resolve) => (open = resolve)), open: () => open() };
  };
  const [killed, looked] = [opened(), opened()];
  return {
    reached, killed: killed.open, looked: looked.open,
    async begin(stage: Stage): Promise<void> {
      const own = /^repo-index-.*-(\w+)-main$/.exec(Context.current().info.workflowExecution?.workflowId ?? '')?.[1];
      if (stage === own && !reached.has(stage)) {
        reached.add(stage);
        await killed.promise;
      } else if (own !== undefined && reached.has(own as Stage)) { // the ids of these runs say so
        await looked.promise;
      }
    },
  };
}

/** In the midst of a publication in place of before it. */
function heldPorts(ports: IndexingPorts, begin: (stage: Stage) => Promise<void>): IndexingPorts {
  const held = atStages(ports, (stage) => (stage === 'publish' ? undefined : begin(stage)));
  async function* inTheMidst(partitions: AsyncIterable<readonly PartitionEntry[]>): AsyncIterable<readonly PartitionEntry[]> {
    for await (const batch of partitions) {
      yield batch;
      await begin('publish');
    }
  }
  return { ...held, graphStore: { ...held.graphStore, publish: (publication, options) => held.graphStore.publish({ ...publication, partitions: inTheMidst(publication.partitions) }, options) } };
}

describe.each([postgres, neo4j])('$name, killed in mid-run and started again', ({ name, stages, place, open, size, remove }) => {
  it.skipIf(!OWN_SERVER || !isOwn(name))('holds up runs in every stage, which then end well by themselves; the last snapshot is there as soon as the server is', async () => {
    const git = createMemoryGitHost({ repositories: stages.map((stage) => ({ location: locationOf(stage), branches: { main: [treeOf(stage, FILES.before)] } })) });
    const [calmPlace, troubledPlace] = [place(), place()];
    const [calm, working, reading] = await Promise.all([open(calmPlace, 'working'), open(troubledPlace, 'working'), open(troubledPlace, 'reading')]);
    const { ports: undisturbed } = memory({}, { gitHost: git, ...calm.stores });
    const { ports } = memory({}, { gitHost: git, ...working.stores });
    const { graphStore } = reading.stores;
    const indexIn = async (into: IndexingPorts): Promise<Map<Stage, string>> => {
      const digests = new Map<Stage, string>();
      for (const stage of stages) digests.set(stage, (await runIndex(into, { location: locationOf(stage), ref: 'main', branch: 'main', retention }, { indexerVersion: VERSION })).snapshot.digest);
      return digests;
    };
    /** Digest and files of each head, all of its partitions having been read. */
    const look = async (): Promise<Record<string, unknown>> => Object.fromEntries(await Promise.all((await graphStore.heads()).map(async ({ id, repository, digest }) => {
      const reader = await graphStore.open(id);
      let files = 0;
      for await (const partitions of reader.partitions()) files += partitions.length;
      await reader.close();
      return [repository.split('/').at(-1), { digest, files }];
    })));

    const before = await indexIn(ports);
    for (const stage of stages) git.commit(locationOf(stage), treeOf(stage, FILES.after));
    const after = await indexIn(undisturbed);

    const hold = createHold();
    const queue = freshQueue();
    const [worker, runs] = await Promise.all([
      startWorker({ ports: heldPorts(withStoreBreakers(ports, {}, { telemetry: NO_TELEMETRY }), hold.begin), taskQueue: queue, tuning: { activities: stages.length } }), openTestRuns(queue),
    ]);
    try {
      const ids = new Map<Stage, string>();
      const start = async (stage: Stage): Promise<void> => {
        const request = shopRequest({ url: locationOf(stage), retention });
        ids.set(stage, (await runs.start({ ...request, repositoryId: `${request.repositoryId}-${stage}` })).id);
      };
      // The one that publishes comes last: while it writes, no other may.
      const others = stages.filter((stage) => stage !== 'publish');
      await Promise.all(others.map(start));
      await until(() => others.every((stage) => hold.reached.has(stage)), `all stages are reached, not only ${[...hold.reached].join()}`);
      await start('publish');
      await until(() => hold.reached.has('publish'), 'a publication is under way');

      await service(name, 'crash');
      hold.killed();
      await expect(graphStore.heads()).rejects.toMatchObject({ code: 'store-unavailable', retryable: true });
      await service(name, 'start');

      const published = (stage: Stage): boolean => ['record', 'retire', 'release'].includes(stage);
      const expected = (isNew: (stage: Stage) => boolean) => Object.fromEntries(stages.map((stage) => [stage, isNew(stage) ? { digest: after.get(stage), files: FILES.after } : { digest: before.get(stage), files: FILES.before }]));
      expect(await look()).toEqual(expected(published));
      hold.looked();

      for (const stage of stages) expect([stage, await runs.result(ids.get(stage) ?? '')]).toEqual([stage, expect.objectContaining({ digest: after.get(stage), changed: true })]);
      expect(await look()).toEqual(expected(() => true));
      for (const stage of stages) {
        const { events } = await runs.summary(ids.get(stage) ?? '');
        const failed = events.flatMap((event) => (event.type === 'stage-retried' ? [[event.stage, event.code]] : []));
        // One store waits for its server by itself for a while, the other does not.
        if (name === 'postgres') expect(failed).toEqual([[stage, 'store-unavailable']]);
        else expect([stage, failed.filter(([, code]) => code !== 'store-unavailable')]).toEqual([stage, []]);
      }
      // Of half a generation, nothing is left.
      expect(await size(troubledPlace)).toBe(await size(calmPlace));
    } finally {
      hold.killed();
      hold.looked();
      await runs.close();
      await worker.stop();
      await Promise.all([calm.close(), working.close(), reading.close()]);
      await Promise.all([remove(calmPlace), remove(troubledPlace)]);
    }
  }, 240_000);
});
