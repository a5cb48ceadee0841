// One measurement, in a process of its own: node bench/measure.mjs <what> <request as JSON>. Writes its result to descriptor 3 as JSON. run.mjs starts it.
import { appendFileSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { changeFile } from './changes.mjs';
import { beginPeak, cpuSeconds, peakMegabytes } from './usage.mjs';

const measurements = { index, session, parse, queries };
const [what, request] = process.argv.slice(2);
const result = await measurements[what](JSON.parse(request));
writeSync(3, JSON.stringify(result));

/** Indexes through the library, as a program would, and tells of the whole process and of each stage. What was indexed is listed in `filesTo`. */
async function index({ repository, store, filesTo }) {
  const started = performance.now();
  const { createCodeloom } = await import('../dist/index.js');
  const codeloom = await createCodeloom({ store });
  const { outcome, stages } = await indexByStage(codeloom, repository);
  await codeloom.close();
  const used = { wallSeconds: (performance.now() - started) / 1000, cpuSeconds: cpuSeconds(), peakMegabytes: Math.max(peakMegabytes(), ...Object.values(stages).map((stage) => stage.peakMegabytes)) };
  await listIndexed({ repository, store, snapshot: outcome.snapshot.id, filesTo });
  const { files, bytes, symbols, edges, verdicts } = outcome.snapshot.stats;
  return {
    ...used,
    status: outcome.status, files, bytes, symbols, edges: sum(edges), callSites: sum(verdicts), digest: outcome.snapshot.digest, stages,
  };
}

/** The indexed files, one path for each content: what was parsed. */
async function listIndexed({ repository, store, snapshot, filesTo }) {
  const { createSqliteStores } = await import('../dist/adapters/sqlite/stores.js');
  const stores = await createSqliteStores({ folder: store });
  const contents = new Map();
  for await (const batch of stores.metadataStore.files(snapshot)) for (const { status, path, blob } of batch) if (status === 'indexed') contents.set(blob, join(repository, path));
  await stores.close();
  writeFileSync(filesTo, JSON.stringify([...contents.values()]));
}

/** One process that stays, and a file that changes again and again: what a run costs once everything is loaded. */
async function session({ repository, store, file, rounds }) {
  const { createCodeloom } = await import('../dist/index.js');
  const codeloom = await createCodeloom({ store });
  await codeloom.index({ location: repository });
  const runs = [];
  for (let round = 0; round < rounds; round++) {
    changeFile(join(repository, file));
    const started = performance.now();
    const cpu = cpuSeconds();
    const { outcome, stages } = await indexByStage(codeloom, repository);
    runs.push({ wallSeconds: (performance.now() - started) / 1000, cpuSeconds: cpuSeconds() - cpu, written: outcome.counts.written, stages });
  }
  const unchanged = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    await codeloom.index({ location: repository });
    unchanged.push((performance.now() - started) / 1000);
  }
  await codeloom.close();
  return { runs, unchanged };
}

async function indexByStage(codeloom, location) {
  const stages = {};
  let begun;
  const onEvent = ({ type, stage }) => {
    if (type === 'stage-started') {
      beginPeak();
      begun = { wall: performance.now(), cpu: cpuSeconds() };
    } else if (type === 'stage-finished') {
      stages[stage] = { wallSeconds: (performance.now() - begun.wall) / 1000, cpuSeconds: cpuSeconds() - begun.cpu, peakMegabytes: peakMegabytes() };
    }
  };
  const outcome = await codeloom.index({ location }, { onEvent });
  return { outcome, stages };
}

/** The limit: every file read and parsed to a syntax tree by the same parser, in one thread, and nothing else done. */
async function parse({ list }) {
  const started = performance.now();
  const { loadParsing } = await import('./parsing.mjs');
  const parsing = await loadParsing();
  let files = 0;
  let bytes = 0;
  for (const source of parsing.sources(JSON.parse(readFileSync(list, 'utf8')))) {
    parsing.parse(source);
    files++;
    bytes += source.bytes.length;
  }
  return { wallSeconds: (performance.now() - started) / 1000, cpuSeconds: cpuSeconds(), peakMegabytes: peakMegabytes(), files, bytes };
}

/** Latencies of every kind of question through the library, over a generated graph. */
async function queries({ edges, kind, store, samples }) {
  const [{ generatedGraph, publishGraph }, { askEachQuestion }] = await Promise.all([import('./generated-graph.mjs'), import('./questions.mjs')]);
  const { createCodeloom } = await import('../dist/index.js');
  const stores = await openStores(kind, store);
  const graph = generatedGraph(edges);
  const published = await publishGraph(stores, graph);
  const codeloom = await createCodeloom({ store: 'memory', ...stores });
  const latencies = await askEachQuestion(codeloom, graph, samples);
  const memory = peakMegabytes();
  await codeloom.close();
  for (const each of Object.values(stores)) await each.close();
  return { ...published, latencies, peakMegabytes: memory };
}

async function openStores(kind, folder) {
  if (kind === 'memory') {
    const [{ createMemoryFactStore }, { createMemoryGraphStore }, { createMemoryMetadataStore }] = await Promise.all(
      ['fact-store', 'graph-store', 'metadata-store'].map((name) => import(`../dist/adapters/memory/${name}.js`)));
    return { graphStore: createMemoryGraphStore(), metadataStore: createMemoryMetadataStore(), factStore: createMemoryFactStore() };
  }
  const { createSqliteStores } = await import('../dist/adapters/sqlite/stores.js');
  const { graphStore, metadataStore, factStore } = await createSqliteStores({ folder });
  return { graphStore, metadataStore, factStore };
}

function sum(counts) {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
