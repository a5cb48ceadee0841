import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUERIES, WORKFLOW, workflowId, type RunInput, type RunResult } from '../../../src/adapters/temporal/contract.js';
import { errorOf } from '../../../src/adapters/temporal/failures.js';
import { createMemoryClock } from '../../../src/adapters/memory/clock.js';
import type { MemoryTree } from '../../../src/adapters/memory/git-host.js';
import { CodeloomError, type ErrorCode } from '../../../src/domain/errors.js';
import type { RunEvent } from '../../../src/domain/index-run.js';
import type { RunSummary } from '../../../src/domain/run-progress.js';
import type { IndexingPorts } from '../../../src/use-cases/indexing-ports.js';
import { runIndex } from '../../../src/use-cases/run-index.js';
import { SHOP, VERSION } from '../../use-cases/workbench.js';
import { ADDRESS, freshQueue, memory, OWN_SERVER, server, SHOP_URL, shopInput, startWorker } from './harness.js';

// Law 5: in process and on Temporal, the same result and the same events, faults included. Time is skipped: pauses between attempts cost nothing.

type Stage = 'acquire' | 'extract' | 'link' | 'publish' | 'record' | 'retire' | 'release';
const STAGES: readonly Stage[] = ['acquire', 'extract', 'link', 'publish', 'record', 'retire', 'release'];

/** What goes wrong: a stage fails with a code, so many times. */
interface Fault {
  readonly stage: Stage;
  readonly code: ErrorCode;
  readonly times: number;
}

/** Ports of which one fails as a stage begins its work. */
function faulty(ports: IndexingPorts, fault: Fault | undefined): IndexingPorts {
  if (fault === undefined) return ports;
  let left = fault.times;
  const fail = (): void => {
    if (left-- > 0) throw new CodeloomError(fault.code, `The ${fault.stage} stage fails with ${fault.code}.`);
  };
  const { gitHost, parser, graphStore, metadataStore } = ports;
  switch (fault.stage) {
    case 'acquire': return { ...ports, gitHost: { ...gitHost, resolve: async (...request) => (fail(), gitHost.resolve(...request)) } };
    case 'extract': return { ...ports, parser: { ...parser, extract: async function* (...request) { fail(); yield* parser.extract(...request); } } };
    case 'link': return { ...ports, link: async function* (...request) { fail(); yield* ports.link(...request); } };
    case 'publish': return { ...ports, graphStore: { ...graphStore, publish: async (...request) => (fail(), graphStore.publish(...request)) } };
    case 'record': return { ...ports, metadataStore: { ...metadataStore, saveSnapshot: async (...request) => (fail(), metadataStore.saveSnapshot(...request)) } };
    case 'retire': return { ...ports, graphStore: { ...graphStore, snapshots: async (...request) => (fail(), graphStore.snapshots(...request)) } };
    case 'release': return { ...ports, gitHost: { ...gitHost, release: async (...request) => (fail(), gitHost.release(...request)) } };
  }
}

/** All that is compared of a run: how it ended, what it told, what the stores hold. */
interface Course {
  readonly end: unknown;
  readonly events: readonly unknown[];
  readonly heads: readonly unknown[];
  readonly recorded: readonly unknown[];
}

async function describeStores({ graphStore, metadataStore }: IndexingPorts): Promise<Pick<Course, 'heads' | 'recorded'>> {
  const heads = (await graphStore.heads()).map(({ createdAt: _, ...head }) => head);
  const runs = await metadataStore.runs(`memory/${SHOP_URL}`);
  return { heads, recorded: await Promise.all(runs.map(async ({ id, status, branch, snapshot, error }) => [status, branch, snapshot, error, (await metadataStore.events(id)).map(told)])) };
}

/** An event without its time, which is another in each world. */
const told = ({ at: _, ...event }: RunEvent): unknown => event;

