import { throwIfAborted } from '../errors.js';
import type { FileFacts } from '../file-facts.js';
import type { Diagnostic } from '../partition.js';
import { linkChanges, type Changes } from './changes.js';
import { evaluatesNothing, NOTHING_EVALUATED, saidContribution, type Contribution, type EvaluatedContribution, type SaidContribution } from './contribution.js';
import { importRequests, importTargets, Modules, type ImportRequest, type ImportTargets } from './imports.js';
import { LANGUAGES } from './languages/index.js';
import { linkFile } from './link-file.js';
import type { FileLinkage, PathDependencies } from './linkage.js';
import type { LinkRequest, LinkSource, LinkStep } from './linker.js';
import { Lookups } from './lookups.js';
import { FactsNeeded } from './program.js';
import { Session } from './session.js';
import { surfaceOf } from './surface.js';
import type { Dependencies, Question } from './tracer.js';

export interface IncrementalOptions {
  readonly signal?: AbortSignal | undefined;
  /** So much source (bytes) may have been looked at before the memory of linking is emptied and filled anew. The outcome does not depend on it. Default 16 MB. */
  readonly sessionBytes?: number | undefined;
}

/**
 * Links the files of a snapshot; those that nothing has changed for since `previous` stay as they are. The partitions are the same, to the byte, as those
 * of a link from nothing: a pure function of facts, paths and configuration texts. Throws `aborted`.
 */
export function* linkIncrementally(request: LinkRequest, options: IncrementalOptions = {}): Generator<LinkStep, void, void> {
  yield* new Run(request, options).link();
}

/** A file of the run. */
interface RunFile {
  readonly index: number;
  readonly source: LinkSource;
  /** What was remembered of its path; of another content when `fresh`. */
  readonly before: FileLinkage | undefined;
  /** Its content is new. */
  readonly fresh: boolean;
  imports: readonly ImportRequest[];
  targets: ImportTargets;
  /** It is linked again. */
  again: boolean;
  said: SaidContribution;
  evaluated: EvaluatedContribution | undefined;
  /** What `evaluated` rests on. */
  evaluatedBy: PathDependencies;
  after: FileLinkage | undefined;
}

const NO_TARGETS: ImportTargets = { text: '', files: [], submodules: [] };
const NOTHING_SAID: SaidContribution = { methods: [], mentions: [], shared: [], stars: [], plugins: [], members: [] };
const NO_DEPENDENCIES: PathDependencies = { files: [], questions: [], unsettled: false, everything: false };
const SESSION_BYTES = 16_000_000;
/** Facts of so many new files are asked for at once. */
const CHUNK = 64;

class Run {
  readonly #request: LinkRequest;
  readonly #signal: AbortSignal | undefined;
  readonly #sessionBytes: number;
  readonly #modules: Modules;
  readonly #files: readonly RunFile[];
  readonly #removed: readonly FileLinkage[];
  readonly #contextChanged: boolean;
  /** Files that others may see differently than before, by path. */
  readonly #changed = new Set<string>();

