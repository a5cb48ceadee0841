/** Readable and stable: `github.com/owner/name` for a URL, `local/name-hash` for a folder. */
export type RepositoryId = string & { readonly brand?: 'RepositoryId' };

export interface Repository {
  readonly id: RepositoryId;
  /** What people call it: `owner/name`, or the folder's name. */
  readonly name: string;
  /** Where it is read from: an absolute path, or a URL without credentials. */
  readonly location: string;
  readonly kind: 'work-tree' | 'bare' | 'remote' | 'memory';
  readonly defaultBranch?: string;
}
