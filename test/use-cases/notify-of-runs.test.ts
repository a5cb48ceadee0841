import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRetry } from '../../src/adapters/cockatiel/retry.js';
import { createFileDeadLetters } from '../../src/adapters/files/dead-letters.js';
import { createMemoryDeadLetters } from '../../src/adapters/memory/dead-letters.js';
import { CodeloomError } from '../../src/domain/errors.js';
import type { DeadLetter, DeadLetters } from '../../src/domain/ports/dead-letters.js';
import { NOTIFIED_EVENTS, type Notifier, type RunNotification } from '../../src/domain/ports/notifier.js';
import { notifyOfRuns, type NotificationChannel, type NotifyOptions } from '../../src/use-cases/notify-of-runs.js';
import { retryDeadLetters } from '../../src/use-cases/retry-dead-letters.js';
import { SHOP, workbench } from './workbench.js';

/** A channel in memory; `fail` says what each attempt fails with. */
function channelOf(fail: (attempt: number) => CodeloomError | undefined = () => undefined, on: NotificationChannel['on'] = NOTIFIED_EVENTS) {
  const sent: RunNotification[] = [];
  let attempts = 0;
  const notifier: Notifier = {
    async send(notification) {
      const error = fail(++attempts);
      if (error !== undefined) throw error;
      sent.push(notification);
    },
  };
  return { sent, attempts: () => attempts, channel: { name: 'ops', on, notifier } };
}

const away = new CodeloomError('network', 'Nobody answers.');
const retry = createRetry({ attempts: 3, initialMs: 1, maximumMs: 2 });

function notifying(channel: NotificationChannel, more: Partial<NotifyOptions> = {}) {
  const deadLetters = createMemoryDeadLetters();
  const clock = workbench().clock;
  const notifications = notifyOfRuns({ channels: [channel], deadLetters, retry, clock, ...more });
  return { deadLetters, notifications, clock, bench: workbench(SHOP, { observers: [notifications] }) };
}

