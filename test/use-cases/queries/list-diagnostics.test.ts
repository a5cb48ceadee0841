import { describe, expect, it } from 'vitest';
import { isConfiguration } from '../../../src/domain/linking/languages/index.js';
import { linkIncrementally } from '../../../src/domain/linking/incremental.js';
import { createTreeSitterParser } from '../../../src/adapters/tree-sitter/parser.js';
import { listDiagnostics } from '../../../src/use-cases/queries/list-diagnostics.js';
import { workbench } from '../workbench.js';

describe('what could not be read in full', () => {
  it('lists syntax errors, imports that lead nowhere and wrong configuration files, and the snapshot counts them', async () => {
    const { ports, index } = workbench({
      'src/main.ts': "import { gone } from './gone.js';\ngone();\n",
      'src/broken.ts': 'export function f( {\n',
      'tsconfig.json': '{ "extends": "./tsconfig.json" }',
    }, { parser: createTreeSitterParser({ workers: 0 }), link: linkIncrementally, isConfiguration });
    const outcome = await index();

    const { results } = await listDiagnostics(ports);
    expect(results.map(({ path, line, code }) => [path, line, code])).toEqual([
      ['src/broken.ts', 1, 'syntax-error'],
      ['src/main.ts', 1, 'missing-import'],
      ['tsconfig.json', undefined, 'configuration-cycle'],
    ]);
    expect(outcome.diagnostics).toBe(3);
  });

  it('is empty when all was read', async () => {
    const { ports, index } = workbench();
    await index();
    expect((await listDiagnostics(ports)).results).toEqual([]);
  });
});
