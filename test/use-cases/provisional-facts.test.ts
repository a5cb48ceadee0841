import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryParser } from '../../src/adapters/memory/parser.js';
import { encodeFacts, decodeFacts } from '../../src/domain/facts-codec.js';
import type { Parser } from '../../src/domain/ports/parser.js';
import { SHOP, workbench, type Workbench } from './workbench.js';

const HOUR = 60 * 60 * 1000;

describe('a file that a busy machine did not read in time', () => {
  let busy: boolean;
  let parsed: string[];
  let bench: Workbench;

  /** Gives up on `store.toy` while the machine is busy. */
  function parserOfABusyMachine(): Parser {
    const parser = createMemoryParser();
    return {
      ...parser,
      async *extract(sources, options) {
        for await (const output of parser.extract(sources, options)) {
          parsed.push(output.key);
          const facts = decodeFacts(output.facts);
          if (!busy || !facts.definitions.some(({ name }) => name === 'write')) yield output;
          else {
            const late = [{ code: 'timeout', message: 'Not read in time.' }] as const;
            yield { key: output.key, facts: encodeFacts({ ...facts, definitions: [], sites: [], diagnostics: late }), diagnostics: late, provisional: true };
          }
        }
      },
    };
  }

  const clean = async () => (await workbench().index()).snapshot.digest;

  beforeEach(() => {
    busy = true;
    parsed = [];
    bench = workbench(SHOP, { parser: parserOfABusyMachine() });
  });

  it('is counted in its snapshot and said to be tried again', async () => {
    const outcome = await bench.index();
    expect(outcome).toMatchObject({ status: 'indexed', snapshot: { stats: { files: 3, provisional: 1 } } });
    expect(outcome.notes).toContainEqual(expect.stringContaining('1 file was not read in time'));
    expect(outcome.snapshot.digest).not.toBe(await clean());
  });

  it('leaves the same state as it is for an hour (law 4), without another try', async () => {
    const first = await bench.index();
    parsed = [];
    bench.clock.advance(HOUR - 1);
    expect(await bench.index()).toMatchObject({ status: 'unchanged', snapshot: { id: first.snapshot.id } });
    expect(parsed).toEqual([]);
  });

  it('is read again after an hour, and the graph is that of a clean build (law 3)', async () => {
    const first = await bench.index();
    busy = false;
    bench.clock.advance(HOUR);
    parsed = [];
    const second = await bench.index();
    expect(parsed).toHaveLength(1);
    expect(second).toMatchObject({ status: 'indexed', snapshot: { digest: await clean(), base: first.snapshot.id } });
    expect(second.snapshot.stats.provisional).toBeUndefined();
    expect(second.snapshot.id).not.toBe(first.snapshot.id);
    expect(await bench.index()).toMatchObject({ status: 'unchanged', snapshot: { id: second.snapshot.id } });
    bench.clock.advance(1000 * HOUR);
    expect(await bench.index()).toMatchObject({ status: 'unchanged', snapshot: { id: second.snapshot.id } });
  });

  it('may be too much again: then nothing has changed, and it is not tried at once again', async () => {
    const first = await bench.index();
    bench.clock.advance(2 * HOUR);
    expect(await bench.index()).toMatchObject({ status: 'unchanged', snapshot: { id: first.snapshot.id } });
    parsed = [];
    expect(await bench.index()).toMatchObject({ status: 'unchanged', snapshot: { id: first.snapshot.id } });
    expect(parsed).toEqual([]);
    expect(await bench.ports.graphStore.snapshots(first.repository.id)).toHaveLength(1);
  });

  it('is not parsed again within the hour for another branch, and is after it', async () => {
    await bench.index();
    parsed = [];
    expect(await bench.index({ branch: 'other' })).toMatchObject({ status: 'indexed', counts: { parsed: 0 }, snapshot: { stats: { provisional: 1 } } });
    bench.clock.advance(HOUR);
    busy = false;
    expect(await bench.index({ branch: 'third' })).toMatchObject({ status: 'indexed', counts: { parsed: 1 }, snapshot: { digest: await clean() } });
  });
});
