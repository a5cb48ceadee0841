/**
 * Codeloom as a library. {@link createCodeloom} gives the whole with its embedded default; everything it is made of is here too, so that another whole can be
 * put together by plain calls: ports (interfaces), the default adapters, the use cases (functions over ports), and the pure domain.
 *
 * In-memory adapters and the contract suites of the ports are in `codeloom/testing`.
 */

import type * as linkage from './domain/linking/linkage.js';
import type * as facts from './domain/file-facts.js';

export { createCodeloom, type CodeloomOptions } from './infrastructure/create-codeloom.js';
export type { CompositionOptions } from './infrastructure/container.js';
export type { StoreBreakerOptions } from './infrastructure/store-breakers.js';
export type { StoreChoice, StoreChoices } from './infrastructure/store-choice.js';
export { Codeloom, type CodeloomParts, type IndexOptions } from './use-cases/codeloom.js';

// Errors
export { CodeloomError, throwIfAborted, type CodeloomErrorOptions, type ErrorCode } from './domain/errors.js';

// The graph
export { EDGE_KINDS, NODE_KINDS, type Certainty, type EdgeKind, type EdgeSite, type GraphEdge, type GraphNode, type NodeKind, type SymbolId } from './domain/graph-node.js';
export { descriptor, escapeName, externalId, symbolId, type Symbol as GraphSymbol } from './domain/symbol.js';
export {
  UNRESOLVED_REASONS, compareText, digestManifest,
  type Diagnostic, type Digest, type Manifest, type ManifestEntry, type Partition, type Sha256, type UnresolvedReason, type UnresolvedSite, type VerdictCounts,
} from './domain/partition.js';
export { decodeManifest, decodePartition, digestPartition, encodeManifest, encodePartition } from './domain/partition-codec.js';
export type { Repository, RepositoryId } from './domain/repository.js';
export type { CommitSha, Snapshot, SnapshotId, SnapshotOverlay, SnapshotStats } from './domain/snapshot.js';
export { STAGES, type IndexRun, type RunEvent, type RunEventBody, type RunId, type RunStatus, type Stage } from './domain/index-run.js';

// What a file says by itself; `facts` holds the vocabulary that a Parser writes
export { FACTS_FORMAT, type FactDiagnostic, type FileFacts, type LanguageId, type Position, type Range } from './domain/file-facts.js';
export type { facts };
export { decodeFacts, encodeFacts } from './domain/facts-codec.js';
export { isConfiguration } from './domain/linking/languages/index.js';
export { linkSnapshot, type LinkOptions } from './domain/linking/link-snapshot.js';
export { linkIncrementally, type IncrementalOptions } from './domain/linking/incremental.js';
export type { LinkRequest, LinkSource, LinkStep } from './domain/linking/linker.js';
export type { linkage };
export type { ModuleContext } from './domain/linking/module-resolver.js';

// Ports
export type { CallOptions } from './domain/ports/call-options.js';
export type { Clock } from './domain/ports/clock.js';
export { LOG_LEVELS, NO_LOGGER, loggedFields, type LogEvent, type Logger, type LogLevel, type LogLine } from './domain/ports/logger.js';
export type { ObservedRun, RunEnd, RunObserver } from './domain/ports/run-observer.js';
export { NO_TELEMETRY, bothTelemetries, type Span, type SpanAttributes, type SpanStart, type Telemetry } from './domain/ports/telemetry.js';
export { METRICS, type CounterName, type GaugeName, type HistogramName, type LabelsOf, type MetricDefinition, type MetricName } from './domain/metrics.js';
export { aroundCalls, type Around, type CallNames, type PortCall, type PortMethods, type StreamNames } from './domain/ports/around-calls.js';
export { PORT_METHODS } from './domain/ports/port-methods.js';
export type { SecretProvider } from './domain/ports/secret-provider.js';
export type { CredentialProvider, CredentialRequest, Credentials } from './domain/ports/credential-provider.js';
export type { CodeHost, HostedRepositoryQuestion } from './domain/ports/code-host.js';
export type { RunStarter, RunTarget } from './domain/ports/run-starter.js';
export type { FactEntry, FactKey, FactStore } from './domain/ports/fact-store.js';
export type { GitHost, GitHostCapabilities, Revision, RevisionRequest, SourceBlob, SourceEntry } from './domain/ports/git-host.js';
export type {
  FindRequest, GraphReader, GraphStore, GraphStoreCapabilities, NeighboursRequest, PartitionEntry, Publication, PublishResult, RetireRequest, RetireResult,
  Surroundings, SurroundingsRequest,
} from './domain/ports/graph-store.js';
export type { IndexedFile, MetadataStore, SnapshotRecord } from './domain/ports/metadata-store.js';
export type { Located, Parser, ParserInput, ParserOutput } from './domain/ports/parser.js';
export type { LineColumn, NamePlace, SyntaxPlace } from './domain/name-place.js';
export { compareEdges, compareMatches, compareSites, compareSnapshots, foldCase, matchRank } from './domain/reading-order.js';

