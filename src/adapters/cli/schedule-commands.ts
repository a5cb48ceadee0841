import type { Command } from 'commander';
import { EXIT, Exit } from './failure.js';
import { addSelectionOptions, addTemporalOptions, examples, type TemporalOptions } from './options.js';
import { remoteRequest, secondsOf, timeOf, told, withRuns, type RemoteOptions } from './run-commands.js';
import { printJson, type Session } from './session.js';
import { renderTable } from './table.js';
import { printable } from './text.js';

interface AddOptions extends RemoteOptions {
  readonly every: string;
}

export function addScheduleCommands(program: Command, session: () => Session): void {
  const schedule = program.command('schedule').summary('runs at regular times').description('Has branches looked at regularly, for what no push told of; a branch that has not changed costs next to nothing. See docs/temporal.md.');
  const add = schedule.command('add')
    .summary('add a schedule, or replace that of the same branch')
    .description('Adds a schedule for a branch, or replaces the one it has.')
    .argument('<url>', 'the repository')
    .requiredOption('--every <time>', 'how often: 15m, 6h, 1d …')
    .option('--branch <name>', 'branch (default: the one that the remote\'s HEAD names)')
    .option('--id <id>', 'what its runs are known by (default: the id of a code host whose token is set, else host/owner/name)')
    .action((url: string, options: AddOptions) => addSchedule(session(), url, options));
  addSelectionOptions(addTemporalOptions(add));
  examples(add, [['codeloom schedule add https://github.com/owner/name --every 6h', 'four times a day']]);
  addTemporalOptions(schedule.command('list').summary('show the schedules').description('Shows the schedules.')).action((options: TemporalOptions) => listSchedules(session(), options));
  addTemporalOptions(schedule.command('remove').summary('remove a schedule').description('Removes a schedule; what runs goes on.').argument('<schedule>', 'an id of `codeloom schedule list`'))
    .action((id: string, options: TemporalOptions) => removeSchedule(session(), id, options));
}

async function addSchedule(session: Session, url: string, options: AddOptions): Promise<void> {
  const everySeconds = secondsOf(options.every);
  await withRuns(session, options, async (runs, settings) => {
    const added = await runs.schedules.add({ ...await remoteRequest(session, settings, url, options), everySeconds }, { signal: session.signal });
    await told(session, added, `${printable(added.id)} runs every ${options.every}`);
  });
}

async function listSchedules(session: Session, options: TemporalOptions): Promise<void> {
  const { terminal, signal } = session;
  await withRuns(session, options, async (runs) => {
    const schedules = await runs.schedules.list({ signal });
    if (session.options.json === true) return printJson(terminal, schedules);
    if (schedules.length === 0) return terminal.out('There are no schedules.\n');
    await terminal.out(await renderTable({
      columns: [{ header: 'SCHEDULE', shorten: 'never', style: terminal.colours.bold }, { header: 'REPOSITORY', shorten: 'middle' }, { header: 'BRANCH', shorten: 'middle' }, { header: 'EVERY', shorten: 'never', align: 'right' }, { header: 'LAST', shorten: 'never', style: terminal.colours.dim }, { header: 'NEXT', shorten: 'never', style: terminal.colours.dim }],
      rows: schedules.map(({ id, repository, branch, everySeconds, last = '', next = '' }) => [id, repository, branch, timeOf(everySeconds), last, next]),
      width: terminal.columns, headerStyle: terminal.colours.dim,
    }));
  });
}

async function removeSchedule(session: Session, id: string, options: TemporalOptions): Promise<void> {
  await withRuns(session, options, async (runs) => {
    const removed = await runs.schedules.remove(id, { signal: session.signal });
    await told(session, { id, removed }, removed ? `${printable(id)} is removed` : `there is no schedule ${printable(id)}`);
    if (!removed) throw new Exit(EXIT.negative);
  });
}
