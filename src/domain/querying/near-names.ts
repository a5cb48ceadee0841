import type { GraphNode } from '../graph-node.js';
import { compareText } from '../partition.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import { foldCase } from '../reading-order.js';

const SUGGESTIONS = 8;
/** Names looked at for each fragment of what was typed. */
const LOOKED_AT = 500;

/**
 * What a person may have meant by a name that nothing has: names that are a few keystrokes away (one in three of what was typed, at least one), nearest first, then
 * such that contain what was typed or its beginning or end. As a person would type them; paths for what looks like a path.
 */
export async function nearNames(reader: GraphReader, text: string, options?: CallOptions): Promise<readonly string[]> {
  const isPath = text.includes('/');
  const last = text.slice(Math.max(isPath ? -1 : text.lastIndexOf('.'), text.lastIndexOf('#'), text.lastIndexOf('/')) + 1);
  const beginning = last.slice(0, Math.max(3, Math.ceil(last.length * 0.6)));
  const end = last.slice(-Math.max(4, Math.ceil(last.length * 0.6)));

  const containing: GraphNode[] = [];
  for (const part of new Set([text, last, beginning, end])) {
    if (part.length < 2) continue;
    for (const node of await reader.find({ text: part, match: 'substring', limit: SUGGESTIONS * 2 }, options)) if (isWanted(node, isPath)) containing.push(node);
    if (containing.length > 0) break;
  }

  const looked = new Map(containing.map((node) => [node.id, node]));
  // In a short name a slip may touch every fragment; what it begins with is mostly right.
  const searches = [...fragments(last).map((part) => ({ text: part, match: 'substring' as const })), { text: last.slice(0, 2), match: 'prefix' as const }];
  for (const search of searches) {
    if (search.text === '') continue;
    for (const node of await reader.find({ ...search, limit: LOOKED_AT }, options)) if (isWanted(node, isPath)) looked.set(node.id, node);
  }
  const near = await nearest([...looked.values()], text, last);
  return [...new Set([...near, ...containing].map(typed))].slice(0, SUGGESTIONS);
}

/** Three parts (of short names two): two slips, also two letters that changed places, leave one of them as it was. */
function fragments(name: string): readonly string[] {
  const count = name.length >= 6 ? 3 : 2;
  const size = Math.ceil(name.length / count);
  return Array.from({ length: count }, (_, index) => name.slice(index * size, (index + 1) * size)).filter((part) => part.length >= 2);
}

async function nearest(nodes: readonly GraphNode[], text: string, last: string): Promise<readonly GraphNode[]> {
  const { distance } = await import('fastest-levenshtein');
  const [whole, end] = [foldCase(text), foldCase(last)];
  const ranked = nodes.map((node) => {
    const asWhole = distance(whole, foldCase(typed(node)));
    // The same name within something else is meant less often than the nearly right whole.
    const asEnd = distance(end, foldCase(node.name)) + (whole === end ? 0 : 1);
    return { node, slips: Math.min(asWhole, asEnd), asWhole };
  });
  const allowed = Math.max(1, Math.round(last.length / 3));
  return ranked.filter(({ slips }) => slips <= allowed)
    .sort((a, b) => a.slips - b.slips || a.asWhole - b.asWhole || compareText(a.node.id, b.node.id)).map(({ node }) => node);
}

function isWanted(node: GraphNode, isPath: boolean): boolean {
  return node.kind !== 'external' && (node.kind === 'file') === isPath;
}

function typed(node: GraphNode): string {
  return node.kind === 'file' ? node.path : node.qualifiedName;
}
