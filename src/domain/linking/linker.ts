import type { FileFacts } from '../file-facts.js';
import type { Partition } from '../partition.js';
import type { ModuleContext } from './module-resolver.js';

/** One file to link: its facts come when they are first asked for, and may be asked for again. */
export interface LinkSource {
  readonly path: string;
  readonly blob: string;
  /** Facts of the file; the caller may drop and decode them anew. */
  facts(): FileFacts;
}

export interface LinkRequest {
  /** Sorted by path (compareText). */
  readonly sources: readonly LinkSource[];
  readonly context: ModuleContext;
}
