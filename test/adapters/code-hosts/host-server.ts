import { spawn } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { plainEnvironment, serveGit } from '../git/http-backend.js';
import { selfSigned } from './certificate.js';
import { secret } from '../../secrets/watch.js';

/** The key of the App, made once: RSA keys take their time. */
const appKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const APP_ID = '4711';
export const INSTALLATION = '99';
/** As GitHub hands them out (PKCS#1), and as other tools write them (PKCS#8). */
export const APP_KEY_PKCS1 = secret(String(appKeys.privateKey.export({ type: 'pkcs1', format: 'pem' })));
export const APP_KEY_PKCS8 = secret(String(appKeys.privateKey.export({ type: 'pkcs8', format: 'pem' })));

export interface ServedRepository {
  readonly id: number;
  /** `owner/name`; below the served folder lies `owner/name.git`, under the first of its names. */
  name: string;
  readonly folder: string;
  former: string[];
  defaultBranch: string;
  archived: boolean;
  /** Wants a token. */
  readonly secret: boolean;
}

export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly authorization: string | undefined;
}

type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A server that speaks GitHub's API (as an Enterprise Server: below /api/v3), and Git's smart HTTP by way of `git http-backend`, with a certificate that vouches for itself. */
export interface HostServer {
  /** `https://localhost:<port>`. */
  readonly url: string;
  readonly apiUrl: string;
  /** PEM of the certificate. */
  readonly ca: string;
  readonly asked: Asked[];
  readonly repositories: ServedRepository[];
  /** Tokens that were given out, in order. */
  readonly tokens: string[];
  /** Those that are accepted: all that were given out, save what is taken out of it. */
  readonly accepted: Set<string>;
  /** Seconds that a token is good for, as the server says. */
  tokenSeconds: number;
  /** Looked at first; true when it has answered. */
  fault: Fault | undefined;
  /** Asked with a JWT whose claims were these. */
  readonly claims: Readonly<Record<string, unknown>>[];
  asks(pattern: RegExp): readonly Asked[];
  close(): Promise<void>;
}

export interface HostServerOptions {
  /** Holds `owner/name.git`. */
  readonly folder: string;
  readonly now?: () => Date;
}

