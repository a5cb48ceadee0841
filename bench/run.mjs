// Measures codeloom and compares with the last record: npm run bench -- [--repository <folder>]... [--sizes 1000,5000,30000] [--edges 100000,1000000]
// [--rounds 3] [--record <file>] [--no-record] [--quick]. See docs/performance.md. Every measurement is a process of its own; what is compared runs in turns.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { changeFile } from './changes.mjs';
import { fileToChange, makeRepository } from './generated-repository.mjs';
import { isSingle } from './questions.mjs';
import { compare, describeMachine, lastRecord, median, medians, saveRecord } from './records.mjs';

const { values: options } = parseArgs({
  options: {
    repository: { type: 'string', multiple: true, default: [] }, sizes: { type: 'string' }, edges: { type: 'string' }, rounds: { type: 'string' },
    record: { type: 'string' }, 'no-record': { type: 'boolean', default: false }, quick: { type: 'boolean', default: false },
  },
});
const quick = options.quick;
const numbers = (text) => text.split(',').filter((part) => part !== '').map((part) => {
  const number = Number(part);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`${part} is no number of files or edges.`);
  return number;
});
const sizes = numbers(options.sizes ?? (quick ? '60' : '1000,5000,30000'));
const edgeCounts = numbers(options.edges ?? (quick ? '2000' : '100000,1000000'));
const [rounds] = numbers(options.rounds ?? (quick ? '1' : '3'));
/** From so many files on one round has to do. */
const LARGE = 10_000;

const measure = fileURLToPath(new URL('measure.mjs', import.meta.url));
const command = fileURLToPath(new URL('../dist/bin/codeloom.js', import.meta.url));
const reporter = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs';
  import { cpuSeconds, peakMegabytes } from ${JSON.stringify(new URL('usage.mjs', import.meta.url).href)};
  process.on('exit', () => writeSync(3, JSON.stringify({ cpuSeconds: cpuSeconds(), peakMegabytes: peakMegabytes() })));`)}`;

/** Runs Node and gives what it wrote to descriptor 3, with the time it took. */
function node(args) {
  return new Promise((resolved, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    let said = '';
    let result = '';
    child.stderr.on('data', (data) => (said = (said + data).slice(-4000)));
    child.stdio[3].on('data', (data) => (result += data));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolved({ wallSeconds: (performance.now() - started) / 1000, ...JSON.parse(result) });
      else reject(new Error(`${args.find((arg) => arg.endsWith('.mjs') || arg.endsWith('.js'))} ended with ${code}:\n${said}`));
    });
  });
}
const child = (what, request, flags = []) => node([...flags, measure, what, JSON.stringify(request)]);
const codeloom = (...args) => node(['--import', reporter, command, ...args]);

const bytesIn = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).reduce((total, entry) => total + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);

async function measureRepository(repository, file, times, work) {
  const list = join(work, 'files.json');
  const turns = [];
  for (let round = 0; round < times; round++) {
    const store = join(work, `store-${round}`);
    const cold = await child('index', { repository, store, filesTo: list });
    const storeBytes = bytesIn(store);
    const parse = await child('parse', { list });
    const warm = await codeloom('index', repository, '--store', store);
    changeFile(join(repository, file));
    const changed = await codeloom('index', repository, '--store', store);
    const { runs, unchanged } = await child('session', { repository, store, file, rounds: quick ? 2 : 5 });
    execFileSync('git', ['checkout', '--quiet', '--', file], { cwd: repository });
    rmSync(store, { recursive: true, force: true });
    turns.push({ cold: { ...cold, storeBytes }, parse, warm, changed, session: { changed: medians(runs), unchangedSeconds: median(unchanged) }, coldToParseRatio: cold.cpuSeconds / parse.cpuSeconds });
  }
  const result = medians(turns);
  const { cold } = result;
  return { ...result, cold: { ...cold, filesPerSecond: cold.files / cold.wallSeconds, megabytesPerSecond: cold.bytes / 1e6 / cold.wallSeconds } };
}

