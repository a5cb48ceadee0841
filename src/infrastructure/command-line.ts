import { runCommandLine } from '../adapters/cli/program.js';
import type { Logger, LogLevel } from '../domain/ports/logger.js';
import { loadConfiguration, loadDefaults } from './config.js';
import { codeloomOptions, openForQueries, openForIndexing } from './open-codeloom.js';
import type { ChannelSettings } from './notification-channels.js';
import { packageVersion } from './version.js';

/** Runs this process as the command line: its arguments, its streams, its signals, its exit code. */
export async function runProcess(): Promise<void> {
  // Ctrl-C asks the work to stop at the next safe point; a second one ends the process at once.
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (interruption.signal.aborted) process.exit(130);
      interruption.abort(new Error(signal));
    });
  }

  // The reader of a pipe has gone (`codeloom … | head`): there is nobody to tell anything.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  process.stderr.on('error', () => undefined);

  process.exitCode = await runCommandLine(process.argv.slice(2), {
    version: packageVersion(),
    environment: process.env,
    folder: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    signal: interruption.signal,
    configure: (flags) => loadConfiguration({ flags, environment: process.env, folder: process.cwd() }),
    configureDefaults: (flags) => loadDefaults({ flags, environment: process.env, folder: process.cwd() }),
    open: (settings, purpose) => (purpose === 'query' ? openForQueries(settings) : openForIndexing(settings)),
    openCopy: async (settings, places) => (await import('./open-copy.js')).openCopy({ ...settings, ...places, folder: process.cwd() }),
    openRuns: async ({ temporal = {} }) => (await import('./temporal-server.js')).openRuns(temporal),
    openWorker: async ({ temporal = {}, store, stores, workers, logLevel, metricsHost: host, metricsPort: port, notifications }) => {
      const [{ openWorkerService }, logger] = await Promise.all([import('./worker-service.js'), commandLogger(logLevel)]);
      return openWorkerService({ temporal, codeloom: codeloomOptions({ store, stores, workers }), logger, host, port, store, notifications: channelsOf(notifications), environment: process.env });
    },
    describeRemote: async (request, signal) => {
      const [{ describeRemote }, { usualSecrets }] = await Promise.all([import('./describe-remote.js'), import('./secrets.js')]);
      return describeRemote(request, usualSecrets(process.env), signal);
    },
    serve: async (settings, signal, tell) => {
      const [{ serve }, logger] = await Promise.all([import('./serve.js'), commandLogger(settings.logLevel)]);
      const { store, stores, workers, serve: { durable, ...how } = {}, temporal = {}, languages, include, exclude, maxFileBytes, retention } = settings;
      await serve({
        store, stores, workers, ...how, durable: durable === true ? temporal : undefined, indexing: { languages, include, exclude, maxFileBytes, retention },
        environment: process.env, signal, logger, tell, notifications: channelsOf(settings.notifications),
      });
    },
    openPutAside: async ({ store, notifications }) => (await import('./command-notifications.js')).openPutAside({ store, channels: channelsOf(notifications), environment: process.env }),
    diagnose: async function* (settings, signal) {
      const { diagnose } = await import('./doctor.js');
      yield* diagnose({ ...settings, signal });
    },
  });

  // Whatever a stopped run left open must not keep the process.
  if (interruption.signal.aborted) process.exit();
}

/** As the schema of the configuration file has checked them. */
function channelsOf(notifications: readonly object[] = []): readonly ChannelSettings[] {
  return notifications as readonly ChannelSettings[];
}

/** Only commands that stay keep a log: what makes it is loaded for them. */
async function commandLogger(level: LogLevel | undefined): Promise<Logger> {
  const { createCommandLogger } = await import('./logging.js');
  return createCommandLogger({ level, stream: process.stderr });
}
