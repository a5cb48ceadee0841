/** The branches and tags of a remote, as `git ls-remote --symref` lists them. */
export interface RemoteRefs {
  /** The branch that its HEAD is on; undefined when HEAD is detached, or on a branch without a commit. */
  readonly head: string | undefined;
  /** Full names, in their order. */
  readonly names: readonly string[];
  /** How many hexadecimal digits its ids have: 40, or 64 for SHA-256; undefined for an empty repository. */
  readonly digits: number | undefined;
}

/** What {@link readRemoteRefs} reads is listed by these patterns. */
export const LISTED: readonly string[] = ['HEAD', 'refs/heads/*', 'refs/tags/*'];

/** A commit by all its digits. */
export const FULL_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** A ref by its full name. */
export const FULL_NAME = /^refs\/[\w./+@-]+$/;

/** What a fetch is asked for, so that a ref is kept under its own name; an id is kept under none. */
export function refspecOf(wanted: string): string {
  return FULL_ID.test(wanted) ? wanted : `+${wanted}:${wanted}`;
}

export function readRemoteRefs(listing: string): RemoteRefs {
  const names: string[] = [];
  let head: string | undefined;
  let digits: number | undefined;
  for (const line of listing.split('\n')) {
    const [value = '', name = ''] = line.split('\t');
    if (name === 'HEAD' && value.startsWith('ref: refs/heads/')) head = value.slice('ref: '.length);
    if (!FULL_ID.test(value)) continue;
    digits ??= value.length;
    // `v1^{}` is what the tag before it stands for.
    if (name.startsWith('refs/') && !name.endsWith('^{}')) names.push(name);
  }
  return { head, names, digits };
}

/**
 * What is to be fetched so that Git finds a revision: full names of refs, or a commit's id. `history`: nothing less than all, since the revision counts commits, abbreviates an id, or is of no
 * known form. `nothing`: the remote has no such branch or tag.
 */
export function wantedFor(ref: string, { head, names }: RemoteRefs): readonly string[] | 'history' | 'nothing' {
  if (head === undefined) return 'history';
  if (ref === 'HEAD') return [head];
  if (FULL_ID.test(ref)) return [ref];
  if (!/^[\w./+-]+$/.test(ref) || ref.startsWith('-')) return 'history';
  // Git's own order (gitrevisions(7)); where a tag and a branch have the name, both are there for it to choose.
  const meant = new Set([ref, `refs/${ref}`, `refs/tags/${ref}`, `refs/heads/${ref}`]);
  const found = names.filter((name) => meant.has(name));
  if (found.length > 0) return found;
  return /^[0-9a-f]{4,64}$/i.test(ref) || ref.startsWith('refs/') ? 'history' : 'nothing';
}

/** As people write them, the first twenty: branches, then tags. */
export function shortNames({ names }: RemoteRefs): string[] {
  return names.map((name) => name.replace(/^refs\/(?:heads|tags)\//, '')).slice(0, 20);
}
