import { CodeloomError } from '../domain/errors.js';
import type { ExportChunk } from '../domain/exporting/export-format.js';
import type { GraphNode } from '../domain/graph-node.js';
import type { RunEvent } from '../domain/index-run.js';
import type { CallOptions } from '../domain/ports/call-options.js';
import type { FactStore } from '../domain/ports/fact-store.js';
import { allNodes } from '../domain/querying/all-nodes.js';
import type { Answer } from '../domain/querying/answer.js';
import type { ExportedRow } from '../domain/querying/export-graph.js';
import type { ImpactResult } from '../domain/querying/impact.js';
import type { RelationResult } from '../domain/querying/relations.js';
import type { Repository } from '../domain/repository.js';
import type { Snapshot } from '../domain/snapshot.js';
import type { Symbol as GraphSymbol } from '../domain/symbol.js';
import type { DropImportRequest, ImportOutcome, ImportScipRequest } from './import-scip.js';
import type { IndexOutcome } from './index-repository.js';
import type { IndexingPorts } from './indexing-ports.js';
import type { CopyAnswer, CopyPlace, CopyRequest } from './copying/copy-snapshots.js';
import { callees } from './queries/callees.js';
import { callers } from './queries/callers.js';
import type { DefinitionAnswer, DefinitionRequest } from './queries/definition.js';
import { diffSnapshots, type DiffAnswer, type DiffRequest } from './queries/diff-snapshots.js';
import { busiestSymbol } from './queries/example-symbol.js';
import type { ExplainAnswer, ExplainRequest } from './queries/explain.js';
import { exportFiles, exportSnapshot, type ExportFilesRequest } from './queries/export-snapshot.js';
import { findPath, type PathAnswer, type PathRequest } from './queries/find-path.js';
import { findSymbols, type FindSymbolsRequest, type SymbolResult } from './queries/find-symbols.js';
import { history, type HistoryAnswer, type HistoryRequest } from './queries/history.js';
import { impact, type ImpactRequest } from './queries/impact.js';
import { implementations, type ImplementationResult } from './queries/implementations.js';
import { chooseSnapshot, withReader, type QueryPorts, type Target } from './queries/pinned-snapshot.js';
import { references } from './queries/references.js';
import { showSymbol, type ShowAnswer } from './queries/show-symbol.js';
import { sourceState, type SourceState } from './queries/source-state.js';
import { statistics, type StatisticsAnswer } from './queries/statistics.js';
import { listDiagnostics, type DiagnosticsAnswer } from './queries/list-diagnostics.js';
import { status, type StatusAnswer } from './queries/status.js';
import type { Readiness } from './check-readiness.js';
import type { SymbolRequest } from './queries/symbol-question.js';
import type { VerifyAnswer, VerifyRequest } from './queries/verify-snapshot.js';
import type { RetryPolicy } from './retry-policy.js';
import type { IndexRequest, StageProgress } from './steps.js';

/** What {@link Codeloom} is put together from. */
export interface CodeloomParts extends QueryPorts {
  /** The ports that only indexing and verifying need; asked for when first needed, once. */
  readonly indexing: () => Promise<IndexingPorts>;
  /** An empty FactStore, for builds that must find nothing. */
  readonly scratch: () => FactStore;
  /** Names everything besides the parser that decides what graph comes out of a source. */
  readonly indexerVersion: string;
  readonly retryPolicy?: RetryPolicy | undefined;
  /** Closes what was opened for it. */
  readonly close: () => Promise<void>;
}

export interface IndexOptions extends CallOptions {
  /** Called as work goes on, at most about ten times a second. */
  readonly onProgress?: ((progress: StageProgress) => void) | undefined;
  /** Called for each numbered event of the run. */
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
}

/**
 * Every use case behind one object: index repositories, ask about them. Requests are plain data; every method takes `{signal}` and rejects with a
 * CodeloomError, whose `code` tells what happened (`aborted` after the signal fired). The same can be done without it: each method is one call of a use case.
 */
export class Codeloom {
  readonly #parts: CodeloomParts;
  #indexing: Promise<IndexingPorts> | undefined;
  #closed: Promise<void> | undefined;

  constructor(parts: CodeloomParts) {
    this.#parts = { revisions: async () => (await this.#indexingPorts()).gitHost, ...parts };
  }

