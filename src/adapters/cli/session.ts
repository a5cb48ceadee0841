import type { Check } from '../../domain/check.js';
import { CodeloomError } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { DeadLetter } from '../../domain/ports/dead-letters.js';
import type { DurableRuns } from '../../domain/ports/durable-runs.js';
import type { LogLevel } from '../../domain/ports/logger.js';
import type { Repository } from '../../domain/repository.js';
import type { Codeloom } from '../../use-cases/codeloom.js';
import type { CopyPorts } from '../../use-cases/copying/copy-snapshots.js';
import type { Target } from '../../use-cases/queries/pinned-snapshot.js';
import type { RetriedLetter } from '../../use-cases/retry-dead-letters.js';
import { chooseRepository } from './choose-repository.js';
import { showCandidates } from './failure.js';
import { Locations } from './locations.js';
import type { GlobalOptions, LogOptions, SelectionOptions, TargetOptions, TemporalOptions } from './options.js';
import type { Terminal } from './terminal.js';

/** What the command line needs of the program around it; infrastructure/bin gives it. */
export interface Host {
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The current folder, absolute. */
  readonly folder: string;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Decides settings: flags over environment over configuration file. Throws `invalid-configuration`. */
  configure(flags: Flags): Promise<Settings>;
  /** The same without a configuration file and with no variables but those that name stores. */
  configureDefaults(flags: Flags): Promise<Settings>;
  /** Opens codeloom on the store. For a query nothing is created where nothing is. */
  open(settings: Settings, purpose: 'index' | 'query'): Promise<Codeloom>;
  /** Opens the stores of two places, each named as `--from` and `--to` name them, to copy from one into the other. */
  openCopy(settings: Settings, places: { readonly from?: string | undefined; readonly to: string }): Promise<{ readonly ports: CopyPorts; close(): Promise<void> }>;
  /** Connects to the server that keeps durable runs. */
  openRuns(settings: Settings): Promise<DurableRuns>;
  /** Connects a worker for them. */
  openWorker(settings: Settings): Promise<DurableWorker>;
  /** What a remote is called; without a branch, that of its HEAD. */
  describeRemote(request: { readonly url: string; readonly branch?: string | undefined }, signal: AbortSignal): Promise<RemoteDescription>;
  /** Takes webhooks and indexes what was pushed until the signal fires; logs what happens to standard error, and tells it as data. */
  serve(settings: Settings, signal: AbortSignal, tell: (data: object) => void): Promise<void>;
  /** Notifications that could not be sent. */
  openPutAside(settings: Settings): Promise<PutAside>;
  /** Checks what codeloom needs, one thing after another. */
  diagnose(settings: Settings, signal: AbortSignal): AsyncIterable<Check>;
}

/** Notifications that could not be sent: lists them, and sends them again. */
export interface PutAside {
  list(options: CallOptions): Promise<readonly DeadLetter[]>;
  retry(options: CallOptions): AsyncIterable<RetriedLetter>;
}

/** A worker for durable runs. */
export interface DurableWorker {
  readonly taskQueue: string;
  readonly namespace: string;
  /** Works until the signal fires, and what it does has ended or is handed over. */
  run(options: { readonly signal: AbortSignal }): Promise<void>;
}

export interface RemoteDescription {
  /** `github.com/owner/name`. */
  readonly id: string;
  /** `owner/name`. */
  readonly name: string;
  /** Without credentials. */
  readonly url: string;
  readonly branch: string;
}

export interface Flags {
  readonly store?: string | undefined;
  readonly graphStore?: string | undefined;
  readonly metadataStore?: string | undefined;
  readonly factStore?: string | undefined;
  readonly factCache?: string | undefined;
  readonly temporalAddress?: string | undefined;
  readonly temporalNamespace?: string | undefined;
  readonly taskQueue?: string | undefined;
  readonly config?: string | undefined;
  readonly workers?: number | undefined;
  readonly languages?: readonly string[] | undefined;
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly serve?: Settings['serve'];
  readonly logLevel?: LogLevel | undefined;
  readonly metricsHost?: string | undefined;
  readonly metricsPort?: number | undefined;
}

