import { CodeloomError } from '../../domain/errors.js';
import { explainSite, type SiteExplanation } from '../../domain/explaining/explain-site.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { AnswerSnapshot, Nothing } from '../../domain/querying/answer.js';
import { fileOfPath, parsePlace } from './file-place.js';
import { importedNames, type ImportedName } from './imported-names.js';
import { openLinked, type LinkedPorts } from './linked-snapshot.js';
import { answerSnapshot, chooseSnapshot, type QueryPorts, type Target } from './pinned-snapshot.js';

export interface ExplainRequest extends Target {
  /** `path:line` for all call sites of a line, or `path:line:column`; both from 1, the column in UTF-16 code units. A path may be given by its last parts. */
  readonly at: string;
}

export interface ExplainAnswer {
  readonly query: 'explain';
  readonly snapshot: AnswerSnapshot;
  /** In source order. */
  readonly results: readonly SiteExplanation[];
  /** What imported indexes say is called at these sites, and of any name where codeloom does not index the language; absent when they say nothing. */
  readonly imported?: readonly ImportedName[];
  readonly nothing?: Nothing;
}

/**
 * How call sites were resolved, or why they were not: links them again, and tells what each part of the callee evaluates to and what says so. Needs no source.
 * Throws `invalid-argument`, `facts-missing`, `not-indexed`, `unknown-snapshot`, and what the stores throw.
 */
export async function explain(ports: LinkedPorts & QueryPorts, request: ExplainRequest, options: CallOptions = {}): Promise<ExplainAnswer> {
  const { path, line, column } = parsePlace(request.at);
  const snapshot = await chooseSnapshot(ports, request, options);
  const linked = await openLinked(ports, snapshot, options);
  const empty = { query: 'explain', snapshot: answerSnapshot(snapshot), results: [] } as const;
  const chosen = fileOfPath(linked.files, path);
  const imported = (of: string): Promise<readonly ImportedName[]> => importedNames(ports.factStore, { snapshot, files: linked.files, path: of, line, column }, options);
  if ('nothing' in chosen) {
    const said = await imported(chosen.path ?? path);
    return said.length > 0 ? { ...empty, imported: said } : { ...empty, nothing: chosen.nothing };
  }
  const file = linked.file(chosen.file.path);
  if (file === undefined) throw new CodeloomError('internal', `${chosen.file.path} is indexed and was not linked.`);
  const onLine = await linked.run(() => file.facts.sites.filter((site) => site.at.line === line));
  const sites = column === undefined ? onLine : onLine.filter((site) => site.at.column <= column && column <= site.at.column + Math.max(site.name.length, 1));
  if (sites.length === 0) {
    const places = onLine.map((site) => `${file.path}:${line}:${site.at.column} (${site.name === '' ? 'nameless' : site.name})`);
    const message = places.length > 0 ? `Nothing is called at ${request.at}; calls of the line: ${places.join(', ')}.` : `Nothing is called at ${file.path}:${line}.`;
    return { ...empty, nothing: { reason: 'no-site', message, suggestions: [] } };
  }
  const results: SiteExplanation[] = [];
  for (const site of sites) results.push(await linked.run(() => explainSite(linked.session, file, site)));
  const said = (await imported(file.path)).filter((name) => sites.some((site) => site.at.column === name.column));
  return { ...empty, results, ...(said.length > 0 ? { imported: said } : {}) };
}
