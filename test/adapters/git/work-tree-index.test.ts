import { describe, expect, it } from 'vitest';
import { looksUnchanged, parseIndex, type IndexEntry, type PresentFile } from '../../../src/adapters/git/work-tree-index.js';

const ID = 'ce013625030ba8dba906f756967f9e9ca394464a';
const STAMP = '  ctime: 1700000000:250\n  mtime: 1700000000:500\n  dev: 65024\tino: 77\n  uid: 0\tgid: 0\n  size: 6\tflags: 0\n';
const seen = { changedSeconds: 1_700_000_000, changedNanos: 250, modifiedSeconds: 1_700_000_000, modifiedNanos: 500, inode: 77, size: 6 };

describe('the index as Git prints it', () => {
  it('is read with the stamps of its files', () => {
    expect(parseIndex(`100644 ${ID} 0\ta b\n\0${STAMP}120000 ${ID} 0\tlink\0${STAMP}`)).toEqual([
      { raw: 'a b\n', mode: '100644', blob: ID, unmerged: false, seen }, { raw: 'link', mode: '120000', blob: ID, unmerged: false, seen },
    ]);
  });

  it('is read without stamps where their form is unknown', () => {
    expect(parseIndex(`100644 ${ID} 0\ta\0  new: form\n100644 ${ID} 0\tb\0`)).toEqual([
      { raw: 'a', mode: '100644', blob: ID, unmerged: false }, { raw: 'b', mode: '100644', blob: ID, unmerged: false },
    ]);
  });

  it('names a conflict once', () => {
    expect(parseIndex(`100644 ${ID} 1\ta\0${STAMP}100644 ${ID} 2\ta\0${STAMP}100644 ${ID} 3\ta\0${STAMP}`)).toEqual([{ raw: 'a', mode: '100644', blob: ID, unmerged: true, seen }]);
  });

  it('may be empty, and is refused when it is something else', () => {
    expect(parseIndex('')).toEqual([]);
    expect(() => parseIndex('what\0')).toThrow(expect.objectContaining({ code: 'git-failed' }));
  });
});

describe.skipIf(process.platform === 'win32')('a file', () => {
  const SECONDS = 1_700_000_000n * 1_000_000_000n;
  const entry: IndexEntry = { raw: 'a', mode: '100644', blob: ID, unmerged: false, seen };
  const file: PresentFile = { kind: 'file', stats: { size: 6n, ino: 77n, mtimeNs: SECONDS + 500n, ctimeNs: SECONDS + 250n } };
  const later = SECONDS + 501n;
  const changed = (stats: Partial<PresentFile['stats']>): PresentFile => ({ ...file, stats: { ...file.stats, ...stats } });

  it('with the same stamps, older than the index, looks unchanged', () => {
    expect(looksUnchanged(entry, file, later)).toBe(true);
    expect(looksUnchanged(entry, changed({ size: 6n + 2n ** 32n, ino: 77n + 2n ** 32n }), later)).toBe(true); // Git keeps 32 bits
  });

  it.each([
    ['size', { size: 7n }], ['time of change', { ctimeNs: SECONDS }], ['time of modification', { mtimeNs: SECONDS + 501n }], ['inode', { ino: 78n }],
  ])('with another %s does not', (_, stats) => {
    expect(looksUnchanged(entry, changed(stats), later)).toBe(false);
  });

  it('written in the moment of the index, or later, does not', () => {
    expect(looksUnchanged(entry, file, SECONDS + 500n)).toBe(false);
    expect(looksUnchanged(entry, file, SECONDS)).toBe(false);
  });

  it('whose stamp has whole seconds needs an index of a later second', () => {
    const whole: IndexEntry = { ...entry, seen: { ...seen, modifiedNanos: 0, changedNanos: 0 } };
    expect(looksUnchanged(whole, file, SECONDS + 999_999_999n)).toBe(false);
    expect(looksUnchanged(whole, file, SECONDS + 1_000_000_000n)).toBe(true);
  });

  it('that became a link, is in conflict or has no stamp does not', () => {
    expect(looksUnchanged(entry, { ...file, kind: 'symlink' }, later)).toBe(false);
    expect(looksUnchanged({ ...entry, unmerged: true }, file, later)).toBe(false);
    expect(looksUnchanged({ raw: 'a', mode: '100644', blob: ID, unmerged: false }, file, later)).toBe(false);
  });
});
