import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseRepository } from '../../../src/adapters/cli/choose-repository.js';
import type { Repository } from '../../../src/domain/repository.js';

describe('which repository a query is about', async () => {
  let root: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'codeloom-choose-')));
    for (const folder of ['outer/.git', 'outer/src', 'outer/inner/.git', 'elsewhere']) mkdirSync(join(root, folder), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const folderRepository = (name: string): Repository => ({ id: `local/${name}-1`, name, location: join(root, ...name.split('-')), kind: 'work-tree' });
  const express: Repository = { id: 'github.com/expressjs/express', name: 'expressjs/express', location: 'https://github.com/expressjs/express.git', kind: 'remote' };

  it('is the one around the current folder', async () => {
    const outer = folderRepository('outer');
    expect(await chooseRepository({ repositories: [express, outer], folder: join(root, 'outer', 'src') })).toBe(outer);
  });

  it('is the innermost of several', async () => {
    const inner = folderRepository('outer-inner');
    expect(await chooseRepository({ repositories: [inner, folderRepository('outer')], folder: join(root, 'outer', 'inner') })).toBe(inner);
  });

  it('is not the one around a repository that is not indexed itself', async () => {
    await expect(chooseRepository({ repositories: [folderRepository('outer')], folder: join(root, 'outer', 'inner') })).rejects.toThrow(expect.objectContaining({ code: 'not-indexed', details: expect.objectContaining({ hint: 'Run: codeloom index' }) }));
  });

  it('is the one that is named by id, name, end of name, URL or folder', async () => {
    const outer = folderRepository('outer');
    const repositories = [express, outer];
    for (const wanted of ['github.com/expressjs/express', 'expressjs/express', 'express', 'https://github.com/expressjs/express']) {
      expect(await chooseRepository({ repositories, folder: root, wanted })).toBe(express);
    }
    expect(await chooseRepository({ repositories, folder: root, wanted: './outer' })).toBe(outer);
  });

  it('must be clear when a name fits several', async () => {
    const fork: Repository = { ...express, id: 'github.com/someone/express', name: 'someone/express', location: 'https://github.com/someone/express' };
    await expect(chooseRepository({ repositories: [express, fork], folder: root, wanted: 'express' })).rejects.toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  it('is told how to be named or indexed where there is none', async () => {
    const hint = (text: RegExp) => expect.objectContaining({ code: 'not-indexed', details: expect.objectContaining({ hint: expect.stringMatching(text) }) });
    await expect(chooseRepository({ repositories: [], folder: join(root, 'elsewhere') })).rejects.toThrow(hint(/codeloom index/));
    await expect(chooseRepository({ repositories: [express], folder: join(root, 'elsewhere') })).rejects.toThrow(hint(/--repo: github.com\/expressjs\/express/));
    await expect(chooseRepository({ repositories: [express], folder: root, wanted: 'expres' })).rejects.toThrow(hint(/Did you mean github.com\/expressjs\/express\?/));
    await expect(chooseRepository({ repositories: [express], folder: root, wanted: 'lodash' })).rejects.toThrow(hint(/^To index it, run: codeloom index lodash$/));
  });
});
