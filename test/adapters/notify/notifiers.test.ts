import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSlackNotifier } from '../../../src/adapters/notify/slack.js';
import { createSmtpNotifier } from '../../../src/adapters/notify/smtp.js';
import { createTeamsNotifier } from '../../../src/adapters/notify/teams.js';
import { createWebhookNotifier } from '../../../src/adapters/notify/webhook.js';
import type { RunNotification } from '../../../src/domain/ports/notifier.js';
import { openHttp, openSmtp } from './servers.js';
import { secret } from '../../secrets/watch.js';

const FAILED: RunNotification = {
  id: 'run-1-failed', event: 'failed', at: '2026-01-02T03:04:05.000Z', run: 'run-1', repository: 'github.com/acme/shop', name: 'acme/shop', branch: '<!channel>', commit: 'a'.repeat(40), seconds: 12.34,
  error: { code: 'network', message: 'The remote could not be reached.' },
};

describe('notifiers over HTTP', () => {
  let http: Awaited<ReturnType<typeof openHttp>>;
  beforeEach(async () => void (http = await openHttp()));
  afterEach(() => http.close());

  it('a webhook gets the notification itself, signed, with its id', async () => {
    await createWebhookNotifier({ url: `${http.url}/hook`, secret: 's1gn' }).send(FAILED);
    const [{ body = '', headers = {}, path } = {}] = http.taken;
    expect(path).toBe('/hook');
    expect(JSON.parse(body)).toEqual(FAILED);
    expect(headers).toMatchObject({
      'content-type': 'application/json', 'x-codeloom-delivery': 'run-1-failed', 'x-codeloom-event': 'failed', 'x-codeloom-signature-256': `sha256=${createHmac('sha256', 's1gn').update(body).digest('hex')}`,
    });
  });

  it('Slack gets a message in which nothing of the repository is markup', async () => {
    await createSlackNotifier({ url: `${http.url}/services/T0/B0/s3cr3t` }).send(FAILED);
    const message = JSON.parse(http.taken[0]?.body ?? '') as { readonly text: string; readonly blocks: readonly unknown[] };
    expect(message.text).toBe('acme/shop (&lt;!channel&gt;) could not be indexed');
    expect(JSON.stringify(message.blocks)).toContain('network: The remote could not be reached.');
    expect(http.taken[0]?.body).not.toContain('<!channel>');
  });

  it('Teams gets an adaptive card', async () => {
    await createTeamsNotifier({ url: http.url }).send({ ...FAILED, branch: '[click](https://evil.example)' });
    expect(JSON.parse(http.taken[0]?.body ?? '')).toMatchObject({
      type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard', body: [{ type: 'TextBlock', color: 'attention', text: 'acme/shop (\\[click\\](https://evil.example)) could not be indexed' }, { type: 'FactSet' }] } }],
    });
  });

  it.each([
    [401, 'authentication-failed', false], [403, 'permission-denied', false], [404, 'invalid-argument', false], [302, 'invalid-argument', false], [429, 'rate-limited', true], [500, 'network', true], [503, 'network', true],
  ] as const)('%d is %s', async (status, code, retryable) => {
    http.answers.push(status);
    const error = await createSlackNotifier({ url: `${http.url}/s3cr3t` }).send(FAILED).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, retryable });
    expect(http.taken).toHaveLength(1); // no redirect is followed
    expectNothingOf('s3cr3t', error);
  });

  it('nobody there is told without the address', async () => {
    const { url } = http;
    await http.close();
    const error = await createTeamsNotifier({ url: `${url}/s3cr3t` }).send(FAILED).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'network', retryable: true });
    expectNothingOf('s3cr3t', error);
    http = await openHttp();
  });

  it('what is no address is refused at once, and not repeated', () => {
    for (const create of [createSlackNotifier, createTeamsNotifier, createWebhookNotifier]) {
      let error: unknown;
      try {
        create({ url: 'file:///s3cr3t' });
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({ code: 'invalid-configuration' });
      expectNothingOf('s3cr3t', error);
    }
  });
});

describe('a notifier by mail', () => {
  let smtp: Awaited<ReturnType<typeof openSmtp>>;
  beforeEach(async () => void (smtp = await openSmtp()));
  afterEach(() => smtp.close());
  const open = (more = {}) => createSmtpNotifier({ host: '127.0.0.1', port: smtp.port, allowPlain: true, user: 'loom', password: secret('hunter2-mail'), from: 'codeloom@example.org', to: ['ops@example.org', 'dev@example.org'], ...more });

  it('sends one to all who are named, with what happened', async () => {
    await open().send({ ...FAILED, branch: 'main\r\nBcc: everybody@example.org' });
    const [mail] = smtp.mails;
    expect(mail?.to).toEqual(['RCPT TO:<ops@example.org>', 'RCPT TO:<dev@example.org>']);
    expect(mail?.text).toMatch(/^Subject: \[codeloom\] acme\/shop \(main Bcc: everybody@example.org\)/m);
    expect(mail?.text).toMatch(/^Message-ID: <run-1-failed@/m);
    expect(mail?.text).toContain('network: The remote could not be reached.');
    expect(smtp.passwords).toEqual(['hunter2-mail']);
  });

  it.each([
    ['AUTH', '535 no', 'authentication-failed', false], ['RCPT', '550 nobody', 'invalid-argument', false], ['MAIL', '451 later', 'network', true],
  ])('a server that answers %s with %s: %s', async (command, answer, code, retryable) => {
    smtp.state.refuse = { command, answer };
    const error = await open().send(FAILED).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, retryable });
    expectNothingOf('hunter2-mail', error);
  });

  it('says nothing to a server without TLS, unless that is allowed', async () => {
    await expect(open({ allowPlain: false }).send(FAILED)).rejects.toMatchObject({ code: 'permission-denied' });
    expect([smtp.mails, smtp.passwords]).toEqual([[], []]);
  });
});

function expectNothingOf(secret: string, error: unknown): void {
  for (let each = error; each instanceof Error; each = each.cause) expect(`${each.message} ${each.stack ?? ''} ${JSON.stringify(each)}`).not.toContain(secret);
}
