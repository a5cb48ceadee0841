import { InvalidArgumentError, Option, type Command } from 'commander';
import { LOG_LEVELS, type LogLevel } from '../../domain/ports/logger.js';

/** Options of every command. */
export interface GlobalOptions {
  readonly store?: string;
  readonly graphStore?: string;
  readonly metadataStore?: string;
  readonly factStore?: string;
  readonly factCache?: string;
  readonly config?: string;
  readonly json?: boolean;
  /** False for `--no-color`. */
  readonly color: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** Options that say which snapshot a query reads. */
export interface TargetOptions {
  readonly repo?: string;
  readonly branch?: string;
  readonly snapshot?: string;
}

export interface PageOptions {
  readonly limit?: number;
  readonly cursor?: string;
}

export interface SelectionOptions {
  readonly language?: readonly string[];
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/** Options that say which Temporal server. */
export interface TemporalOptions {
  readonly address?: string;
  readonly namespace?: string;
  readonly taskQueue?: string;
}

/** Options of commands that stay, and keep a log. */
export interface LogOptions {
  readonly logLevel?: LogLevel;
}

export function addLogOptions(command: Command): Command {
  return command.addOption(new Option('--log-level <level>', 'what is logged to standard error, from this level on (CODELOOM_LOG_LEVEL; default: info; with --quiet warn, with --verbose debug)').choices(LOG_LEVELS));
}

export function addTemporalOptions(command: Command): Command {
  return command
    .option('--address <host:port>', 'Temporal server (CODELOOM_TEMPORAL_ADDRESS; default: localhost:7233)')
    .option('--namespace <name>', 'its namespace (CODELOOM_TEMPORAL_NAMESPACE; default: default)')
    .option('--task-queue <name>', 'the queue that workers and runs meet at (CODELOOM_TASK_QUEUE; default: repo-indexing-queue)');
}

export function addGlobalOptions(program: Command): void {
  program
    .option('--store <folder>', 'data folder (CODELOOM_STORE; default: the platform\'s data folder)', place)
    .option('--graph-store <store>', 'where the graph lies: sqlite (default), sqlite:<folder>, postgres, postgres://host/database, neo4j, neo4j://host (CODELOOM_GRAPH_STORE)')
    .option('--metadata-store <store>', 'where the records lie: sqlite, sqlite:<folder>, postgres … (CODELOOM_METADATA_STORE; default: with the graph if that holds them)')
    .option('--fact-store <store>', 'where facts lie: sqlite, sqlite:<folder>, postgres …, s3://bucket/prefix (CODELOOM_FACT_STORE; default: likewise)')
    .option('--fact-cache <cache>', 'a cache in front of the facts: redis, redis://host (CODELOOM_FACT_CACHE)')
    .option('--config <file>', 'configuration file in place of the codeloom.config.json that is looked for', place)
    .option('--json', 'print the answer as JSON')
    .option('--no-color', 'print without colours (also NO_COLOR)')
    .option('-q, --quiet', 'print results and errors only')
    .option('-v, --verbose', 'print details, and stacks of errors');
}

export function addTargetOptions(command: Command): Command {
  return command
    .option('--repo <repository>', 'repository to ask, when not in its folder: a name, id, folder or URL')
    .option('--branch <branch>', 'branch whose newest snapshot is asked')
    .option('--snapshot <id>', 'snapshot to ask: an id of `codeloom history`, a branch, a commit or another revision');
}

export function addPageOptions(command: Command): Command {
  return command
    .addOption(new Option('--limit <count>', 'at most so many results (default: 100)').argParser(positive))
    .option('--cursor <cursor>', 'go on where the answer that gave this cursor ended');
}

export function addSelectionOptions(command: Command): Command {
  return command
    .option('--language <names>', 'only these languages (repeat, or separate by commas)', collect)
    .option('--include <globs>', 'only paths that match (repeat, or separate by commas)', collect)
    .option('--exclude <globs>', 'leave out paths that match (repeat, or separate by commas)', collect);
}

/** Takes a path; `--json` behind `--store` is no folder of that name. */
export function place(text: string): string {
  if (text.startsWith('-')) throw new InvalidArgumentError('A path is expected; one that begins with "-" is written ./-…');
  return text;
}

/** Reads a whole number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || !Number.isSafeInteger(value)) throw new InvalidArgumentError('A whole number above 0 is expected.');
  return value;
}

/** Gathers a repeatable, comma-separated option. Commas within braces belong to a glob: `src/{a,b}/**`. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const character of text) {
    if (character === '{') depth += 1;
    if (character === '}') depth = Math.max(0, depth - 1);
    if (character === ',' && depth === 0) {
      parts.push(part);
      part = '';
    } else {
      part += character;
    }
  }
  parts.push(part);
  const named = parts.map((each) => each.trim()).filter((each) => each !== '');
  if (named.length === 0) throw new InvalidArgumentError('A name or glob is expected.');
  return [...before, ...named];
}

/** Text below a command's help: examples, each with what it is for. */
export function examples(command: Command, lines: readonly (readonly [string, string])[]): Command {
  const width = Math.max(...lines.map(([example]) => example.length));
  return command.addHelpText('after', `\nExamples:\n${lines.map(([example, what]) => `  $ ${example.padEnd(width)}  ${what}`).join('\n')}`);
}
