/** A webhook receiver and the addresses of a running codeloom, as handlers for any server that speaks fetch; and a server of Node for them. */
export { createServiceApp, type ServiceAppOptions } from './adapters/http/service-app.js';
export { createWebhookReceiver, type DeliveryReport, type Refusal, type WebhookEndpoint, type WebhookReceiver, type WebhookReceiverOptions } from './adapters/http/webhook-receiver.js';
export { DEFAULT_HOST, DEFAULT_PORT, listen, type Listening, type ListenRequest } from './adapters/http/listen.js';
