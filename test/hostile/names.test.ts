import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitHost } from '../../src/adapters/git/git-host.js';
import { git, openWorkshop, type Workshop } from '../adapters/git/build-repository.js';

/** A million before a release (CODELOOM_NAMES=1000000), fewer in every run. */
const NAMES = Number(process.env['CODELOOM_NAMES'] ?? 50_000);
const IN_FOLDER = 1_000;

let workshop: Workshop;
beforeEach(() => { workshop = openWorkshop(); });
afterEach(() => workshop.dispose());

it(`${NAMES} names are listed in order, in batches, without being held`, { timeout: 600_000 }, async () => {
  const folder = join(workshop.folder, 'many.git');
  git(workshop.folder, ['init', '-q', '--bare', '--initial-branch=main', 'many.git']);
  const blob = git(folder, ['hash-object', '-w', '--stdin'], 'x\n').trim();
  const files = Array.from({ length: IN_FOLDER }, (_, index) => `100644 blob ${blob}\tf${String(index).padStart(4, '0')}.txt\n`).join('');
  const tree = git(folder, ['mktree'], files).trim();
  const top = git(folder, ['mktree'], Array.from({ length: NAMES / IN_FOLDER }, (_, index) => `040000 tree ${tree}\td${String(index).padStart(4, '0')}\n`).join('')).trim();
  git(folder, ['update-ref', 'refs/heads/main', git(folder, ['commit-tree', top], 'many').trim()]);

  const host = createGitHost({ cacheFolder: join(workshop.folder, 'mirrors') });
  const before = process.memoryUsage().heapUsed;
  let count = 0;
  let largest = 0;
  let last = '';
  let ordered = true;
  let peak = 0;
  for await (const batch of host.list(await host.resolve({ location: folder }))) {
    count += batch.length;
    largest = Math.max(largest, batch.length);
    for (const { path } of batch) {
      ordered &&= last < path;
      last = path;
    }
    peak = Math.max(peak, process.memoryUsage().heapUsed - before);
  }
  expect({ count, ordered }).toEqual({ count: NAMES, ordered: true });
  expect(largest).toBeLessThanOrEqual(1_000);
  expect(peak / (1 << 20)).toBeLessThan(200);
});
