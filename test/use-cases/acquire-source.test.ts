import { describe, expect, it } from 'vitest';
import type { MemoryTree } from '../../src/adapters/memory/git-host.js';
import { acquireSource } from '../../src/use-cases/acquire-source.js';
import { readListing } from '../../src/use-cases/source-listing.js';
import type { IndexRequest } from '../../src/use-cases/steps.js';
import { VERSION, workbench } from './workbench.js';

async function list(tree: MemoryTree, request: Partial<IndexRequest> = {}): Promise<Record<string, string>> {
  const { ports } = workbench(tree);
  const acquired = await acquireSource(ports, { request: { location: 'shop', ...request }, indexerVersion: VERSION }, {});
  const { files } = await readListing(ports.factStore, acquired.listing);
  return Object.fromEntries(files.map((file) => [file.path, file.skipped === '' ? file.language : file.skipped]));
}

describe('acquiring a source', () => {
  it('selects files of known languages and says why the others are left out', async () => {
    expect(await list({
      'a.toy': 'def a\n', 'README.md': '# a\n', 'names.conf': '', 'vendor/lib': { submodule: 'a'.repeat(40) }, 'link.toy': { link: 'a.toy' },
      'big.toy': 'def big\n'.repeat(10), 'node_modules/x/index.toy': 'def x\n',
    }, { maxFileBytes: 50 })).toEqual({
      'README.md': 'language', 'a.toy': 'toy', 'big.toy': 'too-large', 'link.toy': 'symlink', 'names.conf': 'configuration', 'node_modules/x/index.toy': 'excluded', 'vendor/lib': 'submodule',
    });
  });

  it('takes include and exclude globs, folders by name, and exclusions back', async () => {
    const tree = { 'src/a.toy': '', 'src/b.toy': '', 'test/a.toy': '', 'node_modules/x/a.toy': '', '.hidden/a.toy': '' };
    expect(await list(tree, { include: ['src'] })).toMatchObject({ 'src/a.toy': 'toy', 'test/a.toy': 'excluded', '.hidden/a.toy': 'excluded' });
    expect(await list(tree, { exclude: ['**/b.toy', './test/'] })).toMatchObject({ 'src/a.toy': 'toy', 'src/b.toy': 'excluded', 'test/a.toy': 'excluded', '.hidden/a.toy': 'toy' });
    expect(await list(tree, { exclude: ['**/a.toy'] })).toMatchObject({ 'src/b.toy': 'toy', '.hidden/a.toy': 'excluded' });
    expect(await list(tree, { exclude: ['src/*', '!src/b.toy', '!node_modules/x'] })).toMatchObject({ 'src/a.toy': 'excluded', 'src/b.toy': 'toy', 'node_modules/x/a.toy': 'toy' });
  });

  it('takes braces and classes, and no more of a pattern language', async () => {
    const tree = { 'app/(group)/a.toy': '', 'app/b.toy': '', 'lib/a.toy': '', 'lib/.c.toy': '' };
    expect(await list(tree, { exclude: ['{app,none}/(group)/*.toy'] })).toMatchObject({ 'app/(group)/a.toy': 'excluded', 'app/b.toy': 'toy' });
    expect(await list(tree, { exclude: ['**/[b-c].toy', 'lib/*c.toy'] })).toMatchObject({ 'app/b.toy': 'excluded', 'lib/a.toy': 'toy', 'lib/.c.toy': 'excluded' });
  });

  it('matches in time that grows with glob times path, whatever the glob', async () => {
    const name = `${'a'.repeat(250)}.toy`;
    const tree = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`${'a/'.repeat(100)}${index}${name}`, '']));
    const globs = [`**/${'*a'.repeat(100)}b`, `${'**/a/'.repeat(200)}b`, '{a,b}'.repeat(8), `**/${'[a-z]*'.repeat(100)}!`];
    const started = performance.now();
    await list(tree, { include: globs, exclude: globs });
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('refuses globs that are too long, too many, or stand for too many others', async () => {
    for (const exclude of [['a'.repeat(1025)], Array.from({ length: 1001 }, (_, index) => `a${index}`), [`${'{*a*a*a*a*,*b*b*b*b*}'.repeat(8)}`]]) {
      await expect(list({}, { exclude })).rejects.toMatchObject({ code: 'invalid-argument' });
    }
  });

  it.each(['-x', '--json', '', 'a b', 'a\nb', 'a\u0000b'])('refuses %j for the name of a branch', async (branch) => {
    await expect(list({}, { branch })).rejects.toMatchObject({ code: 'invalid-argument', details: { branch } });
  });

  it('reads the first line of executables without an ending', async () => {
    expect(await list({
      'bin/tool': { content: '#!toy\ndef main\n', executable: true }, 'bin/other': { content: '#!/bin/sh\n', executable: true }, 'plain': '#!toy\n',
    })).toEqual({ 'bin/tool': 'toy', 'bin/other': 'language', plain: 'language' });
  });

  it('has one source digest for one listing, and another for any other path, mode or content', async () => {
    const digest = async (tree: MemoryTree): Promise<string> => (await acquireSource(workbench(tree).ports, { request: { location: 'shop' }, indexerVersion: VERSION }, {})).source;
    const base = await digest({ a: 'x', b: 'y' });
    expect(await digest({ b: 'y', a: 'x' })).toBe(base);
    for (const other of [{ a: 'x', c: 'y' }, { a: 'x', b: 'z' }, { a: 'x', b: { content: 'y', executable: true } }, { a: 'x' }] as const) expect(await digest(other)).not.toBe(base);
  });

  it('refuses a language that the parser does not know, an empty glob and a size that is none', async () => {
    await expect(list({}, { languages: ['cobol'] })).rejects.toMatchObject({ code: 'invalid-argument', details: { language: 'cobol', languages: ['toy'] } });
    await expect(list({}, { exclude: [''] })).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(list({}, { maxFileBytes: 0 })).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('lists paths in the order in which manifests are, which is not that of their bytes', async () => {
    // U+1F600 is above U+FF21, and begins with a smaller UTF-16 code unit.
    expect(Object.keys(await list({ '\u{ff21}.toy': '', '\u{1f600}.toy': '' }))).toEqual(['\u{1f600}.toy', '\u{ff21}.toy']);
  });

  it('lets go of the revision when it fails after finding it', async () => {
    let released = 0;
    const bench = workbench();
    const gitHost = { ...bench.git, list: () => { throw new Error('broken pipe'); }, release: async () => { released++; } };
    await expect(acquireSource({ ...bench.ports, gitHost }, { request: { location: 'shop' }, indexerVersion: VERSION }, {})).rejects.toThrow('broken pipe');
    expect(released).toBe(1);
  });
});
