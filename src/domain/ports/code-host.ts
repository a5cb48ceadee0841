import type { HostedRepository } from '../hosted-repository.js';
import type { CommitSha } from '../snapshot.js';
import type { CallOptions } from './call-options.js';

/**
 * What a code host says of its repositories. Follows renamed and transferred ones. Errors, by the status of its answer and never by its text: `authentication-failed`,
 * `permission-denied`, `repository-not-found`, `empty-repository`, `rate-limited`, `network`.
 */
export interface CodeHost {
  /** Host name, with the port where it is not the usual one: `github.com`. */
  readonly host: string;
  /** The repository as it is called now, and where it is cloned from. */
  repository(which: HostedRepositoryQuestion, options?: CallOptions): Promise<HostedRepository>;
  /** The commit that a branch stands at; undefined when there is no such branch (any more). */
  branchHead(repository: HostedRepository, branch: string, options?: CallOptions): Promise<CommitSha | undefined>;
  /** Whom the host takes us for, in a few words (`the App codeloom-acme`, `nobody in particular`): a cheap way to try the credentials. */
  whoAmI(options?: CallOptions): Promise<string>;
}

/** By the host's own id (as the host writes it), or by `owner/name`, present or former. */
export type HostedRepositoryQuestion = ({ readonly id: string } | { readonly name: string }) & {
  /** Of a GitHub App: through which installation to ask, when it is known. */
  readonly installation?: string | undefined;
};
