// A worker in a process of its own, to be killed: over SQLite in a folder that others share, with mirrors of its own, and from what is built. It stops in the stage that it is told, and
// says so: for good, or for so many milliseconds, in which it does nothing at all. Settings: JSON in WORKER.
import { readFileSync } from 'node:fs';
import { createTemporalWorker } from '../../../dist/adapters/temporal/worker.js';
import { createGitHost, createSqliteStores, createTreeSitterParser, isConfiguration, linkIncrementally, sha256, systemClock } from '../../../dist/index.js';
import { workflowCode } from '../../../dist/infrastructure/workflow-code.js';

const { address, taskQueue, store, mirrors, stopAt, frozen, after = 0 } = JSON.parse(process.env.WORKER);

/** Told once: some stages come by more than once. */
const begun = new Set();
let stopped = false;

function began(stage) {
  if (!begun.has(stage)) process.stdout.write(`began ${stage}\n`);
  begun.add(stage);
}

async function reached(stage) {
  began(stage);
  if (stage !== stopAt || stopped) return;
  stopped = true;
  process.stdout.write(`reached ${stage}\n`);
  if (frozen === undefined) await new Promise(() => setInterval(() => undefined, 1000));
  await new Promise((resolve) => setTimeout(resolve, 500));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, frozen);
  process.stdout.write('goes on\n');
}

const { graphStore, metadataStore, factStore } = await createSqliteStores({ folder: store });
const gitHost = createGitHost({ cacheFolder: mirrors, allowedProtocols: ['file'] });
const parser = createTreeSitterParser({ workers: 1 });

/** After it has given so many results: what was stored until then is not to be done again. */
async function* extract(sources, options) {
  began('extract');
  let given = 0;
  for await (const output of parser.extract(sources, options)) {
    yield output;
    given += 1;
    if (stopAt === 'extract' && given === after) await reached('extract');
  }
  process.stdout.write(`parsed ${given}\n`);
}

const ports = {
  factStore, clock: systemClock, sha256, isConfiguration,
  gitHost: {
    ...gitHost,
    resolve: async (...request) => {
      const revision = await gitHost.resolve(...request);
      await reached('acquire');
      return revision;
    },
    release: async (...request) => {
      await reached('release');
      return gitHost.release(...request);
    },
  },
  parser: { ...parser, extract },
  async *link(...request) {
    await reached('link');
    yield* linkIncrementally(...request);
  },
  graphStore: {
    ...graphStore,
    publish: async (publication, options) => graphStore.publish({ ...publication, partitions: stopping(publication.partitions) }, options),
    snapshots: async (...request) => {
      await reached('retire');
      return graphStore.snapshots(...request);
    },
  },
  metadataStore: {
    ...metadataStore,
    saveSnapshot: async (...request) => {
      await reached('record');
      return metadataStore.saveSnapshot(...request);
    },
  },
};

/** In the midst of writing. */
async function* stopping(partitions) {
  for await (const batch of partitions) {
    yield batch;
    await reached('publish');
  }
}

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
const worker = await createTemporalWorker({ temporal: { address }, taskQueue, ports, indexerVersion: version, workflowCode: workflowCode(), tuning: { shutdownGraceSeconds: 2 } });
const leaving = new AbortController();
process.on('SIGTERM', () => leaving.abort());
process.stdout.write('ready\n');
await worker.run({ signal: leaving.signal });
await Promise.all([graphStore.close(), metadataStore.close(), factStore.close(), parser.close()]);
process.exit(0);
