import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromStored, isOdd, toStored } from '../../src/domain/stored-text.js';

describe('stored text', () => {
  it('comes back as it was, and is text that a column can hold', () => {
    fc.assert(fc.property(fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }), (text) => {
      const stored = toStored(text);
      expect(fromStored(stored)).toBe(text);
      expect(stored).not.toContain('\u0000');
      expect(Buffer.from(stored).toString()).toBe(stored);
    }));
  });

  it('is itself where nothing is odd about it', () => {
    for (const text of ['', 'load', 'a "b"\n', '\u{1F600}', '\uFFFD', 'a\u0001']) expect([toStored(text), isOdd(text)]).toEqual([text, false]);
    for (const text of ['\u0000', 'a\uD800', '\uDC00\uD800', '\u0001']) expect(isOdd(text)).toBe(true);
  });
});
