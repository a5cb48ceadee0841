import { Container, type ServiceIdentifier } from 'inversify';
import type { Clock } from '../domain/ports/clock.js';
import type { CredentialProvider } from '../domain/ports/credential-provider.js';
import type { FactStore } from '../domain/ports/fact-store.js';
import type { GitHost } from '../domain/ports/git-host.js';
import type { GraphStore } from '../domain/ports/graph-store.js';
import type { MetadataStore } from '../domain/ports/metadata-store.js';
import type { Logger } from '../domain/ports/logger.js';
import type { Parser } from '../domain/ports/parser.js';
import type { RunObserver } from '../domain/ports/run-observer.js';
import type { Telemetry } from '../domain/ports/telemetry.js';
import { createMemoryFactStore } from '../adapters/memory/fact-store.js';
import { createOpenTelemetry } from '../adapters/opentelemetry/telemetry.js';
import { Codeloom } from '../use-cases/codeloom.js';
import type { IndexingPorts } from '../use-cases/indexing-ports.js';
import { createLinkMemoryCache } from '../use-cases/link-memory-cache.js';
import { logRuns } from '../use-cases/log-runs.js';
import { measureRuns } from '../use-cases/measure-runs.js';
import { observedPorts } from '../use-cases/observed-ports.js';
import type { SecretProvider } from '../domain/ports/secret-provider.js';
import { createGitHost, createParser } from './adapters.js';
import { configuredCredentials } from './configured-hosts.js';
import { isConfiguration } from '../domain/linking/languages/index.js';
import { linkIncrementally } from '../domain/linking/incremental.js';
import { sha256 } from './sha256.js';
import type { StoreBreakerOptions } from './store-breakers.js';
import { chooseStores, type StoreChoices } from './store-choice.js';
import { createStorePool, createStoreSet, type StoreSet } from './store-set.js';
import { systemClock } from './system-clock.js';
import { indexerVersion, packageVersion } from './version.js';

/** What the composition is told. Ports given here are used as they are, and are their giver's to close. */
export interface CompositionOptions {
  /** Absolute path of the data folder, or `memory` to keep everything in this process. */
  readonly store: string;
  /** Worker threads for parsing; 0 parses in the calling thread; absent: as many as fit the machine. */
  readonly workers?: number | undefined;
  /** Where the stores lie that are not given; default: in the data folder. */
  readonly stores?: StoreChoices | undefined;
  /** Where the passwords of servers come from; default: `CODELOOM_…` variables and the files that `CODELOOM_…_FILE` name. */
  readonly secrets?: SecretProvider | undefined;
  /** Credentials for remotes whose URL holds none; default: those of the code hosts that secrets name. Unused with a `gitHost`. */
  readonly credentials?: CredentialProvider | undefined;
  readonly graphStore?: GraphStore | undefined;
  readonly metadataStore?: MetadataStore | undefined;
  readonly factStore?: FactStore | undefined;
  readonly gitHost?: GitHost | undefined;
  readonly parser?: Parser | undefined;
  readonly clock?: Clock | undefined;
  /** Takes note of what happens in runs; default: nothing does. */
  readonly logger?: Logger | undefined;
  /** Traces and measures; default: OpenTelemetry, which does nothing until the program registers its SDK. */
  readonly telemetry?: Telemetry | undefined;
  /** Leaves stores alone for a while when they failed several times in a row; default: does not. For processes that stay. */
  readonly circuitBreaker?: StoreBreakerOptions | undefined;
  /** Told what happens in runs. */
  readonly observers?: readonly RunObserver[] | undefined;
}

function token<T>(name: string): ServiceIdentifier<T> {
  return Symbol.for(`codeloom.${name}`);
}

/** Names of what the container holds, each with its type. */
export const TOKENS = {
  options: token<CompositionOptions>('options'),
  stores: token<StoreSet>('stores'),
  graphStore: token<GraphStore>('graphStore'),
  metadataStore: token<MetadataStore>('metadataStore'),
  factStore: token<FactStore>('factStore'),
  gitHost: token<GitHost>('gitHost'),
  parser: token<Parser>('parser'),
  clock: token<Clock>('clock'),
  indexingPorts: token<IndexingPorts>('indexingPorts'),
  codeloom: token<Codeloom>('codeloom'),
} as const;

