import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { RunEvent } from '../../domain/index-run.js';
import type { Snapshot } from '../../domain/snapshot.js';
import type { Codeloom } from '../../use-cases/codeloom.js';
import type { IndexOutcome } from '../../use-cases/index-repository.js';
import { enclosingRepository } from './choose-repository.js';
import { addSelectionOptions, examples, positive, type SelectionOptions } from './options.js';
import { createProgressView } from './progress.js';
import { printJson, settingsFor, whereData, type Session, type Settings } from './session.js';
import type { Terminal } from './terminal.js';
import { formatBytes, formatCount, formatDuration, formatShare, plural, printable } from './text.js';

interface IndexOptions extends SelectionOptions {
  readonly ref?: string;
  readonly branch?: string;
  readonly workers?: number;
}

export function addIndexCommand(program: Command, session: () => Session): void {
  const command = program.command('index')
    .summary('index a repository, or bring its index up to date')
    .description('Reads a repository and keeps its code graph. A folder is read as it stands, uncommitted and untracked files included (what .gitignore names is left out); '
      + 'with --ref, a URL or a bare repository, Git\'s objects are read and nothing is checked out. Nothing is ever written into the repository.')
    .argument('[location]', 'folder, bare repository or URL (default: the repository around the current folder)')
    .option('--ref <revision>', 'a branch, tag or commit instead of the files as they stand')
    .option('--branch <name>', 'branch under which the snapshot is kept (default: the one that HEAD or --ref names)')
    .option('--workers <count>', 'threads for parsing (CODELOOM_WORKERS; default: as many as fit the machine)', positive)
    .action((location: string | undefined, options: IndexOptions) => index(session(), location, options));
  addSelectionOptions(command);
  examples(command, [
    ['codeloom index', 'the repository in this folder, as it stands'],
    ['codeloom index --ref v2.0.0', 'a tag'],
    ['codeloom index https://github.com/expressjs/express', 'a repository elsewhere'],
    ['codeloom index --language python --exclude "tests/**"', 'a part'],
  ]);
}

async function index(session: Session, location: string | undefined, options: IndexOptions): Promise<void> {
  const { terminal, host, signal } = session;
  const settings = await settingsFor(session, options);
  const started = performance.now();
  const progress = await createProgressView(terminal, { quiet: session.options.quiet === true });
  const codeloom = await host.open(settings, 'index');
  try {
    const here = location === undefined ? enclosingRepository(host.folder) ?? host.folder : resolve(host.folder, location);
    const outcome = await codeloom.index({
      location: location === undefined || existsSync(here) ? here : location,
      ref: options.ref, branch: options.branch,
      languages: settings.languages, include: settings.include, exclude: settings.exclude,
      maxFileBytes: settings.maxFileBytes, retention: settings.retention,
    }, {
      signal,
      onProgress: (update) => progress.update(update),
      onEvent: (event) => {
        const line = eventLine(event, session.options.verbose === true);
        if (line !== undefined) progress.note(line);
      },
    });
    progress.stop();
    const elapsed = performance.now() - started;
    if (session.options.json === true) await printJson(terminal, outcome);
    else if (session.options.quiet !== true) await summarise({ terminal, codeloom, outcome, settings, elapsed, program: programName(host.environment) });
  } finally {
    progress.stop();
    await codeloom.close();
  }
}

/** What is told of an event: retries always, the rest in detail only. */
function eventLine(event: RunEvent, verbose: boolean): string | undefined {
  if (event.type === 'stage-retried') return `${event.stage} is tried again (${event.code}, attempt ${event.attempt})`;
  if (!verbose) return undefined;
  switch (event.type) {
    case 'stage-started': return `${event.at} ${event.stage} begins`;
    case 'stage-finished': return `${event.at} ${event.stage} ends: ${Object.entries(event.counts).map(([what, count]) => `${formatCount(count)} ${what}`).join(', ')}`.replace(/: $/, '');
    case 'stage-failed': return `${event.at} ${event.stage} fails: ${event.code}`;
    case 'run-started': return undefined;
    case 'run-finished': return `${event.at} ${event.status}`;
  }
}

/** Most people exclude nothing themselves, and would wonder. */
const EXCLUDED = 'excluded (dependencies, minified files, or not asked for)';

