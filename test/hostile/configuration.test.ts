import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCodeloom, type Codeloom } from '../../src/index.js';
import { buildRepository, openWorkshop, type Workshop } from '../adapters/git/build-repository.js';

const GOOD = { 'good/package.json': '{"name":"good"}', 'good/lib.ts': 'export function save(): void {}\n', 'good/main.ts': "import { save } from './lib.js';\nexport function run(): void { save(); }\n" };

/** Configuration files of strangers, through the whole of indexing. What each reader does with each text: test/domain/linking/. */
describe('configuration that is wrong', () => {
  let workshop: Workshop;
  let codeloom: Codeloom;

  beforeEach(async () => {
    workshop = openWorkshop();
    codeloom = await createCodeloom({ store: 'memory', workers: 0 });
  });
  afterEach(async () => {
    await codeloom.close();
    await workshop.dispose();
  });

  /** Codes of what is said of each configuration file; the good files keep their edge. */
  async function told(files: Readonly<Record<string, string | Buffer>>): Promise<Record<string, readonly string[]>> {
    const folder = join(workshop.folder, 'r');
    buildRepository(folder, { head: 'main', branches: { main: [{ ...GOOD, ...files }] } });
    const { snapshot } = await codeloom.index({ location: folder });
    expect((await codeloom.callers({ symbol: 'good/lib.ts#save().' })).results).toMatchObject([{ id: 'good/main.ts#run().', certainty: 'certain' }]);
    const codes: Record<string, string[]> = {};
    for (const { path, code } of snapshot.stats.configuration ?? []) (codes[path] ??= []).push(code);
    if (snapshot.stats.skipped['too-large'] !== undefined) codes['too-large'] = [String(snapshot.stats.skipped['too-large'])];
    return codes;
  }

  it('turns in circles', async () => {
    expect(await told({
      'tsconfig.json': '{"extends":"./tsconfig.a.json"}', 'tsconfig.a.json': '{"extends":["./tsconfig.b.json"]}', 'tsconfig.b.json': '{"extends":"./tsconfig.json","references":[{"path":"."}]}', 'x/tsconfig.json': '{"extends":"./tsconfig.json"}', 'x/a.ts': "import 'a';\n", 'a.ts': "import 'a';\n",
    })).toMatchObject({ 'x/tsconfig.json': ['configuration-cycle'], 'tsconfig.b.json': ['configuration-cycle'] });
  });

  it('leads out of the repository', async () => {
    expect(await told({
      'tsconfig.json': '{"extends":"../../../etc/passwd","compilerOptions":{"baseUrl":"../..","paths":{"a":["../../x"]},"rootDirs":["../.."]},"include":["../../**/*"],"references":[{"path":"../../.."}]}', 'a.ts': "import 'a';\n",
      'package.json': '{"workspaces":["../*"],"exports":"../../x.js","main":"../../../x.js"}', 'pyproject.toml': '[tool.setuptools.packages.find]\nwhere = ["../../.."]\n', 'setup.cfg': '[options]\npackage_dir =\n    = ../../x\n', 'b.py': 'import x\n',
    })).toMatchObject({ 'tsconfig.json': expect.arrayContaining(['configuration-outside']), 'package.json': ['configuration-outside'], 'pyproject.toml': ['configuration-outside'], 'setup.cfg': ['configuration-outside'] });
  });

  it('is megabytes long: not read, and counted', async () => {
    const long = JSON.stringify({ compilerOptions: { baseUrl: 'src' }, x: 'y'.repeat(1_200_000) });
    expect(await told({ 'tsconfig.json': long, 'package.json': long, 'pyproject.toml': `x = "${'y'.repeat(1_200_000)}"\n`, 'src/m.ts': '', 'a.ts': "import 'm';\n" })).toEqual({ 'too-large': ['3'] });
  });

  it('is nested without end, damaged, or of another type', async () => {
    const found = await told({
      'a/tsconfig.json': '['.repeat(400_000), 'b/package.json': `{"exports":${'{"a":'.repeat(100_000)}`, 'c/pyproject.toml': `x = ${'['.repeat(200_000)}`, 'd/tsconfig.json': '{"include": 3, "compilerOptions": []', 'e/package.json': '"text"', 'f/pyproject.toml': '[[[', 'pnpm-workspace.yaml': 'packages: &a [*a]\n',
      'a/a.ts': '', 'b/b.ts': '', 'c/c.py': '', 'd/d.ts': '',
    });
    expect(found).toMatchObject({ 'a/tsconfig.json': ['configuration-too-large'], 'b/package.json': ['configuration-too-large'], 'c/pyproject.toml': ['configuration-too-large'], 'e/package.json': ['configuration-type'], 'f/pyproject.toml': ['configuration-syntax'] });
    expect(found['d/tsconfig.json']).toEqual(expect.arrayContaining(['configuration-syntax', 'configuration-type']));
  });

  it('is in UTF-16 with a mark, in Latin-1 in a comment, or no text at all', async () => {
    const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');
    const paths = '{"compilerOptions":{"paths":{"@/*":["./lib/*"]}}}';
    const use = "import { save } from '@/save.js';\nexport function go(): void { save(); }\n";
    const save = 'export function save(): void {}\n';
    expect(await told({
      'little/tsconfig.json': utf16(paths), 'little/lib/save.ts': save, 'little/use.ts': use, 'big/tsconfig.json': utf16(paths).swap16(), 'big/lib/save.ts': save, 'big/use.ts': use,
      'latin/tsconfig.json': Buffer.from(`// f\xfcr die Pfade\n${paths}`, 'latin1'), 'latin/lib/save.ts': save, 'latin/use.ts': use,
      'none/tsconfig.json': Buffer.from([0, 1, 2, 0xff, 0xfe, 0xfd]), 'none/a.ts': '',
    })).toEqual({ 'none/tsconfig.json': expect.arrayContaining(['configuration-syntax']) });
    for (const folder of ['little', 'big', 'latin']) {
      expect((await codeloom.callees({ symbol: `${folder}/use.ts#go().` })).results, folder).toMatchObject([{ id: `${folder}/lib/save.ts#save().`, certainty: 'certain' }]);
    }
  });
});
