import { CodeloomError, type ErrorCode } from '../../domain/errors.js';

/** Runs `work` on a database file; what SQLite throws comes out as a CodeloomError: see {@link storeError}. */
export function mapErrors<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(error, file);
  }
}

/**
 * An error of SQLite or of the file system in codeloom's terms: `store-full`, `store-read-only`, `store-corrupt`, `store-busy`, `store-unavailable`, else
 * `internal`. Result codes: https://sqlite.org/rescode.html.
 */
export function storeError(error: unknown, file: string): CodeloomError {
  if (error instanceof CodeloomError) return error;
  const code = sqliteCode(error) === undefined ? FILE_SYSTEM[systemCode(error)] : codeOf(sqliteCode(error) ?? 0);
  if (code === undefined) return CodeloomError.from(error);
  const reason = error instanceof Error ? error.message : String(error);
  return new CodeloomError(code, `${MESSAGES[code] ?? 'The store failed'}: ${file} (${reason}).`, { cause: error, details: { file } });
}

const FILE_SYSTEM: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'store-full', EDQUOT: 'store-full', EACCES: 'store-read-only', EPERM: 'store-read-only', EROFS: 'store-read-only',
  ENOENT: 'store-unavailable', ENOTDIR: 'store-unavailable', EEXIST: 'store-unavailable', EMFILE: 'store-unavailable', EIO: 'store-unavailable',
};

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  'store-full': 'There is no room left for the store; make room and try again',
  'store-read-only': 'The store cannot be written to; check the permissions of its folder, or choose another with --store',
  'store-corrupt': 'The store is damaged or not a store of codeloom; move it away and index again',
  'store-busy': 'Another process is using the store; try again',
  'store-unavailable': 'The store cannot be opened',
};

/** Result codes by their primary part, save where the extended code says more. */
function codeOf(result: number): ErrorCode | undefined {
  // A full disk while the shared-memory file grows.
  if (result === 4874) return 'store-full';
  switch (result & 0xff) {
    case 5: case 6: case 15: return 'store-busy';
    case 3: case 8: return 'store-read-only';
    case 11: case 26: return 'store-corrupt';
    case 13: return 'store-full';
    case 10: case 14: return 'store-unavailable';
    default: return undefined;
  }
}

/** The result code that a driver's error carries. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { rawCode, errcode } = error as { rawCode?: unknown; errcode?: unknown }; // libsql's and node:sqlite's names for it
  if (typeof rawCode === 'number') return rawCode;
  if (typeof errcode === 'number') return errcode;
  // libsql says a failure to open in words only.
  const opening = /^ConnectionFailed\(.*: (\d+)"\)$/s.exec(error.message);
  return opening === null ? undefined : Number(opening[1]);
}

function systemCode(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined; // NodeJS.ErrnoException
  return typeof code === 'string' ? code : '';
}