// Answers
export type { Answer, AnswerResult, AnswerSite, AnswerSnapshot, Gap, Nothing } from './domain/querying/answer.js';
export type { Declaration } from './domain/explaining/declaration.js';
export type { SiteExplanation, SiteTarget } from './domain/explaining/explain-site.js';
export type { Verdict } from './domain/linking/link-file.js';
export type { Step, StepRule } from './domain/explaining/step.js';
export type { ChangedPart, EdgeChange, GraphChanges, NodeChange } from './domain/querying/diff-graphs.js';
export type { ExportedRow } from './domain/querying/export-graph.js';
export type { ImpactResult } from './domain/querying/impact.js';
export type { PageRequest } from './domain/querying/paging.js';
export type { PathResult } from './domain/querying/find-path.js';
export type { RelationResult } from './domain/querying/relations.js';
export { resolveSymbol, type Resolution } from './domain/querying/resolve-symbol.js';
export { walk, type Visit, type Walk, type WalkRequest } from './domain/querying/traversal.js';

// Indexing
export type { IndexingPorts, Link } from './use-cases/indexing-ports.js';
export {
  DEFAULT_MAX_FILE_BYTES, DEFAULT_RETENTION,
  type AcquireInput, type Acquired, type ContentRange, type ExtractInput, type Extracted, type IndexRequest, type LinkInput, type Linked, type PublishInput, type Published,
  type RecordInput, type Recorded, type ReleaseInput, type Retention, type RetireInput, type StageProgress, type StepContext, type Steps, type Undo,
} from './use-cases/steps.js';
export { indexRepository, type IndexEffects, type IndexInput, type IndexOutcome } from './use-cases/index-repository.js';
export { dropImport, importScip, type DropImportRequest, type ImportOutcome, type ImportScipRequest } from './use-cases/import-scip.js';
export type { OverlayUse } from './use-cases/overlays.js';
export type { MergeCounts } from './domain/overlay/merge-overlay.js';
export { inProcessSteps } from './use-cases/in-process-steps.js';
export { DEFAULT_RETRY_POLICY, withRetries, type RetryPolicy } from './use-cases/retry-policy.js';
export { runIndex, type RunIndexOptions } from './use-cases/run-index.js';
export { acquireSource } from './use-cases/acquire-source.js';
export { extractFacts } from './use-cases/extract-facts.js';
export { linkGraph } from './use-cases/link-graph.js';
export { createLinkMemoryCache, type LinkMemoryCache } from './use-cases/link-memory-cache.js';
export type { LinkedPartition, LinkMemory, MemoryOf, PutChunk } from './use-cases/link-memory.js';
export type { PartitionCounts } from './use-cases/partition-counts.js';
export { publishSnapshot } from './use-cases/publish-snapshot.js';
export { recordSnapshot } from './use-cases/record-snapshot.js';
export { retireSnapshots } from './use-cases/retire-snapshots.js';
export { undoStep } from './use-cases/undo-step.js';
export { releaseSource } from './use-cases/release-source.js';

// Watching
export { logRuns } from './use-cases/log-runs.js';
export { measureRuns } from './use-cases/measure-runs.js';
export { observedPorts } from './use-cases/observed-ports.js';
export { observedSteps } from './use-cases/observed-steps.js';

