import { CodeloomError } from '../../domain/errors.js';
import type { Nothing } from '../../domain/querying/answer.js';
import type { ListedFile } from '../source-listing.js';

/** `path:line` or `path:line:column`, both counted from 1. */
export interface FilePlace {
  readonly path: string;
  readonly line: number;
  readonly column?: number;
}

/** Reads a place as it is written. Throws `invalid-argument`. */
export function parsePlace(text: string): FilePlace {
  const match = /^(.+?):(\d+)(?::(\d+))?$/.exec(text.trim());
  const line = Number(match?.[2]);
  const column = match?.[3] === undefined ? undefined : Number(match[3]);
  if (match === null || line < 1 || column === 0) throw new CodeloomError('invalid-argument', `${JSON.stringify(text)} is no place: write path:line:column, counted from 1.`, { details: { place: text } });
  return { path: (match[1] ?? '').replaceAll('\\', '/').replace(/^(\.\/)+/, ''), line, ...(column === undefined ? {} : { column }) };
}

/** The file that a path means: the whole of it, or its last parts; with nothing to tell, the path all the same where there is such a file. Throws `invalid-argument` where several end so. */
export function fileOfPath(files: readonly ListedFile[], path: string): { readonly file: ListedFile } | { readonly nothing: Nothing; readonly path?: string } {
  const exact = files.find((file) => file.path === path);
  const fitting = exact === undefined ? files.filter((file) => file.path.endsWith(`/${path}`)) : [exact];
  const indexed = fitting.filter((file) => file.skipped === '');
  if (indexed.length > 1) {
    throw new CodeloomError('invalid-argument', `${path} may mean ${indexed.length} files: ${indexed.slice(0, 5).map((file) => file.path).join(', ')}${indexed.length > 5 ? ' …' : ''}. Write more of the path.`, { details: { path, candidates: indexed.map((file) => file.path) } });
  }
  const [file] = indexed;
  if (file !== undefined) return { file };
  const [skipped] = fitting;
  if (skipped === undefined) return { nothing: { reason: 'not-indexed', message: `There is no file ${path} in this snapshot.`, suggestions: [] } };
  if (skipped.skipped === 'language') return { nothing: { reason: 'language-not-supported', message: `${skipped.path} is in no language that is indexed.`, suggestions: [] }, path: skipped.path };
  return { nothing: { reason: 'not-indexed', message: `${skipped.path} was listed and not indexed (${skipped.skipped}).`, suggestions: [] } };
}
