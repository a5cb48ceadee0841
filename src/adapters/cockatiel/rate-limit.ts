import pThrottle from 'p-throttle';
import { throwIfAborted } from '../../domain/errors.js';
import { aroundCalls, type PortMethods } from '../../domain/ports/around-calls.js';
import { untilAborted } from '../../domain/until-aborted.js';

export interface RateLimitOptions {
  /** So many calls … */
  readonly calls: number;
  /** … in any such time; default 1000. */
  readonly perMs?: number | undefined;
}

/**
 * A port whose calls wait, in their order, until there is room for them: at most so many in any such time, whatever asks. A call whose signal fires leaves the line with `aborted`.
 *
 * @example
 * const host = withRateLimit(createGitHub({ token }), PORT_METHODS.codeHost, { calls: 10 });
 */
export function withRateLimit<Port extends object>(port: Port, methods: PortMethods<Port>, { calls, perMs = 1000 }: RateLimitOptions): Port {
  const turn = pThrottle({ limit: calls, interval: perMs, strict: true })(() => undefined);
  return aroundCalls(port, methods, async ({ signal }, work) => {
    throwIfAborted(signal);
    await untilAborted(Promise.resolve(turn()), signal);
    return work();
  });
}
