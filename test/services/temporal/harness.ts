import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import { createTemporalRuns } from '../../../src/adapters/temporal/runs.js';
import { createTemporalWorker, type TemporalWorkerOptions } from '../../../src/adapters/temporal/worker.js';
import type { RunInput } from '../../../src/adapters/temporal/contract.js';
import { createMemoryFactStore } from '../../../src/adapters/memory/fact-store.js';
import { createMemoryGitHost, type MemoryGitHost, type MemoryTree } from '../../../src/adapters/memory/git-host.js';
import type { DurableRunRequest, DurableRuns } from '../../../src/domain/ports/durable-runs.js';
import { workflowCode } from '../../../src/infrastructure/workflow-code.js';
import { systemClock } from '../../../src/infrastructure/system-clock.js';
import type { IndexingPorts } from '../../../src/use-cases/indexing-ports.js';
import { SHOP, VERSION, workbench } from '../../use-cases/workbench.js';

/** Failures are what these tests are about: told by their results, not by logs. The runtime goes with the last that uses it. */
function quietRuntime(): void {
  try {
    Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } } });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'IllegalStateError') throw error;
  }
}
quietRuntime();

/** The server of the tests. */
export const ADDRESS = process.env['CODELOOM_TEST_TEMPORAL_URL'] ?? '127.0.0.1:9';

/** Servers that scripts/test-services.mjs starts. */
type Service = 'temporal' | 'neo4j' | 'postgres';
type ServiceCommand = 'stop' | 'crash' | 'start' | 'test-server';
const scriptOf = (name: Service): string | undefined => process.env[`CODELOOM_TEST_${name.toUpperCase()}_SCRIPT`];

/** Whether a server is the tests' own, to be killed and started. */
export const isOwn = (name: Service): boolean => scriptOf(name) !== undefined;
export const OWN_SERVER = isOwn('temporal');

/** Does something to a server of the tests' own; gives the last line that its script says. */
export async function service(name: Service, command: ServiceCommand): Promise<string> {
  return (await promisify(execFile)('bash', [scriptOf(name) ?? '', command], { env: process.env })).stdout.trim().split('\n').at(-1) ?? '';
}

export const server = (command: ServiceCommand): Promise<string> => service('temporal', command);

export const freshQueue = (): string => `test-${randomUUID()}`;

/** A repository in memory under a URL, as runs name repositories. */
export const SHOP_URL = 'https://code.example/acme/shop';

export interface Memory {
  readonly ports: IndexingPorts;
  readonly git: MemoryGitHost;
}

/** All ports in memory, with the time of the world: what several workers of this process share as they would a server. */
export function memory(tree: MemoryTree = SHOP, replaced: Partial<IndexingPorts> = {}): Memory {
  const git = createMemoryGitHost({ repositories: [{ location: SHOP_URL, branches: { main: [tree] } }] });
  const { ports } = workbench(tree, { gitHost: git, clock: systemClock, factStore: createMemoryFactStore(), ...replaced });
  return { ports, git };
}

export interface RunningWorker {
  /** In good order. */
  stop(): Promise<void>;
}

export async function startWorker(options: Pick<TemporalWorkerOptions, 'ports' | 'taskQueue'> & Partial<TemporalWorkerOptions>): Promise<RunningWorker> {
  quietRuntime();
  const worker = await createTemporalWorker({ temporal: { address: ADDRESS }, indexerVersion: VERSION, workflowCode: workflowCode(), ...options });
  const stopping = new AbortController();
  const running = worker.run({ signal: stopping.signal });
  running.catch(() => undefined);
  return {
    stop() {
      stopping.abort();
      return running;
    },
  };
}

/** Waits until the server takes connections. */
export async function serverIsUp(): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await (await NativeConnection.connect({ address: ADDRESS })).close();
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

export function openTestRuns(taskQueue: string, options: Partial<Parameters<typeof createTemporalRuns>[0]> = {}): Promise<DurableRuns> {
  return createTemporalRuns({ temporal: { address: ADDRESS }, taskQueue, heartbeatSeconds: 5, ...options });
}

/** A request that no other test's is mixed up with. */
export function shopRequest(more: Partial<DurableRunRequest> = {}): DurableRunRequest {
  return { repositoryId: randomUUID(), name: 'acme/shop', url: SHOP_URL, branch: 'main', ...more };
}

/** The input that the origin's contract names, with no field more. */
export function shopInput(more: Partial<RunInput> = {}): RunInput {
  return { installation_id: 4711, github_repo_name: 'acme/shop', repo_id: randomUUID(), default_branch: 'main', repo_url: SHOP_URL, ...more };
}

export async function until(condition: () => boolean | Promise<boolean>, what: string, milliseconds = 30_000): Promise<void> {
  const begun = performance.now();
  while (!await condition()) {
    if (performance.now() - begun > milliseconds) throw new Error(`${what}: not within ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
