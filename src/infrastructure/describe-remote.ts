import { describeRemote as describeByGit, type RemoteDescription } from '../adapters/git/remote-description.js';
import { CodeloomError } from '../domain/errors.js';
import type { HostedRepository } from '../domain/hosted-repository.js';
import type { SecretProvider } from '../domain/ports/secret-provider.js';
import { firstOf, openConfiguredHosts, type ConfiguredHost } from './configured-hosts.js';

export interface DescribeRequest {
  readonly url: string;
  /** Absent: the remote's own. */
  readonly branch?: string | undefined;
}

/**
 * What a remote is called. A code host that secrets name is asked: its id for the repository, which webhooks bring too and a rename leaves alone, and its present name and address.
 * Other remotes are known by their address. Errors: `unsupported-url`, `unborn-branch`, and those of Git's remotes and of CodeHost.
 */
export async function describeRemote({ url, branch }: DescribeRequest, secrets: SecretProvider, signal: AbortSignal): Promise<RemoteDescription> {
  const hosts = await openConfiguredHosts(secrets);
  const hosted = await askHost(hosts, url, signal);
  if (hosted === undefined) return describeByGit({ url, branch, credentials: firstOf(hosts.map(({ host }) => host)) }, { signal });
  return { id: hosted.id, name: hosted.name, url: hosted.location, branch: branch ?? hosted.defaultBranch };
}

async function askHost(hosts: readonly ConfiguredHost[], text: string, signal: AbortSignal): Promise<HostedRepository | undefined> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const found = hosts.find(({ host }) => url?.protocol === 'https:' && url.host === host.host);
  if (url === undefined || found === undefined || url.username !== '' || url.password !== '') return undefined;
  try {
    return await found.host.repository({ name: url.pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/i, '') }, { signal });
  } catch (error) {
    // Git says what is wrong with such an address, and may have credentials of its own.
    if (error instanceof CodeloomError && (error.code === 'repository-not-found' || error.code === 'invalid-argument')) return undefined;
    throw error;
  }
}
