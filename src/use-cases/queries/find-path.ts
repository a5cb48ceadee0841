import type { EdgeKind } from '../../domain/graph-node.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { Answer } from '../../domain/querying/answer.js';
import { completenessOf } from '../../domain/querying/completeness.js';
import { findPath as searchPath, type PathResult } from '../../domain/querying/find-path.js';
import { symbolOf } from '../../domain/querying/results.js';
import type { Symbol } from '../../domain/symbol.js';
import { atLeastOne } from './impact.js';
import { answerSnapshot, withReader, type QueryPorts, type Target } from './pinned-snapshot.js';
import { others, symbolNode } from './symbol-question.js';

export interface PathRequest extends Target {
  readonly from: string;
  readonly to: string;
  /** Steps at most, default 30. */
  readonly depth?: number | undefined;
  /** Relations to follow; default calls, between files imports. */
  readonly kinds?: readonly EdgeKind[] | undefined;
}

export interface PathAnswer extends Answer<PathResult> {
  /** Where the path is to lead; `symbol` is where it begins. */
  readonly to?: Symbol;
}

const MAX_NODES = 200_000;

/** How one symbol reaches another: a shortest path, its steps in order. Errors as for questions about one symbol. */
export function findPath(ports: QueryPorts, request: PathRequest, options: CallOptions = {}): Promise<PathAnswer> {
  return withReader(ports, request, options, async (reader): Promise<PathAnswer> => {
    const query = 'path';
    const snapshot = answerSnapshot(reader.snapshot);
    const from = await symbolNode(ports, reader, request.from, options);
    const to = await symbolNode(ports, reader, request.to, options);
    if ('nothing' in from) return { query, snapshot, ...completenessOf([]), results: [], nothing: from.nothing };
    if ('nothing' in to) return { query, snapshot, ...completenessOf([]), results: [], nothing: to.nothing };
    const kinds = request.kinds ?? (from.node.kind === 'file' && to.node.kind === 'file' ? ['IMPORTS'] : ['CALLS']);
    const { results, gaps } = await searchPath(reader, { from: from.node, to: to.node, kinds, maxDepth: atLeastOne('depth', request.depth ?? 30), maxNodes: MAX_NODES }, options);
    const message = `${from.node.qualifiedName} reaches ${to.node.qualifiedName} on no path that is known.`;
    return {
      query, symbol: symbolOf(from.node), to: symbolOf(to.node), ...others(from, to), snapshot, ...completenessOf(gaps), results,
      ...(results.length > 0 ? {} : { nothing: { reason: 'no-path', message, suggestions: [] } }),
    };
  });
}
