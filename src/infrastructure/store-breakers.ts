import { withCircuitBreaker, type CircuitBreakerOptions } from '../adapters/cockatiel/circuit-breaker.js';
import type { Logger } from '../domain/ports/logger.js';
import { PORT_METHODS } from '../domain/ports/port-methods.js';
import type { Telemetry } from '../domain/ports/telemetry.js';
import type { IndexingPorts } from '../use-cases/indexing-ports.js';

export type StoreBreakerOptions = Pick<CircuitBreakerOptions, 'failures' | 'openMs'>;

interface Watching {
  readonly logger?: Logger | undefined;
  readonly telemetry: Telemetry;
}

/** Less than the pause before a stage's second attempt, which then finds out whether the store is back. */
const OPEN_MS = 5000;

/** A circuit breaker before each store, so that one that is away is not waited for by every call of every run. */
export function withStoreBreakers(ports: IndexingPorts, options: StoreBreakerOptions, watching: Watching): IndexingPorts {
  const breaker = (name: string): CircuitBreakerOptions => ({ openMs: OPEN_MS, ...options, name, onChange: (open) => tellCircuit(name, open, watching) });
  return {
    ...ports,
    factStore: withCircuitBreaker(ports.factStore, PORT_METHODS.factStore, breaker('fact-store')),
    graphStore: withCircuitBreaker(ports.graphStore, PORT_METHODS.graphStore, breaker('graph-store')),
    metadataStore: withCircuitBreaker(ports.metadataStore, PORT_METHODS.metadataStore, breaker('metadata-store')),
  };
}

/** Says that a circuit breaker has opened or closed. */
export function tellCircuit(port: string, open: boolean, { logger, telemetry }: Watching): void {
  telemetry.set('codeloom_circuit_open', { port }, open ? 1 : 0);
  logger?.log(open ? 'warn' : 'info', { event: open ? 'circuit-opened' : 'circuit-closed', port });
}
