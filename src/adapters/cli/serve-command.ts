import type { Command } from 'commander';
import { addLogOptions, addTemporalOptions, collect, examples, type LogOptions, type TemporalOptions } from './options.js';
import { port } from './port-option.js';
import { settingsFor, type Session } from './session.js';

interface ServeOptions extends TemporalOptions, LogOptions {
  readonly host?: string;
  readonly port?: number;
  readonly allow?: readonly string[];
  readonly branches?: readonly string[];
  readonly durable?: true;
}

export function addServeCommand(program: Command, session: () => Session): void {
  const command = program.command('serve')
    .summary('take webhooks, and index what is pushed')
    .description('Listens for webhooks of GitHub, GitLab and Gitea at /webhooks/<host>, and indexes the branches that were pushed; /healthz, /readyz and /metrics tell how it fares. '
      + 'Secrets come from variables or the files that they name: see docs/github.md. Ends in order on SIGTERM and Ctrl-C.')
    .option('--host <address>', 'address to listen on (CODELOOM_SERVE_HOST; default: 127.0.0.1, this machine only)')
    .option('--port <number>', 'port to listen on (CODELOOM_SERVE_PORT; default: 8484; 0 takes a free one)', port)
    .option('--allow <globs>', 'repositories that may be indexed, as host/owner/name (CODELOOM_SERVE_ALLOW; repeat, or separate by commas)', collect)
    .option('--branches <globs>', 'branches that are indexed (CODELOOM_SERVE_BRANCHES; default: the default branch of each repository)', collect)
    .option('--durable', 'ask a Temporal server for the runs, which workers (codeloom worker) then do (CODELOOM_SERVE_DURABLE; default: this process does them)')
    .action((options: ServeOptions) => serve(session(), options));
  addLogOptions(addTemporalOptions(command));
  examples(command, [
    ['codeloom serve --allow "github.com/acme/*"', 'the default branches of one owner\'s repositories'],
    ['codeloom serve --allow "**" --branches "main,release/*"', 'certain branches of all that the host lets us read'],
    ['codeloom serve --allow "**" --durable --address temporal.internal:7233', 'runs that outlive this process, done by workers'],
  ]);
}

async function serve(session: Session, { host, port, allow, branches, durable, ...flags }: ServeOptions): Promise<void> {
  const { terminal, options, signal } = session;
  const settings = await settingsFor(session, { ...flags, serve: { host, port, allow, branches, durable } });
  await session.host.serve(settings, signal, (data) => {
    if (options.json === true) void terminal.out(`${JSON.stringify({ at: new Date().toISOString(), ...data })}\n`);
  });
}
