import type { RunNotification } from '../../domain/ports/notifier.js';

/** A notification in words, for channels that people read. */
export interface Wording {
  /** `acme/shop (main): failed`. */
  readonly title: string;
  /** Names and values, in order. */
  readonly facts: readonly (readonly [string, string])[];
}

export function wordingOf({ event, name, repository, branch, commit, changed, files, symbols, seconds, error, run }: RunNotification): Wording {
  const how = event === 'started' ? 'is being indexed' : event === 'failed' ? 'could not be indexed' : changed === false ? 'is indexed; nothing had changed' : 'is indexed';
  const facts: (readonly [string, string])[] = [['Repository', repository]];
  if (commit !== undefined) facts.push(['Commit', commit.slice(0, 12)]);
  if (error !== undefined) facts.push(['Error', `${error.code}: ${error.message.slice(0, 500)}`]);
  if (files !== undefined) facts.push(['Files', String(files)]);
  if (symbols !== undefined) facts.push(['Symbols', String(symbols)]);
  if (seconds !== undefined) facts.push(['Took', `${seconds.toFixed(1)} s`]);
  facts.push(['Run', run]);
  return { title: `${name}${branch === undefined ? '' : ` (${branch})`} ${how}`, facts };
}
