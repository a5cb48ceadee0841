import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_SET, IntegerSets, UNIVERSE, type SetId } from '../../../src/domain/linking/integer-sets.js';

describe('sets of integers', () => {
  it('hold what was united, and are one when they are equal', () => {
    fc.assert(fc.property(fc.array(fc.array(fc.integer({ min: -1, max: 40 })), { maxLength: 8 }), (groups) => {
      const sets = new IntegerSets();
      const ofAll = (elements: readonly number[]): SetId => elements.reduce((set, element) => sets.unite(set, sets.single(element)), EMPTY_SET);
      const united = groups.map(ofAll).reduce((a, b) => sets.unite(a, b), EMPTY_SET);
      const expected = [...new Set(groups.flat())].sort((a, b) => a - b);
      expect([...sets.elements(united)]).toEqual(expected);
      expect(ofAll([...expected].reverse())).toBe(united);
    }));
  });

  it('count as everything once they are past counting', () => {
    const sets = new IntegerSets();
    let set: SetId = EMPTY_SET;
    for (let element = 0; element < 5000; element++) set = sets.unite(set, sets.single(element));
    expect(set).toBe(UNIVERSE);
    expect(sets.unite(set, sets.single(9000))).toBe(UNIVERSE);
  });
});
