import type { CommitSha } from './snapshot.js';

/** A repository as the host that keeps it (GitHub, GitLab, Gitea) knows it at this moment. */
export interface HostedRepository {
  /** Of {@link hostedRepositoryId}: renames and transfers leave it alone. */
  readonly id: string;
  /** `owner/name`, as it is called now. */
  readonly name: string;
  /** URL to clone from, without credentials. */
  readonly location: string;
  readonly defaultBranch: string;
  /** Nobody can push to it any more. */
  readonly archived: boolean;
  /** Of a GitHub App: the installation through which it was seen. */
  readonly installation?: string | undefined;
}

/** A branch of a hosted repository that somebody has pushed to. */
export interface PushedBranch {
  readonly repository: HostedRepository;
  readonly branch: string;
  /** The branch's head when the host was asked; absent where it was not: whatever it is when the run reads it. */
  readonly commit?: CommitSha | undefined;
}

/** What a host calls a repository, made unique over hosts: `583231` of github.com as it is, `git.example.org-17` of any other. */
export function hostedRepositoryId(host: string, id: string): string {
  return host === 'github.com' ? id : `${host}-${id}`;
}
