import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createPrometheusTelemetry } from '../../../src/adapters/prometheus/telemetry.js';
import { CodeloomError } from '../../../src/domain/errors.js';
import { METRICS } from '../../../src/domain/metrics.js';
import { measureRuns } from '../../../src/use-cases/measure-runs.js';
import { observedPorts } from '../../../src/use-cases/observed-ports.js';
import { runIndex } from '../../../src/use-cases/run-index.js';
import { VERSION, workbench } from '../../use-cases/workbench.js';

describe('metrics for Prometheus', () => {
  it('say what runs did, what they found and where they failed', async () => {
    const telemetry = createPrometheusTelemetry();
    const { ports, clock } = workbench();
    const watched = { ...observedPorts(ports, telemetry), observers: [measureRuns(telemetry)] };
    const publish = ports.graphStore.publish.bind(ports.graphStore);
    let failures = 1;
    ports.graphStore.publish = async (...request) => {
      if (failures-- > 0) throw new CodeloomError('store-unavailable', 'The store is away.');
      return publish(...request);
    };
    const { snapshot } = await runIndex({ ...watched, graphStore: observedPorts(ports, telemetry).graphStore }, { location: 'shop' }, { indexerVersion: VERSION });
    await expect(runIndex(watched, { location: 'nowhere' }, { indexerVersion: VERSION })).rejects.toThrow();

    const { contentType, body } = await telemetry.scrape();
    expect(contentType).toMatch(/^text\/plain/);
    const lines = new Set(body.split('\n'));
    for (const line of [
      'codeloom_runs_total{status="succeeded",code=""} 1', 'codeloom_runs_total{status="failed",code="not-a-repository"} 1',
      'codeloom_stage_seconds_count{stage="publish",outcome="failed"} 1', 'codeloom_stage_seconds_count{stage="publish",outcome="finished"} 1',
      'codeloom_stage_retries_total{stage="publish",code="store-unavailable"} 1', 'codeloom_port_errors_total{port="graph-store",method="publish",code="store-unavailable"} 1',
      'codeloom_files_total{how="parsed"} 3', `codeloom_call_sites_total{verdict="resolved"} ${snapshot.stats.verdicts.resolved}`,
    ]) expect(lines).toContain(line);
    expect(body).toMatch(new RegExp(`^codeloom_last_success_timestamp_seconds ${Math.floor(clock.now().getTime() / 1000)}`, 'm'));
    expect(body).toMatch(/^process_cpu_user_seconds_total/m);
  });

  it('are those that the operations page describes and raises alerts on', () => {
    const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
    const named = new Set([...page.matchAll(/\bcodeloom_[a-z_]+[a-z]/g)].map(([name]) => name.replace(/_(?:bucket|count|sum)$/, '')));
    expect([...named].sort()).toEqual(Object.keys(METRICS).sort());
  });

  it('have a line of help each, and hold no repository', async () => {
    const { body } = await createPrometheusTelemetry().scrape();
    for (const [name, { help, labels }] of Object.entries(METRICS)) {
      expect(body).toContain(`# HELP ${name} ${help}`);
      expect(labels).not.toContain('repository');
    }
  });
});
