import { withCircuitBreaker } from '../adapters/cockatiel/circuit-breaker.js';
import { withRateLimit } from '../adapters/cockatiel/rate-limit.js';
import type { Logger } from '../domain/ports/logger.js';
import { PORT_METHODS } from '../domain/ports/port-methods.js';
import type { Telemetry } from '../domain/ports/telemetry.js';
import type { ConfiguredHost } from './configured-hosts.js';
import { tellCircuit } from './store-breakers.js';

/** GitHub asks for no more than 15 a second of one account (900 points a minute); others allow as much or more. */
const CALLS_A_SECOND = 10;

/** The same hosts, asked at most so often, and left alone for a while when they are away: an organisation that adds a thousand repositories sends its webhooks all at once. */
export function carefulHosts(hosts: readonly ConfiguredHost[], watching: { readonly logger: Logger; readonly telemetry: Telemetry }): readonly ConfiguredHost[] {
  return hosts.map(({ kind, host, webhookSecret }) => {
    const guarded = withCircuitBreaker(host, PORT_METHODS.codeHost, { name: kind, code: 'network', counted: ['network', 'timed-out'], onChange: (open) => tellCircuit(kind, open, watching) });
    return { kind, webhookSecret, host: withRateLimit(guarded, PORT_METHODS.codeHost, { calls: CALLS_A_SECOND }) };
  });
}
