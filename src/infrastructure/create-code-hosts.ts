import { createGitea as createGiteaAdapter, type GiteaOptions } from '../adapters/code-hosts/gitea.js';
import { createGitHub as createGitHubAdapter, type GitHub, type GitHubOptions } from '../adapters/code-hosts/github.js';
import { createGitLab as createGitLabAdapter, type GitLabOptions } from '../adapters/code-hosts/gitlab.js';
import type { Clock } from '../domain/ports/clock.js';
import type { CodeHost } from '../domain/ports/code-host.js';
import type { CredentialProvider } from '../domain/ports/credential-provider.js';
import { systemClock } from './system-clock.js';

/** Options of a code host, with this machine's clock unless another is given. */
export type WithClock<Options extends { readonly clock: Clock }> = Omit<Options, 'clock'> & { readonly clock?: Clock | undefined };

/**
 * GitHub as an App (installation tokens, cached until a minute before they expire), with a token, or as nobody in particular; `github.com` or an Enterprise Server. Is asked for
 * repositories, and gives credentials for cloning them. Throws `invalid-configuration`.
 *
 * @example
 * const github = createGitHub({ app: { id: '12345', privateKey: await readFile('app.pem', 'utf8') } });
 * const codeloom = await createCodeloom({ credentials: github });
 * await codeloom.index({ location: 'https://github.com/owner/private' });
 */
export function createGitHub(options: WithClock<GitHubOptions> = {}): GitHub {
  return createGitHubAdapter({ ...options, clock: options.clock ?? systemClock });
}

/** GitLab, with an access token or as nobody in particular. Throws `invalid-configuration`. */
export function createGitLab(options: WithClock<GitLabOptions> = {}): CodeHost & CredentialProvider {
  return createGitLabAdapter({ ...options, clock: options.clock ?? systemClock });
}

/** Gitea or Forgejo, with an access token or as nobody in particular. Throws `invalid-configuration`. */
export function createGitea(options: WithClock<GiteaOptions>): CodeHost & CredentialProvider {
  return createGiteaAdapter({ ...options, clock: options.clock ?? systemClock });
}
