import { throwIfAborted } from '../errors.js';
import type { Diagnostic, Partition } from '../partition.js';
import { Evaluator } from './evaluator.js';
import { Hierarchy } from './hierarchy.js';
import { LANGUAGES } from './languages/index.js';
import { linkFile } from './link-file.js';
import type { LinkRequest } from './linker.js';
import { NameCandidates } from './name-candidates.js';
import { Program } from './program.js';

export interface LinkOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called at the end for what was wrong with configuration files. */
  readonly onDiagnostic?: ((diagnostic: Diagnostic) => void) | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Links the files of a snapshot: gives one partition for each source, in the order of the sources. A pure function of the facts, the paths and the
 * configuration files; the same input gives the same partitions to the byte. Throws `aborted`.
 */
export function* linkSnapshot(request: LinkRequest, options: LinkOptions = {}): Generator<Partition, void, void> {
  const program = new Program(request, LANGUAGES);
  const ev = new Evaluator(program);
  const context = { ev, hierarchy: new Hierarchy(ev), names: new NameCandidates(ev) };
  let done = 0;
  for (const file of program.files) {
    throwIfAborted(options.signal);
    const partition = linkFile(context, file);
    options.onProgress?.(++done, program.files.length);
    yield partition;
  }
  for (const resolver of program.resolvers) for (const { path, code, message } of resolver.diagnostics()) options.onDiagnostic?.({ path, code, message });
}
