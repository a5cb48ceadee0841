import { CodeloomError, throwIfAborted } from '../domain/errors.js';
import type { RunEventBody, RunId, Stage } from '../domain/index-run.js';
import type { RetireResult } from '../domain/ports/graph-store.js';
import type { Repository } from '../domain/repository.js';
import type { Snapshot } from '../domain/snapshot.js';
import type { OverlayUse } from './overlays.js';
import { DEFAULT_MAX_FILE_BYTES, DEFAULT_RETENTION, type Acquired, type Extracted, type IndexRequest, type Linked, type Published, type StepContext, type Steps, type Undo } from './steps.js';

export interface IndexInput {
  readonly run: RunId;
  readonly request: IndexRequest;
  readonly indexerVersion: string;
}

/** What a run needs besides its steps. */
export interface IndexEffects {
  /** ISO 8601, UTC. */
  now(): string;
  /** Takes note of an event; never fails the run. */
  emit(event: RunEventBody): void | Promise<void>;
}

/** How a run ended well. */
export interface IndexOutcome {
  readonly run: RunId;
  /** `unchanged`: the branch's head was this state already, and nothing was written. */
  readonly status: 'indexed' | 'unchanged';
  readonly repository: Repository;
  /** The branch's head now, with commit, digest and statistics. */
  readonly snapshot: Snapshot;
  readonly counts: {
    /** Paths by what became of them. */
    readonly listed: number; readonly selected: number; readonly skipped: number;
    /** Contents parsed anew, and those whose facts were there. */
    readonly parsed: number; readonly reused: number;
    /** Files of the graph against the branch's head before. */
    readonly added: number; readonly replaced: number; readonly removed: number;
    /** Partitions written to the graph store. */
    readonly written: number;
    /** Snapshots that retention removed. */
    readonly retired: number;
  };
  /** How many diagnostics the snapshot holds. */
  readonly diagnostics: number;
  /** How imported indexes fared; absent when there are none, or nothing was done. */
  readonly overlays?: readonly OverlayUse[];
  /** Things worth telling about the source: a shallow clone, submodules, LFS pointers … */
  readonly notes: readonly string[];
}

/**
 * Indexes a repository: the order of the stages, what each hands to the next, and what happens when one fails. Deterministic: it computes nothing but from its
 * input and what steps and effects give, so that a workflow engine can replay it. Release runs at the end of every run, after failure and cancellation
 * too, out of reach of the cancellation; before it, what the steps of a failed run want undone is undone, the last done first. When something that lay in the FactStore for a later stage is gone (another run took it along), the run begins once
 * more from the start. Rejects with the CodeloomError of the stage that failed.
 */
export async function indexRepository(input: IndexInput, steps: Steps, effects: IndexEffects, context: StepContext = {}): Promise<IndexOutcome> {
  const reached: Reached = { undos: [] };
  await effects.emit({ type: 'run-started' });
  let outcome: IndexOutcome;
  try {
    try {
      outcome = await runStages(input, steps, effects, context, reached);
    } catch (error) {
      if (CodeloomError.from(error).code !== 'facts-missing') throw error;
      outcome = await runStages(input, steps, effects, context, reached);
    }
  } catch (caught) {
    const error = CodeloomError.from(caught);
    await undo(steps, reached.undos);
    await release(input, steps, effects, { ...reached, succeeded: false });
    await effects.emit({ type: 'run-finished', status: error.code === 'aborted' ? 'cancelled' : 'failed' });
    throw error;
  }
  await release(input, steps, effects, { ...reached, succeeded: true });
  await effects.emit({ type: 'run-finished', status: outcome.status === 'indexed' ? 'succeeded' : 'unchanged', snapshot: outcome.snapshot.id });
  return outcome;
}

/** What cannot be undone hides neither the rest nor the error: it is left to the next run's tidying. */
async function undo(steps: Steps, undos: readonly Undo[]): Promise<void> {
  for (const each of [...undos].reverse()) await steps.undo(each, {}).catch(() => {});
}

interface Reached {
  /** What the steps that succeeded want undone should a later one fail, in their order. */
  readonly undos: Undo[];
  acquired?: Acquired;
  extracted?: Extracted;
  linked?: Linked;
}

