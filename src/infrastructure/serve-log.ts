import type { Logger } from '../domain/ports/logger.js';
import type { ServeNews } from './serve.js';

/** Logs what happens while it serves. How runs end is logged by who watches runs. */
export function logServing(logger: Logger): (news: ServeNews) => void {
  return (news) => {
    switch (news.type) {
      case 'listening': return logger.log('info', { event: 'listening', url: news.url });
      case 'closing': return logger.log('info', { event: 'closing' });
      case 'run-ended': return;
      case 'delivery': {
        const { kind: host, delivery, event: told, result } = news;
        const about = { event: 'delivery', host, delivery, told } as const;
        switch (result.status) {
          case 'refused': return logger.log('warn', { ...about, result: 'refused', message: result.reason });
          case 'duplicate': return logger.log('info', { ...about, result: 'duplicate' });
          case 'failed': return logger.log('error', { ...about, result: 'failed', code: result.code, message: result.message });
          case 'done': {
            const { started, coalesced, retired, ignored } = result.received;
            const left = ignored.slice(0, 5).map(({ what, reason }) => `${what} left alone (${reason})`).join(', ');
            return logger.log('info', { ...about, result: 'done', counts: { started, coalesced, retired, ignored: ignored.length }, ...(left === '' ? {} : { message: left }) });
          }
        }
      }
    }
  };
}
