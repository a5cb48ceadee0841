import type { TemporalAddress } from '../adapters/temporal/address.js';
import type { TemporalWorker, WorkerTuning } from '../adapters/temporal/worker.js';
import type { CallOptions } from '../domain/ports/call-options.js';
import { checkReadiness, type Readiness } from '../use-cases/check-readiness.js';
import { compose, type CodeloomOptions } from './create-codeloom.js';
import { withDriver } from './peer-package.js';
import { indexerVersion } from './version.js';
import { workflowCode } from './workflow-code.js';

/** What {@link createWorker} takes. */
export interface CreateWorkerOptions {
  readonly temporal: TemporalAddress;
  /** Default `repo-indexing-queue`. */
  readonly taskQueue?: string | undefined;
  readonly tuning?: WorkerTuning | undefined;
  /** Where the stores lie, and what else {@link createCodeloom} takes. Workers of one queue share their stores, or their runs find nothing of each other. */
  readonly codeloom?: CodeloomOptions | undefined;
}

/** A worker with stores of its own. */
export interface WorkerWithStores extends TemporalWorker {
  /** Whether the stores and the server answer. */
  readiness(options?: CallOptions): Promise<Readiness>;
}

/**
 * A worker for runs on Temporal, with stores of its own, which are closed when its run has ended. Needs the packages of Temporal, which codeloom does not bring. Errors:
 * `network`, `authentication-failed`, `permission-denied`, `invalid-configuration`, and those of the stores.
 *
 * @example
 * const worker = await createWorker({ temporal: { address: 'localhost:7233' }, codeloom: { graphStore: 'postgres' } });
 * await worker.run({ signal });
 */
export async function createWorker({ temporal, taskQueue, tuning, codeloom = {} }: CreateWorkerOptions): Promise<WorkerWithStores> {
  const { container, TOKENS } = await compose(codeloom);
  try {
    const ports = await container.getAsync(TOKENS.indexingPorts);
    const worker = await withDriver('Temporal', async () => (await import('../adapters/temporal/worker.js')).createTemporalWorker({
      ports, logger: codeloom.logger, indexerVersion: indexerVersion(), temporal, taskQueue, tuning, workflowCode: workflowCode(),
    }));
    return {
      ...worker,
      readiness: (options) => checkReadiness({ ...ports, temporal: worker.reach }, options),
      async run(options) {
        try {
          await worker.run(options);
        } finally {
          await container.unbindAllAsync();
        }
      },
    };
  } catch (error) {
    await container.unbindAllAsync();
    throw error;
  }
}
