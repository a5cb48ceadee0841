/** Which deliveries of webhooks were taken in, for a day: one that comes again is not acted on again. In the memory of this process. */
export interface Deliveries {
  /** Takes note of a delivery; false when it was there already. */
  take(id: string, now: Date): boolean;
  /** Forgets one that came to nothing, so that it may be sent again. */
  release(id: string): void;
}

const KEPT_MS = 24 * 60 * 60 * 1000;

/** Remembers at most `most`; beyond it the oldest goes. Only verified deliveries should be put in, so that no stranger can push others out. */
export function createDeliveries({ most = 100_000 }: { readonly most?: number } = {}): Deliveries {
  /** Oldest first. */
  const taken = new Map<string, number>();
  return {
    take(id, now) {
      for (const [oldest, at] of taken) {
        if (taken.size < most && now.getTime() - at < KEPT_MS) break;
        taken.delete(oldest);
      }
      if (taken.has(id)) return false;
      taken.set(id, now.getTime());
      return true;
    },
    release: (id) => void taken.delete(id),
  };
}
