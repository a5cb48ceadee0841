import { z } from 'zod';
import { CodeloomError } from '../../domain/errors.js';
import { hostedRepositoryId, type HostedRepository } from '../../domain/hosted-repository.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { CodeHost, HostedRepositoryQuestion } from '../../domain/ports/code-host.js';
import type { CredentialProvider, CredentialRequest, Credentials } from '../../domain/ports/credential-provider.js';
import { createAppTokens, type GitHubApp } from './github-app.js';
import { absentAsUndefined, ask, createHttpApi, NOBODY, unreadable, type HttpApi, type HttpApiOptions } from './http-api.js';
import { createInstallationTokens, type InstallationToken } from './installation-tokens.js';
import { escapedName, nameIn } from './repository-name.js';

/** GitHub, as an App, with a token, or as nobody in particular. */
export interface GitHubOptions extends Omit<HttpApiOptions, 'address'> {
  /** The API: `https://api.github.com` (default), or `https://<host>/api/v3` of an Enterprise Server, `https://api.<name>.ghe.com`. */
  readonly apiUrl?: string | undefined;
  readonly app?: GitHubApp | undefined;
  /** A personal access token, in place of an App. */
  readonly token?: string | undefined;
}

/** What GitHub knows of repositories, and credentials for cloning them. */
export interface GitHub extends CodeHost, CredentialProvider {}

const repositorySchema = z.object({
  id: z.int().positive(), full_name: z.string().min(3), clone_url: z.url({ protocol: /^https?$/ }), default_branch: z.string().min(1), archived: z.boolean().optional(),
});
const refSchema = z.object({ object: z.object({ sha: z.string().regex(/^[0-9a-f]{40,64}$/) }) });
const userSchema = z.object({ login: z.string() }).transform(({ login }) => `the user ${login}`);
const appSchema = z.object({ name: z.string() }).transform(({ name }) => `the App ${name}`);
const installationSchema = z.object({ id: z.int().positive() });

/** Repositories whose installation is remembered. */
const MOST_NAMES = 10_000;

/**
 * Speaks with GitHub's REST API. As an App it takes the installation that a repository belongs to and a token of it (read-only), kept in memory until a minute before it
 * expires. Throws `invalid-configuration` for a key or an address that cannot be one; nothing is sent before it is asked something.
 */
export function createGitHub(options: GitHubOptions): GitHub {
  const { app, token, clock, apiUrl = 'https://api.github.com' } = options;
  if (app !== undefined && token !== undefined) throw new CodeloomError('invalid-configuration', 'GitHub is spoken with as an App or with a token: give one of them.');
  const api = createHttpApi({ ...options, address: apiUrl.replace(/\/+$/, '') });
  const web = webOrigin(new URL(apiUrl));
  const { host } = new URL(web);
  const installations = app === undefined ? undefined : openInstallations(app, { api, host, clock });

  async function headersFor(which: HostedRepositoryQuestion, signal: AbortSignal | undefined): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly installation?: string }> {
    if (token !== undefined) return { headers: { ...HEADERS, Authorization: `Bearer ${token}` } };
    const installation = which.installation ?? ('name' in which ? await installations?.of(which.name, signal) : undefined);
    if (installations === undefined || installation === undefined) return { headers: HEADERS };
    const given = await installations.tokens.token(installation, { signal });
    return { headers: { ...HEADERS, Authorization: `Bearer ${given.token}` }, installation };
  }

  async function repository(which: HostedRepositoryQuestion, { signal }: CallOptions = {}): Promise<HostedRepository> {
    const { headers, installation } = await headersFor(which, signal);
    const about = 'id' in which ? `the repository with the id ${which.id}` : `the repository ${which.name}`;
    const path = 'id' in which ? `/repositories/${encodeURIComponent(which.id)}` : `/repos/${escapedName(which.name)}`;
    const { id, full_name: name, clone_url: location, default_branch: defaultBranch, archived = false } = await ask(api, host, repositorySchema, { path, about, headers, signal });
    if (new URL(location).origin !== web) throw unreadable(host, about);
    return { id: hostedRepositoryId(host, String(id)), name, location, defaultBranch, archived, ...(installation === undefined ? {} : { installation }) };
  }

  async function branchHead({ name, installation }: HostedRepository, branch: string, { signal }: CallOptions = {}): Promise<string | undefined> {
    const { headers } = await headersFor({ name, installation }, signal);
    const about = `the branch ${branch} of ${name}`;
    const path = `/repos/${escapedName(name)}/git/ref/heads/${branch.split('/').map(encodeURIComponent).join('/')}`;
    return (await ask(api, host, refSchema, { path, about, headers, signal }).catch(absentAsUndefined))?.object.sha;
  }

  async function credentials({ url, refused }: CredentialRequest, { signal }: CallOptions = {}): Promise<Credentials | undefined> {
    const name = nameIn(url, web);
    if (name === undefined) return undefined;
    if (token !== undefined) return { username: 'x-access-token', password: token };
    if (installations === undefined) return undefined;
    const given = await installations.forCloning(name, refused?.password, signal);
    return given === undefined ? undefined : { username: 'x-access-token', password: given.token, expiresAt: given.expiresAt };
  }

  async function whoAmI({ signal }: CallOptions = {}): Promise<string> {
    const about = 'who we are';
    if (token === undefined && installations === undefined) {
      await api.send({ path: '/rate_limit', about, headers: HEADERS, signal });
      return NOBODY;
    }
    const [path, headers, schema] = installations === undefined ? ['/user', (await headersFor({ name: '' }, signal)).headers, userSchema] as const : ['/app', await installations.asApp(), appSchema] as const;
    return ask<string>(api, host, schema, { path, about, headers, signal });
  }

  return { host, repository, branchHead, credentials, whoAmI };
}