  /** Indexes a repository, or brings its index up to date. A failed or cancelled run leaves the last published snapshot as it was. */
  async index(request: IndexRequest, options: IndexOptions = {}): Promise<IndexOutcome> {
    const { indexerVersion, retryPolicy } = this.#parts;
    // Questions start sooner without what only indexing needs.
    const { runIndex } = await import('./run-index.js');
    return runIndex(await this.#indexingPorts(), request, { ...options, indexerVersion, retryPolicy });
  }

  /** Merges an index that a SCIP indexer made into the newest snapshot of a branch; later runs take it along. */
  async importScip(request: ImportScipRequest, options: IndexOptions = {}): Promise<ImportOutcome> {
    const { indexerVersion, retryPolicy } = this.#parts;
    const { importScip } = await import('./import-scip.js');
    return importScip({ ...await this.#indexingPorts(), ...this.#parts }, request, { ...options, indexerVersion, retryPolicy });
  }

  /** Takes an imported index out again. */
  async dropImport(request: DropImportRequest, options: IndexOptions = {}): Promise<IndexOutcome> {
    const { indexerVersion, retryPolicy } = this.#parts;
    const { dropImport } = await import('./import-scip.js');
    return dropImport({ ...await this.#indexingPorts(), ...this.#parts }, request, { ...options, indexerVersion, retryPolicy });
  }

  /** The repositories that are indexed, by id. */
  repositories(options: CallOptions = {}): Promise<readonly Repository[]> {
    return this.#parts.metadataStore.repositories(undefined, options);
  }

  /** Symbols by name, best matches first. */
  symbols(request: FindSymbolsRequest, options: CallOptions = {}): Promise<Answer<SymbolResult>> {
    return findSymbols(this.#parts, request, options);
  }

  /** As {@link symbols}, without end: pages are fetched as they are consumed. */
  async *symbolsStream(request: Omit<FindSymbolsRequest, 'cursor'>, options: CallOptions = {}): AsyncGenerator<SymbolResult> {
    // All pages come from one snapshot, also when another is published in between.
    const snapshot = await chooseSnapshot(this.#parts, request, options);
    let cursor: string | undefined;
    do {
      const answer: Answer<SymbolResult> = await findSymbols(this.#parts, { ...request, repository: snapshot.repository, snapshot: snapshot.id, cursor }, options);
      yield* answer.results;
      cursor = answer.cursor;
    } while (cursor !== undefined);
  }

  /** One symbol with its signature, documentation and direct relations. */
  show(request: SymbolRequest, options: CallOptions = {}): Promise<ShowAnswer> {
    return showSymbol(this.#parts, request, options);
  }

  /** Who calls a symbol. */
  callers(request: SymbolRequest, options: CallOptions = {}): Promise<Answer<RelationResult>> {
    return callers(this.#parts, request, options);
  }

  /** What a symbol calls. */
  callees(request: SymbolRequest, options: CallOptions = {}): Promise<Answer<RelationResult>> {
    return callees(this.#parts, request, options);
  }

  /** Every use of a symbol. */
  references(request: SymbolRequest, options: CallOptions = {}): Promise<Answer<RelationResult>> {
    return references(this.#parts, request, options);
  }

  /** What a change to a symbol can reach, nearest first. */
  impact(request: ImpactRequest, options: CallOptions = {}): Promise<Answer<ImpactResult>> {
    return impact(this.#parts, request, options);
  }

  /** How one symbol reaches another. */
  path(request: PathRequest, options: CallOptions = {}): Promise<PathAnswer> {
    return findPath(this.#parts, request, options);
  }

  /** What implements, extends or overrides a symbol. */
  implementations(request: SymbolRequest, options: CallOptions = {}): Promise<Answer<ImplementationResult>> {
    return implementations(this.#parts, request, options);
  }

  /** Where the name at a place is declared, behind imports, re-exports and inheritance. */
  async definition(request: DefinitionRequest, options: CallOptions = {}): Promise<DefinitionAnswer> {
    const { definition } = await import('./queries/definition.js');
    return definition({ ...await this.#indexingPorts(), ...this.#parts }, request, options);
  }

  /** How the call sites of a line were resolved, step by step, or why they were not. */
  async explain(request: ExplainRequest, options: CallOptions = {}): Promise<ExplainAnswer> {
    const { explain } = await import('./queries/explain.js');
    return explain({ ...await this.#indexingPorts(), ...this.#parts }, request, options);
  }

  /** What changed between two snapshots; by default between the branch's head and the one before. */
  diff(request: DiffRequest = {}, options: CallOptions = {}): Promise<DiffAnswer> {
    return diffSnapshots(this.#parts, request, options);
  }

  /** The snapshots that are kept, newest first. */
  history(request: HistoryRequest = {}, options: CallOptions = {}): Promise<HistoryAnswer> {
    return history(this.#parts, request, options);
  }

  /** What is indexed: repositories, branches, last runs. */
  status(request: Pick<Target, 'repository'> = {}, options: CallOptions = {}): Promise<StatusAnswer> {
    return status(this.#parts, request, options);
  }

  /** What of a snapshot's source could not be read in full. */
  diagnostics(request: Target = {}, options: CallOptions = {}): Promise<DiagnosticsAnswer> {
    return listDiagnostics(this.#parts, request, options);
  }

  /** Whether each store answers a small question within `withinMs` (default 5 s). */
  async readiness(options: CallOptions & { readonly withinMs?: number } = {}): Promise<Readiness> {
    const { checkReadiness } = await import('./check-readiness.js');
    return checkReadiness(await this.#indexingPorts(), options);
  }

  /** Counts of a snapshot, and what became of its call sites. */
  statistics(request: Target = {}, options: CallOptions = {}): Promise<StatisticsAnswer> {
    return statistics(this.#parts, request, options);
  }

  /** Whether the source is still as the snapshot has it; which files differ. */
  async sourceState(request: Target = {}, options: CallOptions = {}): Promise<SourceState> {
    const { gitHost } = await this.#indexingPorts();
    return sourceState({ ...this.#parts, gitHost }, request, options);
  }

  /** Recomputes every digest of a snapshot, and compares it with a clean build of the same source. */
  async verify(request: VerifyRequest = {}, options: Omit<IndexOptions, 'onEvent'> = {}): Promise<VerifyAnswer> {
    const { scratch, indexerVersion } = this.#parts;
    const { verifySnapshot } = await import('./queries/verify-snapshot.js');
    return verifySnapshot({ ...await this.#indexingPorts(), scratch, indexerVersion }, request, options);
  }

  /** Copies snapshots from here into another place, and proves what is there then. The stores of the place stay their giver's to close. */
  async copy({ to, ...request }: CopyRequest & { readonly to: CopyPlace }, options: Omit<IndexOptions, 'onEvent'> = {}): Promise<CopyAnswer> {
    const { graphStore, metadataStore, factStore, sha256 } = await this.#indexingPorts();
    const { copySnapshots } = await import('./copying/copy-snapshots.js');
    return copySnapshots({ from: { graphStore, metadataStore, factStore }, to, sha256 }, request, options);
  }

  /** The whole graph as rows of the interchange format, a file's at a time. */
  export(request: Target = {}, options: CallOptions = {}): AsyncIterable<readonly ExportedRow[]> {
    return exportSnapshot(this.#parts, request, options);
  }

  /** The whole graph in a format for other tools, as the bytes of its files. */
  exportFiles(request: ExportFilesRequest, options: CallOptions = {}): AsyncIterable<ExportChunk> {
    return exportFiles(this.#parts, request, options);
  }

  /** Every node of a snapshot, file by file; externals, which many files point at, once. */
  async *nodes(request: Target = {}, options: CallOptions = {}): AsyncGenerator<GraphNode> {
    const snapshot = await chooseSnapshot(this.#parts, request, options);
    const reader = await this.#parts.graphStore.open(snapshot.id, options);
    try {
      yield* allNodes(reader, options);
    } finally {
      await reader.close();
    }
  }

  /** The snapshot that a target means. Throws `not-indexed`, `unknown-snapshot`. */
  snapshot(request: Target = {}, options: CallOptions = {}): Promise<Snapshot> {
    return chooseSnapshot(this.#parts, request, options);
  }

  /** A reader pinned to a snapshot, for questions that no method answers; closed when `work` has ended. */
  read<T>(request: Target, work: Parameters<typeof withReader<T>>[3], options: CallOptions = {}): Promise<T> {
    return withReader(this.#parts, request, options, work);
  }

  /** A symbol that many others call, to try a question on. */
  busiestSymbol(request: Target = {}, options: CallOptions = {}): Promise<GraphSymbol | undefined> {
    return busiestSymbol(this.#parts, request, options);
  }

  /** Closes the stores, the parser's threads and what else was opened. Ports that were given stay open. May be called more than once. */
  close(): Promise<void> {
    return this.#closed ??= this.#parts.close();
  }

  /** For `await using`, where the runtime or the compiler knows it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #indexingPorts(): Promise<IndexingPorts> {
    if (this.#closed !== undefined) throw new CodeloomError('store-unavailable', 'This codeloom is closed.', { retryable: false });
    return this.#indexing ??= this.#parts.indexing();
  }
}
