import { Hono } from 'hono';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { Readiness } from '../../use-cases/check-readiness.js';
import type { WebhookReceiver } from './webhook-receiver.js';

export interface ServiceAppOptions {
  /** Whether work can be done: `/readyz`. */
  readonly readiness: (options: CallOptions) => Promise<Readiness>;
  /** Absent: no webhooks are taken. */
  readonly webhooks?: Pick<WebhookReceiver, 'app'> | undefined;
  /** What is measured, as text with its content type: `/metrics`. Absent: there is no such address. */
  readonly metrics?: (() => Promise<{ readonly contentType: string; readonly body: string }>) | undefined;
}

/**
 * The addresses of a running codeloom: `/healthz` (the process answers), `/readyz` (its stores answer), `/metrics`, and webhooks. A fetch handler of hono, which runs in any
 * server.
 */
export function createServiceApp({ readiness, webhooks, metrics }: ServiceAppOptions): Hono {
  const app = new Hono();
  let looking: Promise<Readiness> | undefined;

  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', async (c) => {
    // However many ask at once, the stores are asked once.
    looking ??= readiness({}).finally(() => { looking = undefined; });
    const { ready, checks } = await looking;
    return c.json({ status: ready ? 'ready' : 'not-ready', checks }, ready ? 200 : 503);
  });
  if (metrics !== undefined) {
    app.get('/metrics', async (c) => {
      const { contentType, body } = await metrics();
      return c.body(body, 200, { 'Content-Type': contentType });
    });
  }
  if (webhooks !== undefined) app.route('/', webhooks.app);
  app.notFound((c) => c.json({ status: 'not-found' }, 404));
  // What went wrong is for the log of who runs it, not for who asked.
  app.onError((_, c) => c.json({ status: 'failed' }, 500));
  return app;
}
