import { CodeloomError, type ErrorCode } from '../../domain/errors.js';

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/** What removes these secrets from messages, as they are and as a URL writes them. */
export function redacting(secrets: readonly string[]): Redact {
  const forms = [...new Set(secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]))].filter((form) => form !== '').sort((a, b) => b.length - a.length);
  return (text) => forms.reduce((left, form) => left.replaceAll(form, '***'), text);
}

/**
 * An error of the server, the driver or the network in codeloom's terms: `store-unavailable`, `authentication-failed`, `store-busy`, `store-full`, `store-read-only`,
 * `store-corrupt`, else `internal`. Codes of the server: https://www.postgresql.org/docs/current/errcodes-appendix.html. The cause is a copy: what the driver
 * throws may lead to its configuration, and so to a password.
 */
export function storeError(error: unknown, redact: Redact): CodeloomError {
  if (error instanceof CodeloomError) return error;
  if (error instanceof Error && error.name === 'AbortError') return new CodeloomError('aborted', 'The operation was cancelled.', { cause: error });
  const reason = redact(messageOf(error));
  const state = codeOf(error);
  const [code, retryable] = classify(state, reason);
  const cause = new Error(reason);
  cause.name = error instanceof Error ? error.name : 'Error';
  return new CodeloomError(code, `${MESSAGES[code] ?? 'PostgreSQL failed'} (${reason}${state === undefined ? '' : `, ${state}`}).`, {
    cause, details: state === undefined ? {} : { state }, ...(retryable === undefined ? {} : { retryable }),
  });
}

/** Whether the connection that this came from is of no more use. */
export function endsConnection(error: unknown): boolean {
  const state = codeOf(error);
  // What has no code of the server's came from the driver or the network.
  return state === undefined || !/^[0-9A-Z]{5}$/.test(state) || state.startsWith('08') || state.startsWith('57P') || state === '25P03' || state === '25P04';
}

type Verdict = readonly [code: ErrorCode, retryable?: boolean];

const STATES: Readonly<Record<string, Verdict>> = {
  '28P01': ['authentication-failed'], '28000': ['authentication-failed'],
  '3D000': ['store-unavailable', false],
  '25006': ['store-read-only'], '42501': ['store-read-only'],
  '53100': ['store-full'], '53400': ['store-full'],
  '53200': ['store-busy'], '40P01': ['store-busy'], '40001': ['store-busy'], '55P03': ['store-busy'], '57014': ['store-busy'], '55006': ['store-busy'],
  '53300': ['store-unavailable'], '25P03': ['store-unavailable'], '25P04': ['store-unavailable'], '25P02': ['store-unavailable'],
  '54000': ['invalid-argument'], '22007': ['invalid-argument'], '22008': ['invalid-argument'],
  '3F000': ['store-corrupt'], '42P01': ['store-corrupt'], '42703': ['store-corrupt'], XX001: ['store-corrupt'], XX002: ['store-corrupt'],
  ENOSPC: ['store-full'],
};

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  'store-unavailable': 'PostgreSQL cannot be reached, or ended the connection; check that it runs and the address',
  'authentication-failed': 'PostgreSQL refused the user or the password; check the credentials and pg_hba.conf',
  'store-busy': 'PostgreSQL was too busy, or somebody else holds a lock; try again',
  'store-full': 'PostgreSQL has no room left; make room and try again',
  'store-read-only': 'PostgreSQL does not let this role write; check its privileges, and that the server is no standby',
  'store-corrupt': "The schema is not as codeloom's migrations left it; restore it, or index into another schema",
  'invalid-argument': 'PostgreSQL cannot keep a value',
};

function classify(state: string | undefined, reason: string): Verdict {
  if (state !== undefined) {
    const known = STATES[state];
    if (known !== undefined) return known;
    if (state.startsWith('08') || state.startsWith('57P') || /^E[A-Z_]{3,}$/.test(state)) return ['store-unavailable'];
    // TLS and its certificates: another attempt does not mend them.
    if (/^(ERR_(TLS|SSL)|CERT_|DEPTH_|UNABLE_TO_|SELF_SIGNED)/.test(state)) return ['store-unavailable', false];
    return ['internal'];
  }
  // Said by the driver, in words only. The first is a wait for a connection of its own pool.
  if (reason.startsWith('timeout exceeded when trying to connect')) return ['store-busy'];
  if (/connection|terminated|timeout expired|not queryable|socket/i.test(reason)) return ['store-unavailable'];
  if (/password|SASL|SCRAM/.test(reason)) return ['authentication-failed'];
  return ['internal'];
}

function messageOf(error: unknown): string {
  // Several addresses were tried (localhost is two), each with an error of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map((one) => messageOf(one)).join('; ');
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined; // DatabaseError's and NodeJS.ErrnoException's
  return typeof code === 'string' ? code : undefined;
}
