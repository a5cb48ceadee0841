import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { CodeloomError } from '../../domain/errors.js';
import type { DurableRunRequest, DurableRuns, DurableRunState } from '../../domain/ports/durable-runs.js';
import { EXIT, Exit } from './failure.js';
import { addSelectionOptions, addTemporalOptions, examples, type SelectionOptions, type TemporalOptions } from './options.js';
import { printJson, settingsFor, type Session, type Settings } from './session.js';
import { renderTable } from './table.js';
import type { Terminal } from './terminal.js';
import { formatCount, plural, printable } from './text.js';

export interface RemoteOptions extends SelectionOptions, TemporalOptions {
  readonly branch?: string;
  readonly id?: string;
}

interface StartOptions extends RemoteOptions {
  readonly commit?: string;
  readonly push?: true;
  readonly wait?: true;
}

/** Between two looks at a run. */
const WATCH_MS = 1000;

export function addRunCommands(program: Command, session: () => Session): void {
  const run = program.command('run').summary('start and watch durable runs').description('Runs that a Temporal server keeps and workers (codeloom worker) do. See docs/temporal.md.');

  const start = run.command('start')
    .summary('have a remote repository indexed')
    .description('Asks for a run of a branch. Where one is under way it is left alone, or, with --push, followed by one more.')
    .argument('<url>', 'the repository')
    .option('--branch <name>', 'branch to index (default: the one that the remote\'s HEAD names)')
    .option('--commit <sha>', 'a commit of it in place of the newest')
    .option('--id <id>', 'what the run is known by (default: the id of a code host whose token is set, else host/owner/name)')
    .option('--push', 'where a run is under way, ask for one more to follow it')
    .option('--wait', 'wait for the end, and show how it goes')
    .action((url: string, options: StartOptions) => startRun(session(), url, options));
  addSelectionOptions(addTemporalOptions(start));
  examples(start, [['codeloom run start https://github.com/owner/name --wait', 'index its default branch, and wait'], ['codeloom run start git@github.com:owner/name.git --branch dev', 'another branch, over SSH']]);

  const of = (name: string, summary: string, action: (session: Session, id: string, options: TemporalOptions) => Promise<void>): void => {
    addTemporalOptions(run.command(name).summary(summary).description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`).argument('<run>', 'what `codeloom run start` printed'))
      .action((id: string, options: TemporalOptions) => action(session(), id, options));
  };
  of('status', 'show where a run stands', (each, id, options) => withRuns(each, options, async (runs) => show(each, await runs.progress(id, { signal: each.signal }))));
  of('watch', 'show how a run goes until it ends', (each, id, options) => withRuns(each, options, (runs) => watch(each, runs, id)));
  of('cancel', 'stop a run; what is published stays', (each, id, options) => withRuns(each, options, async (runs) => {
    await runs.cancel(id, { signal: each.signal });
    await told(each, { id, status: 'cancelling' }, `${printable(id)} is asked to stop`);
  }));
  of('pause', 'hold a run before its next step', (each, id, options) => withRuns(each, options, async (runs) => {
    await runs.pause(id, true, { signal: each.signal });
    await told(each, { id, status: 'paused' }, `${printable(id)} waits before its next step`);
  }));
  of('resume', 'let a run go on', (each, id, options) => withRuns(each, options, async (runs) => {
    await runs.pause(id, false, { signal: each.signal });
    await told(each, { id, status: 'resumed' }, `${printable(id)} goes on`);
  }));
}

async function startRun(session: Session, url: string, options: StartOptions): Promise<void> {
  await withRuns(session, options, async (runs, settings) => {
    const { signal } = session;
    const request = { ...await remoteRequest(session, settings, url, options), commit: options.commit };
    const { id, status } = options.push === true ? await runs.push(request, { signal }) : await runs.start(request, { signal });
    if (options.wait !== true || session.options.json !== true) await told(session, { id, status }, `${printable(id)} ${WORDS[status]}`);
    if (options.wait === true) await watch(session, runs, id);
  });
}

const WORDS = { started: 'is started', running: 'is under way already', coalesced: 'is under way, and is followed by one more' } as const;

/** What is asked for of a remote, by options and settings. */
export async function remoteRequest({ host, signal }: Session, settings: Settings, url: string, options: RemoteOptions): Promise<DurableRunRequest> {
  const remote = await host.describeRemote({ url, branch: options.branch }, signal);
  const { languages, include, exclude, maxFileBytes, retention } = settings;
  return { repositoryId: options.id ?? remote.id, name: remote.name, url: remote.url, branch: remote.branch, languages, include, exclude, maxFileBytes, retention };
}

/** Connects, works, and lets go, whatever happens. */
export async function withRuns(session: Session, options: SelectionOptions & TemporalOptions, work: (runs: DurableRuns, settings: Settings) => Promise<void>): Promise<void> {
  const settings = await settingsFor(session, options);
  const runs = await session.host.openRuns(settings);
  try {
    await work(runs, settings);
  } finally {
    await runs.close();
  }
}

/** Shows each change until the run ends; ends as the run does. */
async function watch(session: Session, runs: DurableRuns, id: string): Promise<void> {
  const { terminal, signal } = session;
  let before = '';
  const ended = new AbortController();
  const result = runs.result(id, { signal }).finally(() => ended.abort());
  result.catch(() => undefined);
  while (!ended.signal.aborted && !signal.aborted) {
    const line = await runs.progress(id, { signal }).then(lineOf, () => before);
    if (line !== before && session.options.quiet !== true) terminal.err(`${line}\n`);
    before = line;
    await delay(WATCH_MS, undefined, { signal: ended.signal }).catch(() => undefined);
  }
  const outcome = await result;
  if (session.options.json === true) return printJson(terminal, outcome);
  const { counts } = outcome;
  await terminal.out(`${printable(outcome.repository)} ${outcome.commit?.slice(0, 12) ?? ''}: ${plural(counts['indexed_files'] ?? 0, 'file')}, ${plural(counts['total_symbols'] ?? 0, 'symbol')}; ${outcome.changed ? `${formatCount(counts['parsed_files'] ?? 0)} parsed` : 'nothing to do: this state is indexed already'}\n`);
}

function lineOf({ status, progress, steps }: DurableRunState): string {
  const { stage, paused, pushWaiting } = progress;
  const running = steps.map((step) => {
    const { activity, attempt, state, done, total, lastFailure } = step;
    const far = done === undefined ? '' : ` ${formatCount(done)}${total === undefined ? '' : `/${formatCount(total)}`}`;
    return `${activity}${far}${attempt > 1 ? `, attempt ${attempt}${lastFailure === undefined ? '' : ` (${lastFailure})`}` : ''}${state === 'waiting' ? ', waiting for a worker' : ''}`;
  });
  return printable([`${status}${stage === null ? '' : `: ${stage}`}`, ...(paused ? ['paused'] : []), ...running, ...(pushWaiting ? ['one more will follow'] : [])].join('; '));
}

async function show(session: Session, state: DurableRunState): Promise<void> {
  const { terminal } = session;
  if (session.options.json === true) await printJson(terminal, state);
  else await terminal.out(`${lineOf(state)}\n${await stages(terminal, state)}`);
  if (state.status === 'failed' || state.status === 'stopped') throw new Exit(EXIT.negative);
}

async function stages(terminal: Terminal, { progress }: DurableRunState): Promise<string> {
  return renderTable({
    columns: [{ header: 'STAGE', shorten: 'never' }, { header: 'STATE', shorten: 'never' }, { header: 'SINCE', shorten: 'never', style: terminal.colours.dim }, { header: 'COUNTS', shorten: 'end' }],
    rows: progress.stages.map(({ stage, state, startedAt, counts = {}, code }) => [stage, code === undefined ? state : `${state}: ${code}`, startedAt, Object.entries(counts).map(([what, count]) => `${formatCount(count)} ${what}`).join(', ')]),
    width: terminal.columns, headerStyle: terminal.colours.dim,
  });
}

/** Says that something was done. */
export async function told(session: Session, value: unknown, text: string): Promise<void> {
  if (session.options.json === true) await printJson(session.terminal, value);
  else await session.terminal.out(`${text}\n`);
}

/** Units of time and their seconds, the largest first. */
const UNITS: readonly (readonly [string, number])[] = [['d', 86_400], ['h', 3600], ['m', 60], ['s', 1]];

/** A length of time as {@link secondsOf} reads it, in its largest whole unit. */
export function timeOf(seconds: number): string {
  const [unit, size] = UNITS.find(([, each]) => seconds % each === 0) ?? ['s', 1];
  return `${seconds / size}${unit}`;
}

/** Reads a length of time: `90s`, `15m`, `6h`, `1d`. Throws `invalid-argument`. */
export function secondsOf(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(digits) * (new Map(UNITS).get(unit) ?? Number.NaN);
  if (!(seconds > 0)) throw new CodeloomError('invalid-argument', `${JSON.stringify(text.slice(0, 50))} is no length of time; written like 90s, 15m, 6h or 1d.`);
  return seconds;
}
