// Measures every store over the same generated graph in one run, beside bare batched calls of its driver for the same rows: npm run bench:stores -- [--edges 100000]
// [--rounds 3] [--samples 100] [--stores memory,sqlite,postgres,neo4j] [--record <file>] [--no-record]. Servers are those that the variables below name. Stores
// take turns in each round. Of publishing the quickest round is kept, of questions medians and the quickest: other work on the machine only adds. See docs/performance.md.
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { createCodeloom, digestManifest, digestPartition } from '../dist/index.js';
import { createMemoryFactStore, createMemoryMetadataStore } from '../dist/testing.js';
import { generatedGraph, sha256 } from './generated-graph.mjs';
import { compare, describeMachine, lastRecord, median, saveRecord } from './records.mjs';

const OPEN = {
  memory: async () => (await import('./stores/memory.mjs')).openMemory(),
  sqlite: async () => (await import('./stores/sqlite.mjs')).openSqlite(),
  postgres: async () => (await import('./stores/postgres.mjs')).openPostgres(process.env.CODELOOM_TEST_POSTGRES_URL),
  neo4j: async () => (await import('./stores/neo4j.mjs')).openNeo4j(process.env.CODELOOM_TEST_NEO4J_URL),
};
const NEEDS = { postgres: 'CODELOOM_TEST_POSTGRES_URL', neo4j: 'CODELOOM_TEST_NEO4J_URL' };

const { values: options } = parseArgs({
  options: {
    edges: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '3' }, samples: { type: 'string', default: '100' }, stores: { type: 'string', default: Object.keys(OPEN).join() },
    record: { type: 'string' }, 'no-record': { type: 'boolean', default: false },
  },
});
const [edges, rounds, samples] = [options.edges, options.rounds, options.samples].map((text) => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`${text} is no number of edges, rounds or samples.`);
  return number;
});
const stores = options.stores.split(',').filter((name) => {
  if (!(name in OPEN)) throw new Error(`There is no store ${name}: ${Object.keys(OPEN).join(', ')}.`);
  if (NEEDS[name] === undefined || process.env[NEEDS[name]] !== undefined) return true;
  console.log(`${name} is left out: ${NEEDS[name]} names no server.`);
  return false;
});

const { modules, partition } = generatedGraph(edges);
const first = modules.map((_, index) => entry(partition(index)));
/** Every hundredth file, with a line more at its beginning. */
const second = first.map((each, index) => (index % 100 === 7 ? entry(shifted(each.partition)) : each));
const changed = second.filter((each, index) => each !== first[index]);
const size = first.reduce((sum, each) => ({ nodes: sum.nodes + each.partition.nodes.length, edges: sum.edges + each.partition.edges.length }), { nodes: 0, edges: 0 });
console.log(`${modules.length} files, ${size.nodes} nodes, ${size.edges} edges; ${changed.length} files changed. ${rounds} rounds.`);

const turns = Object.fromEntries(stores.map((name) => [name, []]));
const versions = {};
for (let round = 1; round <= rounds; round++) {
  for (const name of stores) {
    const subject = await OPEN[name]();
    try {
      versions[name] = subject.version;
      turns[name].push(await measure(subject));
    } finally {
      await subject.close();
    }
    console.log(`round ${round}, ${name}: ${JSON.stringify(turns[name].at(-1).publish)}`);
  }
}

const results = { graph: { files: modules.length, ...size, changedFiles: changed.length }, stores: Object.fromEntries(stores.map((name) => [name, { version: versions[name], ...summary(turns[name]) }])) };
const record = { format: 1, at: new Date().toISOString(), machine: describeMachine({ rounds }), results };
show(results.stores);
const last = lastRecord('stores-');
if (last !== undefined) console.table(compare(last, record));
if (!options['no-record']) console.log(`Recorded in ${basename(saveRecord(record, { ...(options.record === undefined ? {} : { file: options.record }), kind: 'stores-' }))}`);

async function measure({ stores: { graphStore, metadataStore = createMemoryMetadataStore() }, mark, rows, count, bare, bytes, roundTrip }) {
  const publish = {};
  const whole = await timed(() => graphStore.publish(publication('s-1', first, first)));
  publish.full = { seconds: whole.seconds, cpuSeconds: whole.cpuSeconds };
  const megabytes = bytes === undefined ? undefined : (await bytes()) / 1e6;
  const before = await rows?.();
  await mark?.();
  const part = await timed(() => graphStore.publish(publication('s-2', second, changed)));
  publish.changed = { seconds: part.seconds, cpuSeconds: part.cpuSeconds };
  const after = await rows?.();
  if (part.answer.written !== changed.length) throw new Error(`${part.answer.written} partitions were written, and ${changed.length} were changed.`);

  await metadataStore.saveRepository({ id: 'bench', name: 'bench', location: '/nowhere', kind: 'bare' });
  const codeloom = await createCodeloom({ store: 'memory', graphStore, metadataStore, factStore: createMemoryFactStore() });
  const latencies = await questions(codeloom, roundTrip);
  await codeloom.close();

  if (bare !== undefined) {
    for (const [kind, batches, earlier] of [['full', before], ['changed', after, before]]) {
      const calls = await bare(batches, earlier);
      const { seconds, cpuSeconds } = await timed(calls.run);
      await calls.close();
      Object.assign(publish[kind], { rows: count(batches), bareSeconds: seconds, bareCpuSeconds: cpuSeconds });
    }
  }
  return { publish, latencies, ...(megabytes === undefined ? {} : { megabytes }) };
}

