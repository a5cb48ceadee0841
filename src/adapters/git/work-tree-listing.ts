import { createHash } from 'node:crypto';
import { statSync, type BigIntStats } from 'node:fs';
import { resolve } from 'node:path';
import { throwIfAborted } from '../../domain/errors.js';
import type { SourceEntry } from '../../domain/ports/git-host.js';
import { blobId, nullId, type ObjectFormat } from './blob-hash.js';
import type { GitCall, GitRunner } from './git-command.js';
import { hasCarriageReturnLineFeed, lineEndings, looksBinary, withLineFeeds } from './line-endings.js';
import { uniquePathTexts } from './path-text.js';
import { entryKind } from './tree-listing.js';
import { openWorkTree, type WorkTreeFiles } from './work-tree-file.js';
import { looksUnchanged, parseIndex, type IndexEntry } from './work-tree-index.js';

/** Bytes of blobs, by id, as far as they were asked for: what an id names never changes. One listing leaves them for the next. */
export type BlobSizes = Map<string, number>;

const BATCH = 1_000;
/** Sizes remembered: beyond, memory begins anew. */
const MOST_SIZES = 500_000;
/** Files hashed at once, and the size from which a file is hashed piece by piece: together they bound memory. */
const HASHED_AT_ONCE = 8;
const STREAMED_FROM = 8 * 1024 * 1024;

/**
 * The work tree as it stands below a folder: tracked files that are there and untracked ones that are not ignored, with the ids Git would give them. A file
 * that looks as it did when Git last compared it has the id in the index; every other is read and hashed here. Git itself is not asked to compare or hash,
 * because that runs the filter programs that a repository's configuration names; so a changed file under a filter (LFS, `ident`,
 * `working-tree-encoding`) gets the id of its bytes as they are. Line ends are normalised as Git does. Nothing is written.
 */
export async function* listWorkTree(git: GitRunner, request: { readonly folder: string; readonly call: GitCall; readonly known: BlobSizes }): AsyncGenerator<readonly SourceEntry[]> {
  const { folder, call, known } = request;
  const [tracked, untracked, places, settings] = await Promise.all([
    git.bytes(['ls-files', '-z', '-s', '--debug'], call),
    git.bytes(['ls-files', '-z', '--others', '--exclude-standard'], call),
    git.run(['rev-parse', '--show-object-format', '--git-path', 'index'], call),
    git.ask(['config', '-z', '--get-regexp', '^core\\.(filemode|symlinks|autocrlf)$'], call),
  ]);
  const [format = 'sha1', indexPath = ''] = places.split('\n');
  const tree: Tree = {
    git, call, files: openWorkTree(folder),
    format: format === 'sha256' ? 'sha256' : 'sha1',
    indexTime: modificationTime(resolve(folder, indexPath)),
    ...readSettings(settings ?? ''),
  };
  const index = parseIndex(tracked);
  const sizes = await blobSizes(git, { call, index, known });
  const things: Thing[] = [
    ...index.map((index) => ({ raw: index.raw, index })),
    ...untracked.split('\0').filter((raw) => raw !== '').map((raw) => ({ raw, index: undefined })),
  ];
  things.sort((a, b) => (a.raw < b.raw ? -1 : a.raw > b.raw ? 1 : 0));
  const text = uniquePathTexts();
  for (let at = 0; at < things.length; at += BATCH) {
    throwIfAborted(call.signal);
    const found = await describe(tree, things.slice(at, at + BATCH), sizes);
    if (found.length > 0) yield found.map(({ raw, ...entry }) => ({ path: text(raw), ...entry }));
  }
}

interface Thing {
  readonly raw: string;
  readonly index: IndexEntry | undefined;
}

type Described = Omit<SourceEntry, 'path'> & { readonly raw: string };

