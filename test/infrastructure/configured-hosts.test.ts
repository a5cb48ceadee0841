import { describe, expect, it } from 'vitest';
import { createEnvironmentSecrets } from '../../src/adapters/secrets/environment.js';
import { configuredCredentials, firstOf, openConfiguredHosts } from '../../src/infrastructure/configured-hosts.js';
import { APP_KEY_PKCS1 } from '../adapters/code-hosts/host-server.js';

describe('code hosts as variables name them', () => {
  const open = (variables: Record<string, string>) => openConfiguredHosts(createEnvironmentSecrets(Object.fromEntries(Object.entries(variables).map(([name, value]) => [`CODELOOM_${name}`, value]))));

  it('are none where nothing is set', async () => {
    expect(await open({})).toEqual([]);
  });

  it.each([
    [{ GITHUB_TOKEN: 't' }, [['github', 'github.com', undefined]]],
    [{ GITHUB_APP_ID: '1', GITHUB_PRIVATE_KEY: APP_KEY_PKCS1, GITHUB_WEBHOOK_SECRET: 's' }, [['github', 'github.com', 's']]],
    [{ GITHUB_URL: 'https://ghe.example/api/v3', GITHUB_TOKEN: 't' }, [['github', 'ghe.example', undefined]]],
    [{ GITLAB_TOKEN: 't', GITEA_URL: 'https://git.example:3000', GITEA_WEBHOOK_SECRET: 's' }, [['gitlab', 'gitlab.com', undefined], ['gitea', 'git.example:3000', 's']]],
  ] as const)('%j', async (variables, expected) => {
    expect((await open(variables)).map(({ kind, host, webhookSecret }) => [kind, host.host, webhookSecret])).toEqual(expected);
  });

  it.each([
    [{ GITHUB_APP_ID: '1' }, 'CODELOOM_GITHUB_PRIVATE_KEY'], [{ GITHUB_PRIVATE_KEY: APP_KEY_PKCS1 }, 'CODELOOM_GITHUB_APP_ID'],
    [{ GITHUB_APP_ID: '1', GITHUB_PRIVATE_KEY: APP_KEY_PKCS1, GITHUB_TOKEN: 't' }, 'not both'], [{ GITEA_TOKEN: 't' }, 'CODELOOM_GITEA_URL'], [{ GITLAB_TOKEN: 't', GITLAB_URL: 'http://gitlab.example' }, 'https://'],
  ])('refuses what is incomplete (%#)', async (variables, words) => {
    await expect(open(variables)).rejects.toMatchObject({ code: 'invalid-configuration', message: expect.stringContaining(words) });
  });

  it('give credentials to the remotes that are theirs', async () => {
    const credentials = firstOf((await open({ GITHUB_TOKEN: 'a', GITLAB_TOKEN: 'b' })).map(({ host }) => host));
    const of = async (url: string) => (await credentials.credentials({ url }))?.password;
    expect(await Promise.all(['https://github.com/a/b', 'https://gitlab.com/a/b/c.git', 'https://git.example/a/b', 'git@github.com:a/b.git'].map(of))).toEqual(['a', 'b', undefined, undefined]);
  });

  it('are read anew when a remote refuses what they gave', async () => {
    const secrets: Record<string, string> = { GITHUB_TOKEN: 'old' };
    const credentials = configuredCredentials(() => ({ secret: async (name) => secrets[name] }));
    const url = 'https://github.com/a/b';
    const refused = await credentials.credentials({ url });
    secrets['GITHUB_TOKEN'] = 'new';
    expect([refused?.password, (await credentials.credentials({ url }))?.password, (await credentials.credentials({ url, refused }))?.password]).toEqual(['old', 'old', 'new']);
  });
});
