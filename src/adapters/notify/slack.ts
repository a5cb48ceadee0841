import type { Notifier, RunNotification } from '../../domain/ports/notifier.js';
import { checkedUrl, post } from './post.js';
import { wordingOf } from './wording.js';

/** Posts notifications to an incoming webhook of Slack (https://api.slack.com/messaging/webhooks). Throws `invalid-configuration`. */
export function createSlackNotifier({ url }: { readonly url: string }): Notifier {
  checkedUrl(url, 'Slack');
  return { send: (notification, options) => post({ url, body: JSON.stringify(slackMessage(notification)), who: 'Slack', signal: options?.signal }) };
}

/** The message: `text` is what a notification on a phone shows, the blocks are the message itself. */
export function slackMessage(notification: RunNotification): unknown {
  const { title, facts } = wordingOf(notification);
  return {
    text: escaped(title),
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `*${escaped(title)}*` } },
      { type: 'section', fields: facts.map(([name, value]) => ({ type: 'mrkdwn', text: `*${name}*\n${escaped(value)}` })) },
    ],
  };
}

/** The three characters that Slack reads as markup for links and mentions: a branch may be called `<!channel>`. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
