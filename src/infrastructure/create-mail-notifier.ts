import type { SmtpNotifierOptions } from '../adapters/notify/smtp.js';
import type { Notifier } from '../domain/ports/notifier.js';
import { withDriver } from './peer-package.js';

export type { SmtpNotifierOptions };

/** Sends notifications by mail. Needs the package `nodemailer`, which codeloom does not bring. Throws `invalid-configuration`. */
export async function createMailNotifier(options: SmtpNotifierOptions): Promise<Notifier> {
  return withDriver('Mail', async () => (await import('../adapters/notify/smtp.js')).createSmtpNotifier(options));
}
