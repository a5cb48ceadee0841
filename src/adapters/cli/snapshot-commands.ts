import type { Command } from 'commander';
import type { Snapshot } from '../../domain/snapshot.js';
import type { DiffAnswer, DiffResult } from '../../use-cases/queries/diff-snapshots.js';
import { sitesText } from './answer-view.js';
import { EXIT, Exit } from './failure.js';
import { addPageOptions, addTargetOptions, examples, type PageOptions, type TargetOptions } from './options.js';
import { createProgressView } from './progress.js';
import type { DiagnosticsAnswer } from '../../use-cases/queries/list-diagnostics.js';
import type { Locations } from './locations.js';
import { ask, printJson, whereData, type Session } from './session.js';
import { showStatus } from './status-view.js';
import { renderTable } from './table.js';
import { formatCount, plural, printable } from './text.js';

export function addSnapshotCommands(program: Command, session: () => Session): void {
  addDiff(program, session);
  addHistory(program, session);
  addStatus(program, session);
  addVerify(program, session);
}

/** The options that choose a repository and a branch, without `--snapshot`. */
function addRepositoryOptions(command: Command): Command {
  return command
    .option('--repo <repository>', 'repository to ask, when not in its folder: a name, id, folder or URL')
    .option('--branch <branch>', 'only this branch');
}

function addDiff(program: Command, session: () => Session): void {
  const command = program.command('diff')
    .summary('what changed between two snapshots')
    .description('Symbols and edges added, removed, changed and moved. Without arguments: the branch\'s newest snapshot against the one before; with one: the newest against that.')
    .argument('[from]', 'the older one: a snapshot\'s id, a branch, a commit or any revision that was indexed')
    .argument('[to]', 'the newer one, likewise')
    .action((from: string | undefined, to: string | undefined, options: TargetOptions & PageOptions) => {
      const current = session();
      return ask(current, options, async ({ codeloom, target, locations }) => {
        const { repository, branch } = target;
        const answer = await codeloom.diff({ repository, branch, from, to, limit: options.limit, cursor: options.cursor }, { signal: current.signal });
        if (current.options.json === true) return printJson(current.terminal, answer);
        return showDiff(current, answer, (result) => (result.subject === 'edge' ? sitesText(result.sites, locations) : locations.at(result.path, result.line)));
      });
    });
  addPageOptions(addRepositoryOptions(command));
  examples(command, [['codeloom diff', 'what the last run of index changed'], ['codeloom diff HEAD~1', 'from the commit before, when it was indexed'], ['codeloom diff 3f2a91c main', 'from a commit to the head of main']]);
}

const SIGNS: Readonly<Record<DiffResult['change'], string>> = { added: '+', removed: '-', changed: '~', moved: '>' };

async function showDiff({ terminal }: Session, answer: DiffAnswer, place: (result: DiffResult) => string): Promise<void> {
  const { colours } = terminal;
  const paint = (sign: string): string => (sign.startsWith('+') ? colours.green(sign) : sign.startsWith('-') ? colours.red(sign) : colours.yellow(sign));
  await terminal.out(await renderTable({
    columns: [
      { header: '', shorten: 'never', style: paint },
      { header: 'WHAT', shorten: 'end', style: colours.dim },
      { header: 'NAME', shorten: 'middle', style: colours.bold },
      { header: 'AT', shorten: 'never', style: colours.cyan },
      { header: 'CHANGED', shorten: 'end', expendable: 1 },
    ],
    rows: answer.results.map((result) => [
      SIGNS[result.change], result.subject === 'edge' ? result.relation ?? '' : result.kind,
      result.to === undefined ? result.name : `${result.name} -> ${result.to.name}`, place(result), result.what.join(', '),
    ]),
    width: terminal.columns, headerStyle: colours.dim,
  }));
  const { symbols, edges } = answer.counts;
  if (answer.results.length > 0) await terminal.out('\n');
  await terminal.out(`${answer.from.id} -> ${answer.snapshot.id}\n`);
  await terminal.out(`symbols: ${formatCount(symbols.added)} added, ${formatCount(symbols.removed)} removed, ${formatCount(symbols.changed)} changed, ${formatCount(symbols.moved)} moved; `
    + `edges: ${formatCount(edges.added)} added, ${formatCount(edges.removed)} removed, ${formatCount(edges.changed)} changed\n`);
  if (answer.nothing !== undefined) await terminal.out(`${printable(answer.nothing.message)}\n`);
  if (answer.cursor !== undefined) await terminal.out(colours.dim(`There is more: add --cursor ${answer.cursor}\n`));
}

