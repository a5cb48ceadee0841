import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatShare, plural, prepareWidths, shortenEnd, shortenMiddle } from '../../../src/adapters/cli/text.js';

describe('text for terminals', () => {
  it('keeps both ends of a shortened name', () => {
    expect(shortenMiddle('createRepository', 9)).toBe('crea…tory');
    expect(shortenMiddle('createRepository', 1)).toBe('…');
    expect(shortenMiddle('short', 9)).toBe('short');
    expect(shortenEnd('createRepository', 9)).toBe('createRe…');
  });

  it('does not cut a character in two', async () => {
    await prepareWidths(['👩‍👩‍👧']);
    expect(shortenMiddle('👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 5)).toBe('👩‍👩‍👧…👩‍👩‍👧');
  });

  it('groups digits and agrees in number', () => {
    expect(formatCount(1234567)).toBe('1,234,567');
    expect([plural(0, 'file'), plural(1, 'file'), plural(2, 'match', 'matches')]).toEqual(['0 files', '1 file', '2 matches']);
  });

  it('gives durations and sizes in units that people read', () => {
    expect([40, 3210, 125_000].map(formatDuration)).toEqual(['40 ms', '3.2 s', '2 min 05 s']);
    expect([912, 3_565_158].map(formatBytes)).toEqual(['912 B', '3.4 MiB']);
  });

  it('does not round a share to all or nothing', () => {
    expect([formatShare(1, 3), formatShare(99_999, 100_000), formatShare(1, 100_000), formatShare(5, 5), formatShare(0, 5), formatShare(0, 0)])
      .toEqual(['33.3 %', '>99.9 %', '<0.1 %', '100.0 %', '0.0 %', '–']);
  });
});
