import type { SourceEntry } from '../../domain/ports/git-host.js';
import { throwIfAborted } from '../../domain/errors.js';
import { asksRemote } from './blob-reader.js';
import type { GitCall, GitRunner } from './git-command.js';
import { gitFailure } from './git-failure.js';
import { uniquePathTexts } from './path-text.js';

const BATCH = 1_000;

/**
 * The files of a commit, or of a folder in it, as `git ls-tree` streams them: in byte order of paths, batch by batch, no faster than they are taken.
 * Where a partial clone lacks blobs their sizes are unknown (-1).
 */
export async function* listTree(git: GitRunner, request: { readonly commit: string; readonly root: string; readonly call: GitCall }): AsyncGenerator<readonly SourceEntry[]> {
  const { commit, root, call } = request;
  const tree = root === '' ? commit : `${commit}:${root}`;
  const options = ['ls-tree', '-r', '-z', '--full-tree'];
  let listed = 0;
  try {
    for await (const batch of streamTree(git, [...options, '-l', tree], call)) {
      listed += batch.length;
      yield batch;
    }
    return;
  } catch (error) {
    if (listed > 0 || !(error instanceof PromisedObjects)) throw error;
  }
  yield* streamTree(git, [...options, tree], call);
}

/** Sizes need the blobs, and this repository has left some at its remote. */
class PromisedObjects extends Error {}

async function* streamTree(git: GitRunner, args: readonly string[], call: GitCall): AsyncGenerator<readonly SourceEntry[]> {
  const process = git.start(args, call);
  const text = uniquePathTexts();
  try {
    process.child.stdin.end();
    let rest = '';
    let batch: SourceEntry[] = [];
    process.child.stdout.setEncoding('latin1');
    for await (const chunk of process.child.stdout as AsyncIterable<string>) { // setEncoding makes chunks strings
      const records = (rest + chunk).split('\0');
      rest = records.pop() ?? '';
      for (const record of records) {
        const entry = parseRecord(record, text);
        if (entry === undefined) continue;
        batch.push(entry);
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
      }
    }
    const { code, text: said } = await process.exit;
    throwIfAborted(call.signal);
    if (code !== 0) {
      if (asksRemote(said)) throw new PromisedObjects();
      throw gitFailure({ command: 'ls-tree', exitCode: code, text: said });
    }
    if (batch.length > 0) yield batch;
  } catch (error) {
    throwIfAborted(call.signal);
    throw error;
  } finally {
    await process.stop();
  }
}

/** `<mode> <type> <id> [<size>]\t<path>`; a size of `-` or `BAD` is unknown. */
function parseRecord(record: string, text: (raw: string) => string): SourceEntry | undefined {
  const tab = record.indexOf('\t');
  const [mode = '', , blob = '', size = '-'] = record.slice(0, tab).split(/ +/);
  const kind = entryKind(mode);
  if (tab < 0 || kind === undefined) return undefined;
  return { path: text(record.slice(tab + 1)), blob, size: /^\d+$/.test(size) ? Number(size) : -1, kind };
}

/** Git's mode of an entry, octal; undefined for a folder. */
export function entryKind(mode: string): SourceEntry['kind'] | undefined {
  if (mode === '120000') return 'symlink';
  if (mode === '160000') return 'submodule';
  if (mode === '040000' || mode === '40000') return undefined;
  // Old histories hold modes such as 100664; only the owner's execute bit says something.
  return (Number.parseInt(mode, 8) & 0o100) === 0 ? 'file' : 'executable';
}
