import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sitesFromText, sitesToText } from '../../../src/adapters/sqlite/edge-sites.js';
import { decodeNumbers, encodeNumbers } from '../../../src/adapters/sqlite/number-list.js';
import { fromStored, isOdd, toStored } from '../../../src/adapters/sqlite/stored-text.js';

describe('lists of row numbers', () => {
  it('come back as they were, in any order, beyond 31 bits', () => {
    fc.assert(fc.property(fc.array(fc.nat(2 ** 31 - 1).chain((low) => fc.constantFrom(low, low * 2 ** 20))), (numbers) => {
      expect(decodeNumbers(encodeNumbers(numbers))).toEqual(numbers);
    }));
  });

  it('take a byte for each neighbour', () => {
    expect(encodeNumbers(Array.from({ length: 5000 }, (_, index) => index + 1))).toHaveLength(5000);
  });

  it('that are cut off are told', () => {
    expect(() => decodeNumbers(encodeNumbers([1, 100_000]).slice(0, -1))).toThrow(expect.objectContaining({ code: 'store-corrupt' }));
  });
});

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

describe('the sites of an edge as text', () => {
  it('come back as they were', () => {
    const via = fc.constantFrom('new' as const, 'decorator' as const, 'jsx' as const, 'tag' as const, 'super' as const);
    const site = fc.oneof(fc.record({ line: fc.nat(), column: fc.nat() }), fc.record({ line: fc.nat(), column: fc.nat(), via }));
    fc.assert(fc.property(fc.array(site), (sites) => {
      expect(sitesFromText(sitesToText(sites))).toEqual(sites);
    }));
  });

  it('can be read by people', () => {
    expect(sitesToText([{ line: 12, column: 4 }, { line: 30, column: 8, via: 'new' }])).toBe('12:4,30:8n');
  });
});
