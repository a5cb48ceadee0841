import type { FileFacts, LanguageId } from '../file-facts.js';
import type { Diagnostic, Partition } from '../partition.js';
import type { Linkage } from './linkage.js';
import type { ModuleContext } from './module-resolver.js';

/** One file to link. */
export interface LinkSource {
  readonly path: string;
  readonly blob: string;
  readonly language: LanguageId;
  /** Equal for equal facts: content, language and whoever read it. */
  readonly version: string;
  /** Undefined when they are not at hand: linking then asks for them. */
  facts(): FileFacts | undefined;
}

export interface LinkRequest {
  /** Sorted by path (compareText). */
  readonly sources: readonly LinkSource[];
  readonly context: ModuleContext;
  /** Equal for equal paths and configuration texts; read only where there is `previous`. */
  readonly contextVersion?: string;
  /** What linking remembered of an earlier snapshot: only what its changes can reach is linked again. */
  readonly previous?: Linkage | undefined;
  /** Facts by a version of `previous`; undefined when they are not at hand. */
  readonly earlier?: ((version: string) => FileFacts | undefined) | undefined;
}

/**
 * What linking says as it goes. Whoever runs it gets what it `needs` before going on. A file is `linked` to its partition or `unchanged` since `previous`; of
 * what is said of a file the last counts. `done` comes once, at the end.
 */
export type LinkStep =
  | { readonly kind: 'needs'; readonly sources: readonly LinkSource[]; /** Versions of `previous` that may be gone. */ readonly earlier: readonly string[] }
  | { readonly kind: 'linked'; readonly partition: Partition }
  | { readonly kind: 'unchanged'; readonly path: string }
  | { readonly kind: 'done'; readonly linkage: Linkage | undefined; /** What was wrong with configuration files. */ readonly diagnostics: readonly Diagnostic[] };
