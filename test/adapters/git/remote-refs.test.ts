import { describe, expect, it } from 'vitest';
import { readRemoteRefs, shortNames, wantedFor } from '../../../src/adapters/git/remote-refs.js';

const id = (digit: string): string => digit.repeat(40);
const listing = [
  'ref: refs/heads/main\tHEAD', `${id('a')}\tHEAD`, `${id('a')}\trefs/heads/main`, `${id('b')}\trefs/heads/feed`, `${id('b')}\trefs/heads/team/topic`,
  `${id('c')}\trefs/tags/v1`, `${id('d')}\trefs/tags/v1^{}`, `${id('d')}\trefs/tags/main`, '',
].join('\n');

describe('what is fetched for a revision of a remote', () => {
  const refs = readRemoteRefs(listing);

  it.each([
    ['HEAD', ['refs/heads/main']],
    ['team/topic', ['refs/heads/team/topic']],
    ['refs/heads/team/topic', ['refs/heads/team/topic']],
    ['heads/main', ['refs/heads/main']],
    ['v1', ['refs/tags/v1']],
    ['main', ['refs/heads/main', 'refs/tags/main']],
    // It may be an abbreviated id, but a branch is called so.
    ['feed', ['refs/heads/feed']],
    [id('e'), [id('e')]],
  ])('%s is fetched alone', (ref, wanted) => expect(wantedFor(ref, refs)).toEqual(wanted));

  it.each(['HEAD~1', 'main^2', 'v1^{commit}', 'main@{1}', ':/fix', 'abc1234', 'refs/pull/7/head', 'origin main', '-x', ''])('%j takes the history', (ref) => expect(wantedFor(ref, refs)).toBe('history'));

  it.each(['mian', 'team', 'v2', 'feature/none'])('%s is not there', (ref) => expect(wantedFor(ref, refs)).toBe('nothing'));

  it('is the history when HEAD is on no branch, or nothing is there', () => {
    expect(wantedFor('main', readRemoteRefs(listing.replace('ref: refs/heads/main\tHEAD\n', '')))).toBe('history');
    expect(wantedFor('HEAD', readRemoteRefs(''))).toBe('history');
  });

  it('knows the names as people write them, and the length of ids', () => {
    expect(shortNames(refs)).toEqual(['main', 'feed', 'team/topic', 'v1', 'main']);
    expect([refs.digits, readRemoteRefs('').digits, readRemoteRefs(`${'a'.repeat(64)}\trefs/heads/main`).digits]).toEqual([40, undefined, 64]);
  });
});
