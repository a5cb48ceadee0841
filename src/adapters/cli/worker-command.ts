import type { Command } from 'commander';
import { addLogOptions, addTemporalOptions, examples, positive, type LogOptions, type TemporalOptions } from './options.js';
import { port } from './port-option.js';
import { settingsFor, whereData, type Session } from './session.js';
import { printable } from './text.js';

interface WorkerOptions extends TemporalOptions, LogOptions {
  readonly workers?: number;
  readonly metricsHost?: string;
  readonly metricsPort?: number;
}

export function addWorkerCommand(program: Command, session: () => Session): void {
  const command = program.command('worker')
    .summary('work on durable runs')
    .description('Connects to a Temporal server and works on the runs that are started there, until it is told to stop (Ctrl-C, SIGTERM): what it does then ends, or is handed to another worker. '
      + 'All workers of a queue share their stores. See docs/temporal.md.')
    .option('--workers <count>', 'threads for parsing (CODELOOM_WORKERS; default: as many as fit the machine)', positive)
    .option('--metrics-port <number>', 'port for /healthz, /readyz and /metrics (CODELOOM_METRICS_PORT; default: none of them; 0 takes a free one)', port)
    .option('--metrics-host <address>', 'address for them (CODELOOM_METRICS_HOST; default: 127.0.0.1, this machine only)')
    .action((options: WorkerOptions) => work(session(), options));
  addLogOptions(addTemporalOptions(command));
  examples(command, [
    ['codeloom worker', 'a server on this machine; data in the data folder'],
    ['codeloom --graph-store postgres worker --address temporal:7233', 'stores on PostgreSQL (CODELOOM_POSTGRES_URL)'],
  ]);
}

async function work(session: Session, options: WorkerOptions): Promise<void> {
  const { host, terminal, signal } = session;
  const settings = await settingsFor(session, options);
  const worker = await host.openWorker(settings);
  if (session.options.quiet !== true) terminal.err(`Working on ${printable(worker.taskQueue)} (namespace ${printable(worker.namespace)}); data: ${printable(whereData(settings))}\n`);
  await worker.run({ signal });
  if (session.options.quiet !== true) terminal.err('Stopped: nothing was left half done.\n');
}
