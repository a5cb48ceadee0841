import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUERIES, WORKFLOW, workflowId, type RunInput, type RunResult } from '../../../src/adapters/temporal/contract.js';
import { errorOf } from '../../../src/adapters/temporal/failures.js';
import { linkIncrementally } from '../../../src/domain/linking/incremental.js';
import { createTreeSitterParser } from '../../../src/index.js';
import { createMemoryClock } from '../../../src/adapters/memory/clock.js';
import { createMemoryFactStore } from '../../../src/adapters/memory/fact-store.js';
import type { MemoryTree } from '../../../src/adapters/memory/git-host.js';
import { CodeloomError, type ErrorCode } from '../../../src/domain/errors.js';
import type { RunEvent, Stage } from '../../../src/domain/index-run.js';
import type { RunSummary } from '../../../src/domain/run-progress.js';
import type { IndexingPorts } from '../../../src/use-cases/indexing-ports.js';
import { runIndex } from '../../../src/use-cases/run-index.js';
import { SHOP, VERSION } from '../../use-cases/workbench.js';
import { ADDRESS, freshQueue, memory, OWN_SERVER, server, SHOP_URL, shopInput, startWorker, until } from './harness.js';
import { atStages, createStops, manyFiles, STAGES, type Stops } from './stages.js';

// Law 5: in process and on Temporal, the same result and the same events, faults included. Time is skipped: pauses between attempts cost nothing.

