import type { IndexRun, RunEvent } from '../domain/index-run.js';
import type { MetadataStore } from '../domain/ports/metadata-store.js';
import type { Repository } from '../domain/repository.js';
import type { StepContext } from './steps.js';

/** A run that ended without a word is told apart from one that said how. One that is alive after all says how it ended when it does, in place of this. */
const SILENT_END = { code: 'aborted', message: 'It ended without a word: its process was killed, or the machine stopped.' } as const;
/** Runs looked back upon: a run before the last ended well settled those before it. */
const LOOK_BACK = 50;

export interface RunRecord {
  readonly run: IndexRun;
  /** Events that may not have been recorded yet; those that are there already stay as they are. */
  readonly events: readonly RunEvent[];
  /** Saved with the run, when given. */
  readonly repository?: Repository | undefined;
}

/** Records where a run stands. Idempotent. Errors: those of the store. */
export async function recordRun({ metadataStore }: { readonly metadataStore: MetadataStore }, { run, events, repository }: RunRecord, { signal }: StepContext): Promise<void> {
  const options = { signal };
  if (repository !== undefined) await metadataStore.saveRepository(repository, options);
  await metadataStore.saveRun(run, options);
  if (events.length > 0) await metadataStore.appendEvents(run.id, events, options);
}

/** Ends the records of runs of the branch that began before this one and never said how they ended. Errors: those of the store. */
export async function settleOtherRuns({ metadataStore }: { readonly metadataStore: MetadataStore }, { repository, branch, startedAt }: IndexRun, { signal }: StepContext): Promise<void> {
  const options = { signal };
  for (const other of await metadataStore.runs(repository, { limit: LOOK_BACK, ...options })) {
    if (other.status === 'running' && other.branch === branch && other.startedAt < startedAt) await metadataStore.saveRun({ ...other, status: 'failed', error: SILENT_END }, options);
  }
}
