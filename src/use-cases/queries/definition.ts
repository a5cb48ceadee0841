import { CodeloomError } from '../../domain/errors.js';
import { defineName, placeInFacts } from '../../domain/explaining/define-name.js';
import type { Declaration } from '../../domain/explaining/declaration.js';
import type { Found } from '../../domain/explaining/find-declaration.js';
import type { Step } from '../../domain/explaining/step.js';
import { REASON_TEXTS } from '../../domain/explaining/wording.js';
import type { LinkFile } from '../../domain/linking/program.js';
import type { NamePlace } from '../../domain/name-place.js';
import type { UnresolvedReason } from '../../domain/partition.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { AnswerSnapshot, Gap, Nothing } from '../../domain/querying/answer.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { fileOfPath, parsePlace } from './file-place.js';
import { importedNames, type ImportedName } from './imported-names.js';
import { openLinked, type LinkedPorts } from './linked-snapshot.js';
import { answerSnapshot, chooseSnapshot, type QueryPorts, type Target } from './pinned-snapshot.js';
import { placeInSource } from './place-in-source.js';

export interface DefinitionRequest extends Target {
  /** `path:line:column`, both from 1, the column in UTF-16 code units; a path may be given by its last parts. */
  readonly at: string;
}

export interface DefinitionResult extends Declaration {
  /** A candidate is one of several, or there may be others. */
  readonly certainty: 'certain' | 'candidate';
  /** The imported index that says so, as it marks nodes and edges; absent for what codeloom found itself. */
  readonly source?: string;
}

export interface DefinitionAnswer {
  readonly query: 'definition';
  readonly snapshot: AnswerSnapshot;
  /** The name that stands at the place; absent where none does. */
  readonly name?: { readonly text: string; readonly path: string; readonly line: number; readonly column: number };
  readonly completeness: 'exact' | 'lower-bound';
  readonly gaps: readonly Gap[];
  readonly results: readonly DefinitionResult[];
  /** From the name to its declaration: imports, re-exports, the classes that a member comes from. */
  readonly steps: readonly Step[];
  /** Set where it is not known, or not all of it: why. */
  readonly reason?: UnresolvedReason;
  readonly nothing?: Nothing;
}

/**
 * Where the name at a place is declared: behind imports, re-exports and inheritance. What linking knows of the snapshot is asked again; the source of the one file
 * is read anew, for the places of local names, and where it cannot be had, declarations, calls, references and types can still be asked about. Where codeloom does not know,
 * and in languages that it does not index, imported indexes are asked. Throws
 * `invalid-argument`, `facts-missing`, `not-indexed`, `unknown-snapshot`, and what the stores throw.
 */
export async function definition(ports: LinkedPorts & QueryPorts, request: DefinitionRequest, options: CallOptions = {}): Promise<DefinitionAnswer> {
  const { path, line, column } = parsePlace(request.at);
  if (column === undefined) throw new CodeloomError('invalid-argument', `Which name of line ${line}? Write path:line:column.`, { details: { place: request.at } });
  const snapshot = await chooseSnapshot(ports, request, options);
  const linked = await openLinked(ports, snapshot, options);
  const empty = { query: 'definition', snapshot: answerSnapshot(snapshot), completeness: 'exact', gaps: [], results: [], steps: [] } as const;
  const chosen = fileOfPath(linked.files, path);
  const imported = async (of: string, known: DefinitionAnswer): Promise<DefinitionAnswer> =>
    known.results.length > 0 ? known : withImported(known, await importedNames(ports.factStore, { snapshot, files: linked.files, path: of, line, column }, options));
  if ('nothing' in chosen) return imported(chosen.path ?? path, { ...empty, nothing: chosen.nothing });
  const file = linked.file(chosen.file.path);
  if (file === undefined) throw new CodeloomError('internal', `${chosen.file.path} is indexed and was not linked.`);
  const { facts, lines } = await linked.run(() => ({ facts: file.facts, lines: file.facts.lines }));
  if (line > lines) return { ...empty, nothing: { reason: 'no-name', message: `${request.at} is no place: ${file.path} has ${lines === 1 ? 'one line' : `${lines} lines`}.`, suggestions: [] } };
  const source = await placeInSource(ports, { snapshot, file: chosen.file, facts, place: { line, column } }, options);
  // a type within a comment or a quoted annotation is no name to the grammar, but has its place in the facts
  const places = [source.read ? source.name : undefined, placeInFacts(file, { line, column })].filter((each) => each !== undefined);
  const [place] = places;
  const gaps: Gap[] = source.read ? [] : [{ reason: 'source-unread', message: `The source of ${file.path} cannot be read (${source.why.replace(/\.$/, '')}): local names are not found without it.`, count: 1, sites: [] }];
  if (place === undefined) {
    const message = source.read ? `No name stands at ${request.at}.` : `Nothing that has a place in the facts stands at ${request.at}.`;
    return imported(file.path, { ...empty, ...(gaps.length === 0 ? {} : { completeness: 'lower-bound' }), gaps, nothing: { reason: 'no-name', message, suggestions: [] } });
  }
  for (const each of places) {
    const found = await linked.run(() => defineName(linked.session.ev, file, each));
    if (found !== undefined) return imported(file.path, answer(snapshot, { file, place: each, found, gaps }));
  }
  return imported(file.path, answer(snapshot, { file, place, found: undefined, gaps }));
}

