import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createCodeloom, createTreeSitterParser, type Codeloom, type Snapshot } from '../../src/index.js';
import { createMemoryGitHost } from '../../src/testing.js';
import { graphDifference } from './generated/graph-difference.js';
import { histories, statesOf, type Tree } from './generated/history.js';
import { lawParameters } from './generated/law-parameters.js';
import { buildHistory, holdInMemory, tellStory } from './generated/repository.js';

const parser = createTreeSitterParser({ workers: 0 });
afterAll(() => parser.close());

describe('law 3: incremental = clean', () => {
  it('after any history of a repository in real languages, each snapshot has the graph of a clean build', async () => {
    const seen = { states: 0, resolved: 0, candidates: 0, kept: 0 };
    await fc.assert(fc.asyncProperty(histories(), ways, async (history, { host, store }) => {
      const states = statesOf(history);
      const repository = await (host === 'git' ? buildHistory(states) : holdInMemory(states));
      const open = (): Promise<Codeloom> => createCodeloom({ store: store === 'memory' ? store : repository.dataFolder, parser, gitHost: repository.gitHost });
      let kept = await open();
      try {
        for (const [mark, { tree }] of states.entries()) {
          if (store !== 'memory') {
            // As a command does: what was remembered is read from the store.
            await kept.close();
            kept = await open();
          }
          const outcome = await kept.index(repository.request(mark));
          const difference = await differenceFromCleanBuild({ codeloom: kept, snapshot: outcome.snapshot }, tree);
          if (difference !== '') throw new Error(`State ${mark} (${store} store) differs from a clean build:\n${difference}\n\n${tellStory(states, mark)}`);
          seen.states += 1;
          seen.resolved += outcome.snapshot.stats.verdicts.resolved;
          seen.candidates += outcome.snapshot.stats.verdicts.candidates;
          seen.kept += outcome.counts.selected - outcome.counts.added - outcome.counts.replaced;
        }
      } finally {
        await kept.close();
        await repository.dispose();
      }
    }), lawParameters(30));
    if (process.env['CODELOOM_LAW_RUNS'] !== undefined) console.log(seen);
    // What is generated is about something: calls resolve, and partitions are carried over.
    expect(Math.min(seen.resolved, seen.candidates, seen.kept)).toBeGreaterThan(seen.states);
  }, 3_600_000);
});

/** Git's processes and the disk take most of the time of so small a repository: one history in four goes through both. */
const ways = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ host: 'memory', store: 'memory' } as const) },
  { weight: 1, arbitrary: fc.constant({ host: 'git', store: 'sqlite' } as const) },
);

/** What a store that knows nothing makes of the same files, read out of memory instead of Git; empty when the same. */
async function differenceFromCleanBuild({ codeloom, snapshot }: { readonly codeloom: Codeloom; readonly snapshot: Snapshot }, tree: Tree): Promise<string> {
  const gitHost = createMemoryGitHost({ repositories: [{ location: 'clean', branches: { main: [Object.fromEntries(tree)] } }] });
  const clean = await createCodeloom({ store: 'memory', parser, gitHost });
  try {
    const { snapshot: expected } = await clean.index({ location: 'clean' });
    if (expected.digest === snapshot.digest && JSON.stringify(expected.stats) === JSON.stringify(snapshot.stats)) return '';
    const difference = await graphDifference({ codeloom, snapshot }, { codeloom: clean, snapshot: expected });
    return difference === '' ? `digest or statistics: ${JSON.stringify([snapshot.digest, snapshot.stats])}, should be ${JSON.stringify([expected.digest, expected.stats])}` : difference;
  } finally {
    await clean.close();
  }
}
