import type { BigIntStats } from 'node:fs';
import { CodeloomError } from '../../domain/errors.js';

/** What the index says of a path: the content staged, and what the file looked like when Git last compared the two. */
export interface IndexEntry {
  /** One character a byte, relative to the indexed root. */
  readonly raw: string;
  readonly mode: string;
  readonly blob: string;
  /** A conflict: the path has several contents, and only the file itself says which. */
  readonly unmerged: boolean;
  /** Absent where Git did not print it. */
  readonly seen?: FileStamp;
}

export interface FileStamp {
  readonly changedSeconds: number;
  readonly changedNanos: number;
  readonly modifiedSeconds: number;
  readonly modifiedNanos: number;
  /** Both modulo 2^32. */
  readonly inode: number;
  readonly size: number;
}

/**
 * Reads `git ls-files -z -s --debug`: records `<mode> <id> <stage>\t<path>\0`, each followed by indented lines with the file's stamp. Git does not promise
 * the form of those lines; when they look otherwise the stamp is absent, and the file's content decides.
 */
export function parseIndex(output: string): readonly IndexEntry[] {
  const entries: IndexEntry[] = [];
  const pieces = output.split('\0');
  for (let at = 0; at + 1 < pieces.length; at++) {
    const piece = pieces[at] ?? '';
    const record = at === 0 ? piece : piece.replace(STAMP, '');
    const match = /^(\d{6}) ([0-9a-f]{40}|[0-9a-f]{64}) ([0-3])\t/.exec(record);
    if (match === null) throw new CodeloomError('git-failed', 'Git printed an index that cannot be read.');
    const [prefix, mode = '', blob = '', stage = '0'] = match;
    const raw = record.slice(prefix.length);
    if (entries.at(-1)?.raw === raw) continue;
    const seen = parseStamp(pieces[at + 1] ?? '');
    entries.push({ raw, mode, blob, unmerged: stage !== '0', ...(seen === undefined ? {} : { seen }) });
  }
  return entries;
}

const STAMP = /^(?: {2}\w+: .*\n)+/;
const STAMP_FIELDS = /^ {2}ctime: (\d+):(\d+)\n {2}mtime: (\d+):(\d+)\n {2}dev: \d+\tino: (\d+)\n {2}uid: \d+\tgid: \d+\n {2}size: (\d+)\t/;

function parseStamp(piece: string): FileStamp | undefined {
  const match = STAMP_FIELDS.exec(piece);
  if (match === null) return undefined;
  const [changedSeconds = 0, changedNanos = 0, modifiedSeconds = 0, modifiedNanos = 0, inode = 0, size = 0] = match.slice(1).map(Number);
  return { changedSeconds, changedNanos, modifiedSeconds, modifiedNanos, inode, size };
}

/** The stamps that a file bears now. */
export interface PresentFile {
  readonly kind: 'file' | 'symlink';
  readonly stats: Pick<BigIntStats, 'size' | 'ino' | 'mtimeNs' | 'ctimeNs'>;
}

/**
 * Whether a file is as it was when Git last compared it with the index entry. Stricter than Git: any doubt means that the file is read. A file written in
 * the moment of the index's own writing (`indexTime`, in nanoseconds), or later, may have changed within one tick of the clock ("racy"; see racy-git in
 * Git's technical documents).
 */
export function looksUnchanged({ seen, unmerged, mode }: IndexEntry, { kind, stats }: PresentFile, indexTime: bigint): boolean {
  if (seen === undefined || unmerged || (mode === '120000') !== (kind === 'symlink')) return false;
  const modified = BigInt(seen.modifiedSeconds) * SECOND + BigInt(seen.modifiedNanos);
  if (seen.modifiedNanos === 0 ? indexTime / SECOND <= BigInt(seen.modifiedSeconds) : indexTime <= modified) return false;
  if (Number(BigInt.asUintN(32, stats.size)) !== seen.size || !sameTime(stats.mtimeNs, seen.modifiedSeconds, seen.modifiedNanos)) return false;
  // Windows has neither; Git makes them up there.
  if (process.platform === 'win32') return true;
  return sameTime(stats.ctimeNs, seen.changedSeconds, seen.changedNanos) && Number(BigInt.asUintN(32, stats.ino)) === seen.inode;
}

const SECOND = 1_000_000_000n;

function sameTime(now: bigint, seconds: number, nanos: number): boolean {
  return Number(BigInt.asUintN(32, now / SECOND)) === seconds && (nanos === 0 || Number(now % SECOND) === nanos);
}