/** Milliseconds: the quickest, the median and the 95th percentile. */
async function questions(codeloom, roundTrip) {
  const module = (i) => modules[(i * 7919 + 13) % modules.length];
  const called = (i) => module(i).functions[i % module(i).functions.length];
  const asked = {
    ...(roundTrip === undefined ? {} : { 'bare round trip': roundTrip }),
    callers: (i) => codeloom.callers({ symbol: called(i).id }),
    callees: (i) => codeloom.callees({ symbol: called(i).id }),
    'symbols, exact': (i) => codeloom.symbols({ text: called(i).name, match: 'exact' }),
    'symbols, prefix': (i) => codeloom.symbols({ text: called(i).name.slice(0, 9), match: 'prefix' }),
    'show, by name': (i) => codeloom.show({ symbol: module(i).type }),
    'impact, depth 3': (i) => codeloom.impact({ symbol: called(i).id, depth: 3 }),
    'callers of the hub': () => codeloom.callers({ symbol: modules[0].functions[0].id }),
  };
  const latencies = {};
  for (const [kind, ask] of Object.entries(asked)) {
    const times = [];
    const number = /impact|hub|prefix/.test(kind) ? Math.ceil(samples / 5) : samples;
    for (let i = -10; i < number; i++) {
      const started = performance.now();
      await ask(i + 10);
      if (i >= 0) times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    latencies[kind] = { least: times[0], median: times[times.length >> 1], p95: times[Math.floor(times.length * 0.95)] };
  }
  return latencies;
}

function publication(id, entries, sent) {
  const manifest = entries.map(({ digest, partition: { path } }) => ({ path, digest }));
  async function* batches() {
    for (let start = 0; start < sent.length; start += 64) yield sent.slice(start, start + 64);
  }
  const snapshot = {
    id, repository: 'bench', branch: 'main', dirty: false, source: sha256(id), digest: digestManifest(manifest, sha256), createdAt: new Date(id === 's-1' ? 0 : 1000).toISOString(), indexerVersion: 'bench',
    configuration: sha256(''), stats: { files: entries.length, bytes: 0, symbols: 0, nodes: {}, edges: {}, languages: {}, verdicts: { resolved: 0, candidates: 0, external: 0, unresolved: 0 }, unresolvedByReason: {}, diagnostics: 0, skipped: {} },
  };
  return { snapshot, manifest, partitions: batches() };
}

function entry(made) {
  return { digest: digestPartition(made, sha256), partition: made };
}

function shifted(made) {
  const move = (at) => ({ ...at, line: at.line + 1, offset: at.offset + 1 });
  return {
    ...made, blob: sha256(`${made.blob} changed`).slice(0, 40),
    nodes: made.nodes.map((node) => (node.at === undefined || node.kind === 'file' ? node : { ...node, at: move(node.at), range: { start: move(node.range.start), end: move(node.range.end) } })),
    edges: made.edges.map((edge) => ({ ...edge, sites: edge.sites.map((site) => ({ ...site, line: site.line + 1 })) })),
    unresolved: made.unresolved.map((site) => ({ ...site, line: site.line + 1 })),
  };
}

async function timed(work) {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const answer = await work();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { answer, seconds, cpuSeconds: (user + system) / 1e6 };
}

function summary(rounds) {
  const { latencies, ...rest } = rounds[0];
  const publish = fold(rounds.map((round) => round.publish), least);
  for (const times of Object.values(publish)) if (times.bareSeconds !== undefined) times.throughputRatio = times.bareSeconds / times.seconds;
  const questions = Object.fromEntries(Object.keys(latencies).map((kind) => {
    const all = rounds.map((round) => round.latencies[kind]);
    return [kind, { least: least(all.map((times) => times.least)), median: median(all.map((times) => times.median)), p95: median(all.map((times) => times.p95)) }];
  }));
  return { ...rest, publish, latencies: questions };
}

/** One of many, through all depths. */
function fold(list, choose) {
  const [one] = list;
  if (typeof one !== 'object') return choose(list);
  return Object.fromEntries(Object.keys(one).map((key) => [key, fold(list.map((each) => each[key]), choose)]));
}

function least(numbers) {
  return Math.min(...numbers);
}

function show(measured) {
  const fixed = (number, digits) => (number === undefined ? '' : Number(number.toFixed(digits)));
  for (const kind of ['full', 'changed']) {
    console.log(`\nPublishing, ${kind === 'full' ? 'everything' : 'one file in a hundred changed'}:`);
    console.table(Object.fromEntries(Object.entries(measured).map(([name, { publish: { [kind]: { seconds, cpuSeconds, rows, bareSeconds, throughputRatio } } }]) => [
      name, { seconds: fixed(seconds, 3), 'own CPU s': fixed(cpuSeconds, 3), rows, 'bare seconds': fixed(bareSeconds, 3), 'throughput of the bare': throughputRatio === undefined ? '' : `${Math.round(throughputRatio * 100)} %` },
    ])));
  }
  console.log('\nQuestions, in milliseconds: least, median (95th percentile):');
  const kinds = [...new Set(Object.values(measured).flatMap(({ latencies }) => Object.keys(latencies)))];
  console.table(Object.fromEntries(kinds.map((kind) => [kind, Object.fromEntries(Object.entries(measured).map(([name, { latencies: { [kind]: times } }]) => [name, times === undefined ? '' : `${fixed(times.least, 2)}, ${fixed(times.median, 2)} (${fixed(times.p95, 1)})`]))])));
}
