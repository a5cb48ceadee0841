import { throwIfAborted } from '../errors.js';
import type { Certainty, EdgeKind, GraphEdge, GraphNode, SymbolId } from '../graph-node.js';
import { compareText } from '../partition.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import type { Gap } from './answer.js';
import { lookAhead } from './look-ahead.js';
import { edgesOf, nodesById } from './results.js';

export interface WalkRequest {
  readonly starts: readonly GraphNode[];
  /** `in`: against the edges, from what is used to its users. */
  readonly direction: 'in' | 'out';
  readonly kinds: readonly EdgeKind[];
  /** Steps from the starts. */
  readonly maxDepth: number;
  /** Nodes reached, starts not counted. */
  readonly maxNodes: number;
}

/** A node that a walk reached. */
export interface Visit {
  readonly node: GraphNode;
  /** Steps of the shortest way from a start. */
  readonly depth: number;
  /** `certain` when some way to it (within the walk's depth) has certain edges only. */
  readonly certainty: Certainty;
  /** The node before it on a shortest way. */
  readonly through: SymbolId;
  /** The edges between the two; none for a class reached through its constructor. */
  readonly edges: readonly GraphEdge[];
}

export interface Walk {
  /** In the order reached: by depth, then id. Starts are not among them. */
  readonly visits: readonly Visit[];
  /** Bounds that were hit. */
  readonly gaps: readonly Gap[];
}

interface State {
  depth: number;
  certainty: Certainty;
  through: SymbolId;
  edges: GraphEdge[];
}

/**
 * Everything reachable from the starts, breadth first, a level at a time. Of several shortest ways to a node the one with certain edges and the smallest id
 * before it is kept. A walk against the edges goes on from a constructor to its class at no cost, since making an object is a call of the class.
 * The same graph gives the same walk, whatever the store.
 */
export async function walk(store: GraphReader, request: WalkRequest, options?: CallOptions): Promise<Walk> {
  const reader = lookAhead(store, request);
  const starts = new Set(request.starts.map((node) => node.id));
  const states = new Map<SymbolId, State>();
  const nodes = new Map<SymbolId, GraphNode>(request.starts.map((node) => [node.id, node]));
  const gaps: Gap[] = [];
  let frontier = [...starts].sort(compareText);
  for (let depth = 1; frontier.length > 0; depth++) {
    throwIfAborted(options?.signal);
    await reader.prepare(frontier, request.maxDepth - depth + 2, options);
    const next = new Set<SymbolId>();
    const fresh: SymbolId[] = [];
    for await (const edges of edgesOf(reader, { ids: frontier, direction: request.direction, kinds: request.kinds }, options)) {
      for (const edge of edges) {
        const [from, to] = request.direction === 'in' ? [edge.to, edge.from] : [edge.from, edge.to];
        if (starts.has(to)) continue;
        const certainty: Certainty = edge.certainty === 'certain' && (states.get(from)?.certainty ?? 'certain') === 'certain' ? 'certain' : 'candidate';
        const state = states.get(to);
        if (state === undefined) {
          states.set(to, { depth, certainty, through: from, edges: [edge] });
          next.add(to);
          fresh.push(to);
        } else if (state.depth === depth && state.through === from && (state.certainty === certainty)) {
          state.edges.push(edge);
        } else if (state.certainty === 'candidate' && certainty === 'certain' && depth <= request.maxDepth) {
          state.certainty = 'certain';
          if (state.depth === depth) {
            state.through = from;
            state.edges = [edge];
          }
          next.add(to);
        }
      }
    }
    if (depth > request.maxDepth) {
      // This level lies behind the bound: it only tells whether there is more.
      for (const id of fresh) states.delete(id);
      if (fresh.length > 0) gaps.push({ reason: 'depth-limit', count: fresh.length, sites: [], message: `There is more behind a depth of ${request.maxDepth}: ${fresh.length} at the next step.` });
      break;
    }
    for (const [id, node] of await nodesById(reader, fresh, options)) {
      nodes.set(id, node);
    }
    if (request.direction === 'in') await addClasses({ reader, fresh: [...next], states, nodes, starts, depth, next }, options);
    if (states.size > request.maxNodes) {
      gaps.push({ reason: 'count-limit', count: request.maxNodes, sites: [], message: `The walk stopped after ${request.maxNodes} symbols; there are more.` });
      break;
    }
    frontier = [...next].sort(compareText);
  }
  const visits: Visit[] = [];
  for (const [id, state] of states) {
    const node = nodes.get(id);
    if (node !== undefined) visits.push({ node, ...state });
  }
  visits.sort((a, b) => a.depth - b.depth || compareText(a.node.id, b.node.id));
  return { visits: visits.slice(0, request.maxNodes), gaps };
}

/** Whoever makes an object of a class depends on its constructor. */
async function addClasses(
  { reader, fresh, states, nodes, starts, depth, next }:
  { reader: Pick<GraphReader, 'nodes'>; fresh: readonly SymbolId[]; states: Map<SymbolId, State>; nodes: Map<SymbolId, GraphNode>; starts: ReadonlySet<SymbolId>; depth: number; next: Set<SymbolId> },
  options?: CallOptions,
): Promise<void> {
  const classes: SymbolId[] = [];
  for (const id of fresh) {
    const node = nodes.get(id);
    const certainty = states.get(id)?.certainty ?? 'certain';
    if (node?.kind !== 'constructor' || node.parent === undefined || starts.has(node.parent)) continue;
    const known = states.get(node.parent);
    if (known === undefined) {
      states.set(node.parent, { depth, certainty, through: id, edges: [] });
      classes.push(node.parent);
      next.add(node.parent);
    } else if (known.certainty === 'candidate' && certainty === 'certain') {
      known.certainty = 'certain';
      next.add(node.parent);
    }
  }
  for (const [id, node] of await nodesById(reader, classes, options)) nodes.set(id, node);
}
