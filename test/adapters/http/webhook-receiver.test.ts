import { beforeEach, describe, expect, it } from 'vitest';
import { createWebhookReceiver, type DeliveryReport, type WebhookReceiver, type WebhookReceiverOptions } from '../../../src/adapters/http/webhook-receiver.js';
import { createMemoryClock, type MemoryClock } from '../../../src/adapters/memory/clock.js';
import { CodeloomError } from '../../../src/domain/errors.js';
import type { HostEvent } from '../../../src/domain/host-event.js';
import { fromGitea, fromGitHub, fromGitLab, githubPush, SECRET, type Delivery } from './deliveries.js';

const NOTHING = { started: 0, coalesced: 0, retired: 0, ignored: [] };
const PUSH: HostEvent = { kind: 'pushed', repository: '17', branch: 'main', installation: '99' };

describe('a webhook receiver', () => {
  let clock: MemoryClock;
  let events: HostEvent[];
  let reports: DeliveryReport[];
  let act: (event: HostEvent, signal: AbortSignal) => Promise<typeof NOTHING>;

  beforeEach(() => {
    clock = createMemoryClock();
    events = [];
    reports = [];
    act = async () => ({ ...NOTHING, started: 1 });
  });

  const open = (more: Partial<WebhookReceiverOptions> = {}): WebhookReceiver => createWebhookReceiver({
    endpoints: (['github', 'gitlab', 'gitea'] as const).map((kind) => ({ kind, secret: SECRET, receive: async (event, { signal }) => { events.push(event); return act(event, signal); } })),
    clock, onDelivery: (report) => reports.push(report), ...more,
  });
  const send = async (receiver: WebhookReceiver, kind: string, delivery: Delivery): Promise<readonly [number, unknown]> => {
    const response = await receiver.app.request(`/webhooks/${kind}`, delivery);
    return [response.status, await response.json()];
  };

  it('acts on a push, and says what became of it', async () => {
    expect(await send(open(), 'github', fromGitHub('push', githubPush()))).toEqual([200, { status: 'done', started: 1, coalesced: 0, retired: 0, ignored: [] }]);
    expect(events).toEqual([PUSH]);
    expect(reports).toEqual([{ kind: 'github', delivery: 'd-1', event: 'pushed', result: { status: 'done', received: { ...NOTHING, started: 1 } } }]);
  });

  it('takes nothing of a push but the ids of repository and installation, and the branch', async () => {
    await send(open(), 'github', fromGitHub('push', githubPush()));
    expect(JSON.stringify(events)).not.toMatch(/evil|ffff/);
  });

  describe('refuses', () => {
    const refused = async (delivery: Delivery, status: number, reason: string, kind = 'github', more: Partial<WebhookReceiverOptions> = {}): Promise<void> => {
      expect(await send(open(more), kind, delivery)).toEqual([status, { status: 'refused', reason }]);
      expect(events).toEqual([]);
      expect(reports).toEqual([{ kind, result: { status: 'refused', reason } }]);
    };
    const valid = fromGitHub('push', githubPush());
    const without = (name: string): Delivery => ({ ...valid, headers: Object.fromEntries(Object.entries(valid.headers).filter(([each]) => each !== name)) });
    const withHeader = (name: string, value: string): Delivery => ({ ...valid, headers: { ...valid.headers, [name]: value } });

    it('another secret\'s signature', () => refused(fromGitHub('push', githubPush(), { secret: 'another' }), 401, 'signature'));
    it('no signature', () => refused(without('X-Hub-Signature-256'), 401, 'signature'));
    it('a signature of the older kind', () => refused({ ...without('X-Hub-Signature-256'), headers: { ...without('X-Hub-Signature-256').headers, 'X-Hub-Signature': 'sha1=0000' } }, 401, 'signature'));
    it.each(['sha256=', 'sha256=zz', `sha256=${'0'.repeat(63)}`, `sha256=${'0'.repeat(64)}`, 'x'.repeat(5000)])('a signature that is none (%#)', (value) => refused(withHeader('X-Hub-Signature-256', value), 401, 'signature'));
    it('a body that was changed by one space, though it says the same', () => refused({ ...valid, body: `${valid.body} ` }, 401, 'signature'));
    it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', ''])('content of the type %j', (type) => refused(withHeader('Content-Type', type), 415, 'content-type'));
    it('a body above the limit, by what it says and by what it is', async () => {
      await refused(valid, 413, 'too-large', 'github', { maxBodyBytes: 50 });
      reports.length = 0;
      const stream = new ReadableStream({ start(controller) { for (let part = 0; part < 10; part++) controller.enqueue(new Uint8Array(10)); controller.close(); } });
      const response = await open({ maxBodyBytes: 50 }).app.request('/webhooks/github', { method: 'POST', body: stream, headers: { ...valid.headers, 'Transfer-Encoding': 'chunked' }, duplex: 'half' } as RequestInit); // `duplex` is what a stream needs; the types do not know it
      expect(response.status).toBe(413);
    });
    it('a delivery without an id, or with an endless one', async () => {
      await refused(without('X-GitHub-Delivery'), 400, 'no-delivery-id');
      reports.length = 0;
      await refused(withHeader('X-GitHub-Delivery', 'x'.repeat(201)), 400, 'no-delivery-id');
    });
    it.each([[{}], [{ ref: 'refs/heads/main' }], [{ ref: 7, repository: { id: 17 } }], [{ ref: 'refs/heads/main', repository: { id: '17' } }], [{ ref: 'refs/heads/main', repository: { id: -1 } }], [[]]])('a push that is none: %j', (payload) => refused(fromGitHub('push', payload), 400, 'body'));
    it('bytes that are no JSON', async () => {
      const { createHmac } = await import('node:crypto');
      const body = '{"ref": ';
      await refused({ ...valid, body, headers: { ...valid.headers, 'X-Hub-Signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}` } }, 400, 'body');
    });
    it('a wrong token of GitLab, and none', async () => {
      await refused(fromGitLab('Push Hook', { ref: 'refs/heads/main', project_id: 5 }, { secret: 'another' }), 401, 'signature', 'gitlab');
      reports.length = 0;
      await refused({ ...fromGitLab('Push Hook', {}), headers: { 'Content-Type': 'application/json' } }, 401, 'signature', 'gitlab');
    });
    it('a wrong signature of Gitea', () => refused(fromGitea('push', { ref: 'refs/heads/main', repository: { id: 5 } }, { secret: 'another' }), 401, 'signature', 'gitea'));
    it('other methods', async () => {
      const response = await open().app.request('/webhooks/github');
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    });
  });

  it('is not made without a secret', () => {
    expect(() => open({ endpoints: [{ kind: 'github', secret: '', receive: async () => NOTHING }] })).toThrow(CodeloomError);
  });

  describe('and a delivery that comes again', () => {
    it('is not acted on again, also at the same time', async () => {
      const receiver = open();
      const delivery = fromGitHub('push', githubPush());
      const answers = await Promise.all([1, 2, 3].map(() => send(receiver, 'github', delivery)));
      expect(answers.filter(([, body]) => JSON.stringify(body) === '{"status":"duplicate"}')).toHaveLength(2);
      expect(await send(receiver, 'github', delivery)).toEqual([200, { status: 'duplicate' }]);
      expect(events).toEqual([PUSH]);
    });

    it('is acted on when it failed before', async () => {
      const receiver = open();
      act = async () => { throw new CodeloomError('network', 'the host does not answer'); };
      expect(await send(receiver, 'github', fromGitHub('push', githubPush()))).toEqual([503, { status: 'failed', code: 'network' }]);
      act = async () => NOTHING;
      expect(await send(receiver, 'github', fromGitHub('push', githubPush()))).toEqual([200, { status: 'done', ...NOTHING }]);
    });

    it('is known for a day, and by each host for itself', async () => {
      const receiver = open();
      await send(receiver, 'github', fromGitHub('push', githubPush()));
      await send(receiver, 'gitea', fromGitea('push', { ref: 'refs/heads/main', repository: { id: 5 } }));
      expect(events).toHaveLength(2);
      clock.advance(24 * 60 * 60 * 1000 - 1);
      expect(await send(receiver, 'github', fromGitHub('push', githubPush()))).toEqual([200, { status: 'duplicate' }]);
      clock.advance(1);
      await send(receiver, 'github', fromGitHub('push', githubPush()));
      expect(events).toHaveLength(3);
    });

    it('that was not signed is not remembered', async () => {
      const receiver = open();
      await send(receiver, 'github', fromGitHub('push', githubPush(), { secret: 'another' }));
      expect(await send(receiver, 'github', fromGitHub('push', githubPush()))).toMatchObject([200, { status: 'done' }]);
    });
  });

  it.each([[503, 'network'], [503, 'rate-limited'], [503, 'store-busy'], [500, 'permission-denied'], [500, 'internal']] as const)('answers %i to %s, and tells only who runs it why', async (status, code) => {
    act = async () => { throw new CodeloomError(code, 'a message with details'); };
    expect(await send(open(), 'github', fromGitHub('push', githubPush()))).toEqual([status, { status: 'failed', code }]);
    expect(reports).toMatchObject([{ result: { status: 'failed', code, message: 'a message with details' } }]);
  });

  it('answers before the sender loses patience, goes on behind, and can be waited for', async () => {
    let finish = (): void => undefined;
    act = () => new Promise((resolve) => { finish = () => resolve(NOTHING); });
    const receiver = open({ answerWithinMs: 20 });
    expect(await send(receiver, 'github', fromGitHub('push', githubPush()))).toEqual([202, { status: 'accepted' }]);
    expect(reports).toEqual([]);
    finish();
    await receiver.settle();
    expect(reports).toMatchObject([{ result: { status: 'done' } }]);
  });

  it('cancels what is under way when it is to end', async () => {
    act = (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new CodeloomError('aborted', 'cancelled'))));
    const receiver = open({ answerWithinMs: 20 });
    await send(receiver, 'github', fromGitHub('push', githubPush()));
    await receiver.settle({ cancel: true });
    expect(reports).toMatchObject([{ result: { status: 'failed', code: 'aborted' } }]);
  });

  const repository = { id: 17, full_name: 'evil/x' };
  it.each<[string, string, object, HostEvent]>([
    ['github', 'push', { ref: 'refs/tags/v1', repository }, { kind: 'other', name: 'push of a tag' }],
    ['github', 'push', { ref: 'refs/heads/feature/ü-1', repository }, { kind: 'pushed', repository: '17', branch: 'feature/ü-1' }],
    ['github', 'push', { ref: 'refs/heads/a b', repository }, { kind: 'other', name: 'push of a tag' }],
    ['github', 'repository', { action: 'renamed', repository, installation: { id: 9 } }, { kind: 'changed', repositories: ['17'], installation: '9' }],
    ['github', 'repository', { action: 'transferred', repository }, { kind: 'changed', repositories: ['17'] }],
    ['github', 'repository', { action: 'unarchived', repository }, { kind: 'changed', repositories: ['17'] }],
    ['github', 'repository', { action: 'edited', repository, changes: { default_branch: { from: 'x' } } }, { kind: 'changed', repositories: ['17'] }],
    ['github', 'repository', { action: 'edited', repository, changes: { description: { from: 'x' } } }, { kind: 'other', name: 'repository edited' }],
    ['github', 'repository', { action: 'deleted', repository }, { kind: 'ended', repository: '17' }],
    ['github', 'repository', { action: 'archived', repository }, { kind: 'ended', repository: '17' }],
    ['github', 'repository', { action: 'publicized', repository }, { kind: 'other', name: 'repository publicized' }],
    ['github', 'installation', { action: 'created', installation: { id: 9 }, repositories: [repository, { id: 18 }] }, { kind: 'changed', repositories: ['17', '18'], installation: '9' }],
    ['github', 'installation', { action: 'deleted', installation: { id: 9 }, repositories: [repository] }, { kind: 'withdrawn', repositories: ['17'] }],
    ['github', 'installation', { action: 'suspend', installation: { id: 9 } }, { kind: 'withdrawn', repositories: [] }],
    ['github', 'installation_repositories', { action: 'added', installation: { id: 9 }, repositories_added: [repository], repositories_removed: [] }, { kind: 'changed', repositories: ['17'], installation: '9' }],
    ['github', 'installation_repositories', { action: 'removed', installation: { id: 9 }, repositories_added: [], repositories_removed: [repository] }, { kind: 'withdrawn', repositories: ['17'] }],
    ['github', 'ping', { zen: 'x' }, { kind: 'other', name: 'ping' }],
    ['gitlab', 'Push Hook', { object_kind: 'push', ref: 'refs/heads/main', project_id: 5, project: { git_http_url: 'https://evil.example' } }, { kind: 'pushed', repository: '5', branch: 'main' }],
    ['gitlab', 'Tag Push Hook', { ref: 'refs/tags/v1', project_id: 5 }, { kind: 'other', name: 'Tag Push Hook' }],
    ['gitlab', 'System Hook', { event_name: 'push', ref: 'refs/heads/main', project_id: 5 }, { kind: 'pushed', repository: '5', branch: 'main' }],
    ['gitlab', 'System Hook', { event_name: 'project_transfer', project_id: 5 }, { kind: 'changed', repositories: ['5'] }],
    ['gitlab', 'System Hook', { event_name: 'project_destroy', project_id: 5 }, { kind: 'ended', repository: '5' }],
    ['gitlab', 'System Hook', { event_name: 'user_create', user_id: 1 }, { kind: 'other', name: 'user_create' }],
    ['gitea', 'push', { ref: 'refs/heads/main', repository: { id: 5, clone_url: 'https://evil.example' } }, { kind: 'pushed', repository: '5', branch: 'main' }],
    ['gitea', 'repository', { action: 'deleted', repository: { id: 5 } }, { kind: 'ended', repository: '5' }],
    ['gitea', 'issues', {}, { kind: 'other', name: 'issues' }],
  ])('of %s understands %s %j', async (kind, event, payload, expected) => {
    const from = { github: fromGitHub, gitlab: fromGitLab, gitea: fromGitea }[kind as 'github' | 'gitlab' | 'gitea']; // one of the three above
    expect((await send(open(), kind, from(event, payload)))[0]).toBe(200);
    expect(events).toEqual([expected]);
  });
});
