import { CodeloomError } from '../domain/errors.js';
import { NOTIFIED_EVENTS, type NotifiedEvent, type Notifier } from '../domain/ports/notifier.js';
import type { SecretProvider } from '../domain/ports/secret-provider.js';
import type { NotificationChannel } from '../use-cases/notify-of-runs.js';
import { createMailNotifier } from './create-mail-notifier.js';

/** A channel as it is configured: without secrets, which it names. `url: 'SLACK_URL'` is what `CODELOOM_SLACK_URL` or the file of `CODELOOM_SLACK_URL_FILE` holds. */
export type ChannelSettings = {
  /** Default: its type. */
  readonly name?: string | undefined;
  /** Default: `failed` alone. */
  readonly on?: readonly NotifiedEvent[] | undefined;
} & (
  | { readonly type: 'webhook'; readonly urlSecret: string; readonly signingSecret?: string | undefined }
  | { readonly type: 'slack' | 'teams'; readonly urlSecret: string }
  | {
    readonly type: 'smtp'; readonly host: string; readonly port?: number | undefined; readonly secure?: boolean | undefined; readonly allowPlain?: boolean | undefined;
    readonly user?: string | undefined; readonly passwordSecret?: string | undefined; readonly from: string; readonly to: readonly string[];
  }
);

/** The channels that are configured, with their secrets. Throws `invalid-configuration`. */
export async function openChannels(settings: readonly ChannelSettings[], secrets: SecretProvider): Promise<readonly NotificationChannel[]> {
  const channels: NotificationChannel[] = [];
  for (const each of settings) {
    const name = each.name ?? each.type;
    if (channels.some((other) => other.name === name)) throw new CodeloomError('invalid-configuration', `Two channels for notifications are called ${name}: give each a name of its own.`);
    channels.push({ name, on: each.on ?? NOTIFIED_EVENTS.filter((event) => event === 'failed'), notifier: await notifierOf(each, name, secrets) });
  }
  return channels;
}

async function notifierOf(settings: ChannelSettings, channel: string, secrets: SecretProvider): Promise<Notifier> {
  const required = async (name: string): Promise<string> => {
    const value = await secrets.secret(name);
    if (value !== undefined) return value;
    throw new CodeloomError('invalid-configuration', `The channel ${channel} for notifications needs a secret that nobody gives: ${name}.`, { details: { channel, hint: `Set CODELOOM_${name} or CODELOOM_${name}_FILE.` } });
  };
  switch (settings.type) {
    case 'webhook': {
      const { createWebhookNotifier } = await import('../adapters/notify/webhook.js');
      return createWebhookNotifier({ url: await required(settings.urlSecret), ...(settings.signingSecret === undefined ? {} : { secret: await required(settings.signingSecret) }) });
    }
    case 'slack': return (await import('../adapters/notify/slack.js')).createSlackNotifier({ url: await required(settings.urlSecret) });
    case 'teams': return (await import('../adapters/notify/teams.js')).createTeamsNotifier({ url: await required(settings.urlSecret) });
    case 'smtp': {
      const { type: _, name: __, on: ___, passwordSecret, ...where } = settings;
      const password = passwordSecret === undefined ? undefined : await required(passwordSecret);
      return createMailNotifier({ ...where, password });
    }
  }
}
