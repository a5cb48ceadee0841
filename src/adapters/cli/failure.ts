import { CodeloomError, type ErrorCode } from '../../domain/errors.js';
import type { Symbol as GraphSymbol } from '../../domain/symbol.js';
import type { Terminal } from './terminal.js';
import type { Locations } from './locations.js';
import { renderTable } from './table.js';
import { plural, printable } from './text.js';

/** What the command exits with. */
export const EXIT = { done: 0, negative: 1, misuse: 2, interrupted: 130 } as const;

/** Conditions of the question or the input, rather than of the machine or of codeloom itself. */
const MISUSE: ReadonlySet<ErrorCode> = new Set([
  'invalid-argument', 'invalid-configuration', 'not-a-repository', 'repository-not-found', 'empty-repository', 'unborn-branch', 'unknown-ref', 'unsupported-url',
  'authentication-failed', 'permission-denied', 'git-not-found', 'corrupt-object', 'not-indexed', 'unknown-snapshot', 'invalid-cursor', 'invalid-index', 'store-too-new',
]);

const HINTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  'not-a-repository': 'Run this inside a Git repository, or name one: codeloom index <path|url>',
  'not-indexed': 'Run: codeloom index (for a branch that is not checked out: codeloom index --ref <branch>)',
  'unknown-ref': 'List what there is with: git branch --all; git tag',
  'unknown-snapshot': 'List the snapshots with: codeloom history; one of another revision is made by: codeloom index --ref <revision>',
  'invalid-cursor': 'A cursor belongs to the question that gave it: ask again without --cursor.',
  'git-not-found': 'Install Git (https://git-scm.com) and make sure that it is on the PATH.',
  'authentication-failed': 'Check that `git ls-remote <url>` works in this terminal: codeloom uses the same credentials. Or give a token: CODELOOM_GITHUB_TOKEN, CODELOOM_GITLAB_TOKEN … (docs/github.md).',
  'rate-limited': 'Try again when that time is over. With a token, code hosts allow more requests: docs/github.md.',
  'store-busy': 'Another codeloom is writing to the same store. Try again when it has finished.',
  'store-unavailable': 'See what is wrong with: codeloom doctor',
  'store-corrupt': 'See what is wrong with: codeloom doctor',
  'store-too-new': 'The store was written by a newer codeloom: update this one, or use another: a folder with --store, a schema or database with --graph-store.',
  'store-read-only': 'Choose a folder that can be written with --store DIR (or CODELOOM_STORE); on a server, a user that may write. See: codeloom doctor',
  'store-full': 'Free some space, or choose a folder on another disk with --store DIR, or another server.',
  internal: 'This is a fault in codeloom. Run it again with --verbose and report what it prints.',
};

const CANDIDATES_SHOWN = 25;

/** A failure that is told by the exit code alone: all that there was to say has been said. */
export class Exit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.name = 'Exit';
    this.code = code;
  }
}

/** The exit code of an error: 130 when cancelled, 2 for misuse, else 1. */
export function exitCodeOf(error: CodeloomError): number {
  if (error.code === 'aborted') return EXIT.interrupted;
  return MISUSE.has(error.code) ? EXIT.misuse : EXIT.negative;
}

/** Prints `error: message` and a hint; the stack only when asked for. With `json`, the same as an object on standard output. Gives the exit code. */
export async function reportFailure(thrown: unknown, terminal: Terminal, options: { readonly verbose: boolean; readonly json: boolean }): Promise<number> {
  if (thrown instanceof Exit) return thrown.code;
  const error = CodeloomError.from(thrown);
  const colours = terminal.errorColours;
  const hint = typeof error.details['hint'] === 'string' ? error.details['hint'] : HINTS[error.code];
  if (options.json) await terminal.out(`${JSON.stringify({ error: { code: error.code, message: error.message, hint, details: error.details } }, null, 2)}\n`);
  terminal.err(`${colours.red('error:')} ${oneLine(error.message)}\n`);
  if (hint !== undefined) terminal.err(`${colours.dim('hint:')} ${hint}\n`);
  if (options.verbose) {
    for (let each: unknown = error; each instanceof Error; each = each.cause) terminal.err(colours.dim(`${each === error ? '' : 'caused by '}${each.stack ?? each.message}\n`));
  }
  return exitCodeOf(error);
}

/** Lists what an ambiguous name may mean, by the ids that make it clear, and ends with exit 1. */
export async function showCandidates(error: CodeloomError, terminal: Terminal, locations: Locations): Promise<never> {
  const colours = terminal.errorColours;
  terminal.err(`${colours.red('error:')} ${oneLine(error.message)}\n`);
  // Given by the use case as Symbols.
  const candidates = (error.details['candidates'] ?? []) as readonly GraphSymbol[];
  terminal.err(await renderTable({
    columns: [{ header: 'ID', shorten: 'never', style: colours.bold }, { header: 'KIND', shorten: 'end', expendable: 1, style: colours.dim }, { header: 'AT', shorten: 'never', expendable: 2, style: colours.cyan }],
    rows: candidates.slice(0, CANDIDATES_SHOWN).map((each) => [each.id, each.kind, locations.at(each.path, each.line)]),
    width: terminal.errorColumns, headerStyle: colours.dim,
  }));
  if (candidates.length > CANDIDATES_SHOWN) terminal.err(`and ${plural(candidates.length - CANDIDATES_SHOWN, 'other')}\n`);
  throw new Exit(EXIT.negative);
}

function oneLine(message: string): string {
  return printable(message.replace(/\s*\n\s*/g, ' '));
}
