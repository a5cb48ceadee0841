import { describe, expect, it } from 'vitest';
import { DEFAULT_PROTOCOLS, parseLocation } from '../../../src/adapters/git/location.js';

const parse = (location: string, allowedProtocols = DEFAULT_PROTOCOLS, exists = false) => parseLocation(location, { allowedProtocols, exists });
const refused = expect.objectContaining({ name: 'CodeloomError', code: 'unsupported-url' });

describe('a location', () => {
  it.each([
    ['https://github.com/owner/name', 'github.com/owner/name', 'https://github.com/owner/name'],
    ['https://GitHub.com/Owner/Name.git/', 'github.com/Owner/Name', 'https://github.com/Owner/Name.git/'],
    ['https://github.com:443/owner/name', 'github.com/owner/name', 'https://github.com/owner/name'],
    ['https://example.org:8443/a/b/c.git', 'example.org:8443/a/b/c', 'https://example.org:8443/a/b/c.git'],
    ['ssh://git@github.com/owner/name.git', 'github.com/owner/name', 'ssh://git@github.com/owner/name.git'],
    ['ssh://git@example.org:22/owner/name', 'example.org/owner/name', 'ssh://git@example.org/owner/name'],
    ['ssh://git@example.org:2222/owner/name', 'example.org:2222/owner/name', 'ssh://git@example.org:2222/owner/name'],
    ['git@github.com:owner/name.git', 'github.com/owner/name', 'git@github.com:owner/name.git'],
    ['example.org:owner/name', 'example.org/owner/name', 'example.org:owner/name'],
    ['git://example.org/owner/name', 'example.org/owner/name', 'git://example.org/owner/name'],
    ['https://example.org/with%20space/name', 'example.org/with space/name', 'https://example.org/with%20space/name'],
  ])('%s is the remote %s', (location, id, url) => {
    expect(parse(location)).toMatchObject({ kind: 'remote', id, url });
  });

  it.each(['.', '/srv/repository', './a:b/c', 'C:\\code\\repository', 'c:/code', 'relative/folder'])('%s is a path', (location) => {
    expect(parse(location)).toEqual({ kind: 'path', path: location });
  });

  it('with a colon is a path when there is one of that name', () => {
    expect(parse('host:folder', DEFAULT_PROTOCOLS, true)).toEqual({ kind: 'path', path: 'host:folder' });
  });

  it.each([
    'file:///srv/repository', 'http://example.org/a/b', 'ext::sh -c "touch x"', 'ext::whoami', 'fd::17', 'ftp://example.org/a', 'foo://example.org/a', 'transport::address',
    '-', '--upload-pack=x', '-oProxyCommand=x:y', 'ssh://-oProxyCommand=x/y', 'ssh://-x@example.org/y', '-x@example.org:y', 'git@-host:y', 'git@host:-y',
    'https://', 'https://example.org', 'https://example.org/.git', 'https://example.org/../..%2f..', 'https://exa mple.org/a', '', 'a\nb', 'https://example.org/a\n/b', 'a\0b',
  ])('%j is refused', (location) => {
    expect(() => parse(location)).toThrow(refused);
  });

  it('takes other transports where they are allowed by name', () => {
    expect(parse('file:///srv/code/repository.git', ['file'])).toMatchObject({ kind: 'remote', protocol: 'file', url: 'file:///srv/code/repository.git', id: 'file/srv/code/repository', name: 'repository' });
    expect(parse('http://example.org:8080/a/b', ['http'])).toMatchObject({ id: 'example.org:8080/a/b', protocol: 'http' });
    expect(() => parse('https://example.org/a/b', ['ssh'])).toThrow(refused);
    expect(() => parse('git@example.org:a/b', ['https'])).toThrow(refused);
  });

  it('gives up its credentials', () => {
    expect(parse('https://user:p%40ss@example.org/a/b')).toEqual({
      kind: 'remote', protocol: 'https', url: 'https://example.org/a/b', id: 'example.org/a/b', name: 'a/b', origin: 'https://example.org',
      credentials: { username: 'user', password: 'p@ss' },
    });
    expect(parse('https://token@example.org/a/b')).toMatchObject({ url: 'https://example.org/a/b', credentials: { username: 'token', password: '' } });
    expect(JSON.stringify(parse('ssh://git:secret@example.org/a/b'))).not.toContain('secret');
  });

  it('does not show credentials in a refusal', () => {
    const message = (location: string) => {
      try {
        parse(location);
        return '';
      } catch (error) {
        return `${error instanceof Error ? error.message : ''} ${JSON.stringify(error)}`;
      }
    };
    expect(message('http://user:secret@example.org/a/b')).toContain('http://***@example.org');
    expect(message('http://user:secret@example.org/a/b')).not.toContain('secret');
    expect(message('https://user:secret@example.org')).not.toContain('secret');
  });
});
