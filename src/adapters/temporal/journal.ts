import type { CodeloomError, ErrorCode } from '../../domain/errors.js';
import type { IndexRun, RunEvent, RunEventBody, RunId, RunStatus, Stage } from '../../domain/index-run.js';
import type { Revision } from '../../domain/ports/git-host.js';
import type { RunNote } from './activity-calls.js';

/** What happened in a run, kept by the workflow: numbered events, and what of them is not recorded yet. */
export interface Journal {
  readonly events: readonly RunEvent[];
  /** Set once the source is known. */
  readonly revision: Revision | undefined;
  /** Where the run stands, and the stage that is under way. */
  readonly status: RunStatus;
  readonly stage: Stage | undefined;
  /** Nodes that were removed because no retained snapshot holds them. */
  staleNodes: number;
  emit(event: RunEventBody): void;
  /** Events of attempts that failed before the one that counts. */
  retried(stage: Stage, failed: readonly ErrorCode[]): void;
  about(revision: Revision): void;
  failed(error: CodeloomError): void;
  /** What is to be recorded with the next step. */
  note(): RunNote;
  /** A step has recorded it. */
  saved(note: RunNote): void;
}

/** A message of an event is for people; this much of it says what went wrong. */
const MAX_MESSAGE = 1000;

export function createJournal({ id, now, location, branch: asked }: { readonly id: RunId; readonly now: () => string; readonly location: string; readonly branch: string }): Journal {
  const startedAt = now();
  const events: RunEvent[] = [];
  let saved = 0;
  let revision: Revision | undefined;
  let status: RunStatus = 'running';
  let finishedAt: string | undefined;
  let snapshot: IndexRun['snapshot'];
  let error: IndexRun['error'];
  let stage: Stage | undefined;

  function emit(body: RunEventBody): void {
    const event: RunEvent = { sequence: events.length + 1, at: now(), ...body };
    events.push(event);
    if (body.type === 'stage-started') stage = body.stage;
    if (body.type === 'run-finished') {
      stage = undefined;
      status = body.status;
      finishedAt = event.at;
      snapshot = body.snapshot;
    }
  }

  function record(): IndexRun | undefined {
    if (revision === undefined) return undefined;
    return {
      id, repository: revision.repository.id, branch: revision.branch, status, startedAt,
      ...(finishedAt === undefined ? {} : { finishedAt }), ...(snapshot === undefined ? {} : { snapshot }), ...(error === undefined ? {} : { error }),
    };
  }

  return {
    events, emit, staleNodes: 0,
    get revision() { return revision; },
    get status() { return status; },
    get stage() { return stage; },
    retried(of, failed) {
      failed.forEach((code, index) => emit({ type: 'stage-retried', stage: of, attempt: index + 2, code }));
    },
    about(found) {
      revision = found;
    },
    failed({ code, message }) {
      error = { code, message: message.slice(0, MAX_MESSAGE) };
    },
    note() {
      const known = record();
      const { repository, branch = asked, commit } = revision ?? {};
      return {
        id, startedAt, ...(known === undefined ? {} : { record: known }), events: events.slice(saved),
        about: { location, branch, ...(repository === undefined ? {} : { repository }), ...(commit === undefined ? {} : { commit }) },
        ...(status === 'running' || finishedAt === undefined ? {} : { end: { status, at: finishedAt, ...(snapshot === undefined ? {} : { snapshot }), ...(error === undefined ? {} : { error }) } }),
      };
    },
    saved(note) {
      saved = Math.max(saved, note.events.at(-1)?.sequence ?? 0);
    },
  };
}
