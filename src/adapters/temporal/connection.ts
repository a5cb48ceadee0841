import { Connection, type ConnectionOptions } from '@temporalio/client';
import { CodeloomError } from '../../domain/errors.js';
import { DEFAULT_ADDRESS, DEFAULT_NAMESPACE, type TemporalAddress } from './address.js';

type Tls = Exclude<ConnectionOptions['tls'], boolean | null | undefined>;

interface ConnectionParts {
  readonly address: string;
  readonly tls?: Tls | true;
  readonly apiKey?: string;
}

/** The same for the driver. Throws `invalid-configuration`. */
export function connectionOptions({ address = DEFAULT_ADDRESS, tls, apiKey }: TemporalAddress): ConnectionParts {
  if (!/^(\[[0-9a-f:.]+\]|[^\s:/@?#]+)(:\d{1,5})?$/i.test(address)) throw new CodeloomError('invalid-configuration', 'The address of a Temporal server is host:port.', { details: { hint: 'Without a scheme: temporal.example.com:7233' } });
  const parts = { address, ...(apiKey === undefined ? {} : { apiKey }) };
  if (tls === undefined || typeof tls === 'boolean') return tls === true || (tls === undefined && apiKey !== undefined) ? { ...parts, tls: true } : parts;
  const { ca, certificate, key, serverName } = tls;
  if ((certificate === undefined) !== (key === undefined)) throw new CodeloomError('invalid-configuration', 'A client certificate for Temporal needs its key, and a key its certificate.');
  const bytes = (text: string): Buffer => Buffer.from(text);
  return {
    ...parts,
    tls: {
      ...(ca === undefined ? {} : { serverRootCACertificate: bytes(ca) }), ...(serverName === undefined ? {} : { serverNameOverride: serverName }),
      ...(certificate === undefined || key === undefined ? {} : { clientCertPair: { crt: bytes(certificate), key: bytes(key) } }),
    },
  };
}

/** A server that does not answer at all is told within this. */
const CONNECT_MS = 5000;

/** Connects a client. Errors: `network`, `authentication-failed`, `permission-denied`, `invalid-configuration`. */
export async function connectClient(temporal: TemporalAddress): Promise<Connection> {
  const options = connectionOptions(temporal);
  try {
    return await Connection.connect({ ...options, connectTimeout: CONNECT_MS });
  } catch (error) {
    throw connectionError(error, temporal);
  }
}

/** Asks the server whether it has the namespace, for who is connected. Errors: as {@link connectClient}; `invalid-configuration` where it has not. */
export async function checkNamespace(connection: Pick<Connection, 'workflowService'>, temporal: TemporalAddress): Promise<void> {
  try {
    await connection.workflowService.describeNamespace({ namespace: temporal.namespace ?? DEFAULT_NAMESPACE });
  } catch (error) {
    throw statusOf(error) === STATUS.notFound ? noNamespace(error, temporal) : connectionError(error, temporal);
  }
}

/** What went wrong between here and the server. */
export function connectionError(thrown: unknown, { address = DEFAULT_ADDRESS, namespace = DEFAULT_NAMESPACE }: TemporalAddress): CodeloomError {
  if (thrown instanceof CodeloomError) return thrown;
  const details = { address, namespace };
  switch (statusOf(thrown)) {
    case STATUS.unauthenticated: return new CodeloomError('authentication-failed', `Temporal at ${address} does not take these credentials.`, { cause: thrown, details });
    case STATUS.permissionDenied: return new CodeloomError('permission-denied', `Temporal at ${address} does not let these credentials do this in the namespace ${namespace}.`, { cause: thrown, details });
    case STATUS.invalidArgument: return new CodeloomError('invalid-argument', `Temporal at ${address} does not take this: ${messageOf(thrown)}`, { cause: thrown, details });
    case STATUS.notFound: return new CodeloomError('invalid-argument', `Temporal at ${address} knows nothing of it in the namespace ${namespace}.`, { cause: thrown, details });
    case STATUS.unavailable: case STATUS.deadlineExceeded: break;
    default:
      if (thrown instanceof Error && /NamespaceNotFound|namespace .* not found/i.test(`${thrown.name} ${thrown.message}`)) return noNamespace(thrown, { address, namespace });
      if (!(thrown instanceof Error && /connect|transport|unavailable|deadline/i.test(`${thrown.name} ${thrown.message}`))) return CodeloomError.from(thrown);
  }
  return new CodeloomError('network', `Temporal cannot be reached at ${address}.`, { cause: thrown, details: { ...details, hint: 'Is the server running, and is this its address? See --address and CODELOOM_TEMPORAL_ADDRESS.' } });
}

function noNamespace(cause: unknown, { address = DEFAULT_ADDRESS, namespace = DEFAULT_NAMESPACE }: TemporalAddress): CodeloomError {
  return new CodeloomError('invalid-configuration', `Temporal at ${address} has no namespace ${namespace}.`, { cause, details: { address, namespace, hint: 'See --namespace and CODELOOM_TEMPORAL_NAMESPACE; `temporal operator namespace list` says what there is.' } });
}

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const STATUS = { invalidArgument: 3, deadlineExceeded: 4, notFound: 5, permissionDenied: 7, unavailable: 14, unauthenticated: 16 } as const;

/** The gRPC status of an error of the client, which wraps it. */
function statusOf(thrown: unknown): number | undefined {
  for (let each: unknown = thrown; each instanceof Error; each = each.cause) if ('code' in each && typeof each.code === 'number') return each.code;
  return undefined;
}

function messageOf(thrown: unknown): string {
  const innermost = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  return innermost instanceof Error ? ('details' in innermost && typeof innermost.details === 'string' ? innermost.details : innermost.message).slice(0, 500) : '';
}
