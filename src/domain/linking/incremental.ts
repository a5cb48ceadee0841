import { throwIfAborted } from '../errors.js';
import type { Diagnostic } from '../partition.js';
import { linkChanges, type Changes } from './changes.js';
import { importRequests, importTargets, Modules, type ImportRequest, type ImportTargets } from './imports.js';
import { LANGUAGES } from './languages/index.js';
import { linkFile } from './link-file.js';
import type { FileLinkage, PathDependencies } from './linkage.js';
import type { LinkRequest, LinkSource, LinkStep } from './linker.js';
import { FactsNeeded } from './program.js';
import { Session } from './session.js';
import { surfaceOf } from './surface.js';
import type { Dependencies } from './tracer.js';

/**
 * Links the files of a snapshot; those that nothing has changed for since `previous` stay as they are. The partitions are the same, to the byte, as those
 * of a link from nothing: a pure function of facts, paths and configuration texts. Throws `aborted`.
 */
export function* linkIncrementally(request: LinkRequest, options: { readonly signal?: AbortSignal | undefined } = {}): Generator<LinkStep, void, void> {
  const run = new Run(request, options.signal);
  yield* run.link();
}

/** A file of the run. */
interface RunFile {
  readonly source: LinkSource;
  /** What was remembered of its path; of another content when `fresh`. */
  readonly before: FileLinkage | undefined;
  /** Its content is new. */
  readonly fresh: boolean;
  imports: readonly ImportRequest[];
  targets: ImportTargets;
  /** It is linked again. */
  again: boolean;
  after: FileLinkage | undefined;
}

const NO_TARGETS: ImportTargets = { text: '', files: [], submodules: [] };

class Run {
  readonly #request: LinkRequest;
  readonly #signal: AbortSignal | undefined;
  readonly #modules: Modules;
  readonly #files: readonly RunFile[];
  readonly #removed: readonly FileLinkage[];
  readonly #contextChanged: boolean;
  /** Files that others may see differently than before, by path. */
  readonly #changed = new Set<string>();

