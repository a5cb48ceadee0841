import type { Check } from '../domain/check.js';
import { CodeloomError, type ErrorCode } from '../domain/errors.js';
import type { CodeHost } from '../domain/ports/code-host.js';
import type { CredentialProvider } from '../domain/ports/credential-provider.js';
import type { SecretProvider } from '../domain/ports/secret-provider.js';

/** A code host as secrets name it. */
export interface ConfiguredHost {
  readonly kind: 'github' | 'gitlab' | 'gitea';
  readonly host: CodeHost & CredentialProvider;
  /** What its webhooks are verified with; absent: it sends none. */
  readonly webhookSecret?: string | undefined;
}

/** The secrets of code hosts; as variables with `CODELOOM_` before them, as files also with `_FILE` behind. */
export const HOST_SECRETS = [
  'GITHUB_URL', 'GITHUB_APP_ID', 'GITHUB_PRIVATE_KEY', 'GITHUB_TOKEN', 'GITHUB_WEBHOOK_SECRET',
  'GITLAB_URL', 'GITLAB_TOKEN', 'GITLAB_WEBHOOK_SECRET', 'GITEA_URL', 'GITEA_TOKEN', 'GITEA_WEBHOOK_SECRET',
] as const;

type HostSecrets = Partial<Record<(typeof HOST_SECRETS)[number], string>>;

/** The code hosts that secrets name; one that has none at all is left out. Throws `invalid-configuration` for what is incomplete or cannot be. */
export async function openConfiguredHosts(secrets: SecretProvider): Promise<readonly ConfiguredHost[]> {
  const given: HostSecrets = {};
  for (const name of HOST_SECRETS) {
    const value = await secrets.secret(name);
    if (value !== undefined && value !== '') given[name] = value;
  }
  if (Object.keys(given).length === 0) return [];
  // Most commands talk to no code host: what speaks with them is loaded for those that do.
  const create = await import('./create-code-hosts.js');
  const hosts: ConfiguredHost[] = [];
  const { GITHUB_URL: apiUrl, GITHUB_APP_ID: id, GITHUB_PRIVATE_KEY: privateKey, GITHUB_TOKEN: token, GITHUB_WEBHOOK_SECRET: webhookSecret } = given;
  if ((id === undefined) !== (privateKey === undefined)) throw incomplete(`A GitHub App needs both CODELOOM_GITHUB_APP_ID and CODELOOM_GITHUB_PRIVATE_KEY (or …_FILE); ${id === undefined ? 'the first' : 'the second'} is not set.`);
  if (id !== undefined && token !== undefined) throw incomplete('Set CODELOOM_GITHUB_TOKEN or CODELOOM_GITHUB_APP_ID, not both.');
  if (apiUrl !== undefined || id !== undefined || token !== undefined || webhookSecret !== undefined) {
    const app = id === undefined || privateKey === undefined ? undefined : { id, privateKey };
    hosts.push({ kind: 'github', host: create.createGitHub({ apiUrl, app, token }), webhookSecret });
  }
  if (given.GITLAB_URL !== undefined || given.GITLAB_TOKEN !== undefined || given.GITLAB_WEBHOOK_SECRET !== undefined) {
    hosts.push({ kind: 'gitlab', host: create.createGitLab({ url: given.GITLAB_URL, token: given.GITLAB_TOKEN }), webhookSecret: given.GITLAB_WEBHOOK_SECRET });
  }
  if (given.GITEA_URL !== undefined) hosts.push({ kind: 'gitea', host: create.createGitea({ url: given.GITEA_URL, token: given.GITEA_TOKEN }), webhookSecret: given.GITEA_WEBHOOK_SECRET });
  else if (given.GITEA_TOKEN !== undefined || given.GITEA_WEBHOOK_SECRET !== undefined) throw incomplete('Where Gitea is, nobody says: set CODELOOM_GITEA_URL.');
  return hosts;
}

/** Looks at each code host that is named: whether it answers, and takes our credentials. What is wrong is a finding. */
export async function* diagnoseHosts(secrets: SecretProvider, signal?: AbortSignal): AsyncGenerator<Check> {
  let hosts: readonly ConfiguredHost[];
  try {
    hosts = await openConfiguredHosts(secrets);
  } catch (error) {
    return yield { name: 'code hosts', status: 'fail', found: CodeloomError.from(error).message, advice: 'See docs/github.md for the variables.' };
  }
  for (const { kind, host, webhookSecret } of hosts) {
    const name = NAMES[kind];
    const webhooks = webhookSecret === undefined ? '' : ', with a secret for webhooks';
    try {
      yield { name, status: 'ok', found: `${host.host} takes us for ${await host.whoAmI({ signal })}${webhooks}` };
    } catch (thrown) {
      const error = CodeloomError.from(thrown);
      if (error.code === 'aborted') throw error;
      // A token that may read repositories need not be one that may say whose it is.
      if (error.code === 'permission-denied') yield { name, status: 'ok', found: `${host.host} takes the token, and does not say whose it is${webhooks}` };
      else yield { name, status: 'fail', found: error.message, advice: typeof error.details['hint'] === 'string' ? error.details['hint'] : ADVICE[error.code] ?? 'See docs/github.md for the variables.' };
    }
  }
}

const NAMES = { github: 'GitHub', gitlab: 'GitLab', gitea: 'Gitea' } as const;
const ADVICE: Readonly<Partial<Record<ErrorCode, string>>> = {
  'authentication-failed': 'Check the App\'s id and key, or make a new token: see docs/github.md.',
  network: 'Check the address, the network and, for a certificate of your own authority, NODE_EXTRA_CA_CERTS.',
};

/** Of several, the first that has credentials for a URL. */
export function firstOf(providers: readonly CredentialProvider[]): CredentialProvider {
  return {
    async credentials(request, options) {
      for (const provider of providers) {
        const found = await provider.credentials(request, options);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/**
 * Credentials for remotes from what secrets say of code hosts. They are read when a remote is first fetched, and anew when it refuses what was given: a token in a file may have
 * been changed.
 */
export function configuredCredentials(secrets: () => SecretProvider | Promise<SecretProvider>): CredentialProvider {
  let opened: Promise<CredentialProvider> | undefined;
  const open = async (): Promise<CredentialProvider> => firstOf((await openConfiguredHosts(await secrets())).map(({ host }) => host));
  return {
    async credentials(request, options) {
      if (opened === undefined || request.refused !== undefined) {
        const next = open();
        // What was wrong may have been mended before the next fetch.
        next.catch(() => { if (opened === next) opened = undefined; });
        opened = next;
      }
      return (await opened).credentials(request, options);
    },
  };
}

function incomplete(message: string): CodeloomError {
  return new CodeloomError('invalid-configuration', message);
}
