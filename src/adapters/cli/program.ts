import { Command, CommanderError } from 'commander';
import { addCopyCommand } from './copy-command.js';
import { addDoctorCommand } from './doctor-command.js';
import { addExportCommand } from './export-command.js';
import { EXIT, reportFailure } from './failure.js';
import { addImportCommand } from './import-command.js';
import { addIndexCommand } from './index-command.js';
import { addGlobalOptions, type GlobalOptions } from './options.js';
import { addNotificationCommands } from './notification-commands.js';
import { addPlaceCommands } from './place-commands.js';
import { addQueryCommands } from './query-commands.js';
import { addRunCommands } from './run-commands.js';
import { addScheduleCommands } from './schedule-commands.js';
import { addServeCommand } from './serve-command.js';
import type { Host, Session } from './session.js';
import { addSnapshotCommands } from './snapshot-commands.js';
import { createTerminal, type Terminal } from './terminal.js';
import { withoutPasswords } from './text.js';
import { addWorkerCommand } from './worker-command.js';

const WELCOME = `codeloom turns a Git repository into a code graph and answers questions about it.

  codeloom index .            index the repository in this folder (nothing is written into it)
  codeloom symbols <text>     find functions, classes, methods … by name
  codeloom callers <symbol>   see who calls one

All commands: codeloom --help
`;

/** Runs the command line and gives its exit code: 0, 1 for a failed or empty check, 2 for misuse, 130 when interrupted. Never throws. */
export async function runCommandLine(argv: readonly string[], host: Host): Promise<number> {
  if (argv.length === 0) {
    await terminalFor(host, true).out(WELCOME);
    return EXIT.done;
  }
  const program = createProgram(host);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    // Commander has printed help, version or what is wrong with the command line by itself.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.misuse;
    const options = program.opts<GlobalOptions>();
    return await reportFailure(error, terminalFor(host, options.color), { verbose: options.verbose === true, json: options.json === true });
  }
}

/** The program with all its commands. */
export function createProgram(host: Host): Command {
  const program = new Command('codeloom');
  const session = (): Session => {
    const options = program.opts<GlobalOptions>();
    return { host, options, terminal: terminalFor(host, options.color), signal: host.signal };
  };
  program
    .description('Turns a Git repository into a code graph and answers questions about it.')
    .version(host.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .exitOverride()
    .showHelpAfterError('(see codeloom --help)')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      // What is wrong with a command line is said with its words, and one may be an address with a password.
      writeErr: (text) => void host.stderr.write(withoutPasswords(text)),
      getOutHelpWidth: () => (host.stdout.isTTY ? host.stdout.columns : 100),
      getErrHelpWidth: () => (host.stderr.isTTY ? host.stderr.columns : 100),
    });
  addGlobalOptions(program);
  addIndexCommand(program, session);
  addQueryCommands(program, session);
  addPlaceCommands(program, session);
  addSnapshotCommands(program, session);
  addExportCommand(program, session);
  addImportCommand(program, session);
  addCopyCommand(program, session);
  addWorkerCommand(program, session);
  addRunCommands(program, session);
  addScheduleCommands(program, session);
  addServeCommand(program, session);
  addNotificationCommands(program, session);
  addDoctorCommand(program, session);
  for (const command of program.commands) {
    command.showHelpAfterError(`(see codeloom ${command.name()} --help)`);
    for (const each of command.commands) each.showHelpAfterError(`(see codeloom ${command.name()} ${each.name()} --help)`);
  }
  program.addHelpText('after', `
Examples:
  $ codeloom index .                       index the repository in this folder
  $ codeloom callers App.listen            who calls it
  $ codeloom impact App.listen --depth 3   what a change to it can reach

Exit codes: 0; 1 for a failed check or a question without an answer; 2 for misuse; 130 when interrupted.`);
  return program;
}

function terminalFor(host: Host, colour: boolean): Terminal {
  return createTerminal({ stdout: host.stdout, stderr: host.stderr, environment: host.environment, colour });
}
