import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Settings as CommandSettings } from '../adapters/cli/session.js';
import { CodeloomError } from '../domain/errors.js';
import type { Settings } from './config-schema.js';
import { chooseStores, storeText, type StoreText } from './store-choice.js';
import { defaultStoreFolder } from './store-folder.js';

/** Everything that can be set, with flags over environment over `codeloom.config.json` over defaults already decided. */
export type Configuration = CommandSettings;

/** The settings that a command's flags may carry; what is absent was not given. */
export interface ConfigurationFlags extends Partial<Pick<Configuration, 'workers' | 'languages' | 'include' | 'exclude'>> {
  readonly store?: string | undefined;
  readonly graphStore?: string | undefined;
  readonly metadataStore?: string | undefined;
  readonly factStore?: string | undefined;
  readonly factCache?: string | undefined;
  readonly temporalAddress?: string | undefined;
  readonly temporalNamespace?: string | undefined;
  readonly taskQueue?: string | undefined;
  readonly serve?: Configuration['serve'];
  readonly logLevel?: Configuration['logLevel'];
  readonly metricsHost?: string | undefined;
  readonly metricsPort?: number | undefined;
  /** A configuration file to read in place of the one that is looked for. */
  readonly config?: string | undefined;
}

export interface ConfigurationRequest {
  readonly flags: ConfigurationFlags;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The current folder. */
  readonly folder: string;
}

export const CONFIGURATION_FILE = 'codeloom.config.json';

/** The environment variables that need the schema; CODELOOM_STORE is any text, and so are those that name stores. */
const VARIABLES = [
  'CODELOOM_WORKERS', 'CODELOOM_LANGUAGES', 'CODELOOM_INCLUDE', 'CODELOOM_EXCLUDE', 'CODELOOM_MAX_FILE_BYTES', 'CODELOOM_LOG_LEVEL', 'CODELOOM_METRICS_HOST', 'CODELOOM_METRICS_PORT', 'CODELOOM_RETENTION_DAYS', 'CODELOOM_RETENTION_SNAPSHOTS',
  'CODELOOM_SERVE_HOST', 'CODELOOM_SERVE_PORT', 'CODELOOM_SERVE_ALLOW', 'CODELOOM_SERVE_BRANCHES', 'CODELOOM_SERVE_DURABLE',
] as const;

/**
 * Flags over environment over `codeloom.config.json`, which is looked for from the current folder upwards to the root of the repository. Throws
 * `invalid-configuration` with the nearest known key for an unknown one.
 */
export async function loadConfiguration(request: ConfigurationRequest): Promise<Configuration> {
  const { flags, environment, folder } = request;
  const file = flags.config === undefined ? findConfigurationFile(folder) : resolve(folder, flags.config);
  // The schema costs a third of a query's start-up: it is loaded when there is something to validate.
  const needed = file !== undefined || VARIABLES.some((variable) => (environment[variable] ?? '') !== '');
  const schema = needed ? await import('./config-schema.js') : undefined;
  const fromFile: Settings = file === undefined ? {} : schema?.readConfigurationFile(file) ?? {};
  const fromEnvironment: Settings = schema?.readEnvironment(environment) ?? {};
  const store = storeByHand(request) ?? (fromFile.store !== undefined ? resolveFrom(file ?? folder, fromFile.store) : defaultStoreFolder());
  const days = fromEnvironment.retention?.days ?? fromFile.retention?.days;
  const snapshots = fromEnvironment.retention?.snapshots ?? fromFile.retention?.snapshots;
  return {
    store,
    stores: namedStores(request, store, fromFile, file),
    workers: flags.workers ?? fromEnvironment.workers ?? fromFile.workers,
    languages: flags.languages ?? fromEnvironment.languages ?? fromFile.languages,
    include: flags.include ?? fromEnvironment.include ?? fromFile.include,
    exclude: flags.exclude ?? fromEnvironment.exclude ?? fromFile.exclude,
    maxFileBytes: fromEnvironment.maxFileBytes ?? fromFile.maxFileBytes,
    retention: days === undefined && snapshots === undefined ? undefined : { days: days ?? 7, snapshots: snapshots ?? 1 },
    temporal: { ...fromFile.temporal, ...temporalByHand(request) },
    serve: mergedServe([fromFile.serve, fromEnvironment.serve, flags.serve]),
    logLevel: flags.logLevel ?? fromEnvironment.logLevel ?? fromFile.logLevel,
    metricsHost: flags.metricsHost ?? fromEnvironment.metricsHost ?? fromFile.metricsHost,
    metricsPort: flags.metricsPort ?? fromEnvironment.metricsPort ?? fromFile.metricsPort,
    notifications: fromFile.notifications,
    file,
  };
}