interface Tree {
  readonly git: GitRunner;
  readonly call: GitCall;
  readonly files: WorkTreeFiles;
  readonly format: ObjectFormat;
  /** When the index was written, in nanoseconds; 0 where there is none. */
  readonly indexTime: bigint;
  readonly executableBits: boolean;
  readonly symlinks: boolean;
  readonly autocrlf: string;
}

function readSettings(output: string): Pick<Tree, 'executableBits' | 'symlinks' | 'autocrlf'> {
  const values = new Map<string, string>();
  for (const record of output.split('\0')) {
    const [key = '', value = 'true'] = record.split('\n');
    if (key !== '') values.set(key, value);
  }
  const isOff = (key: string): boolean => /^(?:false|no|off|0)$/i.test(values.get(key) ?? 'true');
  return { executableBits: !isOff('core.filemode'), symlinks: !isOff('core.symlinks'), autocrlf: values.get('core.autocrlf') ?? 'false' };
}

function modificationTime(path: string): bigint {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? 0n;
}

async function describe(tree: Tree, things: readonly Thing[], sizes: ReadonlyMap<string, number>): Promise<readonly Described[]> {
  const found: Described[] = [];
  const changed: { readonly at: number; readonly index: IndexEntry | undefined }[] = [];
  for (const { raw, index } of things) {
    if (raw.endsWith('/')) {
      // Another repository inside this one. Adding it would make a submodule of it.
      found.push({ raw: raw.slice(0, -1), blob: nullId(tree.format), size: -1, kind: 'submodule' });
      continue;
    }
    const thing = tree.files.look(raw);
    if (index?.mode === '160000' && thing.kind === 'folder') {
      found.push({ raw, blob: index.blob, size: -1, kind: 'submodule' });
      continue;
    }
    if (thing.kind === 'absent' || thing.kind === 'folder') continue;
    if (thing.kind === 'other') {
      found.push({ raw, blob: nullId(tree.format), size: -1, kind: 'file' });
      continue;
    }
    const kind = kindOf(tree, thing.kind, thing.stats, index);
    const size = Number(thing.stats.size);
    if (index !== undefined && looksUnchanged(index, thing, tree.indexTime)) {
      found.push({ raw, blob: index.blob, size: sizes.get(index.blob) ?? size, kind });
      continue;
    }
    changed.push({ at: found.length, index });
    found.push({ raw, blob: nullId(tree.format), size, kind });
  }
  await hashChanged(tree, found, changed);
  return found;
}

function kindOf(tree: Tree, is: 'file' | 'symlink', stats: BigIntStats, index: IndexEntry | undefined): SourceEntry['kind'] {
  if (is === 'symlink') return 'symlink';
  const staged = index === undefined ? undefined : entryKind(index.mode);
  // Where the file system has no links, Git keeps one as a file with its target.
  if (staged === 'symlink' && !tree.symlinks) return 'symlink';
  if (tree.executableBits) return (stats.mode & 0o100n) === 0n ? 'file' : 'executable';
  return staged === 'executable' ? 'executable' : 'file';
}

/** An unchanged file need not be as long as its blob: line ends and filters. The object store says how long that is, once for each blob. */
async function blobSizes(
  git: GitRunner, { call, index, known }: { readonly call: GitCall; readonly index: readonly IndexEntry[]; readonly known: BlobSizes },
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  const unknown = new Set<string>();
  for (const { mode, blob } of index) {
    const size = known.get(blob);
    if (size !== undefined) sizes.set(blob, size);
    else if (mode !== '160000') unknown.add(blob);
  }
  if (unknown.size === 0) return sizes;
  if (known.size + unknown.size > MOST_SIZES) known.clear();
  try {
    for (const line of (await git.bytes(['cat-file', '--batch-check=%(objectname) %(objectsize)'], call, [...unknown, ''].join('\n'))).split('\n')) {
      const space = line.indexOf(' ');
      const size = line.slice(space + 1);
      if (!/^\d+$/.test(size)) continue;
      sizes.set(line.slice(0, space), Number(size));
      known.set(line.slice(0, space), Number(size));
    }
  } catch {
    throwIfAborted(call.signal);
    // A partial clone that lacks an object: the files' own sizes are the best there is.
  }
  return sizes;
}

