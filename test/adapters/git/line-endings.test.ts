import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitHost } from '../../../src/adapters/git/git-host.js';
import { git, openWorkshop, type Workshop } from './build-repository.js';
import { listing } from './reading.js';

/** Contents at the edges of Git's rule for what is text. */
const CONTENTS: Readonly<Record<string, string>> = {
  'lf': 'a\nb\n', 'crlf': 'a\r\nb\r\n', 'mixed': 'a\r\nb\n', 'lone-cr': 'a\rb\r\n', 'cr-at-end': 'a\r\nb\r', 'crcrlf': 'a\r\r\n', 'nul': 'a\0b\r\n',
  'eof-mark': 'a\r\n\x1a', 'control': '\x01\x02\r\n', 'control-in-long': `${'x'.repeat(300)}\x01\r\n`, 'tabs': '\t\b\x1b\f\r\n', 'delete': 'abc\x7f\r\n', 'empty': '', 'only': '\r\n',
};

describe('line ends of changed files', () => {
  let workshop: Workshop;
  beforeAll(() => { workshop = openWorkshop(); });
  afterAll(() => workshop.dispose());

  const ids = async (folder: string) => Object.fromEntries((await listing(createGitHost({ cacheFolder: join(workshop.folder, 'm') }), { location: folder })).map((entry) => [entry.path, entry.blob]));
  const idsByGit = (folder: string, paths: readonly string[]) => {
    const lines = git(folder, ['hash-object', '--stdin-paths'], `${paths.join('\n')}\n`).trim().split('\n');
    return Object.fromEntries(paths.map((path, at) => [path, lines[at]]));
  };

  it.each([
    ['no setting', [], ''],
    ['core.autocrlf=true', ['core.autocrlf', 'true'], ''],
    ['core.autocrlf=input', ['core.autocrlf', 'input'], ''],
    ['text', [], '* text\n'],
    ['text=auto', [], '* text=auto\n'],
    ['-text under autocrlf', ['core.autocrlf', 'true'], '* -text\n'],
    ['binary under autocrlf', ['core.autocrlf', 'true'], '* binary\n'],
    ['eol=crlf', [], '* eol=crlf\n'],
    ['eol=lf with text=auto', [], '* text=auto eol=lf\n'],
    ['the older crlf', [], '* crlf\n'],
    ['the older -crlf under autocrlf', ['core.autocrlf', 'true'], '* -crlf\n'],
    ['the older crlf=input', [], '* crlf=input\n'],
  ])('are normalised as Git does with %s', async (name, setting, attributes) => {
    const folder = join(workshop.folder, name.replace(/\W+/g, '-'));
    mkdirSync(folder);
    git(folder, ['init', '--quiet']);
    if (setting.length > 0) git(folder, ['config', ...setting]);
    if (attributes !== '') writeFileSync(join(folder, '.gitattributes'), attributes);
    for (const [path, content] of Object.entries(CONTENTS)) writeFileSync(join(folder, path), content);
    const expected = idsByGit(folder, Object.keys(CONTENTS));
    expect(await ids(folder)).toMatchObject(expected);
  });

  it('are left alone in a file that was committed with them', async () => {
    const folder = join(workshop.folder, 'committed');
    mkdirSync(folder);
    git(folder, ['init', '--quiet']);
    writeFileSync(join(folder, 'a'), 'one\r\n');
    git(folder, ['add', 'a']);
    git(folder, ['config', 'core.autocrlf', 'true']);
    writeFileSync(join(folder, 'a'), 'one\r\ntwo\r\n');
    const listed = await ids(folder);
    git(folder, ['add', 'a']);
    expect(listed).toEqual({ a: git(folder, ['ls-files', '-s']).split(' ')[1] });
  });

  it('are normalised as Git does, whatever the content', async () => {
    const folder = join(workshop.folder, 'any');
    mkdirSync(folder);
    git(folder, ['init', '--quiet']);
    writeFileSync(join(folder, '.gitattributes'), '* text=auto\n');
    const piece = fc.constantFrom('\r\n', '\n', '\r', 'a', 'text ', '\0', '\x1a', '\x7f', '\x01', 'é', 'y'.repeat(140));
    await fc.assert(fc.asyncProperty(fc.array(fc.array(piece, { maxLength: 12 }), { minLength: 20, maxLength: 40 }), async (contents) => {
      const paths = contents.map((content, at) => {
        writeFileSync(join(folder, `f${at}`), content.join(''));
        return `f${at}`;
      });
      expect(await ids(folder)).toMatchObject(idsByGit(folder, paths));
    }), { numRuns: 10 });
  });
});
