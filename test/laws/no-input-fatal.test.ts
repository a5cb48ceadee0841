import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createCodeloom, createTreeSitterParser, type Codeloom, type GitHost } from '../../src/index.js';
import { createMemoryGitHost } from '../../src/testing.js';
import { WORLDS, firstTree } from './generated/history.js';
import { lawParameters } from './generated/law-parameters.js';

const parser = createTreeSitterParser({ workers: 0 });
afterAll(() => parser.close());

/** What may become of a file: bytes of no text, its own with some gone or others in between, or text that nobody writes. */
type Damage =
  | { readonly kind: 'garbage'; readonly bytes: Uint8Array }
  | { readonly kind: 'cut' | 'cut-off-start'; readonly at: number }
  | { readonly kind: 'insert'; readonly at: number; readonly text: string }
  | { readonly kind: 'bytes-within'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'utf-16' | 'long-line' | 'deep' | 'empty' | 'nul' };

const bytes = fc.uint8Array({ minLength: 40, maxLength: 400 });
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 }), fc.constantFrom('\uFEFF', '"""', '`${', '/*', '{'.repeat(3000), '(\n', '\u2028', '\r', '<<<<<<< HEAD\n', '\u0000'));
const at = fc.nat(2_000);
/** In every world the first file is configuration, which decides about all others. */
const file = fc.oneof({ weight: 2, arbitrary: fc.nat(50) }, { weight: 1, arbitrary: fc.constant(0) });
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('garbage' as const), bytes }),
  fc.record({ kind: fc.constantFrom('cut' as const, 'cut-off-start' as const), at }),
  fc.record({ kind: fc.constant('insert' as const), at, text }),
  fc.record({ kind: fc.constant('bytes-within' as const), at, bytes }),
  fc.record({ kind: fc.constantFrom('utf-16' as const, 'long-line' as const, 'deep' as const, 'empty' as const, 'nul' as const) }),
);

describe('law 7: no input is fatal', () => {
  it('whatever bytes some files have, the others keep what they declare, and what cannot be read is told', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom(...WORLDS), fc.array(fc.tuple(file, damage), { minLength: 1, maxLength: 3 }), async (world, damages) => {
      const whole = firstTree({ world, beginning: [] });
      const paths = [...whole.keys()];
      const tree = new Map<string, Uint8Array>([...whole].map(([path, content]) => [path, Buffer.from(content)]));
      const damaged = new Map<string, Damage['kind']>();
      for (const [file, each] of damages) {
        const path = paths[file % paths.length] ?? '';
        tree.set(path, inflict(tree.get(path) ?? new Uint8Array(), each));
        damaged.set(path, damaged.has(path) ? 'cut' : each.kind);
      }
      const codeloom = await createCodeloom({ store: 'memory', parser, gitHost: hostOf({ whole: Object.fromEntries(whole), damaged: Object.fromEntries(tree) }) });
      try {
        const before = await codeloom.index({ location: 'whole' });
        const after = await codeloom.index({ location: 'damaged' });
        expect(after.status).toBe('indexed');
        const [were, are] = [await declarations(codeloom, before.repository.id), await declarations(codeloom, after.repository.id)];
        for (const [path, declared] of were) if (!damaged.has(path)) expect(are.get(path), path).toEqual(declared);
        // Each file is there, or counted as passed over.
        const skipped = Object.values(after.snapshot.stats.skipped).reduce((sum, count) => sum + count, 0) - Object.values(before.snapshot.stats.skipped).reduce((sum, count) => sum + count, 0);
        expect(are.size + skipped).toBe(were.size);
        const told = new Set((await codeloom.diagnostics({ repository: after.repository.id })).results.map(({ path }) => path));
        for (const [path, kind] of damaged) if (kind === 'garbage' && are.has(path)) expect(told, path).toContain(path);
        for (const { id } of (await codeloom.symbols({ repository: after.repository.id, text: 'save' })).results) await codeloom.impact({ repository: after.repository.id, symbol: id });
        expect((await codeloom.verify({ repository: after.repository.id })).ok).toBe(true);
      } finally {
        await codeloom.close();
      }
    }), lawParameters(25));
  }, 3_600_000);
});

function inflict(content: Uint8Array, damage: Damage): Uint8Array {
  const place = 'at' in damage ? damage.at % (content.length + 1) : 0;
  switch (damage.kind) {
    case 'garbage': return damage.bytes;
    case 'cut': return content.subarray(0, place);
    case 'cut-off-start': return content.subarray(place);
    case 'insert': return Buffer.concat([content.subarray(0, place), Buffer.from(damage.text), content.subarray(place)]);
    case 'bytes-within': return Buffer.concat([content.subarray(0, place), damage.bytes, content.subarray(place)]);
    case 'utf-16': return Buffer.from(`\uFEFF${Buffer.from(content).toString()}`, 'utf16le');
    case 'long-line': return Buffer.from(Buffer.from(content).toString().replaceAll('\n', ';').repeat(40));
    case 'deep': return Buffer.concat([content, Buffer.from(`\nx = ${'['.repeat(4_000)}${']'.repeat(4_000)}\n`)]);
    case 'empty': return new Uint8Array();
    case 'nul': return Buffer.concat([content, new Uint8Array(50)]);
  }
}

function hostOf(trees: Readonly<Record<string, Readonly<Record<string, string | Uint8Array>>>>): GitHost {
  return createMemoryGitHost({ repositories: Object.entries(trees).map(([location, tree]) => ({ location, branches: { main: [tree] } })) });
}

/** What each file declares: its nodes without those outside. */
async function declarations(codeloom: Codeloom, repository: string): Promise<ReadonlyMap<string, readonly unknown[]>> {
  return codeloom.read({ repository }, async (reader) => {
    const found = new Map<string, readonly unknown[]>();
    for await (const batch of reader.partitions()) for (const { path, nodes } of batch) found.set(path, nodes.filter(({ kind }) => kind !== 'external'));
    return found;
  });
}
