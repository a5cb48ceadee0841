import { createServer } from 'node:https';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGitea } from '../../../src/adapters/code-hosts/gitea.js';
import { createGitLab } from '../../../src/adapters/code-hosts/gitlab.js';
import { createMemoryClock } from '../../../src/adapters/memory/clock.js';
import type { CodeHost } from '../../../src/domain/ports/code-host.js';
import type { CredentialProvider } from '../../../src/domain/ports/credential-provider.js';
import { selfSigned } from './certificate.js';
import { json } from './host-server.js';
import { secret } from '../../secrets/watch.js';

const COMMIT = '4'.repeat(40);
const TOKEN = secret('glpat-0123456789');
const { certificate, key } = selfSigned();

interface Kind {
  readonly name: string;
  open(options: { readonly url: string; readonly token?: string | undefined }): CodeHost & CredentialProvider;
  /** Answers by path; undefined is 404. */
  answer(path: string, url: string): object | undefined;
  readonly authorization: string;
}

const kinds: readonly Kind[] = [
  {
    name: 'GitLab', open: (options) => createGitLab({ ...options, ca: certificate, clock: createMemoryClock() }), authorization: `Bearer ${TOKEN}`,
    answer(path, url) {
      if (path === '/api/v4/user') return { username: 'reader' };
      if (path.startsWith('/api/v4/projects?')) return [];
      const project = { id: 5, path_with_namespace: 'acme/group/app', http_url_to_repo: `${url}/acme/group/app.git`, default_branch: 'trunk', archived: false };
      if (path === '/api/v4/projects/5' || path === '/api/v4/projects/acme%2Fgroup%2Fapp') return project;
      if (path === '/api/v4/projects/6') return { ...project, id: 6, default_branch: null };
      if (path === '/api/v4/projects/7') return { ...project, id: 7, archived: true };
      return path === '/api/v4/projects/acme%2Fgroup%2Fapp/repository/branches/feature%2Fx' ? { name: 'feature/x', commit: { id: COMMIT } } : undefined;
    },
  },
  {
    name: 'Gitea', open: (options) => createGitea({ ...options, ca: certificate, clock: createMemoryClock() }), authorization: `token ${TOKEN}`,
    answer(path, url) {
      if (path === '/api/v1/user') return { login: 'reader' };
      if (path === '/api/v1/version') return { version: '1.24.0' };
      const repository = { id: 5, full_name: 'acme/app', clone_url: `${url}/acme/app.git`, default_branch: 'trunk', archived: false, empty: false };
      if (path === '/api/v1/repositories/5' || path === '/api/v1/repos/acme/app') return repository;
      if (path === '/api/v1/repositories/6') return { ...repository, id: 6, empty: true };
      if (path === '/api/v1/repositories/7') return { ...repository, id: 7, archived: true };
      return path === '/api/v1/repos/acme/app/branches/feature%2Fx' ? { name: 'feature/x', commit: { id: COMMIT } } : undefined;
    },
  },
];

describe.each(kinds)('$name', ({ open, answer, authorization }) => {
  let server: Server;
  let url: string;
  let authorizations: (string | undefined)[];

  beforeEach(async () => {
    authorizations = [];
    server = createServer({ cert: certificate, key }, (request: IncomingMessage, response: ServerResponse) => {
      authorizations.push(request.headers.authorization);
      if (request.headers.authorization !== undefined && request.headers.authorization !== authorization) return json(response, 401, {});
      const body = answer(request.url ?? '', url);
      json(response, body === undefined ? 404 : 200, body ?? { message: '404 Not Found' });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://localhost:${(server.address() as AddressInfo).port}`; // a server that listens on a port has such an address
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('says what a repository is called now, and where it is, by id and by name', async () => {
    const host = open({ url, token: TOKEN });
    const found = await host.repository({ id: '5' });
    expect(found).toEqual({ id: `${new URL(url).host}-5`, name: found.name, location: `${url}/${found.name}.git`, defaultBranch: 'trunk', archived: false });
    expect(await host.repository({ name: found.name })).toEqual(found);
    expect(new Set(authorizations)).toEqual(new Set([authorization]));
    expect(host.host).toBe(new URL(url).host);
  });

  it('says where a branch stands, and that one is not there', async () => {
    const host = open({ url: `${url}/`, token: TOKEN });
    const repository = await host.repository({ id: '5' });
    expect(await host.branchHead(repository, 'feature/x')).toBe(COMMIT);
    expect(await host.branchHead(repository, 'feature')).toBeUndefined();
  });

  it('says that one is empty, archived, or not there', async () => {
    const host = open({ url, token: TOKEN });
    await expect(host.repository({ id: '6' })).rejects.toMatchObject({ code: 'empty-repository' });
    expect(await host.repository({ id: '7' })).toMatchObject({ archived: true });
    await expect(host.repository({ id: '404' })).rejects.toMatchObject({ code: 'repository-not-found', retryable: false });
    await expect(open({ url, token: 'wrong' }).repository({ id: '5' })).rejects.toMatchObject({ code: 'authentication-failed', retryable: false });
  });

  it('says whom it takes us for', async () => {
    expect([await open({ url, token: TOKEN }).whoAmI(), await open({ url }).whoAmI()]).toEqual(['the user reader', 'nobody in particular']);
    await expect(open({ url, token: 'wrong' }).whoAmI()).rejects.toMatchObject({ code: 'authentication-failed' });
  });

  it('gives its token for its own repositories, and no others', async () => {
    const host = open({ url, token: TOKEN });
    expect(await host.credentials({ url: `${url}/acme/app.git` })).toEqual({ username: 'oauth2', password: TOKEN });
    expect(await host.credentials({ url: 'https://example.org/acme/app.git' })).toBeUndefined();
    expect(await open({ url }).credentials({ url: `${url}/acme/app.git` })).toBeUndefined();
    await open({ url }).repository({ id: '5' });
    expect(authorizations.at(-1)).toBeUndefined();
  });
});
