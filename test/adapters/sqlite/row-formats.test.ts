import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNumbers, encodeNumbers } from '../../../src/adapters/sqlite/number-list.js';

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
