import { describe, expect, it } from 'vitest';
import { gitFailure, redact } from '../../../src/adapters/git/git-failure.js';

const failure = (text: string, secrets: readonly string[] = []) => gitFailure({ command: 'fetch', exitCode: 128, text, secrets });

describe('the exit text of Git', () => {
  it.each([
    ['authentication-failed', "fatal: Authentication failed for 'https://example.org/a/b/'"],
    ['authentication-failed', "fatal: could not read Username for 'https://github.com': terminal prompts disabled"],
    ['authentication-failed', "fatal: unable to access 'https://example.org/a/': The requested URL returned error: 401"],
    ['authentication-failed', "remote: Write access to repository not granted.\nfatal: unable to access 'https://example.org/a/': The requested URL returned error: 403"],
    ['authentication-failed', 'git@example.org: Permission denied (publickey).\r\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.'],
    ['authentication-failed', 'Host key verification failed.\nfatal: Could not read from remote repository.'],
    ['repository-not-found', "remote: Not Found\nfatal: repository 'https://example.org/a/b/' not found"],
    ['repository-not-found', 'ERROR: Repository not found.\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.'],
    ['repository-not-found', "fatal: unable to access 'https://example.org/a/': The requested URL returned error: 404"],
    ['repository-not-found', "fatal: '/srv/none' does not appear to be a git repository\nfatal: Could not read from remote repository."],
    ['repository-not-found', 'remote: The project you were looking for could not be found or you don\'t have permission to view it.\nfatal: the remote end hung up unexpectedly'],
    ['repository-not-found', 'fatal: remote error: access denied or repository not exported: /a/b'],
    ['network', "fatal: unable to access 'https://none.invalid/': Could not resolve host: none.invalid"],
    ['network', "fatal: unable to access 'https://example.org/a/': Failed to connect to example.org port 443 after 12 ms: Connection refused"],
    ['network', 'fatal: unable to look up none.invalid (port 9418) (Name or service not known)'],
    ['network', "fatal: unable to access 'https://example.org/a/': The requested URL returned error: 503"],
    ['network', "fatal: unable to access 'https://example.org/a/': The requested URL returned error: 429"],
    ['network', 'error: RPC failed; curl 18 transfer closed with outstanding read data remaining\nfatal: early EOF'],
    ['network', 'ssh: connect to host example.org port 22: Connection timed out\nfatal: Could not read from remote repository.'],
    ['network', "fatal: unable to access 'https://example.org/a/': server certificate verification failed. CAfile: none CRLfile: none"],
    ['unsupported-url', "fatal: transport 'ext' not allowed"],
    ['unknown-ref', 'fatal: remote error: upload-pack: not our ref 1234567890123456789012345678901234567890'],
    ['not-a-repository', "fatal: detected dubious ownership in repository at '/srv/r'\nTo add an exception for this directory, call:\n"],
    ['not-a-repository', 'fatal: not a git repository (or any of the parent directories): .git'],
    ['git-not-found', 'Error: spawn git ENOENT\n    at ChildProcess'],
    ['store-full', 'error: file write error: No space left on device\nfatal: unable to write loose object file\nfatal: early EOF'],
    ['store-full', "fatal: could not create work tree dir 'x': Disk quota exceeded"],
    ['network', 'remote: fatal: write error: No space left on device\nfatal: early EOF'],
    ['git-failed', 'fatal: something never seen before'],
  ])('means %s: %s', (code, text) => {
    expect(failure(text)).toMatchObject({ code });
  });

  it.each([
    'fatal: bad object 4010000000000000000000000000000000000404',
    'fatal: bad object 403401404403401404403401404403401404abcd',
    'fatal: failed to traverse parents of commit 5034290000000000000000000000000000000500',
    "error: refs/heads/error-401 does not point to a valid object!",
  ])('is not misread for digits in a name: %s', (text) => {
    expect(failure(text)).toMatchObject({ code: 'git-failed' });
  });

  it('says whether to try again', () => {
    expect(failure('fatal: early EOF').retryable).toBe(true);
    expect(failure("fatal: Authentication failed for 'x'").retryable).toBe(false);
    expect(failure("fatal: repository 'x' not found").retryable).toBe(false);
  });

  it('keeps the sentence that says why', () => {
    expect(failure('warning: x\nfatal: something never seen before\nhint: y').message).toBe('git fetch failed: something never seen before');
    expect(failure('').message).toBe('git fetch failed: exit code 128');
  });

  it('holds no secret, however it is spelled', () => {
    const error = failure("fatal: unable to access 'https://user:p%40ss%2Fword@example.org/a/': and p@ss/word, user", ['p@ss/word', 'user']);
    expect(JSON.stringify([error.message, error.details])).not.toMatch(/p@ss|p%40ss|user/);
  });
});

describe('redact', () => {
  it('hides what stands before the host', () => {
    expect(redact('https://token@example.org/a and http://a:b@c.org', [])).toBe('https://***@example.org/a and http://***@c.org');
  });

  it('hides a name and password for which there is no scheme', () => {
    expect(redact('ext::tok:pw@host/a', [])).toBe('***@host/a');
    expect(redact('no such host: "tok:p/w@host/a"', [])).toBe('no such host: "***@host/a"');
    expect(redact('https://tok:pw@host/a', [])).toBe('https://***@host/a');
  });

  it('leaves the login name of SSH, and e-mail addresses', () => {
    expect(redact('ssh://git@example.org/a git@example.org:a a@example.org', [])).toBe('ssh://git@example.org/a git@example.org:a a@example.org');
  });
});