const results = { repositories: {}, queries: {} };
const work = mkdtempSync(join(tmpdir(), 'codeloom-bench-'));
try {
  for (const folder of options.repository) {
    const place = mkdtempSync(join(work, 'repository-'));
    const repository = join(place, 'checkout');
    execFileSync('git', ['clone', '--quiet', '-c', 'core.autocrlf=false', resolve(folder), repository], { stdio: ['ignore', 'ignore', 'inherit'] });
    const files = execFileSync('git', ['ls-files', '-z'], { cwd: repository, encoding: 'utf8' }).split('\0').filter((path) => /\.(?:[cm]?[jt]s|py)$/.test(path)).sort();
    const name = basename(resolve(folder));
    const file = files[files.length >> 1];
    if (file === undefined) throw new Error(`${name} has no source file that a measurement could change.`);
    results.repositories[name] = await measureRepository(repository, file, rounds, place);
    show(name, results.repositories[name]);
    rmSync(place, { recursive: true, force: true });
  }
  for (const size of sizes) {
    const place = mkdtempSync(join(work, 'generated-'));
    const repository = join(place, 'checkout');
    await makeRepository(repository, size);
    const name = `generated, ${size} files`;
    results.repositories[name] = await measureRepository(repository, fileToChange(size), size >= LARGE ? 1 : rounds, place);
    show(name, results.repositories[name]);
    rmSync(place, { recursive: true, force: true });
  }
  for (const edges of edgeCounts) {
    for (const kind of ['memory', 'sqlite']) {
      const place = mkdtempSync(join(work, 'queries-'));
      const result = await child('queries', { edges, kind, store: place, samples: quick ? 5 : 300 }, ['--max-old-space-size=8192']);
      const { publishCpuSeconds, nodes } = result;
      results.queries[`${kind}, ${edges} edges`] = { ...result, rowsPerCpuSecond: (nodes + result.edges) / publishCpuSeconds, storeBytes: bytesIn(place) };
      console.log(`\nQuestions over ${kind} with ${edges} edges, in milliseconds (* has the aim of 10):`);
      console.table(Object.fromEntries(Object.entries(result.latencies).map(([question, times]) => [`${isSingle(question) ? '* ' : ''}${question}`, fixed(times, 2)])));
      rmSync(place, { recursive: true, force: true });
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

const record = { format: 1, at: new Date().toISOString(), machine: describeMachine({ rounds }), results };
const last = lastRecord();
if (last !== undefined) {
  const rows = compare(last, record);
  if (rows.length > 0) {
    console.log(`\nAgainst ${last.name} (${last.machine.processor}, ${last.machine.cores} cores, ${last.machine.node}):`);
    console.table(rows);
  }
}
if (!options['no-record'] && (!quick || options.record !== undefined)) console.log(`Recorded in ${basename(saveRecord(record, options.record === undefined ? {} : { file: options.record }))}`);

function show(name, { cold, parse, warm, changed, session, coldToParseRatio }) {
  const row = ({ wallSeconds, cpuSeconds, peakMegabytes }) => fixed({ 'wall s': wallSeconds, 'CPU s': cpuSeconds, 'peak MB': peakMegabytes }, 2);
  console.log(`\n${name}: ${cold.files} files, ${(cold.bytes / 1e6).toFixed(1)} MB, ${cold.symbols} symbols, ${cold.edges} edges, ${cold.callSites} call sites; store ${(cold.storeBytes / 1e6).toFixed(0)} MB`);
  console.log(`cold: ${cold.filesPerSecond.toFixed(0)} files/s, ${cold.megabytesPerSecond.toFixed(2)} MB/s; ${coldToParseRatio.toFixed(2)} times the CPU of parsing alone`);
  console.table({
    'parse only, one thread': row(parse), cold: row(cold),
    ...Object.fromEntries(Object.entries(cold.stages).map(([stage, used]) => [`  ${stage}`, row(used)])),
    'again, by command': row(warm), 'one file changed, by command': row(changed),
    'again, after start-up': fixed({ 'wall s': session.unchangedSeconds }, 3), 'one file changed, after start-up': { ...fixed({ 'wall s': session.changed.wallSeconds, 'CPU s': session.changed.cpuSeconds }, 3) },
    ...Object.fromEntries(Object.entries(session.changed.stages).map(([stage, { wallSeconds, cpuSeconds }]) => [`  ${stage} `, fixed({ 'wall s': wallSeconds, 'CPU s': cpuSeconds }, 3)])),
  });
}

function fixed(numbers, digits) {
  return Object.fromEntries(Object.entries(numbers).map(([key, number]) => [key, Number(number.toFixed(digits))]));
}