const HEADERS = { Accept: 'application/vnd.github+json', 'X-GitHub-Api-Version': '2022-11-28' } as const;

/** Where people see, and Git clones, what the API tells of. */
function webOrigin({ protocol, host }: URL): string {
  return `${protocol}//${host.replace(/^api\.(?=github\.com$|[^/]+\.ghe\.com$)/, '')}`;
}

interface InstallationsRequest {
  readonly api: HttpApi;
  readonly host: string;
  readonly clock: Clock;
}

/** An App's installations: which one a repository belongs to, and their tokens. */
function openInstallations(app: GitHubApp, { api, host, clock }: InstallationsRequest) {
  const appToken = createAppTokens(app, clock);
  const asApp = async (): Promise<Readonly<Record<string, string>>> => ({ ...HEADERS, Authorization: `Bearer ${await appToken()}` });
  const tokens = createInstallationTokens({ api, host, asApp, clock });
  const known = new Map<string, string>();

  /** Undefined where the App is not installed: the repository may be public. */
  async function of(name: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    const kept = known.get(name.toLowerCase());
    if (kept !== undefined) return kept;
    const request = { path: `/repos/${escapedName(name)}/installation`, about: `the installation for ${name}`, headers: await asApp(), signal };
    const found = await ask(api, host, installationSchema, request).catch((error: unknown) => {
      if (error instanceof CodeloomError && error.code === 'repository-not-found') return undefined;
      throw error;
    });
    if (found === undefined) return undefined;
    if (known.size >= MOST_NAMES) known.clear();
    const installation = String(found.id);
    known.set(name.toLowerCase(), installation);
    return installation;
  }

  async function forCloning(name: string, refused: string | undefined, signal: AbortSignal | undefined): Promise<InstallationToken | undefined> {
    const remembered = known.get(name.toLowerCase());
    const installation = await of(name, signal);
    if (installation === undefined) return undefined;
    if (refused !== undefined) tokens.forget(installation, refused);
    try {
      return await tokens.token(installation, { signal });
    } catch (error) {
      if (remembered === undefined || !(error instanceof CodeloomError) || error.code !== 'authentication-failed') throw error;
      // Since it was remembered, the App may have been installed anew, under another number.
      known.delete(name.toLowerCase());
      const again = await of(name, signal);
      return again === undefined ? undefined : tokens.token(again, { signal });
    }
  }

  return { asApp, tokens, of, forCloning };
}
