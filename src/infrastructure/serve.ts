import { listen } from '../adapters/http/listen.js';
import { createServiceApp } from '../adapters/http/service-app.js';
import { createWebhookReceiver, type DeliveryReport } from '../adapters/http/webhook-receiver.js';
import { CodeloomError, type ErrorCode } from '../domain/errors.js';
import { selectRepositories } from '../domain/repository-selection.js';
import type { Logger } from '../domain/ports/logger.js';
import type { Telemetry } from '../domain/ports/telemetry.js';
import type { RunStarter } from '../domain/ports/run-starter.js';
import type { Codeloom } from '../use-cases/codeloom.js';
import { durableRunStarter } from '../use-cases/durable-run-starter.js';
import { receiveHostEvent } from '../use-cases/receive-host-event.js';
import { createRunQueue } from '../use-cases/run-queue.js';
import type { IndexRequest } from '../use-cases/steps.js';
import { firstOf, openConfiguredHosts } from './configured-hosts.js';
import { createCodeloom } from './create-codeloom.js';
import type { StoreNames } from './open-codeloom.js';
import { carefulHosts } from './careful-hosts.js';
import { openNotifications } from './command-notifications.js';
import type { ChannelSettings } from './notification-channels.js';
import { commandTelemetry } from './command-metrics.js';
import { usualSecrets } from './secrets.js';
import { logServing } from './serve-log.js';
import { openRuns, type TemporalSettings } from './temporal-server.js';
import { systemClock } from './system-clock.js';

export interface ServeRequest {
  /** Absolute path of the data folder. */
  readonly store: string;
  readonly stores?: StoreNames | undefined;
  readonly workers?: number | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** Globs of `host/owner/name` that may be indexed. */
  readonly allow?: readonly string[] | undefined;
  /** Globs of branches; absent: the default branch of each repository. */
  readonly branches?: readonly string[] | undefined;
  /** How repositories are indexed. */
  readonly indexing: Pick<IndexRequest, 'languages' | 'include' | 'exclude' | 'maxFileBytes' | 'retention'>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Told what happens, for a program. */
  readonly tell?: ((news: ServeNews) => void) | undefined;
  readonly logger: Logger;
  /** Who is told of the runs that this process does. */
  readonly notifications?: readonly ChannelSettings[] | undefined;
  /** The Temporal server whose workers do the runs; default: this process does them, one at a time. */
  readonly durable?: TemporalSettings | undefined;
}

/** What happens while it serves. */
export type ServeNews =
  | { readonly type: 'listening'; readonly url: string; readonly webhooks: readonly string[] }
  | ({ readonly type: 'delivery' } & DeliveryReport)
  | { readonly type: 'run-ended'; readonly repository: string; readonly branch: string; readonly commit?: string | undefined; readonly code?: ErrorCode; readonly message?: string }
  | { readonly type: 'closing' };

/** Takes webhooks of the configured hosts and indexes what was pushed, until the signal fires; then ends in order. Throws `invalid-configuration`, and what opening the stores throws. */
export async function serve(request: ServeRequest): Promise<void> {
  const { signal, logger, allow = [] } = request;
  const log = logServing(logger);
  const { telemetry, scrape } = await commandTelemetry(logger);
  const hosts = carefulHosts(await openConfiguredHosts(usualSecrets(request.environment)), { logger, telemetry });
  const tell = (news: ServeNews): void => {
    log(news);
    if (news.type === 'delivery') telemetry.add('codeloom_deliveries_total', { host: news.kind, result: news.result.status });
    request.tell?.(news);
  };
  const senders = hosts.flatMap(({ kind, host, webhookSecret }) => (webhookSecret === undefined ? [] : [{ kind, host, secret: webhookSecret }]));
  if (senders.length === 0) {
    throw new CodeloomError('invalid-configuration', 'No webhook has a secret, and without one nobody can tell who sent it.', { details: { hint: 'Set CODELOOM_GITHUB_WEBHOOK_SECRET (or …GITLAB…, …GITEA…; or …_FILE) to what the host was given. See docs/github.md.' } });
  }
  if (allow.length === 0) {
    throw new CodeloomError('invalid-configuration', 'Which repositories may be indexed, nobody says.', { details: { hint: 'Name them: --allow "github.com/acme/*", or --allow "**" for all that the hosts let us read (CODELOOM_SERVE_ALLOW).' } });
  }
  const selection = selectRepositories({ repositories: allow, branches: request.branches });
  const notifications = await openNotifications({ store: request.store, channels: request.durable === undefined ? request.notifications ?? [] : [], environment: request.environment, logger, telemetry });
  const codeloom = await createCodeloom({
    store: request.store, credentials: firstOf(hosts.map(({ host }) => host)), graphStore: request.stores?.graph, metadataStore: request.stores?.metadata, factStore: request.stores?.facts, factCache: request.stores?.cache, logger, telemetry, circuitBreaker: {}, ...(notifications === undefined ? {} : { observers: [notifications] }),
    ...(request.workers === undefined ? {} : { workers: request.workers }),
  });
  try {
    const runs = request.durable === undefined ? runsHere(codeloom, request.indexing, { tell, telemetry }) : durableRunStarter(await openRuns(request.durable), request.indexing);
    const receiver = createWebhookReceiver({
      endpoints: senders.map(({ kind, host, secret }) => ({ kind, secret, receive: (event, options) => receiveHostEvent({ codeHost: host, runs, authorize: (asked) => selection.includes(asked) }, event, options) })),
      clock: systemClock,
      onDelivery: (report) => tell({ type: 'delivery', ...report }),
    });
    try {
      const app = createServiceApp({ readiness: (options) => codeloom.readiness(options), webhooks: receiver, metrics: scrape });
      const listening = await listen({ fetch: app.fetch, host: request.host, port: request.port });
      tell({ type: 'listening', url: listening.url, webhooks: senders.map(({ kind }) => `${listening.url}/webhooks/${kind}`) });
      await fired(signal);
      tell({ type: 'closing' });
      await listening.close();
    } finally {
      await receiver.settle({ cancel: true });
      await runs.close();
      await notifications?.settle();
    }
  } finally {
    await codeloom.close();
  }
}

function runsHere(codeloom: Codeloom, indexing: ServeRequest['indexing'], { tell, telemetry }: { readonly tell: (news: ServeNews) => void; readonly telemetry: Telemetry }): RunStarter {
  return createRunQueue({
    run: ({ repository, branch }, { signal }) => codeloom.index({ ...indexing, location: repository.location, ref: `refs/heads/${branch}`, branch }, { signal }),
    onChange({ running, waiting }) {
      telemetry.set('codeloom_queue_runs', { state: 'running' }, running);
      telemetry.set('codeloom_queue_runs', { state: 'waiting' }, waiting);
    },
    onEnd: ({ repository, branch, commit }, error) => tell({
      type: 'run-ended', repository: repository.name, branch, commit, ...(error === undefined ? {} : { code: error.code, message: error.message }),
    }),
  });
}

function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
