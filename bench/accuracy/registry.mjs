// Accuracy on packages of registries, and the floor that it must not fall below: node bench/accuracy/registry.mjs [--raise] [--errors]. --raise lifts the floor to
// what is reached now; it never lowers it. See docs/accuracy.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { graphOf } from './graph.mjs';
import { unpacked } from './packages.mjs';
import { score } from './score.mjs';
import { treeOf } from './source.mjs';
import { readRows } from './truth.mjs';

const home = fileURLToPath(new URL('../../test/accuracy/', import.meta.url));
const read = (file) => JSON.parse(readFileSync(home + file, 'utf8'));

/** The packages, each with where it comes from and what of it is read. */
export const packages = read('packages.json');
export const floor = read('floor.json');

/** Fetches a package, indexes it and scores it against its truth. Throws an Error that says why when it cannot be fetched. */
export async function measurePackage(entry) {
  const folder = unpacked(entry);
  return async () => {
    const { rows } = await graphOf(treeOf(folder, entry));
    const scores = score(readRows(`${home}truth/${entry.name}.jsonl.gz`), rows);
    return { figures: figures(scores), missed: scores.missed, wrong: scores.wrong };
  };
}

/** What the floor is about. Rounded down, so that what is reached is never below it. */
function figures({ definitions, imports, heritage, calls }) {
  const down = (share) => Math.floor((share ?? 1) * 10_000) / 10_000;
  return { definitions: down(definitions.f1), imports: down(imports.f1), heritage: down(heritage.f1), callsPrecision: down(calls.precision), callsRecall: down(calls.recall) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const entry of packages) {
    const { figures: reached, missed, wrong } = await (await measurePackage(entry))();
    console.log(entry.name, JSON.stringify(reached));
    if (process.argv.includes('--errors')) for (const [error, list] of [['missed', missed], ['wrong', wrong]]) for (const { category, what, line } of list) console.log(`  ${error} ${category}: ${what}${line === undefined ? '' : ` (line ${line})`}`);
    floor[entry.name] = Object.fromEntries(Object.entries(reached).map(([key, value]) => [key, Math.max(value, floor[entry.name]?.[key] ?? 0)]));
  }
  if (process.argv.includes('--raise')) writeFileSync(`${home}floor.json`, `${JSON.stringify(floor, undefined, 1)}\n`);
}