/** What flags say of Temporal, and else what variables say. */
function temporalByHand({ flags, environment }: ConfigurationRequest): NonNullable<Configuration['temporal']> {
  const of = (flag: string | undefined, variable: string): string | undefined => flag ?? (environment[variable] === '' ? undefined : environment[variable]);
  const given = {
    address: of(flags.temporalAddress, 'CODELOOM_TEMPORAL_ADDRESS'), namespace: of(flags.temporalNamespace, 'CODELOOM_TEMPORAL_NAMESPACE'), taskQueue: of(flags.taskQueue, 'CODELOOM_TASK_QUEUE'),
    tls: switched(environment, 'CODELOOM_TEMPORAL_TLS'), searchAttributes: switched(environment, 'CODELOOM_TEMPORAL_SEARCH_ATTRIBUTES'),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function switched(environment: ConfigurationRequest['environment'], variable: string): boolean | undefined {
  const text = environment[variable] ?? '';
  if (text === '') return undefined;
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw new CodeloomError('invalid-configuration', `${variable}: true or false is expected.`, { details: { variable } });
}

/** What is said later outranks what was said before. */
function mergedServe(said: readonly Configuration['serve'][]): Configuration['serve'] {
  const given = said.flatMap((each) => Object.entries(each ?? {})).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given) as NonNullable<Configuration['serve']>; // the entries of such objects
}

/** What holds where the configuration cannot be read: the defaults, in the stores that flags or variables name. */
export async function loadDefaults(request: ConfigurationRequest): Promise<Configuration> {
  const store = storeByHand(request) ?? defaultStoreFolder();
  try {
    return { store, stores: namedStores(request, store) };
  } catch {
    return { store }; // these flags and variables may be what cannot be read
  }
}

const STORE_SETTINGS = [
  ['graph', 'graphStore', '--graph-store', 'CODELOOM_GRAPH_STORE'], ['metadata', 'metadataStore', '--metadata-store', 'CODELOOM_METADATA_STORE'],
  ['facts', 'factStore', '--fact-store', 'CODELOOM_FACT_STORE'], ['cache', 'factCache', '--fact-cache', 'CODELOOM_FACT_CACHE'],
] as const;

/** Where the stores lie when anybody names one; each is decided by itself, and the rest follows. */
function namedStores({ flags, environment, folder }: ConfigurationRequest, store: string, fromFile: Settings = {}, file?: string): Configuration['stores'] {
  const texts: Partial<Record<(typeof STORE_SETTINGS)[number][0], StoreText>> = {};
  for (const [role, key, flag, variable] of STORE_SETTINGS) {
    const [byFlag = '', byVariable = '', byFile = ''] = [flags[key], environment[variable], fromFile[key]];
    if (byFlag !== '') texts[role] = { text: byFlag, origin: flag, base: folder };
    else if (byVariable !== '') texts[role] = { text: byVariable, origin: variable, base: folder };
    else if (byFile !== '' && file !== undefined) texts[role] = { text: byFile, origin: `${file}: \`${key}\``, base: dirname(file) };
  }
  if (Object.keys(texts).length === 0) return undefined;
  const { graph, metadata, facts, cache } = chooseStores(texts, store);
  return { graph: storeText(graph), metadata: storeText(metadata), facts: storeText(facts), ...(cache === undefined ? {} : { cache: cache === '' ? 'redis' : cache }) };
}

function storeByHand({ flags, environment, folder }: ConfigurationRequest): string | undefined {
  const named = flags.store ?? environment['CODELOOM_STORE'] ?? '';
  return named === '' ? undefined : resolve(folder, named);
}

/** From the folder upwards, no further than the folder that holds `.git` (or the file system's root). */
export function findConfigurationFile(folder: string): string | undefined {
  for (let current = resolve(folder); ; current = dirname(current)) {
    const candidate = join(current, CONFIGURATION_FILE);
    if (existsSync(candidate)) return candidate;
    if (existsSync(join(current, '.git')) || dirname(current) === current) return undefined;
  }
}

function resolveFrom(file: string, path: string): string {
  return isAbsolute(path) ? path : resolve(dirname(file), path);
}
