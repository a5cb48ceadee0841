import type { SourceState } from '../../use-cases/queries/source-state.js';
import type { RepositoryStatus } from '../../use-cases/queries/status.js';
import type { Terminal } from './terminal.js';
import { formatCount, plural, printable } from './text.js';

/** What is indexed of a repository, and how its source stands against it. */
export async function showStatus(terminal: Terminal, request: { readonly known: RepositoryStatus; readonly source: SourceState; readonly store: string }): Promise<void> {
  const { known, source, store } = request;
  const { colours } = terminal;
  const line = (label: string, text: string): Promise<void> => terminal.out(`${colours.dim(label.padEnd(11))} ${text}\n`);
  await line('Repository', `${colours.bold(printable(known.repository.name))} (${printable(known.repository.id)})`);
  await line('Location', printable(known.repository.location));
  for (const head of known.heads) {
    const commit = head.commit === undefined ? 'no commit' : `${head.commit.slice(0, 12)}${head.dirty ? ' with uncommitted changes' : ''}`;
    await line('Branch', `${printable(head.branch)}: ${commit}, ${plural(head.stats.files, 'file')}, ${plural(head.stats.symbols, 'symbol')}, indexed ${head.createdAt}`);
  }
  await line('Snapshots', `${formatCount(known.snapshots)} kept`);
  const [run] = known.runs;
  if (run !== undefined) await line('Last run', `${run.status}${run.error === undefined ? '' : ` (${run.error.code}: ${printable(run.error.message)})`}, ${run.startedAt}`);
  await line('Data', printable(store));
  await line('Source', sourceText(terminal, source));
  for (const [sign, paths] of [['+', source.added], ['~', source.changed], ['-', source.removed]] as const) {
    for (const path of paths.slice(0, 10)) await terminal.out(`${' '.repeat(12)}${sign} ${printable(path)}\n`);
    if (paths.length > 10) await terminal.out(`${' '.repeat(12)}${sign} and ${plural(paths.length - 10, 'more')}\n`.replace('mores', 'more'));
  }
}

function sourceText(terminal: Terminal, source: SourceState): string {
  const { colours } = terminal;
  if (source.state === 'unknown') return `${colours.yellow('unknown')}: ${printable(source.message ?? '')}`;
  if (source.state === 'current') return colours.green('as indexed');
  const elsewhere = source.branch !== undefined && source.branch !== source.snapshot.branch ? ` (now on ${printable(source.branch)}, asked about ${printable(source.snapshot.branch)})` : '';
  return `${colours.yellow('differs')}${elsewhere}: ${formatCount(source.added.length)} added, ${formatCount(source.changed.length)} changed, ${formatCount(source.removed.length)} removed; run: codeloom index`;
}
