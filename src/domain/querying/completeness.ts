import type { GraphNode } from '../graph-node.js';
import type { UnresolvedSite } from '../partition.js';
import type { CallOptions } from '../ports/call-options.js';
import type { GraphReader } from '../ports/graph-store.js';
import type { Answer, AnswerResult, AnswerSite, Gap } from './answer.js';
import { nodesById } from './results.js';

/** Sites that a gap shows. */
const SHOWN = 10;
const NAMES = 500;

/** Why a path of a known language has no facts. */
const UNREAD: readonly string[] = ['too-large', 'lfs-pointer', 'unreadable', 'missing', 'corrupt'];
/** Diagnostics that tell of source that was not read, or only in part. */
const PARTLY_READ: ReadonlySet<string> = new Set(['syntax-error', 'too-large', 'too-deep', 'too-costly', 'timeout', 'parser-failed', 'truncated']);

/** An answer is exact when nothing could add to it. */
export function completenessOf(gaps: readonly Gap[]): Pick<Answer, 'completeness' | 'gaps'> {
  return { completeness: gaps.length === 0 ? 'exact' : 'lower-bound', gaps };
}

/** Results that may not be: the answer's certain part is a lower bound. */
export function candidateGap(results: readonly AnswerResult[]): Gap[] {
  const candidates = results.filter((result) => result.certainty === 'candidate');
  if (candidates.length === 0) return [];
  return [{
    reason: 'candidates', count: candidates.length, sites: candidates.flatMap((result) => result.sites.slice(0, 1)).slice(0, SHOWN),
    message: `${candidates.length} of the results ${candidates.length === 1 ? 'is a candidate' : 'are candidates'}: possible, not certain.`,
  }];
}

/** What could add to an answer about who calls or uses `nodes`: unresolved calls written with one of their names, and source that was not read. */
export async function incomingGaps(reader: GraphReader, nodes: readonly GraphNode[], options?: CallOptions): Promise<Gap[]> {
  return [...await unresolvedNamed(reader, callNames(nodes), options), ...await unreadGap(reader, options)];
}

/** The names under which symbols stand at call sites. A constructor stands there under its class's: that is for the caller to name as well. */
function callNames(nodes: readonly GraphNode[]): ReadonlySet<string> {
  return new Set(nodes.filter((node) => node.kind !== 'file').map((node) => node.name));
}

async function unresolvedNamed(reader: GraphReader, names: ReadonlySet<string>, options?: CallOptions): Promise<Gap[]> {
  const all = [...names].filter((name) => name !== '');
  const shown: UnresolvedSite[] = [];
  let count = 0;
  for (let start = 0; start < all.length; start += NAMES) {
    const sites = await reader.unresolved(all.slice(start, start + NAMES), options);
    count += sites.length;
    shown.push(...sites.slice(0, SHOWN - shown.length));
  }
  if (count === 0) return [];
  const called = all.length === 1 ? `something named ${all[0] ?? ''}` : 'something with such a name';
  return [{
    reason: 'unresolved-sites', count, sites: await answerSites(reader, shown, options),
    message: `${count} call${count === 1 ? '' : 's'} of ${called} could not be resolved and may mean ${all.length === 1 ? 'it' : 'one of them'}.`,
  }];
}

/** Unresolved calls that stand in the given symbols' own code. */
export async function outgoingGaps(reader: GraphReader, nodes: readonly GraphNode[], options?: CallOptions): Promise<Gap[]> {
  const ids = new Set(nodes.map((node) => node.id));
  const paths = [...new Set(nodes.map((node) => node.path).filter((path) => path !== ''))];
  const sites: AnswerSite[] = [];
  const broken = new Map<string, AnswerSite>();
  for await (const partitions of paths.length === 0 ? [] : reader.partitions(paths, options)) {
    for (const { path, unresolved, diagnostics } of partitions) {
      for (const site of unresolved) if (ids.has(site.from)) sites.push({ path, line: site.line, column: site.column });
      for (const { code, line } of diagnostics) if (PARTLY_READ.has(code) && !broken.has(path)) broken.set(path, { path, line: line ?? 1, column: 1 });
    }
  }
  const gaps: Gap[] = [];
  if (sites.length > 0) {
    gaps.push({ reason: 'unresolved-sites', count: sites.length, sites: sites.slice(0, SHOWN), message: `${sites.length} call${sites.length === 1 ? '' : 's'} in ${ids.size === 1 ? 'it' : 'what is reached'} could not be resolved.` });
  }
  if (broken.size > 0) {
    const message = paths.length === 1 ? 'Its file could be read only in part.' : `${broken.size} of the files it is in could be read only in part.`;
    gaps.push({ reason: 'skipped-files', count: broken.size, sites: [...broken.values()].slice(0, SHOWN), message });
  }
  return gaps;
}

/** Source of known languages that was not read, or only in part. */
export async function unreadGap(reader: GraphReader, options?: CallOptions): Promise<Gap[]> {
  const { stats } = reader.snapshot;
  const unread = UNREAD.reduce((sum, reason) => sum + (stats.skipped[reason] ?? 0), 0);
  const partly = stats.diagnostics === 0 ? [] : (await reader.diagnostics(options)).filter(({ code }) => PARTLY_READ.has(code));
  const files = new Map(partly.map(({ path, line }): [string, AnswerSite] => [path, { path, line: line ?? 1, column: 1 }]));
  const count = unread + files.size;
  if (count === 0) return [];
  return [{ reason: 'skipped-files', count, sites: [...files.values()].slice(0, SHOWN), message: `${count} file${count === 1 ? '' : 's'} could not be read, or only in part.` }];
}

async function answerSites(reader: GraphReader, sites: readonly UnresolvedSite[], options?: CallOptions): Promise<AnswerSite[]> {
  const owners = await nodesById(reader, sites.map((site) => site.from), options);
  return sites.map((site) => ({ path: owners.get(site.from)?.path ?? '', line: site.line, column: site.column }));
}
