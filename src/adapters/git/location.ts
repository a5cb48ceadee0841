import { CodeloomError } from '../../domain/errors.js';
import type { Credentials } from '../../domain/ports/credential-provider.js';
import { redact } from './git-failure.js';

/** What a request's location is: a path of this machine, or a remote's URL taken apart. */
export type Location = { readonly kind: 'path'; readonly path: string } | RemoteLocation;

export interface RemoteLocation {
  readonly kind: 'remote';
  /** Without credentials; what Git is given and what is shown. */
  readonly url: string;
  /** `https`, `ssh`, `git` … in Git's names. */
  readonly protocol: string;
  /** `github.com/owner/name`. */
  readonly id: string;
  /** `owner/name`. */
  readonly name: string;
  /** Scheme and host, to which credentials are bound. */
  readonly origin: string;
  readonly credentials?: Credentials;
}

/** Transports taken without asking. `file`, `http` and others need to be allowed by name: they read this machine, or travel in the clear. */
export const DEFAULT_PROTOCOLS: readonly string[] = ['https', 'ssh', 'git'];

/**
 * Takes a location apart. `exists` says whether there is such a path on disk: `host:path` may be a file name too. Errors: `unsupported-url`.
 */
export function parseLocation(location: string, options: { readonly allowedProtocols: readonly string[]; readonly exists: boolean }): Location {
  if (location === '' || location.startsWith('-') || /[\u0000-\u001f\u007f]/.test(location)) {
    throw unsupported(location, 'A location is a path or a URL; it cannot be empty, begin with "-" or hold control characters.');
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) return parseUrl(location, options.allowedProtocols);
  if (options.exists) return { kind: 'path', path: location };
  const helper = /^([a-z0-9][a-z0-9+.-]*)::/i.exec(location);
  if (helper !== null) return refuse(helper[1] ?? '', location, options.allowedProtocols);
  const scp = /^(?:([^/\\:@]+)@)?(\[[^\]]+\]|[^/\\:@[\]]+):(?!\/\/)(.+)$/.exec(location);
  // One letter before the colon is a drive.
  if (scp !== null && !/^[a-z]:/i.test(location)) return parseScp(location, scp[1], scp[2] ?? '', scp[3] ?? '', options.allowedProtocols);
  return { kind: 'path', path: location };
}

function parseUrl(location: string, allowed: readonly string[]): RemoteLocation {
  let url: URL;
  try {
    url = new URL(location);
  } catch {
    throw unsupported(location, 'This URL cannot be read.');
  }
  const scheme = url.protocol.slice(0, -1).toLowerCase();
  const protocol = scheme === 'git+ssh' || scheme === 'ssh+git' ? 'ssh' : scheme;
  if (!allowed.includes(protocol)) return refuse(protocol, location, allowed);
  const user = decode(url.username);
  const password = decode(url.password);
  const host = url.hostname.toLowerCase();
  if (protocol !== 'file' && (host === '' || host.startsWith('-'))) throw unsupported(location, 'This URL names no host.');
  if (user.startsWith('-')) throw unsupported(location, 'A user name cannot begin with "-".');
  const port = url.port === '' || url.port === DEFAULT_PORTS[protocol] ? '' : `:${url.port}`;
  const path = decode(url.pathname);
  if (host === '' && protocol === 'file') return fileLocation(url, path);
  const login = protocol === 'ssh' && user !== '' ? `${url.username}@` : '';
  // A token is often given as the user name alone.
  const credentials = protocol === 'ssh' || (user === '' && password === '') ? undefined : { username: user, password };
  return {
    kind: 'remote', protocol, url: `${scheme}://${login}${host}${port}${url.pathname}${url.search}`,
    ...identity(`${host}${port}`, path, location), origin: `${scheme}://${host}${port}`,
    ...(credentials === undefined ? {} : { credentials }),
  };
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { https: '443', http: '80', ssh: '22', git: '9418' };

function parseScp(location: string, user: string | undefined, host: string, path: string, allowed: readonly string[]): RemoteLocation {
  if (!allowed.includes('ssh')) return refuse('ssh', location, allowed);
  // What stands before `@` behind a colon is a password: it would be shown and kept as part of the address.
  if (user === undefined && (path.split('/', 1)[0] ?? '').includes('@')) throw unsupported(location, 'This looks like a URL without its scheme: write https:// before it.');
  if (host.startsWith('-') || user?.startsWith('-') === true || path.startsWith('-')) throw unsupported(location, 'No part of a location may begin with "-".');
  const lower = host.toLowerCase();
  return {
    kind: 'remote', protocol: 'ssh', url: `${user === undefined ? '' : `${user}@`}${lower}:${path}`,
    ...identity(lower, path, location), origin: `ssh://${lower}`,
  };
}

/** Host and path, without `.git`, as one id whatever the transport. */
function identity(host: string, path: string, location: string): { readonly id: string; readonly name: string } {
  const name = path.split('/').filter((part) => part !== '' && part !== '.').join('/').replace(/\.git$/i, '');
  if (name === '' || name.split('/').includes('..')) throw unsupported(location, 'This URL names no repository.');
  return { id: `${host}/${name}`, name };
}

function fileLocation(url: URL, path: string): RemoteLocation {
  const { name } = identity('file', path, url.href);
  return { kind: 'remote', protocol: 'file', url: `file://${url.pathname}`, id: `file/${name}`, name: name.split('/').at(-1) ?? name, origin: 'file://' };
}

function refuse(protocol: string, location: string, allowed: readonly string[]): never {
  throw unsupported(location, `URLs of kind "${protocol}" are not taken. Taken are: ${allowed.join(', ')}, and paths of this machine.`);
}

function unsupported(location: string, reason: string): CodeloomError {
  const shown = redact(location, []).replace(/[\u0000-\u001f\u007f]/g, '?').slice(0, 300);
  return new CodeloomError('unsupported-url', `${reason} (${JSON.stringify(shown)})`, { details: { location: shown } });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
