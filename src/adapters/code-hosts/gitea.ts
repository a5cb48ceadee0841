import { z } from 'zod';
import { CodeloomError } from '../../domain/errors.js';
import { hostedRepositoryId } from '../../domain/hosted-repository.js';
import type { CodeHost } from '../../domain/ports/code-host.js';
import type { CredentialProvider } from '../../domain/ports/credential-provider.js';
import { absentAsUndefined, ask, createHttpApi, NOBODY, unreadable, type HttpApiOptions } from './http-api.js';
import { escapedName, nameIn } from './repository-name.js';

export interface GiteaOptions extends Omit<HttpApiOptions, 'address'> {
  /** Where the Gitea (or Forgejo) is. */
  readonly url: string;
  /** An access token with the permission `read:repository`; without one, public repositories can be read. */
  readonly token?: string | undefined;
}

const repositorySchema = z.object({
  id: z.int().positive(), full_name: z.string().min(3), clone_url: z.url({ protocol: /^https?$/ }), default_branch: z.string().nullish(), archived: z.boolean().nullish(), empty: z.boolean().nullish(),
});
const userSchema = z.object({ login: z.string() });
const branchSchema = z.object({ commit: z.object({ id: z.string().regex(/^[0-9a-f]{40,64}$/) }) });

/** What Gitea or Forgejo (API v1) knows of repositories, and credentials for cloning them. Throws `invalid-configuration` for an address that cannot be one. */
export function createGitea(options: GiteaOptions): CodeHost & CredentialProvider {
  const { url, token } = options;
  const address = url.replace(/\/+$/, '');
  const api = createHttpApi({ ...options, address: `${address}/api/v1` });
  const { host, origin } = new URL(address);
  const headers = token === undefined ? {} : { Authorization: `token ${token}` };

  return {
    host,
    async repository(which, { signal } = {}) {
      const about = 'id' in which ? `the repository with the id ${which.id}` : `the repository ${which.name}`;
      const path = 'id' in which ? `/repositories/${encodeURIComponent(which.id)}` : `/repos/${escapedName(which.name)}`;
      const { id, full_name: name, clone_url: location, default_branch: branch, archived, empty } = await ask(api, host, repositorySchema, { path, about, headers, signal });
      if (new URL(location).origin !== origin) throw unreadable(host, about);
      const defaultBranch = branch ?? '';
      if (empty === true || defaultBranch === '') throw new CodeloomError('empty-repository', `${host} has nothing yet in ${about}.`, { details: { host } });
      return { id: hostedRepositoryId(host, String(id)), name, location, defaultBranch, archived: archived === true };
    },
    async branchHead({ name }, branch, { signal } = {}) {
      const path = `/repos/${escapedName(name)}/branches/${encodeURIComponent(branch)}`;
      return (await ask(api, host, branchSchema, { path, about: `the branch ${branch} of ${name}`, headers, signal }).catch(absentAsUndefined))?.commit.id;
    },
    async whoAmI({ signal } = {}) {
      const about = 'who we are';
      if (token !== undefined) return `the user ${(await ask(api, host, userSchema, { path: '/user', about, headers, signal })).login}`;
      await api.send({ path: '/version', about, headers, signal });
      return NOBODY;
    },
    async credentials({ url: remote }) {
      // A token takes the place of the password, whatever the name.
      return token === undefined || nameIn(remote, origin) === undefined ? undefined : { username: 'oauth2', password: token };
    },
  };
}
