import type { DeadLetter, DeadLetters } from '../../domain/ports/dead-letters.js';

/** Dead letters in this process. */
export function createMemoryDeadLetters(): DeadLetters {
  const letters = new Map<string, DeadLetter>();
  const keyOf = ({ channel, notification }: Pick<DeadLetter, 'channel' | 'notification'>): string => JSON.stringify([channel, notification.id]);
  return {
    async keep(letter) {
      letters.set(keyOf(letter), letter);
    },
    list: async () => [...letters.values()].sort((a, b) => (a.notification.at < b.notification.at ? -1 : 1)),
    remove: async (letter) => letters.delete(keyOf(letter)),
  };
}
