import type { CallOptions } from '../../../src/domain/ports/call-options.js';
import type { Stage } from '../../../src/domain/index-run.js';
import type { IndexingPorts } from '../../../src/use-cases/indexing-ports.js';
import { SHOP } from '../../use-cases/workbench.js';
import { memory, SHOP_URL, type Memory } from './harness.js';

export const STAGES: readonly Stage[] = ['acquire', 'extract', 'link', 'publish', 'record', 'retire', 'release'];

/** Ports by which each stage, as its own work begins, waits for `begin`, and fails if that does. */
export function atStages(ports: IndexingPorts, begin: (stage: Stage, options: CallOptions) => void | Promise<void>): IndexingPorts {
  const { gitHost, parser, graphStore, metadataStore } = ports;
  return {
    ...ports,
    gitHost: {
      ...gitHost,
      resolve: async (...request) => (await begin('acquire', request[1] ?? {}), gitHost.resolve(...request)),
      release: async (...request) => (await begin('release', {}), gitHost.release(...request)),
    },
    parser: { ...parser, extract: async function* (...request) { await begin('extract', request[1] ?? {}); yield* parser.extract(...request); } },
    link: async function* (...request) { await begin('link', request[1]); yield* ports.link(...request); },
    graphStore: {
      ...graphStore,
      publish: async (...request) => (await begin('publish', request[1] ?? {}), graphStore.publish(...request)),
      snapshots: async (...request) => (await begin('retire', request[1] ?? {}), graphStore.snapshots(...request)),
    },
    metadataStore: { ...metadataStore, saveSnapshot: async (...request) => (await begin('record', request[1] ?? {}), metadataStore.saveSnapshot(...request)) },
  };
}

/** Stages that stop where they are told to, until they are let go or cancelled. */
export interface Stops {
  /** Stages that stop. */
  readonly at: Set<Stage>;
  /** Stages that were begun, in order. */
  readonly reached: Stage[];
  /** When a stage that had stopped was cancelled. */
  readonly cancelledAt: number | undefined;
  /** To be waited for as a stage begins: see {@link atStages}. */
  begin(stage: Stage, options: CallOptions): Promise<void>;
  /** Lets all go, and stops none any more. */
  release(): void;
}

export function createStops(): Stops {
  let waiting: (() => void)[] = [];
  let cancelledAt: number | undefined;
  const at = new Set<Stage>();
  const reached: Stage[] = [];
  return {
    at, reached,
    get cancelledAt() { return cancelledAt; },
    async begin(stage, { signal }) {
      reached.push(stage);
      if (!at.has(stage)) return;
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve);
        signal?.addEventListener('abort', () => {
          cancelledAt = Date.now();
          reject(signal.reason);
        });
      });
    },
    release() {
      at.clear();
      for (const each of waiting) each();
      waiting = [];
    },
  };
}

/** The shop, with ports that stop, and commits that change it. */
export interface StoppingShop {
  readonly memory: Memory;
  readonly ports: IndexingPorts;
  readonly stops: Stops;
  /** Makes a commit that nobody has made before. */
  change(): string;
}

export function stoppingShop(): StoppingShop {
  const world = memory();
  const stops = createStops();
  let commits = 0;
  return {
    memory: world, stops, ports: atStages(world.ports, stops.begin),
    change: () => world.git.commit(SHOP_URL, { ...SHOP, 'more.toy': `def more${++commits}\n` }),
  };
}

/** So many files of one function each, which calls another's. */
export function manyFiles(count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`part${index % 13}/file${index}.toy`, `def f${index}\n  call f${(index * 7) % count}\n`]));
}
