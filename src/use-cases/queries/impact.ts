import { CodeloomError } from '../../domain/errors.js';
import type { EdgeKind } from '../../domain/graph-node.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { Answer } from '../../domain/querying/answer.js';
import { impactOf, type ImpactResult } from '../../domain/querying/impact.js';
import type { QueryPorts } from './pinned-snapshot.js';
import { askAboutSymbol, type SymbolRequest } from './symbol-question.js';

export interface ImpactRequest extends SymbolRequest {
  /** Steps from the symbol, default 20. */
  readonly depth?: number | undefined;
  /** The walk stops after so many symbols, default 10,000. */
  readonly maxNodes?: number | undefined;
  /** Relations to follow, default all that carry a change. */
  readonly kinds?: readonly EdgeKind[] | undefined;
}

/** Who is affected, directly or through others, when a symbol changes; nearest first. */
export async function impact(ports: QueryPorts, request: ImpactRequest, options: CallOptions = {}): Promise<Answer<ImpactResult>> {
  const maxDepth = atLeastOne('depth', request.depth ?? 20);
  const maxNodes = atLeastOne('maxNodes', request.maxNodes ?? 10_000);
  return askAboutSymbol(ports, request, {
    query: 'impact', about: [maxDepth, maxNodes, request.kinds ?? null],
    find: async (reader, node) => ({ ...await impactOf(reader, node, { maxDepth, maxNodes, kinds: request.kinds }, options), nothing: `Nothing that is known depends on ${node.qualifiedName}.` }),
  }, options);
}

export function atLeastOne(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) throw new CodeloomError('invalid-argument', `${name} must be a whole number above 0, not ${value}.`);
  return value;
}
