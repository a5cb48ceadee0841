import type { Command } from 'commander';
import { EXIT, Exit } from './failure.js';
import { examples } from './options.js';
import { CodeloomError } from '../../domain/errors.js';
import type { Check } from '../../domain/check.js';
import { printJson, settingsFor, storeFlags, type Session, type Settings } from './session.js';
import { plural, printable } from './text.js';

export function addDoctorCommand(program: Command, session: () => Session): void {
  const command = program.command('doctor')
    .summary('check what codeloom needs on this machine')
    .description('Checks Node, Git, the SQLite driver, the data folder, the store and the grammars; says what to do about what is wrong. Exits 1 when a check fails.')
    .action(() => doctor(session()));
  examples(command, [['codeloom doctor', 'check everything'], ['codeloom doctor --json', 'the same for a program']]);
}

const MARKS: Readonly<Record<Check['status'], string>> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' };

async function doctor(session: Session): Promise<void> {
  const { terminal, options } = session;
  const paint = { ok: terminal.colours.green, warn: terminal.colours.yellow, fail: terminal.colours.red };
  const checks: Check[] = [];
  for await (const check of allChecks(session)) {
    checks.push(check);
    if (options.json === true) continue;
    await terminal.out(`${paint[check.status](MARKS[check.status])}  ${check.name.padEnd(18)}  ${printable(check.found)}\n`);
    if (check.advice !== undefined) await terminal.out(`      ${' '.repeat(18)}  ${printable(check.advice)}\n`);
  }
  const failed = checks.filter((check) => check.status === 'fail').length;
  const warned = checks.filter((check) => check.status === 'warn').length;
  if (options.json === true) await printJson(terminal, { ok: failed === 0, checks });
  else if (failed > 0) await terminal.out(`\n${plural(failed, 'check')} failed.\n`);
  else await terminal.out(warned > 0 ? `\nAll that is needed is there; ${plural(warned, 'warning')}.\n` : '\nAll is well.\n');
  if (failed > 0) throw new Exit(EXIT.negative);
}

/** The configuration first: what is wrong with it is a finding like others, and the rest is looked at under the defaults. */
async function* allChecks(session: Session): AsyncIterable<Check> {
  const { host, options, signal } = session;
  let settings: Settings;
  try {
    settings = await settingsFor(session);
    yield { name: 'configuration', status: 'ok', found: settings.file ?? 'the defaults, the environment and flags' };
  } catch (error) {
    const { code, message } = CodeloomError.from(error);
    if (code !== 'invalid-configuration') throw error;
    yield { name: 'configuration', status: 'fail', found: message, advice: 'Every command refuses to start until it is mended. What follows was looked at with the defaults.' };
    settings = await host.configureDefaults(storeFlags(options));
  }
  yield* host.diagnose(settings, signal);
}