  constructor(request: LinkRequest, signal: AbortSignal | undefined) {
    this.#request = request;
    this.#signal = signal;
    this.#modules = new Modules(request.context, LANGUAGES);
    const { previous } = request;
    const before = new Map(previous?.files.map((file) => [file.path, file]));
    this.#files = request.sources.map((source): RunFile => {
      const known = before.get(source.path);
      const fresh = known?.version !== source.version || known.language !== source.language;
      before.delete(source.path);
      return { source, before: known, fresh, imports: known?.imports ?? [], targets: known?.targets ?? NO_TARGETS, again: fresh, after: fresh ? undefined : known };
    });
    this.#removed = [...before.values()];
    this.#contextChanged = previous === undefined || previous.contextVersion !== request.contextVersion;
  }

  *link(): Generator<LinkStep, void, void> {
    yield* this.#load();
    this.#compareSurfaces();
    this.#resolveImports();
    this.#spread();
    let session: Session;
    for (;;) {
      session = new Session(this.#files.map((file) => ({ source: file.source, targets: file.targets, standing: file.again ? undefined : file.before })), this.#modules);
      if (yield* this.#contribute(session)) continue;
      yield* this.#linkFiles(session);
      if (!this.#joinUnsettled()) break;
    }
    for (const file of this.#files) if (!file.again) yield { kind: 'unchanged', path: file.source.path };
    const diagnostics = this.#diagnostics();
    yield { kind: 'done', linkage: { files: this.#files.flatMap((file) => file.after ?? []), contextVersion: this.#request.contextVersion ?? '', diagnostics }, diagnostics };
  }

  /** Gets the facts of what is new, and of what it takes the place of. */
  *#load(): Generator<LinkStep, void, void> {
    const fresh = this.#files.filter((file) => file.fresh);
    if (fresh.length > 0) yield { kind: 'needs', sources: fresh.map((file) => file.source), earlier: fresh.flatMap((file) => file.before?.version ?? []) };
  }

  #compareSurfaces(): void {
    for (const file of this.#removed) this.#changed.add(file.path);
    for (const { source, before, fresh } of this.#files) {
      if (!fresh || before === undefined) continue;
      const earlier = this.#request.earlier?.(before.version);
      const now = source.facts();
      if (earlier === undefined || now === undefined || before.language !== source.language || surfaceOf(earlier) !== surfaceOf(now)) this.#changed.add(source.path);
    }
  }

  #resolveImports(): void {
    for (const file of this.#files) {
      if (!file.fresh && !this.#contextChanged) continue;
      if (file.fresh) file.imports = importRequests(file.source.facts()?.imports ?? []);
      const targets = importTargets(this.#modules.of(file.source.language), file.source.path, file.imports);
      if (file.before !== undefined && targets.text !== file.before.targets.text) {
        this.#changed.add(file.source.path);
        file.again = true;
      }
      file.targets = targets;
    }
  }

  /** Marks what rests on something that has changed. */
  #spread(): void {
    const anything = this.#contextChanged || this.#removed.length > 0 || this.#files.some((file) => file.again);
    const unsettled = this.#removed.some((file) => file.dependencies.unsettled);
    for (const file of this.#files) {
      const dependencies = file.before?.dependencies;
      if (file.again || dependencies === undefined) continue;
      if ((dependencies.everything && anything) || dependencies.files.some((path) => this.#changed.has(path))) file.again = true;
    }
    if (unsettled || this.#files.some((file) => file.again && file.before?.dependencies.unsettled === true)) this.#markUnsettled();
  }

  /** What rests on a knot that was cut is linked together or not at all: where the knot is entered decides how it comes out. */
  #markUnsettled(): boolean {
    let marked = false;
    for (const file of this.#files) {
      if (file.again || file.before?.dependencies.unsettled !== true) continue;
      file.again = true;
      marked = true;
    }
    return marked;
  }

  #joinUnsettled(): boolean {
    return this.#files.some((file) => file.again && file.after?.dependencies.unsettled === true) && this.#markUnsettled();
  }

  /** Finds what the files that are linked again contribute; true when that reaches files that were to stay. */
  *#contribute(session: Session): Generator<LinkStep, boolean, void> {
    const changes: { before: FileLinkage | undefined; after: Changes['files'][number]['after'] }[] = this.#removed.map((file) => ({ before: file, after: undefined }));
    for (const [index, file] of this.#files.entries()) {
      if (!file.again) continue;
      const { contribution } = yield* this.#attempt(session, () => session.contribution(index));
      changes.push({ before: file.before, after: { targets: file.targets, contribution } });
    }
    const stands = linkChanges({ files: changes, context: this.#contextChanged }, session.lookups);
    let reached = false;
    for (const file of this.#files) {
      if (file.again || file.before === undefined || file.before.dependencies.questions.every(stands)) continue;
      file.again = true;
      reached = true;
    }
    return reached;
  }

  *#linkFiles(session: Session): Generator<LinkStep, void, void> {
    const { tracer } = session.ev;
    for (const [index, file] of this.#files.entries()) {
      if (!file.again) continue;
      throwIfAborted(this.#signal);
      const { source, imports, targets } = file;
      const linkable = session.ev.program.files[index];
      if (linkable === undefined) throw new RangeError(`file ${index}`);
      const { contribution, trace } = session.contribution(index);
      const partition = yield* this.#attempt(session, () => {
        tracer.current = trace;
        return linkFile(session, linkable);
      });
      const dependencies = this.#byPath(tracer.dependencies(tracer.current), index);
      file.after = { path: source.path, language: source.language, version: source.version, imports, targets, contribution, dependencies };
      yield { kind: 'linked', partition };
    }
  }

  #byPath({ files, questions, unsettled, everything }: Dependencies, own: number): PathDependencies {
    return { files: files.flatMap((file) => (file === own ? [] : (this.#files[file]?.source.path ?? []))), questions, unsettled, everything };
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
