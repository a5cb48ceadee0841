// Scores codeloom against truths: npm run bench:accuracy -- <folder of checked-out repositories> --truth <folder of truths>
// [--only <name>]... [--graphs <folder>] [--errors] [--record <file>] [--document]. See docs/accuracy.md.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine } from '../records.mjs';
import { inDocument, markdown } from './report.mjs';
import { checkedOut, truthsIn } from './source.mjs';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    truth: { type: 'string' }, only: { type: 'string', multiple: true, default: [] }, graphs: { type: 'string' }, errors: { type: 'boolean', default: false },
    record: { type: 'string' }, document: { type: 'boolean', default: false },
  },
});
const [folder] = positionals;
if (folder === undefined || options.truth === undefined) {
  console.error('usage: npm run bench:accuracy -- <folder of checked-out repositories> --truth <folder of truths> [--only <name>] [--graphs <folder>] [--errors] [--record <file>] [--document]');
  process.exit(2);
}
const repositories = {};
for (const source of truthsIn(options.truth)) {
  if (options.only.length > 0 && !options.only.includes(source.name)) continue;
  const checkout = checkedOut(folder, source);
  if (checkout === undefined) console.error(`${source.name}: passed over, there is no ${join(folder, source.name)} (${source.repo} at ${source.commit}).`);
  else repositories[source.name] = describe(source, await measure({ checkout, source, graph: graphFile(source.name) }));
}
if (Object.keys(repositories).length === 0) {
  console.error('Nothing was scored.');
  process.exit(1);
}
const record = { at: new Date().toISOString(), machine: describeMachine({}), repositories };
console.log(markdown(record));
if (options.errors) for (const [name, { errors }] of Object.entries(repositories)) for (const { error, category, what, line } of errors) console.log(`${name}: ${error} ${category}: ${what}${line === undefined ? '' : ` (line ${line})`}`);
const file = options.record ?? (options.document ? here('record.json') : undefined);
if (file !== undefined) writeFileSync(file, `${JSON.stringify(record, rounded, 1)}\n`);
if (options.document) {
  const document = here('../../docs/accuracy.md');
  writeFileSync(document, inDocument(readFileSync(document, 'utf8'), markdown(JSON.parse(readFileSync(here('record.json'), 'utf8')))));
}

function graphFile(name) {
  if (options.graphs === undefined) return undefined;
  mkdirSync(options.graphs, { recursive: true });
  return resolve(options.graphs, `${name}.jsonl`);
}

function measure(request) {
  return new Promise((resolved, reject) => {
    const child = spawn(process.execPath, [here('measure.mjs'), JSON.stringify(request)], { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
    let result = '';
    child.stdio[3].setEncoding('utf8').on('data', (data) => (result += data));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolved(JSON.parse(result)) : reject(new Error(`${request.source.name}: the measurement ended with ${code}.`))));
  });
}

/** What the record keeps of one repository. */
function describe({ repo, commit, subdir, language }, { scores, sites, seconds }) {
  const { missed, wrong, ...rest } = scores;
  return { repo, commit, subdir, language, ...rest, sites, seconds, errors: [...missed.map((each) => ({ error: 'missed', ...each })), ...wrong.map((each) => ({ error: 'wrong', ...each }))] };
}

function rounded(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(4)) : value;
}