interface SummaryRequest {
  readonly terminal: Terminal;
  readonly codeloom: Codeloom;
  readonly outcome: IndexOutcome;
  readonly settings: Settings;
  readonly elapsed: number;
  /** How the person starts codeloom. */
  readonly program: string;
}

/** `npx codeloom` where npx started it: the name alone may not be on the PATH. */
function programName(environment: Session['host']['environment']): string {
  return environment['npm_command'] === 'exec' ? 'npx codeloom' : 'codeloom';
}

async function summarise({ terminal, codeloom, outcome, settings, elapsed, program }: SummaryRequest): Promise<void> {
  const { colours } = terminal;
  const { snapshot, repository } = outcome;
  const { stats } = snapshot;
  const state = snapshot.commit === undefined ? 'no commit yet' : `${snapshot.commit.slice(0, 12)}${snapshot.dirty ? ' with uncommitted changes' : ''}`;
  const lines: (readonly [string, string])[] = [
    ['Repository', `${colours.bold(printable(repository.name))} (${printable(snapshot.branch)}, ${state})`],
    ['Files', stats.files === 0 ? '0: nothing here that codeloom reads (TypeScript, TSX, JavaScript, JSX, Python)' : `${formatCount(stats.files)} (${formatBytes(stats.bytes)}; ${languages(snapshot)})`],
    ['Symbols', formatCount(stats.symbols)],
    ['Edges', formatCount(Object.values(stats.edges).reduce((sum, count) => sum + (count ?? 0), 0))],
    ['Call sites', callSites(snapshot)],
  ];
  const skipped = Object.entries(stats.skipped).filter(([reason, count]) => count > 0 && reason !== 'language' && reason !== 'configuration');
  if (skipped.length > 0) lines.push(['Skipped', skipped.map(([reason, count]) => `${formatCount(count)} ${reason === 'excluded' ? EXCLUDED : reason}`).join(', ')]);
  if (stats.diagnostics > 0) lines.push(['Diagnostics', plural(stats.diagnostics, 'file or import could not be read in full', 'files or imports could not be read in full') + ': codeloom status --diagnostics']);
  for (const note of outcome.notes) lines.push(['Note', printable(note)]);
  lines.push(['Work', outcome.status === 'unchanged' ? 'nothing to do: this state is indexed already' : work(outcome)]);
  lines.push(['Time', formatDuration(elapsed)]);
  lines.push(['Data', printable(whereData(settings))]);
  await terminal.out(lines.map(([label, text]) => `${colours.dim(label.padEnd(11))} ${text}\n`).join(''));
  const example = await codeloom.busiestSymbol({ repository: repository.id, snapshot: snapshot.id });
  if (example === undefined) return;
  const name = shellWord(example.qualifiedName);
  await terminal.out(`\nTry next:\n  ${program} callers ${name}\n  ${program} impact ${name}\n  ${program} symbols ${shellWord(example.name)}\n`);
}

function languages(snapshot: Snapshot): string {
  return Object.entries(snapshot.stats.languages).sort((a, b) => b[1] - a[1]).map(([language, count]) => `${formatCount(count)} ${language}`).join(', ');
}

/** `12,345: 71.2 % resolved, 3.1 % candidates, 20.0 % external, 5.7 % unresolved`. */
export function callSites(snapshot: Snapshot): string {
  const { verdicts } = snapshot.stats;
  const all = verdicts.resolved + verdicts.candidates + verdicts.external + verdicts.unresolved;
  if (all === 0) return '0';
  const part = (count: number, word: string): string => `${formatShare(count, all)} ${word}`;
  return `${formatCount(all)}: ${part(verdicts.resolved, 'resolved')}, ${part(verdicts.candidates, 'candidates')}, ${part(verdicts.external, 'external')}, ${part(verdicts.unresolved, 'unresolved')}`;
}

function work(outcome: IndexOutcome): string {
  const { parsed, reused, added, replaced, removed, written } = outcome.counts;
  return `${plural(parsed, 'file')} parsed, ${formatCount(reused)} known already; ${formatCount(added)} added, ${formatCount(replaced)} changed, ${formatCount(removed)} removed; ${formatCount(written)} written`;
}

/** A word as a shell takes it: quoted when it holds anything that a shell would act on. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
