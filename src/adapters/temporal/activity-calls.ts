import { z } from 'zod';
import type { ErrorCode } from '../../domain/errors.js';
import type { IndexRun, RunEvent, RunId } from '../../domain/index-run.js';
import type { FactKey } from '../../domain/ports/fact-store.js';
import type { ObservedRun, RunEnd } from '../../domain/ports/run-observer.js';
import type { RetireResult } from '../../domain/ports/graph-store.js';
import type { ExtractionPlan } from '../../use-cases/plan-extraction.js';
import type { AcquireInput, Acquired, Extracted, ExtractInput, Linked, LinkInput, Published, PublishInput, Recorded, RecordInput, ReleaseInput, RetireInput, Undo } from '../../use-cases/steps.js';

/** What goes along with every step: the run it is of, and events to be recorded with it. */
export interface RunNote {
  readonly id: RunId;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Absent until the repository is known. */
  readonly record?: IndexRun;
  readonly events: readonly RunEvent[];
  /** What the run is about, for who watches; workers before 0.1 did not send it. */
  readonly about?: Omit<ObservedRun, 'id' | 'startedAt'>;
  /** Set when the run has ended. */
  readonly end?: RunEnd;
}

export interface Call<Input> {
  readonly run: RunNote;
  readonly input: Input;
}

export interface Reply<Output> {
  readonly output: Output;
  /** Codes with which earlier attempts failed, the first first; `timed-out` for one whose worker was lost. */
  readonly failed: readonly ErrorCode[];
  /** Whether the run's events were recorded. */
  readonly recorded: boolean;
}

/** `parse_repo_activity` does all that turns a listing into a graph, each as an activity of its own (docs/decisions/0021). */
export type ParseInput =
  | { readonly step: 'plan'; readonly listing: FactKey }
  | ({ readonly step: 'extract' } & ExtractInput)
  | ({ readonly step: 'link' } & LinkInput);

export type MetadataInput =
  | ({ readonly step: 'record' } & RecordInput)
  /** Records how a run ended. */
  | { readonly step: 'run' };

/** Releasing names no step: it was all that the activity did in the first version. */
export type CleanupInput = ({ readonly step: 'undo' } & Undo) | (ReleaseInput & { readonly step?: never });

export type Activity<Input, Output> = (call: Call<Input>) => Promise<Reply<Output>>;

/** The activities by their names on the wire. */
export interface Activities {
  clone_repo_activity(call: Call<Omit<AcquireInput, 'indexerVersion'>>): Promise<Reply<{ readonly acquired: Acquired; readonly indexerVersion: string }>>;
  parse_repo_activity(call: Call<ParseInput>): Promise<Reply<ExtractionPlan | Extracted | Linked>>;
  persist_metadata_activity(call: Call<MetadataInput>): Promise<Reply<Recorded>>;
  persist_kg_activity(call: Call<PublishInput>): Promise<Reply<Published>>;
  cleanup_stale_kg_nodes_activity(call: Call<RetireInput>): Promise<Reply<RetireResult>>;
  cleanup_repo_activity(call: Call<CleanupInput>): Promise<Reply<null>>;
}

// Fields that are not named here pass: a worker of another version may have added them. JSON knows no undefined, so that what zod calls optional is absent.

const text = z.string().max(10_000);
const count = z.number().int().min(0);
const time = z.iso.datetime();
const counts = z.record(z.string(), z.number());

const repository = z.looseObject({ id: text, name: text, location: text, kind: z.enum(['work-tree', 'bare', 'remote', 'memory']) });
const revision = z.looseObject({ repository, branch: text, commit: text.optional(), source: z.enum(['objects', 'work-tree']), root: text, notes: z.array(text) });
const stats = z.looseObject({ files: count, symbols: count, diagnostics: count });
const overlay = z.looseObject({ source: text, version: text, root: text, key: text });
const snapshot = z.looseObject({ id: text, repository: text, branch: text, digest: text, stats, createdAt: time });

const acquired = z.looseObject({
  revision, listing: text, source: text, configuration: text, dirty: z.boolean(), snapshot: text, counts, skipped: counts,
  base: text.optional(), unchanged: snapshot.optional(), again: snapshot.optional(), overlays: z.array(overlay).optional(),
});
const extracted = z.looseObject({ facts: text, counts });
const linked = z.looseObject({ manifest: text, digest: text, stats, files: text, written: text, counts });

const request = z.looseObject({
  location: text, ref: text.optional(), branch: text.optional(), languages: z.array(text).optional(), include: z.array(text).optional(), exclude: z.array(text).optional(),
  maxFileBytes: count.optional(), retention: z.looseObject({ days: z.number(), snapshots: z.number() }).optional(), overlays: z.array(overlay).optional(),
});

const run = z.looseObject({
  id: text, startedAt: time, events: z.array(z.looseObject({ sequence: count, at: time, type: text })),
  record: z.looseObject({ id: text, repository: text, branch: text, status: z.enum(['running', 'succeeded', 'unchanged', 'failed', 'cancelled']), startedAt: time }).optional(),
});

/** A schema for the calls of an activity. */
function callOf<Input>(input: z.ZodType): z.ZodType<Call<Input>> {
  return z.looseObject({ run, input }) as unknown as z.ZodType<Call<Input>>; // what is checked is what the orchestration passes on; the rest are branded texts
}

/** What each activity takes. */
export const CALLS = {
  clone: callOf<Omit<AcquireInput, 'indexerVersion'>>(z.looseObject({ request })),
  parse: callOf<ParseInput>(z.discriminatedUnion('step', [
    z.looseObject({ step: z.literal('plan'), listing: text }),
    z.looseObject({ step: z.literal('extract'), revision, listing: text, maxFileBytes: count, part: z.looseObject({ from: count, to: count }).optional() }),
    z.looseObject({ step: z.literal('link'), repository: text, facts: text, base: text.optional(), snapshot: text, indexerVersion: text, overlays: z.array(overlay).optional() }),
  ])),
  persistMetadata: callOf<MetadataInput>(z.discriminatedUnion('step', [z.looseObject({ step: z.literal('record'), acquired, linked, snapshot: text }), z.looseObject({ step: z.literal('run') })])),
  persistGraph: callOf<PublishInput>(z.looseObject({ acquired, linked, createdAt: time, indexerVersion: text })),
  cleanupStale: callOf<RetireInput>(z.looseObject({ repository: text, retention: z.looseObject({ days: z.number(), snapshots: z.number() }), now: time, facts: text.optional() })),
  cleanup: callOf<CleanupInput>(z.discriminatedUnion('step', [z.looseObject({ step: z.literal('undo'), kind: z.literal('forget-links'), repository: text, snapshot: text }), z.looseObject({ step: z.undefined().optional(), run: text, succeeded: z.boolean(), acquired: acquired.optional(), extracted: extracted.optional(), linked: linked.optional() })])),
} as const;
