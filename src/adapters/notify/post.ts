import { CodeloomError, throwIfAborted, type ErrorCode } from '../../domain/errors.js';

export interface PostRequest {
  /** May hold a secret in its path, as those of Slack and Teams do: it is in no error. */
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** For errors: `Slack`. */
  readonly who: string;
  readonly signal?: AbortSignal | undefined;
}

/** Who takes a notification answers at once, or not at all. */
const WITHIN_MS = 10_000;

/** Posts JSON. Follows no redirect: what is sent is for whom it was configured for. Errors by the status of the answer: `network`, `rate-limited`, `authentication-failed`, `permission-denied`, `invalid-argument`. */
export async function post({ url, body, headers, who, signal }: PostRequest): Promise<void> {
  throwIfAborted(signal);
  const limit = AbortSignal.timeout(WITHIN_MS);
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST', body, headers: { 'content-type': 'application/json', 'user-agent': 'codeloom', ...headers }, redirect: 'manual', signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
    // So that the connection is free again; nothing of the answer is of use.
    await response.body?.cancel();
  } catch {
    throwIfAborted(signal);
    // Without its cause: that names the address.
    throw new CodeloomError('network', limit.aborted ? `${who} did not answer within ${WITHIN_MS / 1000} s.` : `${who} cannot be reached.`);
  }
  if (response.ok) return;
  const code = codeOf(response.status);
  throw new CodeloomError(code, `${who} answered ${response.status}.`, { details: { status: response.status } });
}

/** What is our request's fault will be so the next time too. */
function codeOf(status: number): ErrorCode {
  if (status === 401) return 'authentication-failed';
  if (status === 403) return 'permission-denied';
  if (status === 429) return 'rate-limited';
  return status >= 500 || status === 408 ? 'network' : 'invalid-argument';
}

/** Checks an address once, when a notifier is made. Throws `invalid-configuration`, without the address. */
export function checkedUrl(url: string, who: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw new CodeloomError('invalid-configuration', `The address for ${who} is no http or https URL.`);
  return url;
}
