import { allObservers, type ObservedRun, type RunObserver } from '../../domain/ports/run-observer.js';
import type { RunNote } from './activity-calls.js';

/** Tells observers on a worker what the steps that it takes learn of runs. */
export interface RunTelling {
  /** What happened up to now. An event that this worker has told already is not told again. */
  events(note: RunNote): void;
  /** That the run has ended, after the events. */
  ended(note: RunNote): void;
}

/** So many runs of which it is remembered what was told. */
const REMEMBERED = 1000;

export function createRunTelling(observers: readonly RunObserver[] = []): RunTelling {
  const all = allObservers(observers);
  /** The number of the last event that was told, by run, oldest first. */
  const told = new Map<string, number>();

  function events(note: RunNote): void {
    const last = told.get(note.id) ?? 0;
    told.delete(note.id);
    told.set(note.id, Math.max(last, note.events.at(-1)?.sequence ?? 0));
    for (const oldest of told.keys()) {
      if (told.size <= REMEMBERED) break;
      told.delete(oldest);
    }
    for (const event of note.events) if (event.sequence > last) all.event(event, runOf(note));
  }

  return {
    events,
    ended(note) {
      events(note);
      const { end } = note;
      if (end !== undefined) all.ended(end, runOf(note));
    },
  };
}

function runOf({ id, startedAt, about }: RunNote): ObservedRun {
  return { id, startedAt, location: about?.location ?? '', repository: about?.repository, branch: about?.branch, commit: about?.commit };
}
