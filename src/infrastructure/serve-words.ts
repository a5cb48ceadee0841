import type { ServeNews } from './serve.js';

/** What happens while it serves, in a line for people. */
export function serveWords(news: ServeNews): string {
  switch (news.type) {
    case 'listening': return `listening on ${news.url}; webhooks: ${news.webhooks.join(', ')}`;
    case 'closing': return 'closing: no more webhooks are taken, and what is under way is cancelled';
    case 'run-ended': {
      const what = `${news.repository} (${news.branch}${news.commit === undefined ? '' : ` at ${news.commit.slice(0, 12)}`})`;
      return news.code === undefined ? `indexed ${what}` : `could not index ${what}: ${news.code}: ${news.message ?? ''}`;
    }
    case 'delivery': {
      const { kind, delivery = 'unnumbered', event = 'unread', result } = news;
      const head = `${kind} ${event} ${delivery}`;
      switch (result.status) {
        case 'refused': return `${head}: refused (${result.reason})`;
        case 'duplicate': return `${head}: here already`;
        case 'failed': return `${head}: failed: ${result.code}: ${result.message}`;
        case 'done': {
          const { started, coalesced, retired, ignored } = result.received;
          const counts = [[started, 'started'], [coalesced, 'coalesced'], [retired, 'retired']].filter(([count]) => count !== 0).map(([count, what]) => `${count} ${what}`);
          return `${head}: ${[...counts, ...ignored.slice(0, 5).map(({ what, reason }) => `${what} left alone (${reason})`)].join(', ') || 'nothing to do'}`;
        }
      }
    }
  }
}
