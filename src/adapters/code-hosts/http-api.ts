import { request as requestHttp, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { ZodType } from 'zod';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { Clock } from '../../domain/ports/clock.js';
import { pauseAsked } from './rate-limits.js';

/** How an API over HTTP is spoken with; all but the address is optional. */
export interface HttpApiOptions {
  /** What paths are put behind, without a slash at its end: `https://api.github.com`. */
  readonly address: string;
  readonly clock: Clock;
  /** Certificates (PEM) of those who vouch for the server, in place of the usual ones. */
  readonly ca?: string | undefined;
  /** How long one answer may take; default 10 s. */
  readonly timeoutMs?: number | undefined;
  /** How long a request may wait in all because the host asks to; default 60 s. */
  readonly maxWaitMs?: number | undefined;
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST';
  /** Behind the address, beginning with a slash; what people wrote in it is escaped. */
  readonly path: string;
  /** What is asked for, for messages: `the repository owner/name`. */
  readonly about: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpApi {
  /**
   * The answer's content, of a status below 300. Waits as long as the host asks (Retry-After and its kin) within bounds, follows redirects within the host, tries again what
   * failed on the way. Errors by status: 401 `authentication-failed`; 403, 451 `permission-denied`; 404, 410 `repository-not-found`; 409 `empty-repository`; 403 or 429
   * with a pause `rate-limited`; other 4xx `invalid-argument`; all else `network`.
   */
  send(request: ApiRequest): Promise<unknown>;
}

/** Whom a host takes one for who brings no credentials. */
export const NOBODY = 'nobody in particular';

const TIMEOUT_MS = 10_000;
const MAX_WAIT_MS = 60_000;
/** Pauses before another attempt at what failed on the way. */
const AGAIN_MS: readonly number[] = [500, 1500];
const MAX_REDIRECTS = 3;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

export function createHttpApi(options: HttpApiOptions): HttpApi {
  const { clock, ca, timeoutMs = TIMEOUT_MS, maxWaitMs = MAX_WAIT_MS } = options;
  const address = readAddress(options.address);

  async function send(request: ApiRequest): Promise<unknown> {
    let waited = 0;
    let failures = 0;
    for (;;) {
      throwIfAborted(request.signal);
      const answer = await follow(request).catch((error: unknown) => CodeloomError.from(error));
      if (answer instanceof CodeloomError ? !answer.retryable : answer.status < 300) {
        if (answer instanceof CodeloomError) throw answer;
        return readJson(answer, request, address);
      }
      const asked = answer instanceof CodeloomError ? undefined : pauseAsked(answer, clock.now());
      if (asked !== undefined) {
        if (waited + asked > maxWaitMs) throw rateLimited(asked, request, address);
        waited += asked;
        await clock.sleep(asked, request.signal);
        continue;
      }
      const error = answer instanceof CodeloomError ? answer : failureOf(answer.status, request, address);
      const pause = AGAIN_MS[failures++];
      if (!error.retryable || pause === undefined) throw error;
      await clock.sleep(pause, request.signal);
    }
  }

  /** Follows redirects as long as they stay with the host: a token goes nowhere else. */
  async function follow(request: ApiRequest): Promise<Answer> {
    let url = new URL(`${address.href.replace(/\/$/, '')}${request.path}`);
    for (let hops = 0; ; hops++) {
      const answer = await exchange(url, request, { ca, timeoutMs });
      const to = REDIRECTS.has(answer.status) ? answer.headers.location : undefined;
      if (to === undefined) return answer;
      const next = new URL(to, url);
      if (next.origin !== address.origin || hops === MAX_REDIRECTS) {
        throw new CodeloomError('network', `${address.host} sends away to ${next.origin === address.origin ? 'itself, again and again' : 'another host'}, when asked for ${request.about}.`, { retryable: false, details: { host: address.host } });
      }
      url = next;
    }
  }

  return { send };
}

/** Those that keep the method; of the others the request is a GET anyway. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 307, 308]);

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function readAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['https:', 'http:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw new CodeloomError('invalid-configuration', 'The address of a code host is a URL that begins with https://, and holds neither user nor password.');
  }
  if (url.protocol === 'http:' && !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)) {
    throw new CodeloomError('invalid-configuration', `The address of a code host must begin with https://: a token would travel to ${url.host} in the clear.`, { details: { host: url.host } });
  }
  return url;
}

async function exchange(url: URL, request: ApiRequest, { ca, timeoutMs }: { readonly ca: string | undefined; readonly timeoutMs: number }): Promise<Answer> {
  const { signal, about, method = 'GET', headers } = request;
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const sent = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
        method, signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
        headers: { Accept: 'application/json', 'User-Agent': 'codeloom', ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }) },
        ...(ca === undefined ? {} : { ca }),
      }, (response) => readText(response).then((text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }), reject));
      sent.on('error', reject);
      sent.end(body);
    });
  } catch (error) {
    throwIfAborted(signal);
    if (limit.aborted) throw new CodeloomError('network', `${url.host} did not answer within ${timeoutMs} ms, when asked for ${about}.`, { details: { host: url.host } });
    // Node's errors name host and port, and nothing of what was sent.
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    const untrusted = code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code);
    throw new CodeloomError('network', untrusted ? `Nobody whom this machine trusts vouches for ${url.host} (${code}).` : `${url.host} could not be reached (${code ?? 'no reason given'}), when asked for ${about}.`, {
      cause: error, retryable: !untrusted,
      details: { host: url.host, ...(untrusted ? { hint: 'Name the certificate of who vouches for it in NODE_EXTRA_CA_CERTS, and for Git in GIT_SSL_CAINFO.' } : {}) },
    });
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) { // without an encoding, chunks are buffers
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) {
      response.destroy();
      throw new Error(`an answer of more than ${MAX_ANSWER_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readJson({ text }: Answer, { about }: ApiRequest, { host }: URL): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw unreadable(host, about);
  }
}

/** What the host answers, read by a schema. Errors: those of {@link HttpApi.send}; `network` for an answer of another form. */
export async function ask<T>(api: HttpApi, host: string, schema: ZodType<T>, request: ApiRequest): Promise<T> {
  const parsed = schema.safeParse(await api.send(request));
  if (!parsed.success) throw unreadable(host, request.about);
  return parsed.data;
}

/** For an answer that is not what the host's documentation promises. */
export function unreadable(host: string, about: string): CodeloomError {
  return new CodeloomError('network', `What ${host} answers is no answer of a code host, when asked for ${about}.`, { retryable: false, details: { host } });
}

/** For what may be gone, or belong to a repository that holds nothing: then it is undefined. */
export function absentAsUndefined(error: unknown): undefined {
  if (error instanceof CodeloomError && (error.code === 'repository-not-found' || error.code === 'empty-repository')) return undefined;
  throw error;
}

function rateLimited(pauseMs: number, { about }: ApiRequest, { host }: URL): CodeloomError {
  const seconds = Math.ceil(pauseMs / 1000);
  return new CodeloomError('rate-limited', `${host} wants no more requests for ${seconds} s, when asked for ${about}.`, { details: { host, retryAfterSeconds: seconds } });
}

const CREDENTIALS_HINT = 'Is the token for this host (CODELOOM_GITHUB_TOKEN …), or the key of the App, still the right one? `codeloom doctor` asks.';

function failureOf(status: number, { about }: ApiRequest, { host }: URL): CodeloomError {
  const details = { host, status };
  switch (status) {
    case 401: return new CodeloomError('authentication-failed', `${host} does not accept the credentials, when asked for ${about}.`, { details: { ...details, hint: CREDENTIALS_HINT } });
    case 403: case 451: return new CodeloomError('permission-denied', `${host} does not allow it, when asked for ${about}.`, { details });
    case 404: case 410: return new CodeloomError('repository-not-found', `${host} does not know ${about}, or does not show it with these credentials.`, { details });
    case 409: return new CodeloomError('empty-repository', `${host} has nothing yet in ${about}.`, { details });
    default: return status >= 400 && status < 500
      ? new CodeloomError('invalid-argument', `${host} answers ${status}, when asked for ${about}.`, { details })
      : new CodeloomError('network', `${host} answers ${status}, when asked for ${about}.`, { details });
  }
}