async function hashChanged(tree: Tree, found: Described[], changed: readonly { readonly at: number; readonly index: IndexEntry | undefined }[]): Promise<void> {
  const withReturns: { readonly at: number; readonly index: IndexEntry | undefined }[] = [];
  const waiting = [...changed].reverse();
  const worker = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      throwIfAborted(tree.call.signal);
      const entry = found[next.at];
      if (entry === undefined) continue;
      const hashed = await hashFile(tree, entry);
      found[next.at] = { ...entry, blob: hashed?.blob ?? nullId(tree.format), size: hashed?.size ?? -1 };
      if (hashed?.returns === true) withReturns.push(next);
    }
  };
  await Promise.all(Array.from({ length: HASHED_AT_ONCE }, worker));
  await normalise(tree, found, withReturns);
}

/** Undefined when it cannot be read: the entry is listed all the same, and reading it says why not. */
async function hashFile(tree: Tree, entry: Described): Promise<{ readonly blob: string; readonly size: number; readonly returns: boolean } | undefined> {
  try {
    if (entry.kind !== 'symlink' && entry.size >= STREAMED_FROM) return { ...(await hashLargeFile(tree, entry.raw)), returns: false };
    const content = await tree.files.read(entry.raw, Number.MAX_SAFE_INTEGER);
    if (content === undefined) return undefined;
    return { blob: blobId(content, tree.format), size: content.length, returns: entry.kind !== 'symlink' && hasCarriageReturnLineFeed(content) };
  } catch {
    throwIfAborted(tree.call.signal);
    return undefined;
  }
}

async function hashLargeFile(tree: Tree, raw: string): Promise<{ readonly blob: string; readonly size: number }> {
  const hash = createHash(tree.format);
  let length = -1;
  await tree.files.stream(raw, (piece, size) => {
    if (length < 0) hash.update(`blob ${size}\0`);
    length = size;
    hash.update(piece);
  }, tree.call.signal);
  return { blob: hash.digest('hex'), size: length };
}

/** Files with CR LF whose attributes or settings say that Git would store LF. */
async function normalise(tree: Tree, found: Described[], files: readonly { readonly at: number; readonly index: IndexEntry | undefined }[]): Promise<void> {
  if (files.length === 0) return;
  const { git, call } = tree;
  const paths = files.map(({ at }) => found[at]?.raw ?? '');
  const values = (await git.bytes(['check-attr', '-z', '--stdin', 'text', 'eol', 'crlf'], call, paths.map((path) => `${path}\0`).join(''))).split('\0');
  for (const [order, { at, index }] of files.entries()) {
    const entry = found[at];
    if (entry === undefined) continue;
    // For each path three records of path, attribute, value, in the order asked.
    const [text = '', eol = '', crlf = ''] = [2, 5, 8].map((offset) => values[order * 9 + offset] ?? 'unspecified');
    const endings = lineEndings({ text, eol, crlf }, tree.autocrlf);
    if (endings === 'keep') continue;
    const content = await tree.files.read(entry.raw, Number.MAX_SAFE_INTEGER).catch(() => undefined);
    if (content === undefined || (endings === 'auto' && (looksBinary(content) || (await isStagedWithReturns(tree, index))))) continue;
    const clean = withLineFeeds(content);
    found[at] = { ...entry, blob: blobId(clean, tree.format), size: clean.length };
  }
}

/** Git leaves a file alone under `auto` when it was committed with CR LF. */
async function isStagedWithReturns(tree: Tree, index: IndexEntry | undefined): Promise<boolean> {
  if (index === undefined || index.unmerged) return false;
  try {
    return (await tree.git.bytes(['cat-file', 'blob', index.blob], tree.call)).includes('\r\n');
  } catch {
    throwIfAborted(tree.call.signal);
    return false;
  }
}
