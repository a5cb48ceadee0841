import type { IncomingHttpHeaders } from 'node:http';

/** GitHub's advice for a limit that comes without a time: at least a minute. */
const UNSAID_MS = 60_000;
const LEAST_MS = 1000;

/**
 * How long a host asks to be left alone, in milliseconds; undefined when the answer is about something else. By what GitHub documents of its primary and secondary limits
 * (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api), and RFC 9110 of Retry-After; GitLab and Gitea answer 429.
 */
export function pauseAsked({ status, headers, text }: { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }, now: Date): number | undefined {
  if (status !== 429 && status !== 403 && status !== 503) return undefined;
  const after = retryAfter(headers['retry-after'], now);
  if (after !== undefined) return after;
  if (status === 503) return undefined;
  const remaining = headers['x-ratelimit-remaining'] ?? headers['ratelimit-remaining'];
  const reset = Number(headers['x-ratelimit-reset'] ?? headers['ratelimit-reset'] ?? Number.NaN);
  if (remaining === '0' && Number.isFinite(reset)) return Math.max(LEAST_MS, reset * 1000 - now.getTime());
  return status === 429 || namesLimit(text) ? UNSAID_MS : undefined;
}

/** Seconds, or a date. */
function retryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^\s*\d{1,9}\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now.getTime();
  return Number.isFinite(seconds) ? Math.max(LEAST_MS, seconds) : UNSAID_MS;
}

/** A secondary limit may come as 403 without any header; the page that it points to tells it from a refusal. */
function namesLimit(text: string): boolean {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && 'documentation_url' in body && /rate-limit/.test(String(body.documentation_url));
  } catch {
    return false;
  }
}
