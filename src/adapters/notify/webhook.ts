import { createHmac } from 'node:crypto';
import type { Notifier } from '../../domain/ports/notifier.js';
import { checkedUrl, post } from './post.js';

export interface WebhookNotifierOptions {
  readonly url: string;
  /** Signs the body: `X-Codeloom-Signature-256: sha256=<hex>`, an HMAC as GitHub's. */
  readonly secret?: string | undefined;
}

/** Posts notifications as they are, as JSON; their id is also in `X-Codeloom-Delivery`, by which a receiver knows one that comes again. Throws `invalid-configuration`. */
export function createWebhookNotifier({ url, secret }: WebhookNotifierOptions): Notifier {
  checkedUrl(url, 'a webhook');
  return {
    async send(notification, options) {
      const body = JSON.stringify(notification);
      const signature = secret === undefined ? {} : { 'x-codeloom-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` };
      await post({ url, body, who: 'The webhook', headers: { 'x-codeloom-delivery': notification.id, 'x-codeloom-event': notification.event, ...signature }, signal: options?.signal });
    },
  };
}
