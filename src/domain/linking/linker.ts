import type { FileFacts } from '../file-facts.js';
import type { ModuleContext } from './module-resolver.js';

/** One file to link: its facts come when they are first asked for. */
export interface LinkSource {
  readonly path: string;
  readonly blob: string;
  facts(): FileFacts;
}

export interface LinkRequest {
  /** Sorted by path (compareText). */
  readonly sources: readonly LinkSource[];
  readonly context: ModuleContext;
}
