import { describe, expect, it } from 'vitest';
import { CodeloomError } from '../../src/domain/errors.js';
import type { ObservedRun, RunEnd, RunObserver } from '../../src/domain/ports/run-observer.js';
import type { Logger, LogLevel, LogLine } from '../../src/domain/ports/logger.js';
import { logRuns } from '../../src/use-cases/log-runs.js';
import { SHOP, workbench } from './workbench.js';

interface Told {
  readonly observer: RunObserver;
  readonly events: { readonly type: string; readonly run: ObservedRun }[];
  readonly ends: { readonly end: RunEnd; readonly run: ObservedRun }[];
}

function listening(): Told {
  const [events, ends]: [Told['events'], Told['ends']] = [[], []];
  return { events, ends, observer: { event: ({ type }, run) => void events.push({ type, run }), ended: (end, run) => void ends.push({ end, run }) } };
}

function keptLines(): { readonly logger: Logger; readonly lines: (LogLine & { readonly level: LogLevel })[] } {
  const lines: (LogLine & { readonly level: LogLevel })[] = [];
  return { lines, logger: { log: (level, line) => void lines.push({ level, ...line }) } };
}

describe('who observes runs', () => {
  it('is told each event, with repository, branch and commit from the moment they are known, and how the run ended', async () => {
    const told = listening();
    const bench = workbench(SHOP, { observers: [told.observer] });
    const outcome = await bench.index();
    expect(told.events.map(({ type }) => type)).toEqual(bench.events.map(({ type }) => type));
    expect(told.events[0]?.run).toMatchObject({ id: outcome.run, location: 'shop' });
    expect(told.events[0]?.run.repository).toBeUndefined();
    expect(told.events.at(-1)?.run).toMatchObject({ repository: { id: 'memory/shop' }, branch: 'main', commit: outcome.snapshot.commit });
    expect(told.ends).toEqual([{ end: { status: 'succeeded', at: expect.any(String) as string, snapshot: outcome.snapshot.id, counts: outcome.snapshot.stats }, run: told.events.at(-1)?.run }]);
  });

  it('is told why a run failed, also one of which the repository was never known', async () => {
    const told = listening();
    const bench = workbench(SHOP, { observers: [told.observer] });
    await expect(bench.index({ location: 'https://somebody:hunter2@example.org/nowhere.git' })).rejects.toMatchObject({ code: 'not-a-repository' });
    expect(told.ends).toMatchObject([{ end: { status: 'failed', error: { code: 'not-a-repository' } }, run: { location: 'https://***@example.org/nowhere.git' } }]);
  });

  it('fails no run, and hides nothing from the next observer', async () => {
    const told = listening();
    const broken: RunObserver = {
      event() {
        throw new Error('a broken observer');
      },
      ended() {
        throw new Error('a broken observer');
      },
    };
    await expect(workbench(SHOP, { observers: [broken, told.observer] }).index()).resolves.toMatchObject({ status: 'indexed' });
    expect(told.ends).toHaveLength(1);
  });
});

describe('the log of runs', () => {
  it('names run, repository and commit in each line, and counts what a stage did', async () => {
    const { logger, lines } = keptLines();
    const { snapshot, run } = await workbench(SHOP, { observers: [logRuns(logger)] }).index();
    expect(lines.filter(({ run: of }) => of !== run)).toEqual([]);
    expect(lines.filter(({ stage }) => stage !== undefined && stage !== 'acquire').every(({ repository, commit, branch }) => repository === 'memory/shop' && branch === 'main' && commit === snapshot.commit)).toBe(true);
    expect(lines.find(({ event, stage }) => event === 'stage-finished' && stage === 'extract')).toMatchObject({ level: 'info', counts: { parsed: 3 } });
    expect(lines.at(-1)).toMatchObject({ level: 'info', event: 'run-finished', status: 'succeeded', snapshot: snapshot.id, seconds: expect.any(Number) as number });
  });

  it('says of a failure its code and its words', async () => {
    const { logger, lines } = keptLines();
    const bench = workbench(SHOP, { observers: [logRuns(logger)] });
    bench.ports.graphStore.publish = () => Promise.reject(new CodeloomError('store-full', 'The disk is full.'));
    await expect(bench.index()).rejects.toMatchObject({ code: 'store-full' });
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
      { event: 'stage-failed', stage: 'publish', code: 'store-full', message: 'The disk is full.' }, { event: 'run-finished', status: 'failed', code: 'store-full', message: 'The disk is full.' },
    ]);
  });
});
