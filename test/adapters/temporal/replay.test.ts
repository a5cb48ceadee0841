import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { temporal } from '@temporalio/proto';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { workflowCode } from '../../../src/infrastructure/workflow-code.js';

// Runs that are under way when workers are replaced go on with the new code: whatever a released version did, this one must do again, in the same order. What is recorded is never
// changed; a new version adds a folder (test/services/temporal/histories.test.ts).

const root = new URL('./histories/', import.meta.url);
const versions = readdirSync(root).sort();
const histories = versions.flatMap((version) => readdirSync(new URL(`${version}/`, root)).sort().map((file) => [`${version}/${file.replace('.json', '')}`, new URL(`${version}/${file}`, root)] as const));

function read(file: URL): { readonly workflowId: string; readonly history: temporal.api.history.v1.IHistory } {
  const { workflowId, history } = JSON.parse(readFileSync(file, 'utf8')) as { readonly workflowId: string; readonly history: string }; // written by the test that records
  return { workflowId, history: temporal.api.history.v1.History.decode(gunzipSync(Buffer.from(history, 'base64'))) };
}

const options = { workflowBundle: { codePath: workflowCode().bundle } };

describe('workflows of this version do what earlier ones did', () => {
  beforeAll(() => {
    Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [], telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } } });
  });

  it('in what is recorded of each version', async () => {
    expect(histories.length).toBeGreaterThan(10);
    const all = histories.map(([, file]) => read(file));
    const failed: string[] = [];
    // Results come as they are done, each with the ids of its run.
    for await (const { workflowId, error } of Worker.runReplayHistories(options, all)) if (error !== undefined) failed.push(`${workflowId}: ${error.message}`);
    expect(failed).toEqual([]);
  }, 120_000);

  it('and would be found out if they did not', async () => {
    const [, file] = histories.find(([name]) => name.endsWith('/succeeded')) ?? [];
    if (file === undefined) throw new TypeError('nothing is recorded');
    const { workflowId, history } = read(file);
    const [, second] = (history.events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType ?? []);
    if (second === undefined) throw new TypeError('no second step');
    second.name = 'persist_kg_activity';
    await expect(Worker.runReplayHistory(options, history, workflowId)).rejects.toMatchObject({ name: 'DeterminismViolationError' });
  }, 120_000);

  it('and nothing recorded says where it was made', () => {
    for (const [, file] of histories) expect(JSON.stringify(read(file).history)).not.toMatch(/"stackTrace":"[^"]|"identity":"\d/);
  });
});
