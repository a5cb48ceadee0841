import { describe, expect, it } from 'vitest';
import { page, type Question } from '../../../src/domain/querying/paging.js';

const question: Question = { snapshot: 's-1', query: 'callers', about: ['a.ts#f().'] };
const rows = Array.from({ length: 7 }, (_, index) => index);

describe('paging', () => {
  it('gives everything once, page after page', () => {
    const all: number[] = [];
    let cursor: string | undefined;
    do {
      const cut: { results: readonly number[]; cursor?: string } = page(rows, { limit: 3, cursor }, question);
      all.push(...cut.results);
      cursor = cut.cursor;
    } while (cursor !== undefined);
    expect(all).toEqual(rows);
  });

  it('gives no cursor when the last result is on the page', () => {
    expect(page(rows, { limit: 7 }, question).cursor).toBeUndefined();
  });

  it('refuses the cursor of another question, snapshot or making', () => {
    const { cursor } = page(rows, { limit: 3 }, question);
    for (const other of [{ ...question, snapshot: 's-2' }, { ...question, query: 'callees' }, { ...question, about: ['a.ts#g().'] }]) {
      expect(() => page(rows, { limit: 3, cursor }, other)).toThrow(expect.objectContaining({ code: 'invalid-cursor' }));
    }
    for (const made of ['', '3', 'x-y', `-1${cursor?.slice(1)}`]) expect(() => page(rows, { cursor: made }, question)).toThrow(expect.objectContaining({ code: 'invalid-cursor' }));
  });

  it('refuses a limit that is none', () => {
    for (const limit of [0, -1, 1.5, Number.NaN]) expect(() => page(rows, { limit }, question)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});
