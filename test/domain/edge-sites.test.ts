import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sitesFromText, sitesToText } from '../../src/domain/edge-sites.js';

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
