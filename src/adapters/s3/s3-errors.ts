import { CodeloomError, type ErrorCode } from '../../domain/errors.js';

/** What was being done, for the message and for telling a refused write from a refused read. */
export interface Attempt {
  readonly bucket: string;
  readonly endpoint: string | undefined;
  readonly writing: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * An error of the SDK in codeloom's terms: `aborted`, `authentication-failed`, `permission-denied`, `store-read-only`, `invalid-configuration` (no such bucket,
 * wrong region), `store-full`, `store-busy`, else `store-unavailable` (another attempt may help when the server did not answer or failed) or `internal`.
 * The SDK's error is not kept as the cause: those about signatures carry what was signed and the key's id. Its name and message are.
 */
export function s3Error(error: unknown, { bucket, endpoint, writing, signal }: Attempt): CodeloomError {
  if (error instanceof CodeloomError) return error;
  if (signal?.aborted === true) return new CodeloomError('aborted', 'The operation was cancelled.', { cause: signal.reason });
  const { name, status, system, message } = describe(error);
  const where = endpoint === undefined ? `the bucket ${bucket}` : `the bucket ${bucket} at ${endpoint}`;
  const fail = (code: ErrorCode, text: string, retryable?: boolean): CodeloomError => new CodeloomError(code, text, {
    ...(retryable === undefined ? {} : { retryable }),
    cause: new Error(SAFE_NAMES.has(name) || status === undefined ? `${name}: ${message}` : name),
    details: { bucket, ...(endpoint === undefined ? {} : { endpoint }), error: name, ...(status === undefined ? {} : { status }) },
  });

  if (KEYS_ARE_WRONG.has(name)) return fail('authentication-failed', `The keys for ${where} are not accepted (${name}). Check them and the clock of this machine.`);
  if (NO_KEYS.test(name)) return fail('authentication-failed', `No keys for ${where} were found where the AWS SDK looks for them (environment, profile, role).`);
  if (name === 'NoSuchBucket') return fail('invalid-configuration', `There is no bucket ${bucket}${endpoint === undefined ? '' : ` at ${endpoint}`}. Create it, or name another.`);
  if (name === 'PermanentRedirect' || name === 'AuthorizationHeaderMalformed' || name === 'IllegalLocationConstraintException' || /Region is missing/.test(message)) {
    return fail('invalid-configuration', `The region for ${where} is missing or wrong (${name}). Set it to the bucket's.`);
  }
  if (name === 'AccessDenied' || status === 403) {
    return writing
      ? fail('store-read-only', `These keys may not write to ${where}. They need s3:PutObject and s3:DeleteObject there.`)
      : fail('permission-denied', `These keys may not read ${where}. They need s3:GetObject and s3:ListBucket there.`);
  }
  if (status === 507 || FULL.has(name)) return fail('store-full', `There is no room left in ${where} (${name}).`);
  if (status === 429 || BUSY.has(name)) return fail('store-busy', `The server of ${where} asks for fewer requests (${name}).`);
  if (status === 501 || name === 'NotImplemented') return fail('invalid-configuration', `The server of ${where} does not know a request that is needed (${name}).`);
  if (status !== undefined && status >= 500) return fail('store-unavailable', `The server of ${where} failed (${name}, ${status}).`);
  if (status === undefined && (system !== '' || /timeout|socket|network|reset|hang up|ECONN|aborted/i.test(`${name} ${message}`))) {
    return fail('store-unavailable', `The server of ${where} does not answer (${system === '' ? name : system}).`);
  }
  if (status !== undefined) return fail('store-unavailable', `The server of ${where} refused a request (${name}, ${status}).`, false);
  return fail('internal', `Reaching ${where} failed (${name}).`);
}

/** Whether a conditional write found the object there, or another writer at it. */
export function isConflict(error: unknown): boolean {
  const { name, status } = describe(error);
  return status === 412 || name === 'PreconditionFailed' || name === 'ConditionalRequestConflict' || (status === 409 && name !== 'NoSuchBucket');
}

/** Whether an object is not there. There are other things that a server does not find: the bucket, the owner of the keys. */
export function isMissing(error: unknown): boolean {
  const { name } = describe(error);
  return name === 'NoSuchKey' || name === 'NotFound';
}

const KEYS_ARE_WRONG = new Set([
  'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'ExpiredToken', 'ExpiredTokenException', 'InvalidToken', 'TokenRefreshRequired', 'RequestTimeTooSkewed', 'RequestExpired', 'AuthFailure', 'XAdminUserNotFound',
]);
const NO_KEYS = /^(CredentialsProviderError|TokenProviderError|ProviderError)$/;
const FULL = new Set(['InsufficientStorage', 'QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded', 'EntityTooLarge']);
const BUSY = new Set(['SlowDown', 'Throttling', 'ThrottlingException', 'TooManyRequests', 'RequestLimitExceeded']);
/** Errors whose message is the SDK's or Node's own and names addresses at most. */
const SAFE_NAMES = new Set(['NoSuchBucket', 'AccessDenied', 'SlowDown', 'InternalError', 'ServiceUnavailable', 'NotImplemented', 'PermanentRedirect']);

function describe(error: unknown): { name: string; status: number | undefined; system: string; message: string } {
  if (!(error instanceof Error)) return { name: 'unknown', status: undefined, system: '', message: String(error) };
  const { $metadata, code } = error as { $metadata?: { httpStatusCode?: unknown }; code?: unknown }; // ServiceException, NodeJS.ErrnoException
  const status = typeof $metadata?.httpStatusCode === 'number' ? $metadata.httpStatusCode : undefined;
  const system = typeof code === 'string' && /^E[A-Z_]+$/.test(code) ? code : '';
  // Several addresses that refused: the first tells enough.
  if (error instanceof AggregateError && error.errors.length > 0) return { ...describe(error.errors[0]), name: error.name };
  return { name: error.name, status, system, message: error.message };
}
