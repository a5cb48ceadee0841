import { CodeloomError } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { GitHost } from '../../domain/ports/git-host.js';
import type { GraphReader, GraphStore } from '../../domain/ports/graph-store.js';
import type { MetadataStore } from '../../domain/ports/metadata-store.js';
import type { AnswerSnapshot } from '../../domain/querying/answer.js';
import type { RepositoryId } from '../../domain/repository.js';
import type { Snapshot } from '../../domain/snapshot.js';

export interface QueryPorts {
  readonly graphStore: GraphStore;
  readonly metadataStore: MetadataStore;
  /** Asked for when a snapshot is named by what is neither an id, nor a branch, nor a commit: `HEAD~1`, a tag. Absent: such names are unknown. */
  readonly revisions?: (() => Promise<GitHost>) | undefined;
}

/** Which snapshot a query reads. */
export interface Target {
  /** May be left out while only one repository is indexed. */
  readonly repository?: RepositoryId | undefined;
  /** Its head is read; by default the default branch's, or the newest head. */
  readonly branch?: string | undefined;
  /** A snapshot's id or the beginning of one, a branch (its head), a commit or the beginning of one (4 digits or more), or, where there is a Git to ask, any revision whose commit was indexed. */
  readonly snapshot?: string | undefined;
}

/** Runs a query on one snapshot from its beginning to its end. Throws `not-indexed`, `unknown-snapshot`, `invalid-argument`. */
export async function withReader<T>(ports: QueryPorts, target: Target, options: CallOptions, work: (reader: GraphReader) => Promise<T>): Promise<T> {
  const snapshot = await chooseSnapshot(ports, target, options);
  const reader = await ports.graphStore.open(snapshot.id, options);
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}

/** The snapshot that a target means. */
export async function chooseSnapshot(ports: QueryPorts, target: Target, options: CallOptions): Promise<Snapshot> {
  // Where no repository is named, the heads of all say which one there is, and are its heads: every request to a server counts here.
  const all = target.repository === undefined ? await ports.graphStore.heads(undefined, options) : undefined;
  const repository = target.repository ?? onlyRepository(all ?? []);
  if (target.snapshot !== undefined) return namedSnapshot(ports, { ...target, repository, snapshot: target.snapshot }, options);
  const heads = all ?? await ports.graphStore.heads(repository, options);
  const branches = heads.map((head) => head.branch);
  if (heads.length === 0) throw new CodeloomError('not-indexed', `${repository} has not been indexed.`, { details: { repository } });
  if (target.branch !== undefined) {
    const head = heads.find(({ branch }) => branch === target.branch);
    if (head === undefined) throw new CodeloomError('not-indexed', `The branch ${target.branch} has not been indexed; these have: ${branches.join(', ')}.`, { details: { repository, branch: target.branch, branches } });
    return head;
  }
  const [only] = heads;
  if (heads.length === 1 && only !== undefined) return only;
  const [known] = await ports.metadataStore.repositories([repository], options);
  const newest = [...heads].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))[0];
  const chosen = heads.find(({ branch }) => branch === known?.defaultBranch) ?? newest;
  if (chosen === undefined) throw new CodeloomError('internal', 'A repository with heads has no newest one.');
  return chosen;
}

function onlyRepository(heads: readonly Snapshot[]): RepositoryId {
  const repositories = [...new Set(heads.map((head) => head.repository))];
  const [first] = repositories;
  if (first === undefined) throw new CodeloomError('not-indexed', 'Nothing has been indexed.');
  if (repositories.length > 1) throw new CodeloomError('invalid-argument', `Several repositories are indexed; name one of: ${repositories.join(', ')}.`, { details: { repositories } });
  return first;
}

async function namedSnapshot(ports: QueryPorts, { repository, branch, snapshot: text }: { repository: RepositoryId; branch?: string | undefined; snapshot: string }, options: CallOptions): Promise<Snapshot> {
  const { graphStore } = ports;
  const all = (await graphStore.snapshots(repository, options)).filter((snapshot) => branch === undefined || snapshot.branch === branch);
  const exact = all.find((snapshot) => snapshot.id === text);
  if (exact !== undefined) return exact;
  const head = (await graphStore.heads(repository, options)).find((each) => each.branch === text);
  if (head !== undefined) return head;
  const byId = all.filter((snapshot) => snapshot.id.startsWith(text));
  // Several snapshots of one commit: the newest clean one is meant.
  const byCommit = /^[0-9a-f]{4,64}$/i.test(text) ? all.filter((snapshot) => snapshot.commit?.startsWith(text.toLowerCase()) === true) : [];
  const commits = new Set(byCommit.map((snapshot) => snapshot.commit));
  const found = byId.length === 1 ? byId[0] : commits.size === 1 ? byCommit.find((snapshot) => !snapshot.dirty) ?? byCommit[0] : undefined;
  if (found !== undefined) return found;
  const several = byId.length > 1 || commits.size > 1;
  const commit = several ? undefined : await commitOf(ports, repository, text, options);
  const ofCommit = all.filter((snapshot) => snapshot.commit === commit && commit !== undefined);
  const named = ofCommit.find((snapshot) => !snapshot.dirty) ?? ofCommit[0];
  if (named !== undefined) return named;
  if (commit !== undefined) {
    throw new CodeloomError('unknown-snapshot', `${text} is the commit ${commit.slice(0, 12)}, of which no snapshot is kept.`, {
      details: { snapshot: text, repository, commit, hint: `Run: codeloom index --ref ${text}` },
    });
  }
  throw new CodeloomError('unknown-snapshot', several ? `${text} is the beginning of several snapshots; write more of it.` : `There is no snapshot ${text} of ${repository}: none kept has this id, this commit or this branch.`, {
    details: { snapshot: text, repository, candidates: [...byId, ...byCommit].map((snapshot) => snapshot.id) },
  });
}

/** The commit that Git takes a text for in the repository; undefined where there is no Git to ask, or it knows none. */
async function commitOf({ metadataStore, revisions }: QueryPorts, repository: RepositoryId, text: string, options: CallOptions): Promise<string | undefined> {
  const [known] = revisions === undefined ? [] : await metadataStore.repositories([repository], options);
  if (known === undefined || revisions === undefined) return undefined;
  const gitHost = await revisions();
  try {
    const revision = await gitHost.resolve({ location: known.location, ref: text }, options);
    await gitHost.release(revision);
    return revision.commit;
  } catch (caught) {
    const error = CodeloomError.from(caught);
    if (error.code === 'aborted' || error.code === 'internal') throw error;
    return undefined; // whatever is wrong with the source, the text names no snapshot
  }
}

/** A snapshot as answers name it. */
export function answerSnapshot({ id, repository, branch, commit, dirty }: Snapshot): AnswerSnapshot {
  return { id, repository, branch, ...(commit === undefined ? {} : { commit }), dirty };
}