async function inProcess(tree: MemoryTree, fault: Fault | undefined): Promise<Course> {
  const { ports } = memory(tree, { clock: createMemoryClock() });
  const events: RunEvent[] = [];
  const end = await runIndex(faulty(ports, fault), { location: SHOP_URL, ref: 'main', branch: 'main' }, { indexerVersion: VERSION, onEvent: (event) => events.push(event) })
    .then(({ snapshot, counts, status, diagnostics, notes }) => ({
      snapshot: snapshot.id, digest: snapshot.digest, parsed: counts.parsed, reused: counts.reused, skipped: counts.skipped, changed: status === 'indexed', diagnostics, notes,
    }), failureOf);
  return { end, events: events.map(told), ...await describeStores(ports) };
}

const failureOf = (thrown: unknown): unknown => {
  const { code, message, retryable } = errorOf(thrown);
  return { code, message, retryable };
};

describe.skipIf(!OWN_SERVER)('law 5: one orchestration', () => {
  let environment: TestWorkflowEnvironment;
  beforeAll(async () => {
    environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path: await server('test-server') } } });
  });
  afterAll(() => environment.teardown());

  async function onTemporal(
    tree: MemoryTree, fault: Fault | undefined, options: NonNullable<RunInput['options']> = {}, { client, address }: Pick<TestWorkflowEnvironment, 'client' | 'address'> = environment,
  ): Promise<Course> {
    const { ports } = memory(tree);
    const taskQueue = freshQueue();
    const worker = await startWorker({ ports: faulty(ports, fault), taskQueue, temporal: { address } });
    try {
      const input = shopInput({ repo_id: randomUUID(), options });
      const handle = await client.workflow.start(WORKFLOW, { taskQueue, workflowId: workflowId(input), args: [input] });
      const end = await handle.result().then((value) => {
        const { snapshot_id, digest, stats, changed, notes } = value as RunResult; // of this workflow
        return { snapshot: snapshot_id, digest, parsed: stats.parsed_files, reused: stats.reused_files, skipped: stats.skipped_files, changed, diagnostics: stats.diagnostics, notes };
      }, (error: unknown) => failureOf(error instanceof Error ? error.cause : error));
      const { events } = await handle.query<RunSummary>(QUERIES.summary);
      return { end, events: events.map(told), ...await describeStores(ports) };
    } finally {
      await worker.stop();
    }
  }

  const faults: readonly (Fault | undefined)[] = [
    undefined,
    ...STAGES.flatMap((stage): Fault[] => [{ stage, code: 'store-busy', times: 1 }, { stage, code: 'network', times: 3 }, { stage, code: 'store-full', times: 1 }]),
    { stage: 'link', code: 'facts-missing', times: 1 }, { stage: 'publish', code: 'facts-missing', times: 2 }, { stage: 'acquire', code: 'authentication-failed', times: 1 },
  ];

  it.each(faults.map((fault) => [fault === undefined ? 'nothing goes wrong' : `${fault.stage} fails with ${fault.code}, ${fault.times} times`, fault] as const))('where %s', async (_, fault) => {
    expect(await onTemporal(SHOP, fault)).toEqual(await inProcess(SHOP, fault));
  });

  /** Shared out over several shards, two of them at a time. */
  const shards: NonNullable<RunInput['options']> = { fan_out_from: 100, shards_in_flight: 2 };
  const large: MemoryTree = Object.fromEntries(Array.from({ length: 1300 }, (_file, index) => [`part${index % 13}/file${index}.toy`, `def f${index}\n  call f${(index * 7) % 1300}\n`]));

  it.each([
    ['where a repository is shared out over shards', undefined],
    ['where a shard is tried again', { stage: 'extract', code: 'network', times: 1 }],
  ] as const)('%s', async (_, fault) => {
    expect(await onTemporal(large, fault, shards)).toEqual(await inProcess(large, fault));
  });

  // On the real server, which no pause holds up here: the one that skips time now and then never ends a step that is cancelled before it was begun.
  it('where a shard fails, and the others are cancelled', async () => {
    const fault: Fault = { stage: 'extract', code: 'store-full', times: 1 };
    const connection = await Connection.connect({ address: ADDRESS });
    try {
      expect(await onTemporal(large, fault, shards, { client: new Client({ connection }), address: ADDRESS })).toEqual(await inProcess(large, fault));
    } finally {
      await connection.close();
    }
  });
});
