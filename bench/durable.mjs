// Measures what durable runs cost beside runs in process, and what a second worker brings: npm run bench:durable -- [--files 3000] [--repository <folder>]... [--rounds 3] [--parsers 1]
// [--record <file>] [--no-record]. Temporal and PostgreSQL are those that CODELOOM_TEST_TEMPORAL_URL and CODELOOM_TEST_POSTGRES_URL name. In each round, in turns: in process, one worker,
// two workers; each with a schema and clones of its own, and three runs: a commit from nothing, the same again, and the next commit, which changes one file. Every process extracts with
// so many parsers (default 1), as if each had a machine of so many cores. See docs/performance.md.
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { dropPostgresStores } from '../dist/postgres.js';
import { createTemporalRuns } from '../dist/temporal.js';
import { changeFile } from './changes.mjs';
import { fileToChange, makeRepository } from './generated-repository.mjs';
import { compare, describeMachine, lastRecord, medians, saveRecord } from './records.mjs';

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', default: '3000' }, repository: { type: 'string', multiple: true, default: [] }, rounds: { type: 'string', default: '3' }, parsers: { type: 'string', default: '1' },
    record: { type: 'string' }, 'no-record': { type: 'boolean', default: false },
  },
});
const [files, rounds, parsers] = [options.files, options.rounds, options.parsers].map((text) => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`${text} is no number of files, rounds or parsers.`);
  return number;
});
const [address, database] = ['CODELOOM_TEST_TEMPORAL_URL', 'CODELOOM_TEST_POSTGRES_URL'].map((variable) => {
  if ((process.env[variable] ?? '') === '') throw new Error(`${variable} names no server.`);
  return process.env[variable];
});
const processOf = fileURLToPath(new URL('durable-process.mjs', import.meta.url));

/** Who works, and how many of them. */
const SUBJECTS = { 'in process': 0, 'one worker': 1, 'two workers': 2 };
/** The three runs, in their order, by what is asked for: one commit twice, then the next. */
const RUNS = { 'from nothing': 'first', 'nothing changed': 'first', 'one file changed': 'second' };

const work = mkdtempSync(join(tmpdir(), 'codeloom-bench-'));
const results = { parsers, repositories: {} };
try {
  for (const folder of options.repository) await measureRepository(basename(resolve(folder)), await cloned(resolve(folder)));
  if (options.repository.length === 0) await measureRepository(`generated, ${files} files`, await generated(files));
} finally {
  rmSync(work, { recursive: true, force: true });
}

const record = { format: 1, at: new Date().toISOString(), machine: describeMachine({ rounds }), results };
const last = lastRecord('durable-');
if (last !== undefined) console.table(compare(last, record));
if (!options['no-record']) console.log(`Recorded in ${basename(saveRecord(record, { ...(options.record === undefined ? {} : { file: options.record }), kind: 'durable-' }))}`);

async function measureRepository(name, repository) {
  const turns = Object.fromEntries(Object.keys(SUBJECTS).map((subject) => [subject, []]));
  const digests = new Map();
  for (let round = 1; round <= rounds; round++) {
    for (const [subject, workers] of Object.entries(SUBJECTS)) {
      const place = { folder: mkdtempSync(join(work, 'turn-')), schema: `bench_${randomUUID().replaceAll('-', '').slice(0, 12)}` };
      try {
        const { runs, cpuSeconds, peakMegabytes } = await (workers === 0 ? inProcess(repository, place) : durably(repository, place, workers));
        for (const [run, { digest }] of Object.entries(runs)) same(digests, RUNS[run], digest);
        turns[subject].push({ runs: Object.fromEntries(Object.entries(runs).map(([run, { stages, wallSeconds }]) => [run, { wallSeconds, stages }])), cpuSeconds, peakMegabytes });
      } finally {
        await dropPostgresStores({ url: database, schema: place.schema });
        rmSync(place.folder, { recursive: true, force: true });
      }
      console.log(`round ${round}, ${subject}: ${Object.entries(turns[subject].at(-1).runs).map(([run, { wallSeconds }]) => `${run} ${wallSeconds.toFixed(2)} s`).join(', ')}`);
    }
  }
  results.repositories[name] = Object.fromEntries(Object.entries(turns).map(([subject, list]) => [subject, medians(list)]));
  show(name, results.repositories[name]);
}

/** Law 5: whoever works, the graph of a commit is the same. */
function same(digests, commit, digest) {
  if ((digests.get(commit) ?? digest) !== digest) throw new Error(`The ${commit} commit's graph is not the same in every run.`);
  digests.set(commit, digest);
}

