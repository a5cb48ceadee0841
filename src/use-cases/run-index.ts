import { CodeloomError } from '../domain/errors.js';
import type { IndexRun, RunEvent, RunEventBody, RunId } from '../domain/index-run.js';
import type { Clock } from '../domain/ports/clock.js';
import type { Revision } from '../domain/ports/git-host.js';
import type { MetadataStore } from '../domain/ports/metadata-store.js';
import { allObservers, type ObservedRun } from '../domain/ports/run-observer.js';
import { NO_TELEMETRY } from '../domain/ports/telemetry.js';
import type { Repository } from '../domain/repository.js';
import { withoutCredentials } from '../domain/without-credentials.js';
import { indexRepository, type IndexOutcome } from './index-repository.js';
import type { IndexingPorts } from './indexing-ports.js';
import { inProcessSteps } from './in-process-steps.js';
import { settleOtherRuns } from './record-run.js';
import { DEFAULT_RETRY_POLICY, withRetries, type RetryPolicy } from './retry-policy.js';
import type { IndexRequest, StageProgress, Steps } from './steps.js';

export interface RunIndexOptions {
  /** Names everything besides the parser that decides what graph comes out. */
  readonly indexerVersion: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: StageProgress) => void) | undefined;
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
  readonly retryPolicy?: RetryPolicy | undefined;
}

/**
 * Indexes a repository in this process: the orchestration over the use cases, under the retry policy. The run and its numbered events are recorded as they
 * happen, from the moment the repository is known; a run that fails before is told by its error and `onEvent` alone. Rejects with the CodeloomError of the
 * stage that failed, or `aborted`; the last published snapshot stays.
 */
export async function runIndex(ports: IndexingPorts, request: IndexRequest, options: RunIndexOptions): Promise<IndexOutcome> {
  const { telemetry = NO_TELEMETRY } = ports;
  const run: RunId = ports.clock.uniqueId();
  return telemetry.span({ name: 'codeloom.run', attributes: { 'codeloom.run': run } }, async (span) => {
    const outcome = await runObserved(run, ports, request, options);
    const { repository, snapshot, status } = outcome;
    span.set({ 'codeloom.repository': repository.id, 'codeloom.branch': snapshot.branch, 'codeloom.status': status, ...(snapshot.commit === undefined ? {} : { 'codeloom.commit': snapshot.commit }) });
    return outcome;
  });
}

async function runObserved(run: RunId, ports: IndexingPorts, request: IndexRequest, options: RunIndexOptions): Promise<IndexOutcome> {
  const { indexerVersion, signal, onProgress, onEvent, retryPolicy: policy = DEFAULT_RETRY_POLICY } = options;
  const { clock, metadataStore } = ports;
  const observers = allObservers(ports.observers ?? []);
  const now = (): string => clock.now().toISOString();
  const startedAt = now();
  let about: ObservedRun = { id: run, startedAt, location: withoutCredentials(request.location) };
  const recorder = createRunRecorder({
    run, startedAt, metadataStore, clock,
    onEvent(event) {
      onEvent?.(event);
      observers.event(event, about);
    },
  });
  const steps = reportingRevision(inProcessSteps(ports), async (revision) => {
    const { repository, branch, commit } = revision;
    about = { ...about, repository, branch, commit };
    await recorder.known(repository, branch);
  });
  try {
    const outcome = await indexRepository(
      { run, request, indexerVersion },
      withRetries(steps, { policy, clock, emit: recorder.emit }),
      { now, emit: recorder.emit },
      { signal, onProgress },
    );
    observers.ended({ status: outcome.status === 'indexed' ? 'succeeded' : 'unchanged', at: now(), snapshot: outcome.snapshot.id, counts: outcome.snapshot.stats }, about);
    await recorder.settleOthers();
    return outcome;
  } catch (caught) {
    const error = CodeloomError.from(caught);
    observers.ended({ status: error.code === 'aborted' ? 'cancelled' : 'failed', at: now(), error: { code: error.code, message: error.message } }, about);
    await recorder.failed(error);
    throw error;
  }
}

interface RunRecorder {
  emit(event: RunEventBody): Promise<void>;
  /** Tells what the run is about; what happened before is recorded now. */
  known(repository: Repository, branch: string): Promise<void>;
  failed(error: CodeloomError): Promise<void>;
  /** Ends the records of runs that began before this one and never said how they ended. */
  settleOthers(): Promise<void>;
}

/** Numbers events and records them and the run. A store that takes none of it does not fail the run; what it missed is tried again with the next event. */
function createRunRecorder({ run, startedAt, metadataStore, clock, onEvent }: {
  run: RunId; startedAt: string; metadataStore: MetadataStore; clock: Clock; onEvent: (event: RunEvent) => void;
}): RunRecorder {
  let sequence = 0;
  let unsaved: RunEvent[] = [];
  let record: IndexRun | undefined;

  async function save(next: IndexRun | undefined): Promise<void> {
    if (next === undefined) return;
    const changed = next !== record;
    record = next;
    try {
      if (changed) await metadataStore.saveRun(next);
      if (unsaved.length > 0) await metadataStore.appendEvents(run, unsaved);
      unsaved = [];
    } catch {
      // The stage that writes to the same store tells what is wrong with it.
    }
  }

  return {
    async emit(body) {
      const event: RunEvent = { sequence: ++sequence, at: clock.now().toISOString(), ...body };
      unsaved.push(event);
      onEvent(event);
      await save(record !== undefined && body.type === 'run-finished'
        ? { ...record, status: body.status, finishedAt: event.at, ...(body.snapshot === undefined ? {} : { snapshot: body.snapshot }) }
        : record);
    },
    async known(repository, branch) {
      if (record !== undefined) return;
      try {
        await metadataStore.saveRepository(repository);
      } catch {
        // As above.
      }
      await save({ id: run, repository: repository.id, branch, status: 'running', startedAt });
    },
    async failed(error) {
      if (record !== undefined) await save({ ...record, error: { code: error.code, message: error.message } });
    },
    async settleOthers() {
      if (record === undefined) return;
      try {
        await settleOtherRuns({ metadataStore }, record, {});
      } catch {
        // As above.
      }
    },
  };
}

function reportingRevision(steps: Steps, tell: (revision: Revision) => Promise<void>): Steps {
  return {
    ...steps,
    async acquire(input, context) {
      const acquired = await steps.acquire(input, context);
      await tell(acquired.revision);
      return acquired;
    },
  };
}
