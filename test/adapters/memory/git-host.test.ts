import { describe, expect, it } from 'vitest';
import { createMemoryGitHost } from '../../../src/adapters/memory/git-host.js';
import type { SourceEntry } from '../../../src/domain/ports/git-host.js';
import { gitHostContract } from '../../../src/testing/contracts/git-host.js';

gitHostContract('Memory', async (repository) => ({
  host: createMemoryGitHost({ repositories: [{ location: 'example', ...repository }] }),
  location: 'example',
}));

describe('the memory GitHost', () => {
  it('takes further commits and another work tree', async () => {
    const host = createMemoryGitHost({ repositories: [{ location: 'r', branches: { main: [{ a: '1' }] } }] });
    const before = await host.resolve({ location: 'r' });
    const commit = host.commit('r', { a: '2' });
    expect(await host.resolve({ location: 'r' })).toEqual({ ...before, commit });
    host.setWorkTree('r', { a: '3', b: 'new' });
    const revision = await host.resolve({ location: 'r' });
    expect(revision).toMatchObject({ source: 'work-tree', commit });
    const entries: SourceEntry[] = [];
    for await (const batch of host.list(revision)) entries.push(...batch);
    expect(entries.map((entry) => entry.path)).toEqual(['a', 'b']);
    host.setWorkTree('r', undefined);
    expect(await host.resolve({ location: 'r' })).toMatchObject({ source: 'objects', commit });
  });

  it('gives alike histories alike commits', async () => {
    const branches = { main: [{ a: '1' }, { a: '2' }], other: [{ a: '1' }, { a: '3' }] };
    const host = createMemoryGitHost({ repositories: [{ location: 'r', branches }] });
    const commitOf = async (ref: string) => (await host.resolve({ location: 'r', ref })).commit;
    expect(await commitOf('main~1')).toBe(await commitOf('other~1'));
    expect(await commitOf('main')).not.toBe(await commitOf('other'));
  });

  it('can hold content that cannot be read', async () => {
    const host = createMemoryGitHost({ repositories: [{ location: 'r', branches: { main: [{ a: { content: 'x', broken: 'corrupt' } }] } }] });
    const revision = await host.resolve({ location: 'r' });
    const entries = async function* (): AsyncGenerator<SourceEntry> {
      for await (const batch of host.list(revision)) yield* batch;
    };
    for await (const blob of host.read(revision, entries())) expect(blob).toMatchObject({ error: { code: 'corrupt' } });
  });
});
