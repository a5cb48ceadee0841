import { z } from 'zod';
import { CodeloomError } from '../../domain/errors.js';
import { hostedRepositoryId } from '../../domain/hosted-repository.js';
import type { CodeHost } from '../../domain/ports/code-host.js';
import type { CredentialProvider } from '../../domain/ports/credential-provider.js';
import { absentAsUndefined, ask, createHttpApi, NOBODY, unreadable, type HttpApiOptions } from './http-api.js';
import { escapedWhole, nameIn } from './repository-name.js';

export interface GitLabOptions extends Omit<HttpApiOptions, 'address'> {
  /** Default `https://gitlab.com`. */
  readonly url?: string | undefined;
  /** A personal, group or project access token with the scopes `read_api` and `read_repository`; without one, public projects can be read. */
  readonly token?: string | undefined;
}

const projectSchema = z.object({
  id: z.int().positive(), path_with_namespace: z.string().min(3), http_url_to_repo: z.url({ protocol: /^https?$/ }), default_branch: z.string().nullish(), archived: z.boolean().nullish(),
});
const userSchema = z.object({ username: z.string() });
const branchSchema = z.object({ commit: z.object({ id: z.string().regex(/^[0-9a-f]{40,64}$/) }) });

/** What GitLab (REST API v4) knows of projects, and credentials for cloning them. Throws `invalid-configuration` for an address that cannot be one. */
export function createGitLab(options: GitLabOptions): CodeHost & CredentialProvider {
  const { url = 'https://gitlab.com', token } = options;
  const address = url.replace(/\/+$/, '');
  const api = createHttpApi({ ...options, address: `${address}/api/v4` });
  const { host, origin } = new URL(address);
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };

  return {
    host,
    async repository(which, { signal } = {}) {
      const about = 'id' in which ? `the project with the id ${which.id}` : `the project ${which.name}`;
      const path = `/projects/${'id' in which ? encodeURIComponent(which.id) : escapedWhole(which.name)}`;
      const { id, path_with_namespace: name, http_url_to_repo: location, default_branch: branch, archived } = await ask(api, host, projectSchema, { path, about, headers, signal });
      if (new URL(location).origin !== origin) throw unreadable(host, about);
      const defaultBranch = branch ?? '';
      if (defaultBranch === '') throw new CodeloomError('empty-repository', `${host} has nothing yet in ${about}.`, { details: { host } });
      return { id: hostedRepositoryId(host, String(id)), name, location, defaultBranch, archived: archived === true };
    },
    async branchHead({ name }, branch, { signal } = {}) {
      const path = `/projects/${escapedWhole(name)}/repository/branches/${encodeURIComponent(branch)}`;
      return (await ask(api, host, branchSchema, { path, about: `the branch ${branch} of ${name}`, headers, signal }).catch(absentAsUndefined))?.commit.id;
    },
    async whoAmI({ signal } = {}) {
      const about = 'who we are';
      if (token !== undefined) return `the user ${(await ask(api, host, userSchema, { path: '/user', about, headers, signal })).username}`;
      await api.send({ path: '/projects?per_page=1&simple=true', about, headers, signal });
      return NOBODY;
    },
    async credentials({ url: remote }) {
      return token === undefined || nameIn(remote, origin) === undefined ? undefined : { username: 'oauth2', password: token };
    },
  };
}
