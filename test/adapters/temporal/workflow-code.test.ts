import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeFor } from '../../../src/adapters/temporal/workflow-code.js';
import { workflowCode } from '../../../src/infrastructure/workflow-code.js';

describe('the code of workflows', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'codeloom-workflows-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is that of the package, which was bundled when it was built', async () => {
    const { bundle } = workflowCode();
    expect(await codeFor(workflowCode())).toEqual({ workflowBundle: { codePath: bundle } });
    expect(readFileSync(bundle, 'utf8')).toContain('RepoIndexingWorkflow');
  });

  it.each([['of another version of the SDK', '{"sdk":"1.0.0"}'], ['of nobody knows which', '{}'], ['that is told about in no JSON', 'sdk'], ['that nothing is told about', undefined]])('is bundled by the worker in place of a bundle %s', async (_, told) => {
    const bundle = join(folder, 'workflows.js');
    writeFileSync(bundle, '');
    rmSync(`${bundle}.json`, { force: true });
    if (told !== undefined) writeFileSync(`${bundle}.json`, told);
    const { sources } = workflowCode();
    expect(await codeFor({ bundle, sources })).toEqual({ workflowsPath: sources });
    expect(existsSync(sources)).toBe(true);
  });
});