/** What goes wrong: a stage fails with a code, so many times. */
interface Fault {
  readonly stage: Stage;
  readonly code: ErrorCode;
  readonly times: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What happens to a run. */
interface Trouble {
  readonly fault?: Fault | undefined;
  /** Cancelled once this stage has begun its work. */
  readonly cancelledIn?: Stage;
}

/** Ports of which one fails as a stage begins its work. */
function faulty(ports: IndexingPorts, fault: Fault | undefined): IndexingPorts {
  let left = fault?.times ?? 0;
  return atStages(ports, (stage) => {
    if (fault !== undefined && stage === fault.stage && left-- > 0) throw new CodeloomError(fault.code, `The ${stage} stage fails with ${fault.code}.`, fault.details === undefined ? {} : { details: fault.details });
  });
}

/** All that is compared of a run: how it ended, what it told, what the stores hold. */
interface Course {
  readonly end: unknown;
  readonly events: readonly unknown[];
  /** In whole ten minutes: only a pause that was asked for is as long. */
  readonly lasted: number;
  readonly heads: readonly { readonly id: string }[];
  readonly recorded: readonly unknown[];
  /** Keys of what is left in the FactStore besides facts of files, which are for later runs. */
  readonly left: readonly string[];
}

/** A repository with its stores; where the world is changed before the run, what was there is indexed. */
interface World {
  readonly ports: IndexingPorts;
  readonly stops: Stops;
  describe(): Promise<Pick<Course, 'heads' | 'recorded' | 'left'>>;
}

async function world(trees: readonly MemoryTree[], { fault, cancelledIn }: Trouble, replaced: Partial<IndexingPorts> = {}): Promise<World> {
  const [first = {}, ...rest] = trees;
  const { ports, git } = memory(first, replaced);
  const { factStore, graphStore, metadataStore } = ports;
  const keys = new Set<string>();
  const kept: IndexingPorts = { ...ports, factStore: { ...factStore, put: (entries, options) => (entries.forEach(({ key }) => keys.add(key)), factStore.put(entries, options)) } };
  for (const tree of rest) {
    await runIndex(kept, REQUEST, { indexerVersion: VERSION });
    git.commit(SHOP_URL, tree);
  }
  const stops = createStops();
  if (cancelledIn !== undefined) stops.at.add(cancelledIn);
  return {
    stops, ports: atStages(faulty(kept, fault), stops.begin),
    async describe() {
      const heads = (await graphStore.heads()).map(({ createdAt: _, ...head }) => head);
      const runs = await metadataStore.runs(`memory/${SHOP_URL}`);
      const recorded = await Promise.all(runs.map(async ({ id, status, branch, snapshot, error }) => [status, branch, snapshot, error, (await metadataStore.events(id)).map(told)]));
      return { heads, recorded, left: [...await factStore.has([...keys])].filter((key) => !key.startsWith('facts/')).sort() };
    },
  };
}

const REQUEST = { location: SHOP_URL, ref: 'main', branch: 'main' };

/** An event without its time, which is another in each world. */
const told = ({ at: _, ...event }: RunEvent): unknown => event;

const lasted = (events: readonly RunEvent[]): number => Math.floor((Date.parse(events.at(-1)?.at ?? '') - Date.parse(events[0]?.at ?? '')) / 600_000);

/** Cancels once the stage is reached, and lets a stage go that no cancellation reaches. */
async function cancelling({ stops }: World, stage: Stage | undefined, cancel: () => unknown): Promise<void> {
  if (stage === undefined) return;
  await until(() => stops.reached.includes(stage), `${stage} is reached`);
  await cancel();
  if (stage === 'release') await new Promise((resolve) => setTimeout(resolve, 300));
  if (stage === 'release') stops.release();
}

async function inProcess(trees: readonly MemoryTree[], trouble: Trouble = {}, replaced: Partial<IndexingPorts> = {}): Promise<Course> {
  const clock = createMemoryClock();
  const own = await world(trees, trouble, { clock, factStore: createMemoryFactStore({ now: () => clock.now() }), ...replaced });
  clock.advance(1000);
  const events: RunEvent[] = [];
  const cancellation = new AbortController();
  const cancelled = cancelling(own, trouble.cancelledIn, () => cancellation.abort());
  const end = await runIndex(own.ports, REQUEST, { indexerVersion: VERSION, onEvent: (event) => events.push(event), signal: cancellation.signal })
    .then(({ snapshot, counts, status, diagnostics, notes }) => ({
      snapshot: snapshot.id, digest: snapshot.digest, parsed: counts.parsed, reused: counts.reused, skipped: counts.skipped, changed: status === 'indexed', diagnostics, notes,
    }), failureOf);
  await cancelled;
  return { end, events: events.map(told), lasted: lasted(events), ...await own.describe() };
}

const failureOf = (thrown: unknown): unknown => {
  const { code, message, retryable } = errorOf(thrown);
  return { code, message, retryable };
};

interface OnTemporal extends Pick<TestWorkflowEnvironment, 'client' | 'address'> {
  readonly options?: NonNullable<RunInput['options']>;
  readonly replaced?: Partial<IndexingPorts>;
}

describe.skipIf(!OWN_SERVER)('law 5: one orchestration', () => {
  let environment: TestWorkflowEnvironment;
  beforeAll(async () => {
    environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path: await server('test-server') } } });
  });
  afterAll(() => environment.teardown());
  const skipping = (): OnTemporal => ({ client: environment.client, address: environment.address });

  async function onTemporal(
    trees: readonly MemoryTree[], trouble: Trouble = {}, { client, address, options = {}, replaced = {} }: OnTemporal = skipping(),
  ): Promise<Course> {
    const own = await world(trees, trouble, replaced);
    const taskQueue = freshQueue();
    const worker = await startWorker({ ports: own.ports, taskQueue, temporal: { address } });
    try {
      const input = shopInput({ repo_id: randomUUID(), options });
      const handle = await client.workflow.start(WORKFLOW, { taskQueue, workflowId: workflowId(input), args: [input] });
      const cancelled = cancelling(own, trouble.cancelledIn, () => handle.cancel());
      const end = await handle.result().then((value) => {
        const { snapshot_id, digest, stats, changed, notes } = value as RunResult; // of this workflow
        return { snapshot: snapshot_id, digest, parsed: stats.parsed_files, reused: stats.reused_files, skipped: stats.skipped_files, changed, diagnostics: stats.diagnostics, notes };
      }, (error: unknown) => failureOf(error instanceof Error ? error.cause : error));
      await cancelled;
      const { events } = await handle.query<RunSummary>(QUERIES.summary);
      return { end, events: events.map(told), lasted: lasted(events), ...await own.describe() };
    } finally {
      own.stops.release();
      await worker.stop();
    }
  }

  const faults: readonly (Fault | undefined)[] = [
    undefined, { stage: 'acquire', code: 'rate-limited', times: 2, details: { retryAfterSeconds: 600 } },
    ...STAGES.flatMap((stage): Fault[] => [{ stage, code: 'store-busy', times: 1 }, { stage, code: 'network', times: 3 }, { stage, code: 'store-full', times: 1 }]),
    { stage: 'link', code: 'facts-missing', times: 1 }, { stage: 'publish', code: 'facts-missing', times: 2 }, { stage: 'acquire', code: 'authentication-failed', times: 1 },
  ];

  it.each(faults.map((fault) => [fault === undefined ? 'nothing goes wrong' : `${fault.stage} fails with ${fault.code}, ${fault.times} times`, fault] as const))('where %s', async (_, fault) => {
    const course = await onTemporal([SHOP], { fault });
    expect(course).toEqual(await inProcess([SHOP], { fault }));
    expect(course.lasted).toBe(fault?.code === 'rate-limited' ? 2 : 0);
  });

  /** Shared out over several shards, two of them at a time. */
  const shards: NonNullable<RunInput['options']> = { fan_out_from: 100, shards_in_flight: 2 };
  const large: MemoryTree = manyFiles(1300);

  it.each([
    ['where a repository is shared out over shards', undefined],
    ['where a shard is tried again', { stage: 'extract', code: 'network', times: 1 }],
  ] as const)('%s', async (_, fault) => {
    expect(await onTemporal([large], { fault }, { ...skipping(), options: shards })).toEqual(await inProcess([large], { fault }));
  });

  // On the real server, which no pause holds up here: the one that skips time now and then never ends a step that is cancelled before it was begun.
  describe('on a server that keeps the time', () => {
    const parser = createTreeSitterParser({ workers: 0 });
    let connection: Connection;
    let real: OnTemporal;
    beforeAll(async () => {
      connection = await Connection.connect({ address: ADDRESS });
      real = { client: new Client({ connection }), address: ADDRESS };
    });
    afterAll(() => Promise.all([connection.close(), parser.close()]));

    it('where a shard fails, and the others are cancelled', async () => {
      const fault: Fault = { stage: 'extract', code: 'store-full', times: 1 };
      expect(await onTemporal([large], { fault }, { ...real, options: shards })).toEqual(await inProcess([large], { fault }));
    });

    it.each(STAGES)('where a run is cancelled in %s', async (cancelledIn) => {
      // By the linker that remembers, so that there is something to be undone.
      const linking = { parser, link: linkIncrementally };
      const dates = { 'src/dates.ts': 'export function parse(text: string): Date {\n  return new Date(text);\n}\n' };
      const trees = [dates, { ...dates, 'src/app.ts': "import { parse } from './dates.js';\nexport const today = (): Date => parse('now');\n" }];
      const course = await onTemporal(trees, { cancelledIn }, { ...real, replaced: linking });
      expect(course).toEqual(await inProcess(trees, { cancelledIn }, linking));
      // What the linker remembers is two entries for a snapshot: of the one before, and of the new one if that is published; when all is done, of the newest.
      expect(course.left.filter((key) => key.startsWith('linkage/'))).toHaveLength(['record', 'retire'].includes(cancelledIn) ? 4 : 2);
      expect(course.end).toMatchObject(cancelledIn === 'release' ? { changed: true } : { code: 'aborted', retryable: false });
    });
  });
});