function addHistory(program: Command, session: () => Session): void {
  const command = program.command('history')
    .summary('the snapshots that are kept')
    .description('The kept snapshots, newest first. A star marks the head of each branch.')
    .action((options: TargetOptions & PageOptions) => {
      const current = session();
      return ask(current, options, async ({ codeloom, repository }) => {
        const answer = await codeloom.history({ repository: repository.id, branch: options.branch, limit: options.limit, cursor: options.cursor }, { signal: current.signal });
        const { terminal } = current;
        if (current.options.json === true) return printJson(terminal, answer);
        const { colours } = terminal;
        await terminal.out(await renderTable({
          columns: [
            { header: '', shorten: 'never', style: colours.green },
            { header: 'SNAPSHOT', shorten: 'never', style: colours.bold },
            { header: 'COMMIT', shorten: 'end' },
            { header: 'BRANCH', shorten: 'middle' },
            { header: 'DATE', shorten: 'end', expendable: 1 },
            { header: 'FILES', shorten: 'end', align: 'right', expendable: 2 },
            { header: 'SYMBOLS', shorten: 'end', align: 'right', expendable: 3 },
            { header: 'DIGEST', shorten: 'end', expendable: 4, style: colours.dim },
          ],
          rows: answer.results.map(({ snapshot, head }) => [
            head ? '*' : '', snapshot.id, commitText(snapshot), snapshot.branch, snapshot.createdAt.replace(/\.\d+Z$/, 'Z'),
            formatCount(snapshot.stats.files), formatCount(snapshot.stats.symbols), snapshot.digest.slice(0, 12),
          ]),
          width: terminal.columns, headerStyle: colours.dim,
        }));
        if (answer.cursor !== undefined) await terminal.out(colours.dim(`There is more: add --cursor ${answer.cursor}\n`));
        return undefined;
      });
    });
  addPageOptions(addRepositoryOptions(command));
  examples(command, [['codeloom history', 'all branches'], ['codeloom history --branch main', 'one branch']]);
}

function commitText(snapshot: Snapshot): string {
  return `${snapshot.commit?.slice(0, 10) ?? 'none'}${snapshot.dirty ? '+' : ''}`;
}

function addStatus(program: Command, session: () => Session): void {
  const command = program.command('status')
    .summary('what is indexed, and whether it is current')
    .description('The branches that are indexed and the last run, and whether the source differs from the newest snapshot.')
    .option('--diagnostics', 'list what could not be read in full')
    .action((options: TargetOptions & { readonly diagnostics?: true }) => {
      const current = session();
      return ask(current, options, async ({ codeloom, repository, target, locations, settings }) => {
        if (options.diagnostics === true) {
          await showDiagnostics(current, await codeloom.diagnostics(target, { signal: current.signal }), locations);
          return undefined;
        }
        const { repositories } = await codeloom.status({ repository: repository.id }, { signal: current.signal });
        const source = await codeloom.sourceState(target, { signal: current.signal });
        const [known] = repositories;
        if (current.options.json === true) return printJson(current.terminal, { query: 'status', store: settings.store, stores: settings.stores, ...known, source });
        return known === undefined ? undefined : showStatus(current.terminal, { known, source, store: whereData(settings) });
      });
    });
  addRepositoryOptions(command);
  examples(command, [['codeloom status', 'the repository of this folder'], ['codeloom status --diagnostics', 'what could not be read in full, and why'], ['codeloom status --json', 'the same for a program']]);
}

async function showDiagnostics({ options, terminal }: Session, answer: DiagnosticsAnswer, locations: Locations): Promise<void> {
  if (options.json === true) {
    await printJson(terminal, answer);
    return;
  }
  for (const { path, line, code, message } of answer.results) await terminal.out(`${locations.at(path, line ?? 1)}  ${code}  ${printable(message)}\n`);
  if (answer.results.length === 0) await terminal.out('Everything was read in full.\n');
}

function addVerify(program: Command, session: () => Session): void {
  const command = program.command('verify')
    .summary('prove that a snapshot is right')
    .description('Recomputes every digest of a snapshot, indexes the same source anew, and says what differs. Exits 1 when anything does.')
    .option('--no-clean-build', 'recompute the digests only')
    .action((options: TargetOptions & { readonly cleanBuild: boolean }) => {
      const current = session();
      return ask(current, options, async ({ codeloom, target }) => {
        const { terminal, signal } = current;
        const progress = await createProgressView(terminal, { quiet: current.options.quiet === true });
        const answer = await codeloom.verify({ ...target, cleanBuild: options.cleanBuild }, { signal, onProgress: (update) => progress.update(update) }).finally(() => progress.stop());
        if (current.options.json === true) await printJson(terminal, answer);
        else {
          const { colours } = terminal;
          const paint = { ok: colours.green, failed: colours.red, skipped: colours.yellow };
          for (const { name, status, message, differences } of answer.checks) {
            await terminal.out(`${paint[status](status.padEnd(8))} ${name.padEnd(12)} ${printable(message)}\n`);
            for (const { path, what } of differences.slice(0, 20)) await terminal.out(`${' '.repeat(22)}${printable(path)}: ${printable(what)}\n`);
            if (differences.length > 20) await terminal.out(`${' '.repeat(22)}and ${plural(differences.length - 20, 'more file')}\n`);
          }
        }
        if (!answer.ok) throw new Exit(EXIT.negative);
      });
    });
  addTargetOptions(command);
  examples(command, [['codeloom verify', 'the newest snapshot'], ['codeloom verify --snapshot 3f2a91c', 'one of a commit']]);
}
