import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

interface Subject {
  readonly runs: { readonly [run: string]: { readonly wallSeconds: number; readonly stages: { readonly [stage: string]: number } } };
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

const there = ['CODELOOM_TEST_TEMPORAL_URL', 'CODELOOM_TEST_POSTGRES_URL'].every((variable) => (process.env[variable] ?? '') !== '');

// What it measures is for people to judge; here only that everything is measured. It fails by itself when the graphs are not the same.
it.skipIf(!there)('the bench of durable runs measures them beside runs in process, with one worker and with two', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'codeloom-test-bench-'));
  try {
    const file = join(folder, 'record.json');
    execFileSync(process.execPath, [fileURLToPath(new URL('../../../bench/durable.mjs', import.meta.url)), '--files', '40', '--rounds', '1', '--record', file], { stdio: 'pipe' });
    const { results } = JSON.parse(readFileSync(file, 'utf8')) as { readonly results: { readonly repositories: { readonly [name: string]: { readonly [subject: string]: Subject } } } }; // written by bench/durable.mjs
    const subjects = results.repositories['generated, 40 files'] ?? {};
    expect(Object.keys(subjects)).toEqual(['in process', 'one worker', 'two workers']);
    for (const { runs, cpuSeconds, peakMegabytes } of Object.values(subjects)) {
      expect(Object.keys(runs)).toEqual(['from nothing', 'nothing changed', 'one file changed']);
      expect(Object.keys(runs['from nothing']?.stages ?? {})).toEqual(['acquire', 'extract', 'link', 'publish', 'record', 'retire', 'release']);
      expect(Object.keys(runs['nothing changed']?.stages ?? {})).toEqual(['acquire', 'release']);
      for (const { wallSeconds } of Object.values(runs)) expect(wallSeconds).toBeGreaterThan(0);
      expect(cpuSeconds).toBeGreaterThan(0);
      expect(peakMegabytes).toBeGreaterThan(0);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
