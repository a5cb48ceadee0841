/**
 * What a code host says has happened. Only that it said so, about which repository (by the host's id) and branch, is taken from it: everything else is asked of the host.
 */
export type HostEvent =
  | { readonly kind: 'pushed'; readonly repository: string; readonly branch: string; readonly installation?: string | undefined }
  /** Renamed, transferred, unarchived, given another default branch, or new to us: whatever it is now, its default branch is to be indexed. */
  | { readonly kind: 'changed'; readonly repositories: readonly string[]; readonly installation?: string | undefined }
  /** Deleted or archived: to be looked at, and no more work if so. */
  | { readonly kind: 'ended'; readonly repository: string; readonly installation?: string | undefined }
  /** No longer ours to read. */
  | { readonly kind: 'withdrawn'; readonly repositories: readonly string[] }
  /** Nothing that work follows from. */
  | { readonly kind: 'other'; readonly name: string };
