import type { Notifier, RunNotification } from '../../domain/ports/notifier.js';
import { checkedUrl, post } from './post.js';
import { wordingOf } from './wording.js';

/** Posts notifications to a workflow of Microsoft Teams that begins "when a webhook request is received". Throws `invalid-configuration`. */
export function createTeamsNotifier({ url }: { readonly url: string }): Notifier {
  checkedUrl(url, 'Teams');
  return { send: (notification, options) => post({ url, body: JSON.stringify(teamsMessage(notification)), who: 'Teams', signal: options?.signal }) };
}

/** A message with an adaptive card (https://adaptivecards.io/explorer). */
export function teamsMessage(notification: RunNotification): unknown {
  const { title, facts } = wordingOf(notification);
  const color = notification.event === 'failed' ? 'attention' : notification.event === 'succeeded' ? 'good' : 'default';
  return {
    type: 'message',
    attachments: [{
      contentType: 'application/vnd.microsoft.card.adaptive',
      content: {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json', type: 'AdaptiveCard', version: '1.4',
        body: [
          // Texts of cards are Markdown; those of runs show what is written, links included.
          { type: 'TextBlock', size: 'medium', weight: 'bolder', wrap: true, color, text: escaped(title) },
          { type: 'FactSet', facts: facts.map(([name, value]) => ({ title: name, value: escaped(value) })) },
        ],
      },
    }],
  };
}

function escaped(text: string): string {
  return text.replace(/[\\[\]_*`<>]/g, '\\$&');
}
