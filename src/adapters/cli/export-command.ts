import { statSync } from 'node:fs';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { EXPORT_FILES, EXPORT_FORMATS, type ExportChunk, type ExportFormat } from '../../domain/exporting/export-format.js';
import { CodeloomError } from '../../domain/errors.js';
import { addTargetOptions, examples, place, type TargetOptions } from './options.js';
import { ask, printJson, type Session } from './session.js';
import { formatBytes, printable } from './text.js';

interface ExportOptions extends TargetOptions {
  readonly format: ExportFormat;
  readonly output?: string;
}

export function addExportCommand(program: Command, session: () => Session): void {
  const command = program.command('export')
    .summary('write the whole graph for other tools')
    .description('Writes the whole graph of a snapshot to standard output, or to a file or folder. What each format holds: docs/export.md.')
    .addOption(new Option('--format <format>', 'how').choices(EXPORT_FORMATS).default('jsonl'))
    .option('--output <path>', 'write to this file (of a format with several files: into this folder)', place)
    .action((options: ExportOptions) => {
      const current = session();
      const { format, output } = options;
      if (output === undefined && EXPORT_FILES[format].length > 1) {
        throw new CodeloomError('invalid-argument', `${format} is several files (${EXPORT_FILES[format].join(', ')}), which standard output cannot hold.`, { details: { format, hint: 'Name a folder for them: --output <folder>' } });
      }
      if (output === undefined && format === 'scip' && current.host.stdout.isTTY) {
        throw new CodeloomError('invalid-argument', 'A SCIP index is no text that a terminal can show.', { details: { format, hint: 'Name a file: --output index.scip' } });
      }
      return ask(current, options, async ({ codeloom, target }) => {
        const chunks = codeloom.exportFiles({ ...target, format }, { signal: current.signal });
        if (output === undefined) {
          for await (const { bytes } of chunks) await current.terminal.out(bytes);
          return;
        }
        const written = await writeFiles(chunks, { format, output: resolve(current.host.folder, output) });
        if (current.options.json === true) await printJson(current.terminal, { query: 'export', format, files: written });
        else if (current.options.quiet !== true) for (const { path, bytes } of written) current.terminal.err(`${printable(path)}  ${formatBytes(bytes)}\n`);
      });
    });
  addTargetOptions(command);
  examples(command, [
    ['codeloom export --format jsonl > graph.jsonl', 'the newest snapshot into a file'],
    ['codeloom export --format graphml --output graph.graphml', 'for Gephi, yEd, NetworkX'],
    ['codeloom export --format scip --output index.scip', 'for tools that read SCIP'],
    ['codeloom export --format csv --output tables', 'two tables in a folder'],
    ['codeloom export --format cypher | cypher-shell', 'into Neo4j'],
  ]);
}

interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
}

/** Each file is written beside its place and moved there when all of them are whole: what was there before stays until then. */
async function writeFiles(chunks: AsyncIterable<ExportChunk>, { format, output }: { readonly format: ExportFormat; readonly output: string }): Promise<readonly WrittenFile[]> {
  const several = EXPORT_FILES[format].length > 1;
  const isFolder = statSync(output, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder === !several) {
    throw new CodeloomError('invalid-argument', several ? `${output} is a file; ${format} is written into a folder.` : `${output} is a folder; ${format} is one file.`, { details: { output } });
  }
  const files = new Map<string, { readonly handle: FileHandle; readonly path: string; readonly temporary: string; bytes: number }>();
  try {
    if (several) await mkdir(output, { recursive: true });
    for (const file of EXPORT_FILES[format]) {
      const path = several ? join(output, file) : output;
      const temporary = `${path}.${process.pid}.tmp`;
      files.set(file, { handle: await open(temporary, 'w'), path, temporary, bytes: 0 });
    }
    for await (const { file, bytes } of chunks) {
      const into = files.get(file);
      if (into === undefined) throw new CodeloomError('internal', `${format} has no file ${file}.`);
      await into.handle.writeFile(bytes);
      into.bytes += bytes.length;
    }
    for (const { handle } of files.values()) await handle.close();
    for (const { path, temporary } of files.values()) await rename(temporary, path);
  } catch (error) {
    for (const { handle, temporary } of files.values()) {
      await handle.close().catch(() => {});
      await rm(temporary, { force: true });
    }
    throw cannotWrite(error, output);
  }
  return [...files.values()].map(({ path, bytes }) => ({ path, bytes }));
}

function cannotWrite(error: unknown, output: string): unknown {
  if (!(error instanceof Error) || error instanceof CodeloomError || !('code' in error)) return error;
  return new CodeloomError('invalid-argument', `Cannot write to ${output}: ${error.message}`, { cause: error, details: { output } });
}
