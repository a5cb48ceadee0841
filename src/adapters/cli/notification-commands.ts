import type { Command } from 'commander';
import { EXIT, Exit } from './failure.js';
import { examples } from './options.js';
import { printJson, settingsFor, type Session } from './session.js';
import { renderTable } from './table.js';
import { plural, printable } from './text.js';

export function addNotificationCommands(program: Command, session: () => Session): void {
  const command = program.command('notifications')
    .summary('notifications that could not be sent')
    .description('Lists the notifications of runs that could not be sent, and sends them again. Channels are set up in the configuration file: see docs/operations.md.');
  examples(command, [
    ['codeloom notifications list', 'what could not be sent, and why'],
    ['codeloom notifications retry', 'sends it again, each once'],
  ]);
  command.command('list').summary('list what could not be sent').action(() => list(session()));
  command.command('retry').summary('send it again, each once').action(() => retry(session()));
}

async function list(session: Session): Promise<void> {
  const { host, terminal, options, signal } = session;
  const settings = await settingsFor(session);
  const letters = await (await host.openPutAside(settings)).list({ signal });
  if (options.json === true) return printJson(terminal, { notifications: letters });
  if (letters.length === 0) return terminal.out('Nothing: all notifications were sent.\n');
  await terminal.out(await renderTable({
    columns: [{ header: 'CHANNEL', shorten: 'end' }, { header: 'EVENT', shorten: 'never' }, { header: 'REPOSITORY', shorten: 'middle' }, { header: 'AT', shorten: 'never', expendable: 1 }, { header: 'ATTEMPTS', shorten: 'never', expendable: 2 }, { header: 'CODE', shorten: 'never' }],
    rows: letters.map(({ channel, notification, at, attempts, code }) => [channel, notification.event, notification.repository, at, String(attempts), code]),
    width: terminal.columns, headerStyle: terminal.colours.dim,
  }));
}

async function retry(session: Session): Promise<void> {
  const { host, terminal, options, signal } = session;
  const settings = await settingsFor(session);
  const results = [];
  for await (const each of (await host.openPutAside(settings)).retry({ signal })) results.push(each);
  const left = results.filter(({ result }) => result !== 'sent');
  if (options.json === true) {
    await printJson(terminal, { results: results.map(({ letter: { channel, notification }, result, code }) => ({ channel, notification: notification.id, result, code })) });
  } else {
    for (const { letter: { channel, notification }, result, code } of left) terminal.err(`${printable(channel)}: ${printable(notification.id)}: ${result === 'no-channel' ? 'no such channel is configured any more' : code ?? result}\n`);
    await terminal.out(`${plural(results.length - left.length, 'notification')} sent, ${left.length} left.\n`);
  }
  if (left.length > 0) throw new Exit(EXIT.negative);
}
