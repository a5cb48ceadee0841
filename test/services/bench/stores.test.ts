import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

interface Published {
  readonly seconds: number;
  readonly rows?: number;
  readonly bareSeconds?: number;
  readonly throughputRatio?: number;
}

interface Measured {
  readonly publish: { readonly full: Published; readonly changed: Published };
  readonly latencies: { readonly [question: string]: { readonly median: number; readonly p95: number } };
}

// What it measures is for people to judge; here only that everything is measured, on every store whose server there is.
it('the bench of stores publishes and asks on each, beside bare calls for the same rows', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'codeloom-test-bench-'));
  try {
    const file = join(folder, 'record.json');
    execFileSync(process.execPath, [fileURLToPath(new URL('../../../bench/stores.mjs', import.meta.url)), '--edges', '4000', '--rounds', '1', '--samples', '3', '--record', file], { stdio: 'pipe' });
    const { results } = JSON.parse(readFileSync(file, 'utf8')) as { readonly results: { readonly stores: { readonly [name: string]: Measured } } }; // written by bench/stores.mjs
    const expected = ['memory', 'sqlite', ...['postgres', 'neo4j'].filter((name) => process.env[`CODELOOM_TEST_${name.toUpperCase()}_URL`] !== undefined)];
    expect(Object.keys(results.stores)).toEqual(expected);
    for (const [name, { publish, latencies }] of Object.entries(results.stores)) {
      expect(Object.keys(latencies)).toEqual(expect.arrayContaining(['callers', 'callees', 'symbols, exact', 'impact, depth 3', ...(name === 'memory' ? [] : ['bare round trip'])]));
      if (name === 'memory') continue;
      // Nodes and edges alone are more than 5,000; of one file they are about 60.
      expect(publish.full.rows).toBeGreaterThan(5000);
      expect(publish.changed.rows).toBeGreaterThan(30);
      expect(publish.changed.rows).toBeLessThan(1000);
      for (const { seconds, bareSeconds = 0, throughputRatio = 0 } of Object.values(publish)) expect(throughputRatio).toBeCloseTo(bareSeconds / seconds, 3);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
