import { CodeloomError, type ErrorCode } from '../../domain/errors.js';
import { withoutCredentials } from '../../domain/without-credentials.js';

/** A Git command that ended badly: what it said and how it ended. */
export interface GitExit {
  readonly command: string;
  readonly exitCode: number | null;
  /** In English: commands run under LC_ALL=C. */
  readonly text: string;
  /** Never to be shown: taken out of the text in every spelling. */
  readonly secrets?: readonly string[];
}

/**
 * The error that a command's exit text means. Git has no exit codes for causes, so its own words are read; a number counts only inside the sentence that
 * curl and Git write around it, since any text may hold the digits 401 or 404 in an object id.
 */
export function gitFailure(exit: GitExit): CodeloomError {
  const text = redact(withoutProgress(exit.text), exit.secrets ?? []).trim();
  const details = { command: exit.command, exitCode: exit.exitCode, output: text.slice(0, 4000) };
  for (const [code, pattern, advice] of MEANINGS) {
    if (pattern.test(text)) return new CodeloomError(code, `${advice} ${headline(text)}`.trim(), { details });
  }
  return new CodeloomError('git-failed', `git ${exit.command} failed: ${headline(text) || `exit code ${exit.exitCode ?? 'unknown'}`}`, { details });
}

/** First match counts. Authentication before absence: hosts add "make sure the repository exists" to both. */
const MEANINGS: readonly (readonly [ErrorCode, RegExp, string])[] = [
  ['store-full', /^(?!remote:).*(?:No space left on device|Disk quota exceeded)/im, 'The disk that copies of remotes are kept on is full.'],
  ['git-not-found', /spawn .*\bENOENT\b/, 'Git is not installed, or not on the PATH. Install Git 2.31 or newer.'],
  ['not-a-repository', /detected dubious ownership/i, 'The repository belongs to another user. Allow it with: git config --global --add safe.directory <folder>.'],
  ['not-a-repository', /not a git repository|must be run in a work tree|(?:expected|unsupported) .*repo(?:sitory)? version|unknown repository extension/i, 'Not a Git repository that can be read.'],
  ['unsupported-url', /transport '[^']*' not allowed|unable to find remote helper for|remote helper '[^']*' aborted/i, 'This kind of URL is not supported.'],
  [
    'authentication-failed',
    /Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|Access denied(?! or repository)|Permission denied \(|Invalid username or (?:password|token)|Host key verification failed|The requested URL returned error: 40[13]\b|(?:HTTP|status)[ /](?:1\.[01] |2 )?40[13]\b/i,
    'The remote wants credentials that it accepts, or the repository does not exist.',
  ],
  [
    'repository-not-found',
    /Repository not found|repository '[^']*' (?:not found|does not exist)|does not appear to be a git repository|The requested URL returned error: (?:404|410)\b|(?:project|repository) you were looking for could(?: not|n't) be found|access denied or repository not exported|remote error: .*(?:not found|no such|not exported)/i,
    'There is no such repository.',
  ],
  ['unknown-ref', /couldn't find remote ref|not our ref|unadvertised object/i, 'The remote has no such revision.'],
  [
    'network',
    /Could not resolve (?:host|proxy)|unable to look up|Failed to connect|Couldn't connect|unable to connect|Connection (?:refused|timed out|reset|closed)|Operation (?:timed out|too slow)|No route to host|Network is unreachable|early EOF|hung up unexpectedly|unexpected disconnect|RPC failed|The requested URL returned error: (?:429|5\d\d)\b|Empty reply from server|(?:SSL|TLS|gnutls)[_ ]|certificate|unable to access '/i,
    'The remote could not be reached.',
  ],
  ['permission-denied', /Permission denied|insufficient permission/i, 'A file could not be opened.'],
  ['corrupt-object', /object file .* is empty|(?:loose )?object [0-9a-f]{40,64}.* is corrupt|unable to (?:unpack|read) (?:[0-9a-f]{40,64}|tree)|bad tree object|packfile .* (?:is|appears)|not a tree object|could not fetch [0-9a-f]{40,64} from promisor/i, 'An object of the repository is missing or damaged. Check it with: git fsck.'],
];

/** A folder that copies of remotes are kept in and that takes no file; other errors as they are. */
export function folderFailure(error: unknown, folder: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') return new CodeloomError('store-full', `The disk that copies of remotes are kept on is full: ${folder}.`, { cause: error, details: { folder } });
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return new CodeloomError('permission-denied', `Copies of remotes cannot be kept in ${folder}: it may not be written.`, { cause: error, details: { folder } });
  return error;
}

/** What is written over by what follows it: percentages. */
function withoutProgress(text: string): string {
  return text.replace(/[^\r\n]*\r(?!\n)/g, '');
}

/** Takes credentials out of a text: the given ones in plain and URL spelling, and whatever stands before `@` in a URL, or behind a colon before `@` without one. */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret === '') continue;
    for (const spelling of new Set([secret, encodeURIComponent(secret), encodeURI(secret)])) clean = clean.split(spelling).join('***');
  }
  // `name:password@host/…`, for which somebody forgot the scheme, or put another before it.
  clean = clean.replace(/(^|[\s'"(<=])[^\s'"@:/]+:(?!\/\/)[^\s'"@]*@/g, '$1***@');
  return withoutCredentials(clean);
}

/** The sentence that says why: the last `fatal:` or remote error line, without Git's prefixes. */
function headline(text: string): string {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const remote = lines.find((line) => /^(?:remote: )?(?:ERROR|error):/.test(line));
  const fatal = lines.findLast((line) => line.startsWith('fatal:'));
  const line = fatal ?? remote ?? lines.at(-1) ?? '';
  return line.replace(/^(?:fatal|error): /, '').slice(0, 500);
}
