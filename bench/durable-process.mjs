// One process of the durable bench: `index` makes runs by itself, as an embedding program would; `worker` works on runs of a Temporal server. Stores are PostgreSQL's, and the clone is this
// process's own, as if it were on a machine of its own. Speaks JSON lines: what it did and used on standard output, `{ "run": … }` and the end of input on standard input.
import { createInterface } from 'node:readline';
import { createCodeloom, createGitHost, createTreeSitterParser } from '../dist/index.js';
import { createPostgresStores } from '../dist/postgres.js';
import { createWorker } from '../dist/temporal.js';
import { cpuSeconds, peakMegabytes } from './usage.mjs';

const [what, request] = process.argv.slice(2);
const { address, taskQueue, database, schema, mirrors, parsers } = JSON.parse(request);

const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const stores = await createPostgresStores({ url: database, schema });
const parser = createTreeSitterParser({ workers: parsers });
const codeloom = { store: 'memory', ...stores, parser, gitHost: createGitHost({ cacheFolder: mirrors, allowedProtocols: ['file'] }) };

if (what === 'worker') {
  const worker = await createWorker({ temporal: { address }, taskQueue, codeloom });
  const stopping = new AbortController();
  const working = worker.run({ signal: stopping.signal });
  tell({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) if (line === 'used') tell({ cpuSeconds: cpuSeconds(), peakMegabytes: peakMegabytes() });
  stopping.abort();
  await working;
} else {
  const subject = await createCodeloom(codeloom);
  tell({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    const before = { wall: performance.now(), cpu: cpuSeconds() };
    const stages = {};
    const began = {};
    const { status, snapshot } = await subject.index(JSON.parse(line), {
      onEvent: ({ type, stage }) => {
        if (type === 'stage-started') began[stage] = performance.now();
        if (type === 'stage-finished') stages[stage] = (performance.now() - began[stage]) / 1000;
      },
    });
    tell({ status, digest: snapshot.digest, files: snapshot.stats.files, stages, wallSeconds: (performance.now() - before.wall) / 1000, cpuSeconds: cpuSeconds() - before.cpu, peakMegabytes: peakMegabytes() });
  }
  await subject.close();
}
await Promise.all([stores.graphStore.close(), stores.metadataStore.close(), stores.factStore.close(), parser.close()]);
