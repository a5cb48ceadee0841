/**
 * Notifications of runs: by webhook, to Slack and Teams, by mail (which needs the package `nodemailer`), and what keeps them from failing or holding up a run. See
 * docs/operations.md.
 */
export { createSlackNotifier, slackMessage } from './adapters/notify/slack.js';
export { createTeamsNotifier, teamsMessage } from './adapters/notify/teams.js';
export { createWebhookNotifier, type WebhookNotifierOptions } from './adapters/notify/webhook.js';
export { createMailNotifier, type SmtpNotifierOptions } from './infrastructure/create-mail-notifier.js';
export { createFileDeadLetters } from './adapters/files/dead-letters.js';
export { createMemoryDeadLetters } from './adapters/memory/dead-letters.js';
export { createRetry, type RetryOptions } from './adapters/cockatiel/retry.js';
export { notifyOfRuns, type NotificationChannel, type NotifyOptions, type RunNotifications } from './use-cases/notify-of-runs.js';
export { retryDeadLetters, type RetriedLetter } from './use-cases/retry-dead-letters.js';
export type { DeadLetter, DeadLetters } from './domain/ports/dead-letters.js';
export { NOTIFIED_EVENTS, type NotifiedEvent, type Notifier, type RunNotification } from './domain/ports/notifier.js';
export type { Retry } from './domain/ports/retry.js';