/** Everything that can be set, decided. */
export interface Settings {
  /** Absolute path of the data folder. */
  readonly store: string;
  /** Where the stores lie, as `--graph-store` and its like name them, without any password; absent: all in the data folder. */
  readonly stores?: StoreNames | undefined;
  /** Worker threads for parsing; absent: as many as fit the machine. */
  readonly workers?: number | undefined;
  readonly languages?: readonly string[] | undefined;
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly maxFileBytes?: number | undefined;
  readonly retention?: { readonly days: number; readonly snapshots: number } | undefined;
  /** What is set of Temporal, without any secret. */
  readonly temporal?: TemporalSettings | undefined;
  /** How webhooks are taken. */
  readonly serve?: {
    readonly host?: string | undefined;
    readonly port?: number | undefined;
    readonly allow?: readonly string[] | undefined;
    readonly branches?: readonly string[] | undefined;
    /** Runs are asked of a Temporal server. */
    readonly durable?: boolean | undefined;
  } | undefined;
  /** From which level on `worker` and `serve` log; default `info`. */
  readonly logLevel?: LogLevel | undefined;
  /** Where a worker tells how it fares; without a port it does not. */
  readonly metricsHost?: string | undefined;
  readonly metricsPort?: number | undefined;
  /** Who is told of runs; what of it is whose, infrastructure knows. */
  readonly notifications?: readonly object[] | undefined;
  /** The configuration file that was read. */
  readonly file?: string | undefined;
}

export interface TemporalSettings {
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
  readonly taskQueue?: string | undefined;
  readonly activities?: number | undefined;
}

export interface StoreNames {
  readonly graph: string;
  readonly metadata: string;
  readonly facts: string;
  /** A cache in front of the facts. */
  readonly cache?: string | undefined;
}

/** What a command's action works with. */
export interface Session {
  readonly host: Host;
  readonly terminal: Terminal;
  readonly options: GlobalOptions;
  readonly signal: AbortSignal;
}

/** The settings for a command, from its flags. */
export function settingsFor(session: Session, flags: SelectionOptions & TemporalOptions & LogOptions & { readonly workers?: number; readonly serve?: Settings['serve']; readonly metricsHost?: string; readonly metricsPort?: number } = {}): Promise<Settings> {
  const { options, host } = session;
  const { address: temporalAddress, namespace: temporalNamespace, taskQueue } = flags;
  return host.configure({ ...storeFlags(options), temporalAddress, temporalNamespace, taskQueue, config: options.config, workers: flags.workers, languages: flags.language, include: flags.include, exclude: flags.exclude, serve: flags.serve, metricsHost: flags.metricsHost, metricsPort: flags.metricsPort, logLevel: flags.logLevel ?? (options.quiet === true ? 'warn' : options.verbose === true ? 'debug' : undefined) });
}

/** What flags say about where data lie. */
export function storeFlags({ store, graphStore, metadataStore, factStore, factCache }: GlobalOptions): Pick<Flags, 'store' | 'graphStore' | 'metadataStore' | 'factStore' | 'factCache'> {
  return { store, graphStore, metadataStore, factStore, factCache };
}

/** Where data lie, for people. */
export function whereData({ store, stores }: Settings): string {
  if (stores === undefined) return store;
  const { graph, metadata, facts, cache } = stores;
  const all = graph === metadata && graph === facts ? graph : `graph ${graph}, metadata ${metadata}, facts ${facts}`;
  return cache === undefined ? all : `${all}, cache ${cache}`;
}

/** What a query is asked with. */
export interface Asking {
  readonly codeloom: Codeloom;
  readonly repository: Repository;
  readonly target: Target;
  readonly locations: Locations;
  readonly settings: Settings;
}

/** Opens the store, finds the repository that is meant, runs the work and closes again, whatever happens. */
export async function ask<T>(session: Session, options: TargetOptions & SelectionOptions, work: (asking: Asking) => Promise<T>): Promise<T> {
  const settings = await settingsFor(session, options);
  const codeloom = await session.host.open(settings, 'query');
  try {
    const repository = await chooseRepository({ repositories: await codeloom.repositories({ signal: session.signal }), folder: session.host.folder, wanted: options.repo });
    const target: Target = { repository: repository.id, branch: options.branch, snapshot: options.snapshot };
    const locations = new Locations(repository.kind === 'work-tree' ? repository.location : undefined, session.host.folder);
    return await work({ codeloom, repository, target, locations, settings }).catch(async (error: unknown) => {
      if (error instanceof CodeloomError && error.code === 'ambiguous-symbol' && session.options.json !== true) return showCandidates(error, session.terminal, locations);
      throw error;
    });
  } finally {
    await codeloom.close();
  }
}

/** Prints a value as `--json` does. */
export function printJson(terminal: Terminal, value: unknown): Promise<void> {
  return terminal.out(`${JSON.stringify(value, null, 2)}\n`);
}
