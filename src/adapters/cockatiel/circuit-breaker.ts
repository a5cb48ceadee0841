import { BrokenCircuitError, circuitBreaker, ConsecutiveBreaker, handleWhen } from 'cockatiel';
import { CodeloomError, type ErrorCode } from '../../domain/errors.js';
import { aroundCalls, type PortMethods } from '../../domain/ports/around-calls.js';

export interface CircuitBreakerOptions {
  /** What stands behind it, for errors and for who watches: `graph-store`. */
  readonly name: string;
  /** So many failures one after another open it; default 5. */
  readonly failures?: number | undefined;
  /** So long it then refuses calls, before it lets one through to see; default 10,000. */
  readonly openMs?: number | undefined;
  /** Failures that count: those of a server that is away. Default `network`, `store-unavailable`, `timed-out`. */
  readonly counted?: readonly ErrorCode[] | undefined;
  /** What refused calls fail with; default `store-unavailable`. */
  readonly code?: ErrorCode | undefined;
  /** Told when it opens, and when it closes again. */
  readonly onChange?: ((open: boolean) => void) | undefined;
}

/**
 * A port whose calls are refused at once, for a while, when those before them failed because the server is away: it is left to recover, and callers need not wait for what would
 * time out. What is refused may be tried again later (`retryable`).
 *
 * @example
 * const graphStore = withCircuitBreaker(await createNeo4jGraphStore(address), PORT_METHODS.graphStore, { name: 'graph-store' });
 */
export function withCircuitBreaker<Port extends object>(
  port: Port, methods: PortMethods<Port>, { name, failures = 5, openMs = 10_000, counted = ['network', 'store-unavailable', 'timed-out'], code = 'store-unavailable', onChange }: CircuitBreakerOptions,
): Port {
  const policy = circuitBreaker(handleWhen((error) => counted.includes(CodeloomError.from(error).code)), { halfOpenAfter: openMs, breaker: new ConsecutiveBreaker(failures) });
  policy.onBreak(() => onChange?.(true));
  policy.onReset(() => onChange?.(false));
  return aroundCalls(port, methods, async (_, work) => {
    try {
      return await policy.execute(() => work());
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      throw new CodeloomError(code, `${name} failed ${failures} times in a row, and is left alone for ${openMs / 1000} s.`, { retryable: true, details: { port: name, openMs } });
    }
  });
}
