import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { CodeloomError } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { Logger } from '../../domain/ports/logger.js';
import { createActivities, type ActivitiesOptions } from './activities.js';
import { DEFAULT_NAMESPACE, type TemporalAddress } from './address.js';
import { checkNamespace, connectClient, connectionError, connectionOptions } from './connection.js';
import { TASK_QUEUE } from './contract.js';
import { attemptsWatched } from './attempts.js';
import { workflowSpans } from './tracing.js';
import { codeFor, type WorkflowCode } from './workflow-code.js';

export interface TemporalWorkerOptions extends ActivitiesOptions {
  readonly temporal: TemporalAddress;
  /** Default `repo-indexing-queue`. */
  readonly taskQueue?: string | undefined;
  readonly tuning?: WorkerTuning | undefined;
  readonly workflowCode: WorkflowCode;
  /** Takes note of each attempt at a step, and of what the SDK warns of; default: nothing of the first, standard error for the second. */
  readonly logger?: Logger | undefined;
}

/** How much a worker takes on. */
export interface WorkerTuning {
  /** Steps at once; default 4. Parsing shares one pool of threads, however many steps parse. */
  readonly activities?: number | undefined;
  /** Decisions of workflows at once; default 10. */
  readonly workflowTasks?: number | undefined;
  /** Workflows whose state is kept between decisions; others are replayed. Default 100. */
  readonly cachedWorkflows?: number | undefined;
  /** So long running steps may go on after the worker was told to stop, before they are handed to another worker; default 20. */
  readonly shutdownGraceSeconds?: number | undefined;
}

/** A worker that is connected, and polls once it runs. */
export interface TemporalWorker {
  readonly taskQueue: string;
  readonly namespace: string;
  /**
   * Works until the signal fires, and then until what it does has ended or is handed over: no attempt of a step is lost by that. Rejects when the server cannot be
   * worked with any more.
   */
  run(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Resolves when the server answers over the worker's connection. Errors: `network`, `authentication-failed`, `permission-denied`, `invalid-configuration`. */
  reach(options?: CallOptions): Promise<void>;
}

/** So often heartbeats reach the server at most: what a killed worker had got to, and whether a run is cancelled, is known by them. */
const HEARTBEAT_MS = 200;
/** A step that does not even stop when it is told to keeps the process no longer than this. */
const FORCE_SECONDS = 60;

/**
 * Connects a worker for runs. Errors: `network`, `authentication-failed`, `permission-denied`, `invalid-configuration`.
 *
 * @example
 * const worker = await createTemporalWorker({ temporal: { address: 'localhost:7233' }, ports, indexerVersion, workflowCode });
 * await worker.run({ signal });
 */
export async function createTemporalWorker({ temporal, taskQueue = TASK_QUEUE, tuning = {}, workflowCode, logger, ...activities }: TemporalWorkerOptions): Promise<TemporalWorker> {
  const { namespace = DEFAULT_NAMESPACE } = temporal;
  const { activities: steps = 4, workflowTasks = 10, cachedWorkflows = 100, shutdownGraceSeconds = 20 } = tuning;
  await checkServer(temporal);
  // Not before it is needed: it goes when the last connection does, and until then keeps the process.
  installRuntime(logger);
  const connection = await NativeConnection.connect(connectionOptions(temporal)).catch((error: unknown) => {
    throw connectionError(error, temporal);
  });
  try {
    const code = await codeFor(workflowCode);
    const worker = await Worker.create({
      connection, namespace, taskQueue, activities: createActivities(activities),
      ...code,
      interceptors: { ...('workflowsPath' in code ? { workflowModules: [code.workflowsPath] } : {}), activity: [(context) => ({ inbound: attemptsWatched(context, { logger, telemetry: activities.ports.telemetry }) })] }, sinks: workflowSpans,
      maxConcurrentActivityTaskExecutions: steps, maxConcurrentWorkflowTaskExecutions: workflowTasks, maxCachedWorkflows: cachedWorkflows,
      maxHeartbeatThrottleInterval: HEARTBEAT_MS, defaultHeartbeatThrottleInterval: HEARTBEAT_MS,
      shutdownGraceTime: shutdownGraceSeconds * 1000, shutdownForceTime: (shutdownGraceSeconds + FORCE_SECONDS) * 1000,
    });
    return {
      taskQueue, namespace,
      reach: ({ signal } = {}) => (signal === undefined ? checkNamespace(connection, temporal) : connection.withAbortSignal(signal, () => checkNamespace(connection, temporal))),
      async run({ signal } = {}) {
        const stop = (): void => {
          if (worker.getState() === 'RUNNING') worker.shutdown();
        };
        signal?.addEventListener('abort', stop, { once: true });
        try {
          const running = worker.run();
          if (signal?.aborted === true) stop();
          await running;
        } catch (error) {
          throw connectionError(error, temporal);
        } finally {
          signal?.removeEventListener('abort', stop);
          await connection.close();
        }
      },
    };
  } catch (error) {
    await connection.close();
    throw connectionError(error, temporal);
  }
}

/**
 * What refuses a worker's own connection says why in words alone; the client's says it by a code. A worker that was made for a namespace that is not there would keep its process from
 * ending.
 */
async function checkServer(temporal: TemporalAddress): Promise<void> {
  const connection = await connectClient(temporal);
  try {
    await checkNamespace(connection, temporal);
  } finally {
    await connection.close();
  }
}

/** The signals of the process are its owner's to handle; a program that has set up the runtime itself keeps it. */
function installRuntime(logger: Logger | undefined): void {
  try {
    Runtime.install({
      shutdownSignals: [],
      // What its core says comes to the same place; by itself it goes to standard output.
      telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) } },
      logger: new DefaultLogger('WARN', logger === undefined ? undefined : ({ level, message }) => logger.log(level === 'ERROR' ? 'error' : 'warn', { event: 'temporal', message })),
    });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'IllegalStateError') throw CodeloomError.from(error);
  }
}
