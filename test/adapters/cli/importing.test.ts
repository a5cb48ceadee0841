import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createCommandLine, type CommandLine } from './command-line.js';

describe('codeloom import', () => {
  let cli: CommandLine;
  afterEach(() => cli.remove());

  it('merges an index, tells what came of it, and takes it out again', async () => {
    cli = createCommandLine({ 'a.ts': 'export function load(): number { return 1 }\n', 'b.ts': "import { load } from './a.js';\nload();\n" });
    await cli.run('index');
    const before = (await cli.run('history', '--json')).stdout;
    await cli.run('export', '--format', 'scip', '--output', '../own.scip');
    const imported = JSON.parse((await cli.run('import', 'scip', '../own.scip', '--json')).stdout) as object;
    expect(imported).toMatchObject({ status: 'indexed', imported: { source: 'scip:codeloom', documents: 2, unknown: 0, lost: 0 }, overlays: [{ defined: 0, calls: 0, contradicted: 0 }], snapshot: { overlays: [{ root: '' }] } });
    expect((await cli.run('import', 'scip', '../own.scip')).stdout).toMatch(/Source +scip:codeloom .*\n[^]*nothing to do/);
    expect((await cli.run('verify', '--quiet')).stdout).toMatch(/^ok +clean-build/m);
    expect((await cli.run('import', 'drop', 'scip:codeloom')).code).toBe(0);
    expect(JSON.parse((await cli.run('history', '--json')).stdout)).toMatchObject({ results: expect.arrayContaining([{ head: true, snapshot: (JSON.parse(before) as { results: { snapshot: unknown }[] }).results[0]?.snapshot }]) });
  });

  it('exits 2 for what is no index, or none of this source, and changes nothing', async () => {
    cli = createCommandLine({ 'a.ts': 'export const a = 1;\n' });
    await cli.run('index');
    const before = (await cli.run('history', '--json')).stdout;
    writeFileSync(join(cli.folder, '../bad.scip'), 'no index');
    expect(await cli.run('import', 'scip', '../bad.scip')).toMatchObject({ code: 2, stderr: expect.stringContaining('This is no SCIP index') });
    expect(await cli.run('import', 'scip', '../none.scip')).toMatchObject({ code: 2, stderr: expect.stringContaining('is no file') });
    expect(await cli.run('import', 'drop', 'scip:none')).toMatchObject({ code: 2, stderr: expect.stringContaining('Nothing was imported') });
    expect(JSON.parse((await cli.run('import', 'scip', '../bad.scip', '--json')).stdout)).toMatchObject({ error: { code: 'invalid-index' } });
    expect((await cli.run('history', '--json')).stdout).toBe(before);
  });
});
