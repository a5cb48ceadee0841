import type { Command } from 'commander';
import type { CopyAnswer } from '../../use-cases/copying/copy-snapshots.js';
import { chooseRepository } from './choose-repository.js';
import { examples } from './options.js';
import { createProgressView } from './progress.js';
import { printJson, settingsFor, type Session } from './session.js';
import { renderTable } from './table.js';
import { formatCount, plural } from './text.js';

interface CopyOptions {
  readonly from?: string;
  readonly to: string;
  readonly repo?: string;
  readonly branch?: string;
  readonly history: boolean;
  readonly facts?: true;
}

export function addCopyCommand(program: Command, session: () => Session): void {
  const command = program.command('copy')
    .summary('copy snapshots into another store, and prove them')
    .description('Copies snapshots with their history, records and imports from one store into another, reads all of it back, and compares digests. '
      + 'It may be run again at any time: it goes on where it stopped, and writes nothing twice. A branch whose head there is newer keeps it.')
    .option('--from <store>', 'where to copy from, as --graph-store takes it (default: where index and questions go)')
    .requiredOption('--to <store>', 'where to copy to, likewise; or each by itself: graph=neo4j,metadata=postgres,facts=s3://bucket')
    .option('--repo <repository>', 'only this one: a name, id, folder or URL (default: all)')
    .option('--branch <branch>', 'only this branch')
    .option('--no-history', 'only the newest snapshot of each branch')
    .option('--facts', 'also what the next run of index would otherwise parse and link anew')
    .action((options: CopyOptions) => copy(session(), options));
  examples(command, [
    ['codeloom copy --to postgres', 'everything that is indexed here into PostgreSQL'],
    ['codeloom copy --from sqlite:old --to sqlite:new --facts', 'a data folder with all that the next run builds on'],
    ['codeloom copy --to neo4j://graphs:7687 --no-history', 'the heads into Neo4j; records stay in the data folder'],
  ]);
}

async function copy(session: Session, options: CopyOptions): Promise<void> {
  const { host, terminal, signal } = session;
  const { from, to, repo, branch, history, facts } = options;
  const settings = await settingsFor(session);
  const { ports, close } = await host.openCopy(settings, { from, to });
  const progress = await createProgressView(terminal, { quiet: session.options.quiet === true });
  try {
    const repository = repo === undefined ? undefined : (await chooseRepository({ repositories: await ports.from.metadataStore.repositories(undefined, { signal }), folder: host.folder, wanted: repo })).id;
    const { copySnapshots } = await import('../../use-cases/copying/copy-snapshots.js');
    const answer = await copySnapshots(ports, { repository, branch, history, facts: facts === true }, { signal, onProgress: (update) => progress.update(update) });
    progress.stop();
    if (session.options.json === true) await printJson(terminal, answer);
    else if (session.options.quiet !== true) await show(session, answer);
  } finally {
    progress.stop();
    await close();
  }
}

async function show({ terminal }: Session, { snapshots, runs, facts }: CopyAnswer): Promise<void> {
  const { colours } = terminal;
  await terminal.out(await renderTable({
    columns: [
      { header: '', shorten: 'never', style: colours.green },
      { header: 'SNAPSHOT', shorten: 'never', style: colours.bold },
      { header: 'REPOSITORY', shorten: 'middle' },
      { header: 'BRANCH', shorten: 'middle' },
      { header: 'WRITTEN', shorten: 'never', align: 'right' },
      { header: 'PROVED', shorten: 'end', expendable: 1, style: colours.dim },
    ],
    rows: snapshots.map(({ snapshot, digest, created, written, head }) => [
      head ? '*' : '', snapshot.id, snapshot.repository, snapshot.branch, created ? plural(written, 'file') : 'there already', digest.slice(0, 12),
    ]),
    width: terminal.columns, headerStyle: colours.dim,
  }));
  const created = snapshots.filter((each) => each.created).length;
  await terminal.out(`\n${plural(snapshots.length, 'snapshot')} proved, ${formatCount(created)} of them copied now; ${plural(runs, 'run')}, ${plural(facts, 'fact')}\n`);
}