/** The answer with what imported indexes say, taken at their word; as it is where they say nothing. */
function withImported(answer: DefinitionAnswer, names: readonly ImportedName[]): DefinitionAnswer {
  // names around others begin before them: the last one to begin is the one that stands there
  const place = names.at(-1);
  const said = names.filter(({ column }) => column === place?.column);
  const results = said.flatMap(({ source, declarations }) => declarations.map((declaration): DefinitionResult => ({ ...declaration, certainty: 'certain', source })));
  if (place === undefined || results.length === 0) return answer;
  const { nothing: _, reason: __, ...rest } = answer;
  const steps = said.map(({ source, name }): Step => ({ rule: 'imported-index', text: `${source} says what ${name} means` }));
  return { ...rest, name: rest.name ?? { text: place.name, path: place.path, line: place.line, column: place.column }, completeness: 'exact', gaps: [], results, steps };
}

function answer(snapshot: Snapshot, { file, place, found, gaps }: { file: LinkFile; place: NamePlace; found: Found | undefined; gaps: Gap[] }): DefinitionAnswer {
  const { declarations, open, steps } = found ?? { declarations: [], open: undefined, steps: [] };
  // several declarations of one name are one thing where they merge; elsewhere one of them is meant
  const certain = open === undefined && (declarations.length === 1 || (declarations.length > 1 && merges(file, declarations)));
  const all = [...gaps];
  if (open !== undefined) all.push({ reason: 'unknown-values', message: `There may be others: ${REASON_TEXTS[open]} (${open}).`, count: 1, sites: [] });
  const [first] = declarations;
  return {
    query: 'definition', snapshot: answerSnapshot(snapshot),
    name: { text: place.name, path: file.path, line: place.at.line, column: place.at.column },
    completeness: open === undefined ? 'exact' : 'lower-bound', gaps: all,
    results: declarations.map((declaration): DefinitionResult => ({ ...declaration, certainty: certain ? 'certain' : 'candidate' })),
    steps, ...(open === undefined ? {} : { reason: open }),
    ...(first !== undefined ? {} : {
      nothing: found === undefined
        ? { reason: 'no-name', message: `${place.name} at ${file.path}:${place.at.line}:${place.at.column} names nothing that is followed: a key, a label, a keyword.`, suggestions: [] }
        : { reason: 'not-known', message: `Where ${place.name} is declared is not known: ${open === undefined ? 'it has no declaration' : REASON_TEXTS[open]}.`, suggestions: [] },
    }),
  };
}

/** Overloads, and what a language lets several declarations say together. */
function merges(file: LinkFile, declarations: readonly Declaration[]): boolean {
  return file.rules.separateTypeNames && new Set(declarations.map((declaration) => `${declaration.path} ${declaration.name}`)).size === 1;
}
