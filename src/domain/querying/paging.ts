import { CodeloomError } from '../errors.js';
import type { SnapshotId } from '../snapshot.js';

/** Results of an answer unless a request says otherwise. */
export const DEFAULT_LIMIT = 100;

export interface PageRequest {
  /** At most so many results, default 100. */
  readonly limit?: number | undefined;
  /** The `cursor` of the answer before. */
  readonly cursor?: string | undefined;
}

/** What a cursor belongs to: a snapshot never changes, so a place in its answer to one question is a number. */
export interface Question {
  readonly snapshot: SnapshotId;
  readonly query: string;
  /** All that decides the results besides. */
  readonly about: readonly unknown[];
}

/** Where the page begins and how long it may be. Throws `invalid-cursor` for one that another question or snapshot gave, `invalid-argument` for a bad limit. */
export function pageOf(request: PageRequest, question: Question): { readonly offset: number; readonly limit: number } {
  const limit = request.limit ?? DEFAULT_LIMIT;
  if (!Number.isSafeInteger(limit) || limit < 1) throw new CodeloomError('invalid-argument', `limit must be a whole number above 0, not ${limit}.`);
  if (request.cursor === undefined) return { offset: 0, limit };
  const [offset = '', mark] = request.cursor.split('-');
  if (!/^\d{1,15}$/.test(offset) || mark !== markOf(question)) {
    throw new CodeloomError('invalid-cursor', 'The cursor does not belong to this question about this snapshot; ask again without it.', { details: { cursor: request.cursor } });
  }
  return { offset: Number(offset), limit };
}

/** The cursor for what comes after `offset`. */
export function cursorAt(offset: number, question: Question): string {
  return `${offset}-${markOf(question)}`;
}

/** One page of results that are all at hand. */
export function page<T>(results: readonly T[], request: PageRequest, question: Question): { readonly results: readonly T[]; readonly cursor?: string } {
  const { offset, limit } = pageOf(request, question);
  const end = offset + limit;
  return { results: results.slice(offset, end), ...(end < results.length ? { cursor: cursorAt(end, question) } : {}) };
}

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), 32 bits, from two offsets: tells questions apart, guards nothing. */
function markOf(question: Question): string {
  const text = JSON.stringify([question.snapshot, question.query, question.about]);
  return [0x811c9dc5, 0x01234567].map((basis) => {
    let hash = basis;
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    return (hash >>> 0).toString(16).padStart(8, '0');
  }).join('');
}
