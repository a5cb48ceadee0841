import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import { saidContribution } from '../../domain/linking/contribution.js';
import { importRequests, importTargets, Modules } from '../../domain/linking/imports.js';
import { LANGUAGES } from '../../domain/linking/languages/index.js';
import { FactsNeeded, type LinkFile } from '../../domain/linking/program.js';
import { Session, type SessionFile } from '../../domain/linking/session.js';
import type { LinkSource } from '../../domain/linking/linker.js';
import { selectPaths } from '../../domain/path-selection.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { FactStore } from '../../domain/ports/fact-store.js';
import type { IndexedFile } from '../../domain/ports/metadata-store.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { configurationKey, decodeShape, graphShape, MAX_CONFIGURATION_BYTES, type GraphShape } from '../acquire-source.js';
import type { IndexingPorts } from '../indexing-ports.js';
import { loadContext } from '../link-graph.js';
import { findMemoryOf } from '../link-memory-cache.js';
import { createLinkSources } from '../link-sources.js';
import { factsKey, getAll, inBatches, listedFactsKey, type ListedFile } from '../source-listing.js';

/** What questions to the linker need besides the stores of a query. */
export interface LinkedPorts extends Pick<IndexingPorts, 'factStore' | 'metadataStore' | 'gitHost' | 'parser' | 'isConfiguration' | 'linkMemories'> {
  /** As given to the runs that index. */
  readonly indexerVersion: string;
}

/** A snapshot that can be asked again what it was linked from. */
export interface LinkedSnapshot {
  readonly session: Session;
  readonly files: readonly ListedFile[];
  file(path: string): LinkFile | undefined;
  /** Does some work, getting facts as it comes upon files whose facts are not at hand: it may be begun several times. Throws `facts-missing`, `aborted`. */
  run<T>(work: () => T): Promise<T>;
}

/** Files whose facts are gone through at a time. */
const LOAD_FILES = 64;
/** Contents that could not be read: linking did without them. */
const UNREAD: ReadonlySet<string> = new Set(['unreadable', 'missing', 'corrupt', 'lfs-pointer', 'submodule', 'symlink']);

/**
 * Opens a snapshot for questions to the linker: its files, its configuration and what linking remembered of it; facts are read when they are asked for. Throws
 * `facts-missing` when what it was linked from is no longer kept.
 */
export async function openLinked(ports: LinkedPorts, snapshot: Snapshot, options: CallOptions): Promise<LinkedSnapshot> {
  const { factStore } = ports;
  const shape = await shapeOf(ports, snapshot, options);
  const files = await listedFiles(ports, snapshot, shape, options);
  const sourceFiles = files.filter((file) => file.skipped === '');
  const context = await loadContext(factStore, files, { signal: options.signal }).catch((error: unknown) => gone(error, snapshot));
  const sources = createLinkSources(factStore, sourceFiles, shape.parser, options);
  const load = (list: readonly LinkSource[]): Promise<void> => sources.load(list, []).catch((error: unknown) => gone(error, snapshot));
  const modules = new Modules(context, LANGUAGES);
  const memory = snapshot.indexerVersion === ports.indexerVersion ? await findMemoryOf(ports, { repository: snapshot.repository, snapshot: snapshot.id, indexerVersion: snapshot.indexerVersion }, options) : undefined;
  const remembered = new Map(memory?.linkage.files.map((file) => [file.path, file]));
  const found = new Map<string, SessionFile>();
  // without a memory of all files, what they contribute to lookups is found from their facts
  for (const batch of inBatches(sources.list.filter((source) => !remembered.has(source.path)), LOAD_FILES)) {
    throwIfAborted(options.signal);
    await load(batch);
    for (const source of batch) found.set(source.path, fromFacts(modules, source));
  }
  const session = new Session(sources.list.map((source) => {
    const standing = remembered.get(source.path);
    return standing === undefined ? (found.get(source.path) ?? fromFacts(modules, source)) : { source, targets: standing.targets, said: standing.contribution.said, evaluated: standing.contribution };
  }), modules);
  const byPath = new Map(session.ev.program.files.map((file) => [file.path, file]));
  return {
    session, files,
    file: (path) => byPath.get(path),
    async run(work) {
      for (;;) {
        throwIfAborted(options.signal);
        try {
          return work();
        } catch (error) {
          if (!(error instanceof FactsNeeded)) throw error;
          session.abandon();
          const source = sources.list[error.file];
          if (source === undefined) throw new RangeError(`file ${error.file}`);
          await load([source]);
        }
      }
    },
  };
}

function fromFacts(modules: Modules, source: LinkSource): SessionFile {
  const facts = source.facts();
  if (facts === undefined) throw new CodeloomError('internal', `The facts of ${source.path} are not at hand.`);
  const language = modules.of(source.language);
  return { source, targets: importTargets(language, source.path, importRequests(facts.imports)), said: saidContribution(source, facts, language.rules), evaluated: undefined };
}

/** The configuration whose digest the snapshot carries: as it was kept, or the default one. */
async function shapeOf({ factStore, parser }: LinkedPorts, snapshot: Snapshot, options: CallOptions): Promise<GraphShape> {
  const key = configurationKey(snapshot.configuration);
  const kept = (await getAll(factStore, [key], options)).get(key);
  return kept === undefined ? graphShape({}, parser) : decodeShape(kept);
}

/** The files of a snapshot as they were listed when it was made. */
async function listedFiles(ports: LinkedPorts, snapshot: Snapshot, shape: GraphShape, options: CallOptions): Promise<readonly ListedFile[]> {
  const selection = selectPaths(shape);
  const files: ListedFile[] = [];
  for await (const batch of ports.metadataStore.files(snapshot.id, options)) for (const file of batch) files.push(listed(ports, file, selection.vendored(file.path)));
  return (snapshot.stats.provisional ?? 0) === 0 ? files : markProvisional(ports.factStore, files, shape.parser, options);
}

function listed({ isConfiguration, parser }: LinkedPorts, { path, blob, size, language, status, reason = '' }: IndexedFile, vendored: boolean): ListedFile {
  // what only an imported index speaks of was never linked
  const skipped = status === 'indexed' ? (parser.languages.includes(language) ? '' : 'language') : reason === '' ? 'skipped' : reason;
  const configuration = isConfiguration(path) && !vendored && size <= MAX_CONFIGURATION_BYTES && !UNREAD.has(skipped);
  return { path, blob, size, kind: skipped === 'submodule' ? 'submodule' : 'file', language, configuration, skipped, message: '' };
}

/** Facts that another run may better lie under another key. */
async function markProvisional(factStore: FactStore, files: readonly ListedFile[], parser: string, options: CallOptions): Promise<readonly ListedFile[]> {
  const there = await factStore.has(files.filter((file) => file.skipped === '').map((file) => factsKey(parser, file.language, file.blob)), options);
  return files.map((file) => (file.skipped === '' && !there.has(listedFactsKey(parser, file)) ? { ...file, provisional: true as const } : file));
}

function gone(error: unknown, snapshot: Snapshot): never {
  if (!(error instanceof CodeloomError) || error.code !== 'facts-missing') throw error;
  throw new CodeloomError('facts-missing', 'What this snapshot was linked from is no longer kept, so that nothing can be asked of it anew.', {
    cause: error, retryable: false, details: { snapshot: snapshot.id, hint: `Index it again: codeloom index${snapshot.commit === undefined || snapshot.dirty ? '' : ` --ref ${snapshot.commit.slice(0, 12)}`}` },
  });
}
