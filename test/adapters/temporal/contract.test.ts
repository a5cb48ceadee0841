import { describe, expect, it } from 'vitest';
import { indexRequest, readRunInput, workflowId, type RunInput } from '../../../src/adapters/temporal/contract.js';

const INPUT = { installation_id: 4711, github_repo_name: 'owner/name', repo_id: 123, default_branch: 'main', repo_url: 'https://github.com/owner/name.git' };

describe('the input of a run', () => {
  it('is what the contract says', () => {
    const input = readRunInput(INPUT);
    expect(workflowId(input)).toBe('repo-index-123-main');
    expect(indexRequest(input)).toMatchObject({ location: INPUT.repo_url, ref: 'main', branch: 'main' });
  });

  it.each(['ssh://git@github.com/owner/name', 'git@github.com:owner/name.git', 'git://127.0.0.1:9418/name', 'https://git.example:8443/a/b'])('takes %s', (repo_url) => {
    expect(readRunInput({ ...INPUT, repo_url }).repo_url).toBe(repo_url);
  });

  it('may lack an installation, and may hold fields of a newer client', () => {
    const { installation_id: _, ...rest } = INPUT;
    expect(readRunInput({ ...rest, priority: 3 })).toEqual(rest);
    expect(readRunInput({ ...INPUT, installation_id: null }).installation_id).toBeNull();
  });

  it('may name a commit and what else indexing takes', () => {
    const input: RunInput = { ...INPUT, commit: 'a'.repeat(40), options: { languages: ['python'], include: ['src/**'], exclude: ['gen/**'], max_file_bytes: 1000, retention: { days: 1, snapshots: 2 } } };
    expect(indexRequest(readRunInput(input))).toEqual({
      location: INPUT.repo_url, ref: 'a'.repeat(40), branch: 'main', languages: ['python'], include: ['src/**'], exclude: ['gen/**'], maxFileBytes: 1000, retention: { days: 1, snapshots: 2 },
    });
  });

  it.each([
    ['repo_id', { repo_id: '' }], ['repo_id', { repo_id: 1.5 }], ['default_branch', { default_branch: 7 }], ['github_repo_name', { github_repo_name: undefined }],
    ['repo_url', { repo_url: '/srv/git/shop' }], ['repo_url', { repo_url: 'shop' }], ['repo_url', { repo_url: 'https://hunter2@github.com/owner/name' }], ['repo_url', { repo_url: 'ssh://git:hunter2@github.com/owner/name' }],
    ['commit', { commit: 'HEAD' }], ['options.max_file_bytes', { options: { max_file_bytes: 0 } }], ['options.retention.days', { options: { retention: { days: -1, snapshots: 1 } } }],
  ])('is refused for a wrong %s, which is named and not repeated', (path, wrong) => {
    let message = '';
    try {
      readRunInput({ ...INPUT, ...wrong });
    } catch (error) {
      expect(error).toMatchObject({ code: 'invalid-argument', retryable: false, details: { path } });
      message = String(error);
    }
    expect(message).toContain(`\`${path}\``);
    expect(message).not.toContain('hunter2');
  });

  it.each([undefined, null, 'owner/name', 7, []])('is refused when it is %j', (value) => {
    expect(() => readRunInput(value)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});