async function inProcess(repository, { folder, schema }) {
  const child = start('index', { database, schema, mirrors: join(folder, 'mirrors'), parsers });
  await child.line();
  const runs = {};
  let used;
  for (const [run, commit] of Object.entries(RUNS)) {
    child.say(JSON.stringify({ location: repository.url, ref: repository[commit], branch: 'main' }));
    used = runs[run] = await child.line();
  }
  await child.end();
  return { runs, cpuSeconds: Object.values(runs).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0), peakMegabytes: used.peakMegabytes };
}

async function durably(repository, { folder, schema }, count) {
  const taskQueue = `bench-${randomUUID()}`;
  const workers = Array.from({ length: count }, (_, index) => start('worker', { address, taskQueue, database, schema, mirrors: join(folder, `mirrors-${index}`), parsers }));
  const runsOf = await createTemporalRuns({ temporal: { address }, taskQueue, fanOutFrom: 100 });
  try {
    await Promise.all(workers.map((worker) => worker.line()));
    const before = await usedBy(workers);
    const runs = {};
    for (const [run, commit] of Object.entries(RUNS)) {
      const begun = performance.now();
      const { id } = await runsOf.start({ repositoryId: schema, name: 'bench/repository', url: repository.url, branch: 'main', commit: repository[commit] });
      const { digest } = await runsOf.result(id);
      const wallSeconds = (performance.now() - begun) / 1000;
      const { progress: { stages } } = await runsOf.progress(id);
      runs[run] = { digest, wallSeconds, stages: Object.fromEntries(stages.map(({ stage, startedAt, endedAt }) => [stage, (Date.parse(endedAt) - Date.parse(startedAt)) / 1000])) };
    }
    const after = await usedBy(workers);
    return { runs, cpuSeconds: sum(after, 'cpuSeconds') - sum(before, 'cpuSeconds'), peakMegabytes: Math.max(...after.map(({ peakMegabytes }) => peakMegabytes)) };
  } finally {
    await runsOf.close();
    await Promise.all(workers.map((worker) => worker.end()));
  }
}

function usedBy(workers) {
  return Promise.all(workers.map((worker) => {
    worker.say('used');
    return worker.line();
  }));
}

/** A child that speaks in lines of JSON. */
function start(what, request) {
  const child = spawn(process.execPath, [processOf, what, JSON.stringify(request)], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data) => (said = (said + data).slice(-4000)));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise((resolved) => child.on('close', resolved));
  return {
    say: (line) => child.stdin.write(`${line}\n`),
    async line() {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`A process ended with ${await ended}:\n${said}`);
      return JSON.parse(value);
    },
    async end() {
      child.stdin.end();
      if (await ended !== 0) throw new Error(`A process ended with ${child.exitCode ?? child.signalCode}:\n${said}`);
    },
  };
}

async function generated(count) {
  const folder = join(work, 'generated');
  await makeRepository(folder, count);
  return withChange(folder, fileToChange(count));
}

async function cloned(from) {
  const folder = join(work, basename(from));
  mkdirSync(folder);
  git(folder, 'clone', '--quiet', '-c', 'core.autocrlf=false', '--no-local', from, '.');
  git(folder, 'checkout', '--quiet', '-B', 'main');
  const sources = git(folder, 'ls-files', '-z').split('\0').filter((path) => /\.(?:[cm]?[jt]s|py)$/.test(path)).sort();
  return withChange(folder, sources[sources.length >> 1]);
}

/** A second commit, which changes the file, on the branch `main`. */
function withChange(folder, file) {
  const first = git(folder, 'rev-parse', 'HEAD');
  changeFile(join(folder, file));
  git(folder, '-c', 'user.name=bench', '-c', 'user.email=bench@example.invalid', 'commit', '--quiet', '--all', '--message', 'second');
  return { url: pathToFileURL(folder).href, first, second: git(folder, 'rev-parse', 'HEAD') };
}

function git(cwd, ...args) {
  return execFileSync('git', ['-c', 'gc.auto=0', ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}

function sum(list, key) {
  return list.reduce((total, each) => total + each[key], 0);
}

function show(name, subjects) {
  console.log(`\n${name}, ${parsers} ${parsers === 1 ? 'parser' : 'parsers'} a process: seconds`);
  const own = subjects['in process'];
  for (const run of Object.keys(RUNS)) {
    console.log(`\n${run}`);
    console.table(Object.fromEntries(Object.entries(subjects).map(([subject, { runs: { [run]: { wallSeconds, stages } } }]) => [
      subject, { wall: round(wallSeconds), 'of in process': round(wallSeconds / own.runs[run].wallSeconds), ...Object.fromEntries(Object.entries(stages).map(([stage, seconds]) => [stage, round(seconds)])) },
    ])));
  }
  console.table(Object.fromEntries(Object.entries(subjects).map(([subject, { cpuSeconds, peakMegabytes }]) => [subject, { 'CPU s, all runs': round(cpuSeconds), 'peak MB of a process': Math.round(peakMegabytes) }])));
}

function round(number) {
  return Number(number.toFixed(2));
}
