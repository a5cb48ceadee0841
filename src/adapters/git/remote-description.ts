import { tmpdir } from 'node:os';
import { CodeloomError } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { CredentialProvider } from '../../domain/ports/credential-provider.js';
import { createGitRunner } from './git-command.js';
import { namesSsh, type GitSetup } from './git-environment.js';
import { DEFAULT_PROTOCOLS, parseLocation } from './location.js';

export interface RemoteDescription {
  /** `github.com/owner/name`. */
  readonly id: string;
  /** `owner/name`. */
  readonly name: string;
  /** Without credentials. */
  readonly url: string;
  readonly branch: string;
}

export interface DescribeRemoteRequest {
  readonly url: string;
  /** Absent: the remote is asked which branch its HEAD is on. */
  readonly branch?: string | undefined;
  /** By default that of this process. */
  readonly environment?: GitSetup['environment'];
  readonly allowedProtocols?: readonly string[];
  /** Credentials for a remote over HTTPS whose URL holds none. */
  readonly credentials?: CredentialProvider | undefined;
}

/** What a remote is called, without copying anything of it. Errors: `unsupported-url` (also for a path), `unborn-branch`, and those of Git's remotes. */
export async function describeRemote(request: DescribeRemoteRequest, { signal }: CallOptions = {}): Promise<RemoteDescription> {
  const { environment = process.env, allowedProtocols: protocols = DEFAULT_PROTOCOLS } = request;
  const location = parseLocation(request.url, { allowedProtocols: protocols, exists: false });
  if (location.kind === 'path') throw new CodeloomError('unsupported-url', 'A repository for workers is named by a URL: they may run on machines that have no such folder.', { details: { location: request.url } });
  const { id, name, url, origin } = location;
  if (request.branch !== undefined) return { id, name, url, branch: request.branch };
  const secrets = location.credentials ?? (/^https?$/.test(location.protocol) ? await request.credentials?.credentials({ url }, { signal }) : undefined);
  const git = createGitRunner({ binary: 'git', environment });
  const quietSsh = location.protocol === 'ssh' && !namesSsh(environment);
  const answer = await git.run(['ls-remote', '--symref', '--', url, 'HEAD'], { cwd: tmpdir(), purpose: { kind: 'remote', protocols, secrets, origin, quietSsh }, signal });
  const branch = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(answer)?.[1];
  if (branch === undefined) throw new CodeloomError('unborn-branch', `${name} does not say which branch is its own: name one with --branch.`, { details: { url } });
  return { id, name, url, branch };
}
