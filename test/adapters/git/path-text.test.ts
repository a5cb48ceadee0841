import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathText, rawPaths, uniquePathTexts } from '../../../src/adapters/git/path-text.js';

const raw = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

describe('a raw path', () => {
  it('that is UTF-8 is that text, percent signs and all', () => {
    for (const text of ['a/b.ts', 'é', '日本語', '100%', '%41', '\u{1F600}', 'a\nb']) expect(pathText(raw(text))).toBe(text);
  });

  it('that is not has its odd bytes and percent signs escaped', () => {
    expect(pathText('a\xff')).toBe('a%FF');
    expect(pathText(`${raw('é')}\xe9%`)).toBe('é%E9%25');
    expect(pathText('\xed\xa0\x80')).toBe('%ED%A0%80'); // a surrogate is no character
    expect(pathText('\xc0\xaf')).toBe('%C0%AF'); // nor is an overlong slash
    expect(pathText('x\xf0\x9f')).toBe('x%F0%9F'); // nor is half of one
  });

  it('is found again from its text', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 12 }).map((array) => Buffer.from(array).toString('latin1'));
    const awkward = fc.array(fc.constantFrom('%', '2', '5', 'F', '\xff', '\xc3', '\xa9', 'a', '/'), { minLength: 1, maxLength: 10 }).map((parts) => parts.join(''));
    fc.assert(fc.property(fc.oneof(bytes, awkward), (path) => {
      expect(rawPaths(pathText(path))).toContain(path);
    }));
  });

  it('has a text of its own beside one that spells the escapes out', () => {
    const text = uniquePathTexts();
    const paths = ['a%FF', 'a\xff', 'b'];
    const texts = paths.map(text);
    expect(new Set(texts).size).toBe(3);
    for (const [at, path] of paths.entries()) expect(rawPaths(texts[at] ?? '')).toContain(path);
  });
});