// Webhooks
export type { HostEvent } from './domain/host-event.js';
export { hostedRepositoryId, type HostedRepository, type PushedBranch } from './domain/hosted-repository.js';
export { selectRepositories, type RepositorySelection, type RepositorySelectionRequest } from './domain/repository-selection.js';
export { receiveHostEvent, type AuthorizeRequest, type Ignored, type ReceivePorts, type Received } from './use-cases/receive-host-event.js';
export { createRunQueue, type RunQueueOptions } from './use-cases/run-queue.js';
export { checkReadiness, type Readiness } from './use-cases/check-readiness.js';

// Copying
export { copySnapshots, type CopiedSnapshot, type CopyAnswer, type CopyPlace, type CopyPorts, type CopyRequest } from './use-cases/copying/copy-snapshots.js';

// Questions
export { answerSnapshot, chooseSnapshot, withReader, type QueryPorts, type Target } from './use-cases/queries/pinned-snapshot.js';
export { askAboutSymbol, type SymbolQuestion, type SymbolRequest } from './use-cases/queries/symbol-question.js';
export { findSymbols, type FindSymbolsRequest, type SymbolResult } from './use-cases/queries/find-symbols.js';
export { showSymbol, type ShowAnswer, type ShowResult, type SymbolDetails } from './use-cases/queries/show-symbol.js';
export { callers } from './use-cases/queries/callers.js';
export { callees } from './use-cases/queries/callees.js';
export { references } from './use-cases/queries/references.js';
export { impact, type ImpactRequest } from './use-cases/queries/impact.js';
export { findPath, type PathAnswer, type PathRequest } from './use-cases/queries/find-path.js';
export { implementations, type ImplementationResult } from './use-cases/queries/implementations.js';
export { busiestSymbol } from './use-cases/queries/example-symbol.js';
export { definition, type DefinitionAnswer, type DefinitionRequest, type DefinitionResult } from './use-cases/queries/definition.js';
export { explain, type ExplainAnswer, type ExplainRequest } from './use-cases/queries/explain.js';
export type { ImportedName } from './use-cases/queries/imported-names.js';
export type { LinkedPorts } from './use-cases/queries/linked-snapshot.js';
export { diffSnapshots, type DiffAnswer, type DiffRequest, type DiffResult } from './use-cases/queries/diff-snapshots.js';
export { history, type HistoryAnswer, type HistoryEntry, type HistoryRequest } from './use-cases/queries/history.js';
export { listDiagnostics, type DiagnosticsAnswer } from './use-cases/queries/list-diagnostics.js';
export { status, type RepositoryStatus, type StatusAnswer } from './use-cases/queries/status.js';
export { sourceState, type SourceState } from './use-cases/queries/source-state.js';
export { statistics, type StatisticsAnswer } from './use-cases/queries/statistics.js';
export { verifySnapshot, type VerifyAnswer, type VerifyCheck, type VerifyDifference, type VerifyPorts, type VerifyRequest } from './use-cases/queries/verify-snapshot.js';
export { exportFiles, exportSnapshot, jsonLines, type ExportFilesRequest } from './use-cases/queries/export-snapshot.js';
export { EXPORT_FILES, EXPORT_FORMATS, type ExportChunk, type ExportFormat } from './domain/exporting/export-format.js';

// The default adapters
export { createGitHost, type GitHostOptions } from './adapters/git/git-host.js';
export { createOpenTelemetry } from './adapters/opentelemetry/telemetry.js';
export { createPinoLogger, type PinoLoggerOptions } from './adapters/pino/logger.js';
export { withCircuitBreaker, type CircuitBreakerOptions } from './adapters/cockatiel/circuit-breaker.js';
export { withRateLimit, type RateLimitOptions } from './adapters/cockatiel/rate-limit.js';
export { createSqliteStores, type SqliteInfo, type SqliteStores, type SqliteStoresRequest } from './adapters/sqlite/stores.js';
export { createEnvironmentSecrets, type Environment } from './adapters/secrets/environment.js';
export { createFileSecrets } from './adapters/secrets/files.js';
export { createTreeSitterParser, type TreeSitterParserOptions } from './adapters/tree-sitter/parser.js';
export { systemClock } from './infrastructure/system-clock.js';
export { sha256 } from './infrastructure/sha256.js';
export { defaultStoreFolder } from './infrastructure/store-folder.js';
