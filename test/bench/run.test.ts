import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'codeloom-test-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Used {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

interface Record {
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string };
  readonly results: {
    readonly repositories: { readonly [name: string]: {
      readonly cold: Used & { readonly status: string; readonly files: number; readonly edges: number; readonly callSites: number; readonly storeBytes: number; readonly stages: { readonly [stage: string]: Used } };
      readonly parse: Used; readonly warm: Used; readonly changed: Used; readonly coldToParseRatio: number;
      readonly session: { readonly changed: Used & { readonly written: number }; readonly unchangedSeconds: number };
    } };
    readonly queries: { readonly [name: string]: { readonly latencies: { readonly [question: string]: { readonly median: number; readonly p99: number } } } };
  };
}

// What it measures is for people to judge; here only that everything is measured.
describe('the bench', () => {
  const file = join(folder, 'record.json');
  const bench = fileURLToPath(new URL('../../bench/run.mjs', import.meta.url));
  const output = execFileSync(process.execPath, [bench, '--quick', '--sizes', '40', '--edges', '800', '--record', file], { encoding: 'utf8', timeout: 60_000 });
  const { machine, results } = JSON.parse(readFileSync(file, 'utf8')) as Record; // written by bench/run.mjs

  it('indexes a generated repository cold, again and after a change, and parses it', () => {
    const measured = results.repositories['generated, 40 files'];
    expect(measured).toMatchObject({ cold: { status: 'indexed', files: 40 }, session: { changed: { written: 1 } } });
    expect(measured?.cold.edges).toBeGreaterThan(1000);
    for (const used of [measured?.cold, measured?.parse, measured?.warm, measured?.changed]) expect([used?.wallSeconds, used?.cpuSeconds, used?.peakMegabytes].every((number) => (number ?? 0) > 0)).toBe(true);
    expect(measured?.cold.storeBytes).toBeGreaterThan(10_000);
    expect(measured?.coldToParseRatio).toBeGreaterThan(1);
    expect(Object.keys(measured?.cold.stages ?? {})).toEqual(['acquire', 'extract', 'link', 'publish', 'record', 'retire', 'release']);
  });

  it('asks every question of every store', () => {
    expect(Object.keys(results.queries)).toEqual(['memory, 800 edges', 'sqlite, 800 edges']);
    for (const { latencies } of Object.values(results.queries)) {
      expect(Object.keys(latencies)).toEqual(expect.arrayContaining(['symbols, exact', 'callers', 'callees', 'references', 'implementations', 'show, by id', 'impact, depth 5', 'path']));
      for (const { median, p99 } of Object.values(latencies)) expect(p99).toBeGreaterThanOrEqual(median);
    }
  });

  it('says what machine it ran on, and neither its name nor a path', () => {
    expect(machine.cores).toBeGreaterThan(0);
    expect(machine.node).toBe(process.version);
    expect(readFileSync(file, 'utf8')).not.toMatch(/\/(?:tmp|home|root|Users)\b/);
    expect(output).toContain('times the CPU of parsing alone');
  });
});
