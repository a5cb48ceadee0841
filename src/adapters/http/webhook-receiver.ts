import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { CodeloomError, type ErrorCode } from '../../domain/errors.js';
import type { HostEvent } from '../../domain/host-event.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { Received } from '../../use-cases/receive-host-event.js';
import { createDeliveries } from './deliveries.js';
import { giteaWebhooks } from './webhooks/gitea.js';
import { githubWebhooks } from './webhooks/github.js';
import { gitlabWebhooks } from './webhooks/gitlab.js';
import type { WebhookSource } from './webhooks/source.js';

/** One address that a host sends events to. */
export interface WebhookEndpoint {
  readonly kind: 'github' | 'gitlab' | 'gitea';
  /** Default `/webhooks/<kind>`. */
  readonly path?: string | undefined;
  /** What was given to the host as the webhook's secret; never empty. */
  readonly secret: string;
  /** Acts on a verified event. */
  readonly receive: (event: HostEvent, options: { readonly signal: AbortSignal }) => Promise<Received>;
}

export interface WebhookReceiverOptions {
  readonly endpoints: readonly WebhookEndpoint[];
  readonly clock: Pick<Clock, 'now'>;
  /** Larger bodies are refused unread; default 8 MiB. GitHub sends at most 25 MB, and nearly always some kilobytes. */
  readonly maxBodyBytes?: number | undefined;
  /** Hosts wait ten seconds for an answer. What takes longer than this goes on after the answer; default 7 s. */
  readonly answerWithinMs?: number | undefined;
  /** Told of every request that was answered, for a log. */
  readonly onDelivery?: ((report: DeliveryReport) => void) | undefined;
}

/** What became of a delivery; nothing of its content. */
export interface DeliveryReport {
  readonly kind: WebhookEndpoint['kind'];
  /** The host's id of the delivery; absent where the request was refused before it was read. */
  readonly delivery?: string | undefined;
  readonly event?: HostEvent['kind'] | undefined;
  readonly result:
    | { readonly status: 'done'; readonly received: Received }
    | { readonly status: 'refused'; readonly reason: Refusal }
    | { readonly status: 'duplicate' }
    | { readonly status: 'failed'; readonly code: ErrorCode; readonly message: string };
}

export type Refusal = 'content-type' | 'too-large' | 'signature' | 'no-delivery-id' | 'body';

export interface WebhookReceiver {
  readonly app: Hono;
  /** Resolves when everything that was taken in has been acted on. `cancel` ends what is under way. */
  settle(options?: { readonly cancel?: boolean }): Promise<void>;
}

const SOURCES: Readonly<Record<WebhookEndpoint['kind'], WebhookSource>> = { github: githubWebhooks, gitlab: gitlabWebhooks, gitea: giteaWebhooks };
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const ANSWER_WITHIN_MS = 7000;
const STATUS_OF = { 'content-type': 415, 'too-large': 413, signature: 401, 'no-delivery-id': 400, body: 400 } as const;

/**
 * Takes in webhooks: checks the content type, the size, the signature over the bytes as they came, and that the delivery is new, in this order, and only then reads what it
 * says. Answers 200 with what became of it, 202 when that takes longer, 503 where the sender should try again.
 */
export function createWebhookReceiver({ endpoints, clock, maxBodyBytes = MAX_BODY_BYTES, answerWithinMs = ANSWER_WITHIN_MS, onDelivery }: WebhookReceiverOptions): WebhookReceiver {
  const app = new Hono();
  const deliveries = createDeliveries();
  const underWay = new Set<Promise<unknown>>();
  const cancel = new AbortController();

  for (const endpoint of endpoints) {
    if (endpoint.secret === '') throw new CodeloomError('invalid-configuration', `A webhook of ${endpoint.kind} needs a secret.`);
    const path = endpoint.path ?? `/webhooks/${endpoint.kind}`;
    const refuse = (c: Context, reason: Refusal): Response => {
      onDelivery?.({ kind: endpoint.kind, result: { status: 'refused', reason } });
      return c.json({ status: 'refused', reason }, STATUS_OF[reason]);
    };
    app.post(path, async (c, next) => {
      if (/^application\/json(?:\s*;|$)/i.test(c.req.header('content-type') ?? '')) return next();
      return refuse(c, 'content-type');
    }, bodyLimit({ maxSize: maxBodyBytes, onError: (c) => refuse(c, 'too-large') }), (c) => take(c, endpoint, refuse));
    app.all(path, (c) => c.json({ status: 'refused', reason: 'method' }, 405, { Allow: 'POST' }));
  }

  async function take(c: Context, endpoint: WebhookEndpoint, refuse: (c: Context, reason: Refusal) => Response): Promise<Response> {
    const source = SOURCES[endpoint.kind];
    const { headers } = c.req.raw;
    const body = new Uint8Array(await c.req.arrayBuffer());
    if (!source.verify({ headers, body }, endpoint.secret)) return refuse(c, 'signature');
    const delivery = source.delivery(headers);
    if (delivery === undefined || delivery === '' || delivery.length > 200) return refuse(c, 'no-delivery-id');
    const event = parse(source, headers, body);
    if (event === undefined) return refuse(c, 'body');
    const report = { kind: endpoint.kind, delivery, event: event.kind };
    const id = `${c.req.path} ${delivery}`;
    if (!deliveries.take(id, clock.now())) {
      onDelivery?.({ ...report, result: { status: 'duplicate' } });
      return c.json({ status: 'duplicate' });
    }
    const work = endpoint.receive(event, { signal: cancel.signal }).then((received) => {
      onDelivery?.({ ...report, result: { status: 'done', received } });
      return received;
    }, (thrown: unknown) => {
      const error = CodeloomError.from(thrown);
      deliveries.release(id);
      onDelivery?.({ ...report, result: { status: 'failed', code: error.code, message: error.message } });
      return error;
    });
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
    const outcome = await withinTime(work, answerWithinMs);
    if (outcome === 'later') return c.json({ status: 'accepted' }, 202);
    if (outcome instanceof CodeloomError) return c.json({ status: 'failed', code: outcome.code }, outcome.retryable || outcome.code === 'aborted' ? 503 : 500);
    return c.json({ status: 'done', ...outcome });
  }

  return {
    app,
    async settle(options) {
      if (options?.cancel === true) cancel.abort(new Error('the receiver is closing'));
      await Promise.all(underWay);
    },
  };
}

function parse(source: WebhookSource, headers: Headers, body: Uint8Array): HostEvent | undefined {
  try {
    return source.read(headers, JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown);
  } catch {
    return undefined;
  }
}

function withinTime<T>(work: Promise<T>, milliseconds: number): Promise<T | 'later'> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve('later'), milliseconds);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
