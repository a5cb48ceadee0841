import type { CallOptions } from './call-options.js';

/**
 * Gives user names and passwords (tokens) for remotes. They are passed on to Git, and kept nowhere else. Errors: `authentication-failed`, `permission-denied`,
 * `repository-not-found`, `rate-limited`, `network`, `invalid-configuration`.
 */
export interface CredentialProvider {
  /** Credentials for a remote; undefined when it has none for this URL: then Git's own are used, if there are any. */
  credentials(request: CredentialRequest, options?: CallOptions): Promise<Credentials | undefined>;
}

export interface CredentialRequest {
  /** The remote's URL, without credentials. */
  readonly url: string;
  /** What was given before and the remote has refused: it may have expired meanwhile. Give others, or these again when there are no others. */
  readonly refused?: Credentials | undefined;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** When they stop to be good, if that is known. */
  readonly expiresAt?: Date | undefined;
}
