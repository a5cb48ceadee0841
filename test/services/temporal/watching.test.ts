import { context, propagation, trace, type TextMapPropagator } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOpenTelemetry } from '../../../src/adapters/opentelemetry/telemetry.js';
import { CodeloomError } from '../../../src/domain/errors.js';
import type { DurableRuns } from '../../../src/domain/ports/durable-runs.js';
import type { LogLevel, LogLine } from '../../../src/domain/ports/logger.js';
import type { ObservedRun, RunEnd, RunObserver } from '../../../src/domain/ports/run-observer.js';
import { logRuns } from '../../../src/use-cases/log-runs.js';
import { observedPorts } from '../../../src/use-cases/observed-ports.js';
import { eventNames } from '../../use-cases/workbench.js';
import type { RunEvent } from '../../../src/domain/index-run.js';
import { freshQueue, memory, openTestRuns, shopRequest, startWorker, until, type RunningWorker } from './harness.js';

/** What an SDK of OpenTelemetry would bring, of https://www.w3.org/TR/trace-context/ as much as is needed. */
const traceParent: TextMapPropagator = {
  inject(within, carrier, setter) {
    const span = trace.getSpanContext(within);
    if (span !== undefined) setter.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-0${span.traceFlags}`);
  },
  extract(within, carrier, getter) {
    const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(String(getter.get(carrier, 'traceparent'))) ?? [];
    return traceId === undefined || spanId === undefined ? within : trace.setSpanContext(within, { traceId, spanId, traceFlags: Number.parseInt(flags ?? '0', 16), isRemote: true });
  },
  fields: () => ['traceparent'],
};

describe('who watches runs on Temporal', () => {
  const spans = new InMemorySpanExporter();
  const lines: (LogLine & { readonly level: LogLevel })[] = [];
  const events: (RunEvent & { readonly of: ObservedRun })[] = [];
  const ends: (RunEnd & { readonly of: ObservedRun })[] = [];
  const logger = { log: (level: LogLevel, line: LogLine) => void lines.push({ level, ...line }) };
  const observer: RunObserver = { event: (event, of) => void events.push({ ...event, of }), ended: (end, of) => void ends.push({ ...end, of }) };
  const queue = freshQueue();
  const { ports } = memory();
  let failure: CodeloomError | undefined;
  let worker: RunningWorker;
  let runs: DurableRuns;

  beforeAll(async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(traceParent);
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
    const resolve = ports.gitHost.resolve.bind(ports.gitHost);
    ports.gitHost.resolve = async (...request) => {
      if (failure !== undefined) throw failure;
      return resolve(...request);
    };
    worker = await startWorker({ ports: { ...observedPorts(ports, createOpenTelemetry()), observers: [observer, logRuns(logger)] }, taskQueue: queue, logger });
    runs = await openTestRuns(queue);
  });
  afterAll(async () => {
    await runs.close();
    await worker.stop();
    trace.disable();
    propagation.disable();
    context.disable();
  });

  it('sees one trace of client, workflow and activities, down to the calls of stores', async () => {
    spans.reset();
    const traceOfCaller = await trace.getTracer('test').startActiveSpan('a caller', async (span) => {
      const { id } = await runs.start(shopRequest());
      await runs.result(id);
      span.end();
      return span.spanContext().traceId;
    });
    await until(() => spans.getFinishedSpans().some(({ name }) => name.startsWith('codeloom.workflow.')), 'the workflow is traced');
    const all = spans.getFinishedSpans();
    expect(all.filter((span) => span.spanContext().traceId !== traceOfCaller).map(({ name }) => name)).toEqual([]);
    const names = all.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([
      'codeloom.start.RepoIndexingWorkflow', 'codeloom.workflow.RepoIndexingWorkflow', 'codeloom.activity.clone_repo_activity', 'codeloom.stage.acquire', 'codeloom.git.resolve',
      'codeloom.activity.parse_repo_activity', 'codeloom.stage.extract', 'codeloom.stage.link', 'codeloom.activity.persist_kg_activity', 'codeloom.graph-store.publish', 'codeloom.activity.cleanup_repo_activity',
    ]));
    const start = all.find(({ name }) => name === 'codeloom.start.RepoIndexingWorkflow');
    for (const { name, parentSpanContext } of all) if (/^codeloom\.(workflow|activity)\./.test(name)) expect([name, parentSpanContext?.spanId]).toEqual([name, start?.spanContext().spanId]);
  });

  it('is told every event of a run once, and how it ended; each line of the log names run, repository and commit', async () => {
    for (const kept of [lines, events, ends]) kept.length = 0;
    const { id } = await runs.start(shopRequest());
    const { commit, snapshot } = await runs.result(id);
    await until(() => ends.length > 0, 'the end is told');
    expect(eventNames(events)).toEqual(eventNames((await runs.summary(id)).events));
    expect(ends).toMatchObject([{ status: 'unchanged', snapshot, of: { location: 'https://code.example/acme/shop', branch: 'main', commit } }]);
    expect(lines.filter(({ event }) => event === 'run-finished')).toMatchObject([{ status: 'unchanged', repository: expect.stringContaining('acme/shop'), branch: 'main', commit, run: expect.any(String) }]);
  });

  it('is told of a run that failed before its repository was known, and why', async () => {
    for (const kept of [lines, events, ends]) kept.length = 0;
    failure = new CodeloomError('authentication-failed', 'The remote wants credentials.');
    try {
      const { id } = await runs.start(shopRequest());
      await expect(runs.result(id)).rejects.toMatchObject({ code: 'authentication-failed' });
      await until(() => ends.length > 0, 'the end is told');
      expect(ends).toMatchObject([{ status: 'failed', error: { code: 'authentication-failed', message: 'The remote wants credentials.' }, of: { location: 'https://code.example/acme/shop', branch: 'main' } }]);
      expect(lines.filter(({ event }) => event === 'step-failed')).toMatchObject([{ level: 'error', activity: 'clone_repo_activity', attempt: 1, code: 'authentication-failed', workflow: id, result: 'given up', trace: expect.stringMatching(/^[0-9a-f]{32}$/) }]);
    } finally {
      failure = undefined;
    }
  });
});
