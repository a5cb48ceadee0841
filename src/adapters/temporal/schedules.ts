import { ScheduleNotFoundError, ScheduleOverlapPolicy, type Client, type ScheduleOptions } from '@temporalio/client';
import { CodeloomError } from '../../domain/errors.js';
import type { RunSchedule, RunScheduleRequest, RunSchedules } from '../../domain/ports/durable-runs.js';
import { RECONCILIATION_WORKFLOW, workflowId, type RunInput } from './contract.js';
import type { Starting } from './starting.js';

/** Of a branch there is one schedule. */
const PREFIX = 'codeloom-reconcile/';
const MIN_SECONDS = 60;

/** What is kept with a schedule, to list it by. */
interface Memo {
  readonly repository: string;
  readonly branch: string;
  readonly everySeconds: number;
}

/**
 * Schedules on a Temporal server. Temporal adds the time to the id of what a schedule starts; so that is a workflow of its own, which starts the branch's one run, unless that
 * is under way.
 */
export function createSchedules(client: Client, { taskQueue, input: inputOf, attributes, calling }: Starting): RunSchedules {
  return {
    async add(request, call) {
      if (!(request.everySeconds >= MIN_SECONDS)) throw new CodeloomError('invalid-argument', `A schedule runs every ${MIN_SECONDS} seconds at most, not every ${request.everySeconds}.`);
      const input = inputOf(request);
      const scheduleId = PREFIX + workflowId(input);
      const options = optionsOf(scheduleId, input, request);
      return calling(async () => {
        await forget(scheduleId);
        await client.schedule.create(options);
        return { id: scheduleId, repository: request.name, branch: request.branch, everySeconds: request.everySeconds };
      }, call);
    },

    list: (call) => calling(async () => {
      const found: RunSchedule[] = [];
      for await (const { scheduleId, memo, info } of client.schedule.list()) {
        if (!scheduleId.startsWith(PREFIX)) continue;
        const { repository = '', branch = '', everySeconds = 0 } = (memo ?? {}) as Partial<Memo>; // written by add
        found.push({ id: scheduleId, repository, branch, everySeconds, next: info.nextActionTimes[0]?.toISOString(), last: info.recentActions.at(-1)?.takenAt.toISOString() });
      }
      return found.sort((a, b) => (a.id < b.id ? -1 : 1));
    }, call),

    remove: (id, call) => calling(() => forget(id.startsWith(PREFIX) ? id : PREFIX + id), call),
  };

  async function forget(id: string): Promise<boolean> {
    try {
      await client.schedule.getHandle(id).delete();
      return true;
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return false;
      throw error;
    }
  }

  function optionsOf(scheduleId: string, input: RunInput, { name, branch, everySeconds }: RunScheduleRequest): ScheduleOptions {
    const typed = attributes(input);
    const memo: Memo = { repository: name, branch, everySeconds };
    return {
      scheduleId, memo: { ...memo },
      spec: { intervals: [{ every: everySeconds * 1000 }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: everySeconds * 1000 },
      action: {
        type: 'startWorkflow', workflowType: RECONCILIATION_WORKFLOW, args: [input], taskQueue, workflowId: scheduleId,
        ...(typed === undefined ? {} : { typedSearchAttributes: typed }),
      },
    };
  }
}
