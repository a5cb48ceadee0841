import { createHash } from 'node:crypto';
import { createMemoryClock, type MemoryClock } from '../../src/adapters/memory/clock.js';
import { createMemoryFactStore } from '../../src/adapters/memory/fact-store.js';
import { createMemoryGitHost, type MemoryGitHost, type MemoryTree } from '../../src/adapters/memory/git-host.js';
import { createMemoryGraphStore } from '../../src/adapters/memory/graph-store.js';
import { createMemoryMetadataStore } from '../../src/adapters/memory/metadata-store.js';
import { createMemoryParser } from '../../src/adapters/memory/parser.js';
import type { RunEvent } from '../../src/domain/index-run.js';
import type { IndexOutcome } from '../../src/use-cases/index-repository.js';
import type { IndexingPorts } from '../../src/use-cases/indexing-ports.js';
import { runIndex, type RunIndexOptions } from '../../src/use-cases/run-index.js';
import type { IndexRequest } from '../../src/use-cases/steps.js';
import { isToyConfiguration, linkToys } from './toy-linker.js';

export const VERSION = 'test-1';
export const REPOSITORY = 'memory/shop';

/** Everything in memory: the whole pipeline without a disk, a thread or a wait. */
export interface Workbench {
  readonly ports: IndexingPorts;
  readonly git: MemoryGitHost;
  readonly clock: MemoryClock;
  /** Events of the last run. */
  readonly events: RunEvent[];
  index(request?: Partial<IndexRequest>, options?: Partial<RunIndexOptions>): Promise<IndexOutcome>;
}

/** A bare repository `shop` with one commit, unless told otherwise. */
export function workbench(tree: MemoryTree = SHOP, replaced: Partial<IndexingPorts> = {}): Workbench {
  const clock = createMemoryClock();
  const git = createMemoryGitHost({ repositories: [{ location: 'shop', branches: { main: [tree] } }] });
  const ports: IndexingPorts = {
    gitHost: git, parser: createMemoryParser(), clock,
    factStore: createMemoryFactStore({ now: () => clock.now() }), graphStore: createMemoryGraphStore(), metadataStore: createMemoryMetadataStore(),
    sha256: (content) => createHash('sha256').update(content).digest('hex'),
    link: linkToys, isConfiguration: isToyConfiguration,
    ...replaced,
  };
  const events: RunEvent[] = [];
  return {
    ports, git, clock, events,
    index(request, options) {
      events.length = 0;
      return runIndex(ports, { location: 'shop', ...request }, { indexerVersion: VERSION, onEvent: (event) => events.push(event), ...options });
    },
  };
}

/** `main` calls `save` of the store and opens a Shop, which is a Place. */
export const SHOP: MemoryTree = {
  'main.toy': 'import ./store\nimport ./shop\ndef main\n  call store.save\n  new Shop\n  call mystery\n',
  'shop.toy': 'class Place\n  def open\n    call save\nclass Shop extends Place\n  def close\n    call std_exit\n',
  'store.toy': 'def save\n  call write\ndef write\n  call std_write\n',
  'README.md': '# Shop\n',
};

/** Events in few words: `stage-started link`, `run-finished succeeded`. */
export function eventNames(events: readonly RunEvent[]): string[] {
  return events.map((event) => ('stage' in event ? `${event.type} ${event.stage}` : event.type === 'run-finished' ? `${event.type} ${event.status}` : event.type));
}
