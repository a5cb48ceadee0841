import { createTransport } from 'nodemailer';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { Notifier } from '../../domain/ports/notifier.js';
import { wordingOf } from './wording.js';

export interface SmtpNotifierOptions {
  readonly host: string;
  /** Default 587, or 465 with `secure`. */
  readonly port?: number | undefined;
  /** TLS from the first byte; default false: STARTTLS. */
  readonly secure?: boolean | undefined;
  /** Whether mail may go out without TLS; default false. For a server on this machine. */
  readonly allowPlain?: boolean | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly from: string;
  readonly to: readonly string[];
}

const WITHIN_MS = 10_000;

/** Sends notifications by mail. Needs the package `nodemailer`. Throws `invalid-configuration`. */
export function createSmtpNotifier({ host, secure = false, port = secure ? 465 : 587, allowPlain = false, user, password, from, to }: SmtpNotifierOptions): Notifier {
  if (to.length === 0) throw new CodeloomError('invalid-configuration', 'Mail needs somebody who gets it.');
  if ((user === undefined) !== (password === undefined)) throw new CodeloomError('invalid-configuration', 'A mail server takes a user and a password, or neither.');
  const transport = createTransport({
    host, port, secure, requireTLS: !secure && !allowPlain, ignoreTLS: !secure && allowPlain,
    ...(user === undefined || password === undefined ? {} : { auth: { user, pass: password } }),
    connectionTimeout: WITHIN_MS, greetingTimeout: WITHIN_MS, socketTimeout: WITHIN_MS,
    // Texts come from repositories: none of them names a file or an address to be read.
    disableFileAccess: true, disableUrlAccess: true,
  });
  return {
    async send(notification, options) {
      throwIfAborted(options?.signal);
      const { title, facts } = wordingOf(notification);
      const text = `${facts.map(([name, value]) => `${name}: ${value}`).join('\n')}\n`;
      try {
        await transport.sendMail({
          from, to: [...to], subject: `[codeloom] ${title}`.replace(/[\r\n]+/g, ' ').slice(0, 200), text,
          messageId: `<${notification.id.replace(/[^\w.-]/g, '-')}@codeloom.invalid>`, headers: { 'X-Codeloom-Delivery': notification.id, 'Auto-Submitted': 'auto-generated' },
        });
      } catch (error) {
        throw failure(error);
      }
    },
  };
}

/** By the driver's code and the server's status, never by text; without the cause, which may hold what was said to the server. */
function failure(error: unknown): CodeloomError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const status = error instanceof Error && 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : undefined;
  const details = status === undefined ? {} : { status };
  if (code === 'EAUTH') return new CodeloomError('authentication-failed', 'The mail server does not take this user and password.', { details });
  if (code === 'ETLS') return new CodeloomError('permission-denied', 'The mail server offers no TLS that can be trusted.', { details });
  // RFC 5321: 4xx is for now, 5xx for ever.
  if (status !== undefined && status >= 500) return new CodeloomError('invalid-argument', `The mail server answered ${status}.`, { details });
  return new CodeloomError('network', status === undefined ? 'The mail server cannot be reached.' : `The mail server answered ${status}.`, { details });
}
