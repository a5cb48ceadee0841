import type { LinkRequest, LinkStep } from '../domain/linking/linker.js';
import type { Sha256 } from '../domain/partition.js';
import type { Clock } from '../domain/ports/clock.js';
import type { FactStore } from '../domain/ports/fact-store.js';
import type { GitHost } from '../domain/ports/git-host.js';
import type { GraphStore } from '../domain/ports/graph-store.js';
import type { MetadataStore } from '../domain/ports/metadata-store.js';
import type { Parser } from '../domain/ports/parser.js';
import type { RunObserver } from '../domain/ports/run-observer.js';
import type { Telemetry } from '../domain/ports/telemetry.js';
import type { LinkMemoryCache } from './link-memory-cache.js';

/** Turns the facts of a snapshot into its partitions, step by step: see {@link LinkStep}. */
export type Link = (request: LinkRequest, options: { readonly signal?: AbortSignal | undefined }) => Iterable<LinkStep> | AsyncIterable<LinkStep>;

/** All that the stages of indexing need from outside. Each stage takes the part it uses. */
export interface IndexingPorts {
  readonly gitHost: GitHost;
  readonly parser: Parser;
  readonly factStore: FactStore;
  readonly graphStore: GraphStore;
  readonly metadataStore: MetadataStore;
  readonly clock: Clock;
  readonly sha256: Sha256;
  readonly link: Link;
  /** Whether a path is a configuration file that linking reads. */
  readonly isConfiguration: (path: string) => boolean;
  /** Absent: each run reads from the FactStore what linking remembers. */
  readonly linkMemories?: LinkMemoryCache | undefined;
  /** Traces and measures the stages; absent: nothing does. */
  readonly telemetry?: Telemetry | undefined;
  /** Told what happens in runs. */
  readonly observers?: readonly RunObserver[] | undefined;
}