async function runStages({ run, request, indexerVersion }: IndexInput, steps: Steps, effects: IndexEffects, context: StepContext, reached: Reached): Promise<IndexOutcome> {
  const stage = <T extends object>(name: Stage, work: () => Promise<T>, counts: (result: T) => Readonly<Record<string, number>>) => {
    const noting = async (): Promise<T> => {
      const result = await work();
      if ('undo' in result && Array.isArray(result.undo)) reached.undos.push(...result.undo as readonly Undo[]); // by the types of the steps' results
      return result;
    };
    return runStage(name, { work: noting, counts, effects, context });
  };

  const acquired = await stage('acquire', () => steps.acquire({ request, indexerVersion }, context), ({ counts }) => counts);
  reached.acquired = acquired;
  if (acquired.unchanged !== undefined) return describeUnchanged(run, acquired, acquired.unchanged);
  const { revision, listing, base } = acquired;

  const maxFileBytes = request.maxFileBytes ?? DEFAULT_MAX_FILE_BYTES;
  const extracted = await stage('extract', () => steps.extract({ revision, listing, maxFileBytes }, context), ({ counts }) => counts);
  reached.extracted = extracted;

  const linked = await stage('link', () => steps.link({ repository: revision.repository.id, facts: extracted.facts, base, snapshot: acquired.snapshot, indexerVersion, overlays: acquired.overlays }, context), ({ counts }) => counts);
  reached.linked = linked;
  // Nothing more came of the files that were not read in time before.
  if (acquired.again !== undefined && acquired.again.digest === linked.digest) return describeUnchanged(run, acquired, acquired.again);

  const createdAt = effects.now();
  const published = await stage('publish', () => steps.publish({ acquired, linked, createdAt, indexerVersion }, context), ({ created, written }) => ({ created: created ? 1 : 0, written }));
  await stage('record', () => steps.record({ acquired, linked, snapshot: published.snapshot.id }, context), ({ files }) => ({ files }));

  const retention = request.retention ?? DEFAULT_RETENTION;
  const retired = await stage('retire', () => steps.retire({ repository: revision.repository.id, retention, now: createdAt, facts: extracted.facts }, context),
    ({ snapshots, partitions, nodes }) => ({ snapshots, partitions, nodes }));
  return describeIndexed({ run, acquired, extracted, linked, published, retired });
}

async function runStage<T>(
  stage: Stage,
  { work, counts, effects, context }: { work: () => Promise<T>; counts: (result: T) => Readonly<Record<string, number>>; effects: IndexEffects; context: StepContext },
): Promise<T> {
  await effects.emit({ type: 'stage-started', stage });
  let result: T;
  try {
    throwIfAborted(context.signal);
    result = await work();
  } catch (caught) {
    const error = CodeloomError.from(caught);
    await effects.emit({ type: 'stage-failed', stage, code: error.code, message: error.message });
    throw error;
  }
  await effects.emit({ type: 'stage-finished', stage, counts: counts(result) });
  return result;
}

/** What cannot be released is told by its event and hides neither the run's result nor its error. */
async function release({ run }: IndexInput, steps: Steps, effects: IndexEffects, reached: Reached & { succeeded: boolean }): Promise<void> {
  const { succeeded, acquired, extracted, linked } = reached;
  const work = () => steps.release({ run, succeeded, acquired, extracted, linked }, {});
  await runStage('release', { work, counts: () => ({}), effects, context: {} }).catch(() => {});
}

function describeUnchanged(run: RunId, { revision, counts }: Acquired, snapshot: Snapshot): IndexOutcome {
  return {
    run, status: 'unchanged', repository: revision.repository, snapshot,
    counts: { ...counts, parsed: 0, reused: 0, added: 0, replaced: 0, removed: 0, written: 0, retired: 0 },
    diagnostics: snapshot.stats.diagnostics, notes: [...revision.notes, ...provisionalNote(snapshot)],
  };
}

function provisionalNote({ stats: { provisional = 0 } }: Snapshot): string[] {
  return provisional === 0 ? [] : [`${provisional} ${provisional === 1 ? 'file was' : 'files were'} not read in time or killed a worker, and ${provisional === 1 ? 'has' : 'have'} no definitions; a run in an hour or later tries again.`];
}

/** What a run could not take along of what was imported. */
function overlayNotes({ overlays = [] }: Linked): string[] {
  return overlays.flatMap(({ source, files, stale, lost }) => (
    lost === true ? [`What was imported from ${source} is no longer kept: import it again.`]
      : stale > 0 ? [`${stale} of ${files + stale} files of ${source} have another text now than its index is about, and are without it: make that index anew and import it.`] : []
  ));
}

function describeIndexed(
  { run, acquired: { revision, counts }, extracted, linked, published: { snapshot, written }, retired }:
  { run: RunId; acquired: Acquired; extracted: Extracted; linked: Linked; published: Published; retired: RetireResult },
): IndexOutcome {
  const { added, replaced, removed } = linked.counts;
  return {
    run, status: 'indexed', repository: revision.repository, snapshot,
    counts: { ...counts, parsed: extracted.counts.parsed, reused: extracted.counts.reused, added, replaced, removed, written, retired: retired.snapshots },
    diagnostics: linked.stats.diagnostics, notes: [...revision.notes, ...provisionalNote(snapshot), ...overlayNotes(linked)],
    ...(linked.overlays === undefined ? {} : { overlays: linked.overlays }),
  };
}