/**
 * The composition root: every port bound to its default adapter, unless the options bring another. Nothing is created before it is asked for; what was
 * created is closed by `unbindAll()`, save what the options brought.
 */
export function createContainer(options: CompositionOptions): Container {
  const container = new Container({ defaultScope: 'Singleton' });
  const close = async (closable: { close(): Promise<void> }): Promise<void> => closable.close();
  container.bind(TOKENS.options).toConstantValue(options);
  container.bind(TOKENS.clock).toConstantValue(options.clock ?? systemClock);
  container.bind(TOKENS.stores).toResolvedValue((given) => storesOf(given), [TOKENS.options]).inSingletonScope().onDeactivation(close);

  if (options.graphStore !== undefined) container.bind(TOKENS.graphStore).toConstantValue(options.graphStore);
  else container.bind(TOKENS.graphStore).toResolvedValue((stores) => stores.graphStore(), [TOKENS.stores]).inSingletonScope();
  if (options.metadataStore !== undefined) container.bind(TOKENS.metadataStore).toConstantValue(options.metadataStore);
  else container.bind(TOKENS.metadataStore).toResolvedValue((stores) => stores.metadataStore(), [TOKENS.stores]).inSingletonScope();
  if (options.factStore !== undefined) container.bind(TOKENS.factStore).toConstantValue(options.factStore);
  else container.bind(TOKENS.factStore).toResolvedValue((stores) => stores.factStore(), [TOKENS.stores]).inSingletonScope();

  if (options.gitHost !== undefined) container.bind(TOKENS.gitHost).toConstantValue(options.gitHost);
  else container.bind(TOKENS.gitHost).toResolvedValue((given) => createGitHost({ store: given.store, credentials: given.credentials ?? configuredCredentials(() => secretsOf(given)) }), [TOKENS.options]).inSingletonScope();
  if (options.parser !== undefined) container.bind(TOKENS.parser).toConstantValue(options.parser);
  else container.bind(TOKENS.parser).toResolvedValue((given) => createParser(given), [TOKENS.options]).inSingletonScope().onDeactivation(close);

  container.bind(TOKENS.indexingPorts).toResolvedValue(
    (graphStore, metadataStore, factStore, gitHost, parser, clock): Promise<IndexingPorts> => watched(
      { graphStore, metadataStore, factStore, gitHost, parser, clock, sha256, link: linkIncrementally, isConfiguration, linkMemories: createLinkMemoryCache() }, options,
    ),
    [TOKENS.graphStore, TOKENS.metadataStore, TOKENS.factStore, TOKENS.gitHost, TOKENS.parser, TOKENS.clock],
  ).inSingletonScope();
  container.bind(TOKENS.codeloom).toResolvedValue((graphStore, metadataStore) => new Codeloom({
    graphStore, metadataStore, indexerVersion: indexerVersion(), scratch: createMemoryFactStore,
    indexing: () => container.getAsync(TOKENS.indexingPorts),
    close: () => container.unbindAllAsync(),
  }), [TOKENS.graphStore, TOKENS.metadataStore]).inSingletonScope();
  return container;
}

/** The ports with all that watches what goes through them. */
async function watched(bare: IndexingPorts, { logger, telemetry = createOpenTelemetry({ version: packageVersion() }), circuitBreaker, observers = [] }: CompositionOptions): Promise<IndexingPorts> {
  const ports = circuitBreaker === undefined ? bare : (await import('./store-breakers.js')).withStoreBreakers(bare, circuitBreaker, { logger, telemetry });
  return { ...observedPorts(ports, telemetry), observers: [measureRuns(telemetry), ...(logger === undefined ? [] : [logRuns(logger)]), ...observers] };
}

function storesOf(options: CompositionOptions): StoreSet {
  return createStoreSet(options.stores ?? chooseStores({}, options.store), createStorePool({ secrets: () => secretsOf(options) }));
}

async function secretsOf({ secrets }: CompositionOptions): Promise<SecretProvider> {
  return secrets ?? (await import('./secrets.js')).usualSecrets(process.env);
}
