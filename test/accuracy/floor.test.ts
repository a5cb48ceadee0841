import { describe, expect, it } from 'vitest';
import { floor, measurePackage, packages, type Figures } from '../../bench/accuracy/registry.mjs';

// Needs the registries, once: what is fetched is kept in node_modules/.cache. `npm run accuracy:floor` lifts the floor to what is reached.
describe('accuracy on packages of registries does not fall', () => {
  for (const entry of packages) it(`${entry.name} ${entry.version}`, { timeout: 180_000 }, async ({ skip }) => {
    const measure = await measurePackage(entry).catch((error: unknown) => {
      if (process.env['CI'] === 'true') throw error;
      return error instanceof Error ? error.message : String(error);
    });
    if (typeof measure === 'string') return skip(`cannot be fetched: ${measure}`);
    const { figures, missed, wrong } = await measure();
    const least = floor[entry.name];
    if (least === undefined) throw new Error(`test/accuracy/floor.json has nothing for ${entry.name}.`);
    const fallen = (Object.keys(least) as (keyof Figures)[]).filter((key) => figures[key] < least[key]); // keys of Figures
    const errors = [...missed.map((each) => `missed: ${each.category}: ${each.what}`), ...wrong.map((each) => `wrong: ${each.category}: ${each.what}`)];
    expect(fallen.map((key) => `${key} ${figures[key]}, at least ${least[key]}`), errors.join('\n')).toEqual([]);
  });
});
