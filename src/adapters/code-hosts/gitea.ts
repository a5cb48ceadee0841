import { z } from 'zod';
import { CodeloomError } from '../../domain/errors.js';
import { hostedRepositoryId } from '../../domain/hosted-repository.js';
import type { CodeHost } from '../../domain/ports/code-host.js';
import type { CredentialProvider } from '../../domain/ports/credential-provider.js';
import { absentAsUndefined, createHttpApi, NOBODY, unreadable, type HttpApiOptions } from './http-api.js';
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
      const parsed = repositorySchema.safeParse(await api.send({ path: 'id' in which ? `/repositories/${encodeURIComponent(which.id)}` : `/repos/${escapedName(which.name)}`, about, headers, signal }));
      if (!parsed.success || new URL(parsed.data.clone_url).origin !== origin) throw unreadable(host, about);
      const { id, full_name: name, clone_url: location, default_branch: branch, archived, empty } = parsed.data;
      const defaultBranch = branch ?? '';
      if (empty === true || defaultBranch === '') throw new CodeloomError('empty-repository', `${host} has nothing yet in ${about}.`, { details: { host } });
      return { id: hostedRepositoryId(host, String(id)), name, location, defaultBranch, archived: archived === true };
    },
    async branchHead({ name }, branch, { signal } = {}) {
      const about = `the branch ${branch} of ${name}`;
      const answer = await api.send({ path: `/repos/${escapedName(name)}/branches/${encodeURIComponent(branch)}`, about, headers, signal }).catch(absentAsUndefined);
      if (answer === undefined) return undefined;
      const parsed = branchSchema.safeParse(answer);
      if (!parsed.success) throw unreadable(host, about);
      return parsed.data.commit.id;
    },
    async whoAmI({ signal } = {}) {
      const about = 'who we are';
      const parsed = userSchema.safeParse(await api.send({ path: token === undefined ? '/version' : '/user', about, headers, signal }));
      if (token === undefined) return NOBODY;
      if (!parsed.success) throw unreadable(host, about);
      return `the user ${parsed.data.login}`;
    },
    async credentials({ url: remote }) {
      // A token takes the place of the password, whatever the name.
      return token === undefined || nameIn(remote, origin) === undefined ? undefined : { username: 'oauth2', password: token };
    },
  };
}