  constructor(request: LinkRequest, { signal, sessionBytes = SESSION_BYTES }: IncrementalOptions) {
    this.#request = request;
    this.#signal = signal;
    this.#sessionBytes = sessionBytes;
    this.#modules = new Modules(request.context, LANGUAGES);
    const { previous } = request;
    const before = new Map(previous?.files.map((file) => [file.path, file]));
    this.#files = request.sources.map((source, index): RunFile => {
      const known = before.get(source.path);
      const fresh = known?.version !== source.version || known.language !== source.language;
      before.delete(source.path);
      return {
        index, source, before: known, fresh, imports: known?.imports ?? [], targets: known?.targets ?? NO_TARGETS, again: fresh,
        said: known?.contribution.said ?? NOTHING_SAID, evaluated: undefined, evaluatedBy: NO_DEPENDENCIES, after: fresh ? undefined : known,
      };
    });
    this.#removed = [...before.values()];
    this.#contextChanged = previous === undefined || previous.contextVersion !== request.contextVersion;
  }

  *link(): Generator<LinkStep, void, void> {
    yield* this.#read();
    this.#resolveImports();
    this.#spread();
    do {
      for (const file of this.#files) if (file.again) file.evaluated = undefined;
      let lookups = yield* this.#contribute();
      while (this.#reach(lookups)) lookups = yield* this.#contribute();
      yield* this.#linkFiles(lookups);
    } while (this.#joinUnsettled());
    for (const file of this.#files) if (!file.again) yield { kind: 'unchanged', path: file.source.path };
    const diagnostics = this.#diagnostics();
    yield { kind: 'done', linkage: { files: this.#files.flatMap((file) => file.after ?? []), contextVersion: this.#request.contextVersion ?? '', diagnostics }, diagnostics };
  }

  /** Reads what is new, some at a time: what it imports, what it contributes, whether others can tell it from what it takes the place of. */
  *#read(): Generator<LinkStep, void, void> {
    for (const file of this.#removed) this.#changed.add(file.path);
    // the other way round than linking: what was read last is still at hand when linking comes to it
    const fresh = this.#files.filter((file) => file.fresh).reverse();
    for (let at = 0; at < fresh.length; at += CHUNK) {
      throwIfAborted(this.#signal);
      const chunk = fresh.slice(at, at + CHUNK);
      yield { kind: 'needs', sources: chunk.map((file) => file.source), earlier: chunk.flatMap((file) => file.before?.version ?? []) };
      for (const file of chunk) this.#readFile(file);
    }
  }

  #readFile(file: RunFile): void {
    const { source, before } = file;
    const facts = source.facts();
    if (facts === undefined) throw new RangeError(`no facts of ${source.path}`);
    file.imports = importRequests(facts.imports);
    file.said = saidContribution(source, facts, this.#modules.of(source.language).rules);
    if (before !== undefined && !this.#looksLike(before, source, facts)) this.#changed.add(source.path);
  }

  #looksLike(before: FileLinkage, source: LinkSource, facts: FileFacts): boolean {
    const earlier = before.language === source.language ? this.#request.earlier?.(before.version) : undefined;
    return earlier !== undefined && surfaceOf(earlier) === surfaceOf(facts);
  }

  #resolveImports(): void {
    for (const file of this.#files) {
      if (!file.fresh && !this.#contextChanged) continue;
      file.targets = importTargets(this.#modules.of(file.source.language), file.source.path, file.imports);
      if (file.before === undefined || file.targets.text === file.before.targets.text) continue;
      this.#changed.add(file.source.path);
      file.again = true;
    }
  }

  /** Marks what rests on something that has changed. */
  #spread(): void {
    const anything = this.#contextChanged || this.#removed.length > 0 || this.#files.some((file) => file.again);
    for (const file of this.#files) {
      const dependencies = file.before?.dependencies;
      if (file.again || dependencies === undefined) continue;
      if ((dependencies.everything && anything) || dependencies.files.some((path) => this.#changed.has(path))) file.again = true;
    }
    if (this.#removed.some((file) => file.dependencies.unsettled) || this.#files.some((file) => file.again && file.before?.dependencies.unsettled === true)) this.#markUnsettled();
  }

  /** What rests on a knot that was cut is linked together or not at all: where the knot is entered decides how it comes out. */
  #markUnsettled(): boolean {
    const marked = this.#files.filter((file) => !file.again && file.before?.dependencies.unsettled === true);
    for (const file of marked) file.again = true;
    return marked.length > 0;
  }

  #joinUnsettled(): boolean {
    return this.#files.some((file) => file.again && file.after?.dependencies.unsettled === true) && this.#markUnsettled();
  }

  /** Finds what evaluation says that the files contribute which are linked again. */
  *#contribute(): Generator<LinkStep, Lookups, void> {
    const pending: RunFile[] = [];
    for (const file of this.#files) {
      if (!file.again || file.evaluated !== undefined) continue;
      if (evaluatesNothing(file.said)) [file.evaluated, file.evaluatedBy] = [NOTHING_EVALUATED, NO_DEPENDENCIES];
      else pending.push(file);
    }
    const emptied = yield* this.#evaluate(pending, this.#sessionBytes);
    if (emptied) {
      const unsettled = pending.filter((file) => file.evaluatedBy.unsettled);
      for (const file of unsettled) file.evaluated = undefined;
      yield* this.#evaluate(unsettled, Infinity);
    }
    return new Lookups(this.#files.map((file) => {
      const { overrides, lines, providers } = contributionOf(file);
      return { path: file.source.path, rules: this.#modules.of(file.source.language).rules, targets: file.targets, said: file.said, evaluated: { overrides, lines }, providers };
    }), this.#modules);
  }

  #evaluate(files: readonly RunFile[], limit: number): Generator<LinkStep, boolean, void> {
    const open = (): Session => new Session(this.#files.map((each) => ({ ...each, evaluated: each.again ? each.evaluated : each.before?.contribution })), this.#modules);
    return this.#inSessions(files, { limit, open }, (session, file) => this.#evaluateFile(session, file));
  }

  *#evaluateFile(session: Session, file: RunFile): Generator<LinkStep, void, void> {
    const { evaluated, trace } = yield* this.#attempt(session, () => session.evaluated(file.index));
    file.evaluated = evaluated;
    file.evaluatedBy = this.#byPath(session.ev.tracer.dependencies(trace), file.index);
  }

  /** Marks the files that were to stay and have a question whose answer is another now; gives whether there are any. */
  #reach(lookups: Lookups): boolean {
    const changes: Changes['files'][number][] = this.#removed.map((file) => ({ before: file, after: undefined }));
    for (const file of this.#files) if (file.again) changes.push({ before: file.before, after: { targets: file.targets, contribution: contributionOf(file) } });
    const stands = linkChanges({ files: changes, context: this.#contextChanged }, lookups);
    const reached = this.#files.filter((file) => !file.again && file.before?.dependencies.questions.every(stands) === false);
    for (const file of reached) file.again = true;
    return reached.length > 0;
  }

  *#linkFiles(lookups: Lookups): Generator<LinkStep, void, void> {
    const files = this.#files.filter((file) => file.again);
    const emptied = yield* this.#linkSome(files, lookups, this.#sessionBytes);
    // a memory that was emptied enters a knot anew: those that rest on one are linked from one memory
    if (emptied) yield* this.#linkSome(files.filter((file) => file.after?.dependencies.unsettled === true), lookups, Infinity);
  }

  #linkSome(files: readonly RunFile[], lookups: Lookups, limit: number): Generator<LinkStep, boolean, void> {
    const open = (): Session => new Session(this.#files.map((each) => ({ ...each, evaluated: contributionOf(each) })), this.#modules, lookups);
    return this.#inSessions(files, { limit, open }, (session, file) => this.#linkFile(session, file));
  }

  *#linkFile(session: Session, file: RunFile): Generator<LinkStep, void, void> {
    const { partition, trace } = yield* this.#attempt(session, () => session.traced(file.index, (linkable) => linkFile(session, linkable)));
    const { source, imports, targets } = file;
    const dependencies = both(file.evaluatedBy, this.#byPath(session.ev.tracer.dependencies(trace), file.index));
    file.after = { path: source.path, language: source.language, version: source.version, imports, targets, contribution: contributionOf(file), dependencies };
    yield { kind: 'linked', partition };
  }

  /** Works through files with one memory after another, each given up when it has taken more than `limit`; gives whether one was. */
  *#inSessions(
    files: readonly RunFile[], { limit, open }: { readonly limit: number; readonly open: () => Session }, work: (session: Session, file: RunFile) => Generator<LinkStep, void, void>,
  ): Generator<LinkStep, boolean, void> {
    let session: Session | undefined;
    let emptied = false;
    for (const [at, file] of files.entries()) {
      throwIfAborted(this.#signal);
      if (session !== undefined && session.taken > limit) {
        session = undefined;
        emptied = true;
      }
      yield* this.#getAhead(files, at);
      yield* work((session ??= open()), file);
    }
    return emptied;
  }

  #byPath({ files, questions, unsettled, everything }: Dependencies, own: number): PathDependencies {
    return { files: files.flatMap((file) => (file === own ? [] : (this.#files[file]?.source.path ?? []))), questions, unsettled, everything };
  }

  /** Gets the facts of a file, and of some of those whose turn comes next. */
  *#getAhead(files: readonly RunFile[], at: number): Generator<LinkStep, void, void> {
    const file = files[at];
    if (file !== undefined && file.source.facts() === undefined) yield { kind: 'needs', sources: files.slice(at, at + CHUNK).map((each) => each.source), earlier: [] };
  }

  /** Does some work, getting facts as it comes upon files whose facts are not at hand. */
  *#attempt<T>(session: Session, work: () => T): Generator<LinkStep, T, void> {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof FactsNeeded)) throw error;
        session.abandon();
        const needed = this.#files[error.file];
        if (needed === undefined) throw new RangeError(`file ${error.file}`);
        yield { kind: 'needs', sources: [needed.source], earlier: [] };
        if (needed.source.facts() === undefined) throw new RangeError(`no facts of ${needed.source.path}`);
      }
    }
  }

  /** Configuration is read as imports are resolved: where none had to be, what was found before stands. */
  #diagnostics(): readonly Diagnostic[] {
    if (!this.#contextChanged) return this.#request.previous?.diagnostics ?? [];
    return this.#modules.all.flatMap(({ resolver }) => resolver.diagnostics().map(({ path, code, message }) => ({ path, code, message })));
  }
}

/** What a file contributes; what evaluation finds is that from before where it stays, and nothing where it has not been found yet. */
function contributionOf(file: RunFile): Contribution {
  if (!file.again && file.before !== undefined) return file.before.contribution;
  return { said: file.said, overrides: [], lines: [], providers: [], ...file.evaluated };
}

function both(a: PathDependencies, b: PathDependencies): PathDependencies {
  if (a === NO_DEPENDENCIES) return b;
  const questions = new Map<string, Question>([...a.questions, ...b.questions].map((question) => [`${question.kind}\n${question.about.join('\n')}`, question]));
  return { files: [...new Set([...a.files, ...b.files])], questions: [...questions.values()], unsettled: a.unsettled || b.unsettled, everything: a.everything || b.everything };
}
