import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemoryTree } from '../../src/adapters/memory/git-host.js';
import { workbench, REPOSITORY } from './workbench.js';

const NAMES = ['save', 'load', 'open', 'std_exit', 'nowhere'];
const PATHS = ['a.toy', 'b.toy', 'lib/a.toy', 'lib/c.toy', 'names.conf', 'notes.md', 'x.min.js'];

/** A file that defines and calls a few of the same names as the others; for the configuration, an alias. */
const content = fc.record({ defines: fc.subarray(NAMES), calls: fc.array(fc.constantFrom(...NAMES), { maxLength: 3 }), broken: fc.boolean() });

/** A step of a history: a file is written or removed, the branch is switched, or the tree is left uncommitted. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('write' as const), path: fc.constantFrom(...PATHS), content }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), path: fc.constantFrom(...PATHS) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rename' as const), path: fc.constantFrom(...PATHS), to: fc.constantFrom(...PATHS) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('branch' as const), name: fc.constantFrom('main', 'next') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('index' as const), dirty: fc.boolean() }) },
);

function render(path: string, { defines, calls, broken }: { defines: readonly string[]; calls: readonly string[]; broken: boolean }): string {
  if (path === 'names.conf') return calls.map((name) => `${name}=${defines[0] ?? 'save'}\n`).join('');
  return `${defines.map((name) => `def ${name}\n${calls.map((call) => `  call ${call}\n`).join('')}`).join('')}${broken ? '???\n' : ''}`;
}

describe('law 3: incremental = clean', () => {
  it('after any history the graph has the digest of a clean build of the same tree', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
      const bench = workbench({});
      bench.git.setWorkTree('shop', {});
      const trees = new Map<string, Record<string, string>>([['main', {}], ['next', {}]]);
      let branch = 'main';
      for (const each of [...steps, { kind: 'index' as const, dirty: false }]) {
        const tree = trees.get(branch) ?? {};
        if (each.kind === 'write') tree[each.path] = render(each.path, each.content);
        if (each.kind === 'remove') delete tree[each.path];
        if (each.kind === 'rename' && tree[each.path] !== undefined) {
          tree[each.to] = tree[each.path] ?? '';
          if (each.to !== each.path) delete tree[each.path];
        }
        if (each.kind === 'branch') branch = each.name;
        if (each.kind !== 'index') continue;
        const files: MemoryTree = { ...tree };
        bench.git.setWorkTree('shop', files);
        if (!each.dirty) bench.git.commit('shop', files, branch);
        const outcome = await bench.index(each.dirty ? { branch } : { ref: branch });
        bench.clock.advance(3_600_000);
        const clean = await workbench(files).index();
        expect(outcome.snapshot.digest).toBe(clean.snapshot.digest);
        expect(outcome.snapshot.stats).toEqual(clean.snapshot.stats);
        // And what the store gives back is what was linked.
        expect((await bench.ports.graphStore.heads(REPOSITORY)).find((head) => head.branch === branch)?.id).toBe(outcome.snapshot.id);
      }
    }), { numRuns: 60 });
  });

  it('is the same whatever the order in which facts were put and files are listed', async () => {
    await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.constantFrom(...PATHS.filter((path) => path.endsWith('.toy'))), { minLength: 2 }), content, async (paths, each) => {
      const forward = Object.fromEntries(paths.map((path) => [path, render(path, each) + `def of_${path.length}\n`]));
      const backward = Object.fromEntries(Object.entries(forward).reverse());
      expect((await workbench(forward).index()).snapshot.digest).toBe((await workbench(backward).index()).snapshot.digest);
    }), { numRuns: 20 });
  });
});
