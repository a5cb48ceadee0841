import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { CodeloomError } from '../../domain/errors.js';
import type { ImportOutcome } from '../../use-cases/import-scip.js';
import type { IndexOutcome } from '../../use-cases/index-repository.js';
import { examples, place } from './options.js';
import { createProgressView } from './progress.js';
import { ask, printJson, type Asking, type Session } from './session.js';
import { formatCount, plural, printable } from './text.js';

interface ImportOptions {
  readonly repo?: string;
  readonly branch?: string;
  readonly root?: string;
}

export function addImportCommand(program: Command, session: () => Session): void {
  const group = program.command('import')
    .summary('merge an index that another tool made')
    .description('Merges what another indexer knows into the newest snapshot of a branch, marked with its source. Later runs of index take it along for files whose content is the same.');
  const scip = group.command('scip')
    .summary('merge a SCIP index')
    .description('Definitions, references and calls of an index.scip, of any language. The same tool\'s next index takes the place of the one before.')
    .argument('<file>', 'the index')
    .option('--root <folder>', 'folder of the repository that its paths are relative to (default: where its project root lies in the repository)', place)
    .action((file: string, options: ImportOptions) => {
      const current = session();
      return ask(current, options, (asking) => importing(current, (watch) => asking.codeloom.importScip({ ...asking.target, index: bytesOf(resolve(current.host.folder, file)), root: options.root, retention: asking.settings.retention }, watch), showImport));
    });
  const drop = group.command('drop')
    .summary('take an imported index out again')
    .description('The newest snapshot of the branch, without what was imported from a source.')
    .argument('<source>', 'as the import said it: scip:scip-go')
    .action((source: string, options: ImportOptions) => {
      const current = session();
      return ask(current, options, (asking) => importing(current, (watch) => asking.codeloom.dropImport({ ...asking.target, source, retention: asking.settings.retention }, watch), showDrop));
    });
  for (const command of [scip, drop]) {
    command.option('--repo <repository>', 'repository, when not in its folder: a name, id, folder or URL').option('--branch <branch>', 'branch whose newest snapshot is meant');
  }
  examples(scip, [['codeloom import scip index.scip', 'what scip-go, scip-java, rust-analyzer … wrote'], ['codeloom import scip index.scip --root services/api', 'made in a folder of the repository']]);
  examples(drop, [['codeloom import drop scip:scip-go', 'the graph without it']]);
}

async function importing<T extends IndexOutcome>(session: Session, work: (watch: Parameters<Asking['codeloom']['index']>[1]) => Promise<T>, show: (outcome: T, session: Session) => Promise<void>): Promise<void> {
  const { terminal, signal, options } = session;
  const progress = await createProgressView(terminal, { quiet: options.quiet === true });
  const outcome = await work({ signal, onProgress: (update) => progress.update(update) }).finally(() => progress.stop());
  if (options.json === true) await printJson(terminal, outcome);
  else if (options.quiet !== true) await show(outcome, session);
}

/** A file's bytes; that there is none is said before anything is done. */
async function* bytesOf(file: string): AsyncIterable<Uint8Array> {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) throw new CodeloomError('invalid-argument', `${file} is no file.`, { details: { file } });
  try {
    for await (const piece of createReadStream(file, { highWaterMark: 1024 * 1024 })) yield piece as Uint8Array; // without an encoding pieces are bytes
  } catch (error) {
    if (error instanceof CodeloomError) throw error;
    throw new CodeloomError('invalid-argument', `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function showImport(outcome: ImportOutcome, { terminal }: Session): Promise<void> {
  const { imported, overlays = [], snapshot, status } = outcome;
  const { source, version, documents, unknown, lost } = imported;
  const use = overlays.find((each) => each.source === source);
  const lines: (readonly [string, string])[] = [
    ['Source', printable(version === '' ? source : `${source} ${version}`)],
    ['Documents', `${formatCount(documents)}${unknown === 0 ? '' : `; ${formatCount(unknown)} others are no files of the snapshot, or have another text`}`],
  ];
  if (lost > 0) lines.push(['Left out', `${plural(lost, 'occurrence')} outside the text, or of a symbol that is none`]);
  if (status === 'unchanged') lines.push(['Work', 'nothing to do: this index is imported already']);
  if (use !== undefined) {
    lines.push(['New', `${plural(use.defined, 'definition')}, ${plural(use.calls, 'call')}, ${plural(use.references, 'other reference')}`]);
    lines.push(['Known', `${formatCount(use.known)} references said what the graph says; ${formatCount(use.contradicted)} calls said something else, and stay as they were`]);
  }
  for (const note of outcome.notes) lines.push(['Note', printable(note)]);
  lines.push(['Snapshot', snapshot.id]);
  await terminal.out(lines.map(([label, text]) => `${terminal.colours.dim(label.padEnd(11))} ${text}\n`).join(''));
}

async function showDrop({ snapshot }: IndexOutcome, { terminal }: Session): Promise<void> {
  await terminal.out(`${terminal.colours.dim('Snapshot'.padEnd(11))} ${snapshot.id}\n`);
}
