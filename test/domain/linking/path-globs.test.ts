import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileGlob } from '../../../src/domain/linking/path-globs.js';

const extended = { extended: true };

describe('a pattern matches', () => {
  test.each([
    ['packages/*', 'packages/a', {}],
    ['**', 'a/b/c', {}],
    ['**/x.ts', 'x.ts', {}],
    ['**/x.ts', 'a/b/x.ts', {}],
    ['src/**/*.ts', 'src/a.ts', {}],
    ['a/**/b/**/c', 'a/b/x/b/y/c', {}],
    ['a?c', 'abc', {}],
    ['.github/*', '.github/x', {}],
    ['{a,b}', '{a,b}', {}],
    ['{a,b/{c,d}}', 'b/d', extended],
    ['@(a|b)/*', 'b/x', extended],
    ['a?(b)', 'a', extended],
    ['[a-c]x[!0]', 'bx1', extended],
    ['{open', '{open', extended],
  ])('%s: %s', (pattern, path, options) => {
    expect(compileGlob(pattern, options).matches(path)).toBe(true);
  });
});

describe('a pattern does not match', () => {
  test.each([
    ['packages/*', 'packages/a/b', {}],
    ['packages/*', 'packages', {}],
    ['*', '.hidden', {}],
    ['a?c', 'ac', {}],
    ['src/**/*.ts', 'lib/a.ts', {}],
    ['{a,b}', 'a', {}],
    ['[a-c]', 'd', extended],
    ['**/*', 'node_modules/a', { closed: (name: string) => name === 'node_modules' }],
    ['a'.repeat(5000), 'a'.repeat(5000), {}],
  ])('%s: %s', (pattern, path, options) => {
    expect(compileGlob(pattern, options).matches(path)).toBe(false);
  });
});

test('a folder that matches takes in what is below it', () => {
  const glob = compileGlob('**/dist');
  expect(glob.matchesWithin('a/dist/b/c.js')).toBe(true);
  expect(glob.matchesWithin('a/distant/c.js')).toBe(false);
});

test('the prefix is what has no wildcard', () => {
  expect(compileGlob('a/b/*.ts').prefix).toBe('a/b');
  expect(compileGlob('**/a').prefix).toBe('');
});

test('agrees with the definition of its wildcards, and ends whatever the pattern', () => {
  const segment = fc.constantFrom('**', '*', '?', 'a', 'b', 'a*', '*a', '*a*b', 'ab');
  const name = fc.constantFrom('a', 'b', 'ab', 'ba', 'aab');
  /** The meaning, in so many words and exponential time. */
  const means = (glob: readonly string[], names: readonly string[]): boolean => {
    const [first, ...rest] = glob;
    if (first === undefined) return names.length === 0;
    if (first === '**') return means(rest, names) || (names.length > 0 && means(glob, names.slice(1)));
    return names[0] !== undefined && new RegExp(`^${first.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(names[0]) && means(rest, names.slice(1));
  };
  fc.assert(fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), fc.array(name, { minLength: 1, maxLength: 6 }), (glob, names) => {
    expect(compileGlob(glob.join('/')).matches(names.join('/'))).toBe(means(glob, names));
  }), { numRuns: 500 });
  fc.assert(fc.property(fc.string({ maxLength: 200 }), fc.string({ maxLength: 200 }), (pattern, path) => {
    compileGlob(pattern, extended).matches(path);
  }), { numRuns: 200 });
  const started = performance.now();
  for (const pattern of ['{a,b}'.repeat(200), '{'.repeat(1000), '**/*a'.repeat(200), '*a'.repeat(500), '@('.repeat(500), '['.repeat(1000)]) compileGlob(pattern, extended).matches('a/'.repeat(200) + 'a'.repeat(1000));
  expect(performance.now() - started).toBeLessThan(10_000);
});
