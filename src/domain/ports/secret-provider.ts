import type { CallOptions } from './call-options.js';

/** Gives passwords and addresses that hold them, when a server is opened. What it gives is passed on to that server's driver and kept nowhere else. */
export interface SecretProvider {
  /** The secret of a name such as `POSTGRES_PASSWORD`; undefined when there is none. Throws `invalid-configuration` for one that is named and cannot be had. */
  secret(name: string, options?: CallOptions): Promise<string | undefined>;
}
