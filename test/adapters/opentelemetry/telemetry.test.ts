import { context, metrics, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOpenTelemetry } from '../../../src/adapters/opentelemetry/telemetry.js';
import { CodeloomError } from '../../../src/domain/errors.js';
import { STAGES } from '../../../src/domain/index-run.js';
import { measureRuns } from '../../../src/use-cases/measure-runs.js';
import { observedPorts } from '../../../src/use-cases/observed-ports.js';
import { runIndex } from '../../../src/use-cases/run-index.js';
import { VERSION, workbench } from '../../use-cases/workbench.js';

describe('runs under OpenTelemetry', () => {
  const spans = new InMemorySpanExporter();
  let measured: InMemoryMetricExporter;
  let reader: PeriodicExportingMetricReader;

  beforeEach(() => {
    spans.reset();
    measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 3_600_000 });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  });
  afterEach(async () => {
    await reader.shutdown();
    context.disable();
    trace.disable();
    metrics.disable();
  });

  const bench = workbench();
  const index = (failing: Partial<typeof bench.ports> = {}) => {
    const { ports } = workbench(undefined, failing);
    const telemetry = createOpenTelemetry({ version: '1.2.3' });
    return runIndex({ ...observedPorts(ports, telemetry), observers: [measureRuns(telemetry)] }, { location: 'shop' }, { indexerVersion: VERSION });
  };
  const named = (name: string): ReadableSpan => {
    const found = spans.getFinishedSpans().find((span) => span.name === name);
    if (found === undefined) throw new Error(`no span ${name} among ${spans.getFinishedSpans().map((span) => span.name).join(', ')}`);
    return found;
  };
  const points = async (name: string): Promise<readonly (readonly [unknown, unknown])[]> => {
    await reader.forceFlush();
    const all = measured.getMetrics().at(-1)?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
    return all.filter(({ descriptor }) => descriptor.name === name).flatMap(({ dataPoints }) => dataPoints.map(({ attributes, value }) => [attributes, value] as const));
  };

  it('are one trace: the run, its stages with their counts, and the calls that a stage makes of Git and stores', async () => {
    const { run, snapshot } = await index();
    expect(new Set(spans.getFinishedSpans().map((span) => span.spanContext().traceId)).size).toBe(1);
    const top = named('codeloom.run');
    expect(top.parentSpanContext).toBeUndefined();
    expect(top.attributes).toEqual({ 'codeloom.run': run, 'codeloom.repository': 'memory/shop', 'codeloom.branch': 'main', 'codeloom.commit': snapshot.commit, 'codeloom.status': 'indexed' });
    for (const stage of STAGES) expect(named(`codeloom.stage.${stage}`).parentSpanContext?.spanId).toBe(top.spanContext().spanId);
    expect(named('codeloom.stage.extract').attributes).toMatchObject({ 'codeloom.repository': 'memory/shop', 'codeloom.commit': snapshot.commit, 'codeloom.count.parsed': 3, 'codeloom.count.reused': 0 });
    expect(named('codeloom.git.resolve').parentSpanContext?.spanId).toBe(named('codeloom.stage.acquire').spanContext().spanId);
    expect(named('codeloom.graph-store.publish').parentSpanContext?.spanId).toBe(named('codeloom.stage.publish').spanContext().spanId);
    expect(named('codeloom.fact-store.get').instrumentationScope).toMatchObject({ name: 'codeloom', version: '1.2.3' });
  });

  it('say where they failed by the code of the error, and nothing of its words', async () => {
    const graphStore = workbench().ports.graphStore;
    graphStore.publish = () => Promise.reject(new CodeloomError('store-full', 'no space left for whose-words'));
    await expect(index({ graphStore })).rejects.toMatchObject({ code: 'store-full' });
    for (const name of ['codeloom.graph-store.publish', 'codeloom.stage.publish', 'codeloom.run']) {
      expect(named(name).status).toEqual({ code: SpanStatusCode.ERROR, message: 'store-full' });
      expect(named(name).attributes).toMatchObject({ 'error.type': 'store-full' });
    }
    expect(JSON.stringify(spans.getFinishedSpans().map(({ attributes, events, status }) => ({ attributes, events, status })))).not.toContain('whose-words');
    expect(await points('codeloom.port.errors')).toEqual([[{ port: 'graph-store', method: 'publish', code: 'store-full' }, 1]]);
    expect(await points('codeloom.runs')).toEqual([[{ status: 'failed', code: 'store-full' }, 1]]);
  });

  it('are measured in the same terms as by Prometheus', async () => {
    const { snapshot } = await index();
    const { resolved, candidates, external, unresolved } = snapshot.stats.verdicts;
    expect(await points('codeloom.files')).toEqual([[{ how: 'parsed' }, 3], [{ how: 'reused' }, 0]]);
    expect(await points('codeloom.call.sites')).toEqual([[{ verdict: 'resolved' }, resolved], [{ verdict: 'candidates' }, candidates], [{ verdict: 'external' }, external], [{ verdict: 'unresolved' }, unresolved]]);
    expect((await points('codeloom.stage.seconds')).map(([labels]) => labels)).toEqual(STAGES.map((stage) => ({ stage, outcome: 'finished' })));
    expect(await points('codeloom.runs')).toEqual([[{ status: 'succeeded', code: '' }, 1]]);
  });
});

describe('without an SDK', () => {
  it('work is done all the same, and its failure is its own', async () => {
    const telemetry = createOpenTelemetry();
    telemetry.add('codeloom_files_total', { how: 'parsed' });
    await expect(telemetry.span({ name: 'codeloom.run' }, () => Promise.resolve(7))).resolves.toBe(7);
    const failure = new CodeloomError('network', 'no');
    await expect(telemetry.span({ name: 'codeloom.run' }, () => Promise.reject(failure))).rejects.toBe(failure);
  });
});
