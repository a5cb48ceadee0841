import neo4j from 'neo4j-driver';
import { CodeloomError, type ErrorCode } from '../../domain/errors.js';

/** Where a server is, for messages, and what must appear in none. */
export interface ServerIdentity {
  /** Without credentials. */
  readonly address: string;
  readonly secrets: readonly string[];
}

/**
 * An error of the driver or the server in codeloom's terms: `store-unavailable`, `store-busy`, `store-full`, `store-read-only`, `store-corrupt`,
 * `authentication-failed`, `permission-denied`, else `internal`. Status codes: https://neo4j.com/docs/status-codes/current/.
 */
export function storeError(error: unknown, { address, secrets }: ServerIdentity): CodeloomError {
  if (error instanceof CodeloomError) return error;
  if (!(error instanceof Error)) return CodeloomError.from(error);
  const status = statusOf(error);
  const code = status === undefined ? undefined : codeOf(status, error.message);
  const reason = without(secrets, error.message);
  // The driver's error itself may hold on to what it was configured with.
  const cause = new Error(reason);
  cause.name = status ?? error.name;
  if (code === undefined) return new CodeloomError('internal', `The graph store failed: ${address} (${reason}).`, { cause, details: { address, ...(status === undefined ? {} : { status }) } });
  return new CodeloomError(code, `${MESSAGES[code] ?? 'The graph store failed'}: ${address} (${reason}).`, { cause, details: { address, status } });
}

/** Whether the driver or the server gave up on this attempt, so that the same again may succeed. */
export function isTransient(error: CodeloomError): boolean {
  return error.code === 'store-unavailable' && error.retryable || error.code === 'store-busy';
}

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  'store-unavailable': 'Neo4j does not answer; see that it runs and can be reached',
  'store-busy': 'Neo4j is busy; try again',
  'store-full': 'Neo4j has no room left; make room and try again',
  'store-read-only': 'The Neo4j database cannot be written to',
  'store-corrupt': 'The Neo4j database is damaged, or holds what codeloom did not write',
  'authentication-failed': 'Neo4j does not accept the user or password',
  'permission-denied': 'Neo4j does not let this user do what the store needs',
};

function codeOf(status: string, message: string): ErrorCode | undefined {
  // Neo4j has no status of its own for a full disk: it says so in the words of the operating system or of the JVM.
  if (/no space left|not enough space|disk quota|out of disk|disk is full/i.test(message)) return 'store-full';
  switch (status) {
    case neo4j.error.SERVICE_UNAVAILABLE: case neo4j.error.SESSION_EXPIRED: return 'store-unavailable';
    case 'Neo.ClientError.General.ForbiddenOnReadOnlyDatabase': case 'Neo.ClientError.General.WriteOnReadOnlyAccessDatabase': return 'store-read-only';
    case 'Neo.ClientError.Cluster.NotALeader': case 'Neo.TransientError.Cluster.NotALeader': case 'Neo.ClientError.Database.DatabaseNotFound': return 'store-unavailable';
    case 'Neo.ClientError.Security.Forbidden': return 'permission-denied';
    case 'Neo.ClientError.Security.AuthorizationExpired': case 'Neo.TransientError.Security.AuthProviderTimeout': return 'store-unavailable';
    case 'Neo.ClientError.Transaction.TransactionTimedOut': case 'Neo.ClientError.Transaction.LockClientStopped': case 'Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration': return 'store-busy';
    case 'Neo.TransientError.General.DatabaseUnavailable': case 'Neo.TransientError.Database.DatabaseUnavailable': return 'store-unavailable';
    default:
  }
  if (status.startsWith('Neo.ClientError.Security.')) return 'authentication-failed';
  if (status.startsWith('Neo.TransientError.')) return 'store-busy';
  if (/^Neo\.DatabaseError\.General\.(IndexCorruptionDetected|StorageDamageDetected)/.test(status)) return 'store-corrupt';
  return undefined;
}

/** The status that an error of the driver carries. */
function statusOf(error: Error): string | undefined {
  const status = (error as { code?: unknown }).code; // Neo4jError's, or a NodeJS.ErrnoException's
  return typeof status === 'string' ? status : undefined;
}

function without(secrets: readonly string[], text: string): string {
  return secrets.filter((secret) => secret.length > 0).reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}
