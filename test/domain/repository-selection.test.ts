import { describe, expect, it } from 'vitest';
import { CodeloomError } from '../../src/domain/errors.js';
import { selectRepositories } from '../../src/domain/repository-selection.js';

describe('an allow-list of repositories', () => {
  const repository = (name: string, defaultBranch = 'main') => ({ name, defaultBranch });

  it.each([
    ['github.com/acme/*', 'acme/app', true], ['github.com/ACME/*', 'Acme/App', true], ['github.com/acme/*', 'acme/group/app', false], ['github.com/acme/**', 'acme/group/app', true],
    ['github.com/acme/{app,lib}', 'acme/lib', true], ['github.com/acme/*', 'acme-evil/app', false], ['*/acme/*', 'acme/app', true], ['**', 'any/thing', true], ['acme/*', 'acme/app', false],
  ])('%s and %s: %s', (glob, name, expected) => {
    expect(selectRepositories({ repositories: [glob] }).includes({ host: 'github.com', repository: repository(name), branch: 'main' })).toBe(expected);
  });

  it('allows nothing when it is empty', () => {
    expect(selectRepositories({}).includes({ host: 'github.com', repository: repository('acme/app'), branch: 'main' })).toBe(false);
  });

  it('takes the default branch of each, or the branches that are named', () => {
    const usual = selectRepositories({ repositories: ['**'] });
    expect(['main', 'dev'].map((branch) => usual.includes({ host: 'h', repository: repository('a/b', 'dev'), branch }))).toEqual([false, true]);
    const named = selectRepositories({ repositories: ['**'], branches: ['main', 'release/*'] });
    expect(['main', 'release/1', 'dev', 'Main'].map((branch) => named.includes({ host: 'h', repository: repository('a/b', 'dev'), branch }))).toEqual([true, true, false, false]);
  });

  it.each(['', 'x'.repeat(2000)])('refuses a glob that is none (%#)', (glob) => {
    expect(() => selectRepositories({ repositories: [glob] })).toThrow(CodeloomError);
  });
});
