import type { Diagnostic, Partition } from '../partition.js';
import { linkIncrementally } from './incremental.js';
import type { LinkRequest } from './linker.js';

export interface LinkOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called at the end for what was wrong with configuration files. */
  readonly onDiagnostic?: ((diagnostic: Diagnostic) => void) | undefined;
}

/**
 * Links the files of a snapshot whose facts are all at hand, from nothing: gives one partition for each source, in the order of the sources. A pure function of
 * the facts, the paths and the configuration files; the same input gives the same partitions to the byte. Throws `aborted`.
 */
export function* linkSnapshot(request: Pick<LinkRequest, 'sources' | 'context'>, options: LinkOptions = {}): Generator<Partition, void, void> {
  for (const step of linkIncrementally({ sources: request.sources, context: request.context }, options)) {
    if (step.kind === 'linked') yield step.partition;
    else if (step.kind === 'done') for (const diagnostic of step.diagnostics) options.onDiagnostic?.(diagnostic);
  }
}
