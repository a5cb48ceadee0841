import type { CallOptions } from '../../domain/ports/call-options.js';
import type { GitHost } from '../../domain/ports/git-host.js';
import { CodeloomError } from '../../domain/errors.js';
import type { AnswerSnapshot } from '../../domain/querying/answer.js';
import { answerSnapshot, chooseSnapshot, type QueryPorts, type Target } from './pinned-snapshot.js';

/** How the source of a repository stands against a snapshot of it. */
export interface SourceState {
  readonly query: 'source-state';
  readonly snapshot: AnswerSnapshot;
  /** `current`: nothing differs; `unknown`: the source cannot be read, and `message` says why. */
  readonly state: 'current' | 'changed' | 'unknown';
  readonly message?: string;
  /** Branch and commit of the source as it is now. */
  readonly branch?: string;
  readonly commit?: string;
  /** Paths that differ, whether or not they hold code. */
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Compares the source as it stands with what a snapshot was made from. Errors: `not-indexed`, `unknown-snapshot`, `aborted`, those of the stores. */
export async function sourceState(ports: QueryPorts & { readonly gitHost: GitHost }, request: Target = {}, options: CallOptions = {}): Promise<SourceState> {
  const { gitHost, metadataStore } = ports;
  const snapshot = await chooseSnapshot(ports, request, options);
  const nothing = { query: 'source-state', snapshot: answerSnapshot(snapshot), added: [], changed: [], removed: [] } as const;
  const [repository] = await metadataStore.repositories([snapshot.repository], options);
  if (repository === undefined) return { ...nothing, state: 'unknown', message: 'Where the repository lies is not recorded.' };

  const indexed = new Map<string, string>();
  for await (const batch of metadataStore.files(snapshot.id, options)) for (const { path, blob } of batch) indexed.set(path, blob);
  try {
    const revision = await gitHost.resolve({ location: repository.location }, options);
    try {
      const added: string[] = [];
      const changed: string[] = [];
      for await (const batch of gitHost.list(revision, options)) {
        for (const { path, blob } of batch) {
          const before = indexed.get(path);
          if (before === undefined) added.push(path);
          else if (before !== blob) changed.push(path);
          indexed.delete(path);
        }
      }
      const removed = [...indexed.keys()];
      const state = added.length + changed.length + removed.length === 0 ? 'current' : 'changed';
      return { ...nothing, state, branch: revision.branch, ...(revision.commit === undefined ? {} : { commit: revision.commit }), added, changed, removed };
    } finally {
      await gitHost.release(revision);
    }
  } catch (caught) {
    const error = CodeloomError.from(caught);
    if (error.code === 'aborted' || error.code === 'internal' || error.code.startsWith('store-')) throw error;
    return { ...nothing, state: 'unknown', message: error.message };
  }
}