describe('notifications of runs', () => {
  it('tell of a run that started and succeeded, with what it is about', async () => {
    const { channel, sent } = channelOf();
    const { bench, notifications } = notifying(channel);
    const { run, snapshot } = await bench.index();
    await notifications.settle();
    const about = { run, repository: 'memory/shop', name: 'shop', branch: 'main', commit: snapshot.commit };
    expect(sent).toMatchObject([
      { ...about, id: `${run}-started`, event: 'started' }, { ...about, id: `${run}-succeeded`, event: 'succeeded', changed: true, snapshot: snapshot.id, files: 3, symbols: 7 },
    ]);
  });

  it('tell of a failure and why, and of nothing that the channel does not want', async () => {
    const { channel, sent } = channelOf(undefined, ['failed']);
    const { bench, notifications } = notifying(channel);
    await bench.index();
    await expect(bench.index({ location: 'https://u:hunter2@example.org/x' })).rejects.toThrow();
    await notifications.settle();
    expect(sent).toMatchObject([{ event: 'failed', repository: 'https://***@example.org/x', error: { code: 'not-a-repository' } }]);
    expect(JSON.stringify(sent)).not.toContain('hunter2');
  });

  it('repeat no credentials of a URL in the words of an error, nor what is to be hidden', async () => {
    const { channel, sent } = channelOf();
    const { notifications } = notifying(channel, { hide: (text) => text.replaceAll('s3cr3t', '…') });
    const gitHost = { ...workbench().ports.gitHost, resolve: () => Promise.reject(new CodeloomError('git-failed', 'fatal: https://u:a-password@example.org said s3cr3t')) };
    await expect(workbench(SHOP, { gitHost, observers: [notifications] }).index()).rejects.toThrow();
    await notifications.settle();
    expect(sent).toMatchObject([{ error: { code: 'git-failed', message: 'fatal: https://***@example.org said …' } }]);
  });

  it('tell nobody of a run that somebody cancelled', async () => {
    const { channel, sent } = channelOf(undefined, ['failed', 'succeeded']);
    const { bench, notifications } = notifying(channel);
    await expect(bench.index({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    await notifications.settle();
    expect(sent).toEqual([]);
  });

  it('are tried again while it may help', async () => {
    const { channel, sent, attempts } = channelOf((attempt) => (attempt < 3 ? away : undefined), ['succeeded']);
    const { bench, notifications, deadLetters } = notifying(channel);
    await bench.index();
    await notifications.settle();
    expect([sent.length, attempts(), await deadLetters.list()]).toEqual([1, 3, []]);
  });

  it('that cannot be sent are put aside, and sent when somebody says so', async () => {
    let broken = true;
    const { channel, sent, attempts } = channelOf(() => (broken ? away : undefined), ['succeeded']);
    const { bench, notifications, deadLetters, clock } = notifying(channel);
    const { run } = await bench.index();
    await notifications.settle();
    expect(attempts()).toBe(3);
    expect(await deadLetters.list()).toMatchObject([{ channel: 'ops', attempts: 3, code: 'network', notification: { id: `${run}-succeeded` } }]);

    const again = async (channels: readonly NotificationChannel[]) => {
      const results = [];
      for await (const { result, code } of retryDeadLetters({ deadLetters, channels, clock })) results.push([result, code]);
      return results;
    };
    expect(await again([channel])).toEqual([['failed', 'network']]);
    expect(await again([])).toEqual([['no-channel', undefined]]);
    expect(await deadLetters.list()).toMatchObject([{ attempts: 4 }]);
    broken = false;
    expect(await again([channel])).toEqual([['sent', undefined]]);
    expect([sent.length, await deadLetters.list()]).toEqual([1, []]);
  });

  it('hold up no run, and at the end no more than a bounded time', async () => {
    const hanging: NotificationChannel = {
      name: 'ops', on: NOTIFIED_EVENTS,
      notifier: { send: (_, options) => new Promise((_resolve, reject) => options?.signal?.addEventListener('abort', () => reject(new CodeloomError('aborted', 'The operation was cancelled.')))) },
    };
    const { bench, notifications, deadLetters } = notifying(hanging);
    await expect(bench.index()).resolves.toMatchObject({ status: 'indexed' });
    const begun = performance.now();
    await notifications.settle(50);
    expect(performance.now() - begun).toBeLessThan(1000);
    expect((await deadLetters.list()).map(({ notification }) => notification.event)).toEqual(['started', 'succeeded']);
  });

  it('that are too many are put aside at once; what cannot even be put aside fails nothing', async () => {
    const { channel } = channelOf(() => away);
    const full: DeadLetters = { ...createMemoryDeadLetters(), keep: () => Promise.reject(new CodeloomError('store-full', 'The disk is full.')) };
    for (const deadLetters of [createMemoryDeadLetters(), full]) {
      const { bench, notifications } = notifying(channel, { deadLetters, mostWaiting: 1 });
      await expect(bench.index()).resolves.toMatchObject({ status: 'indexed' });
      await notifications.settle();
    }
  });
});

describe.each(['memory', 'files'])('dead letters in %s', (kind) => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'codeloom-letters-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const open = (): DeadLetters => (kind === 'memory' ? createMemoryDeadLetters() : createFileDeadLetters({ folder: join(folder, 'letters') }));
  const letter = (id: string, at: string): DeadLetter => ({ channel: 'ops', at, attempts: 3, code: 'network', notification: { id, event: 'failed', at, run: 'r', repository: 'a/b', name: 'a/b' } });

  it('are kept once each, the oldest first, until they are removed', async () => {
    const letters = open();
    expect(await letters.list()).toEqual([]);
    const [newer, older] = [letter('2', '2026-01-02T00:00:00.000Z'), letter('../../1', '2026-01-01T00:00:00.000Z')];
    for (const each of [newer, older, { ...newer, attempts: 4 }]) await letters.keep(each);
    expect(await letters.list()).toEqual([older, { ...newer, attempts: 4 }]);
    expect(await letters.remove(older)).toBe(true);
    expect(await letters.remove(older)).toBe(false);
    expect(await letters.list()).toHaveLength(1);
    if (kind === 'files') {
      writeFileSync(join(folder, 'letters', 'torn.json'), '{"chan');
      expect(await letters.list()).toHaveLength(1);
      expect(readdirSync(folder)).toEqual(['letters']);
    }
  });
});
