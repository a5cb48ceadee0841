import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packValue, unpackValue } from '../../src/domain/packed-value.js';

describe('packed values', () => {
  it('come back as they were, whatever JSON can say', () => {
    fc.assert(fc.property(fc.jsonValue({ depthSize: 'medium', stringUnit: 'binary' }), (value) => {
      expect(unpackValue(packValue(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }), { numRuns: 500 });
  });

  it.each<{ name: string; value: unknown }>([
    { name: 'numbers of every size', value: [0, 1, 31, 32, 127, 128, 2 ** 29 - 1, 2 ** 29, 2 ** 32, 2 ** 53, -1, 0.5, 1e300] },
    { name: 'half a surrogate pair', value: { text: '\ud800', '\udc00': 'b' } },
    { name: 'keys of every object', value: { constructor: 1, toString: [2], ['__proto__']: { x: 3 } } },
    { name: 'the same keys in another order', value: [{ a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1 }, {}] },
    { name: 'many objects', value: Array.from({ length: 30_000 }, (_, line) => ({ line, at: { column: line % 80 } })) },
  ])('holds $name', ({ value }) => {
    const back = unpackValue(packValue(value));
    expect(back).toStrictEqual(value);
    expect(JSON.stringify(back)).toBe(JSON.stringify(value));
  });

  it('leaves out what is undefined, as JSON does', () => {
    expect(unpackValue(packValue({ a: undefined, b: 1, c: [undefined] }))).toStrictEqual({ b: 1, c: [null] });
    expect(packValue({ a: undefined, b: 1 })).toEqual(packValue({ b: 1 }));
  });

  it('gives bytes that own their buffer, so that they can move to another thread', () => {
    const packed = packValue({ a: 'b' });
    expect(packed.buffer.byteLength).toBe(packed.byteLength);
  });

  it('refuses bytes that are cut off, have something behind them, or are another thing', () => {
    const packed = packValue({ list: [1, 'two', { three: [null, true] }] });
    for (let length = 0; length < packed.length; length++) expect(() => unpackValue(packed.subarray(0, length))).toThrow();
    expect(() => unpackValue(new Uint8Array([...packed, 0]))).toThrow();
    expect(() => unpackValue(new TextEncoder().encode('{"format":1}'))).toThrow();
  });

  it('never hangs or crashes over damaged bytes', () => {
    const packed = packValue({ list: [1, 'two', { three: [null, true] }], more: Array.from({ length: 20 }, (_, i) => ({ i })) });
    fc.assert(fc.property(fc.nat(packed.length - 1), fc.nat(255), (at, byte) => {
      const damaged = packed.slice();
      damaged[at] = byte;
      try {
        unpackValue(damaged);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }), { numRuns: 500 });
  });
});
