import { describe, expect, it } from 'vitest';
import { linkIncrementally } from '../../src/domain/linking/incremental.js';
import { CodeloomError } from '../../src/domain/errors.js';
import { memoryKeys } from '../../src/use-cases/link-memory.js';
import { undoStep } from '../../src/use-cases/undo-step.js';
import { REPOSITORY, workbench } from './workbench.js';

const SOURCE = { 'a.ts': 'export const a = 1;\n' };

describe('undoing links', () => {
  it('forgets what is remembered of a snapshot that was never published', async () => {
    const bench = workbench(SOURCE, { link: linkIncrementally });
    const { graphStore, factStore } = bench.ports;
    const { publish } = graphStore;
    let lost = '';
    graphStore.publish = async ({ snapshot }) => {
      lost = snapshot.id;
      expect(await memoryKeys(factStore, { repository: REPOSITORY, snapshot: lost })).not.toEqual([]);
      throw new CodeloomError('store-full', 'No space.');
    };
    await expect(bench.index()).rejects.toMatchObject({ code: 'store-full' });
    expect(await memoryKeys(factStore, { repository: REPOSITORY, snapshot: lost })).toEqual([]);
    graphStore.publish = publish;
    expect((await bench.index()).status).toBe('indexed');
  });

  it('keeps what a head remembers', async () => {
    const bench = workbench(SOURCE, { link: linkIncrementally });
    const { snapshot } = await bench.index();
    await undoStep(bench.ports, { kind: 'forget-links', repository: REPOSITORY, snapshot: snapshot.id }, {});
    expect(await memoryKeys(bench.ports.factStore, { repository: REPOSITORY, snapshot: snapshot.id })).not.toEqual([]);
  });
});