export async function startHostServer({ folder, now = () => new Date() }: HostServerOptions): Promise<HostServer> {
  const { certificate, key } = selfSigned();
  const publicKey: KeyObject = createPublicKey(APP_KEY_PKCS1);
  const server = createServer({ cert: certificate, key }, (request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://localhost:${(server.address() as AddressInfo).port}`; // a server that listens on a port has such an address
  const state: HostServer = {
    url, apiUrl: `${url}/api/v3`, ca: certificate, asked: [], repositories: [], tokens: [], accepted: new Set(), tokenSeconds: 3600, fault: undefined, claims: [],
    asks: (pattern) => state.asked.filter(({ method, path }) => pattern.test(`${method} ${path}`)),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    state.asked.push({ method: request.method ?? '', path, authorization: request.headers.authorization });
    if (state.fault?.(request, response) === true) return;
    if (path.startsWith('/api/v3/')) await api(request, response, path.slice('/api/v3'.length));
    else git(request, response, path);
  }

  async function api(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const issue = /^\/app\/installations\/(\d+)\/access_tokens$/.exec(path)?.[1];
    const [, installed] = /^\/(?:repos|repositories)\/([^/]+(?:\/[^/]+)?)\/installation$/.exec(path) ?? [];
    const renamed = state.repositories.find((each) => each.former.includes(installed ?? ''));
    if (renamed !== undefined) {
      response.writeHead(301, { Location: `${state.apiUrl}/repositories/${renamed.id}/installation` }).end();
      return;
    }
    if (issue !== undefined || installed !== undefined || path === '/app') {
      const claims = await jwtVerify(bearer ?? '', publicKey, { algorithms: ['RS256'], issuer: APP_ID, currentDate: now() }).then(({ payload }) => payload, () => undefined);
      if (claims === undefined) return json(response, 401, { message: 'A JSON web token could not be decoded' });
      state.claims.push(claims);
      if (path === '/app') return json(response, 200, { id: Number(APP_ID), slug: 'codeloom-test', name: 'Codeloom Test' });
      if (installed !== undefined) return (byName(installed) ?? state.repositories.find((each) => String(each.id) === installed))?.secret === true ? json(response, 200, { id: Number(INSTALLATION) }) : json(response, 404, { message: 'Not Found' });
      if (issue !== INSTALLATION) return json(response, 404, { message: 'Not Found' });
      const token = secret(`ghs_${String(state.tokens.length + 1).padStart(4, '0')}SecretOfAnInstallation`);
      state.tokens.push(token);
      state.accepted.add(token);
      return json(response, 201, { token, expires_at: new Date(now().getTime() + state.tokenSeconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z'), permissions: { contents: 'read' } });
    }
    if (bearer !== undefined && !state.accepted.has(bearer)) return json(response, 401, { message: 'Bad credentials' });
    if (path === '/rate_limit') return json(response, 200, { rate: { limit: 60 } });
    if (path === '/user') return bearer === undefined ? json(response, 401, {}) : json(response, 200, { login: 'reader' });
    const id = /^\/repositories\/(\d+)$/.exec(path)?.[1];
    const [, name, branch] = /^\/repos\/([^/]+\/[^/]+)(?:\/git\/ref\/heads\/(.+))?$/.exec(path) ?? [];
    const found = id !== undefined ? state.repositories.find((each) => each.id === Number(id)) : byName(name ?? '');
    const former = state.repositories.find((each) => each.former.includes(name ?? ''));
    if (found === undefined && former !== undefined) {
      response.writeHead(301, { Location: `${state.apiUrl}/repositories/${former.id}` }).end();
      return;
    }
    if (found === undefined || (found.secret && bearer === undefined)) return json(response, 404, { message: 'Not Found' });
    if (branch !== undefined) {
      const sha = await headOf(found, decodeURIComponent(branch));
      return sha === undefined ? json(response, 404, { message: 'Not Found' }) : json(response, 200, { ref: `refs/heads/${branch}`, object: { type: 'commit', sha } });
    }
    json(response, 200, { id: found.id, full_name: found.name, clone_url: `${url}/${found.name}.git`, default_branch: found.defaultBranch, archived: found.archived, private: found.secret });
  }

  function git(request: IncomingMessage, response: ServerResponse, path: string): void {
    const [, name = '', rest = ''] = /^\/([^/]+\/[^/]+?)(?:\.git)?(\/.*)$/.exec(path) ?? [];
    const former = state.repositories.find((each) => each.former.includes(name));
    if (former !== undefined) {
      response.writeHead(301, { Location: `${url}/${former.name}.git${rest}` }).end();
      return;
    }
    const found = byName(name);
    const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const token = basic === undefined ? undefined : Buffer.from(basic, 'base64').toString().replace(/^x-access-token:/, '');
    if (token === undefined ? found?.secret !== false : !state.accepted.has(token)) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="GitHub"' }).end();
      return;
    }
    if (found === undefined) {
      response.writeHead(404).end('Repository not found.');
      return;
    }
    serveGit({ root: folder, path: `/${found.folder}${rest}` }, request, response);
  }

  function byName(name: string): ServedRepository | undefined {
    return state.repositories.find((each) => each.name === name);
  }

  function headOf(repository: ServedRepository, branch: string): Promise<string | undefined> {
    const child = spawn('git', ['--git-dir', join(folder, repository.folder), 'rev-parse', '--verify', '--quiet', `refs/heads/${branch}`], { env: plainEnvironment(), stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => { text += chunk.toString(); });
    return new Promise((resolve) => child.on('close', (code) => resolve(code === 0 ? text.trim() : undefined)));
  }

  return state;
}

export function json(response: ServerResponse, status: number, body: object, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
}
